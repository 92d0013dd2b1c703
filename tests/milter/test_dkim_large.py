"""milter-dkim with as many domains as a large provider has."""

import os
import shutil
import time
from pathlib import Path

import pytest

from test_dkim import BODY, inserted, settings_of, tag
from test_dkim import keys, made_once  # noqa: F401: fixtures

DOMAINS = 100_000
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


def test_100_000_domains_load_in_under_a_second_of_cpu(
        daemon, directory, large):
    start = time.monotonic()
    daemon.start(directory=directory, key_table=large,
                 sign_for="authenticated")
    took = [(seconds_of_cpu(daemon), time.monotonic() - start)]
    for _ in range(2):
        before, start = seconds_of_cpu(daemon), time.monotonic()
        daemon.reload(**settings_of(daemon))
        took.append((seconds_of_cpu(daemon) - before,
                     time.monotonic() - start))
    for cpu, wall in took:
        print(f"{cpu:.2f} s CPU, {wall:.2f} s")
    assert min(cpu for cpu, _ in took) < 1
    domain = f"customer{DOMAINS - 1}.example.net"
    with daemon.client() as milter:
        milter.message("", [("From", f"a@{domain}")], "anna", body=BODY)
        assert [(tag(value, b"d"), tag(value, b"s"))
                for _, value in inserted(milter)] == [
            (domain, "20261122-rsa"), (domain, "20261122-ed25519")]
