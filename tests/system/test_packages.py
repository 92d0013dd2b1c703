"""What installing the packages leaves on a machine."""

import grp
import re
import stat
from pathlib import Path

import pytest

from harness.process import run

FOLDER = Path("/lib/systemd/system")
MILTERS = sorted(FOLDER.glob("milter-*.service"))
UNITS = [*MILTERS, FOLDER / "countersign-dkim-rotate.service",
         FOLDER / "countersign-key-attempts.service"]


def mode(path):
    status = Path(path).stat()
    return (f"{stat.S_IMODE(status.st_mode):04o} "
            f"{Path(path).owner()}:{Path(path).group()}")


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_systemd_finds_nothing_wrong_with_a_unit(unit):
    done = run("systemd-analyze", "verify", "--man=no", unit)
    assert done.stdout + done.stderr == ""


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_a_unit_is_hardened_to_two_or_better(unit):
    run("systemd-analyze", "security", "--offline=true", "--threshold=20",
        "--no-pager", unit)


def test_there_is_a_unit_for_each_milter():
    assert [unit.stem for unit in MILTERS] == [
        "milter-dkim-verify", "milter-dkim", "milter-sender-check"]


def test_the_milters_may_read_what_is_published():
    assert set(grp.getgrnam("countersign").gr_mem) == {
        "milter-dkim", "milter-sender-check"}


@pytest.mark.parametrize("path, expected", {
    "/var/lib/countersign": "0751 root:root",
    "/var/lib/countersign/dkim": "0750 root:milter-dkim",
    "/var/lib/countersign/tlspubkey": "0700 root:root",
    "/var/lib/countersign/tlspubkey/forward.secret": "0600 root:root",
    "/var/lib/countersign/tlspubkey/local.secret": "0600 root:root",
    "/var/spool/postfix/countersign": "0755 root:root",
    "/var/spool/postfix/countersign/dkim": "2750 milter-dkim:postfix",
    "/var/spool/postfix/countersign/dkim-verify":
        "2750 milter-dkim-verify:postfix",
    "/var/spool/postfix/countersign/sender-check":
        "2750 milter-sender-check:postfix",
    "/usr/share/dovecot-sieve-ext/list.svbin": "0644 root:root",
}.items())
def test_a_path_belongs_to_whom_it_should(path, expected):
    assert mode(path) == expected


def test_the_verifier_can_read_no_key_and_is_in_no_group_that_can():
    assert run("id", "--groups", "--name", "milter-dkim-verify"
               ).stdout.split() == ["milter-dkim-verify"]
    run("countersign", "dkim", "generate", "example.com", check=False)
    run("runuser", "-u", "milter-dkim", "--", "ls", "/var/lib/countersign/dkim")
    assert run("runuser", "-u", "milter-dkim-verify", "--", "ls",
               "/var/lib/countersign/dkim", check=False).returncode == 2


@pytest.mark.parametrize("user", [
    "milter-dkim", "milter-dkim-verify", "milter-sender-check", "postfix", "dovecot", "dovenull",
    "nobody"])
def test_nobody_can_plant_anything_where_the_command_writes_as_root(user):
    run("countersign", "dkim", "generate", "example.net", check=False)
    done = run("runuser", "-u", user, "--", "find", "/var/lib/countersign",
               "/etc/countersign", "-writable", check=False)
    assert done.stdout == ""


def test_the_login_secrets_are_64_hex_digits_each_of_its_own():
    secrets = {path.read_text() for path in
               Path("/var/lib/countersign/tlspubkey").iterdir()}
    assert len(secrets) == 2
    assert all(re.fullmatch("[0-9a-f]{64}", secret) for secret in secrets)


def test_bash_completes_the_command():
    done = run("bash", "-c", """
        . /usr/share/bash-completion/completions/countersign
        COMP_LINE='countersign sender rep' COMP_POINT=22
        _countersign countersign
        echo "${COMPREPLY[@]}" """)
    assert done.stdout == "report\n"


@pytest.mark.skipif(not run("dovecot", "--version").stdout.startswith("2.4"),
                    reason="Dovecot 2.3 knows no plugin's settings")
@pytest.mark.parametrize("name, default", {
    "countersign_list_prefix": "Lists",
    "countersign_list_create": "never",
    "countersign_list_max_mailboxes": "200",
}.items())
def test_dovecot_knows_a_setting_and_its_documented_default(name, default):
    assert run("doveconf", "-d", "-h", name).stdout.strip() == default
