"""Thunderbird: NSS, the key imported as .p12 with the printed password."""

import pytest
from device import HOST, Letter, with_keys
from harness.process import run
from marionette import ScriptError
from thunderbird import PASSWORD, TLS_CERTIFICATE, thunderbird


@pytest.fixture
def address(anna):
    return f"{anna}@example.org"


@with_keys("p256", "rsa")
@pytest.mark.parametrize("user", ["{}", "{}@example.org"])
def test_thunderbird_reads_by_key_with_any_name_of_the_account(
        mail, anna, address, device, letter, user):
    with thunderbird(device, user.format(anna), address) as driver:
        assert letter.alone_in(driver.script("sync"))
    mail.wait_login(anna, "EXTERNAL", "key=<laptop>")


def test_thunderbird_reads_by_a_key_made_with_openssl_alone(
        mail, anna, address, device_with_own_key, letter):
    with thunderbird(device_with_own_key, anna, address) as driver:
        assert letter.alone_in(driver.script("sync"))
    mail.wait_login(anna, "EXTERNAL", "key=<laptop>")


@with_keys("p256")
def test_thunderbird_moves_a_message_by_key(
        mail, anna, address, device, letter):
    run("doveadm", "mailbox", "create", "-s", "-u", anna, "Done")
    with thunderbird(device, anna, address) as driver:
        driver.script("move", folder="Done")
        mail.wait_message(anna, "Done", letter.body)
        assert mail.messages(anna) == []


@with_keys("p256")
def test_thunderbird_has_the_server_search_by_key(
        mail, anna, address, device, letter):
    Letter.delivered(mail, anna)
    with thunderbird(device, anna, address) as driver:
        assert driver.script("search", text=letter.body) == [
            letter.subject]


def test_thunderbird_with_an_unknown_key_is_told_that_it_is_refused(
        mail, anna, address, stranger):
    with thunderbird(stranger, anna, address) as driver:
        with pytest.raises(ScriptError) as caught:
            driver.script("sync")
    assert str(caught.value) == \
        f"Login to server {HOST} with username {anna} failed."
    mail.wait_log("dovecot", "no account has this key")


def test_thunderbird_with_an_unknown_key_reads_by_password(
        mail, anna, address, stranger, letter):
    with thunderbird(stranger, anna, address, PASSWORD,
                     password="secret") as driver:
        texts = driver.script("sync")
    assert letter.alone_in(texts)
    mail.wait_login(anna, "PLAIN")


def test_thunderbird_submits_by_key_without_auth(
        mail, anna, address, bert, device):
    letter = Letter(anna, bert)
    with thunderbird(device, anna, address,
                     send_method=TLS_CERTIFICATE) as driver:
        send(driver, device, letter)
    letter.wait_arrived(mail, bert)
    mail.wait_login(anna, "EXTERNAL", "key=<laptop>")


def test_thunderbird_submits_by_password_to_postfix(
        mail, anna, address, bert, device):
    letter = Letter(anna, bert)
    with thunderbird(device, anna, address, password="secret") as driver:
        send(driver, device, letter)
    letter.wait_arrived(mail, bert)


def send(driver, device, letter):
    path = device.home / "letter"
    path.write_bytes(letter.text.replace("\n", "\r\n").encode())
    driver.script("send", path=str(path), sender=letter.sender,
                  recipient=letter.recipient)
