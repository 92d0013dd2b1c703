"""Our settings as Dovecot 2.4 knows them: by modules of their own."""

import pytest
from harness import dovecot_settings
from harness.dovecot import FOLDER
from harness.process import run
from test_tlspubkey_imap import ANY_PASSWORD_IS_SECRET, Imap, assert_refused

pytestmark = pytest.mark.skipif(
    dovecot_settings.OLD, reason="2.3 does not know settings of plugins")


def test_the_sites_own_file_changes_the_gate(mail):
    anna = mail.account()
    key = mail.device_key(anna)
    mail.countersign("account", "disable", anna)
    with mail.keys_settings(gate="key"):
        mail.restart("dovecot", ANY_PASSWORD_IS_SECRET)
        Imap().login(anna, "secret")
        assert_refused(Imap(key).login, anna, "secret")
        assert_refused(Imap(key).external)


def test_a_passdb_that_is_told_to_use_workers_checks_keys_all_the_same(mail):
    anna = mail.account(password="secret")
    key = mail.device_key(anna)
    with mail.keys_settings(use_worker="yes"):
        Imap(key).external()
        Imap(key).login(anna, "secret")


# setting, error
BAD = [
    ("passdb tlspubkey {\n  gate = none\n}", "gate: Invalid value: none"),
    ("passdb tlspubkey {\n  authzid = any\n}", "authzid: Invalid value: any"),
    ("passdb tlspubkey {\n  gates = all\n}", "gates: Unknown setting"),
    ("countersign_list_create = sometimes",
     "countersign_list_create: Invalid value: sometimes"),
    ("countersign_list_max_mailboxes = many",
     "countersign_list_max_mailboxes: Invalid number many"),
]


@pytest.mark.parametrize("setting, error", BAD)
def test_a_bad_setting_is_refused_when_the_configuration_is_read(
        setting, error):
    path = FOLDER / "98-bad.conf"
    path.write_text(setting + "\n")
    try:
        done = run("doveconf", "-n", check=False)
    finally:
        path.unlink()
    assert done.returncode != 0
    assert error in done.stderr
