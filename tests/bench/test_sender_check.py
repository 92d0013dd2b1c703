"""milter-sender-check at work, beside a milter that does nothing.

Medians of several rounds, in each of which every milter has its turn. To be
reached: 60 us of processor a message above the milter that does nothing, which
is shown twice, without a log line for each message and with one; 15 MiB of
memory of its own; 1.5 times its p99 latency. What is no clock is a test: the
memory. The rest depends on what else the machine does, and is shown.
"""

import contextlib
import json
import os
import socket
import statistics
import subprocess
import sys
import threading
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "system"))
from harness.process import wait_for  # noqa: E402
from million import Directory  # noqa: E402

ADDRESSES = int(os.environ["ADDRESSES"])
MESSAGES = int(os.environ["MESSAGES"])
ROUNDS = int(os.environ["ROUNDS"])
MEMORY_GOAL = 15 * 1024  # KiB, without what is mapped from files
RATE = 1000  # messages a second that all can do, for their latency

LOG = Path("/dev/log")


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    folder = tmp_path_factory.mktemp("directory")
    directory = Directory(folder, ADDRESSES)
    print(f"\nmaking a directory of {ADDRESSES} addresses ...", flush=True)
    directory.make(os.environ["COUNTERSIGN"])
    directory.write_people(folder / "people", min(ADDRESSES, 100_000))
    return directory


@pytest.fixture(scope="module", autouse=True)
def log():
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


def load(process, path, people, *options):
    done = subprocess.run(
        [os.environ["MILTER_LOAD"], *map(str, options), str(process.pid), path,
         people], check=True, stdout=subprocess.PIPE)
    return json.loads(done.stdout)


@contextlib.contextmanager
def running(path, *command):
    with subprocess.Popen([*map(str, command)]) as process:
        try:
            wait_for(path.is_socket, path)
            yield process
        finally:
            process.kill()
            path.unlink(missing_ok=True)


@contextlib.contextmanager
def all_running(folder, directory):
    """By name, what sends a load through each of the milters."""
    people = directory.folder / "people"
    conf = folder / "conf"
    paths = {name: folder / name for name in ("noop", "noop-log", "check")}
    conf.write_text(f"directory = {directory.uri}\n"
                    f"socket = unix:{paths['check']}\nmode = enforce\n")
    with contextlib.ExitStack() as stack:
        def start(name, *command):
            process = stack.enter_context(running(paths[name], *command))
            return lambda *options: load(process, paths[name], people,
                                         *options)

        loads = {"milter-sender-check": start("check", os.environ["DAEMON"],
                                              "-c", conf)}
        told = loads["milter-sender-check"]("-n", 1)
        noop = [os.environ["NOOP_MILTER"], told["actions"], told["steps"]]
        loads["no-op"] = start("noop", *noop, f"unix:{paths['noop']}",
                               *told["macros"])
        loads["no-op that logs"] = start(
            "noop-log", noop[0], "-l", *noop[1:],
            f"unix:{paths['noop-log']}", *told["macros"])
        yield loads


def measure(folder, directory, messages, *options):
    """By name, the median of each figure; the same of any milter's are equal.
    """
    rounds = {}
    with all_running(folder, directory) as loads:
        for number in range(ROUNDS + 1):
            first = next(iter(loads))
            loads[first] = loads.pop(first)  # each comes first in turn
            for name, send in loads.items():
                figures = send("-n", messages, *options)
                assert figures["accepted"] == messages, figures
                if number > 0:  # the first one warms up
                    rounds.setdefault(name, []).append(figures)
    told = {json.dumps([figures[what] for what in
                        ("actions", "steps", "macros")])
            for runs in rounds.values() for figures in runs}
    assert len(told) == 1, "they do not see the same"
    return {name: {what: statistics.median(run[what] for run in runs)
                   for what in runs[0] if what != "macros"}
            for name, runs in rounds.items()}


def show(title, table):
    base = table["no-op"]
    print(f"\n{title}\n{'':22}{'msg/s':>8}{'CPU us':>8}{'above':>7}"
          f"{'p50 us':>8}{'p99 us':>8}{'ratio':>7}{'own MB':>8}{'mapped':>8}")
    for name, row in table.items():
        print(f"{name:22}{row['messages_per_second']:8.0f}"
              f"{row['cpu_us']:8.1f}{row['cpu_us'] - base['cpu_us']:7.1f}"
              f"{row['p50_us']:8.0f}{row['p99_us']:8.0f}"
              f"{row['p99_us'] / base['p99_us']:7.2f}"
              f"{row['anonymous_kib'] / 1024:8.1f}"
              f"{row['file_kib'] / 1024:8.1f}", flush=True)


@pytest.mark.parametrize("connections", [8, 32])
@pytest.mark.parametrize("rate", [0, RATE])
def test_the_sender_check_takes_little(tmp_path, directory, connections,
                                       rate):
    messages = min(MESSAGES, 5 * rate) if rate else MESSAGES
    table = measure(tmp_path, directory, messages, "-c", connections, "-r",
                    rate)
    pace = f"{rate} messages a second" if rate else "as fast as they go"
    show(f"{connections} connections at a time, {pace}", table)
    assert table["milter-sender-check"]["anonymous_kib"] < MEMORY_GOAL
