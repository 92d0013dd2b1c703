"""Who gets past the gate: with which mechanism, as whom, in which setting."""

import pytest
from harness import dovecot_settings, passdbs
from harness.dovecot_settings import OLD
from harness.mechanisms import MECHANISMS, plain
from test_tlspubkey_imap import Imap, assert_refused, refusal


@pytest.fixture(scope="module")
def mechanisms(stack):
    """All there are, on a passdb that has passwords in the clear."""
    passdb = passdbs.Sql()
    passdb.start()
    with stack.usually("dovecot", passdb.settings() +
                       dovecot_settings.more_mechanisms(*MECHANISMS)):
        yield passdb


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_every_mechanism_goes_through_the_gate(mail, mechanisms, mechanism):
    names = [mail.account() for _ in range(3)]
    for name in names:
        mechanisms.put(name, "secret")
    anna, other, off = names
    key = mail.device_key(anna)
    of_off = mail.device_key(off)
    mail.countersign("account", "disable", off)
    log_in = MECHANISMS[mechanism]
    for login in (anna, f"{anna}@example.org"):
        log_in(Imap(), login, "secret")
        log_in(Imap(key), login, "secret")
        log_in(Imap(mail.device_key()), login, "secret")
        assert_refused(log_in, Imap(key), login, "wrong")
    for login in (other, f"{other}@example.org"):
        log_in(Imap(), login, "secret")
        assert_refused(log_in, Imap(key), login, "secret")
    for login in (off, f"{off}@example.org"):
        assert_refused(log_in, Imap(), login, "secret")
        assert_refused(log_in, Imap(of_off), login, "secret")
        assert_refused(log_in, Imap(mail.device_key()), login, "secret")
    mail.wait_login(anna, mechanism.upper())


def test_the_mechanisms_with_the_gate_for_keys_alone(mail, mechanisms):
    with mail.keys_settings(gate="key"):
        off = mail.account()
        mechanisms.put(off, "secret")
        key = mail.device_key(off)
        other = mail.device_key(mail.account())
        mail.countersign("account", "disable", off)
        for log_in in MECHANISMS.values():
            log_in(Imap(), off, "secret")
            log_in(Imap(mail.device_key()), off, "secret")
            assert_refused(log_in, Imap(key), off, "secret")
            assert_refused(log_in, Imap(other), off, "secret")
        assert_refused(Imap(key).external)


def test_the_authzid_of_plain_makes_nobody_another(mail):
    anna = mail.account(password="secret")
    other = mail.account(password="secret")
    key = mail.device_key(anna)
    for device in (None, key):
        plain(Imap(device), anna, "secret", authzid=anna)
        for authzid in (other, f"{other}@example.org"):
            assert "FAILED]" in refusal(plain, Imap(device), anna, "secret",
                                        authzid)


RUBBISH = ["nobody", "{}", "{}@example.org", "Anna Muster", "anonymous",
           "root", "müller@example.org", "x" * 1000]


def test_an_ignored_authzid_leaves_it_to_the_key(mail):
    anna = mail.account()
    colleague = mail.account()
    key = mail.device_key(anna)
    texts = [text.format(colleague) for text in RUBBISH]
    with mail.keys_settings(authzid="ignore"):
        for authzid in texts:
            mail.mark()
            session = Imap(key)
            session.external(authzid)
            assert session.select()[0] == "OK"
            mail.wait_login(anna, "EXTERNAL", "key=<laptop>")
            assert_refused(Imap(mail.device_key()).external, authzid)
        mail.countersign("account", "disable", anna)
        for authzid in texts:
            assert_refused(Imap(key).external, authzid)


@pytest.mark.parametrize("setting", [
    {"mechanisms" if OLD else "mechanisms_filter": "external"},
    {"username_filter": "!*"}, {"skip": "authenticated"},
    {"result_success": "continue-ok", "result_failure": "continue-ok",
     "result_internalfail": "continue"}],
    ids=lambda setting: next(iter(setting)))
def test_nothing_in_our_block_leads_past_the_gate(mail, setting):
    off = mail.account(password="secret")
    key = mail.device_key(off)
    other = mail.account(password="secret")
    mail.countersign("account", "disable", off)
    with mail.keys_settings(**setting):
        assert_refused(Imap(key).login, other, "secret")
        assert_refused(Imap(key).external)
        Imap().login(other, "secret")
        mail.countersign("account", "disable", other)
        assert_refused(Imap().login, other, "secret")
        mail.countersign("account", "enable", off)
        Imap(key).external()
