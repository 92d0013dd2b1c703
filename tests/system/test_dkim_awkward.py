"""Signatures where awkward mail arrives: at a second Postfix that does not
offer 8BITMIME."""

import itertools
import re

import dkim
import pytest
from awkward import AT_RISK, MESSAGES, message
from harness.client import submission
from harness.dkim import DAEMON, activate_keys
from harness.next_hop import ROUTE, NextHop
from harness.report import print_table

PASSWORD = "correct horse"
# Postfix takes a server with SMTPUTF8 to have 8BITMIME too, whatever it says.
WITHOUT_8BITMIME = "smtpd_discard_ehlo_keywords = 8bitmime, smtputf8\n"
ONLY_SMTPUTF8 = "smtpd_discard_ehlo_keywords = 8bitmime\n"

marks = (f"mark{number:05}" for number in itertools.count(1))


@pytest.fixture(scope="module")
def selectors(stack):
    return activate_keys(stack)


@pytest.fixture(scope="module")
def account(stack, selectors):
    return stack.account(password=PASSWORD)


@pytest.fixture(scope="module")
def next_hop(stack):
    server = NextHop()
    stack.servers[server.name] = server
    server.usual = WITHOUT_8BITMIME
    server.start()
    stack.mark()
    with stack.usually("postfix", ROUTE):
        yield server
    server.stop()
    del stack.servers[server.name]


@pytest.fixture(scope="module")
def table(request):
    """Rows of the table that is printed in the end."""
    rows = []
    yield rows
    print_table(request, [("message", "repaired", "at risk", "rsa", "ed25519"),
                          *rows])


def data(client, text):
    return client.data(text)


def bdat(*sizes):
    """The text in pieces of these sizes, and the rest."""

    def send(client, text):
        for size in sizes:
            client.send(b"BDAT %d\r\n" % len(text[:size]) + text[:size])
            assert client.getreply()[0] == 250
            text = text[size:]
        client.send(b"BDAT %d LAST\r\n" % len(text) + text)
        return client.getreply()

    return send


def verified(arrived):
    """Selector -> does its signature verify?"""
    wire = arrived.replace(b"\n", b"\r\n")
    header = wire.partition(b"\r\n\r\n")[0]
    found = {}
    for number in range(len(re.findall(rb"(?im)^DKIM-Signature:", header))):
        verifier = dkim.DKIM(wire)
        try:
            good = verifier.verify(number)
        except dkim.DKIMException:
            good = False
        found[verifier.signature_fields[b"s"].decode()] = good
    return found


def logged(mail, name):
    found = re.search(rf' {name}=("[^"]*"|\S+)',
                      mail.wait_log(DAEMON, "verdict=signed.*").group())
    return found.group(1).strip('"') if found else ""


def send(mail, account, text, send_text=data, options=(),
         recipient="a@example.net"):
    """What arrives at the next hop, of text with a mark in it."""
    mark = re.search(rb"mark\d+", text).group()
    with submission() as client:
        client.login(account, PASSWORD)
        client.ehlo()
        assert client.mail(f"{account}@example.org", options)[0] == 250
        assert client.rcpt(recipient)[0] == 250
        reply = send_text(client, text)
        assert reply[0] == 250, reply
    return mail.servers["postfix-next"].wait_message(mark)


def check(mail, table, selectors, name, arrived, good=True):
    found = verified(arrived)
    table.append((name, logged(mail, "repaired"), logged(mail, "at_risk"),
                  *("pass" if found[selector] else "fail"
                    for selector in selectors)))
    assert found == {selector: good for selector in selectors}


@pytest.mark.parametrize("name", MESSAGES)
def test_signatures_verify_at_a_server_without_8bitmime(
        mail, next_hop, table, selectors, account, name):
    arrived = send(mail, account, message(name, account, next(marks)),
                   options=["BODY=8BITMIME"])
    assert bool(logged(mail, "at_risk")) == (name in AT_RISK)
    check(mail, table, selectors, name, arrived, name not in AT_RISK)


@pytest.mark.parametrize("name, pieces", [
    ("8-bit text", bdat(1, 100)),
    ("lone LFs", bdat(30)),
    ("a lone CR in the body", bdat(241)),
    ("NUL in the body", bdat()),
    ("a body line of 999", bdat(500, 500)),
    ("no body", bdat()),
])
def test_signatures_of_what_came_by_bdat_verify(
        mail, next_hop, table, selectors, account, name, pieces):
    arrived = send(mail, account, message(name, account, next(marks)), pieces,
                   ["BODY=8BITMIME"])
    check(mail, table, selectors, f"by BDAT: {name}", arrived)


def test_a_body_by_bdat_without_its_last_line_end_verifies(
        mail, next_hop, table, selectors, account):
    text = message("plain", account, next(marks)) + b"no end"
    arrived = send(mail, account, text, bdat(100))
    check(mail, table, selectors, "by BDAT: no line end at the end", arrived)


def test_what_is_missing_is_added_and_signed(
        mail, next_hop, table, selectors, account):
    text = (f"From: {account}@example.org\r\nSubject: {next(marks)}\r\n\r\n"
            "Hello.\r\n").encode()
    arrived = send(mail, account, text)
    assert re.search(rb"(?m)^Date: .* \+0000$", arrived)
    assert re.search(rb"(?m)^Message-ID: <[0-9a-f]{32}@mail.example.org>$",
                     arrived)
    check(mail, table, selectors, "no Date, no Message-ID", arrived)


def test_internationalised_mail_verifies(mail, next_hop, table, selectors,
                                         account):
    mail.restart("postfix-next", ONLY_SMTPUTF8)
    text = message("UTF-8 in the header", account, next(marks))
    arrived = send(mail, account,
                   text.replace(b"a@example.net",
                                "jürgen@example.net".encode()),
                   options=["SMTPUTF8", "BODY=8BITMIME"],
                   recipient="jürgen@example.net")
    check(mail, table, selectors, "SMTPUTF8, to a UTF-8 address", arrived)


BROKEN_UNLESS_CONVERTED = [
    "8-bit text", "8-bit text, mostly not ASCII",
    "7-bit text that is declared 8-bit", "a part that is 8-bit",
    "a message in it that is 8-bit", "binary data declared binary"]


@pytest.mark.parametrize("name", BROKEN_UNLESS_CONVERTED)
def test_without_the_conversion_postfix_breaks_the_signature(
        mail, next_hop, table, selectors, account, name):
    mail.restart(DAEMON, "convert_8bit = no\n")
    arrived = send(mail, account, message(name, account, next(marks)))
    check(mail, table, selectors, f"{name}, convert_8bit = no", arrived, False)


@pytest.mark.parametrize("name", BROKEN_UNLESS_CONVERTED)
def test_a_server_with_8bitmime_gets_8_bit_text_if_that_is_wanted(
        mail, next_hop, selectors, account, name):
    mail.restart(DAEMON, "convert_8bit = no\n")
    mail.restart("postfix-next", "smtpd_discard_ehlo_keywords =\n")
    arrived = send(mail, account, message(name, account, next(marks)))
    assert verified(arrived) == {selector: True for selector in selectors}
    assert MESSAGES[name].partition(b"\r\n\r\n")[2].replace(
        b"\r\n", b"\n") in arrived
