"""msmtp: GnuTLS, GNU SASL; it only sends."""

import re
from pathlib import Path

from device import HOST, Letter, with_keys
from harness.sasl import PORTS

MACHINE = "A machine that only sends"


@with_keys("p256", "ed25519", ways=("external",))
def test_msmtp_submits_by_key(mail, anna, bert, device, guide):
    guide.write("msmtp")
    letter = Letter(anna, bert)
    device.run("msmtp", letter.recipient, input=letter.text)
    letter.wait_arrived(mail, bert)
    mail.wait_login(anna, "EXTERNAL", "key=<laptop>")


def test_msmtp_submits_by_key_after_starttls(mail, anna, bert, device, guide):
    path = guide.write("msmtp")
    path.write_text(path.read_text().replace(
        f"port {PORTS['submission']}\ntls on\ntls_starttls off\n",
        "port 587\ntls on\n"))
    letter = Letter(anna, bert)
    device.run("msmtp", letter.recipient, input=letter.text)
    letter.wait_arrived(mail, bert)
    mail.wait_login(anna, "EXTERNAL", "key=<laptop>")


def test_msmtp_is_a_machines_sendmail_with_an_ed25519_key_alone(
        mail, bert, device, guide):
    sendmail = device.home / "bin" / "sendmail"  # as in msmtp-mta
    sendmail.parent.mkdir()
    sendmail.symlink_to("/usr/bin/msmtp")
    path = {"PATH": f"{sendmail.parent}:{device.environment()['PATH']}"}
    for step in range(2):
        guide.run(MACHINE, step)
    config = guide.write(MACHINE)
    try:
        guide.run(MACHINE, 2, environment=path)
    finally:
        for made in (config, *Path("/etc").glob("msmtp.*")):
            made.unlink()
    text = mail.wait_message(bert, containing="Subject: It works")
    assert "backup@example.org" in re.search("(?m)^From: .*", text)[0]
    mail.wait_login("backup", "EXTERNAL", "key=<backup>")


def test_msmtp_submits_by_password_to_postfix_with_a_key_at_hand(
        mail, anna, bert, device):
    letter = Letter(anna, bert)
    config = device.write(
        "msmtprc", "account default", f"host {HOST}", "port 465", "tls on",
        "tls_starttls off", f"tls_cert_file {device.certificate}",
        f"tls_key_file {device.key}", "auth plain", f"user {anna}",
        "password secret", f"from {letter.sender}")
    device.run("msmtp", "--file", config, letter.recipient, input=letter.text)
    letter.wait_arrived(mail, bert)
