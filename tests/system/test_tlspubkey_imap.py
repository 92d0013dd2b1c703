"""Login by TLS public key: stock Dovecot with dovecot-auth-tlspubkey."""

import imaplib
import os
import smtplib
import ssl
import time
from datetime import datetime, timezone
from pathlib import Path

import pytest
from harness import dovecot_settings, tls
from harness.auth_socket import LOCAL, fingerprint
from harness.process import run, wait_for

PUBLISHED = Path("/var/lib/countersign/published/directory.db")
BEFORE = Path("/etc/dovecot/conf.d/94-before.conf")

# A passdb that knows no disabled accounts: only the gate can refuse them.
ANY_PASSWORD_IS_SECRET = dovecot_settings.database(
    "passdb", "static", password="secret")


class Imap(imaplib.IMAP4_SSL):
    def __init__(self, key=None, version=None, context=None):
        context = context or tls.client_context(key)
        if version is not None:
            context.minimum_version = context.maximum_version = version
        super().__init__("mail.example.org", 993, ssl_context=context,
                         timeout=30)

    def external(self, authzid=""):
        return self.authenticate("EXTERNAL", lambda _: authzid.encode())


def refusal(attempt, *arguments):
    """What the server said when it refused."""
    with pytest.raises(imaplib.IMAP4.error) as caught:
        attempt(*arguments)
    return str(caught.value)


def assert_refused(attempt, *arguments):
    text = refusal(attempt, *arguments)
    assert "[AUTHENTICATIONFAILED]" in text, text


def assert_unavailable(attempt, *arguments):
    text = refusal(attempt, *arguments)
    assert "[UNAVAILABLE]" in text, text
    assert "AUTHENTICATIONFAILED" not in text


@pytest.fixture
def anna(mail):
    """Has no password of her own."""
    return mail.account()


@pytest.fixture
def secret(mail, anna):
    """Her password, once she has one."""
    mail.set_password(anna, "secret")
    return "secret"


@pytest.fixture
def key(mail, anna):
    return mail.device_key(anna)


@pytest.fixture
def before(mail):
    """Put passdbs and userdbs before those there are; gone after the test."""

    def put(text, more=""):
        BEFORE.write_text(text)
        mail.restart("dovecot", more + "# behind others\n")

    yield put
    BEFORE.unlink(missing_ok=True)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2,
                                     ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("algorithm", ["P-256", "Ed25519", "RSA-2048"])
def test_a_key_logs_in_without_a_password(mail, anna, algorithm, version):
    key = mail.device_key(anna, name="phone", algorithm=algorithm)
    session = Imap(key, version)
    session.external()
    assert session.select()[0] == "OK"
    mail.wait_login(anna, "EXTERNAL", "TLS.*key=<phone>")


def test_a_certificate_of_an_authority_is_as_good_as_any(mail, anna):
    key = mail.device_key()
    tls.issue(key)
    mail.add_key(anna, key, "--no-preauth")
    key.certificate.write_text(key.pem() + tls.CA.read_text())
    Imap(key).external(anna)


@pytest.mark.parametrize("authzid", ["", "{}", "{}@example.org",
                                     "{}+folder@example.org",
                                     "{}@EXAMPLE.ORG"])
def test_an_authzid_may_be_any_name_of_the_account(mail, anna, key, authzid):
    Imap(key).external(authzid.format(anna))
    mail.wait_login(anna, "EXTERNAL")


@pytest.fixture(scope="module")
def colleague(stack):
    return stack.account()


@pytest.mark.parametrize("authzid", ["{}", "{}@example.org", "nobody",
                                     "root", "x" * 2000, "a\r\nb", "key:x",
                                     "\0", "\0{}"])
def test_an_authzid_of_anybody_else_is_refused(mail, key, colleague, authzid):
    session = Imap(key)
    assert_refused(session.external, authzid.format(colleague))
    session.external()


def test_the_reason_of_a_refusal_is_logged_and_not_told(mail, anna, key):
    other = mail.account()
    text = refusal(Imap(key).external, other)
    assert anna not in text
    mail.wait_log("dovecot", rf'refused: key "laptop" \(sha256:[0-9a-f]{{64}}\)'
                             rf' is of account "{anna}", and "{other}" is of '
                             rf'account "{other}"')


def test_a_key_that_nobody_has_leaves_passwords_working(mail, anna, secret):
    session = Imap(mail.device_key())
    assert_refused(session.external)
    session.login(anna, secret)
    mail.wait_log("dovecot", r"refused: key sha256:[0-9a-f]{64}: "
                             r"no account has this key")


def test_without_a_key_passwords_work_and_external_is_not_offered(anna, secret):
    session = Imap()
    assert b"AUTH=PLAIN" in session.welcome
    assert b"EXTERNAL" not in session.welcome
    assert "AUTH=EXTERNAL" not in session.capabilities
    refusal(session.external)
    session.login(anna, secret)


def test_the_greeting_offers_external_to_who_has_a_key(key):
    session = Imap(key)
    assert b"AUTH=EXTERNAL" in session.welcome
    assert b"TLSPUBKEY" not in session.welcome


