"""Who a key logs in as: the same in every protocol, with every kind of TLS.

The cases are those of mox's table for IMAP, but for one: there an unknown key
ends the handshake, here it is as good as none. A table of what each protocol's
clients got ends the run.
"""

import itertools
import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import NamedTuple

import pytest
from harness import dovecot_settings, protocols, tls
from harness.connections import KINDS, VERSIONS, Client, Kind
from harness.report import print_table

# Dovecot answers refusals together, twice a second: that is what takes time.
AT_ONCE = 16

CERTIFICATES = list(itertools.product(["P-256", "Ed25519", "RSA-2048"],
                                      ["self-signed", "expired"]))
BESIDE_CA = list(itertools.product(["P-256"],
                                   ["self-signed", "expired", "issued"]))

SERVICES = "".join(map(dovecot_settings.one_process, (
    "imap-login", "pop3-login", "submission-login", "managesieve-login")))
CONFIG = SERVICES + dovecot_settings.more_mechanisms("login") + """
protocols = imap pop3 lmtp sieve submission
mail_max_userip_connections = 0
hostname = mail.example.org
submission_relay_host = 127.0.0.1
service submission-login {
  inet_listener submission {
    port = 1587
  }
  inet_listener submissions {
    port = 1465
    ssl = yes
  }
}
service managesieve-login {
  inet_listener sieves {
    port = 5190
    ssl = yes
  }
}
"""


class Site(NamedTuple):
    anna: str
    bert: str
    keys: dict  # by certificate, of anna's, preauth off
    preauth_keys: dict
    unknown_keys: dict


class KeyClient(Client):
    """With the keys of a site that have one sort of certificate."""

    def __init__(self, site, kind, certificate):
        super().__init__(kind)
        self.site = site
        self.key = site.keys.get(certificate)
        self.preauth_key = site.preauth_keys.get(certificate)
        self.unknown_key = site.unknown_keys.get(certificate)

    def greeted(self, key):
        """A connection for a login, and what mechanisms it offers."""
        lines, greeting = self.connect(key)
        assert "PREAUTH" not in greeting
        return lines, self.protocol.mechanisms(lines)

    def external(self, lines, *authzid):
        assert self.protocol.external(lines, *authzid)
        assert self.protocol.works(lines)
        return "logged in"


# The cases: each is given a client, and tells what it got in a few words.


def external_as_nobody(client):
    lines, mechanisms = client.greeted(client.key)
    assert "EXTERNAL" in mechanisms
    return client.external(lines, "")


def external_without_an_initial_response(client):
    lines, _ = client.greeted(client.key)
    return client.external(lines)


def external_as_the_account(client):
    lines, _ = client.greeted(client.key)
    return client.external(lines, client.site.anna)


def external_as_its_login_address(client):
    lines, _ = client.greeted(client.key)
    return client.external(lines, "anna@example.org")


def external_as_its_other_address(client):
    lines, _ = client.greeted(client.key)
    return client.external(lines, "a.nother@example.org")


def external_as_that_with_a_tag(client):
    lines, _ = client.greeted(client.key)
    return client.external(lines, "a.nother+tag@example.org")


def external_and_passwords_of_another_account(client):
    protocol, bert = client.protocol, client.site.bert
    lines, _ = client.greeted(client.key)
    assert not protocol.external(lines, bert)
    assert not protocol.plain(lines, bert, "secret")
    assert not protocol.by_command(lines, "bert@example.org", "secret")
    return f"refused, then {client.external(lines, client.site.anna)}"


def password_of_its_other_address(client):
    lines, _ = client.greeted(client.key)
    assert client.protocol.plain(lines, "a.nother@example.org", "secret")
    assert client.protocol.works(lines)
    return "logged in"


def key_with_preauth(client):
    lines, greeting = client.connect(client.preauth_key)
    assert greeting.startswith("* PREAUTH ") == client.kind.preauth
    client.protocol.mechanisms(lines)
    if not client.kind.preauth:
        return f"{client.external(lines, '')} by EXTERNAL"
    assert not client.protocol.by_command(lines, client.site.anna, "secret")
    assert not client.protocol.external(lines, "")
    assert client.protocol.works(lines)
    return "PREAUTH, no second login"


def unknown_key(client):
    lines, _ = client.greeted(client.unknown_key)
    assert not client.protocol.external(lines, "")
    assert client.protocol.plain(lines, client.site.anna, "secret")
    assert client.protocol.works(lines)
    return "EXTERNAL refused, password logged in"


def no_key(client):
    lines, mechanisms = client.greeted(None)
    assert "EXTERNAL" not in mechanisms
    assert not client.protocol.external(lines, "")
    assert client.protocol.plain(lines, client.site.anna, "secret")
    return "EXTERNAL refused, password logged in"


USUAL = [
    (external_as_nobody, CERTIFICATES),
    (external_without_an_initial_response, CERTIFICATES),
    (external_as_the_account, CERTIFICATES),
    (external_as_its_login_address, CERTIFICATES),
    (external_as_its_other_address, CERTIFICATES),
    (external_as_that_with_a_tag, CERTIFICATES),
    (external_and_passwords_of_another_account, CERTIFICATES),
    (password_of_its_other_address, CERTIFICATES),
    (key_with_preauth, CERTIFICATES),
    (unknown_key, CERTIFICATES),
    (no_key, [()]),
]
# A site that asks for certificates itself, of its own authority.
WITH_CLIENT_CA = [
    (external_as_nobody, BESIDE_CA),
    (key_with_preauth, BESIDE_CA),
    (unknown_key, BESIDE_CA),
]


