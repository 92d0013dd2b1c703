"""Which mail the sender check looks at, by the way that it comes: stock Postfix
asks about all mail here, its own and that of port 25 too."""

import smtplib
import time
from datetime import datetime, timezone
from pathlib import Path

import pytest
from harness.dovecot import script
from harness.dovecot_settings import database
from harness.paths import (ANSWERS, arrived, arrives, asked_of_all, forwarder,
                           message, postfix_with, sendmail, sendmail_bs)
from harness.process import run, wait_for

PASSWORD = "correct horse"
DAEMON = "milter-sender-check"
FILTER = "unix:countersign/sender-check/milter"
SNAPSHOT = Path("/var/lib/countersign/published/directory.db")
EVERYWHERE = asked_of_all(FILTER)
everywhere = postfix_with(EVERYWHERE)
REFUSED = "mail by this host's sendmail command is not taken"
OUTSIDE = "192.0.2.9"


@pytest.fixture(scope="module")
def people(stack):
    """anna and bert, and carl, who has Sieve scripts; printer and web."""
    for name in ("bert", "carl", "printer", "web"):
        stack.account(name)
    stack.account("anna", password=PASSWORD)


def settings(mail, *lines):
    mail.reload(DAEMON, "".join(f"{line}\n" for line in
                                ("mode = enforce", *lines)))


def wait_verdict(mail, verdict, reason="", path="local"):
    mail.wait_log(DAEMON, rf"verdict={verdict} mode=enforce path={path} "
                          rf".*{reason}")


def submit(mail, text, account="anna", sender="anna@example.org",
           to="anna@example.org"):
    return mail.submit(account, PASSWORD, sender, [to], text)


# The sendmail command of the host.

@pytest.mark.parametrize("send", [sendmail, sendmail_bs])
def test_mail_of_the_host_passes_by_default_and_is_logged(mail, people, send):
    text, mark = message("bert@example.org")
    send(text, "root@mail.example.org")
    arrives(mail, mark)
    wait_verdict(mail, "pass", 'reason="the mail of the host itself is '
                               'exempt" mail_from=root@mail.example.org')


@pytest.mark.parametrize("send", [sendmail, sendmail_bs])
def test_mail_of_the_host_comes_back_if_it_is_refused(mail, people, send):
    settings(mail, "local = refuse")
    text, mark = message("bert@example.org")
    send(text, "bert@example.org")
    bounce = arrives(mail, mark, "bert")
    assert REFUSED in " ".join(bounce.split())
    assert not arrived(mail, mark)
    wait_verdict(mail, "reject", 'reason="mail of the host itself is refused"')
    # What brought it back was looked at, too.
    wait_verdict(mail, "pass", 'reason="a bounce of the MTA\'s own"')


@pytest.mark.parametrize("send", [sendmail, sendmail_bs])
def test_mail_of_the_host_is_checked_as_an_account(mail, people, send):
    settings(mail, "local = web")
    own, own_mark = message("web@example.org")
    foreign, foreign_mark = message("bert@example.org")
    send(own, "web@example.org")
    arrives(mail, own_mark)
    send(foreign, "web@example.org")
    bounce = arrives(mail, foreign_mark, "web")
    assert "may not write as <bert@example.org>" in " ".join(bounce.split())
    assert not arrived(mail, foreign_mark)
    wait_verdict(mail, "reject", "account=web field=From")


def test_mail_of_the_host_waits_while_the_directory_is_gone(mail, people):
    settings(mail, "local = web")
    text, mark = message("web@example.org")
    aside = SNAPSHOT.rename(SNAPSHOT.with_suffix(".aside"))
    try:
        sendmail(text, "web@example.org")
        wait_verdict(mail, "defer", "directory.db")
        assert not arrived(mail, mark)
    finally:
        aside.rename(SNAPSHOT)
    wake_pickup()
    arrives(mail, mark)


def wake_pickup():
    """It looks once a minute by itself."""
    # It hangs up on who tells it, at times so early that postkick dies of it.
    run("postkick", "public", "pickup", "W", check=False)


def test_a_null_sender_of_the_host_does_not_excuse_the_from(mail, people):
    settings(mail, "local = web")
    text, mark = message("bert@example.org")
    sendmail(text, "")
    wait_verdict(mail, "reject", "account=web field=From "
                                 'address=bert@example.org .*mail_from=""')
    assert not arrived(mail, mark)


# Networks without a login.

@pytest.mark.parametrize("network, client, server", [
    ("192.0.2.0/28", OUTSIDE, "192.0.2.1"),
    ("2001:db8::/64", "2001:db8::1", "2001:db8::1")])
