"""sieve-connect: OpenSSL, Authen::SASL; ManageSieve."""

from device import with_keys


@with_keys("p256", "ed25519", ways=("external",))
def test_sieve_connect_lists_scripts_by_key(mail, anna, device, guide):
    script = device.write("holiday.sieve", "keep;")
    put = device.run("sieve-connect", "--server", "mail.example.org", "--user",
                     anna, "--clientcert", device.certificate, "--clientkey",
                     device.key, "--upload", "--localsieve", script)
    assert "holiday.sieve" in guide.run("sieve-connect").stdout, put.stdout
    mail.wait_login(anna, "EXTERNAL", "key=<laptop>")
