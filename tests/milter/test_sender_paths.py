"""milter-sender-check as built: which messages it checks, and as whose."""

import pytest

from conftest import DAEMON
from harness.paths import EARLIER, HOST, SIEVE
from harness.process import run

ANNA = [("From", "Anna <anna@example.org>"), ("Subject", "hello")]
BERT = [("From", "Bert <bert@example.org>"), ("Subject", "hello")]
BOUNCE = [("From", "Mail Delivery System <MAILER-DAEMON@mail.example.org>")]

PRINTER = ("198.51.100.7", "4711")
NETWORKS = "198.51.100.0/24=anna, 2001:db8::/64=bert"


def lines(daemon):
    return [line.removeprefix("milter-sender-check: queue_id=4XQueueId ")
            for line in daemon.log().splitlines() if "queue_id=" in line]


def send(daemon, sender, fields, client, login=None):
    with daemon.client() as milter:
        return milter.message(sender, fields, login, client=client)


def test_mail_of_the_host_passes_by_default_and_is_logged(daemon, directory):
    daemon.start(directory=directory)
    assert send(daemon, "root@example.net", BERT, HOST).kind == "accept"
    assert lines(daemon) == [
        'verdict=pass mode=enforce path=local reason="the mail of the host '
        'itself is exempt" mail_from=root@example.net']


@pytest.mark.parametrize("client", [
    ("127.0.0.1", "4711"), ("192.0.2.9", "0"), ("unknown", "0")])
def test_what_is_not_the_hosts_own_is_not_taken_for_it(daemon, directory,
                                                       client):
    daemon.start(directory=directory, local="refuse")
    assert send(daemon, "x@example.net", BERT, client).kind == "accept"
    assert lines(daemon) == []


@pytest.mark.parametrize("client", [HOST, ("::1", "0"), ("IPv6:::1", "0")])
def test_mail_of_the_host_is_refused_if_so_set(daemon, directory, client):
    daemon.start(directory=directory, local="refuse")
    answer = send(daemon, "anna@example.org", ANNA, client)
    assert answer.text == ("550 5.7.1 mail by this host's sendmail command is "
                           "not taken: submit it with a login")
    assert lines(daemon) == [
        'verdict=reject mode=enforce path=local reason="mail of the host '
        'itself is refused" mail_from=anna@example.org']


def test_in_report_mode_mail_of_the_host_is_not_refused(daemon, directory):
    daemon.start(directory=directory, local="refuse", mode="report")
    assert send(daemon, "anna@example.org", ANNA, HOST).kind == "accept"
    assert "verdict=reject mode=report path=local" in lines(daemon)[0]


@pytest.mark.parametrize("local", ["refuse", "anna"])
@pytest.mark.parametrize("sender", ["", "double-bounce@mail.example.org"])
def test_a_bounce_passes_whatever_local_says(daemon, directory, local, sender):
    daemon.start(directory=directory, local=local, redirected="check")
    assert send(daemon, sender, BOUNCE, HOST).kind == "accept"
    assert ('verdict=pass mode=enforce path=local reason="a bounce of the '
            'MTA\'s own"') in lines(daemon)[0]


@pytest.mark.parametrize("sender, fields", [
    ("", ANNA),
    ("anna@example.org", BOUNCE),
    ("", [("From", "MAILER-DAEMON@example.org, <anna@example.org>")]),
    ("", [*BOUNCE, ("Sender", "anna@example.org")]),
    ("", [*BOUNCE, *ANNA]),
    ("", []),
])
def test_what_only_resembles_a_bounce_is_none(daemon, directory, sender,
                                              fields):
    daemon.start(directory=directory, local="refuse")
    assert send(daemon, sender, fields, HOST).kind == "reply"


def test_mail_of_the_host_is_checked_as_an_account(daemon, directory):
    daemon.start(directory=directory, local="Anna")
    assert send(daemon, "anna@example.org", ANNA, HOST).kind == "accept"
    assert send(daemon, "", BERT, HOST).text == (
        "550 5.7.1 the login anna may not write as <bert@example.org> (From "
        "field)")
    assert send(daemon, "bert@example.org", ANNA, HOST).text == (
        "550 5.7.1 the login anna may not send as <bert@example.org> "
        "(envelope sender)")
    start = "mode=enforce path=local account=anna "
    assert lines(daemon) == [
        f"verdict=pass {start}mail_from=anna@example.org "
        "from=anna@example.org",
        f"verdict=reject {start}field=From address=bert@example.org "
        'reason="neither its own nor granted" mail_from="" '
        "from=bert@example.org",
        f"verdict=reject {start}field=envelope address=bert@example.org "
        'reason="neither its own nor granted" mail_from=bert@example.org']


