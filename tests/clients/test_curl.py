"""curl: OpenSSL, SASL of its own."""

import shlex

from device import HOST, Letter, with_keys


@with_keys("p256", "ed25519")
def test_curl_looks_at_the_inbox_when_the_printed_step_is_followed(
        mail, anna, device):
    command = shlex.split("\n".join(device.steps("curl")))
    assert "INBOX" in device.run(*command).stdout
    mail.wait_login(anna, "EXTERNAL", "key=<laptop>")


@with_keys("p256", "ed25519", "rsa")
def test_curl_reads_by_key_from_imap_and_pop3(mail, anna, guide, letter):
    shown = guide.run("curl").stdout
    assert shown.count(letter.body) == 2
    mail.wait_log("dovecot", f"imap-login: .*user=<{anna}>, method=EXTERNAL")
    mail.wait_log("dovecot", f"pop3-login: .*user=<{anna}>, method=EXTERNAL")


def test_curl_submits_by_key(mail, anna, bert, device, guide):
    letter = Letter(anna, bert)
    device.write("letter", letter.text)
    guide.run("curl", 1)
    letter.wait_arrived(mail, bert)


def test_curl_with_an_unknown_key_reads_by_password(
        mail, anna, stranger, letter):
    done = stranger.run("curl", "--silent", "--cert", stranger.certificate,
                        "--key", stranger.key, "--user", f"{anna}:secret",
                        "--login-options", "AUTH=PLAIN",
                        f"imaps://{HOST}/INBOX;MAILINDEX=1")
    assert letter.body in done.stdout
    mail.wait_login(anna, "PLAIN")


def test_curl_submits_by_password_to_postfix(mail, anna, bert, device):
    letter = Letter(anna, bert)
    device.run("curl", "--silent", "--show-error", "--crlf", "--cert",
               device.certificate, "--key", device.key, "--user",
               f"{anna}:secret", "--mail-from", letter.sender, "--mail-rcpt",
               letter.recipient, "--upload-file", "-", f"smtps://{HOST}",
               input=letter.text)
    letter.wait_arrived(mail, bert)
