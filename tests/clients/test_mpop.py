"""mpop: GnuTLS, GNU SASL; POP3 alone."""

from device import with_keys


@with_keys("p256", "ed25519", ways=("external",))
def test_mpop_reads_by_key(mail, anna, device, guide, letter):
    guide.write("mpop")
    device.maildir()
    device.run("mpop")
    assert letter.alone_in(device.fetched())
    mail.wait_login(anna, "EXTERNAL", "key=<laptop>")
