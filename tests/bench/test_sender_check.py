"""milter-sender-check at work, beside a milter that does nothing.

Medians of several rounds, in each of which every milter has its turn. To be
reached: 60 us of processor a message above the milter that does nothing; 15 MiB
of memory of its own; 1.5 times its p99 latency. The one that does nothing is
shown with a log line for each message too, and reading ahead as ours does. What
is no clock is a test: the memory. The rest depends on what else the machine
does, and is shown.
"""

import contextlib
import os

import pytest

from million import Directory
from milters import interleave, log_reader, medians, running, sees

ADDRESSES = int(os.environ["ADDRESSES"])
MESSAGES = int(os.environ["MESSAGES"])
ROUNDS = int(os.environ["ROUNDS"])
MEMORY_GOAL = 15 * 1024  # KiB, without what is mapped from files
RATE = 1000  # messages a second that all can do, for their latency


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
    with log_reader():
        yield


@contextlib.contextmanager
def all_running(folder, directory):
    """By name, each of the milters."""
    people = directory.folder / "people"
    conf = folder / "conf"
    conf.write_text(f"directory = {directory.uri}\n"
                    f"socket = unix:{folder / 'check'}\nmode = enforce\n")
    with contextlib.ExitStack() as stack:
        def start(name, *command):
            return stack.enter_context(running(folder / name, people, *command))

        milters = {"milter-sender-check": start("check", os.environ["DAEMON"],
                                                "-c", conf)}
        actions, steps, macros = sees(
            milters["milter-sender-check"].load("-n", 1))
        noop, ahead = os.environ["NOOP_MILTER"], os.environ["NOOP_AHEAD"]
        for title, name, *command in (
                ("no-op", "noop", noop),
                ("no-op that logs", "noop-log", noop, "-l"),
                ("no-op, reading ahead", "noop-ahead", ahead)):
            milters[title] = start(name, *command, actions, steps,
                                   f"unix:{folder / name}", *macros)
        yield milters


def measure(folder, directory, messages, *options):
    """By name, the median of each figure; all see the same."""
    with all_running(folder, directory) as milters:
        interleave(milters, messages, *options)  # warms up
        rounds = [interleave(milters, messages, *options)
                  for _ in range(ROUNDS)]
    told = [sees(figures) for run in rounds for figures in run.values()]
    assert all(each == told[0] for each in told)
    return medians(rounds)


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
