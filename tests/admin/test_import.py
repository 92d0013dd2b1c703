"""The directory as text: out of one and into another."""

import os
import pty
import subprocess

import pytest

from directory import Directory

HEADER = "countersign-directory\t1\n"
KEY = "sha256:" + "ab" * 32
HASH = "{SSHA256}c2FsdHNhbHQ="


@pytest.fixture
def full(directory):
    """The directory with one of each thing there is."""
    directory.do("domain", "add", "a.example", "--alias-of", "example.org")
    directory.do("domain", "add", "bücher.example", "--case-sensitive")
    directory.do("account", "passwd", "anna", input="secret\n")
    directory.do("account", "disable", "bert")
    directory.do("account", "add", "jörg@bücher.example")
    directory.do("address", "add", "Jörg@bücher.example",
                 "jörg@bücher.example")
    directory.do("address", "add", '"a \\\\ b"@example.org', "anna")
    directory.do("address", "add", "@example.org", "bert")
    directory.do("group", "add", "staff")
    directory.do("group", "add", "nobody")
    directory.do("group", "member", "add", "staff", "anna")
    directory.do("group", "member", "add", "staff", "bert")
    directory.do("grant", "add", "%staff", "info@example.org", "--until",
                 "2027-01-31", "--on-behalf")
    directory.do("grant", "add", "anna", "@example.com")
    directory.do("directory", "import", "-", input=HEADER + "".join(
        f"key\tsha256:{number:064x}\tanna\t{name}\t{type}\t{login}\t{flags}"
        f"\t2020-01-01T00:00:00Z\t{until}\n"
        for number, (name, type, login, flags, until) in enumerate([
            ("lap\\\\top", "P-256", "", "", ""),
            ("phone", "RSA-3072", "anna@a.example", "no-preauth",
             "2021-01-01T00:00:00Z"),
            ("old", "Ed25519", "", "no-preauth,no-bare-submission", ""),
        ])))
    return directory


@pytest.fixture
def copy(tmp_path):
    copy = Directory(tmp_path / "copy")
    copy.do("directory", "init")
    return copy


def export(directory):
    return directory.do("directory", "export")


def refused(directory, text, *words):
    """The lines of a dry run, and that nothing has changed."""
    before = directory.state()
    done = directory.run("directory", "import", "--dry-run", *words, "-",
                         input=text)
    assert (done.returncode, done.stderr) == (1, "")
    assert directory.state() == before
    return [line for line in done.stdout.splitlines() if ":" in line]


def test_what_is_exported_imports_as_the_same_directory(full, copy):
    text = export(full)
    copy.do("directory", "import", "-", input=text)
    assert export(copy) == text
    for name in ("dovecot.passwd", "dovecot.userdb",
                 "postfix/sender_login_maps", "postfix/virtual_alias_maps"):
        assert copy.text(name) == full.text(name)
    assert [line for line in copy.state() if "INTO \"state\"" not in line] == \
        [line for line in full.state() if "INTO \"state\"" not in line]


def test_an_export_has_one_line_for_each_object(full):
    lines = export(full).splitlines()
    assert lines[0] == HEADER.rstrip("\n")
    objects = [line.split("\t") for line in lines[1:] if line[0] != "#"]
    assert [words[0] for words in objects] == (
        ["domain"] * 3 + ["account"] * 3 + ["address"] * 5 + ["group"] * 2 +
        ["member"] * 2 + ["grant"] * 2 + ["key"] * 3)
    assert ["domain", "a.example", "", "", "example.org"] in objects
    assert ["account", "bert", "disabled"] in objects
    assert ["grant", "%staff", "info@example.org", "on-behalf",
            "2027-01-31"] in objects
    assert objects[-1][1:] == [
        f"sha256:{1:064x}", "anna", "phone", "RSA-3072", "anna@a.example",
        "no-preauth", "2020-01-01T00:00:00Z", "2020-12-31"]


