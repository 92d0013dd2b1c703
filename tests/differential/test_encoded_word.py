"""Where our decoder reads encoded-words, other readers show the same text.

The bug class: we search one text, and the reader is shown another. What we
can't decode is refused and does not matter here.
"""

import base64
import email.header
import random
import re
import unicodedata

import pytest

from programs import CORPUS, ask_ours, ask_perl, headers_of_corpus

SEED = 2047
GENERATED = 5000
LETTERS = "abc @.<>=?_\"\\,:;-+09"

# By the name in mail, Python's codec and letters that it has.
CHARSETS = {
    "utf-8": "äöüßéñł€漢字あア한글日本語😀\u200dאבج",
    "us-ascii": "",
    "iso-8859-1": "äöüßéñ",
    "iso-8859-2": "łčřž",
    "iso-8859-5": "Дж",
    "iso-8859-7": "αβγ",
    "iso-8859-9": "ğış",
    "iso-8859-15": "€šž",
    "windows-1250": "łčř€",
    "windows-1251": "Джї€",
    "windows-1252": "€’“äö",
    "koi8-r": "Дж",
    "koi8-u": "Джї",
    "gb2312": "朱汉字",
    "gbk": "镕漢字",
    "gb18030": "镕漢字😀",
    "big5": "一漢字中",
    "euc-jp": "日本語あアｱ＠",
    "shift_jis": "日本語あアｱ＠ソ",
    "iso-2022-jp": "日本語あア＠",
    "euc-kr": "한글漢",
    "ks_c_5601-1987": "한글漢",
}


def our_decoder(texts):
    """None for what is refused."""
    for word, rest in ask_ours(texts):
        yield bytes.fromhex(rest).decode() if word == "decoded" else None


def email_header(texts):
    for text in texts:
        yield "".join(
            part if isinstance(part, str)
            else part.decode("raw-unicode-escape") if charset is None
            else part.decode(charset.partition("*")[0], "replace")
            for part, charset in email.header.decode_header(text.decode()))


def encode_mime_header(texts):
    for line in ask_perl("Encode", "encode-mime-header.pl", texts):
        yield bytes.fromhex(line).decode()


class Words:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def octets(self, charset):
        letters = LETTERS + CHARSETS[charset] * 3
        text = "".join(self.random.choice(letters)
                       for _ in range(self.random.randrange(8)))
        return text.encode("euc-kr" if charset.startswith("ks") else charset)

    def word(self, charset, octets):
        if self.random.random() < 0.5:
            text, encoding = base64.b64encode(octets).decode(), "bB"
        else:
            text, encoding = "".join(
                chr(octet) if chr(octet).isascii() and chr(octet).isalnum()
                else "_" if octet == 0x20 else f"={octet:02X}"
                for octet in octets), "qQ"
        if self.random.random() < 0.1:
            text = self.damaged(text)
        name = self.random.choice([charset, charset.upper(), charset + "*en"])
        return f"=?{name}?{self.random.choice(encoding)}?{text}?="

    def damaged(self, text):
        place = self.random.randrange(len(text) + 1)
        return self.random.choice([text[:place], text[place:],
                                   text[:place] + "=" + text[place:]])

    def words(self):
        """One, or two with the octets of a text spread over them."""
        charset = self.random.choice(list(CHARSETS))
        octets = self.octets(charset)
        if self.random.random() < 0.7:
            return self.word(charset, octets)
        place = self.random.randrange(len(octets) + 1)
        return (self.word(charset, octets[:place]) +
                self.random.choice([" ", "\t", "  "]) +
                self.word(charset, octets[place:]))

    def text(self):
        pick = self.random.choice
        text = ""
        for _ in range(pick([1, 1, 2, 3])):
            text += pick([self.words, self.words, self.words,
                          lambda: pick(["Anna", "zoë", "a b", "=?", "?="])])()
            text += pick([" ", " ", " ", "  ", "\t"])
        return text.strip().encode()


def texts_of_corpus():
    """Fields of real mail with encoded-words, a line each."""
    for header in headers_of_corpus():
        for field in header.replace(b"\n ", b" ").replace(b"\n\t", b"\t").split(
                b"\n"):
            if b"=?" in field and field.isascii():
                yield field.partition(b":")[2].strip()


