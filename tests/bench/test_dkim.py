"""milter-dkim at work, beside OpenDKIM and a milter that does nothing.

Medians of several rounds, in each of which every milter has its turn. The limit
is the milter that does nothing, which reads what milter-dkim reads, and on top
what `openssl speed` says in the same rounds that a signature takes and the
body's SHA-256. To be reached: 120 us of processor a message above the limit
with 5 KB, whatever is signed; 1.3 times the limit with 5 MB; less than OpenDKIM
everywhere, both signatures less than its one; a message that is not signed as
cheap as in the milter that does nothing. What is no clock is a test: memory
under 20 MB, and no more of it after many messages.

Each of them logs as its package has it: milter-dkim a line for each message,
OpenDKIM errors alone.
"""

import contextlib
import os
import statistics
import subprocess

import pytest

from million import Directory
from milters import interleave, log_reader, medians, running, sees
from harness.milter import Milter as Mta

COMMAND = os.environ["COUNTERSIGN"]
ADDRESSES = int(os.environ["ADDRESSES"])
MESSAGES = int(os.environ["MESSAGES"])  # of the smallest size, a round
MANY = int(os.environ["MANY"])  # messages after which memory is the same
ROUNDS = int(os.environ["ROUNDS"])
SIZES = [int(size) for size in os.environ["SIZES"].split()]
CONNECTIONS = (1, 8, 32)
MEMORY_MAX = 20 * 1000 * 1000 // 1024  # KiB, with what is mapped from files
GROWTH_MAX = 2 * 1024  # KiB; some 300 come and go

OURS = {"rsa": ["rsa"], "ed25519": ["ed25519"], "both": ["rsa", "ed25519"],
        "not signing": []}
THEIRS = {"OpenDKIM rsa": ["rsa"], "OpenDKIM ed25519": ["ed25519"]}
SIGNED, UNSIGNED = "d00.example.org", "d01.example.org"

# The same fields as milter-dkim; nothing is asked of DNS, counted or kept.
OPENDKIM = """\
Socket local:{path}
Mode s
Domain {domain}
Selector s
KeyFile {key}
SignatureAlgorithm {algorithm}-sha256
Canonicalization relaxed/simple
SignHeaders From,To,Cc,Subject,Date,Message-ID,Reply-To,In-Reply-To,\
References,MIME-Version,Content-*
OversignHeaders From,To,Cc,Subject,Date,Message-ID,Reply-To,In-Reply-To,\
References,MIME-Version,Content-Type,Content-Transfer-Encoding,\
Content-Disposition
InternalHosts 0.0.0.0/0
RequireSafeKeys no
Syslog no
"""


@pytest.fixture(scope="module", autouse=True)
def log():
    with log_reader():
        yield


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    directory = Directory(tmp_path_factory.mktemp("directory"), ADDRESSES)
    directory.make(COMMAND)
    return directory


