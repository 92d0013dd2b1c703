"""milter-dkim as built, driven over the milter protocol; dkimpy verifies."""

import json
import os
import re
import shutil
import struct

import dkim
import pytest

from conftest import COMMAND, DAEMON
from harness.milter import to_bytes
from harness.process import run

FROM = ("From", "Anna <anna@example.org>")
FIELDS = [("Received", "from a by b; Sun, 22 Nov 2026 01:02:03 +0000"),
          FROM, ("To", "rcpt@example.net"), ("Subject", "hello"),
          ("Date", "Sun, 22 Nov 2026 01:02:03 +0000"),
          ("Message-ID", "<1@example.org>")]
BODY = b"Hello.\r\n\r\n  two \t words \r\n\r\n\r\n"


class Keys:
    """A key table, and what DNS would say of it."""

    def __init__(self, folder):
        self.table = folder / "dkim" / "table"

    def command(self, *words):
        return run(COMMAND, "--directory", "sqlite:/nonexistent", "dkim",
                   *words, "--table", self.table)

    def make(self, domain="example.org", selector="s", algorithm="both"):
        self.command("generate", domain, "--selector", selector,
                     "--algorithm", algorithm)
        names = ([f"{selector}-rsa", f"{selector}-ed25519"]
                 if algorithm == "both" else [selector])
        for name in names:
            self.command("activate", domain, name, "--force")

    def records(self, domain="example.org"):
        done = self.command("record", domain, "--json")
        return {row["record_name"] + ".": row["record"]
                for row in json.loads(done.stdout)}

    def path(self, selector, domain="example.org"):
        return self.table.parent / domain / f"{selector}.pem"

    def give(self, user):
        """All that is there becomes that user's."""
        for path in (self.table.parent, *self.table.parent.rglob("*")):
            os.chown(path, user, user)


@pytest.fixture(scope="session")
def made_once(tmp_path_factory):
    keys = Keys(tmp_path_factory.mktemp("keys"))
    keys.make()
    return keys


@pytest.fixture
def keys(made_once, tmp_path):
    """Two active keys of example.org, s-rsa and s-ed25519."""
    keys = Keys(tmp_path)
    shutil.copytree(made_once.table.parent, keys.table.parent)
    return keys


@pytest.fixture
def running(daemon, directory, keys):
    return daemon.start(directory=directory, key_table=keys.table)


def inserted(milter):
    """Position and value of each field that was put in."""
    fields = []
    for command, data in milter.modifications:
        if command != "i":
            continue
        (index,) = struct.unpack("!I", data[:4])
        name, value, end = data[4:].split(b"\0")
        assert (name, end) == (b"DKIM-Signature", b"")
        fields.append((index, value))
    return fields


def tag(value, name):
    return re.sub(rb"\s", b"", re.search(
        rb"[ \t;]" + name + rb"=([^;]*)", value).group(1)).decode()


def assert_signed(milter, fields, body, keys, selectors,
                  domain="example.org"):
    text = milter.sent(fields, body)
    records = {name.encode(): record.encode()
               for name, record in keys.records(domain).items()}
    assert [tag(value, b"s") for _, value in inserted(milter)] == selectors
    for number in range(len(selectors)):
        assert dkim.DKIM(text).verify(
            number, dnsfunc=lambda name, timeout=5: records[name]), number


def logged(daemon):
    """The last line about a message, as a dictionary."""
    line = [line for line in daemon.log().splitlines()
            if "queue_id=" in line][-1]
    return {name: value.strip('"') for name, value in
            re.findall(r'(\w+)=("(?:[^"\\]|\\.)*"|\S+)', line)}


def test_it_negotiates_exactly_what_it_needs(running):
    with running.client() as milter:
        assert milter.macros_wanted == {
            "M": ["{auth_authen}", "{client_addr}", "{client_port}", "j"],
            "N": ["i"]}
        assert milter.actions == 0x113, (
            "add and change fields, change the body, ask for macros")
        no_connect, no_helo, no_rcpt, no_data, no_unknown = (
            0x1, 0x2, 0x8, 0x200, 0x100)
        no_reply_to_fields, no_reply_to_body, leading_space = (
            0x80, 0x80000, 0x100000)
        assert milter.steps == (
            no_connect | no_helo | no_rcpt | no_data | no_unknown |
            no_reply_to_fields | no_reply_to_body | leading_space)


