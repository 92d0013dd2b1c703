"""curl: OpenSSL, SASL of its own."""

import shlex

import pytest
from device import HOST, Letter


def printed_command(device):
    return shlex.split("\n".join(device.steps("curl")))


@pytest.mark.parametrize("device", ["p256", "ed25519"], indirect=True)
def test_curl_looks_at_the_inbox_when_the_printed_step_is_followed(
        mail, anna, device):
    assert "INBOX" in device.run(*printed_command(device)).stdout
    mail.wait_login(anna, "EXTERNAL", "key=<laptop>")


def test_curl_reads_a_message_by_key(device, letter):
    *words, url = printed_command(device)
    assert letter.body in device.run(*words, url + ";MAILINDEX=1").stdout


def test_curl_needs_no_user_name(mail, anna, device):
    device.run("curl", "--silent", "--cert", device.certificate, "--key",
               device.key, "--login-options", "AUTH=EXTERNAL",
               f"imaps://{HOST}/INBOX")
    mail.wait_login(anna, "EXTERNAL")


def test_curl_with_an_unknown_key_reads_by_password(
        mail, anna, stranger, letter):
    done = stranger.run("curl", "--silent", "--cert", stranger.certificate,
                        "--key", stranger.key, "--user", f"{anna}:secret",
                        "--login-options", "AUTH=PLAIN",
                        f"imaps://{HOST}/INBOX;MAILINDEX=1")
    assert letter.body in done.stdout
    mail.wait_login(anna, "PLAIN")


def test_curl_submits_by_password(mail, anna, bert, device):
    letter = Letter(anna, bert)
    device.run("curl", "--silent", "--show-error", "--crlf", "--cert",
               device.certificate, "--key", device.key, "--user",
               f"{anna}:secret", "--mail-from", letter.sender, "--mail-rcpt",
               letter.recipient, "--upload-file", "-", f"smtps://{HOST}",
               input=letter.text)
    letter.wait_arrived(mail, bert)
