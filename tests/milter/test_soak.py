"""The milters under load for a while, reloaded meanwhile; those that ask the
directory while it is republished.

Nothing may go wrong, and neither memory nor descriptors may pile up; then the
same with a directory that is damaged, gone and whole again by turns.
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
SANITIZED = os.environ["SANITIZE"] != ""
SIGNS = Path(DAEMON).name == "milter-dkim"
VERIFIES = Path(DAEMON).name == "milter-dkim-verify"

OWN = [("From", "Anna <anna@example.org>"), ("To", "<rcpt@example.net>"),
       ("Subject", "hello"), ("Date", "Sun, 22 Nov 2026 01:02:03 +0000"),
       ("Message-ID", "<1@example.org>")]
FOREIGN = [("From", "Bert <bert@example.org>"), *OWN[1:]]

# By a host that is never there (RFC 2606), the last as it counts no more.
SIGNED = [("DKIM-Signature", f"v=1; a={algorithm}; d=test.invalid; s=s; "
           "h=from:to:subject:date; bh=AAAA; b=AAAAAAAAAAAA")
          for algorithm in ("rsa-sha256", "ed25519-sha256", "rsa-sha1")]
FORGED = ("Authentication-Results", "mail.example.org; dkim=pass")


def put_off(answer, milter):
    """While the directory can't be asked."""
    return (answer.text.startswith(("451 4.3.0 ", "451 4.7.5 ")) and
            not milter.modifications)


def own(milter, body, outage):
    answer = milter.message("anna@example.org", OWN, "anna", body=body)
    fields = [command for command, _ in milter.modifications]
    if outage and put_off(answer, milter):
        milter.abort()
        return "put off"
    milter.modifications = []
    if answer.kind != "accept" or fields != (["i", "i"] if SIGNS else []):
        return f"own mail: {answer}, {fields}"
    return None


def foreign(milter, body, outage):
    answer = milter.message("anna@example.org", FOREIGN, "anna", body=body)
    signed = milter.modifications
    milter.abort()
    if outage and put_off(answer, milter):
        return "put off"
    # Signing refuses nothing by itself.
    if signed or not SIGNS and not answer.text.startswith("550 "):
        return f"another's mail: {answer}, {signed}"
    return None


def without_login(milter, body, _outage):
    answer = milter.message("bert@example.net", FOREIGN, body=body)
    if answer.kind != "accept" or milter.modifications:
        return f"mail without a login: {answer}, {milter.modifications}"
    return None


def from_outside(milter, body, _outage):
    """What the verifier looks at."""
    fields = [FORGED, *SIGNED, *OWN, FORGED] + [("X-Other", "x" * 900)] * 40
    answer = milter.message("anna@example.net", fields, body=body)
    commands = [command for command, _ in milter.modifications]
    milter.modifications = []
    if answer.kind != "accept" or commands != ["m", "m", "i"]:
        return f"mail from outside: {answer}, {commands}"
    return None


def talk(client, seed, end, outage, results):
    """One client, one connection after the other, until then.

    How many messages, how many of them put off, and what went wrong.
    """
    random.seed(seed)
    wrong, messages, later = [], 0, 0
    try:
        while time.monotonic() < end:
            # As in SMTP, a connection has one login or none.
            kinds = random.choice([[from_outside]] if VERIFIES else
                                  [[own, own, foreign], [without_login]])
            with client() as milter:
                for _ in range(random.randint(1, 30)):
                    body = random.choice([b"", b"line\r\n" * 20,
                                          b" \t long \r\n" * 9000])
                    complaint = random.choice(kinds)(milter, body, outage)
                    messages += 1
                    if complaint == "put off":
                        later += 1
                    elif complaint:
                        wrong.append(complaint)
                if random.random() < 0.2:  # it breaks off in the header
                    milter.mail("anna@example.org")
                    milter.header(*OWN[0])
    except Exception as error:
        wrong.append(repr(error))
    results.put((messages, later, wrong[:5]))


def publish(directory, turn):
    run(COMMAND, "--directory", directory, "account",
        "disable" if turn % 2 == 0 else "enable", "bert")


def damage(directory, turn):
    """Every other time what is published is whole."""
    path = Path(directory.removeprefix("sqlite:")) / "published/directory.db"
    if turn % 2 == 1:
        run(COMMAND, "--directory", directory, "directory", "publish")
    elif turn % 8 == 0:
        path.unlink()
    elif turn % 8 == 2:
        path.write_bytes(b"\xff" * path.stat().st_size)  # as it is read
    elif turn % 8 == 4:
        os.truncate(path, 8192)
    else:
        new = path.with_suffix(".damaged")
        new.write_bytes(random.randbytes(path.stat().st_size))
        new.rename(path)


def load(daemon, directory, seconds, outage=False):
    """Clients, reloads and publications: how many messages, and put off."""
    end = time.monotonic() + seconds
    results = multiprocessing.Queue()
    clients = [multiprocessing.Process(
        target=talk, args=(daemon.client, seed, end, outage, results))
        for seed in range(CLIENTS)]
    for client in clients:
        client.start()
    turn = 0
    while time.monotonic() < end:
        if not VERIFIES:
            (damage if outage else publish)(directory, turn)
        daemon.process.send_signal(1)
        wait_for(lambda: daemon.notice() == "READY=1", "a reload's end")
        turn += 1
    done = [results.get(timeout=60) for _ in clients]
    for client in clients:
        client.join(60)
    assert [wrong for _, _, wrong in done if wrong] == []
    assert turn > seconds / 2
    return sum(each[0] for each in done), sum(each[1] for each in done)


def resident(daemon):
    with open(f"/proc/{daemon.process.pid}/statm", encoding="ascii") as sizes:
        return int(sizes.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.fixture
def settings(daemon, directory, tmp_path):
    if VERIFIES:
        # Without a network, whose resolver would be what is waited for; how
        # memory stays with one is in tests/system/test_dkim_verify.py.
        daemon.command = ["unshare", "--user", "--map-root-user", "--net",
                          DAEMON]
        return {}
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
    messages, _ = load(daemon, directory, SECONDS * 2 / 3)
    daemon.reload(**settings)
    grown = resident(daemon) - warm
    print(f"{messages} messages, {grown} octets more than when warm")
    assert SANITIZED or grown < GROWTH
    wait_for(lambda: daemon.descriptors() <= opened,
             f"no more than the {opened} descriptors it had when warm")
    assert " error: " not in daemon.log()


@pytest.mark.skipif(VERIFIES, reason="it asks no directory")
def test_damage_to_the_directory_puts_mail_off_and_nothing_worse(
        daemon, directory, settings):
    daemon.start(**settings)
    messages, later = load(daemon, directory, SECONDS / 3, outage=True)
    print(f"{messages} messages, {later} of them put off")
    assert 0 < later < messages
    run(COMMAND, "--directory", directory, "directory", "publish")
    with daemon.client() as milter:
        assert own(milter, b"", outage=False) is None
        assert foreign(milter, b"", outage=False) is None