@pytest.mark.parametrize("offer", [
    {"actions": 0x1FE}, {"actions": 0xFF}, {"steps": 0xFFFFF}])
def test_an_mta_that_lacks_what_is_needed_is_turned_away(running, offer):
    with pytest.raises(ConnectionError):
        running.client(**offer)
    assert "the MTA lacks what signing needs" in running.log()


def test_a_logins_own_mail_gets_both_signatures(running, keys):
    with running.client() as milter:
        answer = milter.message("anna@example.org", FIELDS, "anna", body=BODY)
        assert answer.kind == "accept"
        assert_signed(milter, FIELDS, BODY, keys, ["s-rsa", "s-ed25519"])
        assert [index for index, _ in inserted(milter)] == [0, 1]
    assert logged(running) == {
        "queue_id": "4XQueueId", "verdict": "signed", "login": "anna",
        "domain": "example.org", "selectors": "s-rsa,s-ed25519"}


@pytest.mark.parametrize("canonicalization", [
    "relaxed/simple", "relaxed/relaxed", "simple/simple", "simple/relaxed"])
def test_awkward_messages_verify(daemon, directory, keys, canonicalization):
    cases = {
        "no body": ([FROM], b""),
        "an empty line": ([FROM], b"\r\n"),
        "no last line end": ([FROM], b"end"),
        "white space": ([FROM, ("Subject", "  a \t b \t")],
                        b" a \t b \t\r\n \t\r\n\r\n"),
        "folds": ([("From", "Anna\n\t<anna@example.org>"),
                   ("Subject", "one\n two\n  three")], BODY),
        "twice": ([("To", "a@example.net"), FROM, ("To", "b@example.net")],
                  BODY),
        "8-bit": ([("From", "J\u00fcrgen <anna@example.org>"),
                   ("Subject", b"\xe4\xff")], b"\xc3\xa4\xff\x80\r\n"),
        "large": ([FROM], b"0123456789 abcdef\r\n" * 50000),
        "a lone CR at a border": ([FROM], b"x" * 65534 + b"\r\r\n\r\nend\r\n"),
    }
    daemon.start(directory=directory, key_table=keys.table,
                 canonicalization=canonicalization)
    for name, (fields, body) in cases.items():
        with daemon.client() as milter:
            answer = milter.message("anna@example.org", fields, "anna",
                                    body=body)
            assert answer.kind == "accept", name
            if not body.endswith(b"\r\n"):
                body += b"\r\n" if body else b""
            assert_signed(milter, fields, body, keys, ["s-rsa", "s-ed25519"])


def changed(milter, command):
    return [data for kind, data in milter.modifications if kind == command]


def test_date_and_message_id_are_added_before_signing(running, keys):
    fields = [FROM, ("Subject", "hello")]
    with running.client() as milter:
        milter.message("anna@example.org", fields, "anna", body=BODY)
        date, message_id = changed(milter, "h")
        assert re.fullmatch(
            rb"Date\0 [A-Z][a-z]{2}, \d+ [A-Z][a-z]{2} \d{4} "
            rb"\d\d:\d\d:\d\d \+0000\0", date)
        assert re.fullmatch(rb"Message-ID\0 <[0-9a-f]{32}@[a-z.]+>\0",
                            message_id)
        assert_signed(milter, fields, BODY, keys, ["s-rsa", "s-ed25519"])
    assert logged(running)["repaired"] == "Date added, Message-ID added"


def test_what_another_has_signed_gets_no_fields(running, keys):
    fields = [("DKIM-Signature", "v=1; d=example.net"), FROM]
    with running.client() as milter:
        milter.message("anna@example.org", fields, "anna", body=BODY)
        assert changed(milter, "h") == []
        assert len(inserted(milter)) == 2
    assert "repaired" not in logged(running)


