"""Dovecot's submission service in front of Postfix, and who could use it."""

import base64
import textwrap
from pathlib import Path

import pytest
from harness import tls
from harness.dovecot import FOLDER
from harness.lines import Lines
from harness.process import run
from harness.relay import DOVECOT, PORT, running, service
from harness.sasl import PORTS, Login

RELAY = Path("/var/lib/countersign/relay/relay.conf")


@pytest.fixture(scope="module")
def relay(stack):
    """Set up as the command does it."""
    with running(stack, lambda: stack.countersign(
            "setup", "dovecot", "--submission", "--apply")):
        yield


def submit(account, key=None, password=None, sender=None):
    """By Dovecot's submission service; its replies to MAIL, RCPT and DATA."""
    mechanism, response = ("EXTERNAL", b"") if password is None else (
        "PLAIN", f"\0{account}\0{password}".encode())
    sender = sender or f"{account}@example.org"
    with Login("submission", mechanism, response, key, keep=True) as login:
        assert login.accepted, login.line
        replies = [login.say(line) for line in (
            f"MAIL FROM:<{sender}>", f"RCPT TO:<{account}@example.org>",
            "DATA")]
        replies.append(login.say(
            f"From: <{sender}>\r\nSubject: by way of Dovecot\r\n\r\n.\r\n."))
    return replies


@pytest.mark.parametrize("how", ["key", "password"])
def test_mail_is_submitted_as_the_account_that_logged_in(mail, relay, how):
    anna = mail.account(password="secret")
    if how == "key":
        replies = submit(anna, key=mail.device_key(anna))
    else:
        replies = submit(anna, password="secret")
    assert replies[-1].startswith("250"), replies
    mail.wait_message(anna, containing="by way of Dovecot")
    mail.wait_log("postfix", rf"sasl_username={anna}\b")


def reply_without_auth(key, sender):
    """To MAIL, of Dovecot's submission service."""
    session = Lines(PORTS["submission"], tls.client_context(key))
    session.until("220 ")
    session.send("EHLO client.example.org")
    session.until("250 ")
    session.send(f"MAIL FROM:<{sender}@example.org>")
    return session.until(r"\d{3} ")[-1]


def test_who_has_a_key_needs_no_auth(mail, relay):
    anna = mail.account()
    reply = reply_without_auth(mail.device_key(anna), anna)
    assert reply.startswith("250 "), reply
    mail.wait_login(anna, "EXTERNAL", "key=<laptop>")


def test_a_key_can_demand_auth(mail, relay):
    anna = mail.account()
    key = mail.device_key()
    mail.add_key(anna, key, "--no-bare-submission")
    reply = reply_without_auth(key, anna)
    assert reply.startswith("535 "), reply
    mail.wait_log("dovecot", "is to submit with AUTH only")
    assert submit(anna, key)[-1].startswith("250")


@pytest.mark.parametrize("reply, key", [("530 ", None), ("535 ", "unknown")])
def test_who_has_none_of_an_account_needs_auth(mail, relay, reply, key):
    key = key and mail.device_key()
    assert reply_without_auth(key, mail.account()).startswith(reply)


# A program of any user on this host, at the service that Dovecot uses.
ATTACK = """
    import smtplib, sys
    client = smtplib.SMTP("127.0.0.1", int(sys.argv[1]), timeout=30)
    client.ehlo("attacker.example.net")
    for line in sys.argv[2:]:
        code, text = client.docmd(line)
        print(code, text.decode(), sep=" ")
"""


def attack(*lines):
    """What nobody is answered, by lines."""
    return run("runuser", "-u", "nobody", "--", "python3", "-c",
               textwrap.dedent(ATTACK), PORT, *lines).stdout.splitlines()


def plain(authzid, authid, password):
    return "AUTH PLAIN " + base64.b64encode(
        "\0".join((authzid, authid, password)).encode()).decode()


@pytest.mark.parametrize("claim", [
    "XCLIENT LOGIN={}", "XCLIENT ADDR=127.0.0.1 LOGIN={}",
    "XCLIENT NAME=localhost LOGIN={}@example.org"])
def test_nobody_assumes_a_login_by_xclient(mail, relay, claim):
    anna = mail.account()
    replies = attack(claim.format(anna), f"MAIL FROM:<{anna}@example.org>",
                     f"RCPT TO:<{anna}@example.org>")
    assert replies[0].startswith("5"), replies
    assert replies[-1].startswith("5"), replies
    assert f"sasl_username={anna}" not in mail.log("postfix")


def test_it_is_xclient_that_would_let_them(mail, relay):
    """The same attack, on what setup refuses."""
    anna = mail.account()
    mail.restart("postfix", service(smtpd_authorized_xclient_hosts="127.0.0.1"))
    replies = attack(f"XCLIENT LOGIN={anna}", "EHLO attacker.example.net",
                     f"MAIL FROM:<{anna}@example.org>",
                     f"RCPT TO:<{anna}@example.org>")
    assert replies[-1].startswith("250"), replies


@pytest.mark.parametrize("password", ["", "countersign-relay", "secret"])
@pytest.mark.parametrize("authzid", ["{}", ""])
def test_nobody_is_the_master_user_without_its_password(mail, relay, authzid,
                                                        password):
    anna = mail.account(password="secret")
    replies = attack(plain(authzid.format(anna), "countersign-relay",
                           password), f"MAIL FROM:<{anna}@example.org>",
                     f"RCPT TO:<{anna}@example.org>")
    assert replies[0].startswith("535"), replies
    assert replies[-1].startswith("5"), replies


@pytest.mark.parametrize("user", ["nobody", "vmail", "dovecot", "dovenull",
                                  "postfix"])
