"""The units under a real systemd, with stock Postfix and Dovecot as units."""

import json
import re
import sqlite3
import subprocess
from contextlib import closing
from datetime import datetime, timezone
from pathlib import Path

import pytest
from harness.milter import Milter
from harness.process import run, wait_for
from units import (SOCKETS, assert_socket, journal, property_of, set_up_stack,
                   submit, wait_message)


@pytest.fixture(scope="session", autouse=True)
def installed():
    subprocess.run(["sh", "-c", ". tests/system/install"], check=True)


@pytest.fixture(scope="session")
def stack(installed):
    set_up_stack()


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


def entries(*matches):
    """Of this boot's journal, those with these fields."""
    run("journalctl", "--sync")
    return [json.loads(line) for line in run(
        "journalctl", "--no-pager", "--output=json", "--all", "--boot",
        *matches).stdout.splitlines()]


def test_the_journal_finds_an_accounts_messages_by_a_field(stack):
    assert submit("as herself").accepted
    assert submit("as another", author="bert@example.org").code == 550
    passed, refused = entries("COUNTERSIGN_ACCOUNT=anna",
                              "_SYSTEMD_UNIT=milter-sender-check.service")[-2:]
    for name, value in {
            "COUNTERSIGN_VERDICT": "pass", "COUNTERSIGN_MODE": "enforce",
            "COUNTERSIGN_LOGIN": "anna", "PRIORITY": "6",
            "COUNTERSIGN_MAIL_FROM": "anna@example.org",
            "COUNTERSIGN_FROM": "anna@example.org",
            "SYSLOG_IDENTIFIER": "milter-sender-check",
            "SYSLOG_FACILITY": "2", "SYSLOG_PID": passed["_PID"],
    }.items():
        assert passed[name] == value
    queue_id = passed["COUNTERSIGN_QUEUE_ID"]
    assert passed["MESSAGE"].startswith(f"queue_id={queue_id} verdict=pass ")
    assert "COUNTERSIGN_REASON" not in passed
    assert refused["COUNTERSIGN_VERDICT"] == "reject"
    assert refused["COUNTERSIGN_FIELD"] == "From"
    assert refused["COUNTERSIGN_ADDRESS"] == "bert@example.org"
    assert refused["COUNTERSIGN_REASON"] == "neither its own nor granted"
    signed, = entries(f"COUNTERSIGN_QUEUE_ID={queue_id}",
                      "COUNTERSIGN_VERDICT=signed")
    assert signed["COUNTERSIGN_SELECTORS"] in ("ed25519,rsa", "rsa,ed25519")


def test_no_field_of_the_journal_can_be_forged():
    login = "x\nCOUNTERSIGN_ACCOUNT=forged\n\nMESSAGE=forged"
    with Milter(SOCKETS["milter-sender-check"]) as milter:
        milter.message("anna@example.org", [("From", "anna@example.org")],
                       login)
    entry, = entries("COUNTERSIGN_LOGIN=" + login)
    assert "COUNTERSIGN_ACCOUNT" not in entry
    assert entry["MESSAGE"].startswith("queue_id=NOQUEUE verdict=")
    assert entries("COUNTERSIGN_ACCOUNT=forged") == []


def rotate_by_systemd():
    """As the timer does; what systemd makes of its end."""
    unit = "countersign-dkim-rotate.service"
    run("systemctl", "start", unit, check=False)
    return property_of(unit, "Result"), property_of(unit, "ExecMainStatus")


def test_keys_rotate_when_the_timer_is_enabled(stack):
    timer = "countersign-dkim-rotate.timer"
    assert property_of(timer, "UnitFileState") == "disabled"
    assert property_of(timer, "ActiveState") == "inactive"
    run("systemctl", "enable", "--now", timer)
    assert property_of(timer, "ActiveState") == "active"
    table = Path("/var/lib/countersign/dkim/table")
    before, reloads = table.read_text(), journal("milter-dkim").count(
        "reloaded ")
    year = re.compile(r" active \d{4}-")
    table.write_text(year.sub(" active 2020-", before))
    assert rotate_by_systemd() == ("success", "0")
    assert len(table.read_text().splitlines()) == 4, journal(timer)
    for row in json.loads(run("countersign", "--json", "dkim",
                              "list").stdout):
        path = Path(row["key_file"])
        assert (path.group(), path.stat().st_mode & 0o777) == (
            "milter-dkim", 0o640)
    wait_for(lambda: journal("milter-dkim").count("reloaded ") > reloads,
             "the milter to be told")
    # Nobody serves DNS here: that alone is no failure, for days it is one.
    assert rotate_by_systemd() == ("success", "75")
    table.write_text(re.sub(r" pending \d{4}-", " pending 2020-",
                            year.sub(" active 2019-", table.read_text())))
    assert rotate_by_systemd() == ("exit-code", "1")
    assert "waits for its record since 2020-" in journal(
        "countersign-dkim-rotate")
    table.write_text(before)
    run("systemctl", "disable", "--now", timer)
    run("systemctl", "reset-failed", "countersign-dkim-rotate.service")
    assert rotate_by_systemd() == ("success", "0")


def test_a_timer_takes_in_who_tried_to_log_in(stack):
    unit = "countersign-key-attempts"
    assert property_of(f"{unit}.timer", "UnitFileState") == "enabled"
    assert property_of(f"{unit}.timer", "ActiveState") == "active"
    folder = Path("/var/lib/countersign")
    text = (f"key=sha256:{'0' * 64} result=refused "
            f"time={datetime.now(timezone.utc):%Y-%m-%dT%H:%M:%SZ}")
    run("sh", "-c", 'umask 077; cat >>"$1"', "sh", folder / "attempts.spool",
        input=f"\n{len(text)} {text}\n")
    run("systemctl", "start", unit, check=False)
    assert property_of(unit, "Result") == "success", journal(unit)
    with closing(sqlite3.connect(folder / "attempts.db")) as attempts:
        assert list(attempts.execute(
            "SELECT count FROM attempts WHERE key LIKE 'sha256:0000%'")) == [
                (1,)]


def test_where_the_timer_fails_the_journal_says_why(stack):
    unit = "countersign-key-attempts"
    spool = Path("/var/lib/countersign/attempts.spool")
    aside = spool.rename(spool.with_suffix(".aside"))
    try:
        spool.mkdir()
        run("systemctl", "start", unit, check=False)
        assert property_of(unit, "Result") == "exit-code"
        wait_for(lambda: f"{spool}: " in journal(unit), "the reason")
    finally:
        spool.rmdir()
        aside.rename(spool)
        run("systemctl", "reset-failed", unit)


@pytest.mark.parametrize("daemon", ["milter-sender-check", "milter-dkim"])
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
