"""The examples of our manuals, as Dovecot and Sieve read them."""

import re
from pathlib import Path

import pytest
from harness.dovecot import FOLDER
from harness.dovecot_settings import RELEASE
from harness.process import run

SOURCE = Path(__file__).parents[2]
TLSPUBKEY = "dovecot-auth-tlspubkey/dovecot-auth-tlspubkey.7"
SIEVE = "dovecot-sieve-ext/dovecot-sieve-ext.7"


def examples(page, heading):
    """What stands in the page after each line that is the heading."""
    found = re.findall(
        rf"^{re.escape(heading)}\n\.Bd [^\n]*\n(.*?)^\.Ed$",
        (SOURCE / page).read_text(), re.M | re.S)
    return [text.replace("\\e\n", "\\\n") for text in found]


@pytest.mark.parametrize("release", ["2.3", "2.4"])
def test_the_manual_shows_the_file_that_is_included(release):
    page, = examples(TLSPUBKEY, f"The file for Dovecot {release} has:")
    file = (SOURCE / TLSPUBKEY).parent / f"examples/tlspubkey-{release}.conf"
    settings = [line for line in file.read_text().splitlines()
                if line and not line.startswith("#")]
    assert page.replace("\\\n  ", "").splitlines() == settings


@pytest.mark.parametrize("text", [
    text for page in (TLSPUBKEY, SIEVE)
    for text in examples(page, rf'.\" Dovecot {RELEASE}')])
def test_dovecot_reads_an_example(text):
    path = FOLDER / "98-example.conf"
    path.write_text(text)
    try:
        done = run("doveconf", "-n", check=False)
    finally:
        path.unlink()
    assert done.returncode == 0, done.stderr
    assert "Error" not in done.stderr
    # Nor is it for nothing.
    for name in re.findall(r"^!include_try (.*)$", text, re.M):
        assert Path(name).exists()


def test_an_example_compiles(tmp_path):
    text, = examples(SIEVE, r'.\" Sieve')
    script = tmp_path / "example.sieve"
    script.write_text(text)
    run("sievec", "-P", "sieve_countersign", script)
