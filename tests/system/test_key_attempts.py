"""What is kept and logged of logins with a key on stock Dovecot."""

import pwd
import re
import shutil
import threading
from pathlib import Path

import pytest
from harness.auth_socket import fingerprint
from harness.dovecot_settings import RELEASE
from harness.process import run, wait_for
from test_tlspubkey_imap import Imap, assert_refused, assert_unavailable

LOG = "/var/log/dovecot.log"
FOLDER = Path("/var/lib/countersign")
SPOOL = FOLDER / "attempts.spool"
UNPRIVILEGED = ("!include_try /usr/share/dovecot-auth-tlspubkey/"
                f"worker-{RELEASE}.conf\n")


@pytest.fixture
def anna(mail):
    return mail.account()


@pytest.fixture
def key(mail, anna):
    return mail.device_key(anna)


@pytest.fixture
def outage(mail):
    """The directory is damaged; whole again after the test."""
    published = FOLDER / "published" / "directory.db"

    def begin():
        beside = FOLDER / "damaged"
        beside.write_bytes(b"not a database")
        beside.replace(published)

    yield begin
    mail.countersign("directory", "publish")


def text(key):
    return "sha256:" + fingerprint(key).hex()


def attempts(mail, *words):
    """Without what is the same in all of them."""
    rows = mail.json("key", "attempts", *words)
    for row in rows:
        assert row.pop("protocol") == "imap"
        assert row.pop("remote") == "192.0.2.1"
        assert row["first"] <= row.pop("last")
        assert row.pop("first")[10] == "T"
    return sorted(rows, key=str)


def wait_attempts(mail, *words, expected):
    """They are noted when a client has its answer already."""
    expected = sorted(expected, key=str)
    try:
        wait_for(lambda: attempts(mail, *words) == expected, "the attempts")
    except AssertionError:
        pass
    assert attempts(mail, *words) == expected


def row(key, **others):
    return {"account": None, "name": None, "reason": None, "login": None,
            "mechanism": "EXTERNAL", "key": text(key), "count": 1} | others


def known(key, account, result="accepted", **others):
    return row(key, account=account, name="laptop", result=result, **others)


def test_logins_by_key_are_counted(mail, anna, key):
    for authzid in ("", anna, ""):
        Imap(key).external(authzid)
    rows = [known(key, anna, login=anna), known(key, anna, count=2)]
    wait_attempts(mail, text(key), expected=rows)
    wait_attempts(mail, anna.upper(), expected=rows)
    Imap(key).external()
    wait_attempts(mail, text(key), expected=[
        rows[0], known(key, anna, count=3)])


def test_keys_are_listed_with_their_last_use(mail, anna, key):
    listed, = mail.json("key", "list", anna)
    assert listed["last_used"] is None
    Imap(key).external()
    wait_attempts(mail, anna, expected=[known(key, anna)])
    last, = mail.json("key", "attempts", anna)
    listed, = mail.json("key", "list", anna)
    assert listed["last_used"] == last["last"]


def test_a_device_that_nobody_added_is_there_with_its_fingerprint(mail, anna):
    mail.set_password(anna, "secret")
    unknown = mail.device_key()
    session = Imap(unknown)
    assert_refused(session.external)
    session.login(f"{anna}@example.org", "secret")
    reason = "no account has this key"
    by_password = row(unknown, result="password", reason=reason, account=anna,
                      login=f"{anna}@example.org", mechanism="PLAIN")
    wait_attempts(mail, text(unknown), expected=[
        by_password, row(unknown, result="refused", reason=reason)])
    wait_attempts(mail, anna, expected=[by_password])
    mail.add_key(anna, unknown, "--no-preauth")
    Imap(unknown).external()


def test_a_disabled_account_and_a_login_of_others_are_refused(mail, anna, key):
    other = mail.account()
    assert_refused(Imap(key).external, other)
    mail.countersign("account", "disable", anna)
    assert_refused(Imap(key).external)
    of_other = known(key, anna, "refused", login=other,
                     reason="the login is of another account")
    wait_attempts(mail, anna, expected=[
        known(key, anna, "refused", reason="the account is disabled"),
        of_other])
    wait_attempts(mail, other, expected=[of_other])


