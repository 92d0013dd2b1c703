"""milter-dkim-verify behind stock Postfix, on the port for mail from outside."""

import itertools
import re

import pytest

from harness.dkim import activate_keys, signed_selectors

DAEMON = "milter-dkim-verify"
PORT_25 = "smtpd_milters = unix:countersign/dkim-verify/milter\n"
PASSWORD = "correct horse"
OURS = "mail.example.org"


@pytest.fixture(scope="module", autouse=True)
def verifying(stack):
    with stack.usually("postfix", PORT_25):
        yield


@pytest.fixture(scope="module")
def account(stack):
    return stack.account(password=PASSWORD)


@pytest.fixture(scope="module")
def signed(stack, account):
    """A message with both signatures of our signer, as it arrived."""
    activate_keys(stack)
    address = f"{account}@example.org"
    # Whole, or Postfix adds what is signed as missing.
    assert stack.submit(account, PASSWORD, address, [address], f"""\
From: {address}
To: {address}
Subject: ours
Date: Sun, 22 Nov 2026 01:02:03 +0000
Message-ID: <1@example.org>

Hello.
""").accepted
    text = stack.wait_message(account, containing="Subject: ours")
    assert len(signed_selectors(text)) == 2
    return text[text.index("DKIM-Signature"):]


numbers = itertools.count(1)


def arrived(mail, account, text):
    """The message as it arrives, sent by a stranger."""
    mark = f"X-Test: verify {next(numbers)}\n"
    reply = mail.deliver("stranger@example.net", [f"{account}@example.org"],
                         mark + text)
    assert reply.accepted, reply
    return mail.wait_message(account, containing=mark)


def results(text):
    """The values of the fields, unfolded, in order."""
    header = re.sub(r"\n[ \t]+", " ", text.partition("\n\n")[0])
    return re.findall(r"(?mi)^Authentication-Results:\s*(.*)$", header)


def test_our_own_signatures_pass(mail, account, signed):
    text = arrived(mail, account, signed)
    assert len(signed_selectors(text)) == 2
    ours, = results(text)
    assert re.fullmatch(
        rf"{OURS}; dkim=pass header.d=example.org header.i=@example.org "
        r"header.s=\S+-rsa header.a=rsa-sha256 header.b=\S+; "
        r"dkim=pass header.d=example.org header.i=@example.org "
        r"header.s=\S+-ed25519 header.a=ed25519-sha256 header.b=\S+", ours)
    mail.wait_log(DAEMON, r'verdict=accept client=192\.0\.2\.9 dkim="pass '
                          r'd=example\.org ')
