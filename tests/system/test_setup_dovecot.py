"""countersign setup dovecot, on configurations as admins have them."""

import imaplib
from pathlib import Path

import pytest

from harness import dovecot_settings, tls
from harness.dovecot import FOLDER
from harness.dovecot_settings import OLD, RELEASE
from harness.process import run, wait_for

ETC = Path("/etc/dovecot")
AUTH = FOLDER / "10-auth.conf"
SIEVE = FOLDER / "90-sieve.conf"
TEST = FOLDER / "99-test.conf"
PUBLISHED = Path("/var/lib/countersign/published")
KEYS = ("!include_try /usr/share/dovecot-auth-tlspubkey/"
        f"tlspubkey-{RELEASE}.conf\n")
WORKER = ("!include_try /usr/share/dovecot-auth-tlspubkey/"
          f"worker-{RELEASE}.conf\n")
LISTS = f"!include_try /usr/share/dovecot-sieve-ext/list-{RELEASE}.conf\n"


def files():
    return {path: path.read_bytes() for path in ETC.rglob("*.conf*")}


@pytest.fixture
def setup(mail):
    """Dovecot without our parts; a function that runs the command."""
    dovecot = mail.servers["dovecot"]
    dovecot.bare = True
    dovecot.restart()
    stock = files()

    def command(*words, check=True):
        return mail.countersign("setup", "dovecot", *words, check=check)

    def restart():
        dovecot.stop()
        dovecot.launch()

    command.restart = restart
    yield command
    for path in files().keys() - stock.keys():
        path.unlink()
    for path, data in stock.items():
        path.write_bytes(data)
    dovecot.bare = False
    dovecot.restart()


@pytest.fixture
def pam():
    """As stock Debian has it, beside what the tests need."""
    AUTH.write_text(AUTH.read_text().replace("#!include auth-system",
                                             "!include auth-system"))


def log_in(mail, account, key=None, password=None):
    try:
        mail.imap(account, password, key).logout()
    except imaplib.IMAP4.error:
        return False
    return True


def passdbs():
    return run("doveconf", "-n").stdout.split("\npassdb ")[1:]


def users(command):
    return set(run("ps", "-C", command, "-o", "user:20=").stdout.split())


def test_it_prints_what_it_would_change_and_changes_nothing(setup, pam):
    before = files()
    done = setup()
    assert f"--- {AUTH}\n" in done.stdout
    assert f"+{KEYS} !include auth-system.conf.ext\n" in done.stdout
    assert f"--- {SIEVE}\n" in done.stdout
    assert f"+{LISTS}" in done.stdout
    assert done.stdout.endswith("countersign setup dovecot --apply\n")
    assert files() == before


def test_it_says_how_to_do_what_was_asked_for_alone(setup, pam):
    assert setup("--keys").stdout.endswith(
        "countersign setup dovecot --keys --apply\n")


def test_applied_keys_log_in_and_reverted_all_is_as_before(mail, setup):
    before = files()
    account = mail.account(password="pass word")
    key = mail.device_key(account)
    assert not log_in(mail, account, key)
    setup("--apply", "--keys")
    wait_for(lambda: log_in(mail, account, key), "the key to be known")
    assert log_in(mail, account, password="pass word")
    assert "tlspubkey" in passdbs()[0]
    assert setup("--apply", "--keys").stdout == "Nothing to change.\n"
    setup("--revert")
    assert files() == before
    wait_for(lambda: not log_in(mail, account, key), "the key to be unknown")
    assert log_in(mail, account, password="pass word")


def test_workers_are_not_root_where_nothing_needs_that(mail, setup):
    account = mail.account()
    key = mail.device_key(account)
    done = setup("--apply", "--keys")
    assert "no longer run as root" in done.stdout
    setup.restart()
    assert log_in(mail, account, key)
    # Those of before, of root, may be about to end.
    wait_for(lambda: run("pgrep", "--newest", "-u", "dovecot", "-f",
                         "dovecot/auth -w", check=False).stdout,
             "a worker that is not root")


