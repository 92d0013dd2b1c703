"""getmail6: Python's imaplib and poplib; no EXTERNAL, and no root."""

import re
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


def getmail(device):
    """Again if it waits in vain for a child of its own that has ended."""
    for _ in range(3):
        done = device.run("runuser", "-u", USER, "--", "getmail", check=False)
        if done.returncode == 0:
            return
        assert re.search(r"waiting child pid \d+ timed out",
                         done.stdout + done.stderr), done
    raise AssertionError(done)


@with_keys("p256", "ed25519", ways=("external",))
def test_getmail_reads_by_password_with_a_key(
        mail, anna, device, guide, letter):
    guide.write("getmail")
    device.write_password()
    device.maildir()
    run("chown", "--recursive", f"{USER}:", device.home)
    getmail(device)
    texts = device.fetched()
    assert texts and all(letter.body in text for text in texts)
    mail.wait_login(anna, "PLAIN", "key=<laptop>")
