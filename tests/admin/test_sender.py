"""`countersign sender check`, an address and a whole message."""

import json
import re
import sys
from pathlib import Path

import pytest

from directory import Directory

sys.path.insert(0, str(Path(__file__).parents[1] / "system"))
from harness import authors  # noqa: E402
from harness.authors import FOREIGN, NO_FROM, NOT_BERT, OWN  # noqa: E402


@pytest.fixture(scope="module")
def sender(tmp_path_factory):
    """One directory for all, since none of them changes it."""
    command = Directory(tmp_path_factory.mktemp("sender") / "directory")
    command.do("directory", "init")
    command.do("domain", "add", "example.org", "--delimiter", "+")
    for account in ("anna", "bert", "dora"):
        command.do("account", "add", account)
        command.do("address", "add", f"{account}@example.org", account)
    command.do("account", "disable", "dora")
    command.do("grant", "add", "anna", "info@example.org")
    command.do("grant", "add", "anna", "boss@example.com", "--on-behalf")
    return command


@pytest.mark.parametrize("account, address, status, why", [
    ("anna", "anna@example.org", 0, "its own"),
    ("anna@example.org", "Anna+x@EXAMPLE.ORG", 0, "its own"),
    ("anna", "info@example.org", 0, "granted"),
    ("anna", "boss@example.com", 0,
     "granted on behalf, with a Sender field of its own"),
    ("anna", "bert@example.org", 1, "neither its own nor granted"),
    ("dora", "dora@example.org", 1, "the account is disabled"),
])
def test_an_address_is_answered_with_the_reason(sender, account, address,
                                                status, why):
    done = sender.run("sender", "check", account, address)
    assert (done.returncode, done.stderr) == (status, "")
    assert done.stdout.splitlines()[2:] == [
        f"may      {'no' if status else 'yes'}", f"why      {why}"]


def test_the_answer_comes_as_json(sender):
    assert sender.json("sender", "check", "anna", "anna@example.org") == {
        "account": "anna", "address": "anna@example.org", "may": True,
        "why": "its own"}


@pytest.mark.parametrize("words, status, complaint", [
    (["nobody", "anna@example.org"], 67,
     '"nobody" is neither an account nor an address of one'),
    (["anna", "anna@@example.org"], 65, "is not an address"),
    (["anna"], 64, "either an ADDRESS or --message"),
    (["anna", "anna@example.org", "--message"], 64,
     "either an ADDRESS or --message"),
    (["anna", "anna@example.org", "--envelope", "<>"], 64,
     "--envelope and --rules go with --message only"),
])
def test_a_bad_question_is_refused_in_one_line(sender, words, status,
                                               complaint):
    assert complaint in sender.refused("sender", "check", *words,
                                       status=status)


def check(sender, message, *words, account="anna"):
    """Exit status, reply."""
    done = sender.run("--json", "sender", "check", "--message", account,
                      *words, input=message)
    assert done.stderr == ""
    return done.returncode, json.loads(done.stdout)["reply"]


@pytest.fixture(scope="module")
def anna(tmp_path_factory):
    """The directory whose addresses the tables have."""
    command = Directory(tmp_path_factory.mktemp("tables") / "directory")
    command.do("directory", "init")
    command.do("directory", "import", authors.DIRECTORY)
    return command


def must_begin(status, reply, wanted, part=""):
    if wanted is None:
        assert (status, reply) == (0, None)
    else:
        assert status == 1 and reply.startswith(wanted) and part in reply


@pytest.mark.parametrize("field", authors.FIELDS)
@pytest.mark.parametrize("case", [
    pytest.param(case, id=case.name) for case in authors.cases()])
def test_the_whole_table_of_values_in_every_field(anna, field, case):
    status, reply = check(anna, case.message(field))
    must_begin(status, reply, *(case.reply(field) or (None,)))


@pytest.mark.parametrize("header", [
    pytest.param(header, id=header.name) for header in authors.headers()])
def test_the_whole_table_of_headers(anna, tmp_path, header):
    rules = tmp_path / "rules"
    rules.write_text(header.rules)
    done = anna.run("--json", "sender", "check", "--message", "anna",
                    "--rules", rules, "--envelope", header.mail_from,
                    input=header.message)
    answer = json.loads(done.stdout)
    must_begin(done.returncode, answer["reply"], header.reply)
    assert answer["added_sender"] == header.sender


