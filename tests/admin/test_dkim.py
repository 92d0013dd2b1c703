"""countersign dkim, as people and scripts call it."""

import datetime
import re
import socket
import stat
import subprocess

import pytest
from dkim_table import public_key


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
    assert re.search("^example.org a is retired; keep its record in DNS until "
                     r"\d{4}-\d\d-\d\dT", answer)
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


def test_a_key_says_what_comes_next_and_when(dkim):
    for selector in ("a", "b", "c"):
        dkim("generate", "example.org", "--selector", selector,
             "--algorithm", "rsa")
    dkim("activate", "example.org", "a", "--force")
    dkim("activate", "example.org", "b", "--force")
    rows = {row["selector"]: row for row in dkim.json("list")}
    assert [(row["state"], row["next"]) for row in rows.values()] == [
        ("retired", "remove"), ("active", "replace"), ("pending", "activate")]

    def days(row):
        since, due = (datetime.datetime.fromisoformat(row[name].rstrip("Z"))
                      for name in ("since", "due"))
        return (due - since).days

    assert days(rows["b"]) == 90
    # A day until all hosts know, five in Postfix's queue, and one for a TTL
    # that was never seen.
    assert days(rows["a"]) == 7
    assert rows["c"]["due"] is None


def test_the_terms_are_settings(dkim, tmp_path):
    dkim("generate", "example.org", "--selector", "a", "--algorithm", "rsa")
    dkim("activate", "example.org", "a", "--force")
    conf = tmp_path / "conf"
    conf.write_text("rotate_every = 2w\n")
    row, = dkim.json("list", "--config", conf)
    assert row["due"][8:10] != row["since"][8:10]
    conf.write_text("rotate_every = soon\n")
    assert f'{conf}: rotate_every: "soon" is not a time' in dkim.refused(
        "list", "--config", conf, status=78)
    conf.write_text("publish_within = 59m\n")
    assert "publish_within: " in dkim.refused("list", "--config", conf,
                                              status=78)
    assert '--every: "1y" is not a time' in dkim.refused(
        "rotate", "--every", "1y", status=64)


def test_a_key_that_retires_stops_signing_and_stays_published(dkim):
    dkim("generate", "example.org", "--selector", "a", "--algorithm", "rsa")
    assert "never signed; to be rid of it" in dkim.refused(
        "retire", "example.org", "a")
    dkim("activate", "example.org", "a", "--force")
    assert "example.org a signs; first activate another" in dkim.refused(
        "remove", "example.org", "a", "--force")
    assert "No rsa key signs for example.org then" in dkim(
        "retire", "example.org", "a")
    before = dkim.tables()
    dkim("retire", "example.org", "a")
    assert dkim.tables() == before


def test_a_retired_key_is_removed_when_no_mail_can_need_it(dkim):
    for selector in ("a", "b"):
        dkim("generate", "example.org", "--selector", selector,
             "--algorithm", "ed25519")
        dkim("activate", "example.org", selector, "--force")
    until, = (row["due"] for row in dkim.json("list")
              if row["selector"] == "a")
    assert f"example.org a is needed until {until}" in dkim.refused(
        "remove", "example.org", "a")
    dkim.age(6.99)
    dkim.refused("remove", "example.org", "a")
    dkim.age(0.02)
    assert "take its record out of DNS: a._domainkey.example.org" in dkim(
        "remove", "example.org", "a")
    assert dkim.states() == {("example.org", "b"): "active"}
    assert [path.name for path in dkim.folder.rglob("*.pem")] == ["b.pem"]


@pytest.mark.parametrize("words", [["--force"], []], ids=["retired", "pending"])
def test_a_key_is_removed_at_once(dkim, words):
    dkim("generate", "example.org", "--selector", "a", "--algorithm", "rsa")
    if words:
        dkim("activate", "example.org", "a", "--force")
        dkim("retire", "example.org", "a")
    row, = dkim.json("remove", "example.org", "a", *words)
    assert row["selector"] == "a"
    assert dkim.tables() == [] and not list(dkim.folder.rglob("*.pem"))
    # Nor does its folder stay.
    assert sorted(path.name for path in dkim.folder.iterdir()) == [
        "lock", "origin", "table"]


def test_a_key_file_of_the_sites_own_stays(dkim, tmp_path):
    dkim("generate", "example.org", "--selector", "a", "--algorithm", "rsa")
    own = tmp_path / "own.pem"
    own.write_bytes((dkim.folder / "example.org" / "a.pem").read_bytes())
    own.chmod(0o600)
    dkim.table.write_text(dkim.table.read_text().replace(
        "example.org/a.pem", str(own)))
    dkim("remove", "example.org", "a")
    assert own.exists() and dkim.tables() == []


