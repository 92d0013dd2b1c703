"""Which mail is signed, by the way that it comes: stock Postfix asks about all
mail here, its own and that of port 25 too. dkimpy asks real DNS for the keys."""

import smtplib

import pytest
from harness.dkim import DAEMON, activate_keys, signed_selectors
from harness.dovecot import script
from harness.paths import (ANSWERS, arrives, asked_of_all, forwarder, message,
                           postfix_with, sendmail, sendmail_bs)

PASSWORD = "correct horse"
FILTER = "unix:countersign/dkim/milter"
EVERYWHERE = asked_of_all(FILTER)
everywhere = postfix_with(EVERYWHERE)
OUTSIDE = "192.0.2.9"
HOST = "mail.example.org"  # whose bounces are MAILER-DAEMON's there


@pytest.fixture(scope="module")
def selectors(stack):
    """anna, who may write on behalf of boss, bert, and carl, who has Sieve
    scripts; those of the keys of example.org."""
    for name in ("bert", "carl"):
        stack.account(name)
    stack.account("anna", password=PASSWORD)
    stack.countersign("grant", "add", "anna", "boss@example.org",
                      "--on-behalf")
    return activate_keys(stack)


def settings(mail, *lines):
    mail.reload(DAEMON, "".join(f"{line}\n" for line in lines))


def outside(mail, text, to="anna@example.org"):
    reply = mail.deliver("x@example.net", [to], text)
    assert reply.accepted, reply


def from_client(text, client, server, sender="x@example.net"):
    """To port 25, without a login."""
    with smtplib.SMTP(server, 25, timeout=30,
                      source_address=(client, 0)) as session:
        session.sendmail(sender, "anna@example.org", text)


def wait_unsigned(mail, reason, path="local"):
    mail.wait_log(DAEMON, f"verdict=unsigned path={path} .*{reason}")


def silent(mail):
    return "verdict=" not in mail.log(DAEMON)


# With a login.

def test_mail_of_a_login_is_signed(mail, selectors):
    text, mark = message("anna@example.org")
    assert mail.submit("anna", PASSWORD, "anna@example.org",
                       ["anna@example.org"], text).accepted
    assert signed_selectors(arrives(mail, mark)) == selectors
    mail.wait_log(DAEMON, "verdict=signed login=anna domain=example.org "
                          f"selectors={','.join(selectors)}")


@pytest.mark.parametrize("author, sender, signed", [
    ("anna@example.org", None, True),
    ("bert@example.org", None, False),
    ("anna@example.org, bert@example.org", "anna@example.org", False),
    ("anna@example.org, anna+x@example.org", "anna@example.org", True),
    ("boss@example.org", None, False),
    ("boss@example.org", "anna@example.org", True),
    ("boss@example.org", "bert@example.org", False),
])
def test_without_the_sender_check_no_login_gets_anothers_signature(
        mail, selectors, author, sender, signed):
    mail.restart("postfix", EVERYWHERE
                 + f"[submissions]\nsmtpd_milters = {FILTER}\n")
    text, mark = message(author)
    if sender is not None:
        text = f"Sender: {sender}\n{text}"
    assert mail.submit("anna", PASSWORD, "anna@example.org",
                       ["anna@example.org"], text).accepted
    assert signed_selectors(arrives(mail, mark)) == (
        selectors if signed else [])


def test_whoever_writes_on_behalf_is_signed_by_the_sender_that_is_added(
        mail, selectors):
    text, mark = message("boss@example.org")
    assert mail.submit("anna", PASSWORD, "anna@example.org",
                       ["anna@example.org"], text).accepted
    text = arrives(mail, mark)
    assert "\nSender: anna@example.org\n" in text
    assert signed_selectors(text) == selectors


# The sendmail command of the host.

@pytest.mark.parametrize("send", [sendmail, sendmail_bs])
def test_mail_of_the_host_is_not_signed_by_default(mail, selectors, send):
    text, mark = message("anna@example.org")
    send(text, "root@mail.example.org")
    assert signed_selectors(arrives(mail, mark)) == []
    assert silent(mail)


@pytest.mark.parametrize("sender", ["root@mail.example.org", ""])
@pytest.mark.parametrize("send", [sendmail, sendmail_bs])
def test_mail_of_the_host_is_signed_for_the_domains_that_are_named(
        mail, selectors, send, sender):
    settings(mail, "sign_local = example.org")
    text, mark = message("anna@example.org")
    send(text, sender)
    assert signed_selectors(arrives(mail, mark)) == selectors
    mail.wait_log(DAEMON, "verdict=signed path=local domain=example.org")


def test_mail_of_the_host_is_not_signed_for_other_domains(mail, selectors):
    settings(mail, "sign_local = example.com, mail.example.org")
    for author in ("anna@example.org", "anna@sub.example.org"):
        text, mark = message(author)
        sendmail(text, "root@mail.example.org")
        assert signed_selectors(arrives(mail, mark)) == []
    wait_unsigned(mail, "sign_local does not name")


# Networks without a login.

@pytest.mark.parametrize("network, client, server", [
    ("192.0.2.0/28", OUTSIDE, "192.0.2.1"),
    ("2001:db8::/64", "2001:db8::1", "2001:db8::1"),
    ("127.0.0.1", "127.0.0.1", "127.0.0.1")])
