"""Commands that change DKIM keys, killed anywhere, or on a full disk."""

import itertools
import json
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


def with_fault(dkim, name, fault, number, *words):
    """A command, with that fault at that call of the name."""
    return subprocess.run(
        ["strace", "-qq", "-o", "/dev/null",
         f"--inject={name}:{fault}:when={number}",
         *dkim.directory.line("dkim", *words, "--table", dkim.table)],
        capture_output=True, text=True, timeout=60)


def with_each(dkim, name, fault, least=2):
    """That fault at the first such system call, then at the second ...; a run
    without it follows each. What came of the faulty ones.
    """
    saved = dkim.folder.with_name("saved")
    subprocess.run(["cp", "-a", dkim.folder, saved], check=True)
    faulty = []
    for number in itertools.count(1):
        subprocess.run(["rm", "-rf", dkim.folder], check=True)
        subprocess.run(["cp", "-a", saved, dkim.folder], check=True)
        faulty.append(with_fault(dkim, name, fault, number, "rotate"))
        assert dkim.states()["example.org", "b"] == "active"
        done = dkim.directory.run("dkim", "rotate", "--table", dkim.table)
        assert done.returncode in (0, 75), done.stderr
        states = [state for _, _, _, state, *_ in dkim.tables()]
        assert sorted(states) == ["active", "pending"]
        for row in dkim.json("list"):
            public_key(row["key_file"])
        if faulty[-1].returncode == 0:
            break
    assert len(faulty) > least
    return faulty[:-1]


@pytest.mark.parametrize("name, calls", [
    ("chmod", 2), ("fsync", 2), ("rename", 1), ("unlink", 2), ("write", 2)])
def test_killed_anywhere_rotation_goes_on(due, name, calls):
    with_each(due, name, "signal=KILL", calls)


@pytest.mark.parametrize("name", ["fsync", "write"])
def test_on_a_full_disk_rotation_says_so_and_goes_on_later(due, name):
    for done in with_each(due, name, "error=ENOSPC"):
        assert done.returncode > 0
        assert ("No space left on device" in done.stderr or
                "a part of it could not be written" in done.stderr)


@pytest.mark.parametrize("name", ["rename", "unlink"])
def test_killed_anywhere_removal_leaves_no_key_in_the_table_alone(dkim, name):
    for number in itertools.count(1):
        dkim("generate", "example.org", "--selector", "s", "--algorithm",
             "ed25519")
        status = with_fault(dkim, name, "signal=KILL", number, "remove",
                            "example.org", "s").returncode
        for row in dkim.json("list"):
            public_key(row["key_file"])
        subprocess.run(["rm", "-rf", dkim.folder], check=True)
        if status == 0:
            break
    assert number > 1


def test_keys_that_a_killed_command_left_are_named_and_how_to_be_rid_of(dkim):
    assert with_fault(dkim, "rename", "signal=KILL", 1, "generate",
                      "example.org", "--selector", "s").returncode != 0
    files = sorted((dkim.folder / "example.org").iterdir())
    assert [file.name for file in files] == ["s-ed25519.pem", "s-rsa.pem"]
    for words in ((), ("example.org",)):
        done = dkim.directory.run("--json", "dkim", "check", *words,
                                  "--table", dkim.table)
        assert done.returncode == 1, done.stderr
        rows = json.loads(done.stdout)
        assert [(row["result"], row["record_name"]) for row in rows] == [
            ("unused", "s-ed25519._domainkey.example.org"),
            ("unused", "s-rsa._domainkey.example.org")]
        for row, file in zip(rows, files):
            assert row["detail"].startswith(f"{file}: no line of the table")
    # A copy may be at work where the keys are another host's.
    (dkim.folder / "origin").write_text("other.example.org")
    assert dkim.json("check") == []
    (dkim.folder / "origin").unlink()
    for file in files:
        file.unlink()
    assert dkim.json("check") == []
