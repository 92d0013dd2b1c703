"""Mail clients."""

import imaplib
import smtplib
from typing import NamedTuple

from . import tls

IMAP_PORT = 993
SUBMISSIONS_PORT = 465
LMTP_SOCKET = "/var/spool/postfix/private/dovecot-lmtp"


class Reply(NamedTuple):
    """The reply that decided: the end's 250, or the first refusal."""

    code: int
    text: str

    @property
    def accepted(self):
        return self.code == 250


def transaction(client, sender, recipients, message):
    """One message over a connection that is there already; its Reply."""
    try:
        client.ehlo_or_helo_if_needed()
        for reply in (client.mail(sender), *map(client.rcpt, recipients)):
            if reply[0] != 250:
                return Reply(reply[0], reply[1].decode(errors="replace"))
        code, text = client.data(_bytes(message))
    except smtplib.SMTPResponseException as refusal:
        code, text = refusal.smtp_code, refusal.smtp_error
    return Reply(code, text.decode(errors="replace"))


def _bytes(message):
    if hasattr(message, "as_bytes"):
        message = message.as_bytes()
    if isinstance(message, str):
        message = message.encode("utf-8", errors="surrogateescape")
    return message


def submission(key=None):
    """A connection to submissions (465), nobody logged in."""
    return smtplib.SMTP_SSL("mail.example.org", SUBMISSIONS_PORT, timeout=30,
                            context=tls.client_context(key))


def submit(user, password, sender, recipients, message, key=None):
    """By submissions (465), with a password; the transaction's Reply."""
    with submission(key) as client:
        try:
            client.login(user, password)
        except smtplib.SMTPAuthenticationError as refusal:
            return Reply(refusal.smtp_code, refusal.smtp_error.decode())
        return transaction(client, sender, recipients, message)


def deliver(sender, recipients, message, source="192.0.2.9"):
    """To port 25, as a stranger from another host."""
    with smtplib.SMTP("mail.example.org", 25, timeout=30,
                      source_address=(source, 0)) as client:
        return transaction(client, sender, recipients, message)


def deliver_lmtp(recipient, message, sender="sender@example.net"):
    """To Dovecot's LMTP directly: delivered when this returns."""
    with smtplib.LMTP(LMTP_SOCKET) as client:
        return transaction(client, sender, [recipient], message)


def imap(user=None, password=None, key=None, authzid=""):
    """A session: by password, or EXTERNAL with a key, or as greeted."""
    session = imaplib.IMAP4_SSL("mail.example.org", IMAP_PORT,
                                ssl_context=tls.client_context(key),
                                timeout=30)
    if password is not None:
        session.login(user, password)
    elif key is not None and session.state == "NONAUTH":
        session.authenticate("EXTERNAL", lambda _: authzid.encode())
    return session
