"""milter-dkim-verify behind stock Postfix, on the port for mail from outside."""

import itertools
import os
import re
import signal
import smtplib
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import dkim
import nacl.encoding
import nacl.signing
import pytest

from harness.dkim import activate_keys, signed_selectors
from harness.dns import aliases, is_cut
from harness.milter import Milter
from harness.paths import postfix_with
from harness.process import run

DAEMON = "milter-dkim-verify"
PASSWORD = "correct horse"
OURS = "mail.example.org"
SOCKET = "/var/spool/postfix/countersign/dkim-verify/milter"
port_25 = postfix_with("smtpd_milters = unix:countersign/dkim-verify/milter\n")


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


def made(algorithm, bits=2048):
    """A new key: what dkimpy signs with, and the text of its record."""
    if algorithm == "ed25519":
        key = nacl.signing.SigningKey.generate()
        encoder = nacl.encoding.Base64Encoder
        return key.encode(encoder), (
            f"v=DKIM1; k=ed25519; p={key.verify_key.encode(encoder).decode()}")
    pem = run("openssl", "genrsa", "-traditional", bits).stdout
    public = run("openssl", "rsa", "-pubout", input=pem).stdout
    return pem.encode(), "v=DKIM1; k=rsa; p=" + "".join(
        line for line in public.splitlines() if "---" not in line)


def publish(mail, selector, record):
    strings = " ".join(f'"{record[start:start + 200]}"'
                       for start in range(0, len(record), 200))
    mail.dns(f"{selector}._domainkey.example.org. TXT {strings}")


@pytest.fixture(scope="module")
def keys(stack):
    """Keys with their records out: selector -> key."""
    keys = {}
    for selector, algorithm, bits in (
            ("rsa", "rsa", 2048), ("large", "rsa", 4096),
            ("small", "rsa", 768), ("ed", "ed25519", 0)):
        keys[selector], record = made(algorithm, bits)
        publish(stack, selector, record)
    return keys


TEXT = b"""\
From: Anna <anna@example.org>\r
To: bert@example.net\r
Subject: hello\r
\tfolded \r
Date: Sun, 22 Nov 2026 01:02:03 +0000\r
Message-ID: <2@example.org>\r
\r
Hello, \t you. \r
\r
.dot\r
\r
\r
"""


def signature(keys, selector, text=TEXT, canonicalize=b"relaxed/simple",
              **options):
    """The field that dkimpy makes."""
    if selector == "ed":
        options.setdefault("signature_algorithm", b"ed25519-sha256")
    return dkim.sign(text, selector.encode(), b"example.org", keys[selector],
                     canonicalize=tuple(canonicalize.split(b"/")), **options)


def sign(keys, selector, text=TEXT, **options):
    """The whole message, as text."""
    return (signature(keys, selector, text, **options) + text
            ).decode().replace("\r\n", "\n")


def result(mail, account, text):
    """Of the first signature: its result and what follows it."""
    value, = results(arrived(mail, account, text))
    name, result, rest = re.fullmatch(r"(\S+); dkim=(\w+) ?(.*)",
                                      value).groups()
    assert name == OURS
    return result, rest


@pytest.mark.parametrize("canonicalize", [
    b"relaxed/simple", b"relaxed/relaxed", b"simple/simple",
    b"simple/relaxed"])
@pytest.mark.parametrize("selector, algorithm", [
    ("rsa", "rsa-sha256"), ("large", "rsa-sha256"),
    ("ed", "ed25519-sha256")])
def test_signatures_of_dkimpy_pass(mail, account, keys, selector, algorithm,
                                   canonicalize):
    text = sign(keys, selector, canonicalize=canonicalize)
    verdict, rest = result(mail, account, text)
    assert verdict == "pass"
    assert f"header.s={selector} header.a={algorithm} " in rest


@pytest.mark.parametrize("old, new, reason", [
    ("Hello,", "Hallo,", "the body was changed"),
    ("Subject: hello", "Subject: hallo", "the header was changed"),
    ("\tfolded", " unfolded", "the header was changed"),
    ("t=", "t=1", "signed in the future"),
])
def test_what_was_changed_does_not_pass(mail, account, keys, old, new,
                                        reason):
    text = sign(keys, "rsa").replace(old, new, 1)
    verdict, rest = result(mail, account, text)
    assert verdict in ("fail", "policy")
    assert rest.startswith(f'reason="{reason}')


