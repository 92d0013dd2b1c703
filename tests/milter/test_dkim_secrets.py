"""Where milter-dkim's private keys must not be: dumps, swap, freed memory."""

import os
import re
import resource
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from conftest import NOBODY
from harness.process import run
from test_dkim import BODY, FIELDS, inserted, settings_of
from test_dkim import keys, made_once, running  # noqa: F401: fixtures

PIECE = 16
needs_root = pytest.mark.skipif(os.geteuid() != 0,
                                reason="looks into another's memory")
whole = pytest.mark.skipif(os.environ["SANITIZE"] != "",
                           reason="a sanitizer has its own memory")


def send(daemon):
    with daemon.client() as milter:
        answer = milter.message("anna@example.org", FIELDS, "anna", body=BODY)
        assert answer.kind == "accept"
        return len(inserted(milter))


def numbers(path):
    """Of a private key file: name -> octets, of what is not public."""
    text = run("openssl", "pkey", "-in", path, "-noout", "-text").stdout
    return {name: bytes.fromhex(re.sub(r"[\s:]", "", digits)).lstrip(b"\0")
            for name, digits in re.findall(
                r"^(priv|privateExponent|prime1|prime2|exponent1|exponent2"
                r"|coefficient):\n((?:    .*\n)+)", text, re.M)}


def pieces(data):
    return {data[start:start + PIECE]
            for start in range(0, len(data) - PIECE + 1, PIECE)}


class Traces:
    """What would give a key away: PIECE octets are taken for proof."""

    def __init__(self, keys):
        rsa = numbers(keys.path("s-rsa"))
        assert len(rsa) == 6
        # As OpenSSL computes with them, and as they stand in DER.
        self.limbs = set().union(*(pieces(number[::-1])
                                   for number in rsa.values()))
        self.der = set().union(*map(pieces, rsa.values()))
        self.seed = pieces(numbers(keys.path("s-ed25519"))["priv"])
        # What stands before the first number is the same in every key.
        lines = [*keys.path("s-rsa").read_bytes().splitlines()[2:-1],
                 keys.path("s-ed25519").read_bytes().splitlines()[1]]
        self.pem = set().union(*(pieces(line[-32:]) for line in lines))

    def found(self, memory, *kinds):
        return {kind for kind in kinds
                if any(piece in memory for piece in getattr(self, kind))}


ALL = ("limbs", "der", "seed", "pem")


def memory_of(daemon):
    pid = daemon.process.pid
    parts = []
    with open(f"/proc/{pid}/mem", "rb", 0) as memory:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            borders, access = line.split()[:2]
            start, end = (int(border, 16) for border in borders.split("-"))
            if not access.startswith("rw") or end - start > 1 << 31:
                continue
            try:
                memory.seek(start)
                parts.append(memory.read(end - start))
            except OSError:  # a guard page
                continue
    return b"".join(parts)


@needs_root
@whole
def test_pem_and_der_do_not_stay_when_a_key_was_read(running, keys):
    traces = Traces(keys)
    assert send(running) == 2
    memory = memory_of(running)
    # Signing takes them: so the search finds what is there.
    assert traces.found(memory, *ALL) == {"limbs", "seed"}


@needs_root
@whole
def test_nothing_of_a_key_stays_when_the_table_has_it_no_more(running, keys):
    traces = Traces(keys)
    for _ in range(5):
        assert send(running) == 2
    keys.table.write_text("")
    running.reload(**settings_of(running))
    assert send(running) == 0
    assert traces.found(memory_of(running), *ALL) == set()


def can_dump(folder):
    """Whether a process that may leave a core file does so here."""
    with subprocess.Popen(["sleep", "60"], cwd=folder) as control:
        control.send_signal(signal.SIGABRT)
        status = os.waitid(os.P_PID, control.pid, os.WEXITED | os.WNOWAIT)
    return status.si_code == os.CLD_DUMPED


