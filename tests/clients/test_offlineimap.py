"""OfflineIMAP 3: imaplib2, OpenSSL; no EXTERNAL."""

from device import with_keys


@with_keys("p256", "ed25519", ways=("external",))
def test_offlineimap_reads_by_password_with_a_key(
        mail, anna, device, guide, letter):
    guide.write("OfflineIMAP")
    device.write_password()
    device.run("offlineimap", "-o", "-u", "basic")
    assert letter.alone_in(device.fetched())
    mail.wait_login(anna, "PLAIN", "key=<laptop>")
