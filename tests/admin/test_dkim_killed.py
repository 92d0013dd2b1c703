"""countersign dkim rotate, killed anywhere, and on a disk that is full."""

import itertools
import subprocess

import pytest
from dkim_table import public_key


@pytest.fixture
def due(dkim):
    """A key that signs, and is to be rotated."""
    for selector in ("a", "b"):
        dkim("generate", "example.org", "--selector", selector,
             "--algorithm", "ed25519")
        dkim("activate", "example.org", selector, "--force")
    dkim.age(100)
    return dkim


def with_each(dkim, name, fault):
    """That fault at the first such system call, then at the second ...; a run
    without it follows each. What came of the faulty ones.
    """
    saved = dkim.folder.with_name("saved")
    subprocess.run(["cp", "-a", dkim.folder, saved], check=True)
    line = dkim.directory.line("dkim", "rotate", "--table", dkim.table)
    faulty = []
    for number in itertools.count(1):
        subprocess.run(["rm", "-rf", dkim.folder], check=True)
        subprocess.run(["cp", "-a", saved, dkim.folder], check=True)
        faulty.append(subprocess.run(
            ["strace", "-qq", "-o", "/dev/null",
             f"--inject={name}:{fault}:when={number}", *line],
            capture_output=True, text=True, timeout=60))
        assert dkim.states()["example.org", "b"] == "active"
        done = dkim.directory.run(*line[3:])
        assert done.returncode in (0, 75), done.stderr
        states = [state for _, _, _, state, *_ in dkim.tables()]
        assert sorted(states) == ["active", "pending"]
        for row in dkim.json("list"):
            public_key(row["key_file"])
        if faulty[-1].returncode == 0:
            break
    assert len(faulty) > 2
    return faulty[:-1]


@pytest.mark.parametrize("name", ["chmod", "fsync", "rename", "unlink",
                                  "write"])
def test_killed_anywhere_rotation_goes_on(due, name):
    with_each(due, name, "signal=KILL")


@pytest.mark.parametrize("name", ["fsync", "write"])
def test_on_a_full_disk_rotation_says_so_and_goes_on_later(due, name):
    for done in with_each(due, name, "error=ENOSPC"):
        assert done.returncode > 0
        assert ("No space left on device" in done.stderr or
                "a part of it could not be written" in done.stderr)
