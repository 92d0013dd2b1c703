"""`countersign key attempts` on logs as they may come."""

import json
import os
import shutil
import subprocess

import pytest

from directory import COMMAND

KEY = "sha256:" + "0123456789abcdef" * 4
OTHER = "sha256:" + "f" * 64
WORKER = "auth-worker(12): "


def line(key=KEY, time="01:02:03", **pairs):
    text = "".join(f' {name}="{value}"' for name, value in pairs.items())
    return (f"{WORKER}tlspubkey: key={key} "
            f"result={'accepted' if 'name' in pairs else 'refused'} "
            f"time=2026-11-22T{time}Z{text} mechanism=EXTERNAL protocol=imap "
            "remote=192.0.2.1\n")


TAKEN = line(account="anna", name="phone")
UNKNOWN = line(OTHER, "02:00:00", reason="no account has this key",
               login="anna@example.org")


def attempts(*words, input="", **options):
    return subprocess.run([COMMAND, "key", "attempts", *words], input=input,
                          text=True, capture_output=True, timeout=60,
                          **options)


def rows(log, *words):
    done = attempts("--json", "--log", "-", *words, input=log)
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


def test_it_shows_who_tried_with_which_key(tmp_path):
    log = tmp_path / "dovecot.log"
    log.write_text(TAKEN + UNKNOWN + TAKEN)
    done = attempts("--log", log)
    assert (done.returncode, done.stderr) == (0, "")
    assert [text.split() for text in done.stdout.splitlines()] == [
        ["ACCOUNT", "NAME", "RESULT", "REASON", "LOGIN", "MECHANISM",
         "PROTOCOL", "REMOTE", "KEY", "COUNT", "LAST"],
        ["-", "-", "refused", "no", "account", "has", "this", "key",
         "anna@example.org", "EXTERNAL", "imap", "192.0.2.1", OTHER, "1",
         "2026-11-22T02:00:00Z"],
        ["anna", "phone", "accepted", "-", "-", "EXTERNAL", "imap",
         "192.0.2.1", KEY, "2", "2026-11-22T01:02:03Z"]]


def test_json_has_null_for_what_is_not_known():
    assert rows(TAKEN) == [
        {"account": "anna", "name": "phone", "result": "accepted",
         "reason": None, "login": None, "mechanism": "EXTERNAL",
         "protocol": "imap", "remote": "192.0.2.1", "key": KEY, "count": 1,
         "last": "2026-11-22T01:02:03Z"}]


@pytest.mark.parametrize("wanted, keys", [
    ("anna", [KEY]), ("ANNA", [KEY]), ("anna@example.org", [OTHER]),
    (OTHER, [OTHER]), (":".join(["FF"] * 32), [OTHER]), ("bert", [])])
def test_an_account_or_a_fingerprint_narrows_it(wanted, keys):
    assert [row["key"] for row in rows(TAKEN + UNKNOWN, wanted)] == keys


def test_what_is_neither_account_nor_fingerprint_is_refused():
    done = attempts("--log", "-", "a b")
    assert (done.returncode, done.stdout) == (65, "")
    assert '"a b" is no account name' in done.stderr


def test_what_a_client_wrote_steers_no_terminal():
    done = attempts("--log", "-", input=TAKEN.replace("remote", "login=\x1b[2J "
                                                      "remote"))
    assert done.returncode == 0
    assert "\x1b" not in done.stdout


def test_a_log_without_any_is_not_to_say_that_nobody_tried():
    done = attempts("--log", "-", input="Nov 22 01:02:03 mail postfix/smtpd[1]:"
                    " " + TAKEN)
    assert (done.returncode, done.stdout) == (66, "")
    assert "no login with a key is logged there" in done.stderr


def test_since_is_for_the_journal_alone():
    done = attempts("--since", "today", "--log", "-")
    assert (done.returncode, done.stdout) == (64, "")
    assert "--since is for the journal" in done.stderr


@pytest.mark.skipif(shutil.which("unshare") is None or os.geteuid() != 0,
                    reason="puts another journalctl in place")
def test_the_journal_of_dovecot_is_asked_by_default(tmp_path):
    journal = tmp_path / "journalctl"
    journal.write_text("#!/bin/sh\n"
                       f'printf "%s\\n" "$@" >{tmp_path}/asked\n'
                       f"cat {tmp_path}/log\n")
    journal.chmod(0o755)
    (tmp_path / "log").write_text(TAKEN + UNKNOWN)
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-ec",
         'mount --bind "$1" /usr/bin/journalctl; shift; exec "$@"', "sh",
         journal, COMMAND, "--json", "key", "attempts", "--since", "today",
         KEY], text=True, capture_output=True, timeout=60)
    assert [row["account"] for row in json.loads(done.stdout)] == ["anna"]
    assert (tmp_path / "asked").read_text().splitlines() == [
        "--unit=dovecot", "--output=cat", "--no-pager", "--quiet",
        "--since=today"]
