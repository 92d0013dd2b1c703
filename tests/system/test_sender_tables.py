"""The tables of headers and addresses through stock Postfix: milter-sender-check
says of each what `countersign sender check --message` does."""

import json

import pytest
from harness import authors
from harness.process import run
from harness.submitter import Submitter, text

PASSWORD = "correct horse"
DAEMON = "milter-sender-check"


@pytest.fixture(scope="module")
def anna(stack):
    """Whose addresses the tables have."""
    stack.countersign("directory", "import", authors.DIRECTORY)
    stack.set_password("anna", PASSWORD)
    return "anna"


@pytest.fixture(scope="module")
def submitter(anna):
    submitter = Submitter(anna, PASSWORD, "anna@example.org")
    yield submitter
    submitter.close()


def said_by_command(message, mail_from="anna@example.org"):
    """The answer of `sender check`, by the filter's own settings."""
    done = run("countersign", "--json", "sender", "check", "--message", "anna",
               "--envelope", mail_from,
               input=message.decode("utf-8", errors="surrogateescape"),
               check=False)
    assert done.returncode in (0, 1), done.stderr
    return json.loads(done.stdout)


def must_begin(reply, wanted, part=""):
    if wanted is None:
        assert reply is None
    else:
        assert reply is not None
        assert reply.startswith(wanted) and part in reply


def check(submitter, verdicts, name, message, mail_from="anna@example.org"):
    """Both replies, which are to be the same; None if it is accepted."""
    said = said_by_command(message, mail_from)
    _, reply = submitter.submit(mail_from, message)
    verdicts.add(name, said["reply"], text(reply))
    assert text(reply) == said["reply"]
    return said


@pytest.mark.parametrize("field", authors.FIELDS)
@pytest.mark.parametrize("case", [
    pytest.param(case, id=case.name) for case in authors.cases()])
def test_every_value_in_every_field(mail, submitter, verdicts, field, case):
    said = check(submitter, verdicts, f"{field}: {case.name}",
                 case.message(field))
    must_begin(said["reply"], *(case.reply(field) or (None,)))


@pytest.mark.parametrize("name, message, wanted", [
    pytest.param(*case, id=case[0]) for case in authors.MALFORMED])
def test_every_malformed_header(mail, submitter, verdicts, name, message,
                                wanted):
    said = check(submitter, verdicts, name, message + b"Hello.\r\n")
    must_begin(said["reply"], wanted)


@pytest.fixture
def rules(mail, submitter, header):
    """The filter goes by the settings that the header's row names."""
    if header.rules:
        mail.servers[DAEMON].reload(f"mode = enforce\n{header.rules}\n")
        mail.wait_log(DAEMON, "reloaded")
    yield
    if header.rules:
        # The filter ends now, and Postfix asks no other in a connection.
        submitter.close()


@pytest.mark.parametrize("header", [
    pytest.param(header, id=header.name) for header in authors.headers()])
def test_every_header(mail, submitter, verdicts, rules, header):
    said = check(submitter, verdicts, header.name, header.message,
                 header.mail_from)
    must_begin(said["reply"], header.reply)
    assert said["added_sender"] == header.sender
    if header.sender:
        mail.wait_log(DAEMON, f" sender={header.sender}".replace("+", r"\+"))


# Does Postfix know SMTPUTF8 (RFC 6531), and does the client ask for it?
SMTPUTF8 = {"SMTPUTF8 asked for": (True, True),
            "SMTPUTF8 not asked for": (True, False),
            "SMTPUTF8 disabled": (False, False)}


@pytest.fixture(scope="module", params=SMTPUTF8)
def smtputf8(request, stack, anna):
    enabled, _ = SMTPUTF8[request.param]
    if not enabled:
        stack.restart("postfix", "smtputf8_enable = no\n")
    yield request.param
    if not enabled:
        stack.restart("postfix")


@pytest.fixture(scope="module")
def utf8_submitter(smtputf8, anna):
    """Of its own for each way: it says EHLO but once."""
    submitter = Submitter(anna, PASSWORD, "anna@example.org")
    yield submitter
    submitter.close()


each_address = pytest.mark.parametrize("case", [
    pytest.param(case, id=case.name) for case in authors.addresses()])


@each_address
def test_every_address_as_envelope(utf8_submitter, smtputf8, verdicts, case):
    message = authors.OWN + b"\r\nHello.\r\n"
    _, asked = SMTPUTF8[smtputf8]
    said = said_by_command(message, case.address)["reply"]
    step, reply = utf8_submitter.submit(case.address, message, asked)
    verdicts.add(f"envelope, {smtputf8}: {case.name}", said, text(reply))
    must_begin(said, case.envelope_reply)
    if not asked and not case.address.rpartition("@")[2].isascii():
        # Postfix, before it asks us: a domain in U-labels is for SMTPUTF8.
        said = "501 5.1.7 Bad sender address syntax"
    assert text(reply) == said
    assert step == ("MAIL" if said else "message")


@each_address
def test_every_address_as_from(utf8_submitter, smtputf8, verdicts, case):
    message = f"From: {case.address}\r\n\r\nHello.\r\n".encode()
    said = said_by_command(message)["reply"]
    _, asked = SMTPUTF8[smtputf8]
    _, reply = utf8_submitter.submit("anna@example.org", message, asked)
    verdicts.add(f"From, {smtputf8}: {case.name}", said, text(reply))
    must_begin(said, case.from_reply)
    assert text(reply) == said
