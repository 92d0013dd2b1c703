"""swaks: OpenSSL; no EXTERNAL."""

from device import HOST, Letter, with_keys


@with_keys("p256", "ed25519", ways=("external",))
def test_swaks_sends_by_key_without_auth(mail, anna, bert, guide):
    guide.run("swaks")
    mail.wait_message(bert, containing="Subject: test ")
    mail.wait_login(anna, "EXTERNAL", "key=<laptop>")


def test_swaks_sends_by_password_to_postfix_with_a_key(
        mail, anna, bert, device):
    letter = Letter(anna, bert)
    device.run("swaks", "--server", HOST, "--port", "465", "--tls-on-connect",
               "--tls-cert", device.certificate, "--tls-key", device.key,
               "--auth", "PLAIN", "--auth-user", anna, "--from",
               letter.sender, "--to", letter.recipient, "--data", "-",
               "--auth-password", "secret", input=letter.text)
    letter.wait_arrived(mail, bert)
