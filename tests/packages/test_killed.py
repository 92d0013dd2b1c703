"""The milters, killed again and again by SIGKILL while mail is submitted.

systemd starts them again. LOAD_SECONDS says for how long.
"""

import contextlib
import itertools
import os
import random
import re
import signal
import smtplib
import subprocess
import threading
import time
from collections import Counter

import pytest
from harness import client
from harness.process import run, wait_for
from units import SOCKETS, journal, property_of, set_up_stack

SECONDS = int(os.environ["LOAD_SECONDS"])
CLIENTS = 6
OWN, BERT = "anna@example.org", "bert@example.org"
# Envelope sender and the fields that say who wrote it.
KINDS = {
    "own": (OWN, f"From: {OWN}\n"),
    "on-the-envelope": (BERT, f"From: {OWN}\n"),
    "author": (OWN, f"From: {BERT}\n"),
    "author-of-a-bounce": ("", f"From: {BERT}\n"),
    "second-author": (OWN, f"From: {OWN}\nFrom: {BERT}\n"),
    "sender": (OWN, f"From: {OWN}\nSender: {BERT}\n"),
}
numbers = itertools.count()


@pytest.fixture(scope="module", autouse=True)
def site():
    subprocess.run(["sh", "-c", ". tests/system/install"], check=True)
    set_up_stack()


def messages():
    """One after the other, half of them her own: name, kind, what it is."""
    while True:
        kind = random.choice(["own", random.choice(list(KINDS))])
        name = f"{next(numbers)}.{kind}"
        sender, fields = KINDS[kind]
        yield name, kind, (sender, [OWN], (
            f"{fields}To: {OWN}\nMessage-ID: <{name}@example.org>\n"
            "Date: Sun, 22 Nov 2026 01:02:03 +0000\nSubject: x\n\nHello.\n"
            + "line\n" * random.choice([0, 0, 20000])))


class Load:
    """For so many seconds, and until enough has happened to show something."""

    def __init__(self, seconds):
        self.start = time.monotonic()
        self.seconds = seconds
        self.outcomes = []  # (name, kind, Reply, or None if it is not known)
        self.kills = []
        threads = [threading.Thread(target=self.submit)
                   for _ in range(CLIENTS)]
        threads += [threading.Thread(target=self.kill, args=[unit])
                    for unit in SOCKETS]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def count(self, code):
        return sum(reply is not None and reply.code == code
                   for _, _, reply in self.outcomes)

    def is_over(self):
        past = time.monotonic() - self.start
        shown = (min(map(self.kills.count, SOCKETS)) > 3 and
                 min(map(self.count, [250, 451, 550])) > 5)
        return past > self.seconds and shown or past > self.seconds + 120

    def submit(self):
        """Some messages over one connection, and again."""
        while not self.is_over():
            some = itertools.islice(messages(), random.randint(1, 10))
            name = None
            try:
                with client.submission() as session:
                    session.login("anna", "pass word")
                    for name, kind, message in some:
                        reply = client.transaction(session, *message)
                        self.outcomes.append((name, kind, reply))
                        name = None
            except (smtplib.SMTPException, OSError):
                if name is not None:
                    self.outcomes.append((name, kind, None))

    def kill(self, unit):
        """After some messages more, or at once, as it starts."""
        while not self.is_over():
            enough = len(self.outcomes) + random.choice(
                [0, random.randint(1, 40)])
            while len(self.outcomes) < enough and not self.is_over():
                time.sleep(random.uniform(0, 0.01))
            process = int(property_of(unit, "MainPID"))
            # It may be the one killed last, which is gone only now.
            with contextlib.suppress(ProcessLookupError):
                if process:
                    os.kill(process, signal.SIGKILL)
                    self.kills.append(unit)


def delivered():
    """Name -> header, of all that arrived, once the queue is empty."""
    wait_for(lambda: "queue is empty" in run("postqueue", "-p").stdout,
             "an empty queue", 60)
    text = run("doveadm", "fetch", "-u", "anna", "hdr", "mailbox", "INBOX",
               "all").stdout
    return {re.search(r"^Message-ID: <(.*)@", header, re.M | re.I)[1]: header
            for header in text.split("hdr:\n")[1:]}


def is_right(kind, reply):
    if reply is None or 400 <= reply.code < 500:
        return True
    return reply.code == (250 if kind == "own" else 550)


def test_killed_at_any_moment_nothing_goes_unchecked_or_unsigned():
    load = Load(SECONDS)
    counts = Counter((kind, reply and reply.code)
                     for _, kind, reply in load.outcomes)
    print(f"{len(load.outcomes)} messages, {dict(Counter(load.kills))}, "
          f"{dict(counts)}")
    assert [(name, reply) for name, kind, reply in load.outcomes
            if not is_right(kind, reply)] == []
    arrived = delivered()
    assert [name for name in arrived if not name.endswith(".own")] == []
    assert {name for name, _, reply in load.outcomes
            if reply and reply.accepted} <= set(arrived)
    for name, header in arrived.items():
        for algorithm in ("rsa-sha256", "ed25519-sha256"):
            assert f"a={algorithm};" in header, name
    assert min(map(load.kills.count, SOCKETS)) > 3
    assert min(map(load.count, [250, 451, 550])) > 5


@pytest.mark.parametrize("unit", SOCKETS)
def test_afterwards_all_is_at_work_with_nobody_doing_anything(unit):
    wait_for(lambda: property_of(unit, "ActiveState") == "active" and
             SOCKETS[unit].is_socket(), f"{unit} to be up again")
    wait_for(lambda: submit_one("own").accepted, "an accepted message")
    assert submit_one("author").code == 550


def submit_one(kind):
    sender, fields = KINDS[kind]
    return client.submit("anna", "pass word", sender, [OWN],
                         f"{fields}Subject: x\n\nHello.\n")


def test_without_memory_it_is_started_again_and_mail_put_off_meanwhile():
    unit = "milter-sender-check"
    before = property_of(unit, "MainPID")
    run("runuser", "-u", unit, "--", "prlimit", "--pid", before, "--data=1:")
    replies = []

    def ended():
        replies.append(submit_large())
        return property_of(unit, "MainPID") != before

    wait_for(ended, "its end")
    assert all(code == 550 or 400 <= code < 500 for code in replies), replies
    assert "out of memory" in journal(unit)
    wait_for(lambda: submit_one("own").accepted, "an accepted message")


def submit_large():
    field = "From: " + ("x" * 900 + "\n ") * 10 + "\n"
    return client.submit("anna", "pass word", OWN, [OWN],
                         field * 60 + "\nHello.\n").code


def test_nothing_has_failed_for_good():
    assert run("systemctl", "--failed", "--plain", "--no-legend",
               "--quiet").stdout == ""
