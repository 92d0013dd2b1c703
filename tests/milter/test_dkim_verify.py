"""milter-dkim-verify as built, driven over the milter protocol.

What takes a key from DNS is in tests/system/test_dkim_verify.py; how single
signatures are judged in tests/unit/dkim-verifier-test.c.
"""

import os
import re
import struct
from concurrent.futures import ThreadPoolExecutor

import pytest

from conftest import DAEMON
from harness.process import run

FROM = ("From", "Anna <anna@example.com>")
OURS = "mail.example.org"
NONE = (0, f" {OURS}; dkim=none")

# No host is ever called so (RFC 2606), which every resolver knows.
SIGNATURE = ("DKIM-Signature", "v=1; a=rsa-sha256; d=test.invalid; s=s; "
             "h=from; bh=frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY=; "
             "b=AAAAAAAAAAAA")
OLD = ("DKIM-Signature", "v=1; a=rsa-sha1; d=example.com; s=s; h=from; "
       "bh=AAAA; b=BBBB")


@pytest.fixture
def running(daemon):
    return daemon.start()


def removed(milter):
    """The numbers of the fields that were taken out, in order."""
    numbers = []
    for command, data in milter.modifications:
        if command == "m":
            name, value, end = data[4:].split(b"\0")
            assert (name, value, end) == (b"Authentication-Results", b"", b"")
            numbers.append(struct.unpack("!I", data[:4])[0])
    return numbers


def inserted(milter):
    """The one field that was put in: its place and value."""
    (data,) = [data for command, data in milter.modifications
               if command == "i"]
    name, value, end = data[4:].split(b"\0")
    assert (name, end) == (b"Authentication-Results", b"")
    return struct.unpack("!I", data[:4])[0], value.decode()


def logged(daemon):
    """The last line about a message."""
    return [line for line in daemon.log().splitlines()
            if "queue_id=" in line][-1]


def test_it_negotiates_exactly_what_it_needs(running):
    with running.client() as milter:
        assert milter.macros_wanted == {
            "M": ["{auth_authen}", "{client_addr}", "{client_port}", "j"],
            "N": ["i"]}
        assert milter.actions == 0x111, "add, change fields, ask for macros"
        no_connect, no_helo, no_rcpt, no_data, no_unknown = (
            0x1, 0x2, 0x8, 0x200, 0x100)
        no_reply_to_fields, skip, leading_space = 0x80, 0x400, 0x100000
        assert milter.steps == (
            no_connect | no_helo | no_rcpt | no_data | no_unknown |
            no_reply_to_fields | skip | leading_space)


@pytest.mark.parametrize("offer", [
    {"actions": 0x1EF}, {"actions": 0x1FE}, {"actions": 0xFF},
    {"steps": 0xFFFFF}, {"steps": 0x1FFBFF}])
def test_an_mta_that_lacks_what_is_needed_is_turned_away(running, offer):
    with pytest.raises(ConnectionError):
        running.client(**offer)
    assert "the MTA lacks what verifying needs" in running.log()


def test_a_message_without_signatures_has_none(running):
    with running.client() as milter:
        assert milter.message("a@example.com", [FROM]).kind == "accept"
        assert inserted(milter) == NONE
        assert removed(milter) == []
    assert ("queue_id=4XQueueId verdict=accept client=192.0.2.9 dkim=none"
            in logged(running))


@pytest.mark.parametrize("login, client", [
    ("anna", ("192.0.2.9", "4711")), (None, ("127.0.0.1", "4711")),
    (None, ("127.9.9.9", "4711")), (None, ("IPv6:::1", "4711")),
    (None, ("::1", "4711")), (None, ("IPv6:::ffff:127.0.0.1", "4711"))])
def test_mail_of_a_login_and_of_the_host_is_left_at_once(running, login,
                                                         client):
    with running.client() as milter:
        assert milter.mail("a@example.org", login, client).kind == "accept"
    assert "queue_id=" not in running.log()