def test_an_outage_is_neither_taken_nor_refused(mail, anna, key, outage):
    outage()
    assert_unavailable(Imap(key).external)
    wait_attempts(mail, text(key), expected=[
        row(key, result="deferred", reason="the directory failed")])


@pytest.mark.parametrize("start", [
    "", "\n", "\r\n", "x\n", '" ', "\n\n190 "])
def test_what_a_client_says_it_is_makes_no_attempt_of_its_own(
        mail, anna, start):
    forged = "sha256:" + "0" * 64
    pairs = (f"key={forged} result=accepted "
             f"time=2026-11-22T01:02:03Z account={anna}")
    line = f"auth-worker(1): Info: tlspubkey: {pairs}"
    unknown = mail.device_key()
    assert_refused(Imap(unknown).external, start + line)
    assert_refused(Imap(unknown).external, f"\n{len(pairs)} {pairs}\n")
    wait_for(lambda: len(mail.json("key", "attempts", text(unknown))) == 2,
             "both attempts")
    for source in ((), ("--log", LOG)):
        found = mail.json("key", "attempts", *source, text(unknown))
        assert {row["result"] for row in found} == {"refused"}
        assert {row["account"] for row in found} == {None}
        assert any(line in row["login"] for row in found)
        for nobody in (forged, anna):
            assert mail.json("key", "attempts", *source, nobody) == []


def test_a_log_is_summed_up_too_also_syslog_without_auth_verbose(
        mail, key):
    mail.restart("dovecot", "log_path = syslog\nauth_verbose = no\n")
    unknown = mail.device_key()
    assert_refused(Imap(unknown).external)
    mail.wait_log("dovecot", rf"dovecot: auth-worker\(\d+\).*{text(unknown)}")
    assert attempts(mail, "--log", LOG, text(unknown)) == [
        row(unknown, result="refused", reason="no account has this key")]


def test_an_accepted_login_is_logged_by_dovecot_alone_if_the_spool_has_it(
        mail, anna, key):
    mail.restart("dovecot", "# a log of its own")
    Imap(key).external()
    mail.wait_login(anna, "EXTERNAL")
    wait_attempts(mail, text(key), expected=[known(key, anna)])
    assert text(key) not in mail.log("dovecot")


# The login's own line.


def shown(mail, account, method):
    """What its line says of a key; in 2.3 what is empty is shown too."""
    line = mail.wait_login(account, method, ".*\n")[0]
    return dict(re.findall(r" (key|fingerprint)=<([^>]+)>", line))


def test_the_login_line_has_the_keys_name_and_how_its_fingerprint_begins(
        mail, anna, key):
    Imap(key).external()
    assert shown(mail, anna, "EXTERNAL") == {
        "key": "laptop", "fingerprint": fingerprint(key).hex()[:16]}


def test_a_login_by_password_names_an_unknown_key_by_its_fingerprint_alone(
        mail, anna):
    mail.set_password(anna, "secret")
    unknown = mail.device_key()
    Imap(unknown).login(anna, "secret")
    assert shown(mail, anna, "PLAIN") == {
        "fingerprint": fingerprint(unknown).hex()[:16]}


def test_a_login_without_a_key_has_neither(mail, anna):
    mail.set_password(anna, "secret")
    Imap().login(anna, "secret")
    assert shown(mail, anna, "PLAIN") == {}


# Events.

EVENT = "event=tlspubkey_login_checked"
METRICS = {result: f"{EVENT} AND result={result}" for result in (
    "accepted", "password", "refused", "deferred")} | {
    "laptop": f"{EVENT} AND key_name=laptop AND protocol=imap"
              " AND mechanism=EXTERNAL",
    "disabled": f'{EVENT} AND reason="the account is disabled"'}


def counted(name):
    """By Dovecot's statistics."""
    dump = run("doveadm", "-f", "tab", "stats", "dump").stdout
    return sum(int(fields[2]) for fields in
               (line.split("\t") for line in dump.splitlines())
               if fields[:2] == [name, "duration"])


