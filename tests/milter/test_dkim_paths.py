"""milter-dkim as built: which messages it signs, and by whose keys."""

import re

import pytest

from conftest import COMMAND, DAEMON
from harness.paths import EARLIER, HOST, SIEVE
from harness.process import run
from test_dkim import (FROM, assert_signed, inserted, keys, logged, made_once,
                       tag)

__all__ = ["keys", "made_once"]  # fixtures

BODY = b"Hello.\r\n"
BOTH = ["s-rsa", "s-ed25519"]
BERT = [("From", "Bert <bert@example.org>"), ("Message-ID", "<1@example.org>"),
        ("Date", "Sun, 22 Nov 2026 01:02:03 +0000")]
BOUNCE = [("From", "Mail Delivery System <MAILER-DAEMON@example.org>"),
          ("Subject", "Undelivered Mail Returned to Sender")]

WIKI = ("198.51.100.7", "4711")
NETWORKS = "198.51.100.0/24=example.org"


@pytest.fixture
def start(daemon, directory, keys):
    def start(**settings):
        return daemon.start(directory=directory, key_table=keys.table,
                            **settings)
    return start


def send(daemon, fields, sender="x@example.net", login=None, **options):
    """The selectors that signed it, once the message is through."""
    with daemon.client() as milter:
        answer = milter.message(sender, fields, login, body=BODY, **options)
        assert answer.kind == "accept", answer
        return [tag(value, b"s") for _, value in inserted(milter)]


def silent(daemon):
    return "queue_id=" not in daemon.log()


# Paths.

@pytest.mark.parametrize("client", [
    HOST, WIKI, ("127.0.0.1", "4711"), ("192.0.2.9", "0"), ("unknown", "0")])
@pytest.mark.parametrize("sender", ["x@example.net", ""])
def test_without_a_login_all_mail_is_left_at_mail_by_default(start, client,
                                                             sender):
    daemon = start()
    with daemon.client() as milter:
        assert milter.mail(sender, client=client).kind == "accept"
    assert silent(daemon)


def test_mail_of_the_host_is_signed_for_the_domains_that_are_named(start,
                                                                   keys):
    daemon = start(sign_local="example.org")
    with daemon.client() as milter:
        milter.message("root@example.net", BERT, body=BODY, client=HOST)
        assert_signed(milter, BERT, BODY, keys, BOTH)
    assert logged(daemon) == {
        "queue_id": "4XQueueId", "verdict": "signed", "path": "local",
        "domain": "example.org", "selectors": "s-rsa,s-ed25519"}


@pytest.mark.parametrize("sign_local", [
    "example.com", "sub.example.org", "org", "example.org.example.com"])
def test_mail_of_the_host_is_not_signed_for_others(start, sign_local):
    daemon = start(sign_local=sign_local)
    assert send(daemon, BERT, client=HOST) == []
    assert logged(daemon) == {
        "queue_id": "4XQueueId", "verdict": "unsigned", "path": "local",
        "domain": "example.org", "reason":
        "mail of the host itself, of a domain that sign_local does not name"}


def test_mail_of_the_host_that_is_not_named_is_not_read_to_its_end(start):
    with start(sign_local="example.com").client() as milter:
        milter.mail("x@example.net", client=HOST)
        milter.header(*BERT[0])
        assert milter.end_of_header("4XQueueId").kind == "accept"


@pytest.mark.parametrize("settings, client", [
    ({"sign_local": "example.com, example.org"}, HOST),
    ({"sign_networks": f"{NETWORKS}, 198.51.100.7=example.com"}, WIKI)])
def test_each_of_several_authors_has_to_be_named(start, keys, settings,
                                                 client):
    keys.make("example.com", "c", "ed25519")
    daemon = start(**settings)
    for author, selectors in (
            ("bert@example.org, a@example.com", BOTH),
            ("a@example.com, bert@example.org", ["c"]),
            ("bert@example.org, ceo@example.net", []),
            ("ceo@example.net, bert@example.org", []),
            ("G: bert@example.org, ceo@example.net;", []),
            ("G: bert@example.org;", BOTH)):
        assert send(daemon, [("From", author)], client=client) == selectors


