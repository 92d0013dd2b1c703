"""A user's device, and what is read and written on it."""

import os
import re
from textwrap import dedent

from harness import tls
from harness.process import run

HOST = "mail.example.org"


class Device:
    """The files of `countersign key new`, and the steps that it printed."""

    def __init__(self, mail, account, stem, key_type="p256"):
        self.folder = stem.parent
        self.text = mail.countersign("key", "new", account, "--name",
                                     stem.name, "--out", stem, "--type",
                                     key_type).stdout
        self.fingerprint = re.search(r"sha256:\S+", self.text)[0]
        self.p12_password = re.search(r"^p12 password\s+(\S+)$", self.text,
                                      re.M)[1]
        self.p12, self.certificate, self.key = (
            f"{stem}.{suffix}" for suffix in ("p12", "crt", "key"))

    def steps(self, client):
        """The lines for that client, for this host."""
        lines = re.search(rf"^{client} ((?:.*\n {{13}})*.*\n)", self.text,
                          re.M)[1]
        return dedent(" " * (len(client) + 1) + lines).replace(
            "HOST", HOST).splitlines()

    def run(self, *command, input=None, check=True):
        """A command of the user's; $HOME is the folder of the files."""
        return run(*command, input=input, check=check, env=self.environment())

    def environment(self):
        return {"HOME": str(self.folder), "PATH": os.environ["PATH"],
                "LANG": "C.UTF-8", "TERM": "vt100",
                "CURL_CA_BUNDLE": str(tls.CA)}

    def write(self, name, *lines):
        """A file only the user may read."""
        path = self.folder / name
        path.write_text("\n".join(lines) + "\n")
        path.chmod(0o600)
        return path


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

    def wait_arrived(self, mail, account):
        text = mail.wait_message(account, containing=self.subject)
        assert self.body in text, text
        assert re.search(rf"^From: .*{self.sender}", text, re.M), text
