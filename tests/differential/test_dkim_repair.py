"""What milter-dkim converts says the same to Python's email as before."""

import base64
import email
import quopri
import random
import re

import pytest

from programs import CORPUS, ask_ours, messages_of_corpus

SEED = 2045
GENERATED = 4000
LINE_MAX = 998
HEADER = (b"From: a@example.org\r\nDate: Sun, 22 Nov 2026 10:00:00 +0000\r\n"
          b"Message-ID: <1@example.org>\r\nMIME-Version: 1.0\r\n")


def mend(messages, convert=True):
    """For each what was mended, what is at risk, and the message then."""
    return [(mended, at_risk, bytes.fromhex(text))
            for mended, at_risk, text in ask_ours(
                [(b"1" if convert else b"0") + text for text in messages])]


def header_of(part):
    """Its fields but the encoding's, without folds."""
    return [(name.lower(), re.sub(r"\r?\n", "", str(value)))
            for name, value in part.items()
            if name.lower() not in ("content-transfer-encoding",
                                    "mime-version")]


def said(part):
    """What a reader sees of a message: tree, fields and decoded octets."""
    if part.is_multipart():
        return (header_of(part), part.preamble, part.epilogue,
                [said(inner) for inner in part.get_payload()])
    return header_of(part), part.get_payload(decode=True)


def parts(part):
    yield part
    if part.is_multipart():
        for inner in part.get_payload():
            yield from parts(inner)


def encodings(text):
    return {part.get("Content-Transfer-Encoding", "7bit").strip().lower()
            for part in parts(email.message_from_bytes(text))}


class Messages:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def pick(self, *choices):
        return self.random.choice(choices)

    def octets(self, binary):
        pieces = [b"Hello. ", b"=", b"==", b"\t", b" ", b".", b"--", b"-",
                  b"From ", b"=_b", b"a" * 70, b"b" * 80,
                  "Grüße ".encode(), "не ".encode(), b"\xff"]
        if binary:
            pieces += [b"\0", b"\x0c", b"\x0b"]
        text = b""
        for _ in range(self.random.randrange(6)):
            line = b"".join(self.pick(*pieces)
                            for _ in range(self.random.randrange(8)))
            if self.random.random() < 0.15:
                line += self.pick(b"x", b"word ", b"=", b"\xc3\xa4") * 900
            text += line + b"\r\n" * self.pick(1, 1, 1, 2)
        return text

    def leaf(self):
        """Header and body, which ends with CRLF."""
        encoding = self.pick("7bit", "8bit", "8BIT", "binary", None,
                             "quoted-printable", "base64")
        octets = self.octets(encoding == "binary")
        if encoding in ("7bit", None):
            octets = bytes(octet for octet in octets if octet < 128)
        elif encoding == "quoted-printable":
            octets = quopri.encodestring(
                octets.replace(b"\r\n", b"\n")).replace(b"\n", b"\r\n")
            if self.random.random() < 0.3:
                octets = octets.replace(b"=\r\n", b"")
        elif encoding == "base64":
            octets = self.pick(base64.b64encode, base64.encodebytes)(octets)
            octets = octets.replace(b"\n", b"\r\n")
            octets += b"" if octets.endswith(b"\n") else b"\r\n"
        kind = self.pick(b"text/plain; charset=utf-8", b"text/html",
                         b"application/octet-stream")
        header = b"Content-Type: " + kind + b"\r\n"
        if self.random.random() < 0.2:
            header += b"Content-Description: " + b"word " * 250 + b"x\r\n"
        if encoding is not None:
            header += b"Content-Transfer-Encoding: %s\r\n" % encoding.encode()
        return header + b"\r\n" + octets

    def entity(self, depth=0):
        kind = self.pick("leaf", "leaf", "multipart", "message")
        label = self.pick(b"", b"Content-Transfer-Encoding: 8bit\r\n")
        if depth > 3 or kind == "leaf":
            return self.leaf()
        if kind == "message":
            return (b"Content-Type: message/rfc822\r\n" + label +
                    b"\r\nSubject: inner\r\n" + self.entity(depth + 1))
        boundary = b"=_b%d" % self.random.randrange(10 ** 9)
        text = (b"Content-Type: multipart/mixed; boundary=\"" + boundary +
                b"\"\r\n" + label + b"\r\n")
        for _ in range(self.random.randrange(1, 4)):
            text += b"--" + boundary + b"\r\n" + self.entity(depth + 1)
            text += b"\r\n" * self.pick(0, 1)
        return text + b"--" + boundary + b"--\r\n"

    def message(self):
        return HEADER + self.entity()


@pytest.fixture(scope="module")
def generated():
    generator = Messages(SEED)
    return [generator.message() for _ in range(GENERATED)]


def must_say_the_same(messages, convert):
    changed = 0
    for before, (done, at_risk, after) in zip(messages,
                                              mend(messages, convert)):
        assert said(email.message_from_bytes(before)) == \
            said(email.message_from_bytes(after)), before
        changed += bool(done)
        if not at_risk:
            assert max(map(len, after.split(b"\r\n"))) <= LINE_MAX, before
    return changed


@pytest.mark.parametrize("convert", [True, False])
def test_generated_messages_say_the_same(generated, convert):
    changed = must_say_the_same(generated, convert)
    assert changed > GENERATED / 4


def test_nothing_of_generated_messages_stays_8_bit(generated):
    results = mend(generated)
    safe = [after for _, at_risk, after in results if not at_risk]
    assert len(safe) > 0.95 * GENERATED
    for after in safe:
        assert not encodings(after) & {"8bit", "binary"}, after


def test_real_mail_says_the_same():
    messages = [message.replace(b"\n", b"\r\n")
                for message in messages_of_corpus()]
    if not messages:
        pytest.skip(f"no corpus of real mail at {CORPUS}")
    for convert in (True, False):
        must_say_the_same(messages, convert)
