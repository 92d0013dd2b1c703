"""Where our passdb stands among the others."""

import pytest
from harness import dovecot_settings
from harness.dovecot_settings import OLD, section
from test_tlspubkey_imap import (BEFORE, Imap, assert_refused,
                                 assert_unavailable)

STATIC = dovecot_settings.database("passdb", "static", password="secret")


@pytest.fixture
def before(mail):
    """Put passdbs before ours; gone after the test."""

    def put(text):
        BEFORE.write_text(text)
        mail.restart("dovecot", "# with a passdb before ours")

    yield put
    BEFORE.unlink(missing_ok=True)


def test_behind_another_passdb_nobody_gets_in_and_the_log_says_so_at_start(
        mail, before):
    anna = mail.account(password="secret")
    key = mail.device_key(anna)
    before(STATIC)
    mail.wait_log("dovecot", "passdb tlspubkey is not the first: static "
                             "stands before it")
    for session in (Imap(), Imap(key), Imap(mail.device_key())):
        assert_unavailable(session.login, anna, "secret")
        assert_unavailable(session.login, "nobody", "wrong")
    assert_unavailable(Imap(key).external)
    # Mail still comes in.
    assert mail.deliver_lmtp(f"{anna}@mail.example.org",
                             "Subject: x\n\n").accepted


def test_a_passdb_that_only_denies_may_stand_before(mail, before, tmp_path):
    anna = mail.account(password="secret")
    denied = mail.account(password="secret")
    keys = [mail.device_key(name) for name in (anna, denied)]
    listed = "/etc/dovecot/test.denied"
    with open(listed, "w", encoding="ascii") as file:
        file.write(f"{denied}\n")
    if OLD:
        before(section("passdb", {"driver": "passwd-file", "deny": "yes",
                                  "args": listed}))
    else:
        before(section("passdb denied", {
            "driver": "passwd-file", "deny": "yes",
            "passwd_file_path": listed}))
    Imap().login(anna, "secret")
    Imap(keys[0]).external()
    assert_refused(Imap().login, denied, "secret")
    assert "not the first" not in mail.log("dovecot")