def test_lines_that_postfix_would_break_are_folded(running, keys):
    to = ("To", ", ".join(f"a{n}@example.net" for n in range(200)))
    fields = FIELDS + [to, ("X-Other", "x" * 2000)]
    with running.client() as milter:
        milter.message("anna@example.org", fields, "anna", body=BODY)
        (change,) = changed(milter, "m")
        assert change.startswith(b"\0\0\0\2To\0 "), "the second To"
        assert change[8:-1].replace(b"\n", b"") == to_bytes(to[1])
        assert_signed(milter, fields, BODY, keys, ["s-rsa", "s-ed25519"])
    assert logged(running)["repaired"] == "To folded"


def test_signatures_end_when_they_are_to(daemon, directory, keys):
    daemon.start(directory=directory, key_table=keys.table, signature_days=2)
    with daemon.client() as milter:
        milter.message("anna@example.org", FIELDS, "anna", body=BODY)
        for _, value in inserted(milter):
            assert int(tag(value, b"x")) - int(tag(value, b"t")) == 2 * 86400


def test_mail_without_login_is_left_at_once(running):
    with running.client() as milter:
        assert milter.mail("anna@example.org").kind == "accept"
    assert "queue_id=" not in running.log()


@pytest.mark.parametrize("fields, reason", [
    ([("From", "bert@example.org")], "neither its own nor granted"),
    ([("From", "anna@example.org, bert@example.org")],
     "neither its own nor granted"),
    ([("From", "anna@example.com")], "no active key for the domain"),
    ([("From", "anna@sub.example.org")], "no active key for the domain"),
    ([("From", "anna@")], "From: "),
    ([("Subject", "hello")], "no From field"),
    ([FROM, FROM], "more than one From field"),
    ([FROM, ("X-Sieve-Redirected-From", "a@example.org")],
     "passed on by Sieve"),
])
def test_what_is_not_to_be_signed_goes_as_it_is(running, fields, reason):
    with running.client() as milter:
        answer = milter.message("anna@example.org", fields, "anna", body=BODY)
        assert answer.kind == "accept"
        assert milter.modifications == []
    assert logged(running)["verdict"] == "unsigned"
    assert reason in logged(running)["reason"]


def test_a_body_that_is_not_to_be_signed_is_not_asked_for(running):
    with running.client() as milter:
        milter.mail("anna@example.org", "anna")
        milter.header("From", "bert@example.org")
        assert milter.end_of_header("4XQueueId").kind == "accept"


def test_a_disabled_account_gets_no_signature(running):
    fields = [("From", "dora@example.org")]
    with running.client() as milter:
        milter.message("dora@example.org", fields, "dora", body=BODY)
        assert milter.modifications == []
    assert logged(running)["verdict"] == "unsigned"


def test_every_login_is_signed_for_where_that_is_set(daemon, directory, keys):
    daemon.start(directory=directory, key_table=keys.table,
                 sign_for="authenticated")
    fields = [("From", "bert@example.org")]
    with daemon.client() as milter:
        milter.message("anna@example.org", fields, "anna", body=BODY)
        assert_signed(milter, fields, BODY, keys, ["s-rsa", "s-ed25519"])


def test_a_u_label_finds_its_key_and_is_signed_as_an_a_label(
        daemon, directory, keys):
    keys.make("b\u00fccher.example.org", "u", "ed25519")
    daemon.start(directory=directory, key_table=keys.table)
    fields = [("From", "j\u00f6rg@b\u00fccher.example.org".encode())]
    with daemon.client() as milter:
        milter.message("", fields, "anna", body=BODY)
        ((_, value),) = inserted(milter)
        assert tag(value, b"d") == "xn--bcher-kva.example.org"


def test_an_unreachable_directory_is_a_temporary_failure(
        daemon, directory, keys, tmp_path):
    daemon.start(directory=f"sqlite:{tmp_path}/gone", key_table=keys.table)
    with daemon.client() as milter:
        answer = milter.message("anna@example.org", FIELDS, "anna", body=BODY)
        assert answer.kind == "reply"
        assert answer.text == ("451 4.7.5 the message can't be signed now; "
                               "try again later")
        assert milter.modifications == []
    assert logged(daemon)["verdict"] == "defer"
    assert f"{tmp_path}/gone" in logged(daemon)["reason"]