def test_workers_stay_root_where_a_passdb_may_need_it(setup, pam):
    done = setup("--apply", "--keys")
    assert "go on\nrunning as root" in done.stdout or (
        "go on running as root, for passdb pam" in done.stdout)
    assert WORKER not in AUTH.read_text()


def test_it_tells_of_a_client_ca(setup):
    assert "certificates of its own CA" not in setup("--keys").stdout
    TEST.write_text(dovecot_settings.client_ca(tls.CA))
    assert "certificates of its own CA" in setup("--keys").stdout


def test_list_mail_is_filed(mail, setup):
    TEST.write_text(dovecot_settings.plugin(countersign_list_create="always")
                    if OLD else "")
    account = mail.account()
    setup("--apply", "--lists")
    setup.restart()
    reply = mail.deliver_lmtp(
        f"{account}@mail.example.org",
        "From: a@example.net\nList-Id: <talk.example.net>\n"
        "List-Post: <mailto:talk@example.net>\nSubject: listed\n\n.\n")
    assert reply.accepted, reply
    assert [name for name in mail.mailboxes(account) if "talk" in name]
    assert setup("--apply", "--lists").stdout == "Nothing to change.\n"


def test_a_whole_configuration_in_one_file(setup):
    whole = run("doveconf", "-nP").stdout
    for path in FOLDER.iterdir():
        path.unlink()
    main = ETC / "dovecot.conf"
    main.write_text(whole)
    setup("--apply")
    text = main.read_text()
    assert text.index(KEYS) < text.index("\npassdb ")
    assert text.endswith(LISTS)
    assert "tlspubkey" in passdbs()[0]
    setup("--revert")
    assert main.read_text() == whole


def test_what_an_admin_changed_in_between_stays(setup, pam):
    setup("--apply")
    with open(AUTH, "a", encoding="ascii") as file:
        file.write("auth_verbose = yes\n")
    setup("--revert")
    assert AUTH.read_text().endswith("\nauth_verbose = yes\n")
    assert KEYS not in AUTH.read_text()


def test_what_was_included_by_hand_is_known(setup):
    before = files()
    setup("--apply", "--keys")
    text = AUTH.read_text()
    AUTH.write_text(text.replace(KEYS, KEYS.replace("_try", "")))
    assert setup("--keys").stdout == "Nothing to change.\n"
    setup("--revert")
    assert files() == before


# What stands in the way, and a word of the reason.
WAYS = [
    (dovecot_settings.more_mechanisms("external"), "external already"),
    ("auth_ssl_username_from_cert = yes\n", "auth_ssl_username_from_cert"),
    ("service auth-worker {\n  user = dovecot\n}\n", "extra_groups"),
    ("auth_mechanisms = plain login\n", "would be without tlspubkey"),
    ("protocol imap {\n", "before any change"),
]
if OLD:
    WAYS.append((dovecot_settings.plugin(sieve_after="/etc/after.sieve"),
                 "sieve_after = /etc/after.sieve"))


@pytest.mark.parametrize("text, reason", WAYS,
                         ids=[reason for _, reason in WAYS])
def test_it_refuses_with_the_reason(setup, text, reason):
    (SIEVE if "sieve_after" in text else TEST).write_text(text)
    before = files()
    for words in ((), ("--apply",)):
        done = setup(*words, check=False)
        assert done.returncode != 0
        assert reason in done.stderr
        assert done.stdout == ""
        assert files() == before


def test_it_refuses_where_no_directory_is_published(setup):
    away = PUBLISHED.with_name("away")
    PUBLISHED.rename(away)
    try:
        done = setup("--apply", check=False)
    finally:
        away.rename(PUBLISHED)
    assert "countersign directory init" in done.stderr


def test_json_has_all_of_it(mail, setup):
    answer = mail.json("setup", "dovecot", "--apply")
    assert answer["changes"] and answer["made"]
    answer = mail.json("setup", "dovecot", "--apply")
    assert not answer["changes"]
