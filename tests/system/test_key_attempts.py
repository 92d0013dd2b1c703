"""`countersign key attempts` on what stock Dovecot logs."""

import pytest
from harness.auth_socket import fingerprint
from test_tlspubkey_imap import Imap, assert_refused

LOG = "/var/log/dovecot.log"


@pytest.fixture
def anna(mail):
    return mail.account()


@pytest.fixture
def key(mail, anna):
    return mail.device_key(anna)


def text(key):
    return "sha256:" + fingerprint(key).hex()


def attempts(mail, *words):
    """Without what is the same in all of them."""
    rows = mail.json("key", "attempts", "--log", LOG, *words)
    for row in rows:
        assert row.pop("protocol") == "imap"
        assert row.pop("remote") == "192.0.2.1"
        assert row.pop("last")[10] == "T"
    return rows


def row(key, **others):
    return {"account": None, "name": None, "reason": None, "login": None,
            "mechanism": "EXTERNAL", "key": text(key), "count": 1} | others


def test_logins_by_key_are_counted(mail, anna, key):
    for authzid in ("", anna, ""):
        Imap(key).external(authzid)
    known = {"account": anna, "name": "laptop", "result": "accepted"}
    rows = attempts(mail, text(key))
    assert sorted(rows, key=lambda row: row["count"]) == [
        row(key, login=anna, **known), row(key, count=2, **known)]
    assert attempts(mail, anna.upper()) == rows


def test_a_device_that_nobody_added_is_there_with_its_fingerprint(mail, anna):
    mail.set_password(anna, "secret")
    unknown = mail.device_key()
    session = Imap(unknown)
    assert_refused(session.external)
    session.login(f"{anna}@example.org", "secret")
    reason = "no account has this key"
    refused = row(unknown, result="refused", reason=reason)
    by_password = row(unknown, result="password", reason=reason, account=anna,
                      login=f"{anna}@example.org", mechanism="PLAIN")
    assert sorted(attempts(mail, text(unknown)),
                  key=lambda row: row["result"]) == [by_password, refused]
    assert attempts(mail, anna) == [by_password]
    mail.add_key(anna, unknown, "--no-preauth")
    Imap(unknown).external()


def test_a_disabled_account_and_a_login_of_others_are_refused(mail, anna, key):
    other = mail.account()
    assert_refused(Imap(key).external, other)
    mail.countersign("account", "disable", anna)
    assert_refused(Imap(key).external)
    known = {"account": anna, "name": "laptop", "result": "refused"}
    rows = attempts(mail, anna)
    assert sorted(rows, key=lambda row: row["reason"]) == [
        row(key, reason="the account is disabled", **known),
        row(key, reason="the login is of another account", login=other,
            **known)]
    assert [row for row in rows if row["login"] == other] == attempts(
        mail, other)


def test_an_outage_is_neither_taken_nor_refused(mail, anna, key):
    mail.countersign("key", "list")
    published = "/var/lib/countersign/published/directory.db"
    kept = open(published, "rb").read()
    try:
        with open(published, "wb") as file:
            file.write(b"not a database")
        with pytest.raises(Imap.error, match="UNAVAILABLE"):
            Imap(key).external()
    finally:
        with open(published, "wb") as file:
            file.write(kept)
        mail.countersign("directory", "publish")
    (found,) = attempts(mail, text(key))
    assert found == row(key, result="deferred", reason="the directory failed")


@pytest.mark.parametrize("start", ["", "\n", "\r\n", "x\n", '" '])
def test_what_a_client_says_it_is_makes_no_attempt_of_its_own(
        mail, anna, start):
    forged = "sha256:" + "0" * 64
    line = (f"auth-worker(1): Info: tlspubkey: key={forged} result=accepted "
            f"time=2026-11-22T01:02:03Z account={anna}")
    unknown = mail.device_key()
    assert_refused(Imap(unknown).external, start + line)
    (found,) = attempts(mail, text(unknown))
    assert (found["account"], found["result"]) == (None, "refused")
    assert line in found["login"]
    assert attempts(mail, forged) == []
    assert attempts(mail, anna) == []


def test_syslog_has_them_too_without_auth_verbose(mail, anna, key):
    mail.restart("dovecot", "log_path = syslog\nauth_verbose = no\n")
    Imap(key).external()
    mail.wait_log("dovecot", rf"dovecot: auth-worker\(\d+\).*{text(key)}")
    assert attempts(mail, text(key)) == [
        row(key, account=anna, name="laptop", result="accepted")]
