"""neomutt: no EXTERNAL; PREAUTH, and it sends without AUTH."""

import muttlike
from device import Letter, with_keys


def config(guide):
    guide.run(*muttlike.PEM)
    return guide.write("neomutt")


@with_keys("p256", "ed25519", ways=("preauth",))
def test_neomutt_reads_by_key(mail, anna, device, guide, letter):
    assert letter.body in muttlike.read("neomutt", device, config(guide))
    mail.wait_login(anna, "EXTERNAL", "key=<laptop>")


@with_keys("p256", "ed25519", ways=("external",))
def test_neomutt_reads_by_password_with_a_key(
        mail, anna, device, guide, letter):
    text = muttlike.read("neomutt", device, config(guide),
                         'set imap_pass = "secret"')
    assert letter.body in text
    mail.wait_login(anna, "PLAIN", "key=<laptop>")


@with_keys("p256", "ed25519", ways=("external",))
def test_neomutt_submits_by_key_without_auth(mail, anna, bert, device, guide):
    letter = Letter(anna, bert)
    muttlike.send("neomutt", device, config(guide), letter)
    letter.wait_arrived(mail, bert)
    mail.wait_login(anna, "EXTERNAL", "key=<laptop>")
