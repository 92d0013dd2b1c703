"""fetchmail: OpenSSL, SASL of its own."""

from device import HOST, with_keys


def fetch(device, config):
    """The one message, fetched with that configuration."""
    fetched = device.home / "fetched"
    device.run("fetchmail", "--fetchmailrc", config, "--nosyslog", "--keep",
               "--pidfile", device.home / "pid", "--mda", f"cat >{fetched}")
    return fetched.read_text()


@with_keys("p256", "ed25519")
def test_fetchmail_reads_by_key(mail, anna, device, guide, letter):
    assert letter.body in fetch(device, guide.write("fetchmail"))
    mail.wait_login(anna, "EXTERNAL", "key=<laptop>")


def test_fetchmail_with_an_unknown_key_reads_by_password(
        mail, anna, stranger, letter):
    config = config_with_password(stranger, anna, "imap")
    assert letter.body in fetch(stranger, config)
    mail.wait_login(anna, "PLAIN")


def test_fetchmail_reads_pop3_by_password_with_a_key(
        mail, anna, device, letter):
    config = config_with_password(device, anna, "pop3")
    assert letter.body in fetch(device, config)
    mail.wait_login(anna, "PLAIN", "key=<laptop>")


def config_with_password(device, user, protocol):
    return device.write(
        "fetchmailrc", f"poll {HOST} protocol {protocol} auth password",
        f'user "{user}" password "secret" ssl',
        f'sslcert "{device.certificate}" sslkey "{device.key}"')