def test_a_network_is_checked_as_its_account(daemon, directory):
    daemon.start(directory=directory, networks=NETWORKS)
    for client, own, other in ((PRINTER, ANNA, BERT),
                               (("IPv6:2001:db8::7", "4711"), BERT, ANNA)):
        assert send(daemon, "", own, client).kind == "accept"
        assert send(daemon, "", other, client).kind == "reply"
    assert ("verdict=pass mode=enforce path=network client=198.51.100.7 "
            "account=anna mail_from=") in lines(daemon)[0]


def test_another_network_passes_and_is_not_logged(daemon, directory):
    daemon.start(directory=directory, networks=NETWORKS, local="refuse")
    for address in ("192.0.2.9", "IPv6:2001:db8:0:1::1", "127.0.0.1"):
        assert send(daemon, "x@example.net", BERT,
                    (address, "4711")).kind == "accept"
    assert lines(daemon) == []


@pytest.mark.parametrize("settings, client", [
    ({"local": "anna"}, HOST), ({"networks": NETWORKS}, PRINTER)])
@pytest.mark.parametrize("mark, reason", [
    (SIEVE, "redirected by Sieve, which is exempt"),
    (EARLIER, "has come through this host before, which is exempt")])
def test_what_is_sent_on_passes_unless_it_is_to_be_checked(
        daemon, directory, settings, client, mark, reason):
    daemon.start(directory=directory, **settings)
    assert send(daemon, "x@example.net", [mark, *BERT], client).kind == "accept"
    daemon.reload(directory=directory, redirected="check", **settings)
    assert send(daemon, "", [mark, *BERT], client).kind == "reply"
    passed, refused = lines(daemon)
    assert passed.startswith("verdict=pass ") and f'reason="{reason}"' in passed
    assert refused.startswith("verdict=reject ")


def test_a_login_is_checked_whatever_its_header_and_network_say(daemon,
                                                                directory):
    daemon.start(directory=directory, networks="198.51.100.0/24=bert")
    for fields in ([SIEVE, *BERT], [EARLIER, *BERT], BOUNCE):
        assert send(daemon, "", fields, PRINTER, "anna").kind == "reply"
        assert send(daemon, "", fields, HOST, "anna").kind == "reply"
    assert send(daemon, "", ANNA, PRINTER, "anna").kind == "accept"
    assert all("login=anna" in line and "path=" not in line
               for line in lines(daemon))


def test_an_account_that_is_missing_is_refused_even_if_logins_are_exempt(
        daemon, directory):
    daemon.start(directory=directory, local="typo", unknown_login="exempt")
    assert send(daemon, "", ANNA, HOST).text == (
        "550 5.7.1 the login typo belongs to no account here")


def test_an_exempt_account_of_a_network_writes_as_anybody(daemon, directory):
    daemon.start(directory=directory, networks=NETWORKS, exempt="anna")
    assert send(daemon, "x@example.net", BERT, PRINTER).kind == "accept"
    assert 'reason="the account is exempt"' in lines(daemon)[0]


def test_an_outage_puts_off_what_is_to_be_checked_and_nothing_else(daemon,
                                                                   tmp_path):
    daemon.start(directory=f"sqlite:{tmp_path}/none", local="anna",
                 networks=NETWORKS)
    for client in (HOST, PRINTER):
        assert send(daemon, "", ANNA, client).text.startswith("451 4.3.0 ")
    assert send(daemon, "", BOUNCE, HOST).kind == "accept"
    assert send(daemon, "x@example.net", BERT,
                ("192.0.2.9", "4711")).kind == "accept"


def test_nothing_of_a_path_is_left_for_the_next_message(daemon, directory):
    daemon.start(directory=directory, local="refuse", networks=NETWORKS)
    with daemon.client() as milter:
        def kind(fields, client, login=None):
            answer = milter.message("", fields, login, client=client)
            if answer.kind != "accept":
                milter.abort()
            return answer.kind

        assert kind([SIEVE, *BERT], HOST) == "accept"
        assert kind(BERT, HOST) == "reply"
        assert kind(BERT, PRINTER) == "reply"
        assert kind(BERT, PRINTER, "bert") == "accept"
        assert kind(BERT, ("192.0.2.9", "4711")) == "accept"
        assert kind(ANNA, PRINTER) == "accept"


@pytest.mark.parametrize("line, complaint", [
    ("local = %staff", ": local: exempt, refuse or an account, not"),
    ("local =", ":1: local has no value"),
    ("networks = 192.0.2.1/24=anna",
     ': networks: "192.0.2.1/24=anna": "192.0.2.1/24" has bits set'),
    ("redirected = maybe", ":1: redirected must be one of exempt, check"),
])
def test_a_bad_path_is_an_error_of_the_configuration(tmp_path, line,
                                                     complaint):
    conf = tmp_path / "conf"
    conf.write_text(line + "\n")
    done = run(DAEMON, "-t", "-c", conf, check=False)
    assert done.returncode == 78
    assert done.stderr.startswith(f"milter-sender-check: error: {conf}"
                                  f"{complaint}")
