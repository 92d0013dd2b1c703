"""IMAP with implicit TLS: a key logs in before the client says anything.

And what is listed once its handshake is over, or that of STARTTLS.
"""

import imaplib
import os
import re
import signal
import time
from contextlib import contextmanager

import pytest
from harness import dovecot_settings, tls
from harness.lines import Lines, in_one_breath
from harness.process import run
from test_tlspubkey_imap import PUBLISHED, Imap

IMAPS, SIEVE = 993, 4190

SIEVES = """
protocols = imap lmtp sieve
service managesieve-login {
  inet_listener sieves {
    port = 5190
    ssl = yes
  }
}
"""


def greeted(key, alpn=None):
    """The connection, and the first line that the server says."""
    context = tls.client_context(key)
    if alpn is not None:
        context.set_alpn_protocols(alpn)
    session = Lines(IMAPS, context)
    return session, session.line()


def assert_usual(session, greeting):
    assert re.match(r"\* OK \[CAPABILITY .*AUTH=EXTERNAL.*\] ready$",
                    greeting), greeting
    session.send("a AUTHENTICATE EXTERNAL =")
    return session.until("a ")[-1]


@pytest.fixture
def anna(mail):
    return mail.account()


@pytest.fixture
def key(mail, anna):
    return mail.device_key(anna, name="phone", preauth=True)


def test_a_key_is_greeted_as_logged_in(mail, anna, key):
    session, greeting = greeted(key)
    assert greeting == "* PREAUTH Logged in by key"
    assert re.match(r"\* OK \[CAPABILITY IMAP4rev1 .*IDLE.*\] ",
                    session.line())
    session.send("a GETMETADATA x", "b SELECT INBOX")
    assert session.until("b ")[-1].startswith("b OK ")
    mail.wait_login(anna, "EXTERNAL", "TLS.*key=<phone>")


def test_imaplib_takes_it_for_a_login(anna, key):
    session = Imap(key)
    assert session.state == "AUTH"
    assert session.select()[0] == "OK"
    assert session.logout()[0] == "BYE"


def test_logging_in_once_more_is_refused_and_ends_nothing(mail, anna, key):
    session, _ = greeted(key)
    session.send("a LOGIN x y")
    assert re.match("a (NO|BAD) ", session.until("a ")[-1])
    session.send("b AUTHENTICATE EXTERNAL =")
    assert re.match("b (NO|BAD) ", session.until("b ")[-1])
    session.send("c SELECT INBOX")
    assert session.until("c ")[-1].startswith("c OK ")


def test_a_key_can_have_it_switched_off(mail, anna):
    session, greeting = greeted(mail.device_key(anna))
    assert assert_usual(session, greeting).startswith("a OK ")


def test_commands_sent_along_with_the_handshake_are_all_answered(key):
    session = in_one_breath(IMAPS, key, b"a CAPABILITY\r\nb SELECT INBOX\r\n"
                            b"c NOOP\r\nd LOGOUT\r\n")
    assert session.line() == "* PREAUTH Logged in by key"
    for tag in "abcd":
        assert re.match(f"{tag} OK ", session.until("[a-d] ")[-1])


def test_commands_of_the_usual_greeting_are_answered_too(mail, anna):
    key = mail.device_key(anna)
    session = in_one_breath(IMAPS, key, b"a CAPABILITY\r\n"
                            b"b AUTHENTICATE EXTERNAL =\r\nc NOOP\r\n")
    assert session.line().startswith("* OK [CAPABILITY")
    for tag in "abc":
        assert re.match(f"{tag} OK ", session.until("[a-c] ")[-1])


def test_neither_an_unknown_key_nor_none_is_delayed(mail, anna):
    mail.set_password(anna, "secret")
    mail.restart("dovecot", "auth_failure_delay = 3 secs\n" +
                 dovecot_settings.ANVIL_PENALTY)
    unknown = mail.device_key()
    # The address is now one to be slow with.
    for _ in range(2):
        with pytest.raises(imaplib.IMAP4.error):
            Imap().login(anna, "wrong")
    for key in (unknown, None, unknown, unknown):
        start = time.monotonic()
        session, greeting = greeted(key)
        assert greeting.startswith("* OK ")
        assert time.monotonic() - start < 1.5
        session.close()


def test_asking_about_a_key_is_no_failure_that_is_remembered(mail, anna):
    mail.set_password(anna, "secret")
    mail.restart("dovecot", dovecot_settings.ANVIL_PENALTY)
    unknown = mail.device_key()
    for _ in range(5):
        greeted(unknown)[0].close()
    start = time.monotonic()
    Imap().login(anna, "secret")
    assert time.monotonic() - start < 1.5


