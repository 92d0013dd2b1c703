"""A mail server that an admin has set up with our packages, under systemd."""

import imaplib
import itertools
from pathlib import Path

from debian import PACKAGES, assert_servers_work
from harness import client, tls
from harness.dovecot import FOLDER as CONF_D, Dovecot
from harness.postfix import FOLDER, Postfix
from harness.process import run, wait_for
from units import LAPTOP, submit, wait_servers

ENFORCE = Path("/etc/countersign/milter-sender-check.conf")
MASTER = FOLDER / "master.cf"
LIST_MAIL = """\
From: Stranger <stranger@example.net>
To: dev@lists.example.net
List-Id: <dev.lists.example.net>
Subject: {}

Hello.
"""
numbers = itertools.count(1)


def drop_lines(path, containing):
    path.write_text("".join(
        line for line in path.read_text().splitlines(keepends=True)
        if containing not in line))


def configure_servers():
    """As an admin would without our packages."""
    tls.make_ca()
    Dovecot().configure(None)
    Postfix().configure(None)
    drop_lines(MASTER, "unix:countersign/")
    for path in CONF_D.glob("*.conf"):
        drop_lines(path, "!include_try /usr/share/dovecot-")
    run("systemctl", "restart", "dovecot", "postfix")


def set_up():
    """Everything in use: what is done after each installation."""
    ENFORCE.write_text("mode = enforce\n")
    run("systemctl", "reload", "milter-sender-check", "milter-dkim")
    run("countersign", "setup", "postfix", "--apply")
    run("countersign", "setup", "dovecot", "--apply")


def fetch(subject):
    """Mailbox and text of the message, when it has arrived."""
    return wait_for(
        lambda: run("doveadm", "fetch", "-u", "anna", "mailbox text",
                    "mailbox", "*", "header", "subject", subject,
                    check=False).stdout, f"the message {subject!r}")


def key_logs_in():
    try:
        client.imap(key=LAPTOP).logout()
    except imaplib.IMAP4.error:
        return False
    return True


def at_work():
    """The packages that show in what becomes of mail and logins.

    In any case a message is submitted and one comes from outside, both
    arrive, and a password reads them.
    """
    wait_servers()
    number = f"no{next(numbers)}x"
    found = set()
    reply = submit(f"own {number}")
    assert reply.accepted, reply
    if "DKIM-Signature: " in fetch(f"own {number}"):
        found.add("milter-dkim")
    reply = submit("another's", author="bert@example.org")
    assert reply.accepted or reply.code == 550, reply
    if not reply.accepted:
        found.add("milter-sender-check")
    reply = client.deliver("stranger@example.net", ["anna@example.org"],
                           LIST_MAIL.format(f"list {number}"),
                           source="127.0.0.1")
    assert reply.accepted, reply
    if not fetch(f"list {number}").startswith("mailbox: INBOX\n"):
        found.add("dovecot-sieve-ext")
    if key_logs_in():
        found.add("dovecot-auth-tlspubkey")
    session = client.imap("anna", "pass word")
    session.select()
    assert session.search(None, "SUBJECT", f'"own {number}"')[1] != [b""]
    return found


def assert_at_work(names):
    assert_servers_work()
    assert at_work() == set(names) - {"countersign"}
    assert run("systemctl", "--failed", "--plain", "--no-legend",
               "--quiet").stdout == ""


def assert_all_at_work():
    assert_at_work(PACKAGES)