def test_mail_from_a_trusted_network_is_left_at_once(daemon):
    daemon.start(trusted_networks="198.51.100.0/24, 2001:db8::25")
    for address, kind in (("198.51.100.7", "accept"),
                          ("2001:db8::25", "accept"),
                          ("2001:db8::26", "continue"),
                          ("192.0.2.9", "continue"),
                          ("unknown", "continue"), ("", "continue")):
        with daemon.client() as milter:
            assert milter.mail("a@example.org", None,
                               (address, "1")).kind == kind, address


FORGED = [
    "mail.example.org; dkim=pass header.d=example.com",
    "MAIL.Example.ORG; none",
    "mail.example.org 1; none",
    "mail.example.org(x);none",
    "(x (y) \\) z) mail.example.org; none",
    '"mail.example.org"; none',
    '"mail.\\example.org" 1 ; none',
    "\n\tmail.example.org\n ; none",
    "mail.example.org",
    "mail.example.org.; none",
    "=?utf-8?q?mail=2Eexample=2Eorg?=; none",
    "mail.example.org/1; none",
    "mail.example.org, x; none",
    "mail.example.org x; none",
    "mail.exam(x)ple.org; none",
    "dkim=pass header.d=example.com",
    "",
    "; none",
    "(mail.example.org; none",
    "\uff4dail.example.org; none",
    b"mail.example.org\xff; none",
]
FOREIGN = ["mx.example.net; dkim=pass header.d=mail.example.org",
           "mail.example.org.example.net; none",
           "xmail.example.org; none", "example.org; none",
           "mx.example.net (mail.example.org); none"]


@pytest.mark.parametrize("value", FORGED)
def test_a_result_in_our_name_or_in_nobodys_is_removed(running, value):
    with running.client() as milter:
        milter.message("a@example.com", [
            FROM, ("Authentication-Results", value)])
        assert removed(milter) == [1]
        assert inserted(milter) == NONE
    assert "removed=1" in logged(running)


def test_results_of_others_stay_and_each_forged_one_goes(running):
    fields = [FROM]
    for value in FOREIGN:
        fields.append(("Authentication-Results", value))
        fields.append(("aUTHENTICATION-rESULTS", FORGED[0]))
    with running.client() as milter:
        milter.message("a@example.com", fields)
        # From the last on, since each that goes may renumber those behind.
        assert removed(milter) == [10, 8, 6, 4, 2]
        commands = [command for command, _ in milter.modifications]
        assert commands == ["m"] * 5 + ["i"]


def test_a_name_of_its_own_is_what_counts(daemon):
    daemon.start(authserv_id="MX.b\u00fccher.example")
    with daemon.client() as milter:
        milter.message("a@example.com", [
            FROM, ("Authentication-Results", FORGED[0]),
            ("Authentication-Results", "mx.xn--bcher-kva.example; none")])
        assert removed(milter) == [2]
        assert inserted(milter) == (
            0, " mx.xn--bcher-kva.example; dkim=none")


def test_more_forged_results_than_can_be_removed_are_refused(running):
    with running.client() as milter:
        answer = milter.message("a@example.com", [FROM] + [
            ("Authentication-Results", FORGED[0])] * 501)
        assert answer.text.startswith("550 5.7.0 ")
    assert "verdict=reject" in logged(running)


def test_a_key_that_is_not_there_is_no_pass(running):
    with running.client() as milter:
        answer = milter.message("a@example.com", [FROM, SIGNATURE])
        assert answer.kind == "accept"
        assert re.fullmatch(
            rf' {OURS};\n\tdkim=(permerror reason="no key in DNS"|temperror '
            r'reason="DNS did not tell the key")\n\t header\.d=test\.invalid'
            r"\n\t header\.i=@test\.invalid\n\t header\.s=s "
            r"header\.a=rsa-sha256 header\.b=AAAAAAAA", inserted(milter)[1])


def test_more_signatures_than_wanted_are_only_counted(daemon):
    daemon.start(max_signatures=2)
    with daemon.client() as milter:
        milter.message("a@example.com", [FROM] + [OLD] * 300)
        value = inserted(milter)[1]
        assert value.count("dkim=policy") == 2
        assert value.endswith(
            'dkim=neutral reason="298 more signatures were not looked at"')


