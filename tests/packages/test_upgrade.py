"""A new version takes over from the one before, with all that was made with it.

Under systemd, as on a machine in use.
"""

from pathlib import Path

import pytest
from debian import PACKAGES, apt, debs, installed
from harness.process import run
from harness.postfix import FOLDER
from mailhost import (ENFORCE, assert_all_at_work, configure_servers, fetch,
                      set_up)
from units import SOCKETS, make_accounts, property_of, submit

DATA = Path("/var/lib/countersign")
CONF = Path("/etc/countersign")
OLD_LINE = "# As it came with 0.0.9.\n"
PUBLISHED = DATA / "published/dovecot.userdb"


def contents(*folders):
    """Path -> content, of the files there."""
    return {path: path.read_bytes() for folder in folders
            for path in sorted(folder.rglob("*")) if path.is_file()}


def kept():
    """What nobody but the admin changes: data, and what was set up."""
    return {**contents(DATA / "dkim", DATA / "tlspubkey", FOLDER,
                        Path("/etc/dovecot")),
            ENFORCE: ENFORCE.read_bytes(),
            "export": run("countersign", "directory", "export").stdout}


def processes():
    return {unit: property_of(unit, "MainPID") for unit in SOCKETS}


def change_version(folder):
    """As `apt upgrade` would, with nobody there to ask."""
    before, old = kept(), processes()
    PUBLISHED.unlink()  # as if the other version knew nothing of it
    apt("install", "--allow-downgrades", *debs(*PACKAGES, folder=folder))
    assert PUBLISHED.exists()
    assert kept() == before
    new = processes()
    assert all(new[unit] not in ("0", old[unit]) for unit in SOCKETS)


@pytest.fixture(scope="module", autouse=True)
def previous():
    apt("install", *debs(*PACKAGES, folder="/previous"))
    make_accounts()
    configure_servers()
    set_up()
    assert submit("from before").accepted
    fetch("from before")


def test_the_previous_version_works():
    assert set(installed()) == set(PACKAGES)
    assert {version.partition("~")[0] for version in
            installed().values()} == {"0.0.9"}
    assert (CONF / "countersign.conf").read_text().endswith(OLD_LINE)
    assert_all_at_work()


def test_upgraded_it_goes_on_with_data_and_settings_kept():
    change_version("/packages")
    assert "0.0.9" not in str(installed())
    assert OLD_LINE not in (CONF / "countersign.conf").read_text()
    assert_all_at_work()
    fetch("from before")


def test_going_back_keeps_them_too():
    change_version("/previous")
    assert "0.0.9" in str(installed())
    assert_all_at_work()
