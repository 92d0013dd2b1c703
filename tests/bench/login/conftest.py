"""Stock Dovecots, with and without our modules, and who can log in there."""

import sys
import time
from pathlib import Path

import pytest

sys.path[:0] = [str(Path(__file__).parent),
                str(Path(__file__).parent.parent.parent / "system")]

from directories import (KEYS_EACH, Directory, write_passwords,  # noqa: E402
                         write_people)
from dovecots import (Dovecot, asks_for_certificates, keys,  # noqa: E402
                      passwd_file, sqlite)
from harness import tls  # noqa: E402
from harness.process import run  # noqa: E402

# What a run of a few minutes takes less of.
NUMBERS = {"keys": 1_000_000, "logins": 160, "many": 100_000,
           "requests": 10_000, "rounds": 9}
FEW_KEYS = 1000
FOLDER = Path("/var/lib/bench")
PASSWORDS = FOLDER / "passwd"


def people(count):
    return FOLDER / f"people-{count}"


def pytest_addoption(parser):
    for name, number in NUMBERS.items():
        parser.addoption(f"--{name}", type=int, default=number)


def pytest_configure(config):
    for name in NUMBERS:
        NUMBERS[name] = config.getoption(name)


@pytest.fixture(scope="session")
def device_keys():
    """By how they log in."""
    return {how: tls.DeviceKey(FOLDER, how) for how in ("external",
                                                        "preauth")}


@pytest.fixture(scope="session", autouse=True)
def host():
    FOLDER.mkdir()
    tls.make_ca()
    run("useradd", "--system", "--home-dir", "/var/vmail", "--create-home",
        "vmail")
    write_passwords(PASSWORDS, FEW_KEYS // KEYS_EACH)
    for count in (FEW_KEYS, NUMBERS["keys"]):
        write_people(people(count), count)


@pytest.fixture(scope="session")
def directories(host, device_keys):
    made = {}
    for count in (FEW_KEYS, NUMBERS["keys"]):
        start = time.monotonic()
        made[count] = Directory(FOLDER / str(count), count)
        made[count].make(device_keys["external"], device_keys["preauth"])
        print(f"\n{count} keys imported and published in "
              f"{time.monotonic() - start:.0f} s", flush=True)
    return made


@pytest.fixture(scope="session")
def dovecots(directories, device_keys):
    """Not started; by name. Each file of tests has them anew."""
    certificates = FOLDER / "certificates"
    certificates.write_text("".join(key.pem()
                                    for key in device_keys.values()))
    asking = asks_for_certificates(certificates)
    passwords = passwd_file(PASSWORDS)
    return {
        "stock": Dovecot("stock", "192.0.2.2", asking + passwords),
        "bare": Dovecot("bare", "192.0.2.3", passwords),
        "sql": Dovecot("sql", "192.0.2.6", sqlite(people(FEW_KEYS), FOLDER)),
        "sql-many": Dovecot("sql-many", "192.0.2.7",
                            sqlite(people(NUMBERS["keys"]), FOLDER)),
        "few": Dovecot("few", "192.0.2.4",
                       keys(directories[FEW_KEYS].uri) + passwords),
        "many": Dovecot("many", "192.0.2.5",
                        keys(directories[NUMBERS["keys"]].uri) + passwords),
    }