def test_the_columns_are_named_in_comments(empty):
    lines = export(empty).splitlines()
    assert "# account\tname\tstate\tpassword" in lines
    assert all(line[0] == "#" for line in lines[1:])


def test_json_has_an_array_for_each_kind(full, empty):
    everything = full.json("directory", "export")
    assert {noun: len(objects) for noun, objects in everything.items()} == {
        "domains": 3, "accounts": 3, "addresses": 5, "groups": 2,
        "members": 2, "grants": 2, "keys": 3}
    assert everything["grants"][1] == {
        "holder": "anna", "address": "@example.com", "flags": None,
        "until": None}
    assert everything["keys"][0]["name"] == "lap\\top"
    assert set(map(len, empty.json("directory", "export").values())) == {0}


def test_lines_may_come_in_any_order_and_from_several_files(copy, full,
                                                            tmp_path):
    text = export(full)
    head, *lines = text.splitlines(keepends=True)
    one, other = tmp_path / "one", tmp_path / "other"
    one.write_text(head + "".join(reversed(lines[::2])))
    other.write_text(head + "".join(reversed(lines[1::2])))
    copy.do("directory", "import", str(one), str(other))
    assert export(copy) == text


def test_empty_fields_at_the_end_may_be_left_out(copy):
    copy.do("directory", "import", "-", input=HEADER + (
        "# by hand\r\n\ndomain\texample.org\t+\r\naccount\tAnna\n"
        f"address\tanna@example.org\tanna\nkey\t{KEY}\tanna\tlaptop\tP-256"))
    account, = copy.json("account", "list")
    assert account == {"account": "anna", "enabled": True, "password": False,
                       "addresses": 1, "keys": 1}
    assert copy.json("key", "show", KEY)["created"] > "2020"


def test_what_is_there_already_is_left_as_it_is(full):
    before = export(full)
    counts = full.json("directory", "import", "-", input=before)
    assert counts["unchanged"] == 20
    assert sum(counts[noun] for noun in (
        "domains", "accounts", "addresses", "groups", "members", "grants",
        "keys")) == 0
    assert export(full) == before


def test_a_name_from_before_is_left_as_it_is_and_not_added_again(full, copy):
    full.add_old("ann*")
    text = export(full)
    assert full.json("directory", "import", "-", input=text)["unchanged"] == 21
    line, = refused(copy, text)
    assert '"ann*" can\'t be a new name' in line
    assert refused(full, HEADER + "account\tann*\tdisabled\n") == [
        "standard input:2: there is an account ann* already; it differs in "
        "the field state"]


def test_what_is_there_with_a_difference_is_refused(full):
    text = HEADER + "\n".join([
        "domain\texample.org\t-",
        "domain\ta.example",
        "account\tanna",
        "account\tbert\tenabled",
        "address\tanna@example.org\tbert",
        "grant\t%staff\tinfo@example.org\t\t2027-01-31",
        "grant\tanna\t@example.com\t\t2027-01-31",
        f"key\tsha256:{0:064x}\tanna\tdesktop\tP-256",
        f"key\tsha256:{1:064x}\tbert\tphone\tRSA-3072",
    ]) + "\n"
    assert refused(full, text) == [
        "standard input:2: domain example.org is in the directory already; "
        "it differs in the field delimiters",
        "standard input:3: domain a.example is in the directory already; "
        "it differs in the field alias_of",
        "standard input:4: there is an account anna already; "
        "it differs in the field password",
        "standard input:5: there is an account bert already; "
        "it differs in the field state",
        "standard input:6: anna@example.org is an address of account anna "
        "already; it differs in the field account",
        "standard input:7: %staff has a grant for info@example.org already; "
        "remove that first; it differs in the field flags",
        "standard input:8: anna has a grant for @example.com already; "
        "remove that first; it differs in the field until",
        "standard input:9: this key is of account anna, as \"lap\\top\", "
        "already; it differs in the field name",
        "standard input:10: this key is of account anna, as \"phone\", "
        "already; it differs in the field account",
    ]


