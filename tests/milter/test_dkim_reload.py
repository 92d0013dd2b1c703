"""milter-dkim's keys: rotated under load, gone, damaged, not its own."""

import os
import shutil
import threading
from pathlib import Path

import dkim
import pytest

from conftest import DAEMON, NOBODY
from harness.process import run
from test_dkim import (BODY, FIELDS, NO_LEAKS, inserted, logged, settings_of,
                       tag)
from test_dkim import keys, made_once, running  # noqa: F401: fixtures

BOTH = ["s-rsa", "s-ed25519"]
# More than are read when a table is loaded.
MANY = 1025


def selectors(milter):
    return [tag(value, b"s") for _, value in inserted(milter)]


def send(milter, fields=FIELDS):
    milter.modifications.clear()
    return milter.message("anna@example.org", fields, "anna", body=BODY)


def assert_signs(daemon):
    with daemon.client() as milter:
        assert send(milter).kind == "accept"
        assert selectors(milter) == BOTH


class Rotation:
    """Clients that send while one key table takes the place of another.

    Table number n has the keys of generation n modulo GENERATIONS, and no
    others.
    """

    CLIENTS = 4
    GENERATIONS = 5

    def __init__(self, daemon, keys):
        self.daemon, self.keys = daemon, keys
        for number in range(self.GENERATIONS):
            keys.make(selector=f"g{number}")
        self.records = {name.encode(): record.encode()
                        for name, record in keys.records().items()}
        self.lines = [line.split() for line in
                      keys.table.read_text().splitlines()]
        self.begun = self.done = 0  # tables loaded, or being loaded
        self.over = False
        self.generations, self.wrong = [], []

    def put(self, number):
        signs = f"g{number % self.GENERATIONS}-"
        new = self.keys.table.with_suffix(".new")
        new.write_text("".join(" ".join([
            domain, selector, algorithm,
            "active" if selector.startswith(signs) else "retired",
            *rest]) + "\n"
            for domain, selector, algorithm, _, *rest in self.lines))
        new.rename(self.keys.table)

    def load(self):
        clients = [threading.Thread(target=self.send)
                   for _ in range(self.CLIENTS)]
        for client in clients:
            client.start()
        try:
            self.rotate(settings_of(self.daemon))
        finally:
            self.over = True
            for client in clients:
                client.join()

    def rotate(self, settings):
        for number in range(1, 41):
            self.put(number)
            self.begun = number
            self.daemon.reload(**settings)
            self.done = number

    def send(self):
        try:
            while not self.over:
                with self.daemon.client() as milter:
                    for _ in range(4):
                        first = self.done
                        answer = send(milter)
                        self.check(answer, milter,
                                   range(first, self.begun + 1))
        except Exception as error:
            self.wrong.append(repr(error))

    def check(self, answer, milter, tables):
        names = selectors(milter)
        expected = [[f"g{n % self.GENERATIONS}-rsa",
                     f"g{n % self.GENERATIONS}-ed25519"] for n in tables]
        text = milter.sent(FIELDS, BODY)
        if answer.kind != "accept" or names not in expected or not all(
                dkim.DKIM(text).verify(number, dnsfunc=self.record)
                for number in range(len(names))):
            self.wrong.append((answer, names, tables))
        self.generations.append(names[0])

    def record(self, name, timeout=5):
        return self.records[name]


def test_keys_rotated_under_load_lose_nothing_and_are_never_mixed(
        daemon, directory, keys):
    rotation = Rotation(daemon, keys)
    rotation.put(0)
    daemon.start(directory=directory, key_table=keys.table)
    rotation.load()
    assert rotation.wrong == []
    print(f"{len(rotation.generations)} messages")
    assert len(set(rotation.generations)) == rotation.GENERATIONS
    assert "verdict=defer" not in daemon.log()
    assert " error: " not in daemon.log()


def test_a_key_that_was_read_signs_on_without_its_file(running, keys):
    keys.path("s-rsa").unlink()
    running.reload(**settings_of(running))
    assert (f"the old settings stay: {keys.table}: selector s-rsa of "
            f"example.org: {keys.path('s-rsa')}: can't be opened"
            in running.log())
    assert_signs(running)


