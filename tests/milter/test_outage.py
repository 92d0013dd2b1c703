"""milter-sender-check while the directory is damaged, or the machine is at
its limits: mail is put off, never let through, and goes on by itself."""

import os
import random
import socket
import time

import pytest

from conftest import COMMAND
from harness.process import run, wait_for

OWN = [("From", "Anna <anna@example.org>"), ("Subject", "hello")]
FOREIGN = [("From", "Bert <bert@example.org>"), ("Subject", "hello")]
PUT_OFF = "451 4.3.0 the account directory can't be asked now, try again later"
PAGE = 4096
ACCOUNTS = 1500
sanitized = pytest.mark.skipif(
    os.environ["SANITIZE"] != "", reason="has memory and threads of its own")


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """A directory of many pages: anna, bert and a crowd."""
    folder = tmp_path_factory.mktemp("large") / "d"
    text = folder.parent / "text"
    names = ["anna", "bert", *(f"user{n}" for n in range(ACCOUNTS))]
    text.write_text("countersign-directory\t1\ndomain\texample.org\n" + "".join(
        f"account\t{name}\naddress\t{name}@example.org\t{name}\n"
        for name in names))
    run(COMMAND, "--directory", f"sqlite:{folder}", "directory", "init")
    run(COMMAND, "--directory", f"sqlite:{folder}", "directory", "import",
        text)
    return folder / "published" / "directory.db"


class Site:
    """The daemon, by an unprivileged user, and a published directory."""

    def __init__(self, folder, daemon, snapshot):
        self.daemon = daemon
        self.content = snapshot.read_bytes()
        self.published = folder / "d" / "published"
        self.published.mkdir(parents=True)
        self.path = self.published / "directory.db"
        self.put(self.content)
        run("chmod", "-R", "a+rX", folder)

    def put(self, content):
        """As the command does: whole, and by rename."""
        new = self.path.with_suffix(".new")
        new.write_bytes(content)
        new.rename(self.path)

    def start(self):
        self.daemon.start(directory=f"sqlite:{self.published.parent}")
        return self

    def ask(self, fields, milter=None):
        """The answer to a message of anna's, or what went wrong."""
        if milter is None:
            with self.daemon.client() as milter:
                return self.ask(fields, milter)
        answer = milter.message("anna@example.org", fields, "anna")
        if answer.kind != "accept":
            milter.abort()
        return answer.text or answer.kind

    def answers(self):
        return self.ask(OWN), self.ask(FOREIGN)

    def assert_works(self):
        own, foreign = self.answers()
        assert own == "accept", own
        assert foreign.startswith("550 5.7.1 "), foreign

    def assert_puts_off(self):
        assert self.answers() == (PUT_OFF, PUT_OFF)


@pytest.fixture
def site(daemon, tmp_path, large):
    if os.geteuid() == 0:  # whom no limit of threads holds
        daemon.be_nobody()
    return Site(tmp_path, daemon, large)


