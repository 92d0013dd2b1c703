"""Every noun and verb, and every line that a user can meet."""

import fcntl
import json
import os
import pty
import re
import resource
import shutil
import subprocess
import tempfile
import termios
from pathlib import Path

import pytest

from directory import COMMAND, Directory

OPENSSH_KEY = ("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA"
               "Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZu laptop\n")
NOBODYS_KEY = "sha256:" + "00" * 32


def run(*words, **options):
    return subprocess.run([COMMAND, *words], text=True, capture_output=True,
                          timeout=60, **options)


def commands():
    """(noun and verb, arguments) of all commands, as help has them."""
    help_text = run().stdout.replace("\n" + " " * 12, " ")
    return [re.match(r"  ([a-z]+(?: [a-z]+(?![a-z|]))+) ?(.*)", line).groups()
            for line in help_text.splitlines()
            if re.match(r"  [a-z]+ [a-z]", line)]


# The command line.

def test_bare_and_with_help_it_lists_all_commands():
    bare = run()
    assert bare.returncode == 0 and bare.stderr == ""
    assert bare.stdout == run("--help").stdout
    assert max(map(len, bare.stdout.splitlines())) <= 80
    found = [name for name, _ in commands()]
    for name in ("account passwd", "directory publish", "group member add",
                 "grant remove", "key add"):
        assert name in found


def test_help_of_a_noun_lists_its_verbs_only():
    text = run("group", "--help").stdout
    assert text == run("group").stdout
    assert "  group member add GROUP ACCOUNT\n" in text
    assert "account add" not in text


def test_it_tells_its_version():
    assert re.fullmatch(r"countersign \d+\.\d+\.\d+\n",
                        run("--version").stdout)


def test_the_manual_has_every_command():
    manual = subprocess.run(
        ["mandoc", "-Tascii", "-Owidth=1000", os.environ["MANUAL"]],
        text=True, capture_output=True, check=True).stdout
    manual = re.sub(".\b", "", manual).lower()
    for name, arguments in commands():
        assert f" {name} {arguments}".rstrip().lower() in manual, name


ADD = "countersign account add NAME"
GRANT = ("countersign grant add ACCOUNT|%GROUP ADDRESS|@DOMAIN "
         "[--until DATE] [--on-behalf]")
NOT_A_NOUN = "is not a noun of this command; try countersign --help"


@pytest.mark.parametrize("words, line", [
    (["frobnicate"], f'"frobnicate" {NOT_A_NOUN}'),
    ([""], f'"" {NOT_A_NOUN}'),
    (["account", "ad", "x"],
     '"ad" is not a verb of account; try countersign account --help'),
    (["group", "member"],
     '"member" is not a verb of group; try countersign group --help'),
    (["group", "member", "list"],
     '"member" is not a verb of group; try countersign group --help'),
    (["account", "add"], f"NAME is missing; usage: {ADD}"),
    (["account", "add", "a", "b"],
     f'"b" is one argument too many; usage: {ADD}'),
    (["account", "add", "a", "b", "c", "d", "e"],
     f'"b" is one argument too many; usage: {ADD}'),
    (["account", "add", "--force", "a"],
     f"--force is not an option here; usage: {ADD}"),
    (["account", "add", "-f", "a"],
     f"-f is not an option here; usage: {ADD}"),
    (["-f"], "-f is not an option here; try countersign --help"),
    (["--force", "account", "add", "a"],
     "--force is not an option here; try countersign --help"),
    (["account", "list", "--json=yes"], "--json takes no value"),
    (["account", "list", "--directory"], "--directory needs a value"),
    (["grant", "add", "a", "b@example.org", "--until"],
     f"--until needs a value; usage: {GRANT}"),
    (["grant", "add", "a", "b@example.org", "--on-behalf=no"],
     f"--on-behalf takes no value; usage: {GRANT}"),
    (["grant", "add", "a", "b@example.org", "--on-behalf", "--on-behalf"],
     f"--on-behalf is given twice; usage: {GRANT}"),
    (["account", "list", "--directory", "ldap:x"],
     'directory "ldap:x" is not written by this command; that is '
     "sqlite:FOLDER"),
    (["account", "list", "--directory=sqlite:here"],
     'directory "sqlite:here": the folder must begin with a slash'),
])
def test_a_wrong_command_line_says_how_it_is_written(words, line):
    done = run(*words)
    assert (done.returncode, done.stdout) == (64, "")
    assert done.stderr == f"countersign: {line}\n"


