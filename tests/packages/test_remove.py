"""Whatever is taken out, in whatever order: mail goes on, and so does the rest.

Under systemd, as on a machine in use.
"""

import pytest
from debian import PACKAGES, apt, install, installed
from mailhost import (assert_all_at_work, assert_at_work, configure_servers,
                      set_up)
from units import make_accounts


@pytest.fixture(scope="module")
def site():
    install(*PACKAGES)
    make_accounts()
    configure_servers()


@pytest.fixture
def in_use(site):
    missing = [name for name in PACKAGES if name not in installed()]
    if missing:
        install(*missing)
    set_up()
    assert_all_at_work()


@pytest.mark.parametrize("order", [
    *([name] for name in PACKAGES[::-1]),
    [*PACKAGES[1:], "countersign"],
    PACKAGES[::-1],
], ids=" ".join)
def test_mail_goes_on_after_each_removal(in_use, order):
    for name in order:
        apt("remove", name)
        assert name not in installed()
        assert_at_work(installed())


def test_mail_goes_on_after_all_are_purged_at_once(in_use):
    apt("purge", *PACKAGES)
    assert_at_work([])


def test_installed_again_all_finds_its_accounts_and_keys(site):
    assert not installed()
    install(*PACKAGES)
    set_up()
    assert_all_at_work()
