"""The harness itself: stock servers carry mail by what is published."""

from harness.process import run

MESSAGE = """\
From: Stranger <stranger@example.net>
To: {account}@example.org
Subject: hello
Message-ID: <hello-{account}@example.net>

Hello.
"""


def test_mail_from_outside_arrives_by_lmtp(mail):
    account = mail.account()
    reply = mail.deliver("stranger@example.net", [f"{account}@example.org"],
                         MESSAGE.format(account=account))
    assert reply.accepted, reply
    text = mail.wait_message(account, containing=f"<hello-{account}@")
    assert "by mail.example.org with LMTP" in text


def test_postfix_finds_nothing_wrong_with_its_queue_directory(mail):
    done = run("postfix", "check")
    assert done.stdout + done.stderr == ""


def test_an_address_that_nobody_has_is_refused(mail):
    reply = mail.deliver("stranger@example.net", ["nobody@example.org"],
                         MESSAGE.format(account="nobody"))
    assert reply.code == 550, reply


def test_a_password_submits_and_reads_mail(mail):
    account = mail.account(password="pass word")
    address = f"{account}@example.org"
    reply = mail.submit(account, "pass word", address, [address],
                        f"From: {address}\nSubject: to myself\n\n.\n")
    assert reply.accepted, reply
    mail.wait_message(account, containing="to myself")
    session = mail.imap(account, "pass word")
    assert session.select()[1] == [b"1"]


def test_a_wrong_password_is_refused(mail):
    account = mail.account(password="right")
    reply = mail.submit(account, "wrong", f"{account}@example.org", [], "")
    assert reply.code == 535, reply