def test_keys_for_subdomains_say_so(dkim):
    dkim("generate", "example.org", "--selector", "a", "--algorithm", "rsa",
         "--subdomains")
    dkim("generate", "example.org", "--selector", "b", "--algorithm", "rsa")
    assert [line[6:] for line in dkim.tables()] == [["subdomains"], []]
    assert [row["subdomains"] for row in dkim.json("list")] == [True, False]


def test_a_follower_changes_nothing(dkim):
    dkim("generate", "example.org", "--selector", "a", "--algorithm", "rsa")
    assert (dkim.folder / "origin").read_text() == socket.gethostname()
    (dkim.folder / "origin").write_text("other.example.org\n")
    before = {path: path.read_bytes() for path in dkim.folder.rglob("*")
              if path.is_file()}
    for words in (["generate", "example.org"], ["remove", "example.org", "a"],
                  ["activate", "example.org", "a", "--force"],
                  ["retire", "example.org", "a"]):
        assert "follows the keys of other.example.org" in dkim.refused(
            *words, status=69)
    done = dkim.directory.run("dkim", "rotate", "--table", dkim.table)
    assert done.returncode == 0 and "nothing is done here" in done.stderr
    assert before == {path: path.read_bytes()
                      for path in dkim.folder.rglob("*") if path.is_file()}
    assert "a._domainkey" in dkim("record", "example.org")
    (dkim.folder / "origin").unlink()
    dkim("generate", "example.org", "--selector", "b", "--algorithm", "rsa")


def test_without_a_record_nothing_is_activated(dkim):
    """No DNS in this test's network: an outage, never a no."""
    dkim("generate", "example.org", "--selector", "a", "--algorithm", "rsa")

    def cut_off(*words):
        return subprocess.run(
            ["unshare", "--user", "--map-root-user", "--net",
             *dkim.directory.line("dkim", *words, "--table", dkim.table)],
            text=True, timeout=60, capture_output=True)

    for words, says in ((["activate", "example.org", "a"], "not activated"),
                        (["rotate"], "example.org: a._domainkey.example.org: "
                                     "DNS does not answer"),
                        (["check"], "")):
        done = cut_off(*words)
        assert done.returncode == 75 and says in done.stderr, done
    assert "unanswered" in done.stdout
    assert dkim.states() == {("example.org", "a"): "pending"}
    dkim.age(3)
    done = cut_off("rotate")
    assert done.returncode == 1
    assert "waits for its record since" in done.stderr


def test_an_old_key_gets_a_successor_of_its_kind_once(dkim):
    for algorithm in ("rsa", "ed25519"):
        dkim("generate", "example.org", "--selector", algorithm,
             "--algorithm", algorithm, "--subdomains")
        dkim("activate", "example.org", algorithm, "--force")
    dkim("generate", "example.com", "--selector", "s", "--algorithm", "rsa")
    dkim("activate", "example.com", "s", "--force")
    dkim.age(89)
    assert dkim("rotate") == ""
    assert len(dkim.tables()) == 3
    dkim.age(1, "ed25519")
    month = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m")
    assert dkim.json("rotate") == [{
        "domain": "example.org", "selector": f"{month}-ed25519",
        "event": "generated",
        "record_name": f"{month}-ed25519._domainkey.example.org"}]
    new = dkim.tables()[-1]
    assert new[2:4] == ["ed25519", "pending"] and new[6:] == ["subdomains"]
    assert (f"example.com {month}-rsa: made; publish its record: countersign "
            f"dkim record example.com {month}-rsa\n") == dkim(
        "rotate", "--every", "89d", "example.com")
    assert "example.net has no key" in dkim.refused("rotate", "example.net")


def test_what_is_over_goes_and_trouble_stays_with_its_domain(dkim):
    for domain in ("example.com", "example.net", "example.org"):
        for selector in ("a", "b"):
            dkim("generate", domain, "--selector", selector,
                 "--algorithm", "ed25519")
            dkim("activate", domain, selector, "--force")
    # No new key can be made for this one: a file is where the folder goes.
    for path in (dkim.folder / "example.com").iterdir():
        path.unlink()
    (dkim.folder / "example.com").rmdir()
    (dkim.folder / "example.com").write_text("")
    dkim.age(90, "b")
    dkim.age(7, "a")
    done = dkim.directory.run("dkim", "rotate", "--table", dkim.table)
    assert done.returncode == 1
    assert re.fullmatch(r"countersign: example\.com: .*\n"
                        r"countersign: example\.com: .*\n", done.stderr)
    month = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m")
    for domain in ("example.net", "example.org"):
        assert dkim.states()[domain, f"{month}-ed25519"] == "pending"
        assert (domain, "a") not in dkim.states()
        assert f"{domain} a: is removed" in done.stdout