def test_a_password_by_address_ends_as_the_account(mail, anna, secret):
    Imap().login(f"{anna}@example.org", secret)
    mail.wait_login(anna, "PLAIN")


def test_the_password_changed_last_is_the_one_in_force(mail, anna, secret):
    for password in (f"secret{number}" for number in range(4)):
        mail.set_password(anna, password)
        assert_refused(Imap().login, anna, secret)
        secret = password


def test_a_password_with_the_accounts_own_key_works(mail, anna, secret, key):
    Imap(key).login(anna, secret)
    Imap(key).login(f"{anna}@example.org", secret)
    mail.wait_login(anna, "PLAIN", "key=<laptop>")


def test_a_password_with_another_accounts_key_is_refused(mail, key):
    other = mail.account(password="secret")
    session = Imap(key)
    assert_refused(session.login, other, "secret")
    assert_refused(session.login, f"{other}@example.org", "secret")
    Imap().login(other, "secret")


def test_a_challenge_response_goes_through_the_gate_too(mail, anna, key):
    other = mail.account()
    off = mail.account()
    mail.countersign("account", "disable", off)
    mail.restart("dovecot", ANY_PASSWORD_IS_SECRET +
                 dovecot_settings.more_mechanisms("cram-md5"))
    Imap().login_cram_md5(anna, "secret")
    Imap(key).login_cram_md5(anna, "secret")
    assert_refused(Imap(key).login_cram_md5, other, "secret")
    assert_refused(Imap().login_cram_md5, off, "secret")


def test_a_removed_key_is_refused_at_the_next_login(mail, anna, secret, key):
    Imap(key).external()
    mail.countersign("key", "remove", "sha256:" + fingerprint(key).hex())
    session = Imap(key)
    assert_refused(session.external)
    session.login(anna, secret)


def test_a_resumed_session_keeps_its_key_and_loses_it_when_removed(
        mail, key):
    mail.restart("dovecot", dovecot_settings.one_process("imap-login"))
    connect = resumer(key, ssl.TLSVersion.TLSv1_2)
    connect().external()
    mail.countersign("key", "remove", "sha256:" + fingerprint(key).hex())
    assert_refused(connect().external)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2,
                                     ssl.TLSVersion.TLSv1_3])
def test_a_key_ends_at_its_date_on_resumed_sessions_with_the_cache_on(
        mail, anna, version):
    mail.restart("dovecot", dovecot_settings.one_process("imap-login") +
                 CACHE + SYSTEM_PASSWORDS)
    system_user(anna)
    key = mail.device_key()
    connect = resumer(key, version)
    end = int(time.time()) + 10
    mail.add_key(anna, key, "--no-preauth", "--until",
                 datetime.fromtimestamp(end, timezone.utc).strftime(
                     "%Y-%m-%dT%H:%M:%SZ"))
    connect().external()
    connect().login(anna, "secret")
    wait_for(lambda: refused(connect().external), "the key to end")
    assert time.time() >= end
    assert_refused(Imap(key).external)
    # Now it is one of the keys that nobody has.
    connect().login(anna, "secret")


def refused(attempt):
    try:
        attempt()
    except imaplib.IMAP4.error as failure:
        assert "[AUTHENTICATIONFAILED]" in str(failure)
        return True
    return False


def resumer(key, version):
    """What connects again and again, each time in the TLS session of before."""
    context = tls.client_context(key)
    context.minimum_version = context.maximum_version = version
    first = Imap(context=context)
    context.sslsocket_class = resuming(first.sock.session)

    def connect():
        session = Imap(context=context)
        assert session.sock.session_reused
        return session

    return connect


def resuming(session):
    class Resuming(ssl.SSLSocket):
        @classmethod
        def _create(cls, *arguments, **words):
            words["session"] = session
            return super()._create(*arguments, **words)

    return Resuming


def test_a_disabled_account_is_refused_with_key_and_password(
        mail, anna, secret, key):
    Imap(key).external()
    Imap().login(anna, secret)
    mail.countersign("account", "disable", anna)
    assert_refused(Imap(key).external)
    assert_refused(Imap(key).external, anna)
    assert_refused(Imap().login, anna, secret)
    assert_refused(Imap(key).login, anna, secret)
    mail.wait_log("dovecot", f'refused: account "{anna}" is disabled')
    mail.countersign("account", "enable", anna)
    Imap(key).external()
    mail.wait_password(anna, secret)
    Imap().login(anna, secret)


def test_the_gate_refuses_a_disabled_account_before_any_passdb(mail, anna):
    mail.restart("dovecot", ANY_PASSWORD_IS_SECRET)
    Imap().login("unknown", "secret")
    mail.countersign("account", "disable", anna)
    for login in (anna, anna.upper(), f"{anna}@example.org"):
        assert_refused(Imap().login, login, "secret")


CACHE = "auth_cache_size = 10M\nauth_cache_ttl = 1 hour\n"
# Of the stock passdbs and userdbs here, those that are cached.
SYSTEM_PASSWORDS = dovecot_settings.system_passwords()
SYSTEM_USERS = dovecot_settings.database("userdb", "passwd")


