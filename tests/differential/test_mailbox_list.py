"""What our parser accepts, other parsers see alike.

The bug class: we check one author, and the reader is shown another. What we
refuse does not matter here; others may be as lenient as they like.
"""

import codecs
import email
import email.policy
import email.utils
import inspect
import os
import pathlib
import shutil
import subprocess
import unicodedata

import pytest

from generate import Grammar

HERE = pathlib.Path(__file__).resolve().parent
TABLE = HERE.parent / "unit" / "data" / "mailbox-list.tsv"
CORPUS = HERE.parent.parent.parent / "shared" / "corpus"
GENERATED = 20000
SEED = 5322


def ask(command, values):
    """One line of answer for each value."""
    result = subprocess.run(
        command, input="".join(value.hex() + "\n" for value in values),
        text=True, capture_output=True)
    assert result.returncode == 0, result.stderr
    lines = result.stdout.split("\n")[:-1]
    assert len(lines) == len(values)
    return lines


def unfold(value):
    """RFC 5322 2.2.3."""
    return value.replace("\r", "").replace("\n", "")


def same_spelling(local, domain):
    """NFC and U-labels, so that spellings of one address are equal."""
    labels = [unicodedata.normalize("NFC", label.lower())
              if not label.startswith("xn--")
              else label[4:].encode().decode("punycode")
              for label in domain.lower().split(".")]
    return unicodedata.normalize("NFC", local) + "@" + ".".join(labels)


def from_text(address):
    """An address with its local part quoted or not."""
    local, at, domain = address.rpartition("@")
    if not at:
        return "no address: " + address
    if local.startswith('"'):
        quoted, local = iter(local[1:-1]), ""
        for char in quoted:
            local += next(quoted) if char == "\\" else char
    return same_spelling(local, domain)


def our_parser(values):
    """A list of addresses for each value, None if it is refused."""
    for line in ask([os.environ["MAILBOX_LIST_PRINT"]], values):
        word, *addresses = line.split("\t")
        yield [from_text(a) for a in addresses] if word == "seen" else None


def header_registry(values):
    """Python's parser of RFC 5322, on a whole message."""
    for value in values:
        text = "From: " + value.decode().replace("\r\n", "\n") + "\n\n"
        try:
            field = email.message_from_string(
                text, policy=email.policy.default)["From"]
            yield [same_spelling(a.username, a.domain)
                   for a in field.addresses]
        except (AttributeError, ValueError) as error:
            yield str(error)


def email_utils(values):
    """Python's older parser, which most programs still call."""
    lenient = {}
    # Strict it counts commas, those in comments too, and then sees nothing.
    if "strict" in inspect.signature(email.utils.getaddresses).parameters:
        lenient["strict"] = False
    for value in values:
        yield [from_text(address) for name, address in
               email.utils.getaddresses([unfold(value.decode())], **lenient)]


def email_address_xs(values):
    """The parser of Dovecot's ENVELOPE, for Perl."""
    installed = shutil.which("perl") and subprocess.run(
        ["perl", "-MEmail::Address::XS", "-e", "1"],
        capture_output=True).returncode == 0
    if not installed:
        pytest.skip("libemail-address-xs-perl is not installed")
    for line in ask(["perl", str(HERE / "email-address-xs.pl")],
                    [unfold(value.decode()).encode() for value in values]):
        yield [address if address == "invalid" else
               same_spelling(*[bytes.fromhex(part).decode()
                               for part in address.split("@")])
               for address in line.split("\t")]


# Parser, what it answers, why that is no danger.
KNOWN_DIFFERENCES = [
    (header_registry, "'str' object has no attribute 'token_type'",
     "CPython issue 75171: a name that ends with a dot (\"Anna Q.\") raises "
     "an exception; nobody is shown"),
    (header_registry,
     "invalid arguments; address parts cannot contain CR or LF",
     "a line break in an encoded-word: policy-name.c refuses what parses"),
]

PARSERS = [header_registry, email_utils, email_address_xs]
every_parser = pytest.mark.parametrize(
    "parser", PARSERS, ids=[parser.__name__ for parser in PARSERS])


def is_known(parser, seen):
    return any(parser is known and seen == answer
               for known, answer, why in KNOWN_DIFFERENCES)


def accepted(values):
    return [(value, seen) for value, seen in zip(values, our_parser(values))
            if seen is not None]


def must_see_alike(parser, cases):
    theirs = parser([value for value, ours in cases])
    different = [(value, ours, seen)
                 for (value, ours), seen in zip(cases, theirs)
                 if ours != seen and not is_known(parser, seen)]
    assert different == []


def values_of_table():
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield codecs.escape_decode(line.split("\t")[1].encode())[0]


def values_of_corpus():
    """Every From: and Sender: of real mail, folded as it is."""
    for path in sorted(CORPUS.glob("*/*.eml")):
        header = path.read_bytes().replace(b"\r\n", b"\n").split(b"\n\n")[0]
        fields = header.replace(b"\n ", b"\0 ").replace(b"\n\t", b"\0\t")
        for field in fields.split(b"\n"):
            name, _, value = field.partition(b":")
            if name.lower() in (b"from", b"sender"):
                yield value.replace(b"\0", b"\n")


@every_parser
def test_the_table_is_seen_alike(parser):
    cases = accepted(list(values_of_table()))
    assert len(cases) > 30
    must_see_alike(parser, cases)


@every_parser
def test_generated_fields_are_seen_alike(parser):
    grammar = Grammar(SEED)
    values = [grammar.value().encode() for _ in range(GENERATED)]
    cases = accepted(values)
    # Most are well-formed, many are not: else the grammar tests nothing.
    assert 0.4 < len(cases) / len(values) < 0.8
    must_see_alike(parser, cases)


@every_parser
def test_real_mail_is_accepted_and_seen_alike(parser):
    values = list(values_of_corpus())
    if not values:
        pytest.skip(f"no corpus of real mail at {CORPUS}")
    cases = accepted(values)
    assert len(cases) == len(values)
    must_see_alike(parser, cases)
