"""What bash completes, with the completion that is installed."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
from pathlib import Path

import pytest

from directory import COMMAND

COMPLETION = os.environ["COMPLETION"]
BREAKS = " \t\n\"'><=;|&(:@"  # bash's own
ASK = f"""
. {COMPLETION}
COMP_WORDBREAKS=$1
shift
for COMP_LINE; do
    COMP_POINT=${{#COMP_LINE}}
    _countersign "${{COMP_LINE%% *}}"
    printf '%s\\n' "${{COMPREPLY[@]}}" end-of-words
done
"""
ENVIRONMENT = {**os.environ, "LC_ALL": "C.UTF-8",
               "PATH": f"{Path(COMMAND).parent}:{os.environ['PATH']}"}
TABLE = subprocess.run([COMMAND, "--commands"], text=True, check=True,
                       capture_output=True).stdout.splitlines()
GLOBALS = {line.split()[0] for line in TABLE if line.startswith("--")}
COMMANDS = [re.fullmatch(r"([a-z-]+(?: [a-z-]+)+?)((?: (?![a-z-]+( |$)).*)?)",
                         line).group(1, 2)
            for line in TABLE if not line.startswith("--")]


def complete_all(lines, breaks="\n"):
    """For each line the words that may stand at its end, whole by default."""
    done = subprocess.run(["bash", "-c", ASK, "bash", breaks, *lines],
                          env=ENVIRONMENT, text=True, capture_output=True,
                          timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    return [set(words.split("\n")) - {""}
            for words in done.stdout.split("end-of-words\n")[:-1]]


def complete(line, breaks="\n"):
    (words,) = complete_all([line], breaks)
    return words


def test_the_first_word_is_a_noun():
    assert complete("countersign ") == {
        name.split()[0] for name, _ in COMMANDS}
    assert complete("countersign acc") == {"account"}
    assert complete("countersign frob") == set()
    assert complete("countersign frob ") == set()


def test_after_a_noun_come_its_verbs_word_by_word():
    assert complete("countersign group ") == {"add", "list", "member",
                                              "remove"}
    assert complete("countersign group member ") == {"add", "remove"}
    assert complete("countersign --json group member r") == {"remove"}


@pytest.mark.parametrize("name", [name for name, _ in COMMANDS])
def test_every_word_of_every_command_completes(name):
    words = name.split()
    expected = [(" ".join(["countersign", *words[:count], word[:cut]]), word)
                for count, word in enumerate(words)
                for cut in (0, 1, len(word))]
    for (line, word), found in zip(
            expected, complete_all(line for line, _ in expected), strict=True):
        assert word in found, line


@pytest.mark.parametrize("name, arguments", COMMANDS,
                         ids=[name for name, _ in COMMANDS])
def test_every_option_of_every_command_completes_once(name, arguments):
    options = set(re.findall(r"--[a-z0-9-]+", arguments))
    assert complete(f"countersign {name} --") == options | GLOBALS
    for option in options:
        part, other = complete_all([f"countersign {name} {option[:-1]}",
                                    f"countersign {name} {option}=x --"])
        assert option in part and option not in other


def words_of_the_table():
    """Every argument and every option's value, with a line to ask for it."""
    for line in TABLE:
        name, _, value = line.partition(" ")
        if name.startswith("--") and value:
            yield value, f"countersign {name} "
    for name, arguments in COMMANDS:
        typed = f"countersign {name}"
        for option, value, word in re.findall(
                r"\[?(--[a-z0-9-]+)(?: ([^\s\[\]]+))?\]?|([^\s\[\]]+)",
                arguments):
            if option and value:
                yield value, f"countersign {name} {option} "
            elif word:
                yield word, typed + " "
                typed += " x"


@pytest.mark.parametrize("word", sorted(
    {word for word, _ in words_of_the_table()}))
def test_every_kind_of_value_is_known_to_the_completion(word):
    done = subprocess.run(["bash", "-c", """
        . "$1"; typed=(x) literals=(x) command=(false) prefix= cur=
        _countersign_values "$2" """, "bash", COMPLETION, word],
        env=ENVIRONMENT)
    assert done.returncode == 0, (
        f"say in {COMPLETION}, _countersign_values, what {word} may be")


@pytest.mark.parametrize("word, line", [
    (word, line) for word, line in words_of_the_table()
    if re.fullmatch("[a-z0-9|]+", word)])
def test_a_value_of_a_fixed_set_completes(word, line):
    assert complete(line) == set(word.split("|"))
    if line.split()[-1].startswith("--"):
        equals = line.rstrip() + "="
        assert complete(equals) == {
            equals.split()[-1] + value for value in word.split("|")}


@pytest.mark.parametrize("words, expected", {
    "account show ": {"anna", "bert"},
    "account show a": {"anna"},
    "account add ": set(),
    "account list ": {option for option in GLOBALS
                      if option not in ("--config", "--directory")},
    "address add ": set(),
    "address add new@example.org b": {"bert"},
    "address remove ": {"anna@example.org", "bert@example.org"},
    "address remove anna@ex": {"anna@example.org"},
    "domain remove ": {"example.org"},
    "domain add example.net --alias-of ": {"example.org"},
    "domain add example.net --alias-of=e": {"--alias-of=example.org"},
    "grant add ": {"anna", "bert", "%staff"},
    "grant add %s": {"%staff"},
    "grant add anna @": {"@example.org"},
    "group member add staff ": {"anna", "bert"},
    "key add anna --until ": set(),
    "key add --login ": {"anna@example.org", "bert@example.org"},
    "sender check -- b": {"bert"},
}.items())
def test_names_in_the_directory_complete(directory, words, expected):
    directory.do("group", "add", "staff")
    config = directory.folder.parent / "conf"
    config.write_text(f"directory = {directory.uri}\n")
    for option in (f"--directory {directory.uri}",
                   f"--directory={directory.uri} --config {config}"):
        found = complete(f"countersign {option} {words}")
        assert found - {"--config", "--directory"} == expected


def test_selectors_are_those_of_the_domain(tmp_path):
    for domain in ("example.org", "example.net"):
        subprocess.run([COMMAND, "dkim", "generate", domain, "--selector",
                        domain[-3:], "--algorithm", "ed25519", "--table",
                        tmp_path / "table"], check=True, capture_output=True)
    line = f"countersign dkim activate --table {tmp_path}/table example.org "
    assert complete(line) == {"org"}


def test_a_break_within_a_word_is_minded(directory):
    line = f"countersign --directory {directory.uri} "
    assert complete(line + "address remove anna@ex", BREAKS) == {
        "@example.org"}
    assert complete(line + "key new --type=ed", BREAKS) == {"ed25519"}


def test_a_name_is_never_obeyed(directory, tmp_path):
    evil = f"$(touch${{IFS}}{str(tmp_path).replace('/', '_')})"
    directory.do("account", "add", evil.lower())
    directory.do("account", "add", "*")
    found = complete(f"countersign --directory {directory.uri} account show ")
    assert "\\*" in found and not any(word.startswith("$(") for word in found)
    assert r"\$\(touch" in "".join(found)


def test_files_complete_where_files_are_meant(tmp_path):
    (tmp_path / "one file").touch()
    for line in ("directory import ", "directory import x ", "key new --out ",
                 "--config "):
        assert complete(f"countersign {line}{tmp_path}/o")


def test_without_a_directory_to_read_there_is_silence(tmp_path):
    assert complete(f"countersign --directory sqlite:{tmp_path} account show "
                    ) == set()


class Shell:
    """bash on a terminal."""

    def __init__(self):
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            size = struct.pack("HHHH", 25, 500, 0, 0)
            fcntl.ioctl(0, termios.TIOCSWINSZ, size)
            os.execvpe("bash", ["bash", "--norc", "--noprofile", "-i"],
                       {**ENVIRONMENT, "PS1": "> ", "TERM": "dumb",
                        "INPUTRC": "/dev/null"})
        self.shown = b""

    def type(self, text, until):
        """And wait until that is shown."""
        os.write(self.terminal, text.encode())
        while until not in self.shown:
            ready, _, _ = select.select([self.terminal], [], [], 10)
            assert ready, self.shown
            self.shown += os.read(self.terminal, 4096)
        self.shown = self.shown.partition(until)[2]

    def close(self):
        os.close(self.terminal)
        os.waitpid(self.pid, 0)


def test_in_a_real_shell_the_tab_key_does_it(directory):
    shell = Shell()
    shell.type(f". {COMPLETION}; echo rea''dy\n", b"ready\r\n")
    shell.type("true && countersign gro\tmem\tad\tst", b"group member add st")
    shell.type("\x15unset -v x; x=y countersign --directory "
               f"{directory.uri} address remove anna@e\t",
               b"address remove anna@example.org ")
    shell.close()
