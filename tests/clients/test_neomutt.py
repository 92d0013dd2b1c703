"""neomutt."""

import muttlike
from device import Letter, with_keys


def config(device, guide):
    guide.run(*muttlike.PEM)
    device.write_password()
    return guide.write("neomutt")


def test_neomutt_reads_by_password_with_a_key(
        mail, anna, device, guide, letter):
    text = muttlike.read("neomutt", device, config(device, guide))
    assert letter.body in text
    mail.wait_login(anna, "PLAIN", "key=<laptop>")


@with_keys("p256", "ed25519", ways=("external",))
def test_neomutt_submits_by_key_without_auth(mail, anna, bert, device, guide):
    letter = Letter(anna, bert)
    muttlike.send("neomutt", device, config(device, guide), letter)
    letter.wait_arrived(mail, bert)
    mail.wait_login(anna, "EXTERNAL", "key=<laptop>")
