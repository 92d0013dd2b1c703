"""Attempts that are taken in from the spool: killed anywhere, and no room."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from test_full_disk import KB, POINTS, disk, fill  # noqa: F401
from test_kill import Directory, do, kill, points

sys.path.insert(0, str(Path(__file__).parent.parent / "admin"))
from spool import Spool, now  # noqa: E402

FOLD = ("key", "attempts", "--fold")
LONG = 256 * 1024 * KB  # when a spool that is read begins anew


def attempt(number, time=None):
    return (f"key=sha256:{number:064x} result=accepted time={time or now()} "
            "account=anna name=phone mechanism=EXTERNAL protocol=imap "
            "remote=192.0.2.1")


def counts(folder):
    rows = json.loads(do(folder, "--json", "key", "attempts"))
    return sorted((int(row["key"].removeprefix("sha256:"), 16), row["count"])
                  for row in rows)


def spooled(folder, hole=0):
    """A directory with attempts that were taken in, and some that were not.

    hole: what was taken in before that.
    """
    do(folder, "directory", "init")
    spool = Spool(Directory(folder))
    spool.write("")
    os.truncate(spool.path, hole)
    spool.add(attempt(1), attempt(1), attempt(2))
    do(folder, *FOLD)
    spool.add(attempt(1), *[attempt(3)] * 30)
    return spool


@pytest.mark.parametrize("hole", [0, LONG - KB], ids=["grows", "begins anew"])
def test_killed_anywhere_each_attempt_is_counted_once(tmp_path, hole):
    # Not copies of one: a copied spool is another file, read from its begin.
    tried = tmp_path / "tried"
    spooled(tried, hole)
    found = points(tried, *FOLD)
    calls = {call for call, _ in found}
    assert ("ftruncate" if hole else "fallocate") in calls or POINTS != "all"
    for call, number in found:
        folder = tmp_path / f"{call}-{number}"
        spool = spooled(folder, hole)
        kill(folder, call, number, *FOLD)
        spool.add(attempt(4))
        assert counts(folder) == [(1, 3), (2, 1), (3, 30), (4, 1)], (
            call, number)


def test_killed_before_there_were_any_they_are_all_there_later(tmp_path):
    whole = tmp_path / "whole"
    do(whole, "directory", "init")
    Spool(Directory(whole)).add(attempt(1), attempt(2), attempt(1))
    tried = tmp_path / "tried"
    subprocess.run(["cp", "-a", whole, tried], check=True)
    for call, number in points(tried, *FOLD):
        folder = tmp_path / f"{call}-{number}"
        subprocess.run(["cp", "-a", whole, folder], check=True)
        kill(folder, call, number, *FOLD)
        assert counts(folder) == [(1, 2), (2, 1)], (call, number)


def test_on_a_full_disk_what_is_spooled_waits_and_keys_are_listed(disk):
    folder = disk / "directory"
    spool = spooled(folder)
    # So many that they do not fit into what the file has.
    spool.add(*(attempt(number) for number in range(10, 2010)))
    failures = 0
    for left in range(0, 16 * KB, 4 * KB):
        fill(disk, left)
        done = Directory(folder).run(*FOLD)
        assert done.returncode == 75, done.stderr
        assert "full" in done.stderr
        done = Directory(folder).run("key", "list")
        assert done.returncode == 0
        assert "warning: when keys were last used" in done.stderr
        failures += 1
        (disk / "filler").unlink()
    assert failures == 4
    assert counts(folder) == [(1, 3), (2, 1), (3, 30), *(
        (number, 1) for number in range(10, 2010))]