def test_what_does_not_count_is_policy(mail, account, keys):
    assert result(mail, account, sign(
        keys, "rsa", signature_algorithm=b"rsa-sha1"))[0] == "policy"
    assert result(mail, account, sign(keys, "small"))[1].startswith(
        'reason="the key has only 768 bits"')
    assert result(mail, account, sign(keys, "rsa", length=True) + "More.\n"
                  )[1].startswith('reason="only ')
    assert result(mail, account, sign(keys, "rsa", length=True))[0] == "pass"


def test_a_second_subject_is_no_pass(mail, account, keys):
    signed = sign(keys, "rsa", include_headers=[b"from", b"subject"])
    assert result(mail, account, signed)[0] == "pass"
    verdict, rest = result(mail, account, "Subject: forged\n" + signed)
    assert verdict == "policy"
    assert rest.startswith('reason="1 of 2 Subject fields are signed"')


@pytest.mark.parametrize("selector, record, reason", [
    ("absent", None, "no key in DNS"),
    ("revoked", "v=DKIM1; k=rsa; p=", "the key was revoked"),
    ("other", "v=DKIM1; k=ed25519; p=QUJD", "the key is of another algorithm"),
    ("nonsense", "v=DKIM1; k=rsa; p=QUJD", "the key: "),
    ("spf", "v=spf1 -all", "the record has no key"),
])
def test_a_key_that_is_none_is_a_permanent_error(mail, account, keys,
                                                 selector, record, reason):
    if record is not None:
        publish(mail, selector, record)
    signed = sign({selector: keys["rsa"]}, selector)
    verdict, rest = result(mail, account, signed)
    assert verdict == "permerror"
    assert rest.startswith(f'reason="{reason}')


def test_several_records_are_a_permanent_error(mail, account, keys):
    for text in ("one", "two"):
        publish(mail, "several", f"v=DKIM1; n={text}; p=QUJD")
    assert result(mail, account, sign({"several": keys["rsa"]}, "several")
                  )[1].startswith('reason="several records in DNS"')


def test_a_key_behind_aliases_too_long_for_a_datagram_is_found(mail, account,
                                                               keys):
    name = "alias._domainkey.example.org"
    mail.dns(aliases(name, "large._domainkey.example.org"))
    assert is_cut(name, "TXT")
    signed = sign({"alias": keys["large"]}, "alias")
    assert result(mail, account, signed)[0] == "pass"


def test_while_dns_is_down_it_is_a_temporary_error(mail, account, keys):
    signed = sign(keys, "rsa")
    mail.restart(DAEMON, "dns_timeout = 2\non_fail = reject\n")
    mail.servers["knot"].stop()
    try:
        verdict, rest = result(mail, account, signed)
    finally:
        mail.servers["knot"].launch()  # with the records that were added
    assert verdict == "temperror"
    assert rest.startswith('reason="DNS did not tell the key"')


@pytest.fixture(params=["UDP", "TCP"])
def transport(request):
    """What resolv.conf says to ask by."""
    path = Path("/etc/resolv.conf")
    before = path.read_text()
    if request.param == "TCP":
        path.write_text(before + "options use-vc\n")
    yield request.param
    path.write_text(before)


def test_dns_that_hangs_is_not_waited_for_for_long(mail, account, keys,
                                                   transport):
    """Without Postfix, which would wait for the client's name."""
    mail.restart(DAEMON, "dns_timeout = 2\non_temperror = defer\n")
    fields = [("From", "a@example.org")] + [(
        "DKIM-Signature", f"v=1; a=rsa-sha256; d=example.org; s=s{number}; "
        "h=from; bh=AAAA; b=AAAA") for number in range(5)]
    run("kill", "-STOP", mail.servers["knot"].process.pid)
    try:
        with Milter(SOCKET) as milter:
            begin = time.monotonic()
            answer = milter.message("a@example.org", fields)
            took = time.monotonic() - begin
    finally:
        run("kill", "-CONT", mail.servers["knot"].process.pid)
    assert answer.text.startswith("451 4.7.5 ")
    assert 1 < took < 4
    assert ("over TCP" in mail.log(DAEMON)) == (transport == "TCP")
    assert result(mail, account, sign(keys, "rsa"))[0] == "pass"


def test_nothing_is_refused_unless_it_is_to_be(mail, account, keys):
    forged = sign(keys, "rsa").replace("Hello,", "Hallo,")
    assert result(mail, account, forged)[0] == "fail"
    mail.restart(DAEMON, "on_fail = reject\n")
    reply = mail.deliver("stranger@example.net", [f"{account}@example.org"],
                         forged)
    assert (reply.code, reply.text[:6]) == (550, "5.7.20")
    # One that passes is enough.
    changed = dkim.sign(forged.replace("\n", "\r\n").encode(), b"ed",
                        b"example.org", keys["ed"],
                        signature_algorithm=b"ed25519-sha256").decode()
    assert result(mail, account,
                  changed.replace("\r\n", "\n") + forged)[0] == "pass"


