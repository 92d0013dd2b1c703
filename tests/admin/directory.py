"""The built command on a directory, as text."""

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
        return [COMMAND, "--directory", self.uri, *words]

    def run(self, *words, input="", **options):
        """Whatever comes of it."""
        return subprocess.run(self.line(*words), input=input, text=True,
                              capture_output=True, timeout=60, **options)

    def do(self, *words, input=""):
        """Must succeed, and say nothing on stderr; returns stdout."""
        done = self.run(*words, input=input)
        assert (done.returncode, done.stderr) == (0, ""), words
        return done.stdout

    def json(self, *words, input=""):
        return json.loads(self.do("--json", *words, input=input))

    def text(self, name):
        return (self.published / name).read_text()

    def state(self):
        """Everything that is in the master, as SQL."""
        with closing(sqlite3.connect(self.folder / "directory.db")) as master:
            return list(master.iterdump())
