"""Who a key logs in as: the same in every protocol, with every kind of TLS.

The cases are those of mox's table for IMAP, but for one: there an unknown key
ends the handshake, here it is as good as none.
"""

import itertools
import re
import ssl
from typing import NamedTuple

import pytest
from harness import dovecot_settings, protocols, tls
from harness.lines import Lines

ALGORITHMS = ["P-256", "Ed25519", "RSA-2048"]
VERSIONS = {"TLSv1.2": ssl.TLSVersion.TLSv1_2,
            "TLSv1.3": ssl.TLSVersion.TLSv1_3}
TRANSPORTS = ["implicit", "starttls"]

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


class Kind(NamedTuple):
    """Of a connection."""

    protocol: str
    transport: str
    version: str
    how: str  # "full" or "resumed"

    @property
    def preauth(self):
        return self.protocol == "imap" and self.transport == "implicit"


KINDS = [Kind(*words) for words in itertools.product(
    protocols.ALL, TRANSPORTS, VERSIONS, ["full", "resumed"])]
CERTIFICATES = list(itertools.product(ALGORITHMS, ["self-signed", "expired"]))


class Clients:
    """Makes connections, and keeps what is needed to resume sessions."""

    def __init__(self):
        self.contexts = {}
        self.first = {}

    def context(self, version, key):
        if (version, key) not in self.contexts:
            context = tls.client_context(key)
            context.minimum_version = context.maximum_version = (
                VERSIONS[version])
            self.contexts[version, key] = context
        return self.contexts[version, key]

    def connect(self, kind, key):
        """The lines behind the greeting, and that."""
        session = None
        if kind.how == "resumed":
            session = self.session(kind, key)
        lines, greeting = self._connect(kind, key, session)
        assert lines.sock.version() == kind.version
        assert lines.sock.session_reused == (session is not None)
        return lines, greeting

    def _connect(self, kind, key, session=None):
        protocol = protocols.ALL[kind.protocol]
        context = self.context(kind.version, key)
        if kind.transport == "implicit":
            lines = Lines(protocol.tls_port, context, session)
            return lines, protocol.greeting(lines)
        lines = Lines(protocol.plain_port)
        greeting = protocol.greeting(lines)
        if kind.protocol == "submission":
            protocol.mechanisms(lines)  # an EHLO must come first
        protocol.starttls(lines)
        lines.starttls(context, session)
        if protocol.after_starttls is not None:
            protocol.after_starttls(lines)
        return lines, greeting

    def session(self, kind, key):
        """Of a connection before; that is kept, as its end ends sessions."""
        if (kind, key) not in self.first:
            lines, _ = self._connect(kind, key)
            # TLS 1.3 has the ticket come with what is read after it.
            protocols.ALL[kind.protocol].mechanisms(lines)
            self.first[kind, key] = lines
        return self.first[kind, key].sock.session


class Site(NamedTuple):
    clients: Clients
    anna: str
    bert: str
    keys: dict  # by certificate, of anna's, preauth off
    preauth_keys: dict
    unknown_keys: dict


@pytest.fixture(scope="module")
def running(stack):
    with stack.usually("dovecot", CONFIG):
        yield stack


@pytest.fixture(scope="module")
def site(running):
    anna = running.account("anna", password="secret")
    running.countersign("address", "add", "a.nother@example.org", anna)
    bert = running.account("bert", password="secret")

    def keys(account, preauth=False):
        return {(algorithm, dates): running.device_key(
            account, algorithm=algorithm, expired=dates == "expired",
            preauth=preauth) for algorithm, dates in CERTIFICATES}

    return Site(Clients(), anna, bert, keys(anna), keys(anna, True),
                keys(None))


@pytest.fixture
def logged(running, request):
    """Marks where this test's log begins, and shows it if the test fails."""
    running.mark()
    request.node.mail = running
    return running


every_kind = pytest.mark.parametrize("kind", KINDS, ids="-".join)
every_certificate = pytest.mark.parametrize("certificate", CERTIFICATES,
                                            ids="-".join)


@pytest.fixture
def protocol(kind):
    return protocols.ALL[kind.protocol]


@pytest.fixture
def lines(site, logged, kind, certificate):
    """A client with a key of anna's that logs in when it says so."""
    session, greeting = site.clients.connect(kind, site.keys[certificate])
    assert "PREAUTH" not in greeting
    yield session
    session.close()


