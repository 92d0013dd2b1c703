"""The examples of our manuals, as Dovecot and Sieve read them."""

import re
from pathlib import Path

import pytest
from harness.dovecot import FOLDER
from harness.dovecot_settings import OLD, RELEASE
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


def described(page):
    """The settings that the page has, each with its default."""
    section, = re.findall(r"^\.Sh SETTINGS\n(.*?)^\.Sh ",
                          (SOURCE / page).read_text(), re.M | re.S)
    return dict(re.findall(
        r"^\.It Cm (\w+) = .*\n(?:(?!\.It).*\n)*?"
        r"Default:\s(?:\.\w\w )?(.*?) ?\.$", section, re.M))


@pytest.mark.skipif(OLD, reason="2.3 does not know settings of plugins")
@pytest.mark.parametrize("page, prefix", [
    (TLSPUBKEY, "passdb_tlspubkey_"), (SIEVE, "countersign_list_")])
def test_the_manual_has_every_setting_and_its_default(page, prefix):
    known = dict(re.findall(rf"^({prefix}\w+) = (.*)$",
                            run("doveconf", "-d").stdout, re.M))
    assert known
    # A passdb's stand in its block, without the prefix.
    assert known == {
        prefix + name.removeprefix(prefix): default
        for name, default in described(page).items()}


def test_an_example_compiles(tmp_path):
    text, = examples(SIEVE, r'.\" Sieve')
    script = tmp_path / "example.sieve"
    script.write_text(text)
    run("sievec", "-P", "sieve_countersign", script)
