"""The units under a real systemd, with stock Postfix and Dovecot as units."""

import json
import subprocess
from pathlib import Path

import pytest
from harness import tls
from harness.dovecot import Dovecot
from harness.postfix import Postfix
from harness.process import run, wait_for
from units import (SOCKETS, assert_socket, journal, make_accounts, property_of,
                   submit, wait_message, wait_servers)


@pytest.fixture(scope="session", autouse=True)
def installed():
    subprocess.run(["sh", "-c", ". tests/system/install"], check=True)


@pytest.fixture(scope="session")
def stack(installed):
    """Servers as in the system tests, but started by systemd."""
    tls.make_ca()
    make_accounts()
    Dovecot().configure(None)
    Postfix().configure(None)
    Path("/etc/countersign/milter-sender-check.conf").write_text(
        "mode = enforce\n")
    run("systemctl", "reload", *SOCKETS)
    run("systemctl", "restart", "dovecot", "postfix")
    wait_servers()


@pytest.fixture(params=SOCKETS)
def daemon(request):
    return request.param


def test_installing_beside_servers_that_run_meets_no_error():
    log = Path("/var/log/install.log").read_text()
    assert "Setting up dovecot-sieve-ext" in log
    assert "error" not in log.lower()


def test_installing_starts_it_and_enables_it(daemon):
    assert property_of(daemon, "ActiveState") == "active", journal(daemon)
    assert property_of(daemon, "UnitFileState") == "enabled"
    assert property_of(daemon, "User") == daemon


def test_its_socket_is_its_own_and_open_to_postfix_alone(daemon):
    assert_socket(daemon)


def test_a_reload_keeps_the_process(daemon):
    before = property_of(daemon, "MainPID")
    run("systemctl", "reload", daemon)
    wait_for(lambda: "reloaded /etc/countersign/" in journal(daemon),
             "the reload")
    assert property_of(daemon, "ActiveState") == "active"
    assert property_of(daemon, "MainPID") == before


def test_a_bad_configuration_is_refused_by_reload_and_restart(daemon):
    path = Path(f"/etc/countersign/{daemon}.conf")
    good = path.read_text()
    path.write_text("colour = blue\n")
    try:
        run("systemctl", "reload", daemon)
        wait_for(lambda: "reload failed, the old settings stay" in
                 journal(daemon), "the refusal")
        assert property_of(daemon, "ActiveState") == "active"
        assert run("systemctl", "restart", daemon, check=False).returncode
        assert "colour" in journal(daemon)
    finally:
        path.write_text(good)
        run("systemctl", "reset-failed", daemon)
        run("systemctl", "restart", daemon)


def test_killed_it_comes_back(daemon):
    before = property_of(daemon, "MainPID")
    run("kill", "-KILL", before)
    wait_for(lambda: property_of(daemon, "ActiveState") == "active" and
             property_of(daemon, "MainPID") != before, "its return")
    assert SOCKETS[daemon].is_socket()


def test_it_can_write_nowhere_but_where_it_should(daemon):
    sees = ["nsenter", "--mount", "--target", property_of(daemon, "MainPID")]
    for path in ("/usr/new", "/etc/countersign/new", "/home/new",
                 "/var/lib/countersign/new"):
        assert run(*sees, "touch", path, check=False).returncode


def test_a_message_goes_through_signed_and_a_forged_one_is_refused(stack):
    reply = submit("as herself")
    assert reply.accepted, reply
    text = wait_message("as herself")
    for algorithm in ("rsa-sha256", "ed25519-sha256"):
        assert f"a={algorithm};" in text
    reply = submit("as another", author="bert@example.org")
    assert reply.code == 550, reply
    rows = json.loads(run("countersign", "--json", "sender", "report",
                          "--since", "-1h").stdout)
    assert [(row["account"], row["address"], row["mode"]) for row in rows] == [
        ("anna", "bert@example.org", "enforce")]


def test_while_it_is_stopped_submissions_are_put_off(stack, daemon):
    run("systemctl", "stop", daemon)
    assert not SOCKETS[daemon].exists()
    try:
        reply = submit("too early")
    finally:
        run("systemctl", "start", daemon)
    assert 400 <= reply.code < 500, reply


def test_nothing_failed(stack):
    assert run("systemctl", "--failed", "--plain", "--no-legend",
               "--quiet").stdout == ""
