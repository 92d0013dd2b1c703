"""msmtp: GnuTLS, GNU SASL; it only sends."""

from device import HOST, Letter
from harness import tls


def test_msmtp_submits_by_password_with_a_key_at_hand(
        mail, anna, bert, device):
    letter = Letter(anna, bert)
    config = device.write(
        "msmtprc", "account default", f"host {HOST}", "port 465", "tls on",
        "tls_starttls off", f"tls_trust_file {tls.CA}",
        f"tls_cert_file {device.certificate}", f"tls_key_file {device.key}",
        "auth plain", f"user {anna}", "password secret",
        f"from {letter.sender}")
    device.run("msmtp", "--file", config, letter.recipient, input=letter.text)
    letter.wait_arrived(mail, bert)