def test_every_outcome_is_an_event_of_dovecots(mail, anna, key, outage):
    mail.set_password(anna, "secret")
    mail.restart("dovecot", "".join(
        f"metric {name} {{\n  filter = {of}\n}}\n"
        for name, of in METRICS.items()))
    Imap(key).external()
    Imap(key).login(anna, "secret")
    assert_refused(Imap(key).external, "nobody")
    mail.countersign("account", "disable", anna)
    assert_refused(Imap(key).external)
    assert_refused(Imap().login, anna, "secret")
    outage()
    assert_unavailable(Imap(key).external)
    expected = {"accepted": 1, "password": 1, "refused": 3, "deferred": 1,
                "laptop": 3, "disabled": 2}
    # Passwords that wait_password() tries are logins without a key as well.
    wait_for(lambda: counted("deferred") >= 1, "the last event")
    assert {name: counted(name) for name in METRICS} == expected


# The spool.


def test_no_local_user_can_read_or_write_it(mail, anna, key):
    Imap(key).external()
    wait_attempts(mail, text(key), expected=[known(key, anna)])
    assert SPOOL.owner() == "root"
    assert SPOOL.stat().st_mode & 0o7777 == 0o600
    for user in ("nobody", "dovecot", "dovenull", "vmail"):
        for command in (f"cat {SPOOL}", f"echo x >>{SPOOL}", f"rm {SPOOL}",
                        f"mv {SPOOL} /tmp/x", f"ln {SPOOL} /tmp/y"):
            assert run("runuser", "-u", user, "--", "sh", "-c", command,
                       check=False).returncode != 0, (user, command)


def test_workers_without_roots_rights_write_it_all_the_same(mail, anna, key):
    mail.restart("dovecot", UNPRIVILEGED)
    Imap(key).external()
    unknown = mail.device_key()
    assert_refused(Imap(unknown).external)
    worker = mail.wait_log(
        "dovecot", rf"auth-worker\((\d+)\).*{text(unknown)}")[1]
    status = Path(f"/proc/{worker}/status").read_text()
    uid = pwd.getpwnam("dovecot").pw_uid
    assert f"Uid:\t{uid}\t{uid}\t{uid}\t{uid}\n" in status
    wait_attempts(mail, text(key), expected=[known(key, anna)])
    assert "passdb tlspubkey: " not in mail.log("dovecot")
    assert SPOOL.owner() == "root"


def test_many_logins_at_once_are_counted_one_by_one(mail, anna, key):
    threads = [threading.Thread(target=lambda: Imap(key).external())
               for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wait_attempts(mail, anna, expected=[known(key, anna, count=40)])


@pytest.fixture
def small_disk(mail, tmp_path):
    """The directory on a disk of its own with no room left."""
    server = mail.servers["dovecot"]
    server.stop()
    shutil.copytree(FOLDER, tmp_path / "copy")
    run("cp", "-a", f"{FOLDER}/.", tmp_path / "copy")
    run("mount", "-t", "tmpfs", "-o", "size=16m,mode=0751", "tmpfs", FOLDER)
    run("cp", "-a", f"{tmp_path}/copy/.", FOLDER)
    run("sh", "-c", f"cat /dev/zero >{FOLDER}/filler", check=False)
    server.start("# on a small disk\n")
    yield
    server.stop()
    run("umount", FOLDER)


def test_a_full_disk_keeps_no_login_waiting(mail, anna, key, small_disk):
    """A login leaves some 200 octets, so these are more than a page."""
    for _ in range(40):
        Imap(key).external()
    mail.wait_log("dovecot", '"countersign key attempts" will miss logins: '
                  ".*(No space left on device|the disk is full)")
    (FOLDER / "filler").unlink()
    other = mail.device_key(anna, "other")
    Imap(other).external()
    # Those before were written, or not, by then.
    wait_for(lambda: attempts(mail, text(other)), "the next one")
    assert sum(row["count"] for row in attempts(mail, text(key))) < 40
