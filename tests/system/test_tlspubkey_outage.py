"""The directory is gone, broken or slow, or a worker dies that asks it."""

import errno
import imaplib
import os
import re
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

import pytest
from harness import tls
from harness.process import run, wait_for
from test_tlspubkey_imap import (ANY_PASSWORD_IS_SECRET, PUBLISHED, Imap,
                                 assert_unavailable)

AWAY = PUBLISHED.with_suffix(".away")


def gone():
    pass


def empty():
    PUBLISHED.touch()


def another_kind():
    PUBLISHED.write_text("not a database")


def a_folder():
    PUBLISHED.mkdir()


def cut_short():
    data = AWAY.read_bytes()
    PUBLISHED.write_bytes(data[:len(data) // 2])


def mangled():
    """But for its first page, which says that all is well."""
    data = AWAY.read_bytes()
    PUBLISHED.write_bytes(data[:4096] + b"\xff" * (len(data) - 4096))


WAYS = [gone, empty, another_kind, a_folder, cut_short, mangled]


@contextmanager
def broken(way):
    os.rename(PUBLISHED, AWAY)
    try:
        way()
        yield
    finally:
        if PUBLISHED.is_dir():
            PUBLISHED.rmdir()
        os.rename(AWAY, PUBLISHED)


@pytest.fixture
def anna(mail):
    return mail.account()


@pytest.fixture
def key(mail, anna):
    return mail.device_key(anna)


@pytest.fixture
def any_password(mail):
    """Of a passdb that does not ask the directory."""
    mail.restart("dovecot", ANY_PASSWORD_IS_SECRET)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_nobody_gets_past_a_gate_that_cannot_ask(
        mail, any_password, anna, key, way):
    unknown = mail.device_key()
    Imap(key).external()
    with broken(way):
        for authzid in ("", anna):
            assert_unavailable(Imap(key).external, authzid)
            assert_unavailable(Imap(unknown).external, authzid)
        for device in (None, key, unknown):
            for password in ("secret", "wrong"):
                assert_unavailable(Imap(device).login, anna, password)
            assert_unavailable(Imap(device).login, "stranger", "secret")
    Imap(key).external()
    Imap(unknown).login(anna, "secret")


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_the_gate_for_keys_alone_puts_off_keys_alone(mail, anna, key, way):
    unknown = mail.device_key()
    with mail.keys_settings(gate="key"):
        mail.restart("dovecot", ANY_PASSWORD_IS_SECRET)
        with broken(way):
            Imap().login(anna, "secret")
            for device in (key, unknown):
                assert_unavailable(Imap(device).external)
                assert_unavailable(Imap(device).login, anna, "secret")


class Slow:
    """Whoever opens the directory waits."""

    path = AWAY.with_suffix(".fifo")

    def __enter__(self):
        os.mkfifo(self.path)
        os.rename(PUBLISHED, AWAY)
        os.link(self.path, PUBLISHED)
        return self

    def waited(self):
        """Did one wait? Then it goes on."""
        try:
            os.close(os.open(self.path, os.O_WRONLY | os.O_NONBLOCK))
        except OSError as failure:
            assert failure.errno == errno.ENXIO
            return False
        return True

    def end(self):
        if AWAY.exists():
            os.rename(AWAY, PUBLISHED)

    def __exit__(self, *_):
        self.end()
        self.waited()
        self.path.unlink()


@pytest.fixture
def slow(mail):
    with Slow() as directory:
        yield directory


@pytest.fixture
def at_once():
    with ThreadPoolExecutor(16) as pool:
        yield pool.submit


def patient(key=None):
    """
    A client that waits longer than auth does. After STARTTLS: there nobody is
    asked about before a login.
    """
    session = imaplib.IMAP4("mail.example.org", 143, timeout=150)
    session.starttls(tls.client_context(key))
    return session


def external(session):
    return session.authenticate("EXTERNAL", lambda _: b"")


def workers(mail):
    """Those of the Dovecot that runs now."""
    master = mail.servers["dovecot"].process.pid
    done = run("pgrep", "-P", master, "-f", "dovecot/auth -w", check=False)
    return {int(word) for word in done.stdout.split()}


def kill(pids):
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def test_a_slow_directory_delays_logins_and_nothing_else(
        mail, anna, key, any_password, slow, at_once):
    logins = [at_once(external, patient(key)) for _ in range(3)]
    logins += [at_once(patient().login, anna, "secret") for _ in range(3)]
    wait_for(lambda: len(workers(mail)) >= 6, "a worker for each login")
    # Auth itself goes on: for mail that comes in, for who looks a user up.
    assert mail.deliver_lmtp(f"{anna}@mail.example.org",
                             "Subject: x\n\n").accepted
    assert anna in run("doveadm", "auth", "lookup", anna).stdout
    assert not any(login.done() for login in logins)
    slow.end()
    wait_for(slow.waited, "the slow ones to go on")
    for login in logins:
        wait_for(lambda: slow.waited() or login.done(), "the login")
        assert login.result(30)[0] == "OK"


def test_behind_a_gate_for_keys_who_has_none_waits_for_nothing(
        mail, anna, key, slow, at_once):
    with mail.keys_settings(gate="key"):
        mail.restart("dovecot", ANY_PASSWORD_IS_SECRET)
        login = at_once(external, patient(key))
        wait_for(lambda: workers(mail), "a worker")
        for _ in range(5):
            Imap().login(anna, "secret")
        assert not login.done()
        slow.end()
        wait_for(slow.waited, "the slow one to go on")
        assert login.result(30)[0] == "OK"


def test_a_directory_that_never_answers_is_a_temporary_failure(
        mail, anna, key, any_password, slow, at_once):
    refused = [at_once(assert_unavailable, external, patient(key)),
               at_once(assert_unavailable, patient(key).login, anna, "secret"),
               at_once(assert_unavailable, patient().login, anna, "secret"),
               at_once(assert_unavailable, patient().login, anna, "wrong")]
    for attempt in refused:
        attempt.result(150)


def test_a_worker_that_is_killed_puts_its_login_off_and_no_other(
        mail, anna, key, any_password, slow, at_once):
    refused = [at_once(assert_unavailable, external, patient(key)),
               at_once(assert_unavailable, patient(key).login, anna, "secret"),
               at_once(assert_unavailable, patient().login, anna, "secret")]

    def put_off():
        kill(workers(mail))
        return all(attempt.done() for attempt in refused)

    wait_for(put_off, "each login to be put off")
    slow.end()
    for attempt in refused:
        attempt.result()
    Imap(key).external()
    Imap().login(anna, "secret")


def test_workers_that_are_killed_at_any_time_let_nobody_in(
        mail, anna, key, any_password, at_once):
    """Each login works or is put off; who is to be refused never gets in."""
    off = mail.account()
    mail.countersign("account", "disable", off)

    def outcomes(user, device):
        seen = []
        while len(seen) < 20:
            try:
                seen += patient(device).login(user, "secret")[:1]
            except Imap.error as failure:
                seen += re.findall(r"\[(\w+)\]", str(failure))[:1]
        return seen

    attempts = [at_once(outcomes, user, device)
                for user in (anna, off) for device in (None, key)]
    for _ in range(4):
        kill(wait_for(lambda: workers(mail), "a worker"))
    for attempt in attempts[:2]:
        assert set(attempt.result(300)) <= {"OK", "UNAVAILABLE"}
    for attempt in attempts[2:]:
        assert set(attempt.result(300)) <= {"AUTHENTICATIONFAILED",
                                            "UNAVAILABLE"}
    Imap().login(anna, "secret")


def opened(pid):
    """The files that the process has open."""
    folder = f"/proc/{pid}/fd"
    paths = set()
    for name in os.listdir(folder):
        with suppress(OSError):
            paths.add(os.readlink(f"{folder}/{name}"))
    return paths


def test_a_worker_keeps_the_directory_open_and_auth_never_opens_it(
        mail, anna, key, tmp_path):
    mail.restart("dovecot", ANY_PASSWORD_IS_SECRET)
    Imap(key).external()
    (worker,) = workers(mail)
    assert str(PUBLISHED) in opened(worker)
    auth = [int(pid) for pid in run("pgrep", "-x", "auth").stdout.split()
            if int(pid) != worker]
    assert auth
    for pid in auth:
        assert str(PUBLISHED) not in opened(pid)
    trace = tmp_path / "trace"
    with tracing(worker, trace):
        for _ in range(5):
            Imap(key).external()
            Imap().login(anna, "secret")
    text = trace.read_text()
    # It was asked, about the file that it has open.
    assert f'"{PUBLISHED}"' in text
    assert "open" not in text
    assert workers(mail) == {worker}


@contextmanager
def tracing(pid, path):
    with subprocess.Popen(
            ["strace", "-f", "-p", str(pid), "-o", path, "-P", PUBLISHED],
            stderr=subprocess.PIPE, text=True) as strace:
        assert "attached" in strace.stderr.readline()
        try:
            yield
        finally:
            strace.terminate()
