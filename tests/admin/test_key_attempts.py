"""`countersign key attempts` on what was spooled, and on logs as they come."""

import json
import sqlite3
import stat
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from directory import COMMAND
from spool import Spool, now, record

KEY = "sha256:" + "0123456789abcdef" * 4
OTHER = "sha256:" + "f" * 64
WORKER = "auth-worker(12): "
CERTIFICATE = (Path(__file__).resolve().parent.parent / "unit" / "data"
               / "keys" / "p256.crt").read_bytes()
COLUMNS = ["ACCOUNT", "NAME", "RESULT", "REASON", "LOGIN", "MECHANISM",
           "PROTOCOL", "REMOTE", "KEY", "COUNT", "FIRST", "LAST"]


def pairs(key=KEY, time="2026-11-22T01:02:03Z", result=None, **others):
    text = "".join(f' {name}="{value}"' for name, value in others.items())
    result = result or ("accepted" if "name" in others else "refused")
    return (f"key={key} result={result} time={time}{text} mechanism=EXTERNAL "
            "protocol=imap remote=192.0.2.1")


def taken(key=KEY, **others):
    return pairs(key, account="anna", name="phone", **others)


def unknown(**others):
    return pairs(OTHER, reason="no account has this key",
                 login="anna@example.org", **others)


@pytest.fixture
def spool(directory):
    return Spool(directory)


# From the spool.


def test_it_shows_who_tried_with_which_key_first_last_and_how_often(
        directory, spool):
    first, later, last = now(-60), now(-50), now(-40)
    spool.add(taken(time=first), unknown(time=later), taken(time=last))
    assert [text.split() for text in
            directory.do("key", "attempts").splitlines()] == [
        COLUMNS,
        ["anna", "phone", "accepted", "-", "-", "EXTERNAL", "imap",
         "192.0.2.1", KEY, "2", first, last],
        ["-", "-", "refused", "no", "account", "has", "this", "key",
         "anna@example.org", "EXTERNAL", "imap", "192.0.2.1", OTHER, "1",
         later, later]]


def test_json_has_null_for_what_is_not_known(directory, spool):
    time = now(-60)
    spool.add(taken(time=time))
    assert directory.json("key", "attempts") == [
        {"account": "anna", "name": "phone", "result": "accepted",
         "reason": None, "login": None, "mechanism": "EXTERNAL",
         "protocol": "imap", "remote": "192.0.2.1", "key": KEY, "count": 1,
         "first": time, "last": time}]


@pytest.mark.parametrize("wanted, keys", [
    ("anna", [KEY]), ("ANNA", [KEY]), ("anna@example.org", [OTHER]),
    (OTHER, [OTHER]), (":".join(["FF"] * 32), [OTHER]), ("bert", [])])
def test_an_account_or_a_fingerprint_narrows_it(directory, spool, wanted,
                                                keys):
    spool.add(taken(time=now()), unknown(time=now()))
    assert [row["key"] for row in
            directory.json("key", "attempts", wanted)] == keys


def test_nothing_is_counted_twice_and_nothing_is_forgotten(directory, spool):
    for expected in range(1, 5):
        spool.add(taken(time=now()))
        for _ in range(2):
            row, = directory.json("key", "attempts")
            assert row["count"] == expected
    assert directory.do("key", "attempts", "--fold") == ""
    row, = directory.json("key", "attempts")
    assert row["count"] == 4


def test_what_was_taken_in_is_given_back_to_the_disk(directory, spool):
    spool.add(*[taken(time=now())] * 1000)
    size = spool.path.stat().st_size
    directory.do("key", "attempts", "--fold")
    status = spool.path.stat()
    assert status.st_size == size > 200_000
    assert status.st_blocks * 512 <= 8192


def test_what_is_older_than_thirty_days_goes(directory, spool):
    spool.add(taken(time=now(-31 * 86400)),
              unknown(time=now(-29 * 86400)))
    assert [row["key"] for row in
            directory.json("key", "attempts")] == [OTHER]


