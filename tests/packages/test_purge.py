"""Taking packages out leaves a working Postfix and Dovecot, and no files."""

import hashlib
import os
import shutil
import stat
from pathlib import Path

import pytest
from debian import PACKAGES, assert_servers_work, dpkg, install
from harness.process import run

FOLDERS = ["/etc", "/home", "/opt", "/root", "/srv", "/usr", "/var"]
# What dpkg and systemd-sysusers keep of every package; logs; caches.
KEPT = {"/etc/passwd", "/etc/passwd-", "/etc/shadow", "/etc/shadow-",
        "/etc/group", "/etc/group-", "/etc/gshadow", "/etc/gshadow-",
        "/etc/.pwd.lock", "/var/lib/dpkg", "/var/log", "/var/cache",
        "/var/lib/systemd/deb-systemd-helper-enabled"}
DATA = "/var/lib/countersign"


def describe(path):
    status = os.lstat(path)
    words = [stat.filemode(status.st_mode), status.st_uid, status.st_gid]
    if stat.S_ISREG(status.st_mode):
        words.append(hashlib.sha256(Path(path).read_bytes()).hexdigest())
    elif stat.S_ISLNK(status.st_mode):
        words.append(os.readlink(path))
    return tuple(words)


def files():
    """Path -> what it is, of everything that packages may touch."""
    found = {}
    for folder in FOLDERS:
        for path, folders, names in os.walk(folder):
            folders[:] = [name for name in folders
                          if os.path.join(path, name) not in KEPT]
            for name in (*folders, *names):
                full = os.path.join(path, name)
                if full not in KEPT:
                    found[full] = describe(full)
    return found


def assert_same(before, after):
    assert sorted(after.keys() - before.keys()) == []
    assert sorted(before.keys() - after.keys()) == []
    assert [path for path in before if before[path] != after[path]] == []


@pytest.fixture(scope="session")
def bare():
    run("postfix", "check")  # which makes what it misses
    return files()


@pytest.fixture(autouse=True)
def taken_out():
    yield
    dpkg("--purge", *reversed(PACKAGES))
    shutil.rmtree(DATA, ignore_errors=True)


@pytest.mark.parametrize("names", [PACKAGES, PACKAGES[::-1], *(
    ["countersign", name] for name in PACKAGES[1:])], ids=" ".join)
def test_purged_they_leave_the_system_as_it_was(bare, names):
    install(*names)
    assert files() != bare
    dpkg("--remove", *names)
    assert_servers_work()
    for name in names:
        dpkg("--purge", name)
    assert_servers_work()
    assert_same(bare, files())


def test_accounts_and_keys_outlive_a_purge(bare):
    install(*PACKAGES)
    run("countersign", "directory", "init")
    run("countersign", "domain", "add", "example.org")
    run("countersign", "dkim", "generate", "example.org", "--selector", "s")
    dpkg("--purge", *PACKAGES)
    kept = files()
    left = set(kept) - set(bare)
    assert {f"{DATA}/directory.db", f"{DATA}/dkim/table"} <= left
    assert {path for path in left if not path.startswith(DATA)} == set()
    install(*PACKAGES)
    assert "example.org" in run("countersign", "domain", "list").stdout


def test_purged_after_the_servers_are_gone_they_leave_nothing(bare):
    install(*PACKAGES)
    dpkg("--remove", *PACKAGES)
    servers = run("dpkg-query", "--show", "--showformat", "${Package}\n",
                  "postfix*", "dovecot*").stdout.split()
    dpkg("--purge", "--force-depends",
         *(name for name in servers if name not in PACKAGES))
    dpkg("--purge", *PACKAGES)
    assert [path for path in files().keys() - bare.keys()
            if "countersign" in path or "milter" in path] == []
