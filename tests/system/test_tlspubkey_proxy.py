"""Keys through a Dovecot that is a proxy, to a Dovecot that is its backend."""

import re
import socket
import ssl
import threading

import pytest
from harness import proxy as proxies
from harness import tls
from harness.auth_socket import (FORWARD, LOCAL, Session, authenticate,
                                 fingerprint, secrets, sign)
from harness.sasl import PORTS, Login

HOP = ("192.0.2.4", 40123, "192.0.2.1", 143)


@pytest.fixture(scope="module")
def backend(stack):
    with stack.usually("dovecot", proxies.AS_BACKEND):
        yield stack


@pytest.fixture(scope="module")
def running_proxy(backend):
    proxy = proxies.Proxy()
    backend.servers[proxy.name] = proxy
    backend.marks[proxy.name] = 0
    proxy.start()
    yield proxy
    proxy.stop()
    del backend.servers[proxy.name]


@pytest.fixture
def mail(running_proxy, mail):
    return mail


@pytest.fixture
def anna(mail):
    return mail.account(password="secret")


@pytest.fixture
def device(mail, anna):
    return mail.device_key(anna)


def by_proxy(protocol, mechanism, response=b"", key=None):
    return Login(protocol, mechanism, response, key, proxies.ADDRESS)


def plain(account):
    return b"\0" + account.encode() + b"\0secret"


@pytest.mark.parametrize("protocol", PORTS)
def test_a_key_logs_in_at_the_backend(mail, anna, device, protocol):
    login = by_proxy(protocol, "EXTERNAL", key=device)
    assert login.accepted, login.line
    mail.wait_login(anna, "EXTERNAL", "key=<laptop>")


@pytest.mark.parametrize("protocol", PORTS)
def test_a_password_goes_along_with_the_key(mail, anna, device, protocol):
    login = by_proxy(protocol, "PLAIN", plain(anna), device)
    assert login.accepted, login.line
    mail.wait_login(anna, "PLAIN", "key=<laptop>")


@pytest.mark.parametrize("protocol", PORTS)
def test_a_password_without_a_key_is_as_before(mail, anna, protocol):
    login = by_proxy(protocol, "PLAIN", plain(anna))
    assert login.accepted, login.line
    line = mail.wait_login(anna, "PLAIN", ".*")
    assert "key=<laptop>" not in line[0]


def test_a_wrong_password_is_the_backends_to_refuse(anna, device):
    assert not by_proxy("imap", "PLAIN", plain(anna) + b"x", device).accepted


def test_the_key_of_another_account_is_refused(mail, device):
    bert = mail.account(password="secret")
    assert not by_proxy("imap", "PLAIN", plain(bert), device).accepted


def test_a_removed_key_is_refused(mail, anna, device):
    mail.countersign("key", "remove", fingerprint(device).hex())
    assert not by_proxy("imap", "EXTERNAL", key=device).accepted
    # As without a key.
    assert by_proxy("imap", "PLAIN", plain(anna), device).accepted


def test_a_disabled_account_is_refused(mail, anna, device):
    mail.countersign("account", "disable", anna)
    for mechanism, response in (("EXTERNAL", b""), ("PLAIN", plain(anna))):
        assert not by_proxy("imap", mechanism, response, device).accepted


def test_a_proxy_with_another_secret_speaks_for_nobody(mail, anna, device):
    path = proxies.SECRETS / FORWARD.name
    good = path.read_text()
    path.write_text("8" * 64)
    try:
        mail.servers["dovecot-proxy"].restart()
        login = by_proxy("imap", "EXTERNAL", key=device)
        password = by_proxy("imap", "PLAIN", plain(anna), device)
    finally:
        path.write_text(good)
        mail.servers["dovecot-proxy"].restart()
    assert "UNAVAILABLE" in login.line, login.line
    assert "UNAVAILABLE" in password.line, password.line
    mail.wait_log("dovecot", "signed with a secret that auth does not know")


def test_a_proxy_that_is_not_trusted_speaks_for_nobody(mail, anna, device):
    mail.restart("dovecot", proxies.AS_BACKEND +
                 "login_trusted_networks = 198.51.100.0/24\n")
    assert not by_proxy("imap", "EXTERNAL", key=device).accepted


# What somebody in a trusted network says, to the backend itself.


def say_id(fields, command, host="mail.example.org"):
    """The reply to an IMAP command behind an ID with these fields."""
    with socket.create_connection((host, 993), 30) as plain_socket, \
            tls.client_context().wrap_socket(
                plain_socket, server_hostname="mail.example.org") as client:
        lines = client.makefile("r", encoding="utf-8")
        assert lines.readline().startswith("* OK")
        words = " ".join(f'"{name}" "{value}"'
                         for name, value in fields.items())
        client.sendall(f"i ID ({words})\r\na {command}\r\n".encode())
        for line in lines:
            if line.startswith("a "):
                return line
    return ""