def test_options_stand_anywhere_and_end_at_two_dashes(empty):
    empty.do("domain", "add", "--delimiter=+", "example.org")
    assert run("domain", "list", "--json", "--directory", empty.uri).stdout \
        == empty.do("domain", "list", "--json")
    empty.do("account", "add", "--", "--anna")
    assert empty.json("account", "list")[0]["account"] == "--anna"


# Settings.

def test_settings_name_the_directory(directory, tmp_path):
    conf = tmp_path / "countersign.conf"
    conf.write_text(f"# where it is\ndirectory = {directory.uri}\n")
    done = run("--config", str(conf), "account", "list")
    assert done.returncode == 0 and "anna" in done.stdout


@pytest.mark.parametrize("text, line", [
    ("colour = red\n", ':1: "colour" is not a setting'),
    ("\ndirectory\n", ':2: "directory" is not of the form name = value'),
    ("directory =\n", ":1: directory has no value"),
])
def test_wrong_settings_are_refused_with_their_line(tmp_path, text, line):
    conf = tmp_path / "countersign.conf"
    conf.write_text(text)
    done = run("--config", str(conf), "account", "list")
    assert (done.returncode, done.stdout) == (78, "")
    assert done.stderr == f"countersign: {conf}{line}\n"


def test_settings_that_are_named_must_be_there(tmp_path):
    done = run("--config", str(tmp_path / "none"), "account", "list")
    assert done.returncode == 78
    assert "none: can't be opened: No such file" in done.stderr


# What it is for.

def test_an_account_from_its_beginning_to_its_end(directory):
    directory.do("account", "add", "Carl")
    directory.do("account", "passwd", "carl", input="secret\n")
    assert directory.json("account", "list")[-1] == {
        "account": "carl", "enabled": True, "password": True,
        "addresses": 0, "keys": 0}
    directory.do("address", "add", "Carl.Czerny@example.org", "carl")
    directory.do("group", "add", "staff")
    directory.do("group", "member", "add", "staff", "CARL")
    directory.do("grant", "add", "carl", "info@example.org")
    directory.do("grant", "add", "%staff", "@example.net")
    directory.do("key", "add", "carl", "--login", "carl.czerny@example.org",
                 input=OPENSSH_KEY)
    directory.do("account", "disable", "carl")
    shown = directory.json("account", "show", "carl")
    fingerprint = shown["keys"][0]
    assert shown == {
        "account": "carl", "enabled": False, "password": True,
        "addresses": ["Carl.Czerny@example.org"], "groups": ["staff"],
        "grants": ["@example.net", "info@example.org"],
        "keys": [fingerprint]}
    assert re.fullmatch("sha256:[0-9a-f]{64}", fingerprint)
    directory.do("account", "enable", "carl")
    assert directory.json("account", "show", "carl")["enabled"] is True
    assert directory.do("account", "remove", "carl") == (
        "removed      carl\n"
        "addresses    1\n"
        "memberships  1\n"
        "grants       1\n"
        "keys         1\n")
    assert [row["account"] for row in directory.json("account", "list")] == [
        "anna", "bert"]


def test_domains_with_their_rules(empty):
    empty.do("domain", "add", "EXAMPLE.org", "--delimiter", "+-")
    empty.do("domain", "add", "bücher.example", "--case-sensitive")
    empty.do("domain", "add", "example.net", "--alias-of", "example.org")
    assert empty.json("domain", "list") == [
        {"domain": "example.net", "delimiters": "", "case_sensitive": False,
         "alias_of": "example.org", "addresses": 0},
        {"domain": "example.org", "delimiters": "+-", "case_sensitive": False,
         "alias_of": None, "addresses": 0},
        {"domain": "xn--bcher-kva.example", "delimiters": "",
         "case_sensitive": True, "alias_of": None, "addresses": 0}]
    empty.do("domain", "remove", "example.net")
    empty.do("domain", "remove", "BÜCHER.example")
    assert len(empty.json("domain", "list")) == 1


def test_addresses_of_all_and_of_one(directory):
    directory.do("address", "add", "@example.org", "bert")
    assert directory.do("address", "list") == (
        "ADDRESS           ACCOUNT\n"
        "@example.org      bert\n"
        "anna@example.org  anna\n"
        "bert@example.org  bert\n")
    assert directory.json("address", "list", "anna") == [
        {"address": "anna@example.org", "account": "anna"}]
    directory.do("address", "remove", "ANNA@example.org")
    directory.do("address", "remove", "@example.org")
    assert len(directory.json("address", "list")) == 1


