"""The milters under load for a while, reloaded and republished meanwhile.

Nothing may go wrong, and neither memory nor descriptors may pile up.
SOAK_SECONDS says how long; the first third of it is the warm-up.
"""

import multiprocessing
import os
import random
import time
from pathlib import Path

import pytest

from conftest import COMMAND, DAEMON
from harness.process import run, wait_for

SECONDS = int(os.environ["SOAK_SECONDS"])
CLIENTS = 4
# Some 0.3 MiB come and go. In a minute a leak of 30 octets a message is more.
GROWTH = 2 << 20
SIGNS = Path(DAEMON).name == "milter-dkim"

OWN = [("From", "Anna <anna@example.org>"), ("To", "<rcpt@example.net>"),
       ("Subject", "hello"), ("Date", "Sun, 22 Nov 2026 01:02:03 +0000")]
FOREIGN = [("From", "Bert <bert@example.org>"), *OWN[1:]]


def own(milter, body):
    answer = milter.message("anna@example.org", OWN, "anna", body=body)
    fields = [command for command, _ in milter.modifications]
    milter.modifications = []
    if answer.kind != "accept" or fields != (["i", "i"] if SIGNS else []):
        return f"own mail: {answer}, {fields}"
    return None


def foreign(milter, body):
    answer = milter.message("anna@example.org", FOREIGN, "anna", body=body)
    signed = milter.modifications
    milter.abort()
    # Signing refuses nothing by itself.
    if signed or not SIGNS and not answer.text.startswith("550 "):
        return f"another's mail: {answer}, {signed}"
    return None


def without_login(milter, body):
    answer = milter.message("bert@example.net", FOREIGN, body=body)
    if answer.kind != "accept" or milter.modifications:
        return f"mail without a login: {answer}, {milter.modifications}"
    return None


def talk(client, seed, end, results):
    """One client, one connection after the other, until then."""
    random.seed(seed)
    wrong, messages = [], 0
    try:
        while time.monotonic() < end:
            # As in SMTP, a connection has one login or none.
            kinds = random.choice([[own, own, foreign], [without_login]])
            with client() as milter:
                for _ in range(random.randint(1, 30)):
                    body = random.choice([b"", b"line\r\n" * 20,
                                          b" \t long \r\n" * 9000])
                    complaint = random.choice(kinds)(milter, body)
                    messages += 1
                    if complaint:
                        wrong.append(complaint)
                if random.random() < 0.2:  # it breaks off in the header
                    milter.mail("anna@example.org")
                    milter.header(*OWN[0])
    except Exception as error:
        wrong.append(repr(error))
    results.put((messages, wrong[:5]))


def load(daemon, directory, seconds):
    """Clients, reloads and publications; how many messages there were."""
    end = time.monotonic() + seconds
    results = multiprocessing.Queue()
    clients = [multiprocessing.Process(
        target=talk, args=(daemon.client, seed, end, results))
        for seed in range(CLIENTS)]
    for client in clients:
        client.start()
    turn = 0
    while time.monotonic() < end:
        run(COMMAND, "--directory", directory, "account",
            "disable" if turn % 2 == 0 else "enable", "bert")
        daemon.process.send_signal(1)
        wait_for(lambda: daemon.notice() == "READY=1", "a reload's end")
        turn += 1
    done = [results.get(timeout=60) for _ in clients]
    for client in clients:
        client.join(60)
    assert [wrong for _, wrong in done if wrong] == []
    assert turn > seconds / 2
    return sum(messages for messages, _ in done)


def resident(daemon):
    with open(f"/proc/{daemon.process.pid}/statm", encoding="ascii") as sizes:
        return int(sizes.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.fixture
def settings(directory, tmp_path):
    if not SIGNS:
        return {"directory": directory}
    table = tmp_path / "dkim" / "table"
    for algorithm in ("rsa", "ed25519"):
        for words in (["generate", "example.org", "--selector", algorithm,
                       "--algorithm", algorithm],
                      ["activate", "example.org", algorithm, "--force"]):
            run(COMMAND, "--directory", directory, "dkim", *words, "--table",
                table)
    return {"directory": directory, "key_table": table}


def test_it_stays_right_and_small(daemon, directory, settings):
    daemon.start(**settings)
    load(daemon, directory, SECONDS / 3)
    # A reload leaves the directory handles that the old settings had.
    daemon.reload(**settings)
    opened, warm = daemon.descriptors(), resident(daemon)
    messages = load(daemon, directory, SECONDS * 2 / 3)
    daemon.reload(**settings)
    grown = resident(daemon) - warm
    print(f"{messages} messages, {grown} octets more than when warm")
    assert grown < GROWTH
    wait_for(lambda: daemon.descriptors() <= opened,
             f"no more than the {opened} descriptors it had when warm")
    assert " error: " not in daemon.log()
