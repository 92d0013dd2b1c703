"""Who writes on behalf of another, or with others: the Sender: that arrives."""

import itertools
from email import message_from_string

import pytest
from harness.dkim import activate_keys, signed_selectors

PASSWORD = "correct horse"
BOSS = "The Boss <boss@example.org>"


@pytest.fixture(scope="module")
def selectors(stack):
    """anna may write as info, and on behalf of boss; all of it is signed."""
    stack.account("anna", password=PASSWORD)
    stack.account("bert")
    for words in (["info@example.org"], ["boss@example.org", "--on-behalf"]):
        stack.countersign("grant", "add", "anna", *words)
    return activate_keys(stack)


numbers = itertools.count(1)


def send(mail, sender, *fields):
    """The message as it arrives at anna's."""
    mark = f"X-Test: {next(numbers)}\n"
    reply = mail.submit("anna", PASSWORD, sender, ["anna@example.org"],
                        mark + "".join(f"{field}\n" for field in fields)
                        + "Subject: hello\n\nHello.\n")
    assert reply.accepted, reply
    return mail.wait_message("anna", containing=mark)


def fields_of(text, name):
    return message_from_string(text).get_all(name, [])


@pytest.mark.parametrize("sender, added", [
    ("anna@example.org", "anna@example.org"),
    ("Anna+list@Example.ORG", "Anna+list@example.org"),
])
def test_on_behalf_a_sender_is_added_and_the_signatures_verify(
        mail, selectors, sender, added):
    text = send(mail, sender, f"From: {BOSS}", "To: x@example.net")
    assert fields_of(text, "Sender") == [added]
    assert fields_of(text, "From") == [BOSS]
    assert signed_selectors(text) == selectors


def test_on_behalf_an_own_sender_stays_as_it_is(mail, selectors):
    own = "\"Anna (office)\" <ANNA+x@example.org> (hello)"
    text = send(mail, "anna@example.org", f"Sender: {own}", f"From: {BOSS}")
    assert fields_of(text, "Sender") == [own]
    assert signed_selectors(text) == selectors


def test_what_is_granted_outright_gets_no_sender(mail, selectors):
    text = send(mail, "anna@example.org", "From: info@example.org")
    assert fields_of(text, "Sender") == []
    assert signed_selectors(text) == selectors


@pytest.mark.parametrize("author", [
    f"{BOSS}, Anna <anna@example.org>",
    "G: anna@example.org, info@example.org;",
])
def test_several_authors_arrive_as_they_are_with_their_own_sender(
        mail, selectors, author):
    text = send(mail, "anna@example.org", f"From: {author}",
                "Sender: anna@example.org")
    assert fields_of(text, "From") == [author]
    assert fields_of(text, "Sender") == ["anna@example.org"]
    assert signed_selectors(text) == selectors


def test_in_report_mode_nothing_is_added(mail, selectors):
    mail.restart("milter-sender-check", "mode = report\n")
    text = send(mail, "anna@example.org", f"From: {BOSS}")
    assert fields_of(text, "Sender") == []