def test_it_leaves_no_core_file_where_others_do(
        daemon, directory, keys, tmp_path, monkeypatch):
    _, most = resource.getrlimit(resource.RLIMIT_CORE)
    before = resource.getrlimit(resource.RLIMIT_CORE)
    monkeypatch.chdir(tmp_path)
    resource.setrlimit(resource.RLIMIT_CORE, (most, most))
    try:
        if not can_dump(tmp_path):
            pytest.skip("the host writes no core files")
        daemon.start(directory=directory, key_table=keys.table)
    finally:
        resource.setrlimit(resource.RLIMIT_CORE, before)
    send(daemon)
    daemon.process.send_signal(signal.SIGABRT)
    status = os.waitid(os.P_PID, daemon.process.pid,
                       os.WEXITED | os.WNOWAIT)
    assert status.si_status == signal.SIGABRT
    assert status.si_code == os.CLD_KILLED
    daemon.process.wait()
    daemon.process = None


@needs_root
@whole
@pytest.mark.skipif(shutil.which("gcore") is None, reason="has no gcore")
def test_a_core_file_that_a_debugger_writes_has_no_key(
        running, keys, tmp_path):
    traces = Traces(keys)
    send(running)
    run("gcore", "-o", tmp_path / "core", running.process.pid)
    (core,) = tmp_path.glob("core.*")
    assert core.read_bytes().startswith(b"\x7fELF")
    assert traces.found(core.read_bytes(), *ALL) == set()


def status_of(daemon):
    text = Path(f"/proc/{daemon.process.pid}/status").read_text()
    return dict(re.findall(r"^(\w+):\s+(.*)$", text, re.M))


def as_nobody(daemon, keys, *prefix):
    """With no right beyond limits; started by that command."""
    keys.give(NOBODY)
    daemon.be_nobody(*prefix)
    return daemon.start(key_table=keys.table, sign_for="authenticated")


@needs_root
def test_others_of_its_user_do_not_look_into_its_memory(
        daemon, keys):
    as_nobody(daemon, keys)
    process = Path(f"/proc/{daemon.process.pid}")
    assert status_of(daemon)["Uid"].split()[0] == str(NOBODY)
    assert (process / "mem").stat().st_uid == 0, "it is dumpable"
    filter_ = (process / "coredump_filter").read_text()
    assert int(filter_, 16) == 0
    limits = (process / "limits").read_text()
    assert re.search(r"^Max core file size +0 +0 ", limits, re.M)


@needs_root
@whole
def test_its_memory_is_kept_out_of_swap(running):
    send(running)
    assert "can't be locked" not in running.log()
    sizes = {name: int(status_of(running)[name].split()[0])
             for name in ("VmLck", "VmRSS", "VmSize")}
    # What is there of every mapping, and not the whole of each.
    assert sizes["VmLck"] >= sizes["VmRSS"]
    assert sizes["VmRSS"] < 40 << 10 < sizes["VmSize"]
    for mapping in smaps_of(running):
        if mapping["Anonymous"] and "io" not in mapping["VmFlags"]:
            assert "lo" in mapping["VmFlags"], mapping


def smaps_of(daemon):
    found = []
    for line in Path(f"/proc/{daemon.process.pid}/smaps"
                     ).read_text().splitlines():
        name, _, value = line.partition(":")
        if name == "VmFlags":
            found[-1][name] = value.split()
        elif value.endswith(" kB"):
            found[-1][name] = int(value.split()[0])
        elif name in ("THPeligible", "ProtectionKey"):
            continue
        else:
            found.append({"name": line})
    return found


@needs_root
@whole
def test_where_memory_may_not_be_locked_it_says_so_once_and_signs(
        daemon, keys):
    as_nobody(daemon, keys, "prlimit", "--memlock=65536:65536")
    assert send(daemon) == 2
    daemon.reload(**settings_of(daemon))
    assert daemon.log().count("memory can't be locked") == 1
    assert "LimitMEMLOCK=infinity" in daemon.log()


def test_no_log_line_has_anything_of_a_key(running, keys):
    traces = Traces(keys)
    send(running)
    # A key in the place of another, or in the table, is a fault to be logged.
    pem = keys.path("s-ed25519").read_bytes()
    keys.path("s-rsa").write_bytes(pem)
    running.reload(**settings_of(running))
    assert "s-rsa.pem: is a key of type ED25519" in running.log()
    keys.table.write_text(keys.table.read_text() + pem.decode())
    running.reload(**settings_of(running))
    assert running.log().count("reload failed") == 2
    log = running.log().encode()
    assert traces.found(log, *ALL) == set()
