"""milter-sender-check behind stock Postfix."""

import json
import re
import smtplib
import stat
from pathlib import Path

import pytest
from harness import authors, tls

PASSWORD = "correct horse"
DAEMON = "milter-sender-check"
SOCKET = Path("/var/spool/postfix/countersign/sender-check/milter")
SNAPSHOT = Path("/var/lib/countersign/published/directory.db")


@pytest.fixture(scope="module")
def anna(stack):
    """anna, whose addresses harness.authors has; bert is a colleague."""
    stack.account("bert")
    return stack.account("anna", password=PASSWORD)


def header(author):
    return f"From: {author}\nTo: x@example.org\nSubject: hello\n"


def submit(mail, message, sender="anna@example.org", account="anna"):
    return mail.submit(account, PASSWORD, sender, ["anna@example.org"],
                       message)


def test_own_mail_arrives_and_is_logged_with_its_queue_id(mail, anna):
    reply = submit(mail, header("Anna <anna@example.org>")
                   + "Message-ID: <own@example.org>\n\nHello.\n")
    assert reply.accepted, reply
    mail.wait_message(anna, containing="<own@example.org>")
    queue_id = mail.wait_log(
        "postfix", r"cleanup\[\d+\]: (\w+): message-id=<own@example.org>")[1]
    mail.wait_log(DAEMON, f"queue_id={queue_id} verdict=pass mode=enforce "
                          "account=anna login=anna "
                          "mail_from=anna@example.org from=anna@example.org")


def test_a_colleagues_from_is_refused_and_arrives_nowhere(mail, anna):
    reply = submit(mail, header("Bert <bert@example.org>")
                   + "Message-ID: <forged@example.org>\n\nHello.\n")
    assert reply == (550, "5.7.1 the login anna may not write as "
                          "<bert@example.org> (From field)")
    mail.wait_log(DAEMON, "verdict=reject mode=enforce account=anna")
    assert not any("<forged@example.org>" in text
                   for text in mail.messages(anna))


def test_a_colleagues_envelope_is_refused_at_mail(mail, anna):
    reply = submit(mail, header("anna@example.org") + "\nHello.\n",
                   sender="bert@example.org")
    assert reply == (550, "5.7.1 the login anna may not send as "
                          "<bert@example.org> (envelope sender)")
    mail.wait_log(DAEMON, "queue_id=NOQUEUE verdict=reject")


def test_a_null_envelope_does_not_excuse_the_from(mail, anna):
    reply = submit(mail, header("bert@example.org") + "\nHello.\n", sender="")
    assert reply.code == 550 and "(From field)" in reply.text


def test_an_address_in_unicode_is_known_in_every_spelling(mail, anna):
    mail.countersign("address", "add", "jürgen@example.org", "anna")
    with smtplib.SMTP_SSL("mail.example.org", 465, timeout=30,
                          context=tls.client_context()) as session:
        session.login("anna", PASSWORD)
        for sender in ("jürgen@example.org", "ju\u0308rgen@EXAMPLE.org"):
            session.command_encoding = "utf-8"
            code, text = session.mail(sender, ["SMTPUTF8"])
            assert code == 250, text
            assert session.rcpt("anna@example.org")[0] == 250
            code, text = session.data(header(f"J <{sender}>").encode() + b"\n")
            assert code == 250, text


def test_the_next_message_of_a_connection_stands_for_itself(mail, anna):
    with smtplib.SMTP_SSL("mail.example.org", 465, timeout=30,
                          context=tls.client_context()) as session:
        session.login("anna", PASSWORD)
        for author, code in (("anna", 250), ("bert", 550), ("anna", 250)):
            session.mail("anna@example.org")
            session.rcpt("anna@example.org")
            assert session.data(
                header(f"{author}@example.org").encode() + b"\n")[0] == code
        session.mail("anna@example.org")
        session.rcpt("anna@example.org")
        assert session.data(b"Subject: no From\r\n\r\n")[0] == 550


def test_mail_from_outside_is_not_checked(mail, anna):
    reply = mail.deliver("bert@example.org", ["anna@example.org"],
                         header("bert@example.org") + "\nHello.\n")
    assert reply.accepted, reply


def test_the_login_is_told_whatever_postfix_is_set_to_tell(mail, anna):
    mail.restart("postfix", "milter_mail_macros = i\n")
    reply = submit(mail, header("bert@example.org") + "\nHello.\n")
    assert reply.code == 550, reply


def reload(mail, config):
    mail.reload(DAEMON, config)


def test_as_installed_it_refuses_nothing_and_logs_what_it_would(mail, anna):
    reload(mail, mail.servers[DAEMON].stock_config)
    reply = submit(mail, header("bert@example.org") + "\nHello.\n")
    assert reply.accepted, reply
    mail.wait_log(DAEMON, "verdict=reject mode=report account=anna login=anna "
                          "field=From address=bert@example.org")