@pytest.mark.parametrize("client", [
    WIKI, ("IPv6:2001:db8::7", "4711"), ("127.0.0.1", "4711")])
def test_a_network_is_signed_for_its_domain(start, keys, client):
    daemon = start(sign_networks=f"{NETWORKS} 2001:db8::/64=example.org "
                                 "127.0.0.1=example.org")
    with daemon.client() as milter:
        milter.message("", BERT, body=BODY, client=client)
        assert_signed(milter, BERT, BODY, keys, BOTH)
    line = logged(daemon)
    assert (line["path"], line["client"]) == ("network", client[0])


def test_a_network_is_not_signed_for_the_domain_of_another(start, keys):
    keys.make("example.com", "c", "ed25519")
    daemon = start(sign_networks="198.51.100.0/24=example.com, "
                                 "198.51.100.7=example.net, "
                                 "192.0.2.0/24=example.org")
    assert send(daemon, BERT, client=WIKI) == []
    assert logged(daemon)["reason"] == (
        "a domain that sign_networks does not name for the client")
    assert send(daemon, [("From", "a@example.com")], client=WIKI) == ["c"]


@pytest.mark.parametrize("client", [
    ("192.0.2.9", "4711"), ("127.0.0.1", "4711"), ("unknown", "0")])
def test_what_is_from_elsewhere_is_left_at_mail(start, client):
    daemon = start(sign_networks=NETWORKS, sign_local="example.org",
                   sign_bounces="example.org")
    with daemon.client() as milter:
        for sender in ("bert@example.org", ""):
            assert milter.mail(sender, client=client).kind == "accept"
    assert silent(daemon)


@pytest.mark.parametrize("sender", ["", "double-bounce@mail.example.org"])
def test_a_bounce_is_signed_for_the_domains_that_are_named(start, keys,
                                                           sender):
    daemon = start(sign_bounces="example.org")
    with daemon.client() as milter:
        milter.message(sender, BOUNCE, body=BODY, client=HOST)
        assert_signed(milter, BOUNCE, BODY, keys, BOTH)
    assert logged(daemon)["path"] == "bounce"


def test_a_bounce_of_another_domain_is_not_signed(start):
    daemon = start(sign_bounces="mail.example.org")
    assert send(daemon, BOUNCE, "", client=HOST) == []
    assert logged(daemon)["reason"] == (
        "a bounce of a domain that sign_bounces does not name")


@pytest.mark.parametrize("fields", [
    BERT, [("From", "MAILER-DAEMON <bert@example.org>")],
    [("From", "MAILER-DAEMON@example.org, bert@example.org")],
    [*BOUNCE, ("Sender", "bert@example.org")],
    [*BOUNCE, ("Resent-From", "bert@example.org")], [*BOUNCE, *BERT], []])
def test_what_only_resembles_a_bounce_is_not_signed_as_one(start, fields):
    daemon = start(sign_bounces="example.org")
    assert send(daemon, fields, "", client=HOST) == []
    assert send(daemon, BOUNCE, "", client=("192.0.2.9", "0")) == []
    assert send(daemon, BOUNCE, "", client=WIKI) == []


def test_mail_of_the_host_that_can_be_no_bounce_is_left_at_mail(start):
    daemon = start(sign_bounces="example.org")
    with daemon.client() as milter:
        assert milter.mail("bert@example.org", client=HOST).kind == "accept"
    assert silent(daemon)


@pytest.mark.parametrize("mark, reason", [
    (SIEVE, "passed on by Sieve"),
    (EARLIER, "has come through this host before")])
@pytest.mark.parametrize("client, sender, fields", [
    (HOST, "x@example.net", BERT), (WIKI, "x@example.net", BERT),
    (HOST, "", BOUNCE)])
def test_what_is_passed_on_is_never_signed(start, client, sender, fields, mark,
                                           reason):
    daemon = start(sign_local="example.org", sign_bounces="example.org",
                   sign_networks=NETWORKS)
    assert send(daemon, [mark, *fields], sender, client=client) == []
    assert logged(daemon)["reason"] == reason
    assert send(daemon, fields, sender, client=client) == BOTH


