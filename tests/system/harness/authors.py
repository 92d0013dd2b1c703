"""The table of From: values, for tests of whole messages."""

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
    """(name, value, addresses or None for what must be refused)"""
    for line in TABLE.read_bytes().splitlines():
        if not line or line.startswith(b"#"):
            continue
        name, value, seen = line.split(b"\t")[:3]
        value = unescape(value)
        if survives_a_message(value):
            yield (name.decode(), value, None if seen == b"refused"
                   else unescape(seen).decode())
