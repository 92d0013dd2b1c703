"""mbsync (isync): OpenSSL, Cyrus SASL."""

from device import with_keys


@with_keys("p256", "ed25519")
def test_mbsync_reads_by_key(mail, anna, device, guide, letter):
    guide.write("mbsync")
    device.maildir()
    device.run("mbsync", "--all")
    assert letter.alone_in(device.fetched())
    mail.wait_login(anna, "EXTERNAL", "key=<laptop>")


def mbsync(device, *account):
    """All messages of INBOX, copied here by an account's settings."""
    config = device.write(
        "mbsyncrc", "IMAPAccount here", *account, "", "IMAPStore far",
        "Account here", "", "MaildirStore near",
        f"Inbox {device.home}/Maildir", "", "Channel all", "Far :far:",
        "Near :near:", "Patterns INBOX", "Create Near", "Sync Pull")
    device.run("mbsync", "--config", config, "--all")
    return device.fetched()


def test_mbsync_reads_by_key_when_the_printed_steps_are_followed(
        mail, anna, device, letter):
    _, *settings = device.steps("mbsync")
    assert letter.alone_in(mbsync(device, *settings))
    mail.wait_login(anna, "EXTERNAL", "key=<laptop>")


def test_mbsync_with_an_unknown_key_reads_by_password(
        mail, anna, stranger, letter):
    _, *settings = stranger.steps("mbsync")
    settings[settings.index("AuthMechs EXTERNAL")] = "AuthMechs PLAIN"
    assert letter.alone_in(mbsync(stranger, *settings, "Pass secret"))
    mail.wait_login(anna, "PLAIN")