def test_a_network_is_checked_as_its_account(mail, people, network, client,
                                             server):
    settings(mail, f"networks = {network}=printer")
    own, mark = message("printer@example.org")
    foreign, _ = message("bert@example.org")
    with smtplib.SMTP(server, 25, timeout=30,
                      source_address=(client, 0)) as session:
        session.sendmail("printer@example.org", "anna@example.org", own)
        arrives(mail, mark)
        for sender in ("printer@example.org", ""):
            with pytest.raises(smtplib.SMTPDataError) as refusal:
                session.sendmail(sender, "anna@example.org", foreign)
            assert refusal.value.args == (
                550, b"5.7.1 the login printer may not write as "
                     b"<bert@example.org> (From field)")
    wait_verdict(mail, "pass", f"client=(IPv6:)?{client} account=printer",
                 "network")


def test_a_network_without_a_line_passes_and_is_not_logged(mail, people):
    settings(mail, "networks = 198.51.100.0/24=printer", "local = refuse")
    text, mark = message("bert@example.org")
    reply = mail.deliver("x@example.net", ["anna@example.org"], text)
    assert reply.accepted, reply
    arrives(mail, mark)
    assert "verdict=" not in mail.log(DAEMON)


def test_port_25_of_the_host_itself_is_outside_without_a_line(mail, people):
    settings(mail, "local = refuse")
    text, mark = message("bert@example.org")
    with smtplib.SMTP("127.0.0.1", 25, timeout=30) as session:
        session.sendmail("", "anna@example.org", text)
    arrives(mail, mark)
    assert "verdict=" not in mail.log(DAEMON)


# What is sent on.

@pytest.mark.parametrize("local", ["refuse", "web"])
def test_a_redirect_by_sieve_passes_unless_it_is_to_be_checked(mail, people,
                                                               local):
    script("carl", 'redirect "anna@example.org";\n')
    settings(mail, f"local = {local}")
    text, mark = message("x@example.net")
    assert mail.deliver("x@example.net", ["carl@example.org"], text).accepted
    assert "X-Sieve-Redirected-From: carl@" in arrives(mail, mark)
    wait_verdict(mail, "pass", 'reason="redirected by Sieve, which is exempt"')

    settings(mail, f"local = {local}", "redirected = check")
    text, mark = message("x@example.net")
    assert mail.deliver("x@example.net", ["carl@example.org"], text).accepted
    wait_verdict(mail, "reject")
    assert not arrived(mail, mark)


def test_a_forward_by_postfix_itself_meets_no_filter(mail, people):
    forwarder("anna@example.org")
    settings(mail, "local = refuse", "redirected = check")
    text, mark = message("x@example.net")
    assert mail.deliver("x@example.net", ["forwarder@localhost"],
                        text).accepted
    arrives(mail, mark)
    assert "verdict=" not in mail.log(DAEMON)


def test_a_forward_by_a_command_passes_unless_it_is_to_be_checked(mail,
                                                                  people):
    forwarder('"|/usr/sbin/sendmail -i anna@example.org"')
    settings(mail, "local = refuse")
    text, mark = message("x@example.net")
    assert mail.deliver("x@example.net", ["forwarder@localhost"],
                        text).accepted
    arrives(mail, mark)
    wait_verdict(mail, "pass", 'reason="has come through this host before, '
                               'which is exempt"')

    settings(mail, "local = refuse", "redirected = check")
    text, mark = message("x@example.net")
    assert mail.deliver("x@example.net", ["forwarder@localhost"],
                        text).accepted
    wait_verdict(mail, "reject")
    assert not arrived(mail, mark)


# What Sieve and Postfix answer.

@pytest.mark.parametrize("answer", ANSWERS)
def test_what_sieve_answers_goes_as_other_mail_of_the_host(mail, people,
                                                           answer):
    script("carl", ANSWERS[answer].format(f"By {answer}."))
    text, _ = message("anna@example.org", "carl@example.org")
    assert mail.deliver("anna@example.org", ["carl@example.org"],
                        text).accepted
    arrives(mail, f"By {answer}.")
    wait_verdict(mail, "pass", 'reason="the mail of the host itself is exempt"')

    settings(mail, "local = refuse")
    text, _ = message("bert@example.org", "carl@example.org")
    assert mail.deliver("bert@example.org", ["carl@example.org"],
                        text).accepted
    wait_verdict(mail, "reject")
    assert not arrived(mail, f"By {answer}.", "bert")


@pytest.mark.parametrize("local", ["refuse", "web"])
def test_a_bounce_passes_whatever_local_says(mail, people, local):
    settings(mail, f"local = {local}", "redirected = check")
    text, mark = message("anna@example.org")
    assert submit(mail, text, to="x@nowhere.example.org").accepted
    assert "MAILER-DAEMON@mail.example.org" in arrives(mail, mark)
    wait_verdict(mail, "pass", 'reason="a bounce of the MTA\'s own"')


# Content filters.