def test_what_another_host_received_is_not_the_hosts_own(start):
    daemon = start(sign_local="example.org", sign_networks=NETWORKS)
    fields = [("Received", "from a by mx.example.net; x"), *BERT]
    assert send(daemon, fields, client=HOST) == []
    assert logged(daemon)["reason"] == "has come through a host before"
    assert send(daemon, fields, client=WIKI) == BOTH


@pytest.mark.parametrize("client", [HOST, WIKI])
def test_an_mta_without_a_name_has_none_of_that_signed(start, client):
    daemon = start(sign_local="example.org", sign_networks=NETWORKS)
    with daemon.client() as milter:
        answer = milter.mail("x@example.net", client=client, host=None)
        assert answer.kind == "accept"
    assert silent(daemon)


def test_what_a_login_submits_through_dovecot_is_signed(start):
    """Whose submission service writes a Received field of its own."""
    daemon = start()
    assert send(daemon, [EARLIER, FROM], login="anna") == BOTH
    assert send(daemon, [SIEVE, FROM], login="anna") == []


@pytest.mark.parametrize("client", [HOST, WIKI])
def test_a_login_is_asked_of_the_policy_whatever_its_network_may(start,
                                                                 client):
    daemon = start(sign_local="example.org", sign_networks=NETWORKS)
    assert send(daemon, BERT, "", "anna", client=client) == []
    assert send(daemon, BOUNCE, "", "anna", client=client) == []
    assert "path" not in logged(daemon)
    assert send(daemon, BERT, "", "bert", client=client) == BOTH


def test_nothing_of_a_path_is_left_for_the_next_message(start):
    daemon = start(sign_local="example.org", sign_networks=NETWORKS)
    with daemon.client() as milter:
        def signed(fields, client, login=None):
            milter.modifications.clear()
            milter.message("", fields, login, body=BODY, client=client)
            return inserted(milter) != []

        assert signed(BERT, HOST)
        assert not signed([SIEVE, *BERT], HOST)
        assert signed(BERT, WIKI)
        assert not signed(BERT, ("192.0.2.9", "4711"))
        assert not signed(BERT, HOST, "anna")
        assert signed(BERT, HOST)


# Whose keys.

@pytest.mark.parametrize("login, fields", [
    ("anna", [("From", "anna@example.org, bert@example.org"),
              ("Sender", "anna@example.org")]),
    ("anna", [("From", "G: anna@example.org, bert@example.org;")]),
    ("anna", [FROM, ("Sender", "bert@example.org")]),
    ("anna", [FROM, ("Resent-From", "bert@example.org")]),
    ("anna", [*BERT, ("Resent-From", "anna@example.org")]),
    ("anna", [FROM, *BERT]),
    ("anna", [*BERT, FROM]),
    ("anna", [FROM, ("From ", "bert@example.org")]),
    ("anna", [("From", "=?utf-8?q?anna=40example=2Eorg?= <bert@example.org>")]),
    ("anna", [("From", "<anna@example.org> From: <bert@example.org>")]),
    ("anna", [("From", "(anna@example.org) bert@example.org")]),
    ("anna", [("From", "anna@example.org\r\nFrom: bert@example.org")]),
    ("anna", [("From", b"anna@example.org\rFrom: bert@example.org")]),
    ("anna", [("From", "anna@sub.example.org")]),
    ("nobody", [("From", "nobody@example.org")]),
    ("dora", [("From", "dora@example.org")]),
    ("bert", [("From", "boss@example.com")]),
])
def test_no_login_gets_the_signature_of_another(start, keys, login, fields):
    keys.make("example.com", "c", "ed25519")
    daemon = start()
    assert send(daemon, fields, "anna@example.org", login) == []
    assert logged(daemon)["verdict"] == "unsigned"


def test_who_writes_on_behalf_is_signed_with_a_sender_field_alone(start, keys):
    keys.make("example.com", "c", "ed25519")
    daemon = start()
    behalf = [("From", "boss@example.com")]
    assert send(daemon, behalf, "anna@example.org", "anna") == []
    assert "on behalf" in logged(daemon)["reason"]
    for login in ("anna", "anna@example.org"):
        assert send(daemon, behalf, "", login) == []
        assert send(daemon, [*behalf, ("Sender", "anna@example.org")], "",
                    login) == ["c"]