def test_one_connection_too_many_is_told_so_and_ended(mail, anna, key):
    mail.restart("dovecot", "mail_max_userip_connections = 1\n")
    first, greeting = greeted(key)
    assert greeting.startswith("* PREAUTH ")
    first.send("a NOOP")
    first.until("a OK ")
    second, greeting = greeted(key)
    assert re.match(r"\* BYE .*Maximum number of connections", greeting)
    assert second.line() == ""
    first.send("b NOOP")
    first.until("b OK ")


def test_a_user_that_cannot_be_set_up_is_told_so_and_ended(mail, key):
    mail.restart("dovecot", "mail_location = nonsense:/x\n"
                 if dovecot_settings.OLD else "mail_driver = nonsense\n")
    session, greeting = greeted(key)
    lines = [greeting]
    while lines[-1]:
        lines.append(session.line())
    assert lines[-2].startswith("* BYE "), lines


def test_a_disabled_account_is_greeted_as_usual(mail, anna, key):
    mail.countersign("account", "disable", anna)
    assert assert_usual(*greeted(key)).startswith("a NO [AUTHENTICATIONFAILED]")


def test_a_removed_key_is_greeted_as_usual(mail, anna, key):
    greeted(key)
    mail.countersign("key", "remove", mail.json("key", "list", anna)[0]
                     ["fingerprint"])
    assert assert_usual(*greeted(key)).startswith("a NO [AUTHENTICATIONFAILED]")


def test_without_a_directory_the_greeting_is_the_usual_one(mail, anna, key):
    away = PUBLISHED.with_suffix(".away")
    os.rename(PUBLISHED, away)
    try:
        assert assert_usual(*greeted(key)).startswith("a NO [UNAVAILABLE]")
    finally:
        os.rename(away, PUBLISHED)
    assert greeted(key)[1].startswith("* PREAUTH ")


def test_after_starttls_nobody_is_logged_in_before_saying_so(mail, anna, key):
    session = imaplib.IMAP4("mail.example.org", 143)
    session.starttls(tls.client_context(key))
    assert session.state == "NONAUTH"
    session.authenticate("EXTERNAL", lambda _: b"")
    assert session.select()[0] == "OK"


@pytest.mark.parametrize("fields,greeting", [
    ({"more": "y"}, "* PREAUTH "), ({"proxy": "y", "host": "192.0.2.8"}, "* OK "),
    ({"nologin": "y"}, "* OK ")])
def test_who_may_not_log_in_here_is_greeted_as_usual(
        mail, anna, key, fields, greeting):
    """Dovecot's proxy can do nothing for a client that sent no command."""
    with mail.keys_settings(**dovecot_settings.keys_fields(fields)):
        session, line = greeted(key)
        assert line.startswith(greeting), line
        session.send("a NOOP")
        session.until("a OK ")


@pytest.mark.parametrize("alpn", [["imap"], ["h2", "imap"]])
def test_a_client_that_names_imap_is_a_mail_client(key, alpn):
    assert greeted(key, alpn)[1].startswith("* PREAUTH ")


@pytest.mark.parametrize("alpn", [["http/1.1"], ["h2", "http/1.1"], ["imap2"],
                                  ["pop3"]])
def test_a_client_that_names_other_protocols_only_is_not_logged_in(
        mail, anna, key, alpn):
    try:
        assert_usual(*greeted(key, alpn))
    except OSError:
        # Dovecot 2.4 ends the handshake.
        assert not dovecot_settings.OLD
    assert "PREAUTH" not in mail.log("dovecot")


@pytest.mark.parametrize("verb", ["GET", "POST", "PRI"])
@pytest.mark.parametrize("preauth", [True, False])
def test_a_browser_is_dropped_before_it_is_logged_in(
        mail, anna, verb, preauth):
    key = mail.device_key(anna, preauth=preauth)
    session = in_one_breath(
        IMAPS, key, f"{verb} / HTTP/1.1\r\nHost: x\r\n\r\n"
        "a AUTHENTICATE EXTERNAL =\r\nb LOGOUT\r\n".encode())
    assert session.line() == ""
    mail.wait_log("dovecot", "Client speaks HTTP")
    assert not re.search(rf"(Login|Logged in): user=<{anna}>",
                         mail.log("dovecot"))