@every_certificate
@every_kind
def test_external_is_offered_and_needs_no_name(protocol, lines):
    assert "EXTERNAL" in protocol.mechanisms(lines)
    assert protocol.external(lines, "")
    assert protocol.works(lines)


@every_certificate
@every_kind
def test_external_works_without_an_initial_response(protocol, lines, kind):
    if kind.protocol == "submission":
        protocol.mechanisms(lines)
    assert protocol.external(lines)
    assert protocol.works(lines)


@pytest.mark.parametrize("authzid", [
    "anna", "anna@example.org", "a.nother@example.org",
    "a.nother+tag@example.org"])
@every_certificate
@every_kind
def test_external_as_any_name_of_the_account(protocol, lines, kind, authzid):
    if kind.protocol == "submission":
        protocol.mechanisms(lines)
    assert protocol.external(lines, authzid)


@every_certificate
@every_kind
def test_as_another_account_it_is_refused_and_may_try_again(
        site, protocol, lines):
    protocol.mechanisms(lines)
    assert not protocol.external(lines, site.bert)
    assert not protocol.plain(lines, site.bert, "secret")
    assert not protocol.by_command(lines, "bert@example.org", "secret")
    assert protocol.external(lines, site.anna)
    assert protocol.works(lines)


@every_certificate
@every_kind
def test_a_password_with_the_accounts_own_key(protocol, lines):
    protocol.mechanisms(lines)
    assert protocol.plain(lines, "a.nother@example.org", "secret")
    assert protocol.works(lines)


@every_certificate
@every_kind
def test_preauth_is_of_imap_with_implicit_tls_alone(
        site, logged, protocol, kind, certificate):
    session, greeting = site.clients.connect(kind,
                                             site.preauth_keys[certificate])
    assert greeting.startswith("* PREAUTH ") == kind.preauth
    if kind.preauth:
        assert not protocol.by_command(session, "anna", "secret")
        assert not protocol.external(session, "")
    else:
        protocol.mechanisms(session)
        assert protocol.external(session, "")
    assert protocol.works(session)
    session.close()


@every_certificate
@every_kind
def test_an_unknown_key_is_as_good_as_none(
        site, logged, protocol, kind, certificate):
    session, greeting = site.clients.connect(kind,
                                             site.unknown_keys[certificate])
    assert "PREAUTH" not in greeting
    protocol.mechanisms(session)
    assert not protocol.external(session, "")
    assert protocol.plain(session, site.anna, "secret")
    assert protocol.works(session)
    session.close()


@every_kind
def test_without_a_key_external_is_refused(site, logged, protocol, kind):
    session, _ = site.clients.connect(kind, None)
    assert "EXTERNAL" not in protocol.mechanisms(session)
    assert not protocol.external(session, "")
    assert protocol.plain(session, site.anna, "secret")
    session.close()


@pytest.fixture(scope="module")
def with_client_ca(site, stack):
    """A site that asks for certificates itself, of its own authority."""
    with stack.usually("dovecot", CONFIG + dovecot_settings.client_ca(tls.CA)):
        yield Clients()


@pytest.mark.parametrize("dates", ["self-signed", "expired", "issued"])
@every_kind
def test_beside_a_sites_own_client_ca(
        site, with_client_ca, logged, protocol, kind, dates):
    if dates == "issued":
        key = logged.device_key(site.anna)
        tls.issue(key)
    else:
        key = site.keys["P-256", dates]
    session, _ = with_client_ca.connect(kind, key)
    assert "EXTERNAL" in protocol.mechanisms(session)
    assert protocol.external(session, "")
    assert protocol.works(session)
    session.close()
    preauth = site.preauth_keys["P-256", "self-signed"]
    session, greeting = with_client_ca.connect(kind, preauth)
    assert greeting.startswith("* PREAUTH ") == kind.preauth
    session.close()
    unknown = site.unknown_keys["P-256", "self-signed"]
    session, greeting = with_client_ca.connect(kind, unknown)
    assert protocol.mechanisms(session)
    assert protocol.plain(session, site.anna, "secret")
    session.close()


def test_the_log_has_no_panic_in_it(site, running):
    log = running.servers["dovecot"].log()
    assert not re.search("Panic|killed with signal", log)