class Cell(NamedTuple):
    """One test."""

    case: object
    kind: Kind
    certificate: tuple

    def __str__(self):
        return "-".join((*self.kind, *self.certificate, self.case.__name__))


def cells(cases):
    made = [Cell(case, kind, certificate) for case, certificates in cases
            for kind in KINDS for certificate in certificates]
    return pytest.mark.parametrize("cell", made, ids=str)


class Results:
    """The outcomes of tests of one name, which are run side by side."""

    def __init__(self, site, server, items, name):
        self.site = site
        self.server = server
        self.pool = ThreadPoolExecutor(AT_ONCE)
        self.outcomes = {
            item.callspec.params["cell"]: self.pool.submit(
                self._run, item.callspec.params["cell"])
            for item in items if item.originalname == name}

    def _run(self, cell):
        """What the client got, and all that was logged by then."""
        begin = self.server.log_size()
        with KeyClient(self.site, cell.kind, cell.certificate) as client:
            try:
                return cell.case(client)
            except Exception as failure:
                failure.add_note(self.server.log(begin))
                raise

    def stop(self):
        self.pool.shutdown(cancel_futures=True)


def table_rows(results, where):
    """For each case, what the clients of each protocol got, and how many."""
    got = {}
    for cell, outcome in results.outcomes.items():
        if outcome.cancelled():
            continue
        words = "FAILED" if outcome.exception() else outcome.result()
        counts = got.setdefault(cell.case.__name__, {}).setdefault(
            cell.kind.protocol, {})
        counts[words] = counts.get(words, 0) + 1
    for case, by_protocol in got.items():
        yield (case.replace("_", " ") + where, *(
            "; ".join(f"{words} ({count})" for words, count in
                      by_protocol.get(name, {}).items())
            for name in protocols.ALL))


@pytest.fixture(scope="module")
def table(request):
    """The results, and where, that the table in the end is made of."""
    parts = []
    yield parts
    print_table(request, [
        (f"Dovecot {dovecot_settings.RELEASE}", *protocols.ALL),
        *(row for part in parts for row in table_rows(*part))])


@pytest.fixture(scope="module")
def running(stack):
    with stack.usually("dovecot", CONFIG):
        yield stack


@pytest.fixture(scope="module")
def site(running):
    anna = running.account("anna", password="secret")
    running.countersign("address", "add", "a.nother@example.org", anna)
    bert = running.account("bert", password="secret")

    def made(certificate, account, preauth):
        algorithm, dates = certificate
        key = running.device_key(account, algorithm=algorithm,
                                 preauth=preauth, expired=dates == "expired")
        if dates == "issued":
            tls.issue(key)
        return key

    def keys(account, preauth=False):
        return {certificate: made(certificate, account, preauth)
                for certificate in {*CERTIFICATES, *BESIDE_CA}}

    return Site(anna, bert, keys(anna), keys(anna, True), keys(None))


@contextmanager
def run(request, site, stack, name):
    results = Results(site, stack.servers["dovecot"], request.session.items,
                      name)
    try:
        yield results
    finally:
        results.stop()


@pytest.fixture(scope="module")
def results(request, site, running, table):
    with run(request, site, running, "test_login_with_a_key") as made:
        table.append((made, ""))
        yield made


@pytest.fixture(scope="module")
def results_with_client_ca(request, site, stack, table):
    with stack.usually("dovecot", CONFIG + dovecot_settings.client_ca(tls.CA)):
        with run(request, site, stack,
                 "test_login_with_a_key_beside_a_sites_own_client_ca") as made:
            table.append((made, ", beside the site's own client CA"))
            yield made


@cells(USUAL)
def test_login_with_a_key(results, cell):
    assert results.outcomes[cell].result()


@pytest.mark.parametrize("protocol", protocols.ALL)
def test_a_session_outlasts_the_first_connection_without_tls(
        site, running, protocol):
    """In 2.3, what asks for keys after STARTTLS of submission is set then."""
    running.servers["dovecot"].restart()
    key = site.keys[CERTIFICATES[0]]
    with ExitStack() as stack:
        clients = [stack.enter_context(Client(Kind(
            protocol, "implicit", version, "resumed"))) for version in VERSIONS]
        sessions = [client.session(key) for client in clients]
        clients[0].begin_without_tls()
        for client, session in zip(clients, sessions):
            lines, _ = client.begin(key, session)
            assert lines.sock.session_reused
            assert client.protocol.external(lines, "")


@cells(WITH_CLIENT_CA)
def test_login_with_a_key_beside_a_sites_own_client_ca(results_with_client_ca,
                                                       cell):
    assert results_with_client_ca.outcomes[cell].result()


def test_the_log_has_no_panic_in_it(site, running):
    log = running.servers["dovecot"].log()
    assert not re.search("Panic|killed with signal", log)
