"""getmail6: Python's imaplib and poplib; no EXTERNAL, and no root."""

from pathlib import Path

import pytest
from device import with_keys
from harness.process import run

USER = "getmail"


@pytest.fixture
def home():
    """Of a user of this host's."""
    run("useradd", "--create-home", "--user-group", USER)
    yield Path("/home", USER)
    run("userdel", "--remove", USER)


@with_keys("p256", "ed25519", ways=("external",))
def test_getmail_reads_by_password_with_a_key(
        mail, anna, device, guide, letter):
    guide.write("getmail")
    device.write_password()
    device.maildir()
    run("chown", "--recursive", f"{USER}:", device.home)
    device.run("runuser", "-u", USER, "--", "getmail")
    assert letter.alone_in(device.fetched())
    mail.wait_login(anna, "PLAIN", "key=<laptop>")
