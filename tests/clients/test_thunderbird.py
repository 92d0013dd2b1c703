"""Thunderbird: NSS, the key imported as .p12 with the printed password."""

import pytest
from device import HOST, Letter
from marionette import ScriptError
from thunderbird import PASSWORD, thunderbird


@pytest.fixture
def address(anna):
    return f"{anna}@example.org"


@pytest.mark.parametrize("device, user", [
    ("p256", "{}"), ("p256", "{}@example.org"), ("rsa", "{}")],
    indirect=["device"])
def test_thunderbird_reads_by_key_with_any_name_of_the_account(
        mail, anna, address, device, letter, user):
    with thunderbird(device, user.format(anna), address) as driver:
        texts = driver.script("sync")
    assert [letter.body in text for text in texts] == [True]
    mail.wait_login(anna, "EXTERNAL", "key=<laptop>")


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
    with thunderbird(stranger, anna, address, PASSWORD, "secret") as driver:
        texts = driver.script("sync")
    assert [letter.body in text for text in texts] == [True]
    mail.wait_login(anna, "PLAIN")


def test_thunderbird_submits_by_password(mail, anna, address, bert, device):
    letter = Letter(anna, bert)
    path = device.folder / "letter"
    path.write_bytes(letter.text.replace("\n", "\r\n").encode())
    with thunderbird(device, anna, address, password="secret") as driver:
        driver.script("send", path=str(path), sender=letter.sender,
                      recipient=letter.recipient)
    letter.wait_arrived(mail, bert)