def test_the_password_is_roots_alone(relay, user):
    password = RELAY.read_text().split("\n")[0].split(" = ")[1]
    assert len(password) == 64
    assert RELAY.stat().st_mode & 0o7777 == 0o600
    for command in (("cat", RELAY), ("doveconf", "-n"),
                    ("doveconf", "-P", "submission_relay_password")):
        done = run("runuser", "-u", user, "--", *command, check=False)
        assert password not in done.stdout + done.stderr


def test_others_still_use_the_configuration(relay):
    """An unreadable file is passed over, not an error."""
    done = run("runuser", "-u", "nobody", "--", "doveconf", "-h",
               "submission_relay_host")
    assert done.stdout.strip() == "127.0.0.1"


def test_nobody_else_can_listen_where_dovecot_logs_in(relay):
    """Also not while Postfix is stopped: he would be told the password."""
    done = run("runuser", "-u", "nobody", "--", "python3", "-c",
               f"import socket; socket.socket().bind(('127.0.0.1', {PORT}))",
               check=False)
    assert "PermissionError" in done.stderr


def test_its_password_is_good_for_nobody_from_elsewhere(mail, relay):
    anna = mail.account()
    password = RELAY.read_text().split("\n")[0].split(" = ")[1]
    login = Login("imap", "PLAIN",
                  f"{anna}\0countersign-relay\0{password}".encode())
    assert not login.accepted, login.line


def test_a_disabled_account_is_refused(mail, relay):
    anna = mail.account(password="secret")
    key = mail.device_key(anna)
    mail.countersign("account", "disable", anna)
    assert not Login("submission", "EXTERNAL", key=key).accepted


WAYS = [
    ("", "has no service 127.0.0.1:588"),
    (service(smtpd_authorized_xclient_hosts="127.0.0.1"), "any user"),
    (service(smtpd_sasl_auth_enable="no"), "must be yes"),
    *((service(smtpd_relay_restrictions=restrictions),
       "any program on this host could send")
      for restrictions in (
          "permit_mynetworks,reject", "reject", "permit_sasl_authenticated",
          "permit_sasl_authenticated,permit_inet_interfaces,reject",
          "permit_sasl_authenticated,defer_unauth_destination",
          "check_client_access,cidr:/etc/postfix/x,permit_sasl_authenticated,"
          "reject",
          "permit_sasl_authenticated,warn_if_reject,reject")),
]


@pytest.mark.parametrize("config, reason", WAYS)
def test_setup_refuses_what_would_let_others_in(mail, config, reason):
    mail.restart("postfix", config)
    mail.restart("dovecot", DOVECOT)
    done = mail.countersign("setup", "dovecot", "--submission", "--apply",
                            check=False)
    assert done.returncode == 78 and reason in done.stderr, done.stderr


def test_what_it_says_to_do_makes_the_service(mail):
    mail.restart("postfix", "")
    mail.restart("dovecot", DOVECOT)
    done = mail.countersign("setup", "dovecot", "--submission", check=False)
    run("sh", "-ec", done.stderr.split("submits: ")[1])
    done = mail.countersign("setup", "dovecot", "--submission")
    assert done.stdout.endswith("setup dovecot --submission --apply\n")


@pytest.mark.parametrize("listen, refused", [("", True),
                                             ("listen = 127.0.0.2\n", False)])
def test_setup_refuses_a_port_that_is_postfixs(mail, listen, refused):
    """Dovecot would not start again."""
    site = FOLDER / "99-with-port.conf"
    mail.restart("postfix", service())
    mail.restart("dovecot", DOVECOT)
    site.write_text("service submission-login {\n  inet_listener submissions "
                    f"{{\n    port = 465\n  }}\n}}\n{listen}")
    try:
        done = mail.countersign("setup", "dovecot", "--submission",
                                check=False)
    finally:
        site.unlink()
    assert ("has port 465" in done.stderr) == refused, done.stderr
    assert done.returncode == (78 if refused else 0)


def test_setup_refuses_a_trusted_relay(mail):
    mail.restart("postfix", service())
    mail.restart("dovecot", DOVECOT + "submission_relay_trusted = yes\n")
    done = mail.countersign("setup", "dovecot", "--submission", check=False)
    assert "XCLIENT" in done.stderr, done.stderr


def test_what_the_site_does_for_clients_stays(mail):
    site = FOLDER / "11-site.conf"
    site.write_text("submission_client_workarounds = mailbox-for-path\n")
    mail.restart("postfix", service())
    mail.restart("dovecot", DOVECOT)
    try:
        mail.countersign("setup", "dovecot", "--submission", "--apply")
        now = run("doveconf", "submission_client_workarounds").stdout
    finally:
        site.unlink()
        mail.countersign("setup", "dovecot", "--submission", "--revert")
    assert "mailbox-for-path" in now and "implicit-auth-external" in now


def test_applied_and_reverted_all_is_as_before(mail):
    mail.restart("postfix", service())
    mail.restart("dovecot", DOVECOT)
    before = {path: path.read_bytes() for path in FOLDER.iterdir()}
    RELAY.parent.mkdir(mode=0o700, exist_ok=True)
    RELAY.write_text("submission_relay_password = what a crash left\npassdb {")
    mail.countersign("setup", "dovecot", "--submission", "--apply")
    password = RELAY.read_text()
    assert "crash" not in password
    done = mail.countersign("setup", "dovecot", "--submission", "--apply")
    assert done.stdout == "Nothing to change.\n"
    mail.countersign("setup", "dovecot", "--submission", "--revert")
    assert not RELAY.exists()
    mail.countersign("setup", "dovecot", "--submission", "--apply")
    assert RELAY.read_text() != password
    mail.countersign("setup", "dovecot", "--submission", "--revert")
    assert {path: path.read_bytes() for path in FOLDER.iterdir()} == before
