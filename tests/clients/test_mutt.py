"""mutt: GnuTLS, Cyrus SASL, in a terminal."""

import pytest
from device import HOST, Letter
from harness import tls
from terminal import run_in_terminal


def muttrc(device, *settings):
    return device.write("muttrc", f'set ssl_ca_certificates_file = "{tls.CA}"',
                        f'set folder = "{device.folder}"', *settings)


def client_certificate(device):
    """By the printed steps; they end with settings."""
    command, _, *settings = device.steps("mutt")
    device.run("sh", "-c", command)
    return settings


def read(device, *settings):
    """The newest message, as mutt shows it."""
    shown = device.folder / "shown"
    keys = f"<last-entry><pipe-message>cat >{shown}<enter><quit>"
    path = muttrc(device, *settings, "unset wait_key", "set quit = yes",
                  f'push "{keys}"')
    screen = run_in_terminal(["mutt", "-F", path], device.environment(),
                             device.folder)
    assert shown.exists(), screen
    return shown.read_text()


@pytest.mark.parametrize("device", ["p256", "ed25519"], indirect=True)
def test_mutt_reads_by_key_when_the_printed_steps_are_followed(
        mail, anna, device, letter):
    text = read(device, *client_certificate(device))
    assert letter.body in text
    mail.wait_login(anna, "EXTERNAL", "key=<laptop>")


def test_mutt_with_an_unknown_key_reads_by_password(
        mail, anna, stranger, letter):
    text = read(stranger, *client_certificate(stranger),
                'set imap_authenticators = "plain"',
                'set imap_pass = "secret"')
    assert letter.body in text
    mail.wait_login(anna, "PLAIN")


def test_mutt_submits_by_password(mail, anna, bert, device):
    letter = Letter(anna, bert)
    path = muttrc(device, f'set smtp_url = "smtps://{anna}@{HOST}:465/"',
                  'set smtp_pass = "secret"', f'set from = "{letter.sender}"',
                  "set copy = no")
    device.run("mutt", "-F", path, "-s", letter.subject, letter.recipient,
               input=letter.body + "\n")
    letter.wait_arrived(mail, bert)