def test_the_report_shows_what_passed_and_what_was_refused(mail, anna):
    forged = header("bert@example.org") + "\nHello.\n"
    reload(mail, "mode = report\n")
    assert submit(mail, forged).accepted
    reload(mail, None)
    assert submit(mail, forged).code == 550
    mail.wait_log(DAEMON, "verdict=reject mode=enforce")
    log = mail.log(DAEMON)
    rows = json.loads(mail.countersign("--json", "sender", "report", "-",
                                       input=log).stdout)
    assert {(row["account"], row["address"], row["field"], row["verdict"],
             row["count"]) for row in rows} == {
        ("anna", "bert@example.org", "From", "reject", 1)}
    assert sorted(row["mode"] for row in rows) == ["enforce", "report"]
    for row in rows:
        assert f"queue_id={row['last_queue_id']} verdict=reject" in log


def test_in_report_mode_mail_passes_while_the_directory_is_gone(mail, anna):
    reload(mail, "mode = report\n")
    # Alone: the signer puts off what it can't ask about.
    mail.restart("postfix", "[submissions]\nsmtpd_milters = "
                            "unix:countersign/sender-check/milter\n")
    with smtplib.SMTP_SSL("mail.example.org", 465, timeout=30,
                          context=tls.client_context()) as session:
        session.login("anna", PASSWORD)  # which asks the directory too
        aside = SNAPSHOT.rename(SNAPSHOT.with_suffix(".aside"))
        try:
            session.sendmail("anna@example.org", "anna@example.org",
                             header("bert@example.org") + "\nHello.\n")
        finally:
            aside.rename(SNAPSHOT)
    mail.wait_log(DAEMON, "verdict=defer mode=report login=anna reason=.*"
                          "directory.db")


def test_while_the_daemon_is_down_mail_waits_with_its_sender(mail, anna):
    mail.servers[DAEMON].stop()
    assert not SOCKET.exists()
    reply = submit(mail, header("anna@example.org") + "\nHello.\n")
    assert reply.code in (451, 454), reply  # 454: at AUTH already
    mail.servers[DAEMON].start()
    assert submit(mail, header("anna@example.org") + "\nHello.\n").accepted


def test_a_message_at_hand_when_the_daemon_ends_is_put_off(mail, anna):
    with smtplib.SMTP_SSL("mail.example.org", 465, timeout=30,
                          context=tls.client_context()) as session:
        session.login("anna", PASSWORD)
        assert session.mail("anna@example.org")[0] == 250
        assert session.rcpt("anna@example.org")[0] == 250
        mail.servers[DAEMON].stop()
        code, text = session.data(header("anna@example.org").encode() + b"\n")
        assert code == 451, text


def test_while_the_directory_is_gone_mail_waits_with_its_sender(mail, anna):
    with smtplib.SMTP_SSL("mail.example.org", 465, timeout=30,
                          context=tls.client_context()) as session:
        session.login("anna", PASSWORD)
        aside = SNAPSHOT.rename(SNAPSHOT.with_suffix(".aside"))
        try:
            code, text = session.mail("anna@example.org")
        finally:
            aside.rename(SNAPSHOT)
        assert (code, text.decode()) == (
            451, "4.3.0 the account directory can't be asked now, try again "
                 "later")
        assert session.mail("anna@example.org")[0] == 250
    mail.wait_log(DAEMON, "verdict=defer mode=enforce login=anna .*directory.db")


def test_only_postfix_may_connect(mail, anna):
    status = SOCKET.stat()
    assert stat.S_IMODE(status.st_mode) == 0o660
    assert SOCKET.group() == "postfix"
    assert SOCKET.owner() == DAEMON


def fields_read_loosely(message):
    """Header fields, as readers find them that break lines at any CR or LF
    and pass over NUL."""
    header = re.split(rb"\r?\n\r?\n", message, maxsplit=1)[0]
    unfolded = re.sub(rb"[\r\n]+[ \t]+", b" ", header.replace(b"\0", b""))
    return re.split(rb"[\r\n]+", unfolded)


def test_what_arrives_shows_no_author_but_the_one_that_was_checked(mail, anna):
    expected = {}
    for number, (name, message, refusal) in enumerate(authors.MALFORMED):
        if refusal is None:
            mark = f"<malformed-{number}@example.org>"
            expected[mark] = name
            # Last in the header: what stands before is as it was made.
            header, _, _ = message.partition(b"\r\n\r\n")
            reply = submit(mail, header + b"\r\nMessage-ID: "
                           + mark.encode() + b"\r\n\r\nHello.\r\n")
            assert reply.accepted, (name, reply)
    for mark, name in expected.items():
        mail.wait_message(anna, containing=mark)
        stored = next(text for text in stored_messages(anna)
                      if mark.encode() in text)
        shown = [field for field in fields_read_loosely(stored)
                 if re.match(rb"from[ \t]*:", field, re.I)]
        assert len(shown) == 1 and b"anna@" in shown[0], (name, shown)
        assert b"bert@" not in shown[0], name


def stored_messages(account):
    maildir = Path("/var/vmail", account, "Maildir")
    return [path.read_bytes() for folder in ("new", "cur")
            for path in (maildir / folder).iterdir()]