class Directory:
    """One of a test's own: example.org with anna and bert, to be filled."""

    def __init__(self, folder):
        self.uri = f"sqlite:{folder}/own"
        self.command("directory", "init")
        self.command("domain", "add", "example.org")
        for name in ("anna", "bert"):
            self.command("account", "add", name)

    def command(self, *words):
        run(COMMAND, "--directory", self.uri, *words)


@pytest.fixture
def own(tmp_path):
    return Directory(tmp_path)


def test_groups_and_grants_are_signed_for_while_they_last(daemon, own, keys):
    own.command("group", "add", "staff")
    own.command("group", "member", "add", "staff", "anna")
    daemon.start(directory=own.uri, key_table=keys.table)
    office = [("From", "office@example.org")]
    assert send(daemon, office, login="anna") == []
    own.command("grant", "add", "%staff", "office@example.org")
    assert send(daemon, office, login="anna") == BOTH
    own.command("group", "member", "remove", "staff", "anna")
    assert send(daemon, office, login="anna") == []
    own.command("grant", "add", "anna", "@example.org")
    assert send(daemon, office, login="anna") == BOTH
    own.command("account", "disable", "anna")
    assert send(daemon, office, login="anna") == []


def for_subdomains(keys):
    """The table's keys sign for subdomains, too."""
    keys.table.write_text("".join(
        f"{line} subdomains\n" for line in
        keys.table.read_text().splitlines()))


def test_a_parents_key_signs_where_the_table_allows_that(daemon, own, keys):
    for domain in ("sub.example.org", "notexample.org"):
        own.command("domain", "add", domain)
        own.command("address", "add", f"anna@{domain}", "anna")
    daemon.start(directory=own.uri, key_table=keys.table, identity="address")
    fields = [("From", "anna@sub.example.org")]
    assert send(daemon, fields, login="anna") == []
    for_subdomains(keys)
    daemon.reload(directory=own.uri, key_table=keys.table, identity="address",
                  sign_local="example.org")
    with daemon.client() as milter:
        milter.message("", fields, "anna", body=BODY)
        assert_signed(milter, fields, BODY, keys, BOTH)
        for _, field in inserted(milter):
            assert tag(field, b"d") == "example.org"
            assert tag(field, b"i") == "anna@sub.example.org"
    line = logged(daemon)
    assert (line["domain"], line["parent"]) == ("sub.example.org",
                                                "example.org")
    for login, author in (("bert", "anna@sub.example.org"),
                          ("anna", "bert@sub.example.org"),
                          ("anna", "anna@deep.sub.example.org"),
                          ("anna", "anna@notexample.org")):
        assert send(daemon, [("From", author)], login=login) == []
    # Where the policy is not asked, the domain itself has to be named.
    assert send(daemon, fields, client=HOST) == []


def test_a_catch_all_of_the_parent_lends_no_signature_below_it(daemon, own,
                                                               keys):
    own.command("address", "add", "@example.org", "anna")
    own.command("address", "add", "bert@example.org", "bert")
    for_subdomains(keys)
    daemon.start(directory=own.uri, key_table=keys.table)
    for author, selectors in (("any@example.org", BOTH),
                              ("bert@example.org", []),
                              ("any@sub.example.org", [])):
        assert send(daemon, [("From", author)], login="anna") == selectors


def test_an_alias_domain_is_signed_by_keys_of_its_own_alone(daemon, own, keys):
    own.command("address", "add", "anna@example.org", "anna")
    own.command("domain", "add", "example.net", "--alias-of", "example.org")
    daemon.start(directory=own.uri, key_table=keys.table)
    fields = [("From", "anna@example.net")]
    assert send(daemon, fields, login="anna") == []
    assert logged(daemon)["reason"] == "no active key for the domain"
    keys.make("example.net", "n", "ed25519")
    daemon.reload(directory=own.uri, key_table=keys.table)
    assert send(daemon, fields, login="anna") == ["n"]
    assert send(daemon, fields, login="bert") == []