def damage_by(change):
    return pytest.param(change, id=change.__name__)


def removed(path, _other):
    path.unlink()
    return "can't be opened"


def opened_to_others(path, _other):
    path.chmod(0o604)
    return "mode 0604 lets others at the key"


def of_the_other_type(path, other):
    shutil.copy(other, path)
    return "is a key of type ED25519, not RSA"


def cut_short(path, _other):
    os.truncate(path, 500)
    return "holds no unencrypted private key"


@pytest.fixture
def unread(daemon, directory, keys):
    """Its table has so many keys that none was read yet."""
    with open(keys.table, "a", encoding="ascii") as table:
        for number in range(MANY):
            table.write(f"{number}.example.net m ed25519 active "
                        "2026-11-22T10:20:00Z example.org/s-ed25519.pem\n")
    return daemon.start(directory=directory, key_table=keys.table,
                        sign_for="authenticated")


@pytest.mark.parametrize("damage", [
    damage_by(removed), damage_by(opened_to_others),
    damage_by(of_the_other_type), damage_by(cut_short)])
def test_a_fault_of_a_key_not_read_yet_puts_off_its_domains_mail_alone(
        unread, keys, damage, tmp_path):
    path = keys.path("s-rsa")
    shutil.copy2(path, tmp_path / "whole")
    fault = damage(path, keys.path("s-ed25519"))
    with unread.client() as milter:
        answer = send(milter)
        assert answer.text.startswith("451 4.7.5 ")
        assert milter.modifications == []
        assert logged(unread)["verdict"] == "defer"
        assert logged(unread)["reason"].startswith(
            f"selector s-rsa of example.org: {path}: {fault}")
        send(milter, [("From", "a@7.example.net")])
        assert selectors(milter) == ["m"]
    shutil.copy2(tmp_path / "whole", path)
    assert_signs(unread)


def test_the_check_reads_all_keys_however_many(daemon, unread, keys):
    daemon.stop()
    of_the_other_type(keys.path("s-rsa"), keys.path("s-ed25519"))
    done = run(DAEMON, "-t", "-c", daemon.conf, check=False, env=NO_LEAKS)
    assert done.returncode == 65
    assert f"{keys.path('s-rsa')}: is a key of type ED25519" in done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="becomes another user")
@pytest.mark.parametrize("user, group, mode, fault", [
    (0, NOBODY, 0o640, None),
    (NOBODY, 0, 0o600, None),
    (0, 0, 0o600, "mode 0600 does not let this program read the key"),
    (NOBODY, NOBODY, 0o000, "mode 0000 does not let this program read"),
    (1234, NOBODY, 0o640, "belongs to user 1234, who can change it"),
    (0, 1234, 0o640, "readable by group 1234, which is not"),
    (NOBODY, 0, 0o640, "readable by group 0, which is not"),
])
def test_whose_a_key_file_is_matters_to_an_unprivileged_daemon(
        daemon, keys, user, group, mode, fault):
    daemon.be_nobody()
    keys.give(NOBODY)
    os.chown(keys.path("s-rsa"), user, group)
    keys.path("s-rsa").chmod(mode)
    daemon.configure(key_table=keys.table)
    daemon.log_path.touch()
    done = run("setpriv", "--reuid", NOBODY, "--regid", NOBODY,
               "--clear-groups", *daemon.command, "-t", "-c", daemon.conf,
               check=False, env=NO_LEAKS)
    if fault is None:
        assert (done.returncode, done.stderr) == (0, "")
    else:
        assert done.returncode in (65, 66)
        assert f"s-rsa.pem: {fault}" in done.stderr


def test_a_full_disk_below_the_log_stops_no_mail(daemon, directory, keys):
    log, daemon.log_path = daemon.log_path, Path("/dev/full")
    daemon.start(directory=directory, key_table=keys.table)
    daemon.log_path = log
    log.touch()
    assert_signs(daemon)
    daemon.reload(**settings_of(daemon))
    assert_signs(daemon)