def test_a_header_beyond_the_bounds_is_not_verified(running):
    for filler in ([("X-Other", "x")] * 2000, [("X-Other", "x" * 99999)] * 11):
        with running.client() as milter:
            answer = milter.message("a@example.com",
                                    [FROM, SIGNATURE] + filler)
            assert answer.kind == "accept"
            assert ('dkim=neutral reason="the header is too large"'
                    in inserted(milter)[1])


def test_results_behind_the_bounds_are_removed_all_the_same(running):
    with running.client() as milter:
        milter.message("a@example.com", [FROM] + [("X-Other", "x")] * 3000 + [
            ("Authentication-Results", FORGED[0])])
        assert removed(milter) == [1]


def test_a_body_that_is_not_needed_is_not_asked_for(running):
    with running.client() as milter:
        milter.mail("a@example.com")
        milter.header(*FROM)
        milter.end_of_header("4XQueueId")
        milter.send("B", b"Hi.\r\n")
        assert milter.receive() == ("s", b"")
        assert milter.end_of_message().kind == "accept"


def test_a_host_without_a_name_puts_mail_off(running):
    with running.client() as milter:
        answer = milter.step("M", b"<a@example.com>\0",
                             {"{client_addr}": "192.0.2.9"})
        assert answer.text.startswith("451 4.7.0 ")
    assert "set authserv_id" in running.log()


def test_a_connection_carries_message_after_message(running):
    with running.client() as milter:
        for _ in range(3):
            milter.modifications.clear()
            milter.message("a@example.com", [FROM, OLD], body=b"Hi.\r\n")
            assert "dkim=policy" in inserted(milter)[1]
        milter.mail("a@example.com")
        milter.header("Authentication-Results", FORGED[0])
        milter.abort()
        milter.modifications.clear()
        milter.message("a@example.com", [FROM])
        assert milter.modifications[0][0] == "i"


def test_messages_and_reloads_at_once_mix_nothing(daemon):
    daemon.start(dns_timeout=1)

    def send(_):
        with daemon.client() as milter:
            milter.message("a@example.com", [
                FROM, OLD, SIGNATURE, ("Authentication-Results", FORGED[0])],
                body=b"x y\r\n" * 20000)
            place, value = inserted(milter)
            name = value.partition(";")[0].strip()
            # The field says mail.example.org, which is ours at first alone.
            return removed(milter) == ([1] if name == OURS else []) and \
                "dkim=policy" in value

    with ThreadPoolExecutor(8) as pool:
        right = pool.map(send, range(100))
        for number in range(10):
            daemon.reload(authserv_id=f"mx{number}.example.org",
                           dns_timeout=1)
        assert all(right)


@pytest.mark.parametrize("settings, complaint", [
    ({"authserv_id": '"mail"'}, "authserv_id must be one word"),
    ({"authserv_id": "a b"}, "authserv_id must be one word"),
    ({"trusted_networks": "192.0.2.1/24"}, "trusted_networks: "),
    ({"on_fail": "discard"}, "on_fail must be one of accept, reject"),
    ({"max_signatures": "0"}, "max_signatures must be a number from 1 to 20"),
    ({"min_rsa_bits": "512"}, "min_rsa_bits must be a number from 1024"),
    ({"sign_for": "owner"}, "sign_for is a setting of milter-dkim.conf"),
    ({"key_table": "/x"}, "key_table is a setting of milter-dkim.conf"),
])
def test_the_check_names_what_is_wrong(daemon, settings, complaint):
    daemon.configure(**settings)
    daemon.log_path.touch()
    done = run(DAEMON, "-t", "-c", daemon.conf, check=False)
    assert done.returncode == 78
    assert complaint in done.stderr


def test_the_signer_refuses_the_verifiers_settings(daemon):
    daemon.configure(on_fail="reject")
    daemon.log_path.touch()
    done = run(os.environ["SIGNER"], "-t", "-c", daemon.conf, check=False,
               env={**os.environ, "ASAN_OPTIONS": "detect_leaks=0"})
    assert done.returncode == 78
    assert "on_fail is a setting of milter-dkim-verify.conf" in done.stderr
