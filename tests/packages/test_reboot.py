"""After test_boot.py and a reboot, before anybody has touched anything."""

import pytest
from harness import client
from harness.process import run
from mailhost import fetch
from units import (LAPTOP, SOCKETS, assert_socket, journal, property_of,
                   submit, wait_servers)


@pytest.fixture(params=SOCKETS)
def daemon(request):
    return request.param


def test_it_is_up_at_the_first_attempt(daemon):
    assert property_of(daemon, "ActiveState") == "active", journal(daemon)
    assert property_of(daemon, "NRestarts") == "0", journal(daemon)


def test_its_socket_is_there_again(daemon):
    assert_socket(daemon)


def test_it_was_ready_before_postfix_started(daemon):
    # Debian 12's Postfix proper is an instance.
    started = {int(property_of(unit, "InactiveExitTimestampMonotonic"))
               for unit in ("postfix.service", "postfix@-.service")} - {0}
    ready = int(property_of(daemon, "ActiveEnterTimestampMonotonic"))
    assert 0 < ready < min(started)


def test_a_message_goes_through_signed_and_a_forged_one_is_refused():
    wait_servers()
    reply = submit("after the reboot")
    assert reply.accepted, reply
    for subject in ("as herself", "after the reboot"):
        text = fetch(subject)
        for algorithm in ("rsa-sha256", "ed25519-sha256"):
            assert f"a={algorithm};" in text
    assert submit("as another", author="bert@example.org").code == 550


def test_a_key_reads_the_mail_from_before_and_after():
    session = client.imap(key=LAPTOP)
    session.select()
    for subject in ("as herself", "after the reboot"):
        assert session.search(None, "SUBJECT", f'"{subject}"')[1] != [b""]


def test_nothing_failed():
    assert run("systemctl", "--failed", "--plain", "--no-legend",
               "--quiet").stdout == ""
