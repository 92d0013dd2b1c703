"""imaplib of Python's standard library: OpenSSL."""

from device import with_keys


@with_keys("p256", "ed25519", "rsa")
def test_imaplib_reads_by_key(mail, anna, guide, letter):
    assert letter.body in guide.python("Python").stdout
    mail.wait_login(anna, "EXTERNAL", "key=<laptop>")