def damaged(content):
    """What may be wrong with it, and the snapshot then."""
    yield "empty", b""
    yield "wrong magic", b"\0" * 16 + content[16:]
    yield "not its version", content[:60] + b"\0\0\0\1" + content[64:]
    for part in (1, 100, 1000, PAGE, len(content) // 2, len(content) - 1):
        yield f"its first {part} octets", content[:part]
    noise = random.Random(4)
    for start in range(0, len(content), PAGE):
        before, after = content[:start], content[start + PAGE:]
        number = start // PAGE
        yield f"page {number} zeroed", before + b"\0" * PAGE + after
        yield (f"page {number} garbage",
               before + noise.randbytes(PAGE) + after)


def test_a_damaged_snapshot_lets_nothing_through_and_refuses_nothing(site):
    """Where the damage is not met, the answer is right."""
    site.start()
    put_off = 0
    for what, content in damaged(site.content):
        site.put(content)
        own, foreign = site.answers()
        assert own in ("accept", PUT_OFF), (what, own)
        assert foreign == PUT_OFF or foreign.startswith("550 5.7.1 the login "
                                                        "anna may not"), (
            what, foreign)
        put_off += PUT_OFF in (own, foreign)
    assert put_off > 20
    site.put(site.content)
    site.assert_works()


def test_damage_that_comes_while_it_is_read_is_met_by_a_later_question(site):
    site.start()
    site.assert_works()
    with site.daemon.client() as milter:
        site.path.write_bytes(b"\xff" * len(site.content))
        answers = {milter.message(
            f"user{number}@example.org",
            [("From", f"user{number}@example.org")],
            f"user{number}").text for number in range(0, ACCOUNTS, 100)}
    assert answers - {""} == {PUT_OFF}  # "": what it had read before
    assert "disk image is malformed" in site.daemon.log()
    site.assert_puts_off()
    site.put(site.content)
    site.assert_works()


def test_a_snapshot_cut_short_while_it_is_read_lets_nothing_through(site):
    site.start()
    site.assert_works()
    os.truncate(site.path, 2 * PAGE)
    for number in range(0, ACCOUNTS, 100):
        with site.daemon.client() as milter:
            answer = milter.message("bert@example.org", FOREIGN,
                                    f"user{number}")
        assert answer.kind == "reply", answer
    site.put(site.content)
    site.assert_works()


def test_what_is_published_counts_from_the_next_question_on(site, large):
    site.start()
    master = f"sqlite:{large.parent.parent}"
    with site.daemon.client() as milter:
        assert milter.mail("anna@example.org", "anna").kind == "continue"
        run(COMMAND, "--directory", master, "account", "disable", "anna")
        site.put(large.read_bytes())
        milter.header(*OWN[0])
        answer = milter.end_of_header("4X")
        assert answer.text == ("550 5.7.1 the account of the login anna is "
                               "disabled")
        milter.abort()
        run(COMMAND, "--directory", master, "account", "enable", "anna")
        site.put(large.read_bytes())
        assert site.ask(OWN, milter) == "accept"


@pytest.mark.parametrize("folder", ["published", "."])
def test_a_folder_that_may_not_be_read_puts_mail_off(site, folder):
    folder = (site.published.parent / folder).resolve()
    site.start()
    site.assert_works()
    folder.chmod(0)
    site.assert_puts_off()
    assert f"{site.path}: Permission denied" in site.daemon.log()
    folder.chmod(0o755)
    site.assert_works()


def connect(site):
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(5)
    connection.connect(str(site.daemon.path))
    return connection


def no_answer(site):
    """A message that is neither accepted nor refused, as Postfix sees it."""
    try:
        with site.daemon.client(patience=1) as milter:
            return milter.message("anna@example.org", FOREIGN, "anna")
    except (TimeoutError, ConnectionError):
        return None


def test_without_threads_it_waits_and_goes_on_without_a_restart(site):
    site.start()
    site.assert_works()
    before = site.daemon.descriptors()
    site.daemon.limit(nproc=1)
    held = []

    def exhausted():
        held.append(connect(site))
        held[-1].sendall(b"\0")  # a thread is to read the rest
        return ("warning: no thread can be started now (Resource temporarily "
                "unavailable)") in site.daemon.log()

    wait_for(exhausted, "the lack of threads")
    assert [no_answer(site) for _ in range(4)] == [None] * 4
    site.daemon.limit(nproc=None)
    site.assert_works()
    for connection in held:
        connection.close()
    wait_for(lambda: site.daemon.descriptors() <= before,
             "the descriptors of sessions that are gone")
    assert site.daemon.log().count("no thread") == 1


def ticks(site):
    with open(f"/proc/{site.daemon.process.pid}/stat",
              encoding="ascii") as stat:
        return sum(map(int, stat.read().split()[13:15]))


def test_without_descriptors_it_waits_quietly_and_goes_on(site):
    site.start()
    site.assert_works()
    site.daemon.limit(nofile=site.daemon.descriptors() + 4)
    held = [connect(site) for _ in range(12)]
    site.daemon.wait_log("warning: no connection can be taken now (Too many "
                         "open files)")
    start, used = time.monotonic(), ticks(site)
    assert no_answer(site) is None
    spent = (ticks(site) - used) / os.sysconf("SC_CLK_TCK")
    assert spent < (time.monotonic() - start) / 4
    for connection in held:
        connection.close()
    site.assert_works()
    assert site.daemon.log().count("no connection") == 1


def test_without_a_descriptor_for_the_directory_mail_is_put_off(site):
    site.start()
    with site.daemon.client() as milter:
        assert site.ask(OWN, milter) == "accept"
        site.path.unlink()
        assert site.ask(OWN, milter) == PUT_OFF
        site.daemon.limit(nofile=site.daemon.descriptors())
        site.put(site.content)
        assert site.ask(OWN, milter) == PUT_OFF
        assert f"{site.path}: Too many open files" in site.daemon.log()
        site.daemon.limit(nofile=1000)
        assert site.ask(OWN, milter) == "accept"


@sanitized
def test_without_memory_it_ends_and_lets_nothing_through(site):
    """As designed: it is the service manager that starts it again."""
    site.start()
    site.assert_works()
    site.daemon.limit(data=1)

    def ended():
        try:
            assert site.ask([("From", "x" * 10000)] * 60) != "accept"
        except OSError:  # of the connection
            pass
        return site.daemon.process.poll() is not None

    wait_for(ended, "its end")
    assert site.daemon.process.returncode == -6
    assert "out of memory" in site.daemon.log()
    site.daemon.launch()
    assert site.daemon.notice() == "READY=1"
    site.assert_works()


def test_a_log_that_cannot_be_written_changes_no_answer(site):
    site.daemon.log_path.symlink_to("/dev/full")
    site.start()
    site.assert_works()
    site.daemon.stop()
    site.daemon.log_path.unlink()
    site.daemon.log_path.touch()
