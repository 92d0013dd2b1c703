"""What auth takes for a login by key, beside a stock passdb with workers.

The peer is `passdb sql` with SQLite, whose look-ups go to auth's workers as
ours do. Medians of several rounds, in each of which every Dovecot has its turn.
To be reached: EXTERNAL at least at the rate of the peer, with 1,000 keys and as
many users there, and with 1,000,000. On a shared machine a ratio differs by
some hundredths from round to round, so that what has failed is slower in three
rounds of four.
"""

import statistics

import pytest
from auth_load import by_key, by_password, send, users
from conftest import FEW_KEYS, NUMBERS

# Ours, and what it is measured by.
PAIRS = [("few", "sql"), ("many", "sql-many")]
NAMES = [name for pair in PAIRS for name in pair]
WINDOWS = (1, 8, 64)  # requests at a time


@pytest.fixture(scope="module")
def running(dovecots):
    asked = {name: dovecots[name] for name in NAMES}
    for dovecot in asked.values():
        dovecot.start()
    yield asked
    for dovecot in asked.values():
        dovecot.stop()


def measure(dovecot, requests, window, expected):
    """Requests a second, and us of the processor for each."""
    before = dovecot.idle_cpu()
    seconds, found = send(dovecot.run / "auth-client", requests, window)
    assert expected is None or found == expected
    return (len(requests) / seconds,
            (dovecot.idle_cpu() - before) * 1e6 / len(requests))


@pytest.mark.parametrize("window", WINDOWS)
def test_external_is_as_fast_as_a_stock_passdb_with_workers(running, window):
    count = NUMBERS["requests"]

    def turn(name):
        size = NUMBERS["keys"] if "many" in name else FEW_KEYS
        if name.startswith("sql"):
            return measure(running[name], by_password(size, count), window,
                           None)
        return measure(running[name], by_key(size, count), window,
                       users(size, count))

    names = list(NAMES)
    rounds = []
    for _ in range(NUMBERS["rounds"] + 1):  # the first one warms up
        names.append(names.pop(0))
        rounds.append({name: turn(name) for name in names})
    rounds.pop(0)
    print(f"\n{window} at a time\n{'':10}{'requests/s':>11}{'ratio':>7}"
          f"{'half of them':>14}{'CPU us':>8}{'ratio':>7}")
    too_slow = {}
    for name, peer in [pair for ours, peer in PAIRS
                       for pair in ((peer, peer), (ours, peer))]:
        rate, cpu = (statistics.median(each[name][which] for each in rounds)
                     for which in (0, 1))
        faster, dearer = ([each[name][which] / each[peer][which]
                           for each in rounds] for which in (0, 1))
        low, middle, high = statistics.quantiles(faster, n=4)
        print(f"{name:10}{rate:11.0f}{middle:7.2f}{low:9.2f}-{high:.2f}"
              f"{cpu:8.0f}{statistics.median(dearer):7.2f}", flush=True)
        if high < 1:
            too_slow[name] = middle
    assert not too_slow
