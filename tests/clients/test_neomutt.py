"""neomutt: no EXTERNAL for IMAP; it sends without AUTH."""

import muttlike
from device import PREAUTH, Letter, with_keys


def config(guide):
    guide.run(*muttlike.PEM)
    return guide.write("neomutt")


@with_keys("p256", "ed25519", ways=("external",))
def test_neomutt_reads_by_password_with_a_key(
        mail, anna, device, guide, letter):
    device.write_password()
    text = muttlike.read("neomutt", device, config(guide))
    assert letter.body in text
    mail.wait_login(anna, "PLAIN", "key=<laptop>")


@with_keys("p256", "ed25519", ways=(PREAUTH,))
def test_neomutt_reads_by_key(mail, anna, device, guide, letter):
    device.write_password("")
    assert letter.body in muttlike.read("neomutt", device, config(guide))
    mail.wait_login(anna, "EXTERNAL", "key=<laptop>")


@with_keys("p256", "ed25519", ways=("external",))
def test_neomutt_submits_by_key_without_auth(mail, anna, bert, device, guide):
    device.write_password("")
    letter = Letter(anna, bert)
    muttlike.send("neomutt", device, config(guide), letter)
    letter.wait_arrived(mail, bert)
    mail.wait_login(anna, "EXTERNAL", "key=<laptop>")