def test_what_a_filter_hands_back_by_smtp_is_checked_once(mail, people):
    mail.restart("postfix", EVERYWHERE + """
content_filter = smtp:[127.0.0.1]:10026
[master.cf]
127.0.0.1:10026 inet n - y - - smtpd
  -o content_filter=
  -o smtpd_milters=
""")
    settings(mail, "local = refuse")
    text, mark = message("anna@example.org")
    assert submit(mail, text).accepted
    assert "[127.0.0.1]" in arrives(mail, mark)
    assert mail.log(DAEMON).count("verdict=") == 1
    assert mail.log(DAEMON).count("verdict=pass") == 1


def test_what_a_filter_hands_back_by_sendmail_passes(mail, people):
    mail.restart("postfix", EVERYWHERE + """
[submissions]
content_filter = again:
[master.cf]
again unix - n n - - pipe
  flags=Rq user=vmail argv=/usr/sbin/sendmail -G -i -f ${sender} -- ${recipient}
""")
    settings(mail, "local = refuse")
    text, mark = message("anna@example.org")
    assert submit(mail, text).accepted
    arrives(mail, mark)
    wait_verdict(mail, "pass", 'reason="has come through this host before, '
                               'which is exempt"')
    assert mail.log(DAEMON).count("verdict=pass") == 2
    assert mail.log(DAEMON).count("verdict=") == 2


# With a login.

@pytest.mark.parametrize("field", [
    "X-Sieve-Redirected-From: carl@example.org",
    "Received: from a (a [192.0.2.9]) by mail.example.org (Postfix) id 1"])
@pytest.mark.parametrize("sender", ["", "anna@example.org"])
def test_a_login_is_checked_whatever_its_header_and_network_say(
        mail, people, sender, field):
    settings(mail, "networks = 192.0.2.0/24=bert")
    text, mark = message("bert@example.org")
    reply = submit(mail, f"{field}\n{text}", sender=sender)
    assert reply == (550, "5.7.1 the login anna may not write as "
                          "<bert@example.org> (From field)")


def test_exempt_accounts_and_groups_write_as_anybody(mail, people):
    for name in ("relay", "mover"):
        mail.account(name, password=PASSWORD)
    mail.countersign("group", "add", "movers")
    mail.countersign("group", "member", "add", "movers", "mover")
    settings(mail, "exempt = relay, %movers")
    for name in ("relay", "mover"):
        text, mark = message("x@example.net")
        assert submit(mail, text, name, "y@example.net").accepted
        arrives(mail, mark)
        mail.wait_log(DAEMON, f"verdict=pass mode=enforce account={name} "
                              f'login={name} reason="the account is exempt"')
    text, _ = message("x@example.net")
    assert submit(mail, text).code == 550
    mail.countersign("account", "disable", "relay")
    assert not submit(mail, text, "relay").accepted


def test_a_login_of_no_account_is_refused_or_exempt(mail, people):
    mail.restart("dovecot", database("passdb", "static", password="guest"))
    mail.restart("postfix", EVERYWHERE)  # or smtpd keeps to Dovecot's old auth
    text, mark = message("x@example.net")
    send = ("guest", "guest", "x@example.net", ["anna@example.org"], text)
    assert mail.submit(*send) == (
        550, "5.7.1 the login guest belongs to no account here")
    settings(mail, "unknown_login = exempt")
    assert mail.submit(*send).accepted
    arrives(mail, mark)
    mail.wait_log(DAEMON, 'verdict=pass mode=enforce login=guest reason="the '
                          'login belongs to no account, which is exempt"')


def test_what_is_queued_anew_meets_no_filter_again(mail, people):
    mail.restart("postfix", EVERYWHERE + "defer_transports = lmtp\n")
    settings(mail, "local = refuse")
    text, _ = message("anna@example.org")
    assert submit(mail, text).accepted
    mail.wait_log("postfix", "status=deferred")
    run("postsuper", "-r", "ALL")
    wake_pickup()
    mail.wait_log("postfix", r"(?s) orig_id=.*status=deferred")
    assert mail.log(DAEMON).count("verdict=") == 1
    run("postsuper", "-d", "ALL")


@pytest.mark.parametrize("grantee", ["anna", "%staff"])
def test_a_grant_ends_at_its_date_while_postfix_runs(mail, people, grantee):
    address = f"{grantee.strip('%')}-boss@example.com"
    if grantee == "%staff":
        mail.countersign("group", "add", "staff")
        mail.countersign("group", "member", "add", "staff", "anna")
    text, _ = message(address)
    assert submit(mail, text).code == 550
    end = int(time.time()) + 10
    mail.countersign("grant", "add", grantee, address, "--until",
                     datetime.fromtimestamp(end, timezone.utc).strftime(
                         "%Y-%m-%dT%H:%M:%SZ"))
    assert submit(mail, text).accepted
    assert submit(mail, text, sender=address).accepted
    wait_for(lambda: submit(mail, text).code == 550, "the grant to end")
    assert time.time() >= end
    assert submit(mail, text, sender=address).code == 550
