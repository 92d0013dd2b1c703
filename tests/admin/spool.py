"""The spool as auth workers write it: common/spool.h."""

import datetime
import os


def now(seconds=0):
    time = (datetime.datetime.now(datetime.timezone.utc)
            + datetime.timedelta(seconds=seconds))
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def record(text):
    return f"\n{len(text.encode())} {text}\n"


class Spool:
    def __init__(self, directory):
        self.path = directory.folder / "attempts.spool"

    def write(self, text):
        """As it stands."""
        with open(self.path, "a", opener=self.open) as file:
            file.write(text)

    @staticmethod
    def open(path, flags):
        return os.open(path, flags, 0o600)

    def add(self, *texts):
        self.write("".join(map(record, texts)))
