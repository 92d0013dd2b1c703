"""The limits of milter-sender-check behind stock Postfix."""

import contextlib
import json
import smtplib

import pytest
from harness import tls
from harness.process import run, wait_for

PASSWORD = "correct horse"
DAEMON = "milter-sender-check"
MESSAGE = b"From: anna@example.org\r\nSubject: hello\r\n\r\nHello.\r\n"
HOUR = (60, 61, 62, 63)


@pytest.fixture(scope="module")
def anna(stack):
    stack.account("bert")
    return stack.account("anna", password=PASSWORD)


@pytest.fixture
def limited(mail, anna):
    """Start with these limits, and nothing counted."""
    def start(**limits):
        mail.restart(DAEMON, config(**limits))
        return mail
    return start


def config(**limits):
    return "mode = enforce\n" + "".join(
        f"{name} = {number}\n" for name, number in limits.items())


def reload(mail, **limits):
    before = mail.log(DAEMON).count("reloaded")
    mail.servers[DAEMON].reload(config(**limits))
    wait_for(lambda: mail.log(DAEMON).count("reloaded") > before, "the reload")


@contextlib.contextmanager
def connected():
    with smtplib.SMTP_SSL("mail.example.org", 465, timeout=30,
                          context=tls.client_context()) as session:
        session.login("anna", PASSWORD)
        yield session


def send(session, *recipients):
    """The first reply that is not of success, or the last one."""
    code, text = session.mail("anna@example.org")
    if code == 250:
        for recipient in recipients or ["bert@example.org"]:
            session.rcpt(recipient)
        code, text = session.data(MESSAGE)
    session.rset()
    return f"{code} {text.decode()}"


def reached(limit):
    return [f"450 4.7.1 the account of the login anna has reached its limit "
            f"of {limit}, try again in {minutes} minutes" for minutes in HOUR]


def test_by_default_there_is_no_limit(limited):
    limited()
    with connected() as session:
        for _ in range(50):
            assert send(session).startswith("250 ")


def test_beyond_the_limit_a_client_is_told_how_long_to_wait(limited):
    mail = limited(messages_per_hour=2)
    with connected() as session, connected() as other:
        assert send(session).startswith("250 ")
        assert send(other).startswith("250 ")
        assert send(session) in reached("2 messages an hour")
        assert send(other) in reached("2 messages an hour")
    with connected() as session:
        code, text = session.mail("anna@example.org")
        assert f"{code} {text.decode()}" in reached("2 messages an hour")
    mail.wait_log(DAEMON, 'verdict=defer mode=enforce account=anna login=anna '
                          'reason="the limit of 2 messages an hour is reached"')
    mail.wait_log("postfix", "milter-reject: MAIL .* 450 4.7.1 the account")


def test_a_reload_keeps_what_was_counted(limited):
    mail = limited(messages_per_hour=2)
    with connected() as session:
        assert send(session).startswith("250 ")
        reload(mail, messages_per_hour=2)
        assert send(session).startswith("250 ")
        reload(mail, messages_per_hour=2)
        assert send(session) in reached("2 messages an hour")
        reload(mail, messages_per_hour=3)
        assert send(session).startswith("250 ")
        assert send(session) in reached("3 messages an hour")


def test_recipients_that_postfix_takes_are_counted(limited):
    mail = limited(recipients_per_hour=4)
    with connected() as session:
        assert send(session, "bert@example.org", "anna@example.org",
                    "nobody@example.org").startswith("250 ")
        reply = send(session, *["bert@example.org"] * 3)
        assert reply in [
            "450 4.7.1 the account of the login anna has 2 left of its limit "
            "of 4 recipients an hour, and the message has 3: send it to "
            f"fewer, or try again in {minutes} minutes" for minutes in HOUR]
        assert send(session, *["bert@example.org"] * 5) == (
            "550 5.7.1 the message has 5 recipients, and the account of the "
            "login anna a limit of 4 recipients an hour: send it to fewer at "
            "a time")
        assert send(session, *["bert@example.org"] * 2).startswith("250 ")
        assert send(session) in reached("4 recipients an hour")
    mail.wait_log("postfix", "milter-reject: END-OF-MESSAGE .* 4.7.1 the account")


def test_a_connection_from_before_the_limit_is_put_off(limited):
    mail = limited()
    with connected() as session:
        assert send(session).startswith("250 ")
        reload(mail, recipients_per_hour=10)
        assert send(session) == ("450 4.7.1 the limits have changed, connect "
                                 "again")
    with connected() as session:
        assert send(session).startswith("250 ")


def test_the_hosts_own_mail_counts_for_its_account_and_waits(limited):
    """What is beyond the limit stays in Postfix's maildrop."""
    mail = limited(recipients_per_hour=1, local="anna")
    mail.restart("postfix", "non_smtpd_milters = "
                            "unix:countersign/sender-check/milter\n")
    for mark in ("first", "second"):
        run("sendmail", "-f", "anna@example.org", "bert@example.org",
            input=f"From: anna@example.org\nSubject: {mark}\n\nHello.\n")
    mail.wait_message("bert", containing="Subject: first")
    mail.wait_log(DAEMON, 'verdict=defer mode=enforce path=local account=anna '
                          'reason="the limit of 1 recipients an hour is '
                          'reached"')
    assert not any("Subject: second" in text
                   for text in mail.messages("bert"))


def test_the_report_sums_up_what_the_limit_put_off(limited):
    mail = limited(messages_per_hour=1)
    with connected() as session:
        assert send(session).startswith("250 ")
        for _ in range(3):
            assert send(session) in reached("1 messages an hour")
    wait_for(lambda: mail.log(DAEMON).count("verdict=defer") == 3, "the log")
    rows = json.loads(mail.countersign("--json", "sender", "report", "-",
                                       input=mail.log(DAEMON)).stdout)
    assert [(row["account"], row["reason"], row["verdict"], row["count"])
            for row in rows] == [
        ("anna", "the limit of 1 messages an hour is reached", "defer", 3)]
