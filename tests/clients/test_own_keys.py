"""The SSH key that a user has, and keys made with openssl alone."""

import pytest
from guide import OWN, PATH
from harness.process import run

SSH = "The SSH key you have"
PASSPHRASE = "pass phrase"


@pytest.fixture
def passphrase(device):
    """Lets ssh-keygen ask for the passphrase where there is no terminal."""
    asker = device.write("asker", "#!/bin/sh", f"echo '{PASSPHRASE}'")
    asker.chmod(0o700)
    return {"SSH_ASKPASS": str(asker), "SSH_ASKPASS_REQUIRE": "force"}


@pytest.mark.parametrize("key_type, conversion", [("ed25519", 1), ("rsa", 2)])
@pytest.mark.parametrize("secret", ["", PASSPHRASE], ids=["bare", "protected"])
def test_an_ssh_key_logs_in(mail, anna, device, guide, passphrase, key_type,
                            conversion, secret):
    folder = device.home / ".ssh"
    folder.mkdir(mode=0o700)
    run("ssh-keygen", "-q", "-t", key_type, "-N", secret, "-f",
        folder / f"id_{key_type}")
    (folder / f"id_{key_type}.pub").rename(folder / "id.pub")  # sent to him
    guide.run(SSH, folder=folder)
    guide.run(SSH, conversion, environment=passphrase)
    assert "INBOX" in guide.run(SSH, 3).stdout
    mail.wait_login(anna, "EXTERNAL", "key=<ssh>")
    assert not (device.folder / "ssh").exists()
    assert (device.folder / "ssh.key").stat().st_mode & 0o077 == 0


def test_a_key_made_with_openssl_alone_logs_in(
        mail, anna, device_with_own_key, guide):
    assert "INBOX" in guide.run(OWN, 5).stdout
    mail.wait_login(anna, "EXTERNAL", "key=<laptop>")


@pytest.mark.parametrize("kind", ["ed25519", "rsa:3072"])
def test_a_key_of_another_type_made_with_openssl_logs_in(
        mail, anna, device_without_key, guide, kind):
    assert f"`-newkey {kind}`" in PATH.read_text()
    guide.run(OWN, 1, change=("ec -pkeyopt ec_paramgen_curve:P-256", kind))
    guide.run(OWN, 2, folder=device_without_key.folder)
    assert "INBOX" in guide.run(OWN, 5).stdout
    mail.wait_login(anna, "EXTERNAL", "key=<laptop>")


def test_a_key_made_by_the_admin_logs_in(
        mail, anna, device_without_key, guide):
    guide.run(OWN, 0, folder=device_without_key.folder)
    assert "INBOX" in guide.run(OWN, 5).stdout
    mail.wait_login(anna, "EXTERNAL", "key=<laptop>")
