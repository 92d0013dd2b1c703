"""The harness itself: stock servers carry mail before anything is added."""

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
    assert "LMTP id" in text


def test_postfix_finds_nothing_wrong_with_its_queue_directory(mail):
    from harness.process import run

    done = run("postfix", "check")
    assert done.stdout + done.stderr == ""
