"""The ways by which mail comes to Postfix, for the tests of both filters."""

import itertools
from pathlib import Path

import pytest

from .process import run

# What Postfix says of mail that no client brought: address and port.
HOST = ("127.0.0.1", "0")

# What is in the header of mail that is passed on: by Sieve, or by whoever got
# it here.
SIEVE = ("X-Sieve-Redirected-From", "bert@example.org")
EARLIER = ("Received", "from a.example.net (a.example.net [192.0.2.9])\n"
           "\tby mail.example.org (Postfix) with ESMTP id 4X\n"
           "\tfor <anna@example.org>; Sun, 22 Nov 2026 07:31:23 +0000 (UTC)")

# Sieve scripts of carl's that answer with a text.
ANSWERS = {
    "vacation": 'require "vacation";\n'
                'vacation :addresses "carl@example.org" "{}";\n',
    "reject": 'require "reject";\nreject "{}";\n'}

numbers = itertools.count(1)


def asked_of_all(milter):
    """main.cf: that filter is asked about all mail, Postfix's own and that of
    port 25 too."""
    return f"""
non_smtpd_milters = {milter}
smtpd_milters = {milter}
internal_mail_filter_classes = bounce
"""


def postfix_with(config):
    """A fixture: Postfix has that in its main.cf for all tests of the file."""
    @pytest.fixture(scope="module", autouse=True)
    def fixture(stack):
        with stack.usually("postfix", config):
            yield
    return fixture


def message(author, to="anna@example.org"):
    """A message, and what is in it alone."""
    mark = f"<path-{next(numbers)}@example.org>"
    return (f"From: {author}\nTo: {to}\nSubject: hello\n"
            f"Message-ID: {mark}\n\nHello.\n"), mark


def sendmail(text, sender, to="anna@example.org"):
    run("sendmail", "-i", "-f", sender, to, input=text)


def sendmail_bs(text, sender, to="anna@example.org"):
    """The same command, which is spoken to in SMTP."""
    text = text.replace("\n", "\r\n")
    done = run("sendmail", "-bs", input=(
        f"EHLO localhost\r\nMAIL FROM:<{sender}>\r\nRCPT TO:<{to}>\r\n"
        f"DATA\r\n{text}.\r\nQUIT\r\n"))
    assert "\n250 2.0.0 Ok: queued" in done.stdout, done.stdout


def arrives(mail, mark, account="anna"):
    return mail.wait_message(account, containing=mark)


def arrived(mail, mark, account="anna"):
    return any(mark in text for text in mail.messages(account))


def forwarder(forward):
    """A user of the host, forwarder@localhost, whose mail goes there."""
    home = Path("/home/forwarder")
    if not home.exists():
        run("useradd", "--create-home", "forwarder")
    (home / ".forward").write_text(forward + "\n")
