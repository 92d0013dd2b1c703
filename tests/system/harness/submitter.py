"""Many messages of one account's, a connection for some of them each."""

import smtplib

from . import tls
from .client import SUBMISSIONS_PORT, Reply


class Submitter:
    """Says whether smtpd takes them; what it takes goes to one recipient."""

    # Fewer than smtpd_soft_error_limit, behind which smtpd slows down.
    MESSAGES_MAX = 8

    def __init__(self, user, password, recipient):
        self.user, self.password = user, password
        self.recipient = recipient
        self.session = None
        self.count = 0

    def close(self):
        if self.session is not None:
            self.session.close()
        self.session = None

    def connect(self):
        if self.session is None or self.count == self.MESSAGES_MAX:
            self.close()
            self.session = smtplib.SMTP_SSL(
                "mail.example.org", SUBMISSIONS_PORT, timeout=30,
                context=tls.client_context())
            self.session.login(self.user, self.password)
            self.count = 0
        self.count += 1

    def command(self, line, octets=b""):
        self.session.send(line + b"\r\n" + octets)
        code, text = self.session.getreply()
        return Reply(code, text.decode())

    def submit(self, mail_from, message, smtputf8=False):
        """The reply that decided, and the step that it was given to."""
        self.connect()
        reverse_path = b"MAIL FROM:<" + mail_from.encode() + b">"
        steps = [reverse_path + (b" SMTPUTF8" if smtputf8 else b""),
                 b"RCPT TO:<" + self.recipient.encode() + b">", b"DATA"]
        for step in steps:
            reply = self.command(step)
            if reply.code not in (250, 354):
                self.command(b"RSET")
                return step.split(b" ")[0].decode(), reply
        # As it is: smtplib would make line ends of stray CRs.
        return "message", self.command(
            message.replace(b"\n.", b"\n..") + b"\r\n.")


def text(reply):
    """As `countersign sender check` has it; None if it was accepted."""
    return None if reply.accepted else f"{reply.code} {reply.text}"
