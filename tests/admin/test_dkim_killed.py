"""countersign dkim rotate, killed anywhere."""

import itertools
import subprocess

import pytest
from dkim_table import public_key


@pytest.mark.parametrize("name", ["chmod", "fsync", "rename", "unlink",
                                  "write"])
def test_killed_anywhere_rotation_goes_on(dkim, name):
    """Killed as it begins the first such system call, the second ..."""
    for selector in ("a", "b"):
        dkim("generate", "example.org", "--selector", selector,
             "--algorithm", "ed25519")
        dkim("activate", "example.org", selector, "--force")
    dkim.age(100)
    saved = dkim.folder.with_name("saved")
    subprocess.run(["cp", "-a", dkim.folder, saved], check=True)
    line = dkim.directory.line("dkim", "rotate", "--table", dkim.table)
    for number in itertools.count(1):
        subprocess.run(["rm", "-rf", dkim.folder], check=True)
        subprocess.run(["cp", "-a", saved, dkim.folder], check=True)
        killed = subprocess.run(
            ["strace", "-qq", "-o", "/dev/null",
             f"--inject={name}:signal=KILL:when={number}", *line],
            capture_output=True, timeout=60).returncode
        assert dkim.states()["example.org", "b"] == "active"
        done = dkim.directory.run(*line[3:])
        assert done.returncode in (0, 75), done.stderr
        states = [state for _, _, _, state, *_ in dkim.tables()]
        assert sorted(states) == ["active", "pending"]
        for row in dkim.json("list"):
            public_key(row["key_file"])
        if killed == 0:
            break
    assert number > 2
