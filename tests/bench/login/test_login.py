"""What a login by key takes, beside one by password in stock Dovecot.

Processor time of all Dovecot's processes, those included that ended, for a
login and the LOGOUT behind it: medians of several rounds, in each of which
every Dovecot has its turn. The peer is stock Dovecot with a passwd-file of
plain passwords, without a module of ours, whose clients present the same
certificate and log in by PLAIN. To be reached: 1.25 times that, by EXTERNAL and
by PREAUTH, with 1,000 keys in the directory and with 1,000,000.

A client that comes back to us resumes its session. Stock Dovecot that asks for
certificates ends the connection of one that tries (it sets no session id
context), so there the same client makes a full handshake. What stock takes for
a resumed session of a client whom it asks for no certificate, which is less to
do, stands beside it.
"""

import statistics
import time

import pytest
from conftest import NUMBERS
from clients import Client, external, log_in, plain, preauth
from directories import PASSWORD, USER
from dovecots import one_for_all
from harness.postfix import Postfix

KEYS, ROUNDS = NUMBERS["keys"], NUMBERS["rounds"]
LOGINS = NUMBERS["logins"]  # of a kind, a round
RATIO_MAX = 1.25
CONNECTIONS = (1, 8)
PEER = "PLAIN, stock"
# For comparison: without any certificate, and by password beside a key.
WITHOUT, WITH_KEY = "PLAIN, none asked", "PLAIN and key"


class Relay(Postfix):
    """What Dovecot's submission service goes on to."""

    bare = True

    def wait_ready(self):
        self.wait_greeting(25, b"220 ")


@pytest.fixture(scope="module")
def relay():
    postfix = Relay()
    postfix.start("virtual_alias_maps =\n")
    yield
    postfix.stop()


@pytest.fixture(scope="module", params=["a process each", "one for all"])
def running(request, dovecots, relay):
    """As Dovecot comes, and with processes that live on."""
    more = one_for_all() if request.param == "one for all" else ""
    for dovecot in dovecots.values():
        dovecot.start(more)
    yield request.param
    for dovecot in dovecots.values():
        dovecot.stop()


def clients(dovecots, device_keys, protocol, resumed):
    """By name, how each of them logs in; the peer first."""
    def client(name, how, key, resumes=resumed):
        return Client(dovecots[name], how, key, protocol, resumes)

    by_command, when_greeted = (device_keys[how] for how in ("external",
                                                             "preauth"))
    password = plain(USER, PASSWORD)
    made = {PEER: client("stock", password, by_command, False),
            "EXTERNAL": client("few", external, by_command),
            f"EXTERNAL, {KEYS} keys": client("many", external, by_command)}
    if protocol == "imap":
        made["PREAUTH"] = client("few", preauth, when_greeted)
        made[f"PREAUTH, {KEYS} keys"] = client("many", preauth, when_greeted)
        made[WITH_KEY] = client("few", password, by_command)
        made[WITHOUT] = client("bare", password, None)
    return made


def measure(client, logins, connections):
    """Of a login: ms of the processor, and by the clock."""
    before = client.dovecot.idle_cpu()
    start = time.monotonic()
    log_in(client, logins, connections)
    clock = time.monotonic() - start
    return ((client.dovecot.idle_cpu() - before) * 1000 / logins,
            clock * 1000 / logins)


def interleave(made, logins, connections):
    """By name, the medians of the rounds, and of the ratios to the peer."""
    names = list(made)
    rounds = []
    for number in range(ROUNDS + 1):  # the first one warms up
        names.append(names.pop(0))
        rounds.append({name: measure(made[name], logins, connections)
                       for name in names})
    rounds.pop(0)
    return {name: (statistics.median(each[name][0] for each in rounds),
                   statistics.median(each[name][1] for each in rounds),
                   statistics.median(each[name][0] / each[PEER][0]
                                     for each in rounds))
            for name in made}


CASES = [("imap", False, 1), ("imap", False, 8), ("imap", True, 1),
         ("imap", True, 8), ("pop3", False, 8), ("sieve", False, 8),
         ("submission", False, 8)]


@pytest.mark.parametrize("protocol, resumed, connections", CASES)
def test_a_login_by_key_takes_little_more_than_one_by_password(
        running, dovecots, device_keys, protocol, resumed, connections):
    if resumed and running == "a process each":
        pytest.skip("each process has tickets of its own")
    made = clients(dovecots, device_keys, protocol, resumed)
    logins = LOGINS if running == "one for all" else LOGINS // 4
    table = interleave(made, max(logins, connections), connections)
    print(f"\n{running}: {protocol}, {'resumed' if resumed else 'full'}, "
          f"{connections} at a time\n{'':26}{'CPU ms':>8}{'ratio':>7}"
          f"{'logins/s':>10}")
    for name, (cpu, clock, ratio) in table.items():
        print(f"{name:26}{cpu:8.2f}{ratio:7.2f}{1000 / clock:10.0f}",
              flush=True)
    too_much = {name: ratio for name, (_, _, ratio) in table.items()
                if ratio > RATIO_MAX and name not in (WITH_KEY, WITHOUT)}
    assert not too_much
