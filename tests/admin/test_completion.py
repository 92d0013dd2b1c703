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


def check_all(expected):
    """expected: (line, a claim about the words that complete it)"""
    found = complete_all(line for line, _ in expected)
    for (line, claim), words in zip(expected, found, strict=True):
        assert claim(words), (line, words)


def test_every_word_of_every_command_completes():
    check_all([
        (" ".join(["countersign", *words[:count], word[:cut]]),
         lambda found, word=word: word in found)
        for words in (name.split() for name, _ in COMMANDS)
        for count, word in enumerate(words) for cut in (0, 1, len(word))])


def test_every_option_of_every_command_completes_once():
    expected = []
    for name, arguments in COMMANDS:
        options = set(re.findall(r"--[a-z0-9-]+", arguments))
        expected.append((f"countersign {name} --",
                         lambda found, all=options | GLOBALS: found == all))
        for option in options:
            expected.append((f"countersign {name} {option[:-1]}",
                             lambda found, one=option: one in found))
            expected.append((f"countersign {name} {option}=x --",
                             lambda found, one=option: one not in found))
    check_all(expected)


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


def test_every_kind_of_value_is_known_to_the_completion():
    done = subprocess.run(["bash", "-c", """
        . "$1"; typed=(x) literals=(x) command=(false) prefix= cur=
        shift
        for word; do
            _countersign_values "$word" || echo "$word"
        done""", "bash", COMPLETION, *{word for word, _ in
                                       words_of_the_table()}],
        env=ENVIRONMENT, text=True, capture_output=True, check=True)
    assert done.stdout == "", (
        f"say in {COMPLETION}, _countersign_values, what these may be")


def test_a_value_of_a_fixed_set_completes():
    expected = []
    for word, line in words_of_the_table():
        if not re.fullmatch("[a-z0-9|]+", word):
            continue
        values = set(word.split("|"))
        expected.append((line, lambda found, all=values: found == all))
        option = line.split()[-1]
        if option.startswith("--"):
            expected.append((
                line.rstrip() + "=",
                lambda found, all={f"{option}={value}" for value in values}:
                found == all))
    assert expected
    check_all(expected)


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
    directory.add_old("*")
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