def test_a_clock_that_was_wrong_makes_nothing_of_tomorrow(directory, spool):
    spool.add(taken(time="2999-01-01T00:00:00Z"))
    row, = directory.json("key", "attempts")
    assert row["last"] <= now()


def test_what_was_cut_off_or_is_none_of_ours_is_passed_over(directory, spool):
    whole = record(taken(time=now()))
    spool.write(whole[:-20] + whole + "\n5 x=y z\n" + record("key=x")
                + record(taken().replace("accepted", "fine")) + "\0\0\n")
    row, = directory.json("key", "attempts")
    assert row["count"] == 1


def test_where_nothing_was_ever_spooled_is_not_to_say_that_nobody_tried(
        directory):
    complaint = directory.refused("key", "attempts", status=66)
    assert "dovecot-auth-tlspubkey" in complaint


def test_where_nothing_was_ever_spooled_there_is_nothing_to_take_in(directory):
    before = directory.files()
    assert directory.do("key", "attempts", "--fold") == ""
    assert directory.files() == before


def test_nobody_tried_yet_is_an_answer(directory, spool):
    spool.write("")
    assert directory.json("key", "attempts") == []


def test_the_attempts_are_for_their_owner_alone(directory, spool):
    spool.add(taken(time=now()))
    directory.do("key", "attempts")
    assert stat.S_IMODE((directory.folder / "attempts.db").stat().st_mode
                        ) == 0o600


@pytest.mark.parametrize("mode", [0o620, 0o602])
def test_a_spool_that_others_can_write_is_not_believed(directory, spool, mode):
    spool.add(taken(time=now()))
    spool.path.chmod(mode)
    done = directory.run("key", "attempts")
    assert (done.returncode, done.stdout) == (75, "")
    assert "attempts.spool: is not a file of user" in done.stderr


def test_a_link_in_its_place_is_not_followed(directory, spool, tmp_path):
    (tmp_path / "spool").write_text(record(taken(time=now())))
    spool.path.symlink_to(tmp_path / "spool")
    done = directory.run("key", "attempts")
    assert (done.returncode, done.stdout) == (75, "")


def test_damaged_attempts_are_said_and_keys_are_listed_all_the_same(
        directory, spool):
    directory.do("key", "add", "anna", input=CERTIFICATE)
    spool.add(taken(time=now()))
    (directory.folder / "attempts.db").write_bytes(b"not a database" * 100)
    done = directory.run("key", "attempts")
    assert done.returncode == 65 and done.stdout == ""
    assert "attempts.db: " in done.stderr
    done = directory.run("--json", "key", "list")
    assert done.returncode == 0
    assert "warning: when keys were last used" in done.stderr
    key, = json.loads(done.stdout)
    assert (key["account"], key["last_used"]) == ("anna", None)


def test_keys_are_listed_with_their_last_use(directory, spool):
    key = directory.json("key", "add", "anna", input=CERTIFICATE)
    assert key["last_used"] is None
    fingerprint, first, last = key["fingerprint"], now(-60), now(-30)
    spool.add(taken(fingerprint, time=first))
    assert directory.json("key", "list")[0]["last_used"] == first
    spool.add(taken(fingerprint, time=last, result="password"),
              pairs(fingerprint, now(), result="refused"))
    assert directory.json("key", "list")[0]["last_used"] == last
    assert directory.json("key", "show", fingerprint)["last_used"] == last
    assert last in directory.do("key", "list", "anna")


def test_of_many_keys_each_has_its_own_last_use(directory, spool):
    keys = {f"{number:064x}": now(-number) for number in range(2500)}
    with closing(sqlite3.connect(directory.folder / "directory.db")) as master:
        master.executemany(
            "INSERT INTO keys VALUES (?, 'bert', 'phone', 'p256', NULL, NULL, "
            "NULL, NULL, 0, 0, 1, 0)",
            [(bytes.fromhex(digits),) for digits in keys])
        master.commit()
    spool.add(*(taken(f"sha256:{digits}", time=time)
                for digits, time in keys.items()))
    assert {row["fingerprint"].removeprefix("sha256:"): row["last_used"]
            for row in directory.json("key", "list", "bert")} == keys