@pytest.mark.parametrize("fields", [
    [FROM] + [("To", "rcpt@example.net")] * 600,
    [FROM, ("References", "x" * 100000)] * 12,
])
def test_a_header_beyond_all_bounds_is_refused(running, fields):
    with running.client() as milter:
        answer = milter.message("anna@example.org", fields, "anna")
        assert answer.kind == "reply"
        assert answer.text.startswith("552 5.3.4 ")
    assert logged(running)["verdict"] == "reject"


def test_a_large_header_is_no_fault_where_nothing_is_signed(running):
    fields = [("From", "a@example.com")] + [("To", "b@example.net")] * 600
    with running.client() as milter:
        assert milter.message("a@example.com", fields, "anna").kind == "accept"
    assert logged(running)["verdict"] == "unsigned"


def test_fields_that_are_not_signed_do_not_count(running, keys):
    fields = [("Received", "x" * 1000)] * 2000 + FIELDS
    with running.client() as milter:
        milter.message("anna@example.org", fields, "anna", body=BODY)
        assert_signed(milter, fields, BODY, keys, ["s-rsa", "s-ed25519"])


def test_a_connection_carries_message_after_message(running, keys):
    with running.client() as milter:
        for _ in range(3):
            milter.modifications.clear()
            milter.message("anna@example.org", FIELDS, "anna", body=BODY)
            assert_signed(milter, FIELDS, BODY, keys, ["s-rsa", "s-ed25519"])
        milter.mail("anna@example.org", "anna")
        milter.header(*FROM)
        milter.abort()
        milter.modifications.clear()
        milter.message("anna@example.org", FIELDS, "anna", body=BODY)
        assert_signed(milter, FIELDS, BODY, keys, ["s-rsa", "s-ed25519"])


def settings_of(daemon):
    return dict(line.split(" = ", 1)
                for line in daemon.conf.read_text().splitlines())


def test_a_reload_swaps_keys_and_a_message_keeps_its_own(running, keys):
    with running.client() as old, running.client() as new:
        old.mail("anna@example.org", "anna")
        for field in FIELDS:
            old.header(*field)
        keys.make(selector="t")
        running.reload(**settings_of(running))
        assert old.end_of_header("4XOld").kind == "continue"
        old.body(BODY)
        assert old.end_of_message().kind == "accept"
        new.message("anna@example.org", FIELDS, "anna", body=BODY)
        assert_signed(old, FIELDS, BODY, keys, ["s-rsa", "s-ed25519"])
        assert_signed(new, FIELDS, BODY, keys, ["t-rsa", "t-ed25519"])


def test_a_bad_key_at_reload_is_named_and_the_old_keys_stay(running, keys):
    keys.make(selector="t")
    keys.path("t-rsa").chmod(0o644)
    running.reload(**settings_of(running))
    assert f"{keys.path('t-rsa')}: mode 0644 lets others" in running.log()
    keys.path("t-rsa").chmod(0o600)
    with running.client() as milter:
        milter.message("anna@example.org", FIELDS, "anna", body=BODY)
        assert_signed(milter, FIELDS, BODY, keys, ["s-rsa", "s-ed25519"])


# Leaks are looked for with ptrace(2), which the daemon refuses.
NO_LEAKS = {**os.environ, "ASAN_OPTIONS": "detect_leaks=0"}


def check_configuration(daemon, **settings):
    daemon.configure(**settings)
    daemon.log_path.touch()
    return run(DAEMON, "-t", "-c", daemon.conf, check=False, env=NO_LEAKS)


def test_the_check_names_what_is_wrong(daemon, directory, keys):
    keys.path("s-ed25519").write_bytes(keys.path("s-rsa").read_bytes())
    done = check_configuration(daemon, directory=directory,
                               key_table=keys.table)
    assert done.returncode == 65
    assert (f"{keys.path('s-ed25519')}: is a key of type RSA, not Ed25519"
            in done.stderr)


def test_the_check_accepts_what_is_right(daemon, directory, keys):
    done = check_configuration(daemon, directory=directory,
                               key_table=keys.table)
    assert (done.returncode, done.stderr) == (0, "")
