"""milter-dkim behind stock Postfix: dkimpy asks real DNS for the keys."""

import itertools
import json

import pytest
from harness.dkim import DAEMON, activate_keys, signed_selectors
from harness.dns import is_cut

PASSWORD = "correct horse"


@pytest.fixture(scope="module")
def selectors(stack):
    return activate_keys(stack)


@pytest.fixture(scope="module")
def account(stack):
    return stack.account(password=PASSWORD)


numbers = itertools.count(1)


def marked(account, text):
    """The text as that account's, and a field to know it by."""
    mark = f"X-Test: {next(numbers)}\n"
    return mark, mark + text.replace("ACCOUNT", f"{account}@example.org")


def submit(mail, account, text):
    address = f"{account}@example.org"
    return mail.submit(account, PASSWORD, address, [address], text)


def send(mail, account, text):
    """From the account to itself; the message as it arrives."""
    mark, text = marked(account, text)
    reply = submit(mail, account, text)
    assert reply.accepted, reply
    return mail.wait_message(account, containing=mark)


PLAIN = "From: Anna <ACCOUNT>\nTo: ACCOUNT\nSubject: hello\n\nHello.\n"


def test_both_signatures_verify_where_the_mail_arrives(mail, selectors,
                                                       account):
    text = send(mail, account, PLAIN)
    assert signed_selectors(text) == selectors
    mail.wait_log(DAEMON, rf"verdict=signed login={account} "
                          rf"domain=example.org selectors="
                          + ",".join(selectors))


@pytest.mark.parametrize("text", [
    "From: ACCOUNT\n\n",
    "From: ACCOUNT\nSubject:   a \t b\n\tfolded\n\n  x \t y  \n\n\n\n",
    "From: ACCOUNT\nTo: a@example.net\nTo: b@example.net\n\n.\n..\n.x\n",
    "From: ACCOUNT\nReceived: from a by b; "
    "Sun, 22 Nov 2026 01:02:03 +0000\nSender: ACCOUNT\n\nHello.\n",
    "From: \"J\u00fcrgen\" <ACCOUNT>\nMIME-Version: 1.0\nContent-Type: "
    "text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n\u00e4\n",
    "From: ACCOUNT\nSubject: " + "word " * 180 + "\n\n" + "x" * 990 + "\n",
], ids=["empty", "white space", "dots", "unsigned fields", "8-bit", "long"])
def test_awkward_messages_verify_where_they_arrive(mail, selectors, account,
                                                   text):
    assert signed_selectors(send(mail, account, text)) == selectors


def test_mail_from_outside_is_not_signed(mail, selectors, account):
    mark, text = marked(account, PLAIN)
    reply = mail.deliver("stranger@example.net", [f"{account}@example.org"],
                         text)
    assert reply.accepted
    assert "DKIM-Signature" not in mail.wait_message(account, containing=mark)


def test_while_the_signer_is_down_mail_waits_with_its_sender(mail, selectors,
                                                             account):
    mail.servers[DAEMON].stop()
    reply = submit(mail, account, marked(account, PLAIN)[1])
    assert reply.code // 100 == 4, reply


def test_a_key_whose_record_is_not_out_is_not_activated(mail, selectors):
    mail.countersign("dkim", "generate", "example.org", "--selector", "late",
                     "--algorithm", "ed25519")
    refused = mail.countersign("dkim", "activate", "example.org", "late",
                               check=False)
    assert refused.returncode == 65
    assert ("late._domainkey.example.org: has no TXT record in DNS"
            in refused.stderr)
    mail.dns('late._domainkey.example.org. TXT "v=DKIM1; k=ed25519; p=AAAA"')
    refused = mail.countersign("dkim", "activate", "example.org", "late",
                               check=False)
    assert refused.returncode == 65
    assert "is not this key's" in refused.stderr


def test_a_record_that_no_datagram_holds_is_found(mail, selectors):
    record = mail.countersign("dkim", "generate", "example.org", "--selector",
                              "noted", "--algorithm", "rsa").stdout
    notes = " ".join(4 * ['"' + "x" * 250 + '"'])
    noted = record.replace("v=DKIM1; ", f'v=DKIM1; n=" {notes} "; ')
    assert noted != record
    mail.dns(noted)
    assert is_cut("noted._domainkey.example.org", "TXT")
    found = json.loads(mail.countersign("--json", "dkim", "check",
                                        "example.org", check=False).stdout)
    mail.countersign("dkim", "remove", "example.org", "noted")
    assert [row["result"] for row in found
            if row["selector"] == "noted"] == ["right"]