@contextmanager
def silent_auth(mail):
    """Of the Dovecot that runs now: of the one before some may be left."""
    auth = int(run("pgrep", "-o", "-f", "-P", mail.servers["dovecot"].process
                   .pid, "^dovecot/auth").stdout)
    os.kill(auth, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(auth, signal.SIGCONT)


@pytest.mark.parametrize("preauth", [True, False])
def test_commands_that_came_before_auth_was_reached_wait_for_it(
        mail, anna, preauth):
    key = mail.device_key(anna, preauth=preauth)
    mail.restart("dovecot", "# auth has just started")
    with silent_auth(mail):
        session = in_one_breath(IMAPS, key, b"a NOOP\r\nb LOGOUT\r\n")
        session.sock.wait_handshake()
    assert session.line().startswith("* PREAUTH " if preauth else
                                     "* OK [CAPABILITY")
    for tag in "ab":
        assert re.match(f"{tag} OK ", session.until("[ab] ")[-1])


def test_who_cannot_be_asked_about_is_greeted_all_the_same(mail, anna, key):
    mail.restart("dovecot", dovecot_settings.one_process("imap-login"))
    greeted(key)
    with silent_auth(mail):
        session, line = greeted(key)
        assert line.startswith("* OK [CAPABILITY")
        mail.wait_log("dovecot", "auth has not said .* greeted as usual")
    # What auth says at last is about nothing any more.
    session.send("a AUTHENTICATE EXTERNAL =")
    assert session.until("a ")[-1].startswith("a OK ")
    assert greeted(key)[1].startswith("* PREAUTH ")


@pytest.mark.parametrize("port,alpn", [
    pytest.param(IMAPS, ["http/1.1"], marks=pytest.mark.skipif(
        not dovecot_settings.OLD,
        reason="Dovecot 2.4 ends the handshake itself")), (5190, None)])
def test_a_browser_that_came_before_auth_was_reached_is_dropped_too(
        mail, anna, port, alpn):
    key = mail.device_key(anna, preauth=True)
    mail.restart("dovecot", SIEVES)
    with silent_auth(mail):
        session = in_one_breath(port, key, b"GET / HTTP/1.1\r\n\r\n", alpn)
        session.sock.wait_handshake()
    assert session.line() == ""
    reason = mail.wait_log("dovecot", "Client speaks HTTP.*")[0]
    # Dovecot still uses a client while it tells it that auth is there.
    assert "before auth was ready" not in reason


def test_who_leaves_while_auth_is_silent_does_no_harm(mail, anna, key):
    mail.restart("dovecot", dovecot_settings.one_process("imap-login"))
    greeted(key)
    login = run("pgrep", "-f", "dovecot/imap-login").stdout
    with silent_auth(mail):
        for _ in range(3):
            Lines(IMAPS, tls.client_context(key)).close()
    assert greeted(key)[1].startswith("* PREAUTH ")
    assert run("pgrep", "-f", "dovecot/imap-login").stdout == login
    assert "Panic" not in mail.log("dovecot")


def test_a_client_that_says_nothing_holds_nobody_up(mail, anna, key):
    """The handshake's end is waited for, for each client on its own."""
    mail.restart("dovecot", dovecot_settings.one_process("imap-login"))
    silent = Lines(IMAPS)
    assert greeted(key)[1].startswith("* PREAUTH ")
    silent.close()


@pytest.mark.parametrize("has_key", [True, False])
def test_managesieve_lists_external_after_starttls_for_who_has_a_key(
        mail, anna, has_key):
    """Clients take what is listed then, and do not ask again."""
    session = Lines(SIEVE)
    assert "EXTERNAL" not in "".join(session.until("OK"))
    session.send("STARTTLS")
    assert session.line().startswith("OK")
    session.starttls(tls.client_context(
        mail.device_key(anna) if has_key else None))
    sasl, = [line for line in session.until("OK") if "SASL" in line]
    assert ("EXTERNAL" in sasl) == has_key
    session.send('AUTHENTICATE "EXTERNAL" ""')
    assert session.until("OK|NO|BYE")[-1].startswith("OK") == has_key
    # Not along with it: stock managesieve-login forgets what it has read
    # behind a mechanism that it refuses, until more comes.
    session.send("NOOP")
    assert session.until("OK|NO|BYE")[-1].startswith("OK")


def test_the_log_has_no_crash_in_it(mail):
    log = mail.servers["dovecot"].log()
    assert not re.search("Panic|killed with signal", log)