@pytest.mark.parametrize("several, sender, selectors", [
    ("first", "anna@example.org", BOTH),
    ("sender", "anna@example.org", BOTH),
    ("first", "jörg@bücher.example.org", BOTH),
    ("sender", "jörg@bücher.example.org", ["u"])])
def test_several_authors_are_signed_for_by_the_first_or_by_sender(
        start, keys, several, sender, selectors):
    keys.make("bücher.example.org", "u", "ed25519")
    daemon = start(several_authors=several)
    fields = [("From", "anna@example.org, anna+x@example.org"),
              ("Sender", sender)]
    assert send(daemon, fields, login="anna") == selectors


@pytest.mark.parametrize("senders, reason", [
    ([], "several authors: no Sender field"),
    (["a@example.org"] * 2, "several authors: more than one Sender field"),
    (["a@example.org, b@example.org"], "one address, without a group"),
    (["G: a@example.org;"], "one address, without a group"),
    (["a@"], "several authors: Sender: "),
])
def test_several_authors_without_a_proper_sender_are_not_signed_by_it(
        start, senders, reason):
    daemon = start(several_authors="sender", sign_for="authenticated")
    fields = [("From", "anna@example.org, bert@example.org"),
              *(("Sender", sender) for sender in senders)]
    assert send(daemon, fields, login="anna") == []
    assert reason in logged(daemon)["reason"]


def test_the_sender_of_a_single_author_decides_nothing(start):
    daemon = start(several_authors="sender", sign_for="authenticated")
    fields = [*BERT, ("Sender", "a@example.com")]
    assert send(daemon, fields, login="anna") == BOTH


def test_the_sender_that_decides_has_to_be_named_too(start):
    daemon = start(several_authors="sender", sign_local="example.org")
    fields = [("From", "anna@example.org, bert@example.org")]
    for sender, selectors in (("anna@example.org", BOTH),
                              ("x@example.com", [])):
        assert send(daemon, [*fields, ("Sender", sender)],
                    client=HOST) == selectors


@pytest.mark.parametrize("identity, author, value", [
    ("none", "anna@example.org", None),
    ("domain", "anna@example.org", "@example.org"),
    ("address", "anna+x@example.org", "anna+x@example.org"),
    ("address", "jörg@bücher.example.org",
     "j=C3=B6rg@xn--bcher-kva.example.org")])
def test_who_signs_is_said_as_far_as_it_is_set(start, keys, identity, author,
                                               value):
    keys.make("bücher.example.org", "u", "ed25519")
    fields = [("From", author)]
    with start(identity=identity).client() as milter:
        milter.message("", fields, "anna", body=BODY)
        signatures = [field for _, field in inserted(milter)]
        assert signatures
        for field in signatures:
            assert (tag(field, b"i") if re.search(rb"\si=", field) else None) == value
        domain = tag(signatures[0], b"d")
        assert_signed(milter, fields, BODY, keys,
                      BOTH if domain == "example.org" else ["u"], domain)


@pytest.mark.parametrize("line, complaint", [
    ("sign_local = exa_mple.org", ": sign_local: "),
    ("sign_bounces = @example.org", ": sign_bounces: "),
    ("sign_networks = 192.0.2.0/24",
     ': sign_networks: "192.0.2.0/24": it must be NETWORK=DOMAIN'),
    ("sign_networks = 192.0.2.1/24=example.org", "has bits set"),
    ("sign_networks = 192.0.2.1=a.example 192.0.2.1=a.example",
     "stands there already"),
    ("several_authors = last", ":1: several_authors must be one of first"),
    ("identity = user", ":1: identity must be one of none, domain"),
])
def test_a_bad_rule_is_an_error_of_the_configuration(tmp_path, line,
                                                     complaint):
    conf = tmp_path / "conf"
    conf.write_text(line + "\n")
    done = run(DAEMON, "-t", "-c", conf, check=False)
    assert done.returncode == 78
    assert done.stderr.startswith(f"milter-dkim: error: {conf}:")
    assert complaint in done.stderr