@pytest.mark.parametrize("lines, line, reason", [
    ("frob\tx", 2, '"frob" is not what a line begins with: domain, account, '
     "address, group, member, grant, key, and a tab behind it"),
    ("account anna x", 2, '"account" is not what'),
    ("account", 2, "account: its field name is missing"),
    ("account\t", 2, "account: its field name is missing"),
    ("address\tanna@example.org", 2, "address: its field account is missing"),
    ("group\tstaff\tanna", 2, "group: more than 1 fields behind it"),
    ("account\ta\\nb", 2, 'begins a control character'),
    ("account\ta\\xb", 2, "account: its field name: a backslash stands "
     'before "x"; write'),
    ("account\ta\\", 2, 'a backslash stands before ""'),
    ("account\tcarl\0\tx", 2, "a NUL stands in the line"),
    ("account\tc*rl", 2, '"c*rl" can\'t be a new name: doveadm takes '),
    ("group\tst?ff", 2, '"st?ff" can\'t be a new name: doveadm takes '),
    ("account\tcarl\tparked", 2,
     'an account\'s state is "enabled" or "disabled"'),
    ("account\tcarl\tenabled\tsecret", 2,
     "the password hash does not begin with its scheme, as {CRYPT}"),
    ("account\tcarl\tenabled\t{PLAIN}secret", 2,
     "a password in plain text is not kept: set it with "
     '"countersign account passwd"'),
    ("account\tcarl\tenabled\t{ROT13}frperg", 2,
     '"ROT13" is not a scheme of password hashes that Dovecot knows'),
    ("account\tcarl\tenabled\t{CRYPT}", 2,
     "nothing stands behind the scheme of the password hash"),
    ("account\tcarl\tenabled\t{CRYPT}a:b", 2,
     "a character that can't be in a password hash stands in it"),
    ("account\tcarl\tenabled\t{CRYPT}" + "x" * 1024, 2,
     "the password hash is longer than 1024 octets"),
    ("domain\texample.net\t\tsensitive", 2,
     '"sensitive" is not a flag of it'),
    ("domain\texample.net\tx", 2, '"x" can\'t be delimiters'),
    ("domain\texample.net\t\t\texample.com", 2,
     "domain example.com is not in the directory; add it first"),
    ("address\tcarl@example.com\tanna", 2,
     "carl@example.com: domain example.com is not in the directory; run "
     '"countersign domain add example.com" first'),
    ("address\tcarl@example.org\tcarl", 2, "there is no account carl"),
    ("member\tstaff\tanna", 2, "there is no group staff"),
    ("group\tstaff\nmember\tstaff\tcarl", 3, "there is no account carl"),
    ("grant\t%staff\ta@example.com", 2, "there is no group staff"),
    ("grant\tanna\ta@example.com\t\t2027-13-01", 2,
     '"2027-13-01" is not a date'),
    (f"key\t{KEY}\tcarl\tlaptop\tP-256", 2, "there is no account carl"),
    (f"key\tabc\tanna\tlaptop\tP-256", 2, "fingerprint"),
    (f"key\t{KEY}\tanna\tlaptop\tRSA-1024", 2,
     '"RSA-1024" is not a type of key that is taken'),
    (f"key\t{KEY}\tanna\tlaptop\tRSA-99999", 2, "is not a type of key"),
    (f"key\t{KEY}\tanna\tlaptop\tP-256\tbert@example.org", 2,
     "bert@example.org is not an address of account anna"),
])
def test_a_line_that_cannot_be_taken_is_reported(directory, lines, line,
                                                 reason):
    found, = refused(directory, HEADER + lines + "\n")
    assert found.startswith(f"standard input:{line}: ")
    assert reason in found


