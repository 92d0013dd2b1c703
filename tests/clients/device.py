"""A user's device, and what is read and written on it."""

import imaplib
import os
import re
from pathlib import Path
from textwrap import dedent

import pytest

from harness import tls
from harness.process import run

HOST = "mail.example.org"


def with_keys(*types, ways=("external", "preauth")):
    """Run a test on a device with a key of each of these types, in IMAP over
    TLS by each of these ways."""
    return pytest.mark.parametrize(
        "device", [pytest.param((key_type, way), id=f"{key_type}-{way}")
                   for key_type in types for way in ways], indirect=True)


class Device:
    """The files of `countersign key new`, and the steps that it printed."""

    def __init__(self, mail, account, home, key_type="p256", way="external"):
        self.account = account
        self.home = home
        self.folder = home / ".mailkey"
        self.folder.mkdir(mode=0o700, exist_ok=True)
        stem = self.folder / "laptop"
        self.text = mail.countersign(
            "key", "new", account, "--name", "laptop", "--out", stem,
            "--type", key_type,
            *(["--no-preauth"] * (way == "external"))).stdout
        self.fingerprint = re.search(r"sha256:\S+", self.text)[0]
        self.p12_password = re.search(r"^p12 password\s+(\S+)$", self.text,
                                      re.M)[1]
        self.p12, self.certificate, self.key = (
            f"{stem}.{suffix}" for suffix in ("p12", "crt", "key"))
        if way == "preauth":
            assert self.greeted_as() == "AUTH"

    def greeted_as(self):
        with imaplib.IMAP4_SSL(HOST, ssl_context=tls.client_context(self),
                               timeout=30) as session:
            return session.state

    def steps(self, client):
        """The lines for that client, for this host."""
        lines = re.search(rf"^{client} ((?:.*\n {{13}})*.*\n)", self.text,
                          re.M)[1]
        return dedent(" " * (len(client) + 1) + lines).replace(
            "HOST", HOST).splitlines()

    def run(self, *command, input=None, check=True, folder=None,
            environment=None):
        """A command of the user's, in a folder or at home."""
        return run(*command, input=input, check=check,
                   env=self.environment() | (environment or {}),
                   cwd=folder or self.home)

    def environment(self):
        return {"HOME": str(self.home), "PATH": os.environ["PATH"],
                "LANG": "C.UTF-8", "TERM": "vt100"}

    def write(self, name, *lines):
        """A file only the user may read."""
        path = self.home / name
        path.write_text("\n".join(lines) + "\n")
        path.chmod(0o600)
        return path

    def write_password(self, password="secret"):
        """Where the guide has it read from."""
        return self.write(".mailkey/password", password)

    def maildir(self):
        """For programs that expect one."""
        folder = self.home / "Maildir"
        for name in ("cur", "new", "tmp"):
            (folder / name).mkdir(parents=True)

    def fetched(self):
        """The messages that a program has brought home."""
        return [path.read_text()
                for path in Path(self.home, "Maildir").rglob("*")
                if path.parent.name in ("cur", "new")]


class Letter:
    """A message that can be told from every other."""

    number = 0

    def __init__(self, sender, recipient):
        Letter.number += 1
        self.sender = f"{sender}@example.org"
        self.recipient = f"{recipient}@example.org"
        self.subject = f"Letter {Letter.number}"
        self.body = f"Body of letter {Letter.number}."
        self.text = (f"From: {self.sender}\nTo: {self.recipient}\n"
                     f"Subject: {self.subject}\n\n{self.body}\n")

    @classmethod
    def delivered(cls, mail, account):
        letter = cls("sender", account)
        reply = mail.deliver_lmtp(letter.recipient, letter.text)
        assert reply.accepted, reply
        return letter

    def alone_in(self, texts):
        """Are these messages this one?"""
        return [self.body in text for text in texts] == [True]

    def wait_arrived(self, mail, account):
        text = mail.wait_message(account, containing=self.subject)
        assert self.body in text, text
        assert re.search(rf"^From: .*{self.sender}", text, re.M), text
