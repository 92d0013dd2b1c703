"""--kick: on stock Dovecot, an account's connections end, nobody else's."""

import poplib
import sqlite3
from contextlib import closing

import pytest
from harness import tls
from harness.auth_socket import fingerprint
from harness.process import run
from test_tlspubkey_imap import (CACHE, SYSTEM_PASSWORDS, Imap, assert_refused,
                                 system_user)


def connect(mail, name=None):
    """An account, its key, and a session that it has running."""
    account = mail.account() if name is None else name
    key = mail.device_key(account if name is None else None)
    if name is not None:
        mail.countersign("account", "add", "--", account)
        mail.add_key(account, key, "--no-preauth")
    session = Imap(key)
    session.external()
    assert session.select()[0] == "OK"
    return account, key, session


@pytest.fixture
def bystander(mail):
    """The session of another account, which is there at the end too."""
    _, _, session = connect(mail)
    yield session
    assert session.noop()[0] == "OK"


def wait_end(session):
    """Until the server has closed; fails with a time-out if it does not."""
    try:
        while session.sock.recv(4096):
            pass
    except ConnectionError:
        pass


def add_old(mail, account):
    """One with a name that new ones may not have."""
    mail.countersign("account", "add", "old")
    with closing(sqlite3.connect("/var/lib/countersign/directory.db")) as master:
        master.execute("UPDATE accounts SET name = ? WHERE name = 'old'",
                       (account,))
        master.commit()


def end_of_key(mail, account, key):
    mail.countersign("key", "remove", "sha256:" + fingerprint(key).hex(),
                     "--kick")


def end_of_account(mail, account, key):
    mail.countersign("account", "disable", "--kick", "--", account)


@pytest.mark.parametrize("end", [end_of_key, end_of_account])
def test_running_connections_end(mail, bystander, end):
    account, key, session = connect(mail)
    second = Imap(key)
    second.external()
    end(mail, account, key)
    wait_end(session)
    wait_end(second)
    assert_refused(Imap(key).external)


def test_without_kick_they_go_on(mail):
    account, key, session = connect(mail)
    mail.countersign("account", "disable", account)
    mail.countersign("key", "remove", "sha256:" + fingerprint(key).hex())
    assert session.noop()[0] == "OK"


def test_pop3_ends_too(mail, bystander):
    account = mail.account(password="secret")
    session = poplib.POP3_SSL("mail.example.org", timeout=30,
                              context=tls.client_context())
    session.user(account)
    session.pass_("secret")
    session.stat()  # +OK comes before anvil knows of the session
    end_of_account(mail, account, None)
    wait_end(session)


def test_a_kick_of_nobody_is_fine(mail, bystander):
    end_of_account(mail, mail.account(), None)


@pytest.mark.parametrize("name", ["-a", "-h", "--help", "12", "a.b", "ärger"])
def test_a_name_is_no_option_and_no_address(mail, bystander, name):
    account, key, session = connect(mail, name)
    end_of_account(mail, account, key)
    wait_end(session)


@pytest.mark.parametrize("name", ["*", "user*", "us?r1", "192.0.2.1",
                                  "0xc0.0.513", "192.513"])
@pytest.mark.parametrize("end", [end_of_key, end_of_account])
def test_what_doveadm_would_take_for_many_ends_nobody(
        mail, bystander, name, end):
    key = mail.device_key()
    add_old(mail, name)
    mail.add_key(name, key, "--no-preauth")
    with pytest.raises(AssertionError, match="exit 69\ncountersign: the change "
                       "is made and published, but connections of"):
        end(mail, name, key)
    assert_refused(Imap(key).external)
    mail.countersign("account", "remove", name)


def test_the_cache_forgets_that_account_alone(mail):
    mail.restart("dovecot", CACHE + SYSTEM_PASSWORDS)
    names = [system_user(mail.account()) for _ in range(2)]
    for name in names:
        Imap().login(name, "secret")
    mail.countersign("account", "disable", names[0], "--kick")
    flushed = [run("doveadm", "auth", "cache", "flush", name).stdout.split()[0]
               for name in names]
    assert flushed[0] == "0"
    assert flushed[1] != "0"


@pytest.mark.parametrize("end", [end_of_key, end_of_account])
def test_the_change_stands_where_dovecot_does_not_run(mail, end):
    account, key, _ = connect(mail)
    mail.servers["dovecot"].stop()
    with pytest.raises(AssertionError, match="exit 75\ncountersign: the change "
                       "is made and published, but .*: /usr/bin/doveadm .*\n$"):
        end(mail, account, key)
    mail.restart("dovecot")
    assert_refused(Imap(key).external)