@pytest.mark.parametrize("field", [
    "Authentication-Results: mail.example.org; dkim=pass",
    "Authentication-Results : mail.example.org; dkim=pass",
    "Authentication-Results\t: mail.example.org; dkim=pass",
    "AUTHENTICATION-RESULTS:MAIL.EXAMPLE.ORG;dkim=pass",
    "Authentication-Results:\n mail.example.org 1\n ; dkim=pass",
    'Authentication-Results: (a) "mail.example\\.org" (b); dkim=pass',
    "Authentication-Results: =?utf-8?q?mail=2Eexample=2Eorg?=; dkim=pass",
    "Authentication-Results: dkim=pass header.d=example.org",
])
def test_no_forged_result_arrives(mail, account, field):
    text = arrived(mail, account, (
        "Authentication-Results: mx.example.net; dkim=pass\n"
        f"{field}\nFrom: mallory@example.net\n{field}\n"
        "Authentication-Results: mx2.example.net; none\n\nHi.\n"))
    assert re.findall(r"(?mi)^Authentication-Results.*", text) == [
        f"Authentication-Results: {OURS}; dkim=none",
        "Authentication-Results: mx.example.net; dkim=pass",
        "Authentication-Results: mx2.example.net; none"]
    assert "removed=2" in mail.log(DAEMON)


def test_mail_of_logins_and_of_the_host_keeps_what_it_says(mail, account):
    text = "Authentication-Results: mail.example.org; x=y\n\nHi.\n"
    address = f"{account}@example.org"
    mark = "X-Test: of the host\n"
    run("sendmail", "-f", address, address, input=mark + text)
    assert results(mail.wait_message(account, containing=mark)) == [
        "mail.example.org; x=y"]
    mark = "X-Test: from a loopback address\n"
    with smtplib.SMTP("127.0.0.1", 25, timeout=30) as client:
        client.sendmail("a@example.net", [address], mark + text)
    assert results(mail.wait_message(account, containing=mark)) == [
        "mail.example.org; x=y"]


def every_field_named(keys):
    """A list in libopendkim ends before the last of these."""
    return sign(keys, "rsa", include_headers=[
        b"from", b"to", b"subject", b"date", b"message-id",
        b"from", b"to", b"subject", b"date", b"message-id", b"x-a", b"x-b"])


TRAPS = {
    "every field is named, and more": every_field_named,
    "VT and FF in a signed field": lambda keys: sign(
        keys, "ed", TEXT.replace(b"hello", b"a \v b \f c")),
    "a field name of 5,000 octets": lambda keys: (
        "X" * 5000 + ": x\n" + sign(keys, "rsa")),
    "a field of 90,000 octets": lambda keys: (
        "X-Long: " + ("x" * 900 + "\n ") * 100 + "x\n" + sign(keys, "rsa")),
    "6,000 fields": lambda keys: "X-Many: x\n" * 6000 + sign(keys, "rsa"),
    "two From fields": lambda keys: (
        "From: mallory@example.net\n" + sign(keys, "rsa")),
    "no From field": lambda keys: sign(keys, "rsa").replace(
        "\nFrom:", "\nX-From:"),
    "a From field that parses nowhere": lambda keys: sign(
        keys, "rsa", TEXT.replace(b"Anna <anna@example.org>", b"((((\"<,;:@")),
    "a U-label in d= and s=": lambda keys: (
        "DKIM-Signature: v=1; a=rsa-sha256; d=m\u00fcller.example; s=\u00fc; "
        "h=from; bh=AAAA; b=AAAA\n" + sign(keys, "rsa")),
    "h= of 20,000 octets": lambda keys: (
        "DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=rsa; h=from"
        + ":\n x" * 5000 + "; bh=AAAA; b=AAAA\n" + sign(keys, "rsa")),
    "h= of 4,000 colons": lambda keys: (
        "DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=rsa; h=from"
        + ":" * 900 + "; bh=AAAA; b=AAAA\n" + sign(keys, "rsa")),
    "empty tags": lambda keys: (
        "DKIM-Signature: v=; a=; d=; s=; h=; bh=; b=\nDKIM-Signature:\n"
        "DKIM-Signature: ;;;\n" + sign(keys, "rsa")),
    "z= of nothing but quoting": lambda keys: (
        "DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=rsa; h=from; "
        "z=" + "|=|==" * 150 + "; bh=AAAA; b=AAAA\n" + sign(keys, "rsa")),
    "a signature of 90,000 octets": lambda keys: (
        "DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=rsa; h=from; "
        "bh=AAAA; b=" + ("A" * 900 + "\n ") * 100 + "A\n"
        + sign(keys, "rsa")),
    "ed25519 with a key for RSA": lambda keys: (
        "DKIM-Signature: v=1; a=ed25519-sha256; d=example.org; s=rsa; h=from; "
        "bh=AAAA; b=AAAA\n" + sign(keys, "rsa")),
    "RSA with a key for ed25519": lambda keys: (
        "DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=ed; h=from; "
        "bh=AAAA; b=AAAA\n" + sign(keys, "rsa")),
    "t= near zero": lambda keys: (
        "DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=rsa; h=from; "
        "t=1; bh=AAAA; b=AAAA\n" + sign(keys, "rsa")),
    "no body": lambda keys: sign(keys, "rsa", TEXT.partition(b"Hello")[0]),
    "8-bit text": lambda keys: sign(
        keys, "ed", TEXT.replace(b"hello", "\u00e4".encode())),
    "a line of 100,000 octets": lambda keys: (
        sign(keys, "rsa") + "x" * 100000 + "\n"),
}