READERS = [email_header, encode_mime_header]
every_reader = pytest.mark.parametrize(
    "reader", READERS, ids=[reader.__name__ for reader in READERS])


def ascii_of(text):
    return re.sub(r"[^\0-\x7f]", "", text)


def spread(text, ours, read):
    return (text.count(b"=?") > 1 and ascii_of(ours) == ascii_of(read)
            and ("\ufffd" in read or len(read) < len(ours)))


# Reader, when, why that is no danger.
KNOWN_DIFFERENCES = [
    (email_header, spread,
     "Python does not put together what differs in language: a character "
     "spread over two words is none, and ASCII ones are the same"),
    (encode_mime_header, spread,
     "Perl puts nothing together that differs in encoding or case: the same"),
    (encode_mime_header,
     lambda text, ours, read: "=?gb18030" in read.lower(),
     "Perl lacks the charset and shows such a word as it is: policy-name.c "
     "searches that too"),
]

# Charset, the first octets of the rows in which tables differ, and how. Still
# ASCII is the same, and no reader sees a sign of an address that we don't.
KNOWN_ROWS = {
    "gbk": ([0x80], "one reader lacks the euro sign"),
    "gb18030": ([0xa6, 0xa8, 0xfe], "versions: private use or assigned"),
    "big5": ([0xa1, 0xa2, 0xa3, 0xc2, 0xf9],
             "extensions, and variants of one sign or ideograph"),
    "euc-kr": ([0xa2, 0xa4], "one reader lacks a symbol and a filler"),
    "ks_c_5601-1987": ([0xa2, 0xa4], "the same"),
}


def signs(text):
    """What makes an address, as unicode_searched() has it."""
    return [char for char in unicodedata.normalize("NFKC", text)
            if char in "@.\u3002"]


def plain(text, read):
    """JIS X 0201 has a yen sign and an overline for backslash and tilde."""
    if b"shift_jis" in text.lower():
        return read.replace("¥", "\\").replace("‾", "~")
    return read


def is_known(reader, text, ours, read):
    return any(reader is known and matches(text, ours, read)
               for known, matches, why in KNOWN_DIFFERENCES)


def decoded(texts):
    return [(text, ours) for text, ours in zip(texts, our_decoder(texts))
            if ours is not None]


def must_read_alike(reader, cases):
    theirs = reader([text for text, ours in cases])
    different = [(text, ours, read)
                 for (text, ours), read in zip(cases, theirs)
                 if plain(text, ours) != read
                 and not is_known(reader, text, plain(text, ours), read)]
    assert different == []


@every_reader
def test_generated_words_are_read_alike(reader):
    generator = Words(SEED)
    texts = [generator.text() for _ in range(GENERATED)]
    cases = decoded(texts)
    # Most are well-formed, many are not: else the words test nothing.
    assert 0.5 < len(cases) / len(texts) < 0.9
    must_read_alike(reader, cases)


@every_reader
@pytest.mark.parametrize("charset", CHARSETS)
def test_each_charset_has_the_same_characters(reader, charset):
    """Each octet of it, and some of those in twos."""
    octets = [[octet] for octet in range(0x20, 0x100)]
    octets += [[first, second] for first in range(0x80, 0x100)
               for second in range(0x40, 0x100, 16)]
    rows, _ = KNOWN_ROWS.get(charset, ([], ""))
    texts = {True: [], False: []}
    for word in octets:
        text = "".join(f"={octet:02X}" for octet in word)
        texts[word[0] in rows].append(f"=?{charset}?q?{text}?=".encode())
    cases = decoded(texts[False])
    assert len(cases) >= 0x5f
    must_read_alike(reader, cases)
    cases = decoded(texts[True])
    theirs = reader([text for text, ours in cases])
    assert [(text, ours, read) for (text, ours), read in zip(cases, theirs)
            if not is_known(reader, text, ours, read)
            and (ascii_of(ours) != ascii_of(read)
                 or signs(read) not in ([], signs(ours)))] == []


@every_reader
def test_real_mail_is_decoded_and_read_alike(reader):
    texts = list(texts_of_corpus())
    if not texts:
        pytest.skip(f"no corpus of real mail at {CORPUS}")
    cases = decoded(texts)
    assert len(cases) == len(texts)
    must_read_alike(reader, cases)
