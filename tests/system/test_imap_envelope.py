"""What we accept as author, Dovecot's ENVELOPE shows alike.

Most readers of mail over IMAP never parse From: themselves. The bug class: we
check one author, and the reader is shown another.
"""

import re
import sys
from pathlib import Path

import pytest
from harness import authors, envelope
from harness.milter import Milter

sys.path.insert(0, str(Path(__file__).parents[1] / "differential"))
from generate import Grammar, Mutator  # noqa: E402
from spelling import from_text, same_spelling  # noqa: E402

PASSWORD = "correct horse"
DAEMON = "milter-sender-check"
SOCKET = Path("/var/spool/postfix/countersign/sender-check/milter")
SEED = 3501
GENERATED = 3000
MUTATED = 9000
# The log cuts the list of authors behind this.
AUTHORS_LOGGED = 480


@pytest.fixture(scope="module")
def anna(stack):
    stack.account("bert")
    return stack.account("anna", password=PASSWORD)


def unquote(value):
    return (re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith('"')
            else value)


def authors_logged(mail, values):
    """What the filter sees in each value as From:, None if it is refused.

    The log has the authors of all that parses, the account's or not.
    """
    with Milter(SOCKET) as milter:
        for number, value in enumerate(values):
            milter.message("", [("From", value)], "anna", f"V{number}")
            milter.abort()
    mail.wait_log(DAEMON, f"queue_id=V{len(values) - 1} ")
    seen = [None] * len(values)
    for line in mail.log(DAEMON).splitlines():
        number = re.search(r" queue_id=V(\d+) ", line)
        listed = re.search(r' from=("(?:[^"\\]|\\.)*"|[^ ]+)', line)
        if number and listed:
            seen[int(number[1])] = [
                from_text(address) for address in re.findall(
                    r'(?:"(?:[^"\\]|\\.)*"|[^",])+', unquote(listed[1]))]
    return seen


def accepted(mail, values):
    values = [value.replace(b"\r\n", b"\n") for value in values
              if authors.survives_a_message(value)]
    return [(value, seen)
            for value, seen in zip(values, authors_logged(mail, values))
            if seen is not None and sum(map(len, seen)) < AUTHORS_LOGGED]


def shown(field):
    return ["with a route" if route is not None
            else "no address" if local is None or domain is None
            else same_spelling(local.decode(), domain.decode())
            for route, local, domain in field]


def differences(mail, cases):
    """Each value as From: and Sender: of a message, appended by IMAP."""
    session = mail.imap("anna", PASSWORD)
    session.create("envelope")
    try:
        for value, _ in cases:
            status, answer = session.append(
                "envelope", None, None,
                b"From:" + value + b"\nSender:" + value + b"\n\nHello.\n")
            assert status == "OK", answer
        session.select("envelope")
        envelopes = envelope.fetch(session)
        session.close()
    finally:
        session.delete("envelope")
        session.logout()
    assert len(envelopes) == len(cases)
    return [(value, ours, theirs)
            for (value, ours), whole in zip(cases, envelopes)
            for theirs in (shown(envelope.addresses(whole, envelope.FROM)),
                           shown(envelope.addresses(whole, envelope.SENDER)))
            if ours != theirs]


def test_dovecot_shows_the_authors_of_the_table_alike(mail, anna):
    cases = accepted(mail, [case.value for case in authors.cases()])
    assert len(cases) > 30
    assert differences(mail, cases) == []


def test_dovecot_shows_generated_authors_alike(mail, anna):
    grammar = Grammar(SEED)
    cases = accepted(mail, [grammar.value().encode()
                            for _ in range(GENERATED)])
    assert len(cases) > GENERATED / 3
    assert differences(mail, cases) == []


def test_dovecot_shows_what_is_left_of_changed_authors_alike(mail, anna):
    mutator = Mutator(SEED, [case.value.decode() for case in authors.cases()
                             if case.addresses is not None])
    cases = accepted(mail, [mutator.value().encode()
                            for _ in range(MUTATED)])
    assert len(cases) > MUTATED / 10
    assert differences(mail, cases) == []
