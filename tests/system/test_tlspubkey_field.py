"""The signed field between login and auth, forged in every way."""

import base64
import imaplib
import re

import pytest
from harness import tls
from harness.auth_socket import (AuthClient, Session, authenticate,
                                 fingerprint, sign)
from harness.dovecot_settings import OLD, keys_fields


@pytest.fixture
def anna(mail):
    return mail.account()


@pytest.fixture
def key(mail, anna):
    return fingerprint(mail.device_key(anna))


def test_a_field_signed_with_the_secret_is_good_once(anna, key):
    session = Session()
    field = "tlspubkey=" + sign(key, session)
    reply = authenticate(session, field)
    assert reply[0] == "OK", reply
    assert f"user={anna}" in reply
    assert f"tlspubkey_checked=sha256:{key.hex()}" in reply
    assert authenticate(session, field)[0] == "FAIL"


def test_the_field_goes_no_further_than_auth(key):
    session = Session()
    reply = authenticate(session, "tlspubkey=" + sign(key, session),
                         "tlspubkey_bare=y", "other=x")
    assert "forward_other=x" in reply
    assert not [word for word in reply if word.startswith("forward_tlspubkey")]


@pytest.mark.parametrize("change", [{"id": "another"},
                                    {"address": "192.0.2.8"},
                                    {"port": 50144}, {"protocol": "pop3"}])
def test_a_field_is_refused_in_another_session(mail, key, change):
    session = Session()
    field = "tlspubkey=" + sign(key, session)
    reply = authenticate(session.but(**change), field)
    assert reply[0] == "FAIL", reply
    mail.wait_log("dovecot", "not signed with our secret for this session")
    assert authenticate(session, field)[0] == "OK"


@pytest.mark.parametrize("gate", ["all", "key"])
def test_what_the_site_adds_is_of_every_login_and_of_the_account(
        mail, anna, key, gate):
    """Where a proxy's users go, say: who is not sent on would log in there."""
    mail.set_password(anna, "secret")
    user = "%u" if OLD else "%{user}"
    with mail.keys_settings(gate=gate, authzid="ignore",
                            **keys_fields({"more": f"of-{user}"})):
        for authzid in ("", "bert", f"{anna}@example.org"):
            session = Session()
            reply = authenticate(session, "tlspubkey=" + sign(key, session),
                                 response=authzid.encode())
            assert reply[0] == "OK" and f"more=of-{anna}" in reply, reply
        reply = authenticate(Session(), mechanism="PLAIN",
                             response=f"\0{anna}\0secret".encode())
        assert reply[0] == "OK" and f"more=of-{anna}" in reply, reply


def test_a_field_of_another_secret_is_refused(key):
    session = Session()
    field = "tlspubkey=" + sign(key, session, secret=b"x" * 32)
    reply = authenticate(session, field)
    assert reply[0] == "FAIL" and "code=temp_fail" in reply, reply


def test_an_old_field_is_put_off(key):
    session = Session()
    reply = authenticate(session, "tlspubkey=" + sign(key, session, age=62))
    assert reply[0] == "FAIL" and "code=temp_fail" in reply, reply


@pytest.mark.parametrize("fields", [
    (), ("tlspubkey",), ("tlspubkey=",), ("tlspubkey=1:2:3",),
    ("tlspubkey_checked",), ("tlspubkey_checked=y",),
    ("tlspubkey_key=sha256:" + "0" * 64,),
    ("tlspubkey_checked", "tlspubkey_key"),
    ("nopassword",), ("forward_tlspubkey",)])
def test_fields_without_a_signature_let_nobody_in(anna, fields):
    reply = authenticate(Session(), *fields, response=anna.encode())
    assert reply[0] == "FAIL", reply


def test_a_forged_field_spoils_a_password_too(mail):
    anna = mail.account(password="secret")
    password = b"\0" + anna.encode() + b"\0secret"
    session = Session()
    assert authenticate(session, mechanism="PLAIN",
                        response=password)[0] == "OK"
    reply = authenticate(session, "tlspubkey=1:2:3", mechanism="PLAIN",
                         response=password)
    assert reply[0] == "FAIL", reply


def test_what_a_trusted_networks_client_forwards_under_our_name_is_dropped(
        mail, key):
    anna = mail.account(password="secret")
    mail.restart("dovecot", "login_trusted_networks = 192.0.2.0/24\n")
    session = imaplib.IMAP4_SSL("mail.example.org", 993,
                                ssl_context=tls.client_context())
    forged = sign(key, Session())
    session.xatom("ID", f'("x-forward-tlspubkey" "{forged}" '
                        f'"x-forward-tlspubkey_checked" "y" '
                        f'"x-forward-TLSpubkey" "y")')
    with pytest.raises(imaplib.IMAP4.error):
        session.authenticate("EXTERNAL", lambda _: anna.encode())
    # Had auth seen the field, it would have refused the password with it.
    session.login(anna, "secret")
    assert not re.search(rf"\b{anna}\b.*key field", mail.log("dovecot"))


def test_a_trusted_networks_client_cannot_hide_its_own_key(mail, anna):
    device = mail.device_key(anna)
    mail.restart("dovecot", "login_trusted_networks = 192.0.2.0/24\n")
    session = imaplib.IMAP4_SSL("mail.example.org", 993,
                                ssl_context=tls.client_context(device))
    session.xatom("ID", '("x-forward-tlspubkey" "1:2:3" "x-forward-a" "b")')
    session.authenticate("EXTERNAL", lambda _: b"")
    mail.wait_login(anna, "EXTERNAL")


@pytest.mark.parametrize("preauth,answer", [(True, b"Y"), (False, b"N")])
def test_the_mechanism_that_asks_answers_and_lets_nobody_in(
        mail, anna, preauth, answer):
    known = fingerprint(mail.device_key(anna, preauth=preauth))
    session = Session()
    with AuthClient() as client:
        field = "tlspubkey=" + sign(known, session)
        assert client.begin(session, "TLSPUBKEY", field) == [
            "CONT", "1", base64.b64encode(answer).decode()]
        assert client.go_on(anna.encode())[0] == "FAIL"


@pytest.mark.parametrize("fields", [(), ("tlspubkey=1:2:3",),
                                    ("tlspubkey_checked=y",)])
def test_without_a_key_the_answer_is_no(fields):
    with AuthClient() as client:
        assert client.begin(Session(), "TLSPUBKEY", *fields) == [
            "CONT", "1", base64.b64encode(b"N").decode()]


def test_a_field_that_was_asked_about_is_good_for_no_login(anna, key):
    session = Session()
    field = "tlspubkey=" + sign(key, session)
    with AuthClient() as client:
        assert client.begin(session, "TLSPUBKEY", field)[0] == "CONT"
    assert authenticate(session, field)[0] == "FAIL"
