"""Keys, the gate and master users."""

import pytest
from harness.dovecot_settings import OLD, section
from harness.mechanisms import plain
from test_tlspubkey_imap import Imap, assert_refused, refusal

MASTERS = "/etc/dovecot/test.masters"


def master_users(goes_on):
    with open(MASTERS, "w", encoding="ascii") as file:
        file.write("boss:{PLAIN}master\n")
    more = {"result_success": "continue"} if goes_on else {}
    if OLD:
        block = section("passdb", {"driver": "passwd-file", "master": "yes",
                                   "args": MASTERS, **more})
    else:
        block = section("passdb masters", {
            "driver": "passwd-file", "master": "yes",
            "passwd_file_path": MASTERS, **more})
    return "auth_master_user_separator = *\n" + block


@pytest.fixture(scope="module", params=[False, True],
                ids=["alone", "and then the passdbs"])
def master(request, stack):
    with stack.usually("dovecot", master_users(request.param)):
        yield request.param


def assert_not_allowed(attempt, *arguments):
    """The master user is known, and may not be that user."""
    assert "[AUTHORIZATIONFAILED]" in refusal(attempt, *arguments)


def test_a_master_user_logs_in_as_an_account(mail, master):
    anna = mail.account(password="secret")
    for login in (anna, f"{anna}@example.org"):
        mail.mark()
        session = Imap()
        session.login(f"{login}*boss", "master")
        assert session.select()[0] == "OK"
        mail.wait_login(anna, "PLAIN")
    plain(Imap(), "boss", "master", authzid=anna)
    assert_refused(Imap().login, f"{anna}*boss", "wrong")
    assert_refused(Imap().login, f"{anna}*boss", "secret")
    other = mail.account(password="secret")
    assert_refused(Imap().login, f"{anna}*{other}", "secret")
    assert_refused(Imap().login, "boss", "master")


def test_a_master_user_is_not_let_into_a_disabled_account(mail, master):
    anna = mail.account(password="secret")
    mail.countersign("account", "disable", anna)
    for login in (anna, f"{anna}@example.org"):
        assert_not_allowed(Imap().login, f"{login}*boss", "master")
    assert_not_allowed(plain, Imap(), "boss", "master", anna)
    mail.wait_log("dovecot", f'refused: account "{anna}" is disabled')


def test_a_key_beside_a_master_user_must_be_the_accounts(mail, master):
    anna = mail.account(password="secret")
    other = mail.device_key(mail.account())
    session = Imap(mail.device_key(anna))
    session.login(f"{anna}*boss", "master")
    assert session.select()[0] == "OK"
    Imap(mail.device_key()).login(f"{anna}*boss", "master")
    assert_not_allowed(Imap(other).login, f"{anna}*boss", "master")


def test_a_key_makes_nobody_a_master_user(mail, master):
    boss = mail.account("boss")
    try:
        anna = mail.account()
        key = mail.device_key(boss)
        for authzid in (anna, f"{anna}*boss", f"boss*{anna}"):
            assert_refused(Imap(key).external, authzid)
        Imap(key).external()
    finally:
        mail.countersign("account", "remove", boss)


def test_the_next_passdb_is_asked_for_a_master_user_only_where_it_says_so(
        mail, master):
    name = f"unknown{next(mail.numbers)}"
    if master:
        assert_not_allowed(Imap().login, f"{name}*boss", "master")
    else:
        Imap().login(f"{name}*boss", "master")
