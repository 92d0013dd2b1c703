"""mutt."""

import muttlike
from device import HOST, Letter, with_keys


def printed_config(device, *settings):
    """By the printed steps; they end with settings."""
    command, _, *printed = device.steps("mutt")
    device.run("sh", "-c", command)
    return device.write("muttrc", f'set folder = "{device.home}"', *printed,
                        *settings)


def guided_config(guide):
    guide.run(*muttlike.PEM)
    return guide.write("mutt")


@with_keys("p256", "ed25519")
def test_mutt_reads_by_key(mail, anna, device, guide, letter):
    text = muttlike.read("mutt", device, guided_config(guide))
    assert letter.body in text
    mail.wait_login(anna, "EXTERNAL", "key=<laptop>")


@with_keys("p256", "ed25519", ways=("external",))
def test_mutt_submits_by_key(mail, anna, bert, device, guide):
    letter = Letter(anna, bert)
    muttlike.send("mutt", device, guided_config(guide), letter)
    letter.wait_arrived(mail, bert)
    mail.wait_login(anna, "EXTERNAL", "key=<laptop>")


def test_mutt_reads_by_key_when_the_printed_steps_are_followed(
        mail, anna, device, letter):
    text = muttlike.read("mutt", device, printed_config(device))
    assert letter.body in text
    mail.wait_login(anna, "EXTERNAL", "key=<laptop>")


def test_mutt_with_an_unknown_key_reads_by_password(
        mail, anna, stranger, letter):
    config = printed_config(stranger, 'set imap_authenticators = "plain"',
                            'set imap_pass = "secret"')
    assert letter.body in muttlike.read("mutt", stranger, config)
    mail.wait_login(anna, "PLAIN")


def test_mutt_submits_by_password_to_postfix(mail, anna, bert, device):
    letter = Letter(anna, bert)
    config = device.write(
        "muttrc", f'set smtp_url = "smtps://{anna}@{HOST}:465/"',
        'set smtp_pass = "secret"')
    muttlike.send("mutt", device, config, letter)
    letter.wait_arrived(mail, bert)
