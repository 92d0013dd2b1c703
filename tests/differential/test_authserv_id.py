"""A result that authres reads as ours is one that we would remove.

The bug class: a forged field that another reader takes for ours, and we for
another host's. What we refuse is removed.
"""

import random
import re

import pytest

from programs import CORPUS, ask_ours

authres = pytest.importorskip("authres")

OURS = "mx.example.org"
SEED = 8601
GENERATED = 20000
PIECES = [OURS, "MX.example.ORG", "mx.example.net", "mx.", "example.org", ".",
          " ", "\n\t", "\r\n ", "(", ")", "(a)", "(a(b)c)", "\\", '"', ";",
          "; none", "; dkim=pass header.d=example.org", " 1", "1", "/", "=",
          ",", "@", "<", "=?utf-8?q?mx?=", "%", "_", "\x7f", "(\\))"]


def ours(values):
    """What our reader says of each value."""
    return ask_ours([value.encode(errors="surrogateescape")
                     for value in values])


def theirs(value):
    """The id that authres reads, None if it refuses the field."""
    try:
        return authres.AuthenticationResultsHeader.parse(
            "Authentication-Results: " + value).authserv_id
    except Exception:  # it raises whatever comes
        return None


def generated():
    chance = random.Random(SEED)
    for _ in range(GENERATED):
        yield "".join(chance.choices(PIECES, k=chance.randint(1, 6)))


def real():
    """The values of the fields of real messages."""
    for path in sorted(CORPUS.glob("**/*"))[:5000]:
        if not path.is_file():
            continue
        head = path.read_bytes()[:100000].decode(errors="surrogateescape")
        yield from (value.replace("\r", "") for value in re.findall(
            r"(?mi)^Authentication-Results:(.*(?:\n[ \t].*)*)", head))


def folded(name):
    return name.rstrip(".").lower()


@pytest.mark.parametrize("source", [generated, real])
def test_who_is_ours_to_authres_is_ours_or_nobody_to_us(source):
    values = list(source())
    alike = 0
    for value, (word, name) in zip(values, ours(values)):
        other = theirs(value)
        if other is None or word == "refused":
            continue
        alike += folded(other) == name
        if folded(other) == OURS or name == OURS:
            assert folded(other) == name, value
    # Or nothing was compared.
    assert alike > 100 or source is real


def test_plain_fields_of_other_hosts_are_read_by_both():
    values = [f"{host}{version}; dkim=pass header.d=example.org"
              for host in ("mx.google.example", "a-b.example.net", "localhost")
              for version in ("", " 1")]
    for value, (word, name) in zip(values, ours(values)):
        assert (word, name) == ("id", theirs(value)), value
