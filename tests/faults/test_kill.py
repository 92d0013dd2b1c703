"""The command, killed before each of its writes while a reader asks.

strace kills it with SIGKILL on entering the Nth call of one kind, its own: it
counts those of children, such as postmap, apart. POINTS says
how many of all such points are tried, "all" or a number spread evenly.
"""

import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "admin"))
from directory import Directory  # noqa: E402

READER = os.environ["READER"]
POINTS = os.environ["POINTS"]

WRITES = ["openat", "write", "pwrite64", "fsync", "fdatasync", "ftruncate",
          "fallocate", "rename", "unlink", "mkdir", "rmdir", "chmod", "chown", "fchmod",
          "fchown"]
KILLED = -9


def do(folder, *words, input=""):
    return Directory(folder).do(*words, input=input)


def points(folder, *words):
    """Runs it to its end; every (call, which one) where it writes."""
    log = folder.parent / "strace.log"
    subprocess.run(["strace", "-o", log, "-e", f"trace={','.join(WRITES)}",
                    *Directory(folder).line(*words)], check=True, timeout=60)
    calls = re.findall(r"^(\w+)\(", log.read_text(), re.M)
    assert "pwrite64" in calls
    found = [(call, number + 1) for call in WRITES
             for number in range(calls.count(call))]
    if POINTS == "all":
        return found
    step = max(1, len(found) // int(POINTS))
    return found[::step]


def kill(folder, call, number, *words):
    """It must really have been killed there."""
    done = subprocess.run(
        ["strace", "-o", "/dev/null", "-e", f"trace={call}", "-e",
         f"inject={call}:signal=SIGKILL:when={number}",
         *Directory(folder).line(*words)], capture_output=True, timeout=60)
    assert done.returncode == KILLED, (call, number, done.stderr)


def published(folder):
    """What others read, without the number of the generation."""
    path = folder / "published"
    with closing(sqlite3.connect(f"file:{path}/directory.db?immutable=1",
                                 uri=True)) as snapshot:
        assert list(snapshot.execute("PRAGMA integrity_check")) == [("ok",)]
        rows = [line for line in snapshot.iterdump()
                if 'INTO "state"' not in line]
    return {"directory.db": "\n".join(rows),
            **{name: (path / name).read_text() for name in
               ("dovecot.passwd", "dovecot.userdb",
                "postfix/sender_login_maps", "postfix/virtual_alias_maps")}}


def assert_repaired(folder):
    """As after a command that nobody killed.

    An SQLite journal in which nothing stood yet may lie there until the next
    change uses it; it is no part of the database (sqlite.org/atomiccommit).
    """
    assert do(folder, "directory", "check") == ""
    assert {path.name for path in folder.iterdir()} - {
        "directory.db-journal"} == {"directory.db", "lock", "published"}
    assert sorted(path.name for path in
                  (folder / "published").iterdir()) == [
        "directory.db", "dovecot.passwd", "dovecot.userdb", "postfix"]


class Reader:
    def __init__(self, folder):
        self.process = subprocess.Popen(
            [READER, f"sqlite:{folder}", "anna", "anna@example.org"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def assert_never_wrong(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        asked, wrong = map(int, self.process.stdout.readline().split())
        assert asked > 0 and wrong == 0

    def close(self):
        self.process.stdin.close()
        assert self.process.wait(timeout=60) == 0
        self.process.stdout.close()


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "directory"
    do(folder, "directory", "init")
    do(folder, "domain", "add", "example.org", "--delimiter", "+")
    for name in ("anna", "bert"):
        do(folder, "account", "add", name)
        do(folder, "address", "add", f"{name}@example.org", name)
    do(folder, "account", "passwd", "anna", input="secret\n")
    return folder


CHANGES = [
    (("account", "disable", "anna"), ("account", "enable", "anna")),
    (("domain", "add", "example.net", "--alias-of", "example.org"),
     ("domain", "remove", "example.net")),
    (("grant", "add", "bert", "anna@example.org"),
     ("grant", "remove", "bert", "anna@example.org")),
]
if POINTS != "all":
    CHANGES = CHANGES[:1]


@pytest.mark.parametrize("there, back", CHANGES,
                         ids=[" ".join(there) for there, _ in CHANGES])
def test_killed_anywhere_readers_read_on_and_the_next_command_repairs(
        folder, there, back):
    states = [published(folder)]
    ways = [(there, points(folder, *there))]
    states.append(published(folder))
    ways.append((back, points(folder, *back)))
    assert published(folder) == states[0] != states[1]
    reader = Reader(folder)
    at = 0  # which of the states it is in, and so which way it can go
    while ways[0][1] or ways[1][1]:
        words, left = ways[at]
        if left:
            call, number = left.pop()
            kill(folder, call, number, *words)
            for name, text in published(folder).items():
                assert text in (states[0][name], states[1][name]), call
            do(folder, "account", "list")
        else:
            do(folder, *words)
        assert_repaired(folder)
        reader.assert_never_wrong()
        at = states.index(published(folder))
    do(folder, *ways[at][0])
    assert not (folder / "directory.db-journal").exists()
    reader.close()


def test_killed_anywhere_init_can_be_finished(tmp_path):
    whole = tmp_path / "whole"
    for call, number in points(whole, "directory", "init"):
        folder = tmp_path / f"{call}-{number}"
        kill(folder, call, number, "directory", "init")
        if not (folder / "directory.db").exists():
            do(folder, "directory", "init")
        assert do(folder, "account", "list") == ""
        assert_repaired(folder)


def test_killed_anywhere_an_import_is_all_or_nothing(folder, tmp_path):
    text = tmp_path / "text"
    text.write_text("countersign-directory\t1\n" + "".join(
        f"account\tuser{number}\naddress\tuser{number}@example.org"
        f"\tuser{number}\n" for number in range(200)))
    change = ("directory", "import", str(text))

    def copy(name):
        subprocess.run(["cp", "-a", folder, tmp_path / name], check=True)
        return tmp_path / name

    before = published(folder)
    tried = points(copy("whole"), *change)
    after = published(tmp_path / "whole")
    for call, number in tried:
        killed = copy(f"{call}-{number}")
        kill(killed, call, number, *change)
        assert do(killed, "account", "list").count("user") in (0, 200)
        assert published(killed) in (before, after)
        do(killed, "directory", "import", str(text))
        assert published(killed) == after
        assert_repaired(killed)


def test_killed_anywhere_what_waits_is_published_later(folder):
    """--no-publish: what is published stays until the change that is."""
    change = ("--no-publish", "account", "disable", "anna")
    before = published(folder)

    def copy(name):
        subprocess.run(["cp", "-a", folder, folder.parent / name], check=True)
        return folder.parent / name

    for call, number in points(copy("whole"), *change):
        waiting = copy(f"{call}-{number}")
        kill(waiting, call, number, *change)
        do(waiting, "account", "list")
        assert published(waiting) == before
        do(waiting, "account", "disable", "anna")
        assert published(waiting) != before
        assert_repaired(waiting)
