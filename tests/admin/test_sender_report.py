"""`countersign sender report` on logs as they may come."""

import json
import os
import shutil
import subprocess

import pytest

from directory import COMMAND

TAG = "Nov 22 01:02:03 mail milter-sender-check[12]: "
PASS = TAG + ("queue_id=1 verdict=pass mode=report account=anna login=anna "
              "mail_from=anna@example.org from=anna@example.org\n")
REJECT = TAG + ("queue_id=4X verdict=reject mode=report account=anna "
                "login=anna field=From address=bert@example.org "
                'reason="neither its own nor granted" '
                "mail_from=anna@example.org from=bert@example.org\n")
REFUSED = REJECT.replace("mode=report", "mode=enforce")
DEFER = TAG + ("warning: queue_id=5Y verdict=defer mode=report login=anna "
               'reason="/x: No such file or directory"\n')
UNKNOWN = TAG + ("queue_id=6Z verdict=reject mode=report login=zoe "
                 'reason="the login belongs to no account"\n')


def report(*words, input="", **options):
    return subprocess.run([COMMAND, "sender", "report", *words], input=input,
                          text=True, capture_output=True, timeout=60,
                          **options)


def rows(log):
    done = report("--json", "-", input=log)
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


def test_it_shows_by_account_what_enforcing_would_refuse(tmp_path):
    log = tmp_path / "mail.log"
    log.write_text(PASS + REJECT + PASS + REJECT + DEFER + UNKNOWN)
    done = report(log)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == """\
Messages: 6; refused 0, put off 0; enforcing would refuse 3 more and put off 1 more.
ACCOUNT  ADDRESS           FIELD  REASON                           VERDICT  MODE    COUNT  LAST QUEUE ID
anna     bert@example.org  From   neither its own nor granted      reject   report  2      4X
anna     -                 -      /x: No such file or directory    defer    report  1      5Y
zoe      -                 -      the login belongs to no account  reject   report  1      6Z
"""


def test_it_tells_what_was_refused_from_what_would_have_been():
    assert [(row["mode"], row["count"], row["last_queue_id"])
            for row in rows(REJECT + REFUSED + REJECT)] == [
        ("report", 2, "4X"), ("enforce", 1, "4X")]
    assert report("-", input=REFUSED).stdout.startswith(
        "Messages: 1; refused 1, put off 0; enforcing would refuse 0 more and")


def test_json_has_every_row_and_nothing_else():
    assert rows(PASS) == []
    assert rows(UNKNOWN + REJECT) == [
        {"account": "anna", "address": "bert@example.org", "field": "From",
         "reason": "neither its own nor granted", "verdict": "reject",
         "mode": "report", "count": 1, "last_queue_id": "4X"},
        {"account": "zoe", "address": None, "field": None,
         "reason": "the login belongs to no account", "verdict": "reject",
         "mode": "report", "count": 1, "last_queue_id": "6Z"}]


def test_several_files_are_summed_up_together(tmp_path):
    for name, text in (("mail.log", REJECT), ("mail.log.1", REJECT + DEFER)):
        (tmp_path / name).write_text(text)
    done = report(tmp_path / "mail.log.1", tmp_path / "mail.log")
    assert done.stdout.startswith("Messages: 3; ")


def test_what_a_user_writes_steers_neither_terminal_nor_row():
    address = 'x\\" verdict=pass account=\\"\x1b[2J\u202e@example.net'
    (row,) = rows(REJECT.replace("address=bert@example.org",
                                 f'address="{address}"'))
    assert (row["account"], row["verdict"]) == ("anna", "reject")
    assert row["address"] == address.replace("\\", "")
    shown = report("-", input=REJECT.replace("bert@", "\x1b[2J@")).stdout
    assert "\x1b" not in shown


def test_a_log_with_no_message_in_it_is_no_clean_bill():
    done = report("-", input="Nov 22 01:02:03 mail postfix/smtpd[1]: " +
                  REJECT)
    assert (done.returncode, done.stdout) == (66, "")
    assert done.stderr.startswith("countersign: no message is logged there: ")


def test_since_is_for_the_journal_alone(tmp_path):
    done = report("--since", "today", tmp_path / "mail.log")
    assert (done.returncode, done.stdout) == (64, "")
    assert "--since is for the journal" in done.stderr


def test_a_file_that_is_not_there_is_named():
    done = report("/nonexistent/mail.log")
    assert (done.returncode, done.stdout) == (66, "")
    assert done.stderr == ("countersign: /nonexistent/mail.log: can't be "
                           "read: No such file or directory\n")


@pytest.mark.skipif(shutil.which("unshare") is None or os.geteuid() != 0,
                    reason="puts another journalctl in place")
def test_the_journal_of_the_unit_is_asked_by_default(tmp_path):
    journal = tmp_path / "journalctl"
    journal.write_text("#!/bin/sh\n"
                       f'printf "%s\\n" "$@" >{tmp_path}/asked\n'
                       f"tail -n +2 {tmp_path}/log | cut -d' ' -f6-\n"
                       f"exit $(head -n 1 {tmp_path}/log)\n")
    journal.chmod(0o755)

    def from_journal(status, log, *words):
        (tmp_path / "log").write_text(f"{status}\n{log}")
        return subprocess.run(
            ["unshare", "--mount", "sh", "-ec",
             'mount --bind "$1" /usr/bin/journalctl; shift; exec "$@"', "sh",
             journal, COMMAND, "sender", "report", *words], text=True,
            capture_output=True, timeout=60)

    done = from_journal(0, REJECT + PASS + DEFER, "--since", "-7 days; x")
    assert done.stdout.startswith("Messages: 3; "), done.stderr
    assert (tmp_path / "asked").read_text().splitlines() == [
        "--unit=milter-sender-check", "--output=cat", "--no-pager", "--quiet",
        "--since=-7 days; x"]
    done = from_journal(0, "")
    assert done.returncode == 66
    assert (tmp_path / "asked").read_text().splitlines()[-1] == "--quiet"
    done = from_journal(1, REJECT)
    assert (done.returncode, done.stdout) == (69, "")
    assert done.stderr == ("countersign: /usr/bin/journalctl: ended with "
                           "status 1\n")
