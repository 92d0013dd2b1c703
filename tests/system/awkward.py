"""Messages that Postfix, or a server behind it, is apt to change."""

import base64

HEADER = (b"From: ACCOUNT\r\nTo: a@example.net\r\nSubject: awkward\r\n"
          b"Date: Sun, 22 Nov 2026 10:00:00 +0000\r\n"
          b"Message-ID: <MARK@example.org>\r\n")
MIME = b"MIME-Version: 1.0\r\n"
UTF8 = b"Content-Type: text/plain; charset=utf-8\r\n"
EIGHT_BIT = b"Content-Transfer-Encoding: 8bit\r\n"
TEXT = MIME + UTF8 + EIGHT_BIT
GERMAN = "Schöne Grüße von der anderen Seite des Flusses.\r\n".encode()
RUSSIAN = "Съешь же ещё этих мягких французских булок.\r\n".encode()
MIXED = MIME + b"Content-Type: multipart/mixed; boundary=\"=_b\"\r\n"
PNG = (b"--=_b\r\nContent-Type: image/png\r\n"
       b"Content-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n")


def signed(inner):
    return (MIME + b"Content-Type: multipart/signed; boundary=s; "
            b"protocol=\"application/pgp-signature\"\r\n\r\n--s\r\n" + inner +
            b"\r\n--s\r\nContent-Type: application/pgp-signature\r\n\r\n"
            b"-----BEGIN PGP SIGNATURE-----\r\n--s--\r\n")


# By the name in the table: the message behind HEADER, its body included.
MESSAGES = {
    "plain": b"\r\nHello.\r\n",
    "no body": b"\r\n",
    "no empty line behind the header": b"",
    "dots, white space, empty lines":
        b"\r\n.\r\n..\r\n.x\r\n a \t b \t\r\n\r\n\r\n",
    "folds and a field twice":
        b"Subject:\r\n\tone\r\n  two  \t\r\nCc: a@example.net,\r\n"
        b" b@example.net\r\nCc: c@example.net\r\n\r\nHello.\r\n",
    "8-bit text": TEXT + b"\r\n" + GERMAN,
    "8-bit text, mostly not ASCII": TEXT + b"\r\n" + RUSSIAN,
    "8-bit text that is not declared": b"\r\n" + GERMAN,
    "7-bit text that is declared 8-bit": TEXT + b"\r\n1 + 1 = 2 \r\n",
    "a part that is 8-bit":
        MIXED + EIGHT_BIT + b"\r\n--=_b\r\n" + UTF8 + EIGHT_BIT + b"\r\n" +
        GERMAN + PNG + b"--=_b--\r\n",
    "a message in it that is 8-bit":
        MIXED + EIGHT_BIT + b"\r\n--=_b\r\nContent-Type: message/rfc822\r\n" +
        EIGHT_BIT + b"\r\nFrom: b@example.net\r\n" + TEXT + b"\r\n" + GERMAN +
        b"--=_b--\r\n",
    "a message in it that is 8-bit, and signed":
        MIXED + EIGHT_BIT + b"\r\n--=_b\r\nContent-Type: message/rfc822\r\n" +
        EIGHT_BIT + b"\r\nDKIM-Signature: v=1\r\nFrom: b@example.net\r\n" +
        TEXT + b"\r\n" + GERMAN + b"--=_b--\r\n",
    "binary data declared binary":
        MIME + b"Content-Type: application/octet-stream\r\n"
        b"Content-Transfer-Encoding: binary\r\n\r\n" +
        bytes(range(128, 256)) + b"\r\n",
    "a signed part of 7-bit text": signed(b"\r\nHello.\r\n"),
    "a signed part of 8-bit text": signed(UTF8 + EIGHT_BIT + b"\r\n" + GERMAN),
    "a signed part with long lines": signed(b"\r\n" + b"word " * 300),
    "a body line of 998": b"\r\n" + b"x" * 998 + b"\r\n",
    "a body line of 999": b"\r\n" + b"x" * 999 + b"\r\n",
    "a body line of 30000, without MIME": b"\r\n" + b"word " * 6000 + b"\r\n",
    "a line of 9000 in HTML":
        MIXED + b"\r\n" + PNG + b"--=_b\r\nContent-Type: text/html\r\n\r\n" +
        b"<p>Hello =)</p>" * 600 + b"\r\n--=_b--\r\n",
    "a line of 9000 in quoted-printable":
        MIME + UTF8 + b"Content-Transfer-Encoding: quoted-printable\r\n\r\n" +
        b"Gr=C3=BC=C3=9Fe " * 600 + b"\r\n",
    "a line of 9000 in base64":
        MIME + UTF8 + b"Content-Transfer-Encoding: base64\r\n\r\n" +
        base64.b64encode(b"Hello. " * 960) + b"\r\n",
    "a header line of 5000":
        b"Cc: " + b", ".join(b"a%d@example.net" % number
                             for number in range(300)) + b"\r\n\r\nHello.\r\n",
    "a header line of 5000 without a space":
        b"References: <" + b"x" * 5000 + b"@example.net>\r\n\r\nHello.\r\n",
    "a header field of 50000":
        b"References:" + b" <abcdefgh@example.net>" * 2150 +
        b"\r\n\r\nHello.\r\n",
    "a header field over Postfix's limit":
        b"References:" + b" <abcdefgh@example.net>" * 5000 +
        b"\r\n\r\nHello.\r\n",
    "a long field of a part":
        MIXED + b"\r\n--=_b\r\nContent-Description: " + b"word " * 300 +
        b"\r\n\r\nHello.\r\n--=_b--\r\n",
    "a long name of a part's field":
        MIXED + b"\r\n--=_b\r\n" + b"X" * 1100 + b": " + b"word " * 300 +
        b"\r\n\r\nHello.\r\n--=_b--\r\n",
    "Latin-1 in the header": b"Comments: x\r\nSubject: Gr\xfc\xdfe\r\n\r\n.\r\n",
    "UTF-8 in the header": "Subject: Grüße\r\n\r\nHello.\r\n".encode(),
    "VT and FF in the header": b"Cc: a \x0b\x0c @example.net\r\n\r\nHello.\r\n",
    "VT and FF in the body": b"\r\nHello.\x0b\x0c \x0b\r\n\x0c\r\n",
    "NUL in the header": b"Cc: a\x00b@example.net\r\n\r\nHello.\r\n",
    "NUL in the body": b"\r\nHel\x00lo.\r\n\x00\r\n",
    "a lone CR in the header": b"Cc: a\rb@example.net\r\n\r\nHello.\r\n",
    "a lone CR in the body": b"\r\none\rtwo\r\nthree\r\r\nfour\r\n",
    "lone LFs": b"\nHello.\nBye.\n",
    "a line that is no field in the header": b"garbage\r\n\r\nHello.\r\n",
}

# Signed they are, but what Postfix does to them breaks that.
AT_RISK = {"a signed part of 8-bit text", "a signed part with long lines",
           "a message in it that is 8-bit, and signed",
           "a long name of a part's field"}


def message(name, account, mark):
    text = HEADER + MESSAGES[name]
    if name == "folds and a field twice":
        text = text.replace(b"Subject: awkward\r\n", b"")
    return (text.replace(b"ACCOUNT", f"{account}@example.org".encode())
            .replace(b"MARK", mark.encode()))
