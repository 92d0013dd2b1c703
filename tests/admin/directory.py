"""The built command on a directory."""

import json
import os
import sqlite3
import subprocess
from contextlib import closing

COMMAND = os.environ["COUNTERSIGN"]


class Directory:
    def __init__(self, folder):
        self.folder = folder
        self.published = folder / "published"
        self.uri = f"sqlite:{folder}"

    def line(self, *words):
        return [COMMAND, "--directory", self.uri,
                *(word if isinstance(word, bytes) else str(word)
                  for word in words)]

    def run(self, *words, input="", **options):
        """Whatever comes of it, as text; input may be bytes."""
        if isinstance(input, str):
            input = input.encode(errors="surrogateescape")
        done = subprocess.run(self.line(*words), input=input,
                              capture_output=True, timeout=60, **options)
        done.stdout = done.stdout.decode(errors="surrogateescape")
        done.stderr = done.stderr.decode(errors="surrogateescape")
        return done

    def do(self, *words, input=""):
        """Must succeed, and say nothing on stderr; returns stdout."""
        done = self.run(*words, input=input)
        assert (done.returncode, done.stderr) == (0, ""), words
        return done.stdout

    def json(self, *words, input=""):
        return json.loads(self.do("--json", *words, input=input))

    def refused(self, *words, input="", status=65):
        """The one line that says why; nothing else, and nothing changed."""
        before = self.files()
        done = self.run(*words, input=input)
        assert self.files() == before
        assert (done.returncode, done.stdout) == (status, ""), done.stderr
        assert done.stderr.startswith("countersign: ")
        assert done.stderr.endswith("\n") and done.stderr.count("\n") == 1
        return done.stderr

    def add_old(self, account):
        """One with a name that new ones may not have."""
        self.do("account", "add", "old")
        with closing(sqlite3.connect(self.folder / "directory.db")) as master:
            master.execute("UPDATE accounts SET name = ? WHERE name = 'old'",
                           (account,))
            master.commit()
        self.do("directory", "publish")

    def text(self, name):
        return (self.published / name).read_text()

    def files(self):
        """The content of every file of the directory."""
        return {path: path.read_bytes() for path in self.folder.rglob("*")
                if path.is_file()}

    def state(self):
        """Everything that is in the master, as SQL."""
        with closing(sqlite3.connect(self.folder / "directory.db")) as master:
            return list(master.iterdump())
