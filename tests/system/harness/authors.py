"""Values of From: and headers, for tests of whole messages of anna's."""

import re
from pathlib import Path

TABLE = Path(__file__).parents[2] / "unit" / "data" / "mailbox-list.tsv"
ESCAPES = {b"r": b"\r", b"n": b"\n", b"t": b"\t", b"\\": b"\\"}


def unescape(text):
    return re.sub(
        rb"\\(x([0-9A-Fa-f]{2})|.)",
        lambda found: bytes.fromhex(found[2].decode()) if found[2]
        else ESCAPES[found[1]], text)


def survives_a_message(value):
    """Does a message's header hand on the value as it is?"""
    return not re.search(rb"\0|\r(?!\n)|\n(?![ \t])", value)


def cases():
    """(name, value, addresses or None for what must be refused, status and
    text of the reply to its names, or "")"""
    for line in TABLE.read_bytes().splitlines():
        if not line or line.startswith(b"#"):
            continue
        name, value, seen, _, reply, *_ = line.split(b"\t") + [b"", b""]
        value = unescape(value)
        if survives_a_message(value):
            yield (name.decode(), value, None if seen == b"refused"
                   else unescape(seen).decode(), reply.decode())


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
