"""Values of From:, headers and addresses, for tests of anna's messages."""

import re
from pathlib import Path
from typing import NamedTuple

DATA = Path(__file__).parents[2] / "unit" / "data"
DIRECTORY = DATA / "sender-identity.directory"
ESCAPES = {b"r": b"\r", b"n": b"\n", b"t": b"\t", b"\\": b"\\"}
# As the parser spells those of anna's that mailbox-list.tsv has.
ADDRESSES = {"anna@example.org", "zo\u00eb@example.org",
             "anna@xn--bcher-kva.example.org"}
# Which of them a value may stand in.
FIELDS = ("From", "Sender", "Resent-From", "Resent-Sender")


def unescape(text):
    return re.sub(
        rb"\\(x([0-9A-Fa-f]{2})|.)",
        lambda found: bytes.fromhex(found[2].decode()) if found[2]
        else ESCAPES[found[1]], text)


def survives_a_message(value):
    """Does a message's header hand on the value as it is?"""
    return not re.search(rb"\0|\r(?!\n)|\n(?![ \t])", value)


def rows(name):
    """A table's lines, as lists of octets, escaped yet."""
    for line in (DATA / name).read_bytes().splitlines():
        if line and not line.startswith(b"#"):
            yield line.split(b"\t")


class Value(NamedTuple):
    """One of mailbox-list.tsv."""

    name: str
    value: bytes
    addresses: str  # None for what must be refused
    names: str  # status and text of the reply to its display names, or ""

    def message(self, field):
        """One of anna's own but for this field."""
        rest = {"From": b"Sender: anna@example.org\r\n",
                "Resent-From": OWN + b"Resent-Sender: anna@example.org\r\n"}
        return (rest.get(field, OWN) + field.encode() + b": " + self.value
                + b"\r\n\r\nHello.\r\n")

    def reply(self, field):
        """How the reply to that begins, and what else is in it; or None."""
        if self.addresses is None:
            return f"550 5.6.0 {field} field: ", ""
        seen = re.findall(r'(?:"(?:[^"\\]|\\.)*"|[^" ])+', self.addresses)
        if "Sender" in field and (len(seen) > 1 or "group" in self.name):
            return f"550 5.6.0 {field} field: one address", ""
        if not set(seen) <= ADDRESSES:
            return "550 5.7.1 the login anna may not write as <", field
        if self.names:
            status, _, part = self.names.partition(" ")
            return f"550 {status} ", part
        return None


def cases():
    for name, value, seen, *more in rows("mailbox-list.tsv"):
        value = unescape(value)
        if survives_a_message(value):
            yield Value(name.decode(), value, None if seen == b"refused"
                        else unescape(seen).decode(),
                        more[1].decode() if len(more) > 1 else "")


class Header(NamedTuple):
    """One of sender-identity.tsv."""

    name: str
    rules: str
    mail_from: str
    fields: bytes
    reply: str  # how it begins, or None if the message passes
    sender: str  # that is added, or None

    @property
    def message(self):
        return self.fields + b"\r\nHello.\r\n"


def headers():
    for name, rules, mail_from, fields, verdict, *sender in rows(
            "sender-identity.tsv"):
        envelope = mail_from.decode() or "anna@example.org"
        yield Header(name.decode(), rules.decode(),
                     "" if envelope == "<>" else envelope, unescape(fields),
                     None if verdict == b"pass" else verdict.decode(),
                     sender[0].decode() if sender else None)


class Address(NamedTuple):
    """One of sender-addresses.tsv; how replies begin, or None."""

    name: str
    address: str
    envelope_reply: str
    from_reply: str


REPLIES = {
    "pass": (None, None),
    "may not": ("550 5.7.1 the login anna may not send as <",
                "550 5.7.1 the login anna may not write as <"),
    "malformed": ("550 5.1.7 envelope sender <",
                  "550 5.6.0 From field: octet "),
}


def addresses():
    for name, address, verdict in rows("sender-addresses.tsv"):
        yield Address(name.decode(), unescape(address).decode(),
                      *REPLIES[verdict.decode()])


OWN = b"From: anna@example.org\r\n"
FOREIGN = b"From: bert@example.org\r\n"
NO_FROM = "550 5.6.0 the message has no From field"
TWO_FROM = "550 5.6.0 the message has 2 From fields, where one is allowed"
NOT_BERT = ("550 5.7.1 the login anna may not write as <bert@example.org> "
            "(From field)")

# (name, message, the reply that refuses it or None)
MALFORMED = [
    ("a body alone", b"\r\n" + OWN, NO_FROM),
    ("no From", b"To: x@example.net\r\n\r\n" + OWN, NO_FROM),
    ("two From", OWN + FOREIGN + b"\r\n", TWO_FROM),
    ("From with a space before its colon",
     OWN + b"From : bert@example.org\r\n\r\n", TWO_FROM),
    ("From with a tab before its colon",
     OWN + b"FROM\t: bert@example.org\r\n\r\n", TWO_FROM),
    ("From with a space before its colon, first of all",
     b"From : bert@example.org\r\n" + OWN + b"\r\n", None),
    ("an mbox separator", b"From bert Mon Jan  1\r\n" + OWN + b"\r\n", None),
    ("a bare LF before a second From",
     OWN + b"Subject: x\n" + FOREIGN + b"\r\n", TWO_FROM),
    ("a bare CR before a second From",
     b"From: <anna@example.org>\rFrom: <bert@example.org>\r\n\r\n",
     "550 5.6.0 From field: octet 20: text follows an address: write \",\" "
     "between addresses and quotes around names"),
    ("a bare CR before the first From", b"\r" + FOREIGN + OWN + b"\r\n",
     None),
    ("a bare CR before a later From", OWN + b"X: 1\r\n\r" + FOREIGN + b"\r\n",
     None),
    ("From as a fold in the first line", b" " + FOREIGN + OWN + b"\r\n",
     NO_FROM),
    ("a fold inside the name",
     b"X: 1\r\nFrom\r\n : bert@example.org\r\n" + OWN + b"\r\n", NO_FROM),
    ("a NUL in the name", b"Fr\0om: bert@example.org\r\n" + OWN + b"\r\n",
     NO_FROM),
    ("a NUL ends a value",
     b"From: anna@example.org\0, bert@example.org\r\n\r\n", None),
    ("a NUL does not end the folds",
     b"From: anna@example.org\0\r\n , bert@example.org\r\n\r\n", NOT_BERT),
    ("a name of nearly 2 KB", b"X" * 2047 + b": x\r\n" + OWN + b"\r\n", None),
    ("a name over 2 KB", b"X" * 2048 + b": x\r\n" + OWN + b"\r\n", NO_FROM),
    ("a garbage line before From", b"garbage\r\n" + OWN + b"\r\n", NO_FROM),
    ("a long field before From",
     b"X: " + b"x" * 150000 + b"\r\n" + FOREIGN + b"\r\n", NOT_BERT),
    ("an author behind the end of a long field",
     b"From: anna@example.org" + b"\r\n " * 60000 + b",bert@example.org\r\n",
     "550 5.6.0 From field: "),
    ("65 Senders", OWN + b"Sender: anna@example.org\r\n" * 65 + b"\r\n",
     "550 5.6.0 the From, Sender and Resent fields are too many or too "
     "long"),
]
