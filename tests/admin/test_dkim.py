"""countersign dkim, as people and scripts call it."""

import datetime
import re
import stat
import subprocess

import pytest


class Dkim:
    """The dkim commands on a table of their own."""

    def __init__(self, directory, folder):
        self.directory = directory
        self.folder = folder / "dkim"
        self.table = self.folder / "table"

    def __call__(self, *words):
        return self.directory.do("dkim", *words, "--table", self.table)

    def json(self, *words):
        return self.directory.json("dkim", *words, "--table", self.table)

    def refused(self, *words, status=65):
        return self.directory.refused("dkim", *words, "--table", self.table,
                                      status=status)

    def states(self):
        return {(row["domain"], row["selector"]): row["state"]
                for row in self.json("list")}


@pytest.fixture
def dkim(directory, tmp_path):
    return Dkim(directory, tmp_path)


def public_key(path, *words):
    return subprocess.run(["openssl", "pkey", "-in", path, "-pubout", *words],
                          check=True, capture_output=True).stdout


def test_keys_of_both_algorithms_are_made_and_do_not_sign_yet(dkim):
    month = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m")
    answer = dkim("generate", "Example.org")
    assert dkim.states() == {
        ("example.org", f"{month}-rsa"): "pending",
        ("example.org", f"{month}-ed25519"): "pending"}
    assert f"countersign dkim activate example.org {month}-rsa\n" in answer
    for name in ("rsa", "ed25519"):
        path = dkim.folder / "example.org" / f"{month}-{name}.pem"
        assert stat.S_IMODE(path.stat().st_mode) & 0o137 == 0
    assert stat.S_IMODE(dkim.folder.stat().st_mode) & 0o027 == 0
    rsa = dkim.folder / "example.org" / f"{month}-rsa.pem"
    assert b"Public-Key: (2048 bit)" in public_key(rsa, "-noout", "-text")


def test_the_record_holds_the_public_key_in_short_strings(dkim):
    answer = dkim("generate", "example.org", "--selector", "s")
    zone = dkim("record", "example.org")
    assert answer.startswith(zone)
    records = dict(re.findall(r"^(\S+)\. IN TXT \(((?:\n\t\"[^\"]*\")+) \)$",
                              zone, re.M))
    texts = {}
    for name, strings in records.items():
        parts = re.findall(r'"([^"]*)"', strings)
        assert all(len(part) <= 255 for part in parts)
        texts[name] = "".join(parts)
    pem = public_key(dkim.folder / "example.org" / "s-rsa.pem").decode()
    assert texts["s-rsa._domainkey.example.org"] == (
        "v=DKIM1; k=rsa; h=sha256; p=" + "".join(pem.split("\n")[1:-2]))
    assert re.fullmatch(r"v=DKIM1; k=ed25519; h=sha256; p=[A-Za-z0-9+/]{43}=",
                        texts["s-ed25519._domainkey.example.org"])
    assert {row["record_name"]: row["record"]
            for row in dkim.json("record", "example.org")} == texts


def test_dated_selectors_stay_apart(dkim):
    for _ in range(3):
        dkim("generate", "example.org", "--algorithm", "ed25519")
    month = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m")
    assert [selector for _, selector in dkim.states()] == [
        f"{month}-ed25519", f"{month}-ed25519-2", f"{month}-ed25519-3"]


def test_the_key_that_another_replaces_is_retired(dkim):
    for selector in ("a", "b"):
        dkim("generate", "example.org", "--selector", selector,
             "--algorithm", "rsa")
    dkim("generate", "example.org", "--selector", "e",
         "--algorithm", "ed25519")
    dkim("generate", "example.com", "--selector", "a", "--algorithm", "rsa")
    for domain, selector in (("example.org", "a"), ("example.com", "a"),
                             ("example.org", "e"), ("example.org", "b")):
        answer = dkim("activate", domain, selector, "--force")
    assert "example.org a is retired" in answer
    assert "systemctl reload milter-dkim" in answer
    assert dkim.states() == {
        ("example.org", "a"): "retired", ("example.org", "b"): "active",
        ("example.org", "e"): "active", ("example.com", "a"): "active"}


def test_activation_answers_in_json_with_the_rows_that_changed(dkim):
    for selector in ("a", "b"):
        dkim("generate", "example.org", "--selector", selector,
             "--algorithm", "ed25519")
    assert dkim.json("activate", "example.org", "a", "--force") == [
        row for row in dkim.json("list") if row["selector"] == "a"]
    assert dkim.json("activate", "example.org", "b", "--force") == (
        dkim.json("list"))
    again = dkim("activate", "example.org", "b", "--force")
    assert "b is active" in again and "retired" not in again


def test_an_u_label_becomes_an_a_label(dkim):
    dkim("generate", "b\u00fccher.example", "--selector", "S",
         "--algorithm", "ed25519")
    assert dkim.states() == {("xn--bcher-kva.example", "s"): "pending"}


@pytest.mark.parametrize("words, status, reason", [
    (["generate", "exa_mple.org"], 65, "exa_mple.org"),
    (["generate", "../../etc"], 65, "../../etc"),
    (["generate", "example.org", "--selector", "../x"], 65,
     '"../x" is not a selector'),
    (["generate", "example.org", "--algorithm", "dsa"], 64,
     '--algorithm must be rsa, ed25519 or both, not "dsa"'),
    (["activate", "example.org", "none"], 65,
     "example.org has no key with selector none"),
    (["record", "example.net"], 65, "example.net has no key"),
])
def test_what_is_wrong_is_said_and_nothing_changes(dkim, words, status,
                                                   reason):
    dkim("generate", "example.org", "--selector", "s", "--algorithm", "rsa")
    before = dkim.table.read_bytes(), sorted(dkim.folder.rglob("*"))
    assert reason in dkim.refused(*words, status=status)
    assert (dkim.table.read_bytes(), sorted(dkim.folder.rglob("*"))) == before


def test_a_selector_that_is_there_is_not_overwritten(dkim):
    dkim("generate", "example.org", "--selector", "s-ed25519",
         "--algorithm", "ed25519")
    before = sorted(dkim.folder.rglob("*"))
    # The RSA key is made first, and goes again.
    assert "has a selector s-ed25519 already" in dkim.refused(
        "generate", "example.org", "--selector", "s")
    assert sorted(dkim.folder.rglob("*")) == before
    dkim.table.write_text("")
    assert "s-ed25519.pem: is there already" in dkim.refused(
        "generate", "example.org", "--selector", "s-ed25519",
        "--algorithm", "ed25519", status=73)


def test_a_broken_table_is_named_with_its_line(dkim):
    dkim("generate", "example.org", "--selector", "s", "--algorithm", "rsa")
    dkim.table.write_text("example.org s rsa\n")
    for words in (["list"], ["record", "example.org"],
                  ["generate", "example.org"]):
        assert f"{dkim.table}: line 1: is not of the form" in dkim.refused(
            *words)


def test_without_a_table_there_are_no_keys(dkim):
    assert dkim.json("list") == []
    assert "has no key" in dkim.refused("record", "example.org")