def test_groups_and_their_members(directory):
    directory.do("group", "add", "staff")
    directory.do("group", "add", "crew")
    directory.do("group", "member", "add", "%staff", "bert")
    directory.do("group", "member", "add", "staff", "anna")
    directory.do("grant", "add", "%staff", "info@example.org")
    assert directory.do("group", "list") == (
        "GROUP  MEMBERS\n"
        "crew   -\n"
        "staff  anna, bert\n")
    directory.do("group", "member", "remove", "staff", "bert")
    assert directory.json("group", "list")[1]["members"] == ["anna"]
    assert directory.json("group", "remove", "staff") == {
        "removed": "staff", "memberships": 1, "grants": 1}
    assert directory.json("grant", "list") == []


def test_grants_with_their_end(directory):
    directory.do("group", "add", "staff")
    directory.do("group", "member", "add", "staff", "anna")
    directory.do("grant", "add", "anna", "bert@example.org",
                 "--until", "2999-12-31", "--on-behalf")
    directory.do("grant", "add", "%staff", "@example.net",
                 "--until", "2999-12-31T12:00:00+02:00")
    directory.do("grant", "add", "bert", "anna@example.org")
    assert directory.json("grant", "list", "anna") == [
        {"holder": "%staff", "address": "@example.net",
         "until": "2999-12-31T10:00:00Z", "on_behalf": False},
        {"holder": "anna", "address": "bert@example.org",
         "until": "2999-12-31", "on_behalf": True}]
    assert len(directory.json("grant", "list", "%staff")) == 1
    assert len(directory.json("grant", "list")) == 3
    directory.do("grant", "remove", "anna", "BERT@example.org")
    directory.do("grant", "remove", "%staff", "@example.net")
    assert directory.json("grant", "list", "anna") == []


def test_names_are_shown_and_not_obeyed(empty):
    empty.do("account", "add", "jürgen")
    empty.do("account", "add", "';drop-table-accounts;--")
    assert [row["account"] for row in empty.json("account", "list")] == [
        "';drop-table-accounts;--", "jürgen"]


def test_a_name_from_before_is_used_as_any_other(directory):
    directory.add_old("ann*")
    directory.do("address", "add", "a*b?@example.org", "ann*")
    directory.do("account", "passwd", "ann*", input="secret\n")
    assert directory.json("account", "show", "ann*")["addresses"] == [
        "a*b?@example.org"]
    passwd = directory.text("dovecot.passwd")
    assert passwd.startswith("a*b?@example.org:") and "\nann*:" in passwd
    assert "a*b?@example.org ann*\n" in directory.text(
        "postfix/virtual_alias_maps")
    directory.do("account", "remove", "ann*")


# What is refused. Every line of the master's has its case in the unit test.

REFUSALS = [
    (["account", "add", "ANNA"], 65, "there is an account anna already"),
    (["account", "add", "a\x1b[2Jb"], 65, None),
    (["account", "add", "x" * 256], 65, None),
    (["account", "add", "ann*"], 65, '"ann*" can\'t be a new name: doveadm '
     "takes * and ? for a pattern; leave them out"),
    (["group", "add", "st?ff"], 65, '"st?ff" can\'t be a new name: doveadm '
     "takes * and ? for a pattern; leave them out"),
    (["account", "show", "zoe"], 67, "there is no account zoe"),
    (["account", "enable", "zoe"], 67, "there is no account zoe"),
    (["account", "disable", "zoe"], 67, "there is no account zoe"),
    (["account", "remove", "zoe"], 67, "there is no account zoe"),
    (["domain", "add", "example.org"], 65,
     "domain example.org is in the directory already"),
    (["domain", "add", "a..b"], 65, None),
    (["domain", "remove", "example.org"], 65,
     "domain example.org has addresses (anna@example.org): remove them "
     "first"),
    (["address", "add", "anna@example.org", "bert"], 65,
     "anna@example.org is an address of account anna already"),
    (["address", "add", "anna@example.com", "anna"], 65,
     "anna@example.com: domain example.com is not in the directory; run "
     "\"countersign domain add example.com\" first"),
    (["address", "add", "<anna@example.org>", "anna"], 65, None),
    (["address", "list", "zoe"], 67, "there is no account zoe"),
    (["address", "remove", "zoe@example.org"], 65,
     "zoe@example.org is not in the directory"),
    (["group", "remove", "crew"], 67, "there is no group crew"),
    (["group", "member", "add", "crew", "anna"], 67, "there is no group crew"),
    (["group", "member", "remove", "crew", "anna"], 67,
     "there is no group crew"),
    (["grant", "add", "zoe", "anna@example.org"], 67,
     "there is no account zoe"),
    (["grant", "add", "anna", "x@example.org", "--until", "never"], 65,
     '--until: "never" is not a date: write 2027-01-31 (to the end of that day, UTC) '
     "or 2027-01-31T12:00:00Z"),
    (["grant", "add", "anna", "x@example.org", "--until", "2001-01-01"], 65,
     '--until: "2001-01-01" is over already'),
    (["grant", "list", "%crew"], 67, "there is no group crew"),
    (["grant", "remove", "anna", "x@example.org"], 65,
     "anna has no grant for x@example.org"),
    (["key", "list", "zoe"], 67, "there is no account zoe"),
    (["key", "show", NOBODYS_KEY], 65, None),
    (["key", "remove", NOBODYS_KEY], 65, None),
    (["directory", "init"], 73, None),
]


