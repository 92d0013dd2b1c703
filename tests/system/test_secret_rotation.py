"""countersign secret: old and new are good while they overlap."""

import threading
import time
from datetime import datetime, timezone

import pytest
from harness.auth_socket import (FOLDER, FORWARD, LOCAL, Session,
                                 authenticate, fingerprint, secrets, sign)
from harness.process import run, wait_for
from harness.sasl import Login

OVERLAP = 600


def utc(seconds):
    """So many seconds from now, as the files have it."""
    return datetime.fromtimestamp(
        int(time.time()) + seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def begin_with(path, since):
    """The last secret signs from then on."""
    lines = path.read_text().splitlines()
    lines[-1] = f"{lines[-1].split()[0]} {utc(since)}"
    path.write_text("\n".join(lines) + "\n")


@pytest.fixture
def mail(mail):
    """With the secrets as they were, in the end."""
    before = {path: path.read_text() for path in (LOCAL, FORWARD)}
    yield mail
    for path, text in before.items():
        path.write_text(text)
    mail.servers["dovecot"].restart()


@pytest.fixture
def anna(mail):
    return mail.account(password="secret")


@pytest.fixture
def device(mail, anna):
    return mail.device_key(anna)


def states(mail, kind="local"):
    return [row["state"] for row in mail.json("secret", "list")
            if row["secret"] == kind]


class Logins:
    """One after another with the key, until they are ended.

    A connection that ends without an answer is not counted: while it reloads,
    stock Dovecot closes one now and then, whatever it logs in with.
    """

    def __init__(self, key):
        self.key = key
        self.refused = []
        self.count = 0
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._go_on)

    def _go_on(self):
        while not self.ended.is_set():
            login = Login("imap", "EXTERNAL", key=self.key)
            self.count += login.accepted
            if login.line and not login.accepted:
                self.refused.append(login.line)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()

    def wait_more(self, number):
        end = self.count + number
        wait_for(lambda: self.count >= end, f"{number} more logins")


def test_there_is_one_of_each_kind_and_it_signs(mail):
    rows = mail.json("secret", "list")
    assert [(row["secret"], row["state"]) for row in rows] == [
        ("local", "signs"), ("forward", "signs")]
    for row, path in zip(rows, (LOCAL, FORWARD)):
        assert row["id"] not in path.read_text()


def test_no_login_is_refused_while_one_takes_over(mail, device):
    old = secrets(LOCAL)
    with Logins(device) as logins:
        logins.wait_more(5)
        mail.countersign("secret", "rotate", "local")
        assert states(mail) == ["signs", "next"]
        assert secrets(LOCAL)[:-1] == old
        # What the command says would be a minute.
        begin_with(LOCAL, 4)
        run("doveadm", "reload")
        logins.wait_more(5)
        wait_for(lambda: states(mail) == ["accepted", "signs"],
                 "the new one to sign")
        logins.wait_more(20)
    # Stock: a reload ends workers, now and then one that was just asked.
    log = mail.log("dovecot")
    assert len(logins.refused) <= log.count("Worker process died unexpectedly")
    assert "refused: key field" not in log
    # The new one alone, as who was not reloaded would have it.
    LOCAL.write_text(secrets(LOCAL)[-1].hex())
    mail.servers["dovecot"].restart()
    assert Login("imap", "EXTERNAL", key=device).accepted


@pytest.mark.parametrize("path", [LOCAL, FORWARD], ids=lambda path: path.stem)
def test_the_old_one_is_good_in_the_overlap_and_no_longer(mail, device, path):
    key = fingerprint(device)
    local = path == LOCAL
    session = Session(hop=None if local
                      else ("192.0.2.4", 40123, "192.0.2.1", 143))
    name = "tlspubkey=" if local else "tlspubkey_proxy="
    mail.countersign("secret", "rotate", path.stem)
    results = {}
    for since in (60, 20 - OVERLAP, -1 - OVERLAP):
        begin_with(path, since)
        mail.servers["dovecot"].restart()
        results[since] = [
            authenticate(session, name + sign(key, session, secret=secret))[0]
            for secret in secrets(path)]
    assert list(results.values()) == [["OK", "OK"], ["OK", "OK"],
                                      ["FAIL", "OK"]]


def test_a_new_secret_is_for_root_alone_and_reloads_dovecot(mail):
    done = mail.countersign("secret", "rotate", "forward", "--in", "2h")
    status = FORWARD.stat()
    assert (status.st_uid, status.st_gid, status.st_mode & 0o7777) == (
        0, 0, 0o600)
    assert "Dovecot is reloaded." in done.stdout
    assert str(FORWARD) in done.stdout
    mail.wait_log("dovecot", "SIGHUP|reloading")
    text = done.stdout + done.stderr
    assert not [secret for secret in secrets(FORWARD) if secret.hex() in text]
    assert {path.name for path in FOLDER.iterdir()} <= {
        "local.secret", "forward.secret", "lock"}


def test_one_that_is_to_sign_yet_is_waited_for(mail):
    mail.countersign("secret", "rotate", "local")
    before = LOCAL.read_text()
    done = mail.countersign("secret", "rotate", "local", check=False)
    assert done.returncode == 75
    assert "the last rotation is not over: wait until" in done.stderr
    assert LOCAL.read_text() == before


def test_at_once_the_old_one_is_good_no_more(mail, device):
    session = Session()
    old = sign(fingerprint(device), session)
    mail.countersign("secret", "rotate", "local", "--at-once")
    assert states(mail) == ["signs"]
    wait_for(lambda: Login("imap", "EXTERNAL", key=device).accepted,
             "a login with the new secret")
    assert authenticate(session, "tlspubkey=" + old)[0] == "FAIL"


@pytest.mark.parametrize("user", ["dovecot", "dovenull", "nobody", "postfix"])
def test_nobody_but_root_reads_a_secret(mail, user):
    for path in (LOCAL, FORWARD):
        done = run("runuser", "-u", user, "--", "cat", path, check=False)
        assert done.returncode != 0 and done.stdout == ""
