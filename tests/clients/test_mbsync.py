"""mbsync (isync): OpenSSL, Cyrus SASL."""

import pytest
from harness import tls


def mbsync(device, *account):
    """All messages of INBOX, copied here by an account's settings."""
    config = device.write(
        "mbsyncrc", "IMAPAccount here", *account,
        f"CertificateFile {tls.CA}", "SystemCertificates no", "",
        "IMAPStore far", "Account here", "",
        "MaildirStore near", f"Inbox {device.folder}/Maildir", "",
        "Channel all", "Far :far:", "Near :near:", "Patterns INBOX",
        "Create Near", "Sync Pull")
    device.run("mbsync", "--config", config, "--all")
    return [path.read_text()
            for path in (device.folder / "Maildir").glob("new/*")]


@pytest.mark.parametrize("device", ["p256", "ed25519"], indirect=True)
def test_mbsync_reads_by_key_when_the_printed_steps_are_followed(
        mail, anna, device, letter):
    _, *settings = device.steps("mbsync")
    assert [letter.body in text for text in mbsync(device, *settings)] == [True]
    mail.wait_login(anna, "EXTERNAL", "key=<laptop>")


def test_mbsync_with_an_unknown_key_reads_by_password(
        mail, anna, stranger, letter):
    _, *settings = stranger.steps("mbsync")
    settings[settings.index("AuthMechs EXTERNAL")] = "AuthMechs PLAIN"
    texts = mbsync(stranger, *settings, "Pass secret")
    assert [letter.body in text for text in texts] == [True]
    mail.wait_login(anna, "PLAIN")