@pytest.mark.parametrize("words, status, line", REFUSALS,
                         ids=[" ".join(words)[:40] for words, *_ in REFUSALS])
def test_a_refusal_is_one_line_and_changes_nothing(directory, words, status,
                                                   line):
    before = directory.state()
    files = {path: path.read_bytes() for path in
             directory.published.rglob("*") if path.is_file()}
    done = directory.run(*words)
    assert (done.returncode, done.stdout) == (status, "")
    assert re.fullmatch(r"countersign: [^\x00-\x1f\x7f]+\n", done.stderr)
    if line is not None:
        assert done.stderr == f"countersign: {line}\n"
    assert directory.state() == before
    assert files == {path: path.read_bytes() for path in
                     directory.published.rglob("*") if path.is_file()}


# Passwords.

@pytest.mark.parametrize("input, line", [
    ("", "the password is empty; write it as one line on standard input"),
    ("\n", "the password is empty; write it as one line on standard input"),
    ("x" * 512, "the password is longer than 511 octets"),
    ("x" * 100000, "the password is longer than 511 octets"),
    ("a\0b\n", "a NUL stands in the password"),
], ids=["nothing", "an empty line", "512 octets", "without end", "a NUL"])
def test_a_bad_password_is_refused(directory, input, line):
    done = directory.run("account", "passwd", "anna", input=input)
    assert (done.returncode, done.stdout) == (65, "")
    assert done.stderr == f"countersign: {line}\n"
    assert directory.json("account", "show", "anna")["password"] is False


def test_the_longest_password_is_taken(directory):
    directory.do("account", "passwd", "anna", input="x" * 511)
    assert directory.json("account", "show", "anna")["password"] is True


def test_a_scheme_that_is_none_is_refused_before_the_password_is_read(
        directory):
    done = directory.run("account", "passwd", "anna", "--scheme", "plain")
    assert (done.returncode, done.stderr) == (
        64, 'countersign: "plain" is not a scheme that passwords are hashed '
        "with here: yescrypt, argon2id\n")


def test_nobody_gets_a_password(directory):
    done = directory.run("account", "passwd", "zoe", input="secret\n")
    assert (done.returncode, done.stderr) == (
        67, "countersign: there is no account zoe\n")


def type_passwords(directory, *passwords):
    """At a terminal: (status, all that the terminal showed)."""
    pid, terminal = pty.fork()
    if pid == 0:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        os.execv(COMMAND, directory.line("account", "passwd", "anna"))
    shown = b""
    for prompt, password in zip((b"Password: ", b"Again: "), passwords):
        while prompt not in shown:
            shown += os.read(terminal, 1024)
        os.write(terminal, password.encode() + b"\n")
    try:
        while part := os.read(terminal, 1024):
            shown += part
    except OSError:  # the other end is closed
        pass
    assert termios.tcgetattr(terminal)[3] & termios.ECHO
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), shown.decode()


def test_at_a_terminal_it_asks_twice_and_shows_nothing(directory):
    status, shown = type_passwords(directory, "s3cret", "s3cret")
    assert status == 0 and "s3cret" not in shown
    assert directory.json("account", "show", "anna")["password"] is True


def test_at_a_terminal_two_passwords_must_be_the_same(directory):
    status, shown = type_passwords(directory, "s3cret", "s3crte")
    assert status == 65 and "the two are not the same" in shown
    assert directory.json("account", "show", "anna")["password"] is False


@pytest.mark.parametrize("key, signal", [("\x03", 2), ("\x1c", 3)],
                         ids=["^C", "^\\"])
def test_a_key_that_ends_it_leaves_the_terminal_as_it_was(directory, key,
                                                          signal):
    status, shown = type_passwords(directory, f"s3cr{key}")
    assert status == -signal and "s3cr" not in shown
    assert directory.json("account", "show", "anna")["password"] is False