def test_every_line_that_cannot_be_taken_is_reported_in_its_place(directory,
                                                                  tmp_path):
    paths = [tmp_path / name for name in "ba"]
    for path in paths:
        path.write_text(HEADER + "address\tx@example.org\tnobody\n"
                        "frob\n\naccount\ta b\n")
    done = directory.run("directory", "import", "--dry-run", *map(str, paths))
    assert done.returncode == 1
    assert [line.split(": ")[0] for line in done.stdout.splitlines()
            if ":" in line] == [f"{path}:{line}" for path in paths
                                for line in (2, 3, 5)]


def test_a_dry_run_says_what_would_be_added_and_adds_nothing(directory):
    before = directory.state()
    counts = directory.json("directory", "import", "--dry-run", "-",
                            input=HEADER + "account\tcarl\ngroup\tstaff\n")
    assert counts == {"domains": 0, "accounts": 1, "addresses": 0,
                      "groups": 1, "members": 0, "grants": 0, "keys": 0,
                      "unchanged": 0, "refused": []}
    assert directory.state() == before


def test_a_dry_run_answers_in_json_too(directory):
    done = directory.run("--json", "directory", "import", "--dry-run", "-",
                         input=HEADER + "account\tcarl\ngroup\t\n")
    assert (done.returncode, done.stderr) == (1, "")
    assert '"accounts": 1' in done.stdout
    assert '"refused": ["standard input:3: group: its field group is ' \
        'missing"]' in done.stdout


def test_an_import_is_all_or_nothing(directory):
    before = directory.state()
    done = directory.run("directory", "import", "-", input=HEADER + (
        "account\tcarl\naddress\tcarl@example.org\tcarl\n"
        "address\tcarl@example.org\tanna\naccount\ta b\n"))
    assert (done.returncode, done.stdout) == (65, "")
    assert done.stderr == (
        "countersign: standard input:4: carl@example.org is an address of "
        "account carl already; it differs in the field account; nothing is imported, and --dry-run lists all "
        "lines that can't be taken (2)\n")
    assert directory.state() == before


@pytest.mark.parametrize("text", [
    "", "account\tcarl\n", "countersign-directory\t2\n",
    "countersign-directory 1\n", "\0\n", "{}\n"])
def test_a_text_that_is_no_export_is_refused_by_its_first_line(directory,
                                                               text):
    line, = refused(directory, text)
    assert line.startswith('standard input:1: it is not as "countersign '
                           'directory export" begins its text; ')


def test_a_file_that_cannot_be_read_is_named(directory, tmp_path):
    done = directory.run("directory", "import", str(tmp_path / "none"))
    assert done.returncode == 66
    assert done.stderr == (f"countersign: {tmp_path}/none: can't be opened: "
                           "No such file or directory\n")
    assert directory.run("directory", "import",
                         str(tmp_path)).returncode == 66


def test_what_is_imported_is_published(directory):
    directory.do("directory", "import", "-", input=HEADER + (
        f"account\tcarl\tenabled\t{HASH}\n"
        "address\tcarl@example.org\tcarl\n"))
    assert f"carl:{HASH}::::::\n" in directory.text("dovecot.passwd")
    assert "carl@example.org carl\n" in directory.text(
        "postfix/virtual_alias_maps")


def test_at_a_terminal_it_tells_how_far_it_is(directory):
    terminal, other = pty.openpty()
    lines = "".join(f"account\tuser{number}\n" for number in range(2500))
    done = subprocess.run(directory.line("directory", "import", "-"),
                          input=HEADER + lines, text=True, stderr=other,
                          stdout=subprocess.PIPE, timeout=60)
    os.close(other)
    shown = os.read(terminal, 4096).decode()
    os.close(terminal)
    assert (done.returncode, shown) == (
        0, "\r1000 of 2500 lines\r2000 of 2500 lines\r\x1b[K")
