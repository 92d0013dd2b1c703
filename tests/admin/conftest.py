import json
import os
import subprocess

import pytest

from directory import Directory


class Command:
    """The command on a directory of its own."""

    def __init__(self, folder):
        self.folder = folder

    def run(self, *words, stdin=b""):
        if isinstance(stdin, str):
            stdin = stdin.encode()
        return subprocess.run(
            [os.environ["COUNTERSIGN"], "--directory", f"sqlite:{self.folder}",
             *(w if isinstance(w, bytes) else str(w) for w in words)],
            input=stdin, capture_output=True)

    def __call__(self, *words, stdin=b""):
        """What it answers; it must succeed and not complain."""
        done = self.run(*words, stdin=stdin)
        assert (done.returncode, done.stderr) == (0, b"")
        return done.stdout.decode()

    def json(self, *words, stdin=b""):
        return json.loads(self("--json", *words, stdin=stdin))

    def content(self):
        """Every file of the directory."""
        return {path: path.read_bytes() for path in self.folder.rglob("*")
                if path.is_file()}

    def refused(self, *words, stdin=b"", status=65):
        """The one line that says why; nothing else, and nothing changed."""
        before = self.content()
        done = self.run(*words, stdin=stdin)
        assert self.content() == before
        assert (done.returncode, done.stdout) == (status, b""), done.stderr
        complaint = done.stderr.decode()
        assert complaint.startswith("countersign: ")
        assert complaint.endswith("\n") and complaint.count("\n") == 1
        return complaint


@pytest.fixture(scope="session")
def template(tmp_path_factory):
    command = Command(tmp_path_factory.mktemp("template") / "directory")
    command("directory", "init")
    command("domain", "add", "example.org", "--delimiter", "+")
    for account in ("anna", "bert"):
        command("account", "add", account)
        command("address", "add", f"{account}@example.org", account)
    return command.folder


@pytest.fixture
def countersign(template, tmp_path):
    """A directory with anna@ and bert@example.org, two accounts."""
    folder = tmp_path / "directory"
    subprocess.run(["cp", "-a", template, folder], check=True)
    return Command(folder)


@pytest.fixture
def directory(countersign):
    """The same, to be looked at as text and from outside."""
    return Directory(countersign.folder)


@pytest.fixture
def empty(tmp_path):
    directory = Directory(tmp_path / "empty")
    directory.do("directory", "init")
    return directory