# Around it.

def test_without_a_directory_it_says_how_to_make_one(tmp_path):
    directory = Directory(tmp_path)
    done = directory.run("account", "list")
    assert (done.returncode, done.stdout) == (69, "")
    assert done.stderr == (
        f"countersign: {tmp_path}/directory.db: No such file or directory; "
        "run \"countersign directory init\"\n")


def test_a_damaged_master_is_an_error_and_not_empty(directory):
    (directory.folder / "directory.db").write_bytes(b"x" * 4096)
    done = directory.run("account", "list")
    assert (done.returncode, done.stdout) == (65, "")
    assert done.stderr.count("\n") == 1 and "not a database" in done.stderr


def test_another_version_of_the_master_is_left_alone(directory):
    master = directory.folder / "directory.db"
    data = bytearray(master.read_bytes())
    data[60:64] = (7).to_bytes(4, "big")  # the file format's user version
    master.write_bytes(data)
    done = directory.run("account", "add", "carl")
    assert done.returncode == 69
    assert "version 7 of the directory's form" in done.stderr
    assert master.read_bytes() == data


@pytest.mark.skipif(os.geteuid() != 0, reason="needs another user to be")
def test_whoever_may_not_read_the_master_is_told_so(directory):
    # The build may stand where nobody else looks; and pytest's own folders are
    # closed to others by any run of it that begins.
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        command = shutil.copy(COMMAND, folder)
        there = Directory(shutil.copytree(directory.folder, folder / "d"))
        done = there.run("account", "list", executable=command, user=65534,
                         group=65534, extra_groups=[])
    assert (done.returncode, done.stdout) == (77, "")
    assert "directory.db: Permission denied" in done.stderr


def test_a_second_command_waits_for_the_first(directory):
    with open(directory.folder / "lock") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        second = subprocess.Popen(directory.line("account", "add", "carl"))
        while not re.search(rf"-> FLOCK .* {second.pid} ",
                            Path("/proc/locks").read_text()):
            assert second.poll() is None
        assert second.poll() is None
    assert second.wait(timeout=60) == 0
    assert len(directory.json("account", "list")) == 3


def test_commands_at_once_all_happen(directory):
    names = [f"account{number}" for number in range(8)]
    running = [subprocess.Popen(directory.line("account", "add", name))
               for name in names]
    assert [process.wait(timeout=60) for process in running] == [0] * 8
    found = [row["account"] for row in directory.json("account", "list")]
    assert found == [*names, "anna", "bert"]


def test_a_full_disk_for_the_answer_is_an_error(directory):
    with open("/dev/full", "w") as full:
        done = subprocess.run(directory.line("account", "list"), stdout=full,
                              stderr=subprocess.PIPE, text=True)
    assert done.returncode == 74
    assert done.stderr == ("countersign: standard output: can't be written: "
                           "No space left on device\n")


def test_closed_descriptors_do_not_become_the_master(directory):
    done = subprocess.run(
        ["/bin/sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh",
         *directory.line("account", "list")])
    assert done.returncode == 0
    assert len(directory.json("account", "list")) == 2
    assert directory.do("directory", "check") == ""


CHANGES = [
    ["account", "add", "carl"], ["account", "disable", "carl"],
    ["account", "enable", "carl"], ["account", "passwd", "carl"],
    ["domain", "add", "example.net"], ["domain", "remove", "example.net"],
    ["address", "add", "carl@example.org", "carl"],
    ["address", "remove", "carl@example.org"],
    ["group", "add", "crew"], ["group", "member", "add", "crew", "carl"],
    ["group", "member", "remove", "crew", "carl"],
    ["grant", "add", "carl", "x@example.org"],
    ["grant", "remove", "carl", "x@example.org"],
    ["directory", "publish"],
]


def test_a_change_says_in_json_what_it_was_and_in_text_nothing(directory):
    twin = Directory(directory.folder.parent / "twin")
    shutil.copytree(directory.folder, twin.folder)
    for words in CHANGES:
        name = " ".join(words[:3 if words[1] == "member" else 2])
        text = directory.do(*words, input="x\n")
        done = twin.do("--json", *words, input="x\n")
        assert (text, json.loads(done)) == ("", {"done": name})


def test_json_is_json_whatever_is_in_it(directory):
    for noun in ("account", "domain", "address", "group", "grant", "key"):
        assert isinstance(json.loads(
            directory.do(noun, "list", "--json")), list)
