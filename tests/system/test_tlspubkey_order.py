"""Where our passdb stands among the others."""

import pytest
from harness import dovecot_settings
from harness.dovecot_settings import OLD, section
from harness.process import wait_for
from harness.server import greets
from test_tlspubkey_imap import (ANY_PASSWORD_IS_SECRET, Imap, assert_refused,
                                 assert_unavailable, before)

__all__ = ["before"]  # a fixture


def test_behind_another_passdb_nobody_gets_in_and_the_log_says_so_at_start(
        mail, before):
    anna = mail.account(password="secret")
    key = mail.device_key(anna)
    before(ANY_PASSWORD_IS_SECRET)
    mail.wait_log("dovecot", "passdb tlspubkey is not the first: static "
                             "stands before it")
    for session in (Imap(), Imap(key), Imap(mail.device_key())):
        assert_unavailable(session.login, anna, "secret")
        assert_unavailable(session.login, "nobody", "wrong")
    assert_unavailable(Imap(key).external)
    # Mail still comes in.
    assert mail.deliver_lmtp(f"{anna}@mail.example.org",
                             "Subject: x\n\n").accepted


@pytest.fixture
def denied():
    """An account in a passdb that denies, and that passdb."""
    path = "/etc/dovecot/test.denied"
    with open(path, "w", encoding="ascii") as file:
        file.write("denied\n")
    if OLD:
        return "denied", section("passdb", {
            "driver": "passwd-file", "deny": "yes", "args": path})
    return "denied", section("passdb denied", {
        "driver": "passwd-file", "deny": "yes", "passwd_file_path": path})


def test_a_passdb_that_denies_keeps_passwords_out_and_auth_warns_of_keys(
        mail, denied):
    name, settings = denied
    key = mail.device_key(mail.account(name))
    anna = mail.account()
    # Behind what knows the password, it would come too late.
    mail.restart("dovecot", settings + ANY_PASSWORD_IS_SECRET)
    Imap().login(anna, "secret")
    for device in (None, key):
        assert_refused(Imap(device).login, name, "secret")
    Imap(key).external()
    mail.wait_log("dovecot", "Warning: passdb passwd-file with deny = yes is "
                             "not asked about logins by key alone")


def test_one_that_denies_may_not_stand_before_either(mail, before, denied):
    key = mail.device_key(mail.account())
    before(denied[1] + ANY_PASSWORD_IS_SECRET)
    assert_unavailable(Imap().login, "anybody", "secret")
    assert_unavailable(Imap(key).external)


def test_a_passdb_without_passwords_before_ours_answers_for_no_key(
        mail, before):
    before(dovecot_settings.ANYBODY_WITHOUT_PASSWORD)
    session = Imap(mail.device_key())
    assert_unavailable(session.external)
    assert_unavailable(session.external, "root")
    assert_unavailable(Imap().login, "root", "")


def test_where_dovecot_would_leave_ours_out_auth_does_not_start(
        mail, monkeypatch):
    def says_why():
        # It is started for the first client.
        assert not greets(143, b"* OK", None)
        return "Fatal: passdb tlspubkey: skip = unauthenticated would have " \
            "Dovecot leave it out" in mail.log("dovecot")

    dovecot = mail.servers["dovecot"]
    dovecot.keys = {"skip": "unauthenticated"}
    try:
        with monkeypatch.context() as patch:
            patch.setattr(dovecot, "wait_ready", lambda: None)
            dovecot.restart()
        wait_for(says_why, "auth to say why it does not start")
    finally:
        dovecot.keys = {}
        dovecot.restart()


@pytest.fixture
def without_ours(mail):
    """The mechanism and the login plugin alone, and another passdb."""

    def put(text):
        dovecot.keys = None
        mail.restart("dovecot", text)

    dovecot = mail.servers["dovecot"]
    yield put
    dovecot.keys = {}


def test_a_login_with_a_key_that_was_not_checked_is_put_off(
        mail, without_ours):
    anna = mail.account()
    key = mail.device_key(anna)
    without_ours(ANY_PASSWORD_IS_SECRET)
    assert_unavailable(Imap(key).login, anna, "secret")
    mail.wait_log("dovecot", "passdb tlspubkey must be the first")


def test_a_passdb_without_passwords_does_not_answer_for_a_key(
        mail, without_ours):
    without_ours(dovecot_settings.ANYBODY_WITHOUT_PASSWORD)
    session = Imap(mail.device_key())
    assert_refused(session.external)
    assert_refused(session.external, "root")
    mail.wait_log("dovecot", "answered by another passdb than tlspubkey")
