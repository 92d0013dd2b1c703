"""Keys beside the passdbs and userdbs that sites have."""

import pytest
from harness import passdbs
from harness.dovecot_settings import OLD, section
from harness.process import run
from test_tlspubkey_imap import BEFORE, Imap, assert_refused

PASSDBS = {"passwd-file": passdbs.PasswdFile, "sql": passdbs.Sql,
           "ldap": passdbs.Ldap, "pam": passdbs.Pam}


@pytest.fixture(scope="module", params=PASSDBS)
def passwords(request, stack):
    """The passdb, the only one beside ours that knows the users."""
    passdb = PASSDBS[request.param]()
    passdb.start()
    try:
        with stack.usually("dovecot", passdb.settings()):
            yield passdb
    finally:
        passdb.stop()


@pytest.fixture
def anna(mail, passwords):
    """Her password there is "secret"."""
    name = mail.account()
    passwords.put(name, "secret")
    return name


@pytest.fixture
def key(mail, anna):
    return mail.device_key(anna)


def works(session):
    """Its mailbox is there: a userdb knew it."""
    assert session.select()[0] == "OK"


def test_a_password_by_name_or_address_ends_as_the_account(mail, anna):
    for login in (anna, f"{anna}@example.org"):
        mail.mark()
        session = Imap()
        session.login(login, "secret")
        works(session)
        mail.wait_login(anna, "PLAIN")
    assert_refused(Imap().login, anna, "wrong")


def test_a_key_needs_no_password_there(mail, anna, key):
    for authzid in ("", anna, f"{anna}@example.org"):
        session = Imap(key)
        session.external(authzid)
        works(session)
    mail.wait_login(anna, "EXTERNAL", "key=<laptop>")


def test_a_password_with_a_key_must_be_of_its_account(
        mail, passwords, anna, key):
    other = mail.account()
    passwords.put(other, "secret")
    for login in (anna, f"{anna}@example.org"):
        session = Imap(key)
        session.login(login, "secret")
        works(session)
    for login in (other, f"{other}@example.org"):
        assert_refused(Imap(key).login, login, "secret")
    Imap().login(other, "secret")


def test_a_disabled_account_is_refused(mail, anna, key):
    Imap().login(anna, "secret")
    mail.countersign("account", "disable", anna)
    assert_refused(Imap().login, anna, "secret")
    assert_refused(Imap().login, f"{anna}@example.org", "secret")
    assert_refused(Imap(key).login, anna, "secret")
    assert_refused(Imap(key).external)


def test_a_user_that_only_the_other_passdb_knows_logs_in(
        mail, passwords, key):
    stranger = f"other{next(mail.numbers)}"
    passwords.put(stranger, "secret")
    session = Imap()
    session.login(stranger, "secret")
    works(session)
    assert_refused(Imap(key).login, stranger, "secret")
    Imap(mail.device_key()).login(stranger, "secret")


@pytest.fixture
def sql(mail):
    passdb = passdbs.Sql()
    passdb.start()
    yield passdb
    BEFORE.unlink(missing_ok=True)


def home(mail, account, folder):
    """Where the account's mail is, by a folder in it."""
    done = run("find", "/var/vmail", "-type", "d", "-name", f".{folder}")
    path, = done.stdout.split()
    return path.split("/")[3]


def make(session, folder):
    assert session.create(folder)[0] == "OK"


def test_a_prefetched_home_is_of_the_account_and_a_key_asks_the_next_userdb(
        mail, sql):
    anna = mail.account()
    sql.put(anna, "secret")
    settings = sql.settings(sql.prefetch_query)
    BEFORE.write_text(section("userdb", {"driver": "prefetch"}) if OLD else
                      "userdb prefetch {\n}\n")
    with open(BEFORE, "a", encoding="ascii") as file:
        file.write(sql.userdb())
    mail.restart("dovecot", settings)
    key = mail.device_key(anna)
    for login in (anna, f"{anna}@example.org"):
        by_password = Imap(key)
        by_password.login(login, "secret")
        folder = f"password{next(mail.numbers)}"
        make(by_password, folder)
        assert home(mail, anna, folder) == f"fetched-{anna}"
    for authzid in ("", f"{anna}@example.org"):
        by_key = Imap(key)
        by_key.external(authzid)
        folder = f"key{next(mail.numbers)}"
        make(by_key, folder)
        assert home(mail, anna, folder) == f"asked-{anna}"
