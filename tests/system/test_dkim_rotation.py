"""A key's whole life, against a real DNS zone, with mail at each step."""

import datetime
import itertools
import re
import shutil
from pathlib import Path

import pytest
from harness.dkim import reload, signed_selectors

FOLDER = Path("/var/lib/countersign/dkim")
TABLE = FOLDER / "table"
CONF = Path("/etc/countersign/countersign.conf")
PUBLISHERS = {
    "publish-dkim-knot": "-c /etc/knot/countersign-test.conf",
    "publish-dkim-nsupdate": "127.0.0.1",
}
EXAMPLES = Path("/usr/share/doc/countersign/examples")
# As knsupdate wants it, of the test zone's server and of nobody.
DNS_KEY = Path("/etc/countersign/dns-update.key")
DNS_SECRET = "Wm9uZSBrZXkgb2YgdGhlIHRlc3RzLCBubyBzZWNyZXQ="
PASSWORD = "correct horse"
MONTH = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m")
NAMES = [f"{MONTH}-rsa", f"{MONTH}-ed25519"]
LATER = [f"{name}-2" for name in NAMES]
numbers = itertools.count(1)


@pytest.fixture(scope="module")
def account(stack):
    return stack.account(password=PASSWORD)


def forget_keys(mail):
    """Of all domains: keys without a line are no fault of the tests here."""
    for folder in FOLDER.iterdir():
        if folder.is_dir():
            shutil.rmtree(folder)
    TABLE.write_text("")
    mail.servers["knot"].restart()  # with the first zone alone
    mail.mark()
    reload(mail)


@pytest.fixture
def no_keys(mail):
    forget_keys(mail)
    before = CONF.read_text()
    yield
    CONF.write_text(before)
    forget_keys(mail)


class Site:
    """The commands as an administrator types them, and the mail meanwhile."""

    def __init__(self, mail, account):
        self.mail = mail
        self.account = account
        self.typed = []
        self.sent = []

    def countersign(self, *words, status=0):
        done = self.mail.countersign("dkim", *words, check=False)
        self.typed.append(f"$ countersign dkim {' '.join(words)}\n"
                          f"{done.stdout}{done.stderr}")
        if status != 0:
            self.typed.append(f"[exit status {done.returncode}]\n")
        assert done.returncode == status, self.typed[-1]
        return done.stdout + done.stderr

    def note(self, text):
        self.typed.append(f"# {text}\n")

    def publish(self, *selectors):
        self.note("The records are put in the zone.")
        for selector in selectors:
            self.mail.dns(self.mail.countersign(
                "dkim", "record", "example.org", selector).stdout)

    def unpublish(self, *selectors):
        self.note("The records are taken out of the zone.")
        for selector in selectors:
            self.mail.servers["knot"].remove(
                f"{selector}._domainkey.example.org")

    def age(self, days):
        """SINCE of every line is that much earlier: so time has passed."""
        self.note(f"{days} days pass.")
        lines = [line.split() for line in TABLE.read_text().splitlines()]
        for line in lines:
            since = datetime.datetime.fromisoformat(line[4].rstrip("Z"))
            since -= datetime.timedelta(days=days)
            line[4] = since.isoformat(timespec="seconds") + "Z"
        TABLE.write_text("".join(" ".join(line) + "\n" for line in lines))

    def reload(self):
        self.typed.append("$ systemctl reload milter-dkim\n")
        self.mail.mark()
        reload(self.mail)

    def send(self, selectors):
        """A message that these sign; it and all before it verify."""
        mark = f"X-Rotation: {next(numbers)}\n"
        address = f"{self.account}@example.org"
        reply = self.mail.submit(
            self.account, PASSWORD, address, [address],
            f"{mark}From: {address}\nTo: {address}\nSubject: x\n\nHello.\n")
        assert reply.accepted, reply
        text = self.mail.wait_message(self.account, containing=mark)
        self.sent.append((text, list(selectors)))
        self.verify()
        self.note(f"Mail is signed by {', '.join(selectors)}; dkimpy verifies "
                  f"it and all {len(self.sent)} so far.")

    def verify(self):
        for text, selectors in self.sent:
            assert signed_selectors(text) == selectors

    def states(self):
        return {row["selector"]: row["state"]
                for row in self.mail.json("dkim", "list")}


@pytest.fixture
def site(mail, no_keys, account, capsys):
    site = Site(mail, account)
    yield site
    with capsys.disabled():
        print("\n" + "".join(site.typed))


