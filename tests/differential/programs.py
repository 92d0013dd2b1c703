"""Programs that are asked about many texts at once, and texts of real mail."""

import os
import pathlib
import shutil
import subprocess

import pytest

HERE = pathlib.Path(__file__).resolve().parent
CORPUS = HERE.parent.parent.parent / "shared" / "corpus"


def ask(command, texts):
    """One line of answer for each text."""
    done = subprocess.run(
        command, input="".join(text.hex() + "\n" for text in texts),
        text=True, capture_output=True)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.split("\n")[:-1]
    assert len(lines) == len(texts)
    return lines


def ask_ours(texts):
    """The fields of each line that the program of this test answers."""
    return [line.split("\t") for line in ask([os.environ["PROGRAM"]], texts)]


def ask_perl(module, script, texts):
    installed = shutil.which("perl") and subprocess.run(
        ["perl", f"-M{module}", "-e", "1"], capture_output=True).returncode == 0
    if not installed:
        pytest.skip(f"Perl's {module} is not installed")
    return ask(["perl", str(HERE / script)], texts)


def messages_of_corpus():
    """With LF line ends."""
    for path in sorted(CORPUS.glob("**/*.eml")):
        yield path.read_bytes().replace(b"\r\n", b"\n")


def headers_of_corpus():
    for message in messages_of_corpus():
        yield message.split(b"\n\n")[0]
