"""Milters that run side by side, and what a load through each of them took."""

import contextlib
import json
import os
import socket
import statistics
import subprocess
import sys
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "system"))
from harness.process import wait_for  # noqa: E402

LOG = Path("/dev/log")


@contextlib.contextmanager
def log_reader():
    """Lines are logged as on a mail host: somebody reads them."""
    if LOG.exists():
        yield
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sink:
        sink.bind(str(LOG))
        try:
            threading.Thread(target=read_lines, args=(sink,),
                             daemon=True).start()
            yield
        finally:
            LOG.unlink()
            sink.shutdown(socket.SHUT_RDWR)


def read_lines(sink):
    line = bytearray(65536)
    while sink.recv_into(line):
        pass


class Milter:
    """A running milter, and whose mail goes through it."""

    def __init__(self, process, path, people):
        self.process = process
        self.path = path
        self.people = people

    def load(self, *options):
        done = subprocess.run(
            [os.environ["MILTER_LOAD"], *map(str, options),
             str(self.process.pid), self.path, self.people], check=True,
            stdout=subprocess.PIPE)
        return json.loads(done.stdout)


def listens(path):
    """A socket can be there before anybody listens on it."""
    with socket.socket(socket.AF_UNIX) as client:
        try:
            client.connect(str(path))
        except (FileNotFoundError, ConnectionRefusedError):
            return False
    return True


@contextlib.contextmanager
def running(path, people, *command):
    with subprocess.Popen([*map(str, command)]) as process:
        try:
            wait_for(lambda: listens(path), f"a milter on {path}")
            yield Milter(process, path, people)
        finally:
            process.kill()
            path.unlink(missing_ok=True)


def interleave(milters, messages, *options):
    """By name, the figures of one round; the next one begins with another."""
    first = next(iter(milters))
    milters[first] = milters.pop(first)
    figures = {name: milter.load("-n", messages, *options)
               for name, milter in milters.items()}
    for name, row in figures.items():
        assert row["accepted"] == messages, f"{name}: {row}"
    return figures


def medians(rounds):
    """Of rounds of interleave(), the median of each figure, by name."""
    return {name: {what: statistics.median(figures[name][what]
                                           for figures in rounds)
                   for what in rounds[0][name] if what != "macros"}
            for name in rounds[0]}


def sees(figures):
    """What the milter has negotiated, to compare with another's."""
    return [figures[what] for what in ("actions", "steps", "macros")]
