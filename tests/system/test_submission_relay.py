"""Dovecot's submission service in front of Postfix, and who could use it."""

import base64
import textwrap
from pathlib import Path

import pytest
from harness.dovecot import FOLDER
from harness.process import run
from harness.sasl import PORTS, Login

PORT = 10587
RELAY = Path("/var/lib/countersign/relay/relay.conf")
SERVICE = f"127.0.0.1:{PORT}"
# As the command says how to make it.
OPTIONS = """
    syslog_name=postfix/relay smtpd_sasl_auth_enable=yes
    smtpd_sasl_type=dovecot smtpd_sasl_path=private/auth
    smtpd_tls_security_level=none smtpd_tls_auth_only=no
    smtpd_authorized_xclient_hosts=
    smtpd_relay_restrictions=permit_sasl_authenticated,reject
    smtpd_recipient_restrictions= milter_macro_daemon_name=ORIGINATING
""".split()


def service(**changes):
    """The lines of master.cf."""
    options = dict(option.split("=", 1) for option in OPTIONS)
    lines = [f"{SERVICE} inet n - y - - smtpd"]
    lines += [f"  -o {name}={value}"
              for name, value in {**options, **changes}.items()]
    return "\n[master.cf]\n" + "\n".join(lines) + "\n"


# The standard port is Postfix's in the tests.
DOVECOT = ("protocols = imap pop3 lmtp sieve submission\n"
           "service submission-login {\n  inet_listener submissions {\n"
           f"    port = {PORTS['submission']}\n    ssl = yes\n  }}\n}}\n")


@pytest.fixture(scope="module")
def relay(stack):
    """Set up as the command does it."""
    with stack.usually("postfix", service()), \
            stack.usually("dovecot", DOVECOT):
        done = stack.countersign("setup", "dovecot", "--submission", "--apply")
        dovecot = stack.servers["dovecot"]
        dovecot.stop()
        dovecot.launch()
        yield done
        stack.countersign("setup", "dovecot", "--submission", "--revert")


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
    ("", "has no service 127.0.0.1:10587"),
    (service(smtpd_authorized_xclient_hosts="127.0.0.1"), "any user"),
    (service(smtpd_sasl_auth_enable="no"), "must be yes"),
    (service(smtpd_relay_restrictions="permit_mynetworks,reject"),
     "any program on this host could send"),
]


@pytest.mark.parametrize("config, reason", WAYS, ids=[why for _, why in WAYS])
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


def test_setup_refuses_a_trusted_relay(mail):
    mail.restart("postfix", service())
    mail.restart("dovecot", DOVECOT + "submission_relay_trusted = yes\n")
    done = mail.countersign("setup", "dovecot", "--submission", check=False)
    assert "XCLIENT" in done.stderr, done.stderr


def test_applied_and_reverted_all_is_as_before(mail):
    mail.restart("postfix", service())
    mail.restart("dovecot", DOVECOT)
    before = {path: path.read_bytes() for path in FOLDER.iterdir()}
    mail.countersign("setup", "dovecot", "--submission", "--apply")
    assert RELAY.exists()
    done = mail.countersign("setup", "dovecot", "--submission", "--apply")
    assert done.stdout == "Nothing to change.\n"
    mail.countersign("setup", "dovecot", "--submission", "--revert")
    assert not RELAY.exists()
    assert {path: path.read_bytes() for path in FOLDER.iterdir()} == before
