"""Our packages, as apt and dpkg put them in and take them out."""

import os
from pathlib import Path

from harness.process import run

# In an order in which nothing misses what it depends on.
PACKAGES = ["countersign", "milter-sender-check", "milter-dkim",
            "dovecot-auth-tlspubkey", "dovecot-sieve-ext"]


def _run(*command):
    """Nobody is there to answer a question."""
    return run(*command, timeout=300,
               env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})


def dpkg(*words):
    return _run("dpkg", *words)


def apt(*words):
    return _run("apt-get", "--yes", *words)


def debs(*names, folder="/packages"):
    return [path for name in names for path in
            sorted(Path(folder).glob(f"{name}_*.deb"))]


def install(*names):
    dpkg("--install", *debs(*names))


def installed():
    """Package -> version, of those that are there."""
    lines = run("dpkg-query", "--show", "--showformat",
                "${Package} ${db:Status-Status} ${Version}\n",
                *PACKAGES, check=False).stdout.splitlines()
    words = (line.split() for line in lines)
    return {name: version[0] for name, status, *version in words
            if status == "installed"}


def assert_servers_work():
    """Not a word of complaint about their configuration."""
    done = run("postfix", "check")
    assert done.stdout + done.stderr == ""
    assert run("doveconf", "-n").stderr == ""
