"""What our parser accepts, other parsers see alike.

The bug class: we check one author, and the reader is shown another. What we
refuse does not matter here; others may be as lenient as they like.
"""

import codecs
import email
import email.header
import email.policy
import email.utils
import inspect
import re

import pytest

from generate import Grammar, Mutator
from programs import CORPUS, HERE, ask_ours, ask_perl, headers_of_corpus
from spelling import from_text, same_spelling

TABLE = HERE.parent / "unit" / "data" / "mailbox-list.tsv"
GENERATED = 20000
MUTATED = 20000
SEED = 5322


def unfold(value):
    """RFC 5322 2.2.3."""
    return value.replace("\r", "").replace("\n", "")


def our_parser(values):
    """A list of addresses for each value, None if it is refused."""
    for word, *addresses in ask_ours(values):
        yield [from_text(a) for a in addresses] if word == "seen" else None


def registry_addresses(message):
    try:
        return [same_spelling(spelt(a.username), spelt(a.domain))
                for a in message["From"].addresses]
    except (AttributeError, IndexError, ValueError) as error:
        return f"{type(error).__name__}: {error}"


def spelt(text):
    """Octets that Python kept as surrogates are UTF-8."""
    return text.encode("utf-8", "surrogateescape").decode()


def header_registry(values):
    """Python's parser of RFC 5322, on a whole message as text."""
    for value in values:
        yield registry_addresses(email.message_from_string(
            "From: " + value.decode().replace("\r\n", "\n") + "\n\n",
            policy=email.policy.default))


def header_registry_of_octets(values):
    """The same on a message as it is stored."""
    for value in values:
        yield registry_addresses(email.message_from_bytes(
            b"From: " + value + b"\r\n\r\n", policy=email.policy.default))


def older_parser(value):
    """Python's older parser, which most programs still call."""
    # Strict it counts commas, those in comments too, and then sees nothing.
    parameters = inspect.signature(email.utils.getaddresses).parameters
    lenient = {"strict": False} if "strict" in parameters else {}
    return [from_text(address) for name, address in
            email.utils.getaddresses([value], **lenient)]


def email_utils(values):
    for value in values:
        yield older_parser(unfold(value.decode()))


def compat32(values):
    """The older parser on a message, as programs of old read it."""
    for value in values:
        message = email.message_from_bytes(b"From: " + value + b"\r\n\r\n")
        yield older_parser(unfold(str(message["From"])))


ENCODED_WORD = re.compile(r"=\?[^?\s]+\?[bBqQ]\?[^?]*\?=")


def decoded(word):
    try:
        return str(email.header.make_header(email.header.decode_header(word)))
    except (LookupError, UnicodeError, email.errors.HeaderParseError):
        return word


def decoded_first(values):
    """Programs that decode the whole field and only then parse it."""
    for value in values:
        yield older_parser(ENCODED_WORD.sub(
            lambda word: decoded(word[0]),
            re.sub(r"(\?=)\s+(?==\?)", r"\1", unfold(value.decode()))))


def email_address_xs(values):
    """The parser of Dovecot's ENVELOPE, for Perl."""
    for line in ask_perl("Email::Address::XS", "email-address-xs.pl",
                         [unfold(value.decode()).encode()
                          for value in values]):
        yield [address if address == "invalid" else
               same_spelling(*[bytes.fromhex(part).decode()
                               for part in address.split("@")])
               for address in line.split("\t")]


def raises(value, ours, seen):
    return seen in ("AttributeError: 'str' object has no attribute "
                    "'token_type'", "IndexError: list index out of range")


def raises_at_a_line_break(value, ours, seen):
    return seen == ("ValueError: invalid arguments; address parts cannot "
                    "contain CR or LF")


def shows_broken_octets(value, ours, seen):
    return (not value.isascii() and len(ours) == len(seen) and
            all(a == b or "\ufffd" in b for a, b in zip(ours, seen)))


def shows_an_address_in_a_name(value, ours, seen):
    text = value.decode()
    return any("@" in name for name in
               [*re.findall(r'"(?:[^"\\]|\\.)*"', text),
                *map(decoded, ENCODED_WORD.findall(text))])


def shows_what_is_no_address(value, ours, seen):
    return ENCODED_WORD.search(value.decode()) and all(
        address in ours or address.startswith("no address: ") or
        re.search('[<>", :;]', address) for address in seen)


# Parsers, what differs, why that is no danger.
KNOWN_DIFFERENCES = [
    ([header_registry, header_registry_of_octets], raises,
     "CPython issue 75171: a name that ends with a dot (\"Anna Q.\"), or is "
     "empty quotes before a comment, raises an exception; nobody is shown"),
    ([header_registry, header_registry_of_octets], raises_at_a_line_break,
     "a line break in an encoded-word: policy-name.c refuses what parses"),
    ([compat32], shows_broken_octets,
     "octets beyond ASCII are U+FFFD each; the same parts are seen, and an "
     "address with U+FFFD is nobody's"),
    ([decoded_first], shows_an_address_in_a_name,
     "an address in a display name is what address_in_name is for"),
    ([decoded_first], shows_what_is_no_address,
     "a quote, bracket or comma that was encoded breaks the list; what is "
     "shown instead of our addresses can't be one"),
]

PARSERS = [header_registry, header_registry_of_octets, email_utils, compat32,
           decoded_first, email_address_xs]
every_parser = pytest.mark.parametrize(
    "parser", PARSERS, ids=[parser.__name__ for parser in PARSERS])


def is_known(parser, value, ours, seen):
    return any(parser in parsers and differs(value, ours, seen)
               for parsers, differs, why in KNOWN_DIFFERENCES)


def accepted(values):
    return [(value, seen) for value, seen in zip(values, our_parser(values))
            if seen is not None]


def must_see_alike(parser, cases):
    theirs = parser([value for value, ours in cases])
    different = [(value, ours, seen)
                 for (value, ours), seen in zip(cases, theirs)
                 if ours != seen and not is_known(parser, value, ours, seen)]
    assert different == []


def values_of_table():
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield codecs.escape_decode(line.split("\t")[1].encode())[0]


def values_of_corpus():
    """Every From: and Sender: of real mail, folded as it is."""
    for header in headers_of_corpus():
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
def test_what_is_left_of_changed_fields_is_seen_alike(parser):
    mutator = Mutator(SEED, [value.decode() for value, ours in
                             accepted(list(values_of_table()))])
    cases = accepted([mutator.value().encode() for _ in range(MUTATED)])
    assert len(cases) > MUTATED / 10
    must_see_alike(parser, cases)


@every_parser
def test_real_mail_is_accepted_and_seen_alike(parser):
    values = list(values_of_corpus())
    if not values:
        pytest.skip(f"no corpus of real mail at {CORPUS}")
    cases = accepted(values)
    assert len(cases) == len(values)
    must_see_alike(parser, cases)
