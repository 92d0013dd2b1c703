"""fetchmail: OpenSSL, SASL of its own."""

import pytest
from device import HOST
from harness import tls


def fetch(device, protocol, *user):
    """The one message, fetched with a user's options."""
    fetched = device.folder / "fetched"
    config = device.write(
        "fetchmailrc", f"poll {HOST} protocol {protocol}", *user, "ssl",
        f'sslcertfile "{tls.CA}"', f'sslcert "{device.certificate}"',
        f'sslkey "{device.key}"', f'mda "cat >{fetched}"')
    device.run("fetchmail", "--fetchmailrc", config, "--nosyslog", "--keep",
               "--pidfile", device.folder / "pid")
    return fetched.read_text()


def test_fetchmail_reads_by_key(mail, anna, device, letter):
    text = fetch(device, "imap", "auth external", f'user "{anna}"')
    assert letter.body in text
    mail.wait_login(anna, "EXTERNAL", "key=<laptop>")


@pytest.mark.parametrize("protocol", ["imap", "pop3"])
def test_fetchmail_with_an_unknown_key_reads_by_password(
        mail, anna, stranger, letter, protocol):
    text = fetch(stranger, protocol, "auth password", f'user "{anna}"',
                 'password "secret"')
    assert letter.body in text
    mail.wait_login(anna, "PLAIN")
