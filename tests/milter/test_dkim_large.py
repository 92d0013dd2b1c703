"""milter-dkim with as many domains as a large provider has.

Beside it OpenDKIM, which reads the same names into memory and looks at no key
file. To be reached: under a second of processor. It is shown, for it depends on
what else the machine does.
"""

import os
import resource
import shutil
import statistics
import subprocess
import time
from pathlib import Path

import pytest

from test_dkim import BODY, inserted, settings_of, tag
from test_dkim import keys, made_once  # noqa: F401: fixtures

DOMAINS = 100_000
ROUNDS = 3
FOLDERS = 1000  # since making two files for each takes minutes
SINCE = "2026-11-22T10:20:00Z"


@pytest.fixture
def large(keys, tmp_path):
    """A table of so many domains, each with two keys, FOLDERS with files."""
    for number in range(FOLDERS):
        (tmp_path / f"{number}").mkdir()
        for name in ("rsa", "ed25519"):
            shutil.copy2(keys.path(f"s-{name}"),
                         tmp_path / f"{number}" / f"20261122-{name}.pem")
    table = tmp_path / "table"
    table.write_text("".join(
        f"customer{number}.example.net 20261122-{name} {name} active {SINCE} "
        f"{number % FOLDERS}/20261122-{name}.pem\n"
        for number in range(DOMAINS) for name in ("rsa", "ed25519")))
    return table


def seconds_of_cpu(daemon):
    fields = Path(f"/proc/{daemon.process.pid}/stat").read_text().split()
    return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")


@pytest.fixture
def opendkim(tmp_path):
    """The command that reads such tables and exits."""
    names = [(f"customer{number}.example.net", name, number % FOLDERS)
             for number in range(DOMAINS) for name in ("rsa", "ed25519")]
    (tmp_path / "KeyTable").write_text("".join(
        f"{domain}-{name} {domain}:20261122-{name}:"
        f"{tmp_path}/{folder}/20261122-{name}.pem\n"
        for domain, name, folder in names))
    (tmp_path / "SigningTable").write_text("".join(
        f"{domain} {domain}-{name}\n" for domain, name, _ in names))
    conf = tmp_path / "opendkim.conf"
    conf.write_text(f"Socket local:{tmp_path}/opendkim\nMode s\nSyslog no\n"
                    f"KeyTable file:{tmp_path}/KeyTable\n"
                    f"SigningTable file:{tmp_path}/SigningTable\n")
    return ["opendkim", "-n", "-x", conf]


def seconds_of_run(command):
    """Of processor and by the clock."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.monotonic()
    subprocess.run(command, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime -
            before.ru_stime, time.monotonic() - start)


def seconds_of_reload(daemon):
    before, start = seconds_of_cpu(daemon), time.monotonic()
    daemon.reload(**settings_of(daemon))
    return seconds_of_cpu(daemon) - before, time.monotonic() - start


def signers(daemon, domain):
    with daemon.client() as milter:
        milter.message("", [("From", f"a@{domain}")], "anna", body=BODY)
        return [(tag(value, b"d"), tag(value, b"s"))
                for _, value in inserted(milter)]


def test_100_000_domains_load_in_under_a_second(daemon, directory, large,
                                                opendkim):
    took = {"first": [], "reload": [], "OpenDKIM": []}
    start = time.monotonic()
    daemon.start(directory=directory, key_table=large,
                 sign_for="authenticated")
    took["first"].append((seconds_of_cpu(daemon), time.monotonic() - start))
    for _ in range(ROUNDS):
        took["OpenDKIM"].append(seconds_of_run(opendkim))
        took["reload"].append(seconds_of_reload(daemon))
    domain = f"customer{DOMAINS - 1}.example.net"
    assert signers(daemon, domain) == [
        (domain, "20261122-rsa"), (domain, "20261122-ed25519")]
    print(f"\n{DOMAINS} domains, two keys each: CPU, by the clock")
    for what, rounds in took.items():
        cpu, clock = map(statistics.median, zip(*rounds))
        print(f"{what:10}{cpu:6.2f} s{clock:8.2f} s")