class FakeBackend:
    """Takes one login of a proxy by IMAP, and what that passes on."""

    def __init__(self, address):
        self.listener = socket.create_server((address, 10993))
        self.fields = {}
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self):
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(tls.CERTIFICATE, tls.KEY)
        connection, _ = self.listener.accept()
        with context.wrap_socket(connection, server_side=True) as client:
            lines = client.makefile("r", encoding="utf-8")
            client.sendall(b"* OK [CAPABILITY IMAP4rev1 SASL-IR ID "
                           b"AUTH=EXTERNAL] ready\r\n")
            self.fields = {
                name.lower(): value for name, value in
                re.findall(r'"([^"]*)" "([^"]*)"', lines.readline())}
            lines.readline()
            client.sendall(b"I OK\r\nL NO [AUTHENTICATIONFAILED] no\r\n")
            lines.read()

    def take(self):
        self.thread.join(30)
        self.listener.close()
        return self.fields


@pytest.fixture
def captured(mail, device):
    """What the proxy told a backend that is not the real one."""
    backend = FakeBackend("192.0.2.5")
    proxy = mail.servers["dovecot-proxy"]
    proxy.restart({"host": "192.0.2.5", "port": "10993",
                   "ssl": "any-cert"})
    try:
        by_proxy("imap", "EXTERNAL", key=device)
        fields = backend.take()
    finally:
        proxy.restart()
    assert "x-forward-tlspubkey_proxy" in fields, fields
    # Of 2.4: the reply would be in a form of its own.
    fields.pop("x-multiplex", None)
    return fields


def test_a_captured_field_is_good_at_no_other_backend(mail, anna, captured):
    answer = say_id(captured, "AUTHENTICATE EXTERNAL =")
    assert "OK" not in answer.split()[1:2], answer
    mail.wait_log("dovecot", "of a proxy not signed with our secret for this")
    # Nor does it go with the right password.
    answer = say_id(captured, f"LOGIN {anna} secret")
    assert answer.startswith("a NO"), answer


def test_the_local_secret_signs_for_no_proxy(mail, anna, device):
    session = Session(hop=HOP)
    key = fingerprint(device)
    field = sign(key, session, secret=secrets(LOCAL)[0])
    reply = authenticate(session, "tlspubkey_proxy=" + field)
    assert reply[0] == "FAIL", reply


def test_a_field_signed_for_this_connection_is_good_once(anna, device):
    session = Session(hop=HOP)
    field = "tlspubkey_proxy=" + sign(fingerprint(device), session)
    reply = authenticate(session, field)
    assert reply[0] == "OK" and f"user={anna}" in reply, reply
    assert authenticate(session, field)[0] == "FAIL"


@pytest.mark.parametrize("change", [
    {"id": "another"}, {"address": "192.0.2.8"}, {"port": 50144},
    {"protocol": "pop3"}, {"hop": ("192.0.2.3", *HOP[1:])},
    {"hop": (HOP[0], 40124, *HOP[2:])}, {"hop": (*HOP[:2], "192.0.2.3", 143)},
    {"hop": (*HOP[:3], 993)}, {"hop": None}], ids=str)
def test_a_proxys_field_is_refused_elsewhere(mail, device, change):
    session = Session(hop=HOP)
    field = "tlspubkey_proxy=" + sign(fingerprint(device), session)
    reply = authenticate(session.but(**change), field)
    assert reply[0] == "FAIL", reply
    assert authenticate(session, field)[0] == "OK"


def test_a_proxys_field_is_no_login_processes_field(mail, device):
    session = Session(hop=HOP)
    field = sign(fingerprint(device), session)
    assert authenticate(session, "tlspubkey=" + field)[0] == "FAIL"
    local = sign(fingerprint(device), session.but(hop=None))
    assert authenticate(session, "tlspubkey_proxy=" + local)[0] == "FAIL"


@pytest.mark.parametrize("value", ["", "1:2:3", "y"])
def test_who_is_trusted_forges_nothing(mail, anna, value):
    fields = {"x-forward-tlspubkey_proxy": value}
    assert say_id(fields, "AUTHENTICATE EXTERNAL =").startswith("a NO")
    assert say_id(fields, f"LOGIN {anna} secret").startswith("a NO")
    assert say_id({}, f"LOGIN {anna} secret").startswith("a OK")