def system_user(name, password="secret"):
    run("useradd", "--create-home", "--user-group", name)
    run("chpasswd", input=f"{name}:{password}\n")
    return name


def test_the_auth_cache_does_not_pass_the_gate(mail, anna, key):
    mail.restart("dovecot", CACHE + SYSTEM_PASSWORDS)
    system_user(anna)
    for _ in range(2):
        Imap().login(anna, "secret")
        Imap(key).external()
    mail.countersign("account", "disable", anna)
    assert_refused(Imap().login, anna, "secret")
    assert_refused(Imap(key).external)


def test_a_cached_password_does_not_follow_an_address_to_its_new_account(
        mail, anna):
    mail.restart("dovecot", CACHE + SYSTEM_PASSWORDS)
    system_user(anna, "secret")
    other = system_user(mail.account(), "of another")
    address = f"{anna}@example.org"
    Imap().login(address, "secret")
    mail.countersign("address", "remove", address)
    mail.countersign("address", "add", address, other)
    assert_refused(Imap().login, address, "secret")
    Imap().login(address, "of another")
    mail.wait_login(other, "PLAIN")


def test_a_cached_home_is_of_the_account_that_logged_in(mail, before):
    accounts = [system_user(mail.account()) for _ in range(2)]
    keys = {name: mail.device_key(name) for name in accounts}
    before(CACHE + SYSTEM_USERS)
    for authzid in ("", "{}", "{}@example.org"):
        for name in accounts:
            session = Imap(keys[name])
            session.external(authzid.format(name))
            session.create(f"of-{name}")
            folders = b" ".join(session.list()[1]).decode().split()
            assert [word for word in folders if word.startswith("of-")] == [
                f"of-{name}"]


def test_without_a_directory_all_logins_are_put_off(mail, anna, key):
    away = PUBLISHED.with_suffix(".away")
    mail.restart("dovecot", ANY_PASSWORD_IS_SECRET)
    os.rename(PUBLISHED, away)
    try:
        assert_unavailable(Imap(key).external)
        assert_unavailable(Imap(key).login, anna, "secret")
        assert_unavailable(Imap().login, anna, "secret")
        assert_unavailable(Imap().login, anna, "wrong")
        PUBLISHED.write_text("not a database")
        assert_unavailable(Imap(key).external)
        assert_unavailable(Imap().login, anna, "secret")
    finally:
        os.rename(away, PUBLISHED)
    Imap(key).external()
    Imap().login(anna, "secret")


def test_external_before_tlspubkey_is_said_at_start(mail, key):
    mail.restart("dovecot", "auth_mechanisms = external tlspubkey plain\n")
    assert_refused(Imap(key).external)
    mail.wait_log("dovecot", "tlspubkey must stand before external")


def test_without_a_secret_passwords_work_and_nobody_is_asked_for_a_key(
        mail, anna, secret, key):
    away = LOCAL.with_suffix(".away")
    os.rename(LOCAL, away)
    try:
        mail.restart("dovecot", "# without a secret")
        session = Imap(key)
        assert "AUTH=EXTERNAL" not in session.capabilities
        session.login(anna, secret)
        mail.wait_log("dovecot", "clients are not asked for a key: .*local")
    finally:
        os.rename(away, LOCAL)


def test_the_secret_is_roots_alone():
    status = LOCAL.stat()
    assert (status.st_uid, status.st_mode & 0o777) == (0, 0o600)
    assert LOCAL.parent.stat().st_mode & 0o077 == 0


def test_starttls_works_like_tls(anna, key):
    session = imaplib.IMAP4("mail.example.org", 143)
    assert "AUTH=EXTERNAL" not in session.capabilities
    session.starttls(tls.client_context(key))
    assert "AUTH=EXTERNAL" in session.capabilities
    session.authenticate("EXTERNAL", lambda _: anna.encode())


@pytest.mark.parametrize("url", ["imaps://mail.example.org/INBOX",
                                 "pop3s://mail.example.org/"])
def test_curl_logs_in_by_key(mail, anna, key, url):
    done = run("curl", "--silent", "--show-error", "--cacert", tls.CA,
               "--cert", key.certificate, "--key", key.key, "--user", ":",
               "--login-options", "AUTH=EXTERNAL", "--sasl-ir", url,
               check=False)
    assert done.returncode == 0, done.stderr
    mail.wait_login(anna, "EXTERNAL")


def test_postfix_offers_neither_external_nor_our_name_for_it():
    with smtplib.SMTP_SSL("mail.example.org", 465,
                          context=tls.client_context()) as client:
        client.ehlo()
        offered = client.esmtp_features["auth"]
    assert "PLAIN" in offered
    assert "EXTERNAL" not in offered
    assert "TLSPUBKEY" not in offered


def test_looking_a_user_up_is_no_login(mail, anna):
    mail.countersign("account", "disable", anna)
    mail.restart("dovecot", ANY_PASSWORD_IS_SECRET)
    done = run("doveadm", "auth", "lookup", anna)
    assert anna in done.stdout.split()
    done = run("doveadm", "auth", "test", anna, "secret", check=False)
    assert done.returncode != 0
    assert "auth failed" in done.stdout