def test_a_full_rotation_never_leaves_mail_that_does_not_verify(site):
    site.countersign("generate", "example.org")
    site.countersign("activate", "example.org", NAMES[0], status=65)
    site.countersign("rotate")  # waits
    site.publish(*NAMES)
    site.countersign("check")
    for name in NAMES:
        site.countersign("activate", "example.org", name)
    site.reload()
    site.send(NAMES)

    site.age(90)
    said = site.countersign("rotate")
    assert f"publish its record: countersign dkim record example.org {LATER[0]}" in said
    site.reload()
    site.send(NAMES)  # as before, whatever is in DNS
    assert "waits for its record" in site.countersign("rotate")
    site.age(3)
    said = site.countersign("rotate", status=1)
    assert said.count("waits for its record since") == 2
    site.countersign("record", "example.org", LATER[1])
    site.publish(*LATER)
    said = site.countersign("rotate")
    assert all(f"{name}: is active" in said for name in LATER)
    assert all(f"{name}: is retired; keep" in said for name in NAMES)
    site.send(NAMES)  # the milter has not been told yet
    site.reload()
    site.send(LATER)
    assert site.countersign("rotate") == ""

    site.countersign("list")
    assert f"{NAMES[0]} is needed until" in site.countersign(
        "remove", "example.org", NAMES[0], status=65)
    site.age(6)
    assert site.countersign("rotate") == ""  # a TTL of 60 seconds more
    site.verify()
    site.age(1)
    said = site.countersign("rotate")
    assert all(f"{name}: is removed; take its record out" in said
               for name in NAMES)
    site.unpublish(*NAMES)
    site.sent = [(text, by) for text, by in site.sent if by == LATER]
    site.reload()
    site.send(LATER)
    site.countersign("check")
    site.countersign("list")
    assert site.states() == {name: "active" for name in LATER}


def publish_by(name):
    script = Path("/usr/local/sbin") / name
    shutil.copy(EXAMPLES / name, script)
    CONF.write_text(CONF.read_text() +
                    f"publish_command = {script} {PUBLISHERS[name]}\n")


@pytest.fixture
def dns_key():
    DNS_KEY.touch(mode=0o600)
    DNS_KEY.write_text(f"hmac-sha256:countersign:{DNS_SECRET}\n")
    yield
    DNS_KEY.unlink()


@pytest.mark.parametrize("name", PUBLISHERS)
def test_with_a_publish_command_nobody_has_to_do_anything(site, mail, dns_key,
                                                          name):
    publish_by(name)
    site.countersign("generate", "example.org")
    site.countersign("rotate")
    site.reload()
    site.send(NAMES)
    site.age(91)
    for _ in range(2):
        site.countersign("rotate")
        site.countersign("check")
        site.reload()
    site.send(LATER)
    site.age(7)
    site.countersign("rotate")
    site.sent = [(text, by) for text, by in site.sent if by == LATER]
    site.verify()
    assert site.states() == {name: "active" for name in LATER}
    # What is gone from the table is gone from DNS, and by name.
    names = mail.servers["knot"].names()
    assert {name for name in names if "_domainkey" in name} == {
        f"{name}._domainkey.example.org." for name in LATER}


def test_an_update_that_dns_refuses_is_told_and_tried_again(site, dns_key):
    publish_by("publish-dkim-nsupdate")
    DNS_KEY.write_text(f"hmac-sha256:countersign:AAAA{DNS_SECRET[4:]}\n")
    said = site.countersign("generate", "example.org", status=69)
    assert "publish-dkim-nsupdate ended with status 1" in said
    site.countersign("check", status=1)
    DNS_KEY.write_text(f"hmac-sha256:countersign:{DNS_SECRET}\n")
    site.countersign("rotate")
    said = site.countersign("rotate")
    assert all(f"{name}: is active" in said for name in NAMES)


def test_check_says_what_is_wrong_with_each_record(site, mail):
    for selector in ("right", "missing", "wrong", "twice", "testing"):
        site.countersign("generate", "example.org", "--selector", selector,
                         "--algorithm", "ed25519")
    records = {row["selector"]: row["record"]
               for row in mail.json("dkim", "record", "example.org")}
    zone = [("right", records["right"]), ("wrong", records["right"]),
            ("twice", records["twice"]), ("twice", "v=spf1 -all"),
            ("testing", records["testing"].replace("p=", "t=y; p="))]
    mail.dns("\n".join(f'{name}._domainkey.example.org. TXT "{text}"'
                       for name, text in zone))
    said = site.countersign("check", status=1)
    rows = dict(re.findall(r"^example.org +(\S+) +ed25519 +pending +(\S+)",
                           said, re.M))
    assert rows == {"right": "right", "missing": "missing", "wrong": "wrong",
                    "twice": "wrong", "testing": "flags"}
    for selector in ("missing", "wrong", "twice"):
        site.countersign("activate", "example.org", selector, status=65)
    site.countersign("activate", "example.org", "right")


def test_while_dns_is_down_nothing_is_missing(site, mail):
    site.countersign("generate", "example.org", "--algorithm", "ed25519")
    site.publish(NAMES[1])
    mail.servers["knot"].stop()
    site.countersign("check", status=75)
    site.countersign("activate", "example.org", NAMES[1], status=75)
    site.countersign("rotate", status=75)
    mail.servers["knot"].launch()  # with the zone as it was
    site.countersign("rotate")
    assert site.states() == {NAMES[1]: "active"}