def test_a_network_is_signed_for_its_domain(mail, selectors, network, client,
                                            server):
    settings(mail, f"sign_networks = {network}=example.org")
    text, mark = message("anna@example.org")
    from_client(text, client, server)
    assert signed_selectors(arrives(mail, mark)) == selectors
    mail.wait_log(DAEMON, "verdict=signed path=network "
                          f"client=(IPv6:)?{client} domain=example.org")


def test_a_network_is_not_signed_for_another_domain(mail, selectors):
    settings(mail, "sign_networks = 192.0.2.0/28=example.com")
    text, mark = message("anna@example.org")
    from_client(text, OUTSIDE, "192.0.2.1")
    assert signed_selectors(arrives(mail, mark)) == []
    wait_unsigned(mail, "sign_networks does not name", "network")


@pytest.mark.parametrize("sender", ["anna@example.org", ""])
def test_mail_from_outside_is_never_signed(mail, selectors, sender):
    settings(mail, "sign_local = example.org", "sign_bounces = example.org",
             "sign_networks = 198.51.100.0/24=example.org")
    text, mark = message("anna@example.org")
    from_client(text, OUTSIDE, "192.0.2.1", sender)
    assert signed_selectors(arrives(mail, mark)) == []
    assert silent(mail)


# What is sent on: from outside, and it claims to be from here.

EVERYTHING = ("sign_local = example.org", "sign_bounces = example.org",
              "sign_networks = 127.0.0.1=example.org")


def redirect_by_sieve():
    script("carl", 'redirect "anna@example.org";\n')
    return "carl@example.org"


def forward_by_a_command():
    forwarder('"|/usr/sbin/sendmail -i anna@example.org"')
    return "forwarder@localhost"


def forward_by_postfix_itself():
    forwarder("anna@example.org")
    return "forwarder@localhost"


@pytest.mark.parametrize("passed_on, reason", [
    (redirect_by_sieve, "passed on by Sieve"),
    (forward_by_a_command, "has come through this host before"),
    (forward_by_postfix_itself, None)])  # which asks no filter
def test_what_is_passed_on_is_never_signed(mail, selectors, passed_on, reason):
    recipient = passed_on()
    settings(mail, *EVERYTHING)
    text, mark = message("bert@example.org")
    outside(mail, text, recipient)
    assert signed_selectors(arrives(mail, mark)) == []
    if reason is None:
        assert silent(mail)
    else:
        wait_unsigned(mail, reason)


def test_what_a_filter_hands_back_by_smtp_is_signed_once(mail, selectors):
    mail.restart("postfix", EVERYWHERE + """
content_filter = smtp:[127.0.0.1]:10026
[master.cf]
127.0.0.1:10026 inet n - y - - smtpd
  -o content_filter=
""")
    settings(mail, *EVERYTHING)
    text, mark = message("anna@example.org")
    assert mail.submit("anna", PASSWORD, "anna@example.org",
                       ["anna@example.org"], text).accepted
    assert signed_selectors(arrives(mail, mark)) == selectors
    text, mark = message("anna@example.org")
    outside(mail, text)
    assert signed_selectors(arrives(mail, mark)) == []
    wait_unsigned(mail, "has come through this host before", "network")


# What Sieve and Postfix answer.

@pytest.mark.parametrize("answer", ANSWERS)
def test_what_sieve_answers_is_signed_as_other_mail_of_the_host(
        mail, selectors, answer):
    for sign, signed in (("example.org", selectors), ("example.com", [])):
        script("carl", ANSWERS[answer].format(f"Away, {sign}."))
        settings(mail, f"sign_local = {sign}")
        # Not twice to the same: vacation is silent then.
        sender = {"example.org": "anna", "example.com": "bert"}[sign]
        question, _ = message(f"{sender}@example.org", "carl@example.org")
        reply = mail.deliver(f"{sender}@example.org", ["carl@example.org"],
                             question)
        assert reply.accepted, reply
        assert signed_selectors(
            arrives(mail, f"Away, {sign}.", sender)) == signed


def bounce(mail):
    """What comes back to anna."""
    text, mark = message("anna@example.org")
    reply = mail.submit("anna", PASSWORD, "anna@example.org",
                        ["x@nowhere.example.org"], text)
    assert reply.accepted, reply
    text = arrives(mail, mark)
    assert f"MAILER-DAEMON@{HOST}" in text
    return text


def test_a_bounce_is_not_signed_by_default(mail, selectors):
    assert signed_selectors(bounce(mail)) == []
    assert "path=" not in mail.log(DAEMON)


def test_a_bounce_is_not_signed_without_a_key_of_its_domain(mail, selectors):
    settings(mail, "sign_bounces = example.org, mail.example.org")
    assert signed_selectors(bounce(mail)) == []
    wait_unsigned(mail, "no active key for the domain", "bounce")


def test_a_bounce_is_signed_for_the_host_if_it_is_named(mail, selectors):
    own = activate_keys(mail, HOST)
    settings(mail, f"sign_bounces = {HOST}")
    assert signed_selectors(bounce(mail), HOST) == own
    mail.wait_log(DAEMON, f"verdict=signed path=bounce domain={HOST}")

    settings(mail, "sign_bounces = example.org")
    assert signed_selectors(bounce(mail)) == []
    wait_unsigned(mail, "sign_bounces does not name", "bounce")
