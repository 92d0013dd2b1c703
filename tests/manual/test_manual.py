"""The man pages, against the programs and files that they are about.

unit/*-settings has the settings of daemons and command, admin/command every
option and command.
"""

import json
import os
import re
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]
PAGES = {path.name: path for path in TOP.glob("*/*.[1-8]")}


def read(path):
    return (TOP / path).read_text()


def items(page, pattern):
    """What the items of a list in a page begin with."""
    return re.findall(rf"(?m)^\.It {pattern}", PAGES[page].read_text())


def shown(page):
    """The page as it is read, on one line."""
    text = subprocess.run(["mandoc", "-Tascii", PAGES[page]], check=True,
                          capture_output=True, text=True).stdout
    return " ".join(re.sub(".\b", "", text).split())


# Every part has its page.

def installed():
    """Paths that packages install, of programs and configuration files."""
    for listing in sorted((TOP / "packaging" / "debian").glob("*.install")):
        for line in listing.read_text().splitlines():
            path = line.split()[0] if line.strip() else ""
            if re.match(r"usr/s?bin/|etc/countersign/", path):
                yield path


@pytest.mark.parametrize("path", installed())
def test_every_program_and_configuration_file_has_a_page(path):
    name = Path(path).name
    assert name + (".5" if path.startswith("etc/") else ".8") in PAGES


def test_every_page_is_what_its_name_says():
    for name, path in PAGES.items():
        title, section = re.search(r"(?m)^\.Dt (\S+) (\d)$",
                                   path.read_text()).groups()
        assert f"{title.lower()}.{section}" == name
        assert re.search(rf"(?m)^\.Nm {re.escape(title.lower())}$",
                         path.read_text()), name


def test_references_to_our_own_pages_lead_somewhere():
    ours = {name.rpartition(".")[0] for name in PAGES}
    for path in PAGES.values():
        for name, section in re.findall(r"Xr (\S+) (\d)", path.read_text()):
            assert name not in ours or f"{name}.{section}" in PAGES, path


def test_every_page_is_installed():
    for name, path in PAGES.items():
        rules = read(path.parent / "CMakeLists.txt")
        assert re.search(rf"[\s(]{re.escape(name)}\s", rules), name


# The settings of the Dovecot modules.

def defined(path, pattern):
    found = re.findall(pattern, read(path))
    assert found
    return set(found)


AUTH = "dovecot-auth-tlspubkey"
SIEVE = "dovecot-sieve-ext"


@pytest.mark.parametrize("page, item, definitions", [
    (f"{AUTH}.7", r"Cm (\w+) = ", [
        (f"{AUTH}/tlspubkey-settings.c", r'strncmp\(word, "(\w+)="'),
        (f"{AUTH}/tlspubkey-setting-info-2.4.c",
         r'"passdb_tlspubkey_(\w+)"')]),
    (f"{SIEVE}.7", r"Cm countersign_list_(\w+) = ", [
        (f"{SIEVE}/list-settings-2.3.c", r'"countersign_list_(\w+)"'),
        (f"{SIEVE}/list-setting-info-2.4.c",
         r"(?m)^\tDEFINE\(\w+, (\w+)\)")]),
], ids=[AUTH, SIEVE])
def test_both_dovecots_have_the_settings_of_the_page(page, item, definitions):
    documented = items(page, item)
    assert len(documented) == len(set(documented))
    for path, pattern in definitions:
        assert defined(path, pattern) == set(documented)


def test_the_passdbs_example_files_show_its_defaults():
    uri, = defined("common/directory.h",
                   r'#define DIRECTORY_DEFAULT_URI\s+"(.*)"')
    first, = defined(f"{AUTH}/tlspubkey-setting-info-2.4.c",
                     r'\.gate = "(\w+):')
    assert f"  args = directory={uri} gate={first}\n" in read(
        f"{AUTH}/examples/tlspubkey-2.3.conf")
    assert (f"passdb tlspubkey {{\n  directory = {uri}\n  gate = {first}\n"
            in read(f"{AUTH}/examples/tlspubkey-2.4.conf"))


def test_the_sieve_extensions_defaults_are_shown():
    prefix, = defined(f"{SIEVE}/list-settings.h",
                      r'#define LIST_SETTINGS_PREFIX "(.*)"')
    most, = defined(f"{SIEVE}/list-settings.h",
                    r"#define LIST_SETTINGS_MAX_MAILBOXES (\d+)")
    create, = defined(f"{SIEVE}/list-setting-info-2.4.c",
                      r'\.create = "(\w+):')
    defaults = {"prefix": prefix, "create": create, "max_mailboxes": most}
    assert dict(re.findall(r"#countersign_list_(\w+) = (\S+)",
                           read(f"{SIEVE}/list-2.3.conf"))) == defaults
    assert dict(re.findall(
        r"\.It Cm countersign_list_(\w+) = (?:.*\n)*?"
        r"Default:(?:\n\.\w+)? (\w+)", PAGES[f"{SIEVE}.7"].read_text())
    ) == defaults


# The forms of the account directory.

@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    folder = tmp_path_factory.mktemp("directory") / "d"

    def countersign(*words):
        return subprocess.run(
            [os.environ["COUNTERSIGN"], "--directory", f"sqlite:{folder}",
             *words], check=True, capture_output=True, text=True).stdout

    countersign("directory", "init")
    countersign("domain", "add", "example.org")
    countersign("account", "add", "anna")
    countersign("address", "add", "anna@example.org", "anna")
    countersign("group", "add", "staff")
    countersign("group", "member", "add", "staff", "anna")
    countersign("grant", "add", "%staff", "x@example.org")
    countersign("key", "new", "anna", "--name", "k", "--out", f"{folder}/k")
    return folder, countersign


def test_every_file_that_is_published_is_described(directory):
    folder, _ = directory
    published = folder / "published"
    files = {str(path.relative_to(published))
             for path in published.rglob("*") if path.is_file()}
    described = re.findall(r"(?m)^\.Ss (.*)$",
                           PAGES["countersign-published.5"].read_text())
    # postmap's, where there is a Postfix.
    assert {re.sub(r"(_maps)\.\w+$", r"\1", name)
            for name in files} == set(described)


def test_every_table_that_is_published_is_described(directory):
    folder, _ = directory
    with closing(sqlite3.connect(
            f"file:{folder}/published/directory.db?immutable=1",
            uri=True)) as snapshot:
        tables = [name for name, in snapshot.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table'")]
        columns = {table: [row[1] for row in snapshot.execute(
            f"PRAGMA table_info({table})")] for table in tables}
        version, = snapshot.execute("PRAGMA user_version").fetchone()
    described = {table: names.split() for table, names in items(
        "countersign-published.5", r"Li (\w+) : Ar (.*)")}
    assert described == columns
    assert f"PRAGMA user_version is {version}." in shown(
        "countersign-published.5")


def test_every_kind_of_line_of_an_export_is_described(directory):
    _, countersign = directory
    exported = json.loads(countersign("--json", "directory", "export"))
    described = items("countersign-text.5", r"Li (\w+) Ar (.*)")
    assert [members.split() for _, members in described] == [
        list(rows[0]) for rows in exported.values()]
    for (kind, _), plural in zip(described, exported, strict=True):
        assert plural.startswith(kind)