def test_a_domains_folder_is_given_again_if_nobody_came_to_it(dkim):
    dkim("generate", "example.org", "--selector", "a", "--algorithm",
         "ed25519")
    folder = dkim.folder / "example.org"
    mode = folder.stat().st_mode
    folder.chmod(0o500)
    dkim("generate", "example.org", "--selector", "b", "--algorithm",
         "ed25519")
    assert folder.stat().st_mode == mode


def test_a_long_rotation_lets_others_change_the_table(dkim):
    """300 RSA keys take longer than a command may wait."""
    dkim("generate", "example.org", "--selector", "a", "--algorithm", "rsa")
    dkim("activate", "example.org", "a", "--force")
    dkim.age(100)
    line = dkim.table.read_text().replace(" example.org/", f" {dkim.folder}/"
                                          "example.org/")
    dkim.table.write_text("".join(
        line.replace("example.org a", f"d{number}.example.org a")
        for number in range(300)))
    with subprocess.Popen(
            dkim.directory.line("dkim", "rotate", "--table", dkim.table),
            stdout=subprocess.DEVNULL) as rotation:
        while not list(dkim.folder.glob("d*")):
            assert rotation.poll() is None
        dkim("generate", "example.net", "--selector", "b", "--algorithm",
             "ed25519")
        dkim("retire", "d299.example.org", "a")
        assert rotation.poll() is None
        while dkim.table.read_text().count(" pending ") < 10:
            assert rotation.poll() is None
        rotation.terminate()
    states = dkim.states()
    assert states["example.net", "b"] == "pending"
    assert states["d299.example.org", "a"] == "retired"
    assert len(states) == len(dkim.tables())


@pytest.fixture
def publisher(tmp_path):
    """A publish_command that writes down what it gets."""
    script, told = tmp_path / "publish", tmp_path / "told"
    script.write_text(f"""#!/bin/sh
printf '%s|' "$@" >>{told}; cat >>{told}; env >{told}.env; echo >>{told}
test ! -e {told}.fail""")
    script.chmod(0o755)
    conf = tmp_path / "conf"
    conf.write_text(f"publish_command = {script} --zone x\n")
    return conf, told


def test_the_sites_command_publishes_and_removes(dkim, publisher):
    conf, told = publisher
    answer = dkim("generate", "example.org", "--selector", "s", "--config",
                  conf)
    assert "publish_command was given the above" in answer
    rsa, ed25519 = told.read_text().strip().split("\n\n")
    for text, name in ((rsa, "s-rsa"), (ed25519, "s-ed25519")):
        words, _, strings = text.rpartition("|")
        assert words == (f"--zone|x|add|example.org|"
                         f"{name}._domainkey.example.org|3600")
        record, = (row["record"] for row in dkim.json(
            "record", "example.org", name))
        parts = re.findall('"([^"]*)"', strings)
        assert "".join(parts) == record
        assert strings == " ".join(f'"{part}"' for part in parts)
    assert "HOME=" not in told.with_suffix(".env").read_text()
    told.unlink()
    dkim("remove", "example.org", "s-rsa", "--config", conf)
    assert told.read_text().strip() == (
        "--zone|x|remove|example.org|s-rsa._domainkey.example.org|3600|")


def test_a_command_that_fails_is_told_and_asked_again(dkim, publisher):
    conf, told = publisher
    told.with_suffix(".fail").write_text("")
    assert "ended with status 1" in dkim.refused(
        "generate", "example.org", "--selector", "a", "--algorithm", "rsa",
        "--config", conf, status=69)
    assert dkim.states() == {("example.org", "a"): "pending"}
    for path in (conf.parent / "told.fail",):
        assert path.exists()
    assert "ended with status 1" in dkim.refused(
        "remove", "example.org", "a", "--config", conf, status=69)
    dkim("activate", "example.org", "a", "--force")
    dkim.age(90)
    done = dkim.directory.run("dkim", "rotate", "--table", dkim.table,
                              "--config", conf)
    assert done.returncode == 1 and "ended with status 1" in done.stderr
    assert len(dkim.tables()) == 2


@pytest.mark.parametrize("command, reason", [
    ("publish", "must begin with the whole path"),
    ("/nonexistent/publish", "ended with status 127"),
])
def test_a_command_that_is_none_is_named(dkim, tmp_path, command, reason):
    conf = tmp_path / "conf"
    conf.write_text(f"publish_command = {command}\n")
    done = dkim.directory.run("dkim", "generate", "example.org", "--table",
                              dkim.table, "--config", conf)
    assert done.returncode in (69, 78) and reason in done.stderr