def test_a_device_that_only_tries_has_not_used_a_key(directory, spool):
    key = directory.json("key", "add", "anna", input=CERTIFICATE)
    spool.add(pairs(key["fingerprint"], now(), result="password",
                    account="anna"))
    assert directory.json("key", "list")[0]["last_used"] is None


def test_the_last_use_outlives_the_attempts(directory, spool):
    key = directory.json("key", "add", "anna", input=CERTIFICATE)
    time = now(-100 * 86400)
    spool.add(taken(key["fingerprint"], time=time))
    assert directory.json("key", "attempts") == []
    assert directory.json("key", "list")[0]["last_used"] == time


def test_commands_at_the_same_time_count_each_attempt_once(directory, spool):
    running = []
    for _ in range(10):
        spool.add(*[taken(time=now())] * 20)
        running.append(subprocess.Popen(
            directory.line("key", "attempts", "--fold"),
            stderr=subprocess.PIPE))
    for process in running:
        assert process.communicate(timeout=60)[1] == b""
        assert process.returncode == 0
    row, = directory.json("key", "attempts")
    assert row["count"] == 200


# From a log.


def line(text):
    return f"{WORKER}tlspubkey: {text}\n"


def attempts(*words, input="", **options):
    return subprocess.run([COMMAND, "key", "attempts", *words], input=input,
                          text=True, capture_output=True, timeout=60,
                          **options)


def rows(log, *words):
    done = attempts("--json", "--log", "-", *words, input=log)
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


def test_a_log_is_summed_up_however_old_it_is(tmp_path):
    log = tmp_path / "dovecot.log"
    early = taken(time="2020-01-01T00:00:00Z")
    log.write_text(line(early) + line(unknown()) + line(taken()))
    done = attempts("--log", log)
    assert (done.returncode, done.stderr) == (0, "")
    assert [text.split() for text in done.stdout.splitlines()] == [
        COLUMNS,
        ["-", "-", "refused", "no", "account", "has", "this", "key",
         "anna@example.org", "EXTERNAL", "imap", "192.0.2.1", OTHER, "1",
         "2026-11-22T01:02:03Z", "2026-11-22T01:02:03Z"],
        ["anna", "phone", "accepted", "-", "-", "EXTERNAL", "imap",
         "192.0.2.1", KEY, "2", "2020-01-01T00:00:00Z",
         "2026-11-22T01:02:03Z"]]


@pytest.mark.parametrize("wanted, keys", [
    ("anna", [KEY]), (OTHER, [OTHER]), ("bert", [])])
def test_a_log_is_narrowed_in_the_same_way(wanted, keys):
    log = line(taken()) + line(unknown())
    assert [row["key"] for row in rows(log, wanted)] == keys


def test_what_is_neither_account_nor_fingerprint_is_refused():
    done = attempts("--log", "-", "a b")
    assert (done.returncode, done.stdout) == (65, "")
    assert '"a b" is no account name' in done.stderr


def test_what_a_client_wrote_steers_no_terminal():
    done = attempts("--log", "-", input=line(taken()).replace(
        "remote", "login=\x1b[2J remote"))
    assert done.returncode == 0
    assert "\x1b" not in done.stdout


def test_a_log_without_any_is_not_to_say_that_nobody_tried():
    done = attempts("--log", "-", input="Nov 22 01:02:03 mail postfix/smtpd[1]:"
                    " " + line(taken()))
    assert (done.returncode, done.stdout) == (66, "")
    assert "no login with a key is logged there" in done.stderr


@pytest.mark.parametrize("words", [["anna"], ["--log", "-"]])
def test_folding_shows_nothing_so_it_stands_alone(words):
    done = attempts("--fold", *words)
    assert (done.returncode, done.stdout) == (64, "")
    assert "--fold" in done.stderr
