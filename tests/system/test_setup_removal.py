"""Packages that are taken out while Postfix and Dovecot use them and run."""

import os
from pathlib import Path

import pytest

from harness import dovecot, postfix
from harness.process import run, wait_for

PACKAGES = ["milter-sender-check", "milter-dkim", "dovecot-auth-tlspubkey",
            "dovecot-sieve-ext"]
QUIET = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}


def dpkg(*words):
    return run("dpkg", *words, env=QUIET)


@pytest.fixture
def used(mail):
    """All parts in use by `countersign setup`; what was there before."""
    servers = [mail.servers[name] for name in ("dovecot", "postfix")]
    for server in servers:
        server.bare = True
        server.restart()
    before = {path: path.read_bytes()
              for folder in (postfix.FOLDER, dovecot.FOLDER)
              for path in folder.glob("*.c*f")}
    for name in ("postfix", "dovecot"):
        mail.countersign("setup", name, "--apply")
    yield before
    dpkg("--install", *(path for name in ("countersign", *PACKAGES) for path in
                        Path("/packages").glob(f"{name}_*.deb")))
    for name in PACKAGES[:2]:
        mail.servers[name].restart()
    for server in servers:
        server.bare = False
        server.restart()


def remove(mail, *names):
    dpkg("--remove", *names)
    for name in names:
        if name in mail.servers:
            mail.servers[name].stop()


def assert_mail_flows(mail, account):
    address = f"{account}@example.org"

    def accepted():
        return mail.submit(account, "pass word", address, [address],
                           f"From: {address}\nSubject: to myself\n"
                           "Message-ID: <1@example.org>\n\n.\n").accepted

    wait_for(accepted, "a message to be accepted")
    mail.wait_message(account, containing="to myself")
    assert mail.imap(account, "pass word").select()[1] >= [b"1"]


@pytest.mark.parametrize("gone", PACKAGES)
def test_one_goes_and_mail_flows_with_the_others(mail, used, gone):
    account = mail.account(password="pass word")
    assert_mail_flows(mail, account)
    remove(mail, gone)
    assert_mail_flows(mail, account)
    text = (run("postconf", "-P").stdout + run("doveconf", "-n").stdout)
    assert text.count("/sender-check/") == (gone != "milter-sender-check")
    assert text.count("/dkim/") == (gone != "milter-dkim")
    assert ("login_tlspubkey" in text) == (gone != "dovecot-auth-tlspubkey")
    assert ("sieve_countersign" in text) == (gone != "dovecot-sieve-ext")


def test_all_go_and_everything_is_as_it_was(mail, used):
    account = mail.account(password="pass word")
    assert {path for path, data in used.items() if path.read_bytes() != data}
    remove(mail, *PACKAGES, "countersign")
    assert {path for path, data in used.items()
            if path.read_bytes() != data} == set()
    assert_mail_flows(mail, account)


def test_a_package_stays_where_postfix_cannot_be_set_right(mail, used):
    account = mail.account(password="pass word")
    master = postfix.FOLDER / "master.cf"
    good = master.read_bytes()
    master.write_bytes(good + b"broken\n")
    try:
        done = run("dpkg", "--remove", "milter-dkim", env=QUIET, check=False)
    finally:
        master.write_bytes(good)
    assert done.returncode != 0
    assert "/etc/postfix/master.cf: line" in done.stderr
    assert_mail_flows(mail, account)
