"""A table of DKIM keys, and the commands that change it."""

import datetime
import subprocess


class Dkim:
    """The dkim commands on a table of their own."""

    def __init__(self, directory, folder):
        self.directory = directory
        self.folder = folder / "dkim"
        self.table = self.folder / "table"

    def __call__(self, *words):
        return self.directory.do("dkim", *words, "--table", self.table)

    def json(self, *words):
        return self.directory.json("dkim", *words, "--table", self.table)

    def refused(self, *words, status=65):
        return self.directory.refused("dkim", *words, "--table", self.table,
                                      status=status)

    def tables(self):
        return [line.split() for line in self.table.read_text().splitlines()]

    def age(self, days, selector=None):
        """As if it had all been done that many days ago."""
        lines = self.tables()
        for line in lines:
            if selector in (None, line[1]):
                since = datetime.datetime.fromisoformat(line[4].rstrip("Z"))
                since -= datetime.timedelta(days=days)
                line[4] = since.isoformat(timespec="seconds") + "Z"
        self.table.write_text("".join(" ".join(line) + "\n"
                                      for line in lines))

    def states(self):
        return {(row["domain"], row["selector"]): row["state"]
                for row in self.json("list")}


def public_key(path, *words):
    return subprocess.run(["openssl", "pkey", "-in", path, "-pubout", *words],
                          check=True, capture_output=True).stdout