@pytest.fixture(scope="module")
def people(directory):
    """For a domain, a file of who may write as what in it."""
    every = directory.folder / "people"
    directory.write_people(every, ADDRESSES // 4)
    lines = every.read_text(encoding="ascii").splitlines(keepends=True)
    paths = {}
    for domain in (SIGNED, UNSIGNED):
        paths[domain] = directory.folder / domain
        paths[domain].write_text("".join(
            line for line in lines if line.endswith(f"@{domain}\n")),
            encoding="ascii")
    return paths


def make_keys(folder, algorithms):
    """A key table; and by algorithm, where its key is."""
    table = folder / "table"
    for algorithm in algorithms:
        for words in (["generate", SIGNED, "--selector", algorithm,
                       "--algorithm", algorithm],
                      ["activate", SIGNED, algorithm, "--force"]):
            subprocess.run([COMMAND, "dkim", *words, "--table", table],
                           check=True, stdout=subprocess.DEVNULL)
    return table, {algorithm: table.parent / SIGNED / f"{algorithm}.pem"
                   for algorithm in algorithms}


def signatures(milter):
    """How many it puts on a message like those of the load."""
    login, address = milter.people.read_text().split()[:2]
    with Mta(milter.path) as mta:
        answer = mta.message(address, [("From", f"Anna Berg <{address}>")],
                             login, body=b"Hello.\r\n")
        assert answer.kind in ("accept", "continue"), answer
        return [command for command, _ in mta.modifications].count("i")


@contextlib.contextmanager
def all_running(folder, directory, people):
    """By name, each of the milters."""
    with contextlib.ExitStack() as stack:
        def start(name, people, *command):
            return stack.enter_context(
                running(folder / name, people, *command))

        milters = {}
        for name, algorithms in OURS.items():
            table, keys = make_keys(folder / f"{name} keys",
                                    algorithms or ["rsa"])
            conf = folder / f"{name} conf"
            conf.write_text(f"directory = {directory.uri}\n"
                            f"socket = unix:{folder / name}\n"
                            f"key_table = {table}\n")
            milters[name] = start(
                name, people[SIGNED if algorithms else UNSIGNED],
                os.environ["DAEMON"], "-c", conf)
            if name == "both":
                all_keys = keys
        for name, (algorithm,) in THEIRS.items():
            conf = folder / f"{name} conf"
            conf.write_text(OPENDKIM.format(
                path=folder / name, domain=SIGNED, algorithm=algorithm,
                key=all_keys[algorithm]))
            milters[name] = start(name, people[SIGNED], "opendkim", "-f", "-x",
                                  conf)
        told = sees(milters["both"].load("-n", 1))
        milters["no-op"] = start(
            "noop", people[SIGNED], os.environ["NOOP_MILTER"], "-b",
            *told[:2], f"unix:{folder / 'noop'}", *told[2])
        assert sees(milters["no-op"].load("-n", 1)) == told
        for name, milter in milters.items():
            assert signatures(milter) == len(
                {**OURS, **THEIRS}.get(name, [])), name
        yield milters


def openssl_speed(*words):
    return subprocess.run(["openssl", "speed", "-mr", "-seconds", "1", *words],
                          check=True, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL,
                          text=True).stdout.splitlines()


def primitives(size):
    """What OpenSSL takes for a signature and for a body: us."""
    took = {}
    for line in openssl_speed("rsa2048", "ed25519"):
        words = line.split(":")
        if words[0] == "+F2":
            took["rsa"] = 1e6 / float(words[3])
        elif words[0] == "+F6":
            took["ed25519"] = 1e6 / float(words[4])
    for line in openssl_speed("-bytes", str(size), "-evp", "sha256"):
        if line.startswith("+F:"):
            took["body"] = size * 1e6 / float(line.split(":")[3])
    assert took.keys() == {"rsa", "ed25519", "body"}, took
    return took


def measure(size, milters):
    """By connections, the medians by name; and of what OpenSSL takes."""
    rounds = {connections: [] for connections in CONNECTIONS}
    took = []
    for number in range(ROUNDS + 1):  # the first one warms up
        print(f"{size} octets: round {number} of {ROUNDS}", flush=True)
        if number > 0:
            took.append(primitives(size))
        for connections in CONNECTIONS:
            messages = min(MESSAGES, max(64, MESSAGES * 25600 // size))
            rounds[connections].append(interleave(
                milters, messages, "-c", connections, "-s", size))
    return ({connections: medians(figures[1:])
             for connections, figures in rounds.items()},
            {what: statistics.median(each[what] for each in took)
             for what in took[0]})


def show(size, connections, table, took):
    base = table["no-op"]["cpu_us"]
    print(f"\n{size} octets, {connections} at a time"
          f"\n{'':18}{'msg/s':>7}{'CPU us':>9}{'> no-op':>9}{'limit':>9}"
          f"{'> limit':>9}{'ratio':>7}{'p50 us':>9}{'p99 us':>9}"
          f"{'RSS MB':>8}")
    for name in ["no-op", *OURS, *THEIRS]:
        row = table[name]
        algorithms = {**OURS, **THEIRS}.get(name, [])
        limit = base + sum(took[algorithm] for algorithm in algorithms)
        limit += took["body"] if algorithms else 0
        print(f"{name:18}{row['messages_per_second']:7.0f}"
              f"{row['cpu_us']:9.0f}{row['cpu_us'] - base:9.0f}{limit:9.0f}"
              f"{row['cpu_us'] - limit:9.0f}{row['cpu_us'] / limit:7.2f}"
              f"{row['p50_us']:9.0f}{row['p99_us']:9.0f}"
              f"{resident(row) * 1024 / 1e6:8.1f}", flush=True)


def resident(figures):
    return figures["anonymous_kib"] + figures["file_kib"]


@pytest.fixture(scope="module")
def milters(tmp_path_factory, directory, people):
    with all_running(tmp_path_factory.mktemp("milters"), directory,
                     people) as milters:
        yield milters


@pytest.mark.parametrize("size", SIZES)
def test_signing_takes_little(milters, size):
    tables, took = measure(size, milters)
    print("OpenSSL alone: " + ", ".join(
        f"{what} {time:.1f} us" for what, time in took.items()))
    for connections, table in tables.items():
        show(size, connections, table, took)
    for table in tables.values():
        for name in OURS:
            assert resident(table[name]) < MEMORY_MAX, name


def test_memory_stays_the_same_over_many_messages(milters):
    # All that is kept for each of so many is there after the first ones.
    warm = milters["both"].load("-n", MANY // 10, "-c", 32, "-s", 5120)
    late = milters["both"].load("-n", MANY - MANY // 10, "-c", 8, "-s", 5120)
    print(f"\n{MANY} messages: {resident(warm)} KiB after a tenth, "
          f"{resident(late)} KiB at the end")
    assert resident(late) - resident(warm) < GROWTH_MAX
    assert resident(late) < MEMORY_MAX
