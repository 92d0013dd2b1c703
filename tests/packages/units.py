"""Our units and stock servers, as systemd and a user see them."""

import grp
import pwd
from pathlib import Path
from types import SimpleNamespace

from harness import client, tls
from harness.dovecot import Dovecot
from harness.postfix import Postfix
from harness.process import run, wait_for
from harness.server import greets

QUEUE = Path("/var/spool/postfix/countersign")
SOCKETS = {"milter-sender-check": QUEUE / "sender-check" / "milter",
           "milter-dkim": QUEUE / "dkim" / "milter",
           "milter-dkim-verify": QUEUE / "dkim-verify" / "milter"}
LAPTOP = SimpleNamespace(stem="/root/laptop", key="/root/laptop.key",
                         certificate="/root/laptop.crt")
MESSAGE = """\
From: {author}
To: anna@example.org
Date: Sun, 22 Nov 2026 01:02:03 +0000
Message-ID: <1@example.org>
Subject: {subject}

Hello.
"""


def make_accounts():
    """Anna, with a password, a key for her laptop and signatures of both kinds."""
    run("countersign", "directory", "init")
    run("countersign", "domain", "add", "example.org")
    run("countersign", "account", "add", "anna")
    run("countersign", "address", "add", "anna@example.org", "anna")
    run("countersign", "account", "passwd", "anna", input="pass word\n")
    run("countersign", "key", "new", "anna", "--name", "laptop", "--out",
        LAPTOP.stem)
    for algorithm in ("rsa", "ed25519"):
        run("countersign", "dkim", "generate", "example.org", "--selector",
            algorithm, "--algorithm", algorithm)
        run("countersign", "dkim", "activate", "example.org", algorithm,
            "--force")


def set_up_stack():
    """Servers as in the system tests, but started by systemd."""
    tls.make_ca()
    make_accounts()
    Dovecot().configure(None)
    Postfix().configure(None)
    Path("/etc/countersign/milter-sender-check.conf").write_text(
        "mode = enforce\n")
    run("systemctl", "reload", *SOCKETS)
    run("systemctl", "restart", "dovecot", "postfix")
    wait_servers()


def property_of(unit, name):
    return run("systemctl", "show", "--value", "--property", name,
               unit).stdout.strip()


def journal(unit):
    """Of this boot."""
    return run("journalctl", "--no-pager", "--output=cat", "--boot", "--unit",
               unit).stdout


def assert_socket(daemon):
    """It is the daemon's, and open to Postfix alone."""
    for path, mode in ((SOCKETS[daemon], 0o660),
                       (SOCKETS[daemon].parent, 0o2750)):
        status = path.stat()
        assert pwd.getpwuid(status.st_uid).pw_name == daemon
        assert grp.getgrgid(status.st_gid).gr_name == "postfix"
        assert status.st_mode & 0o7777 == mode


def wait_servers():
    for port, greeting in ((993, b"* OK"), (465, b"220 ")):
        wait_for(lambda: greets(port, greeting, tls.client_context()),
                 f"a greeting on port {port}")


def submit(subject, author="anna@example.org"):
    """By anna, to herself."""
    return client.submit("anna", "pass word", "anna@example.org",
                         ["anna@example.org"],
                         MESSAGE.format(author=author, subject=subject))


def wait_message(subject):
    """Anna's mail, once that message is there."""

    def arrived():
        text = run("doveadm", "fetch", "-u", "anna", "text", "mailbox",
                   "INBOX", "all", check=False).stdout
        return text if f"Subject: {subject}\n" in text else None

    return wait_for(arrived, f"the message {subject!r}")
