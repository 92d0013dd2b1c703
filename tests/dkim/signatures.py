"""Our signatures beside those of two other implementations.

usage: signatures.py OPENDKIM-TEST MESSAGES

opendkim-test compares with libopendkim where that is right; what it leaves
undecided dkimpy verifies here, and no octet is changed on the way: its own
parser, which mends line ends, is passed by.
"""

import collections
import io
import os
import re
import subprocess
import sys
import tempfile

import dkim
from dkim.canonicalization import ALGORITHMS, Relaxed

def read_all(path):
    with open(path, "rb") as file:
        return io.BytesIO(file.read())


def read_item(file):
    return file.read(int(file.readline()))


def read_cases(file):
    """Fields as name and value, the body, and the signature's value."""
    while line := file.readline():
        fields = []
        for _ in range(int(line)):
            name, _, value = read_item(file).partition(b":")
            fields.append([name, value + b"\r\n"])
        yield fields, read_item(file), read_item(file)


def is_stripped(fields, signature):
    """Whether dkimpy takes more off a field than SP and HTAB."""
    if b"c=relaxed/" not in signature:
        return False
    values = [value.replace(b"\r\n", b"") for _, value in fields]
    return any(value.strip() != value.strip(b" \t") for value in values)


class RelaxedAsWritten(Relaxed):
    """RFC 6376 3.4.2, a step a line: dkimpy's, but for what it strips."""

    @staticmethod
    def canonicalize_headers(headers):
        canonical = []
        for name, value in headers:
            value = value.replace(b"\r\n", b"")
            value = re.sub(b"[ \t]+", b" ", value).strip(b" ")
            canonical.append((name.lower(), value + b"\r\n"))
        return canonical


def verifies(fields, body, signature, records):
    message = dkim.DKIM()
    field = signature.replace(b"\n", b"\r\n") + b"\r\n"
    message.headers = [[b"DKIM-Signature", field], *fields]
    # As the SMTP client adds it.
    message.body = body if body.endswith(b"\r\n") or not body else (
        body + b"\r\n")
    return message.verify(
        dnsfunc=lambda name, timeout=5: records[name.split(b".")[0]])


def main():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "undecided")
        subprocess.run([sys.argv[1], sys.argv[2], path], check=True)
        file = read_all(path)
    records = {name: file.readline().strip() for name in (b"rsa", b"ed25519")}
    counts = collections.Counter()
    for fields, body, signature in read_cases(file):
        mended = is_stripped(fields, signature)
        ALGORITHMS[b"relaxed"] = RelaxedAsWritten if mended else Relaxed
        if not verifies(fields, body, signature, records):
            sys.exit(f"dkimpy does not verify {signature!r} of {fields!r} "
                     f"with the body {body!r}")
        counts[mended] += 1
    print(f"dkimpy verified {counts[False]} of those; and {counts[True]}, "
          f"mended: it takes CR, VT and FF at an end of a value for white "
          f"space; none is left out")
    assert counts[False] > 0


if __name__ == "__main__":
    main()
