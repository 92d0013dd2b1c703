"""Processes that live on are as large after many logins as after a tenth.

What auth remembers of logins, so that none is played back, is that of the last
minute or two.
"""

import pytest
from clients import Client, external, log_in, preauth
from conftest import NUMBERS
from dovecots import one_for_all

GROWTH_MAX = 2 * 1024  # KiB
CONNECTIONS = 8
SERVICES = ("imap-login", "auth", "auth -w")


@pytest.fixture(scope="module")
def dovecot(dovecots):
    dovecots["few"].start(one_for_all())
    yield dovecots["few"]
    dovecots["few"].stop()


def test_memory_stays_the_same_over_many_logins(dovecot, device_keys):
    clients = [Client(dovecot, how, device_keys[name], resumed=True)
               for name, how in (("external", external),
                                 ("preauth", preauth))]
    sizes = []
    print(f"\n{'logins':>10}" + "".join(f"{name:>12}" for name in SERVICES),
          flush=True)
    for tenth in range(1, 11):
        for client in clients:
            log_in(client, NUMBERS["many"] // 20, CONNECTIONS)
        dovecot.idle_cpu()
        sizes.append(dovecot.resident())
        print(f"{NUMBERS['many'] * tenth // 10:10}" + "".join(
            f"{sizes[-1][name]:8} KiB" for name in SERVICES), flush=True)
    for name in SERVICES:
        assert sizes[-1][name] - sizes[0][name] < GROWTH_MAX, name