@pytest.mark.parametrize("trap", TRAPS)
def test_no_message_brings_the_verifier_down(mail, account, keys, trap):
    before = mail.servers[DAEMON].process.pid
    text = arrived(mail, account, TRAPS[trap](keys))
    assert results(text)[0].startswith(f"{OURS}; dkim=")
    assert result(mail, account, sign(keys, "rsa"))[0] == "pass"
    assert mail.servers[DAEMON].running()
    assert mail.servers[DAEMON].process.pid == before


def fields_of(header):
    return [tuple(field.split(b": ", 1))
            for field in re.split(rb"\r\n(?![ \t])", header.strip())]


def resident(mail):
    sizes = Path(f"/proc/{mail.servers[DAEMON].process.pid}/statm").read_text()
    return int(sizes.split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_memory_stays_flat_over_both_kinds_of_keys(mail, keys):
    """Without Postfix, which would take longer than the verifier."""
    header, _, body = TEXT.partition(b"\r\n\r\n")
    fields = [field for selector in ("rsa", "ed")
              for field in fields_of(signature(keys, selector))]
    fields += fields_of(header)

    def verify(milter, count, queue_id):
        for _ in range(count):
            milter.modifications = []
            answer = milter.message("a@example.org", fields, body=body,
                                    queue_id=queue_id)
            (_, data), = milter.modifications
            assert answer.kind == "accept"
            assert data.count(b"dkim=pass") == 2, data

    with Milter(SOCKET) as milter:
        verify(milter, 1000, "4XWarm")
        warm = resident(mail)
        verify(milter, 4000, "4XMany")
        # A quarter of what one key takes.
        assert resident(mail) - warm < 1 << 20
        verify(milter, 1, "4XLast")
    # Or the next test would take the log's last lines for its own.
    mail.wait_log(DAEMON, "queue_id=4XLast")


def test_a_crash_puts_messages_off_and_the_next_start_goes_on(mail, account,
                                                              keys):
    signed = sign(keys, "rsa")
    address = f"{account}@example.org"

    def send(_):
        try:
            return mail.deliver("stranger@example.net", [address],
                                signed).code
        except (smtplib.SMTPConnectError, smtplib.SMTPServerDisconnected):
            return 421  # with which Postfix closes the connection

    with ThreadPoolExecutor(8) as pool:
        codes = pool.map(send, range(60))
        mail.wait_log(DAEMON, "verdict=accept")
        mail.servers[DAEMON].process.send_signal(signal.SIGSEGV)
        codes = list(codes)
    # Nothing was lost, and nothing came through unseen.
    assert set(codes) <= {250, 421, 451} and set(codes) > {250}
    assert mail.servers[DAEMON].process.wait(30) == -signal.SIGSEGV
    mail.restart(DAEMON)
    assert result(mail, account, signed)[0] == "pass"
    assert mail.log(DAEMON).count("verdict=accept") >= codes.count(250)


def test_the_signer_becomes_the_verifier(mail):
    done = run("milter-dkim", "-v", "-V")
    assert done.stdout.startswith("milter-dkim-verify (Countersign) ")
