"""Installed packages at work in the servers that are installed beside them."""

import pytest
from harness.process import run
from mailhost import (assert_all_at_work, assert_at_work, configure_servers,
                      set_up)
from units import make_accounts


@pytest.fixture(scope="module", autouse=True)
def site():
    make_accounts()
    configure_servers()
    set_up()


def test_key_and_password_log_in_and_mail_is_checked_signed_and_filed():
    assert_all_at_work()


def test_stock_servers_are_back_when_setup_is_reverted():
    run("countersign", "setup", "postfix", "--revert")
    run("countersign", "setup", "dovecot", "--revert")
    assert_at_work([])