@pytest.mark.parametrize("case", [
    pytest.param(case, id=case.name) for case in authors.addresses()])
def test_the_whole_table_of_addresses(anna, case):
    done = anna.run("sender", "check", "anna", case.address)
    malformed = case.envelope_reply and " 5.1.7 " in case.envelope_reply
    assert done.returncode == (0 if case.from_reply is None
                               else 65 if malformed else 1)
    must_begin(*check(anna, OWN, "--envelope", case.address),
               case.envelope_reply)
    must_begin(*check(anna, f"From: {case.address}\r\n", "--envelope", ""),
               case.from_reply)


@pytest.mark.parametrize("name, message, reply", [
    pytest.param(*case, id=case[0]) for case in [
        ("own", OWN + b"\r\nHello.\r\n", None),
        ("another's", FOREIGN + b"\r\nHello.\r\n", NOT_BERT),
        ("nothing", b"", NO_FROM),
        *authors.MALFORMED]])
def test_malformed_headers_are_judged_as_postfix_hands_them_on(
        sender, name, message, reply):
    status, given = check(sender, message)
    if reply is None:
        assert (status, given) == (0, None)
    else:
        assert status == 1 and given.startswith(reply)


@pytest.mark.parametrize("envelope, reply", [
    ("<>", None),
    ("", None),
    ("anna@example.org", None),
    ("<anna@example.org>", None),
    ("bert@example.org",
     "550 5.7.1 the login anna may not send as <bert@example.org> "
     "(envelope sender)"),
])
def test_the_envelope_is_checked_where_it_is_given(sender, envelope, reply):
    assert check(sender, OWN, "--envelope", envelope) == (
        1 if reply else 0, reply)


def test_a_null_envelope_is_shown_as_such(sender):
    answer = sender.do("sender", "check", "anna", "--message", "--envelope",
                       "", input=OWN)
    assert re.search(r"^mail from  +<>$", answer, re.M)


def test_a_null_envelope_does_not_excuse_the_header(sender):
    assert check(sender, FOREIGN, "--envelope", "<>") == (1, NOT_BERT)


def test_on_behalf_needs_an_own_sender(sender):
    message = b"From: boss@example.com\r\n"
    status, reply = check(sender, message)
    assert status == 1 and "on behalf of <boss@example.com>" in reply
    assert check(sender, message + b"Sender: anna@example.org\r\n") == (
        0, None)


def test_on_behalf_the_sender_that_is_added_is_shown(sender):
    answer = json.loads(sender.run(
        "--json", "sender", "check", "--message", "anna", "--envelope",
        "Anna+x@example.org", input=b"From: boss@example.com\r\n").stdout)
    assert (answer["verdict"], answer["added_sender"]) == (
        "pass", "Anna+x@example.org")


def test_the_rules_of_a_file_hold_and_its_other_settings_do_not_matter(
        sender, tmp_path):
    rules = tmp_path / "rules"
    message = (b"Resent-From: anna@example.org\r\n"
               b"Resent-To: x@example.net\r\n" + FOREIGN)
    rules.write_text("socket = unix:/nowhere\nresent = allow\n"
                     "exempt = %staff, dora, bert\n")
    assert check(sender, message) == (1, NOT_BERT)
    assert check(sender, message, "--rules", rules) == (0, None)
    assert check(sender, OWN, "--rules", rules, account="bert") == (0, None)
    assert check(sender, OWN, "--rules", rules, account="dora")[0] == 1
    rules.write_text("resent = perhaps\n")
    assert "resent" in sender.refused("sender", "check", "--message", "anna",
                                      "--rules", rules, input=b"",
                                      status=78)


def test_an_unknown_or_disabled_login_gets_the_milters_reply(sender):
    assert check(sender, OWN, account="nobody") == (
        1, "550 5.7.1 the login nobody belongs to no account here")
    assert check(sender, OWN, account="dora") == (
        1, "550 5.7.1 the account of the login dora is disabled")


def test_an_outage_is_neither_yes_nor_no(directory):
    (directory.folder / "published" / "directory.db").unlink()
    for words in (("anna", "anna@example.org"), ("--message", "anna")):
        complaint = directory.refused("sender", "check", *words, input=OWN,
                                      status=69)
        assert "published/directory.db" in complaint
