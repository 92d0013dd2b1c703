"""List mail files itself: LMTP delivery through stock Dovecot."""

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from harness.dovecot import script
from harness.dovecot_settings import OLD, mail_location, namespace, plugin


def message(subject, list_id=None, more=""):
    field = f"List-Id: {list_id}\n" if list_id is not None else ""
    return (f"From: Stranger <stranger@example.net>\n"
            f"To: list@example.org\n"
            f"Subject: {subject}\n"
            f"Message-ID: <{abs(hash(subject))}@example.net>\n"
            f"{field}{more}\nHello.\n")


def deliver(mail, account, *args, **options):
    reply = mail.deliver_lmtp(f"{account}@example.org",
                              message(*args, **options))
    assert reply.accepted, reply


def subjects(mail, account, mailbox="INBOX"):
    return [line.split(": ", 1)[1]
            for text in mail.messages(account, mailbox)
            for line in text.splitlines() if line.startswith("Subject: ")]


def list_mailboxes(mail, account):
    """Those of lists, not what holds them."""
    return {name for name in mail.mailboxes(account)
            if re.search("Lists[./]", name)}


def assert_no_failure(mail):
    log = mail.log("dovecot")
    for word in ("Error:", "Panic:", "Fatal:"):
        assert word not in log


LAYOUTS = {
    "Maildir++ with dots": ("", "Lists.dev@lists_example_org"),
    "Maildir++ with slashes": (
        namespace(separator="/"),
        "Lists/dev@lists_example_org"),
    "sdbox": (
        mail_location("sdbox", "~/sdbox"), "Lists/dev@lists_example_org"),
    "an INBOX prefix": (
        namespace(separator=".", prefix="INBOX."),
        "INBOX.Lists.dev@lists_example_org"),
    "sdbox with an INBOX prefix": (
        mail_location("sdbox", "~/sdbox") +
        namespace(separator="/", prefix="INBOX/"),
        "INBOX/Lists/dev@lists_example_org"),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_list_gets_a_mailbox_of_its_own(mail, layout):
    config, mailbox = LAYOUTS[layout]
    mail.restart("dovecot", config)
    account = mail.account()

    deliver(mail, account, "first", "Developers <dev.lists.example.org>")
    deliver(mail, account, "second", "The same <DEV.lists.example.org>")
    deliver(mail, account, "ordinary")

    assert subjects(mail, account, mailbox) == ["first", "second"]
    assert subjects(mail, account) == ["ordinary"]
    assert list_mailboxes(mail, account) == {mailbox}
    assert_no_failure(mail)


def test_a_mailbox_that_is_made_is_subscribed(mail):
    from harness.process import run

    account = mail.account()
    deliver(mail, account, "first", "<dev.example.org>")
    subscribed = run("doveadm", "mailbox", "list", "-s", "-u", account).stdout
    assert "Lists.dev@example_org" in subscribed.splitlines()


def test_two_lists_with_one_label_have_two_mailboxes(mail):
    account = mail.account()
    deliver(mail, account, "a", "<dev.a.example.org>")
    deliver(mail, account, "b", "<dev.b.example.org>")
    assert subjects(mail, account, "Lists.dev@a_example_org") == ["a"]
    assert subjects(mail, account, "Lists.dev@b_example_org") == ["b"]


def test_first_messages_at_the_same_moment_are_all_filed(mail):
    account = mail.account()
    sent = [f"message {i}" for i in range(24)]
    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(deliver, mail, account, subject,
                                 "<dev.example.org>") for subject in sent]:
            done.result()
    assert sorted(subjects(mail, account, "Lists.dev@example_org")) == sorted(
        sent)
    assert_no_failure(mail)


def test_the_site_chooses_what_holds_the_lists(mail):
    mail.restart("dovecot", plugin(countersign_list_prefix="Mail/Listen"))
    account = mail.account()
    deliver(mail, account, "first", "<dev.example.org>")
    assert subjects(mail, account, "Mail.Listen.dev@example_org") == ["first"]


def test_the_users_own_rule_wins(mail):
    account = mail.account()
    script(account, 'require ["fileinto", "mailbox"];\n'
                    'fileinto :create "Mine";\n')
    deliver(mail, account, "first", "<dev.example.org>")
    assert subjects(mail, account, "Mine") == ["first"]
    assert list_mailboxes(mail, account) == set()
    assert_no_failure(mail)


def test_a_users_script_may_use_the_same_words(mail):
    account = mail.account()
    script(account,
           'require ["vnd.countersign.list", "copy"];\n'
           'if listmail :field "host" "a.example.org" {\n'
           '  filelist :under "Work/Lists" :create :copy;\n'
           '}\n')
    deliver(mail, account, "a", "<dev.a.example.org>")
    deliver(mail, account, "b", "<dev.b.example.org>")
    assert subjects(mail, account, "Work.Lists.dev@a_example_org") == ["a"]
    # :copy leaves the message to the scripts that come after.
    assert subjects(mail, account, "Lists.dev@a_example_org") == ["a"]
    assert subjects(mail, account, "Lists.dev@b_example_org") == ["b"]
    assert subjects(mail, account) == []
    assert_no_failure(mail)


def test_without_leave_to_create_mail_stays_and_the_log_says_why(mail):
    mail.restart("dovecot", plugin(countersign_list_create="never"))
    account = mail.account()
    deliver(mail, account, "first", "<dev.example.org>")
    assert subjects(mail, account) == ["first"]
    assert list_mailboxes(mail, account) == set()
    mail.wait_log("dovecot", r"Lists\.dev@example_org: it doesn't exist; make "
                             r"it, or set countersign_list_create = always")


def test_a_mailbox_that_the_user_made_is_used(mail):
    from harness.process import run

    mail.restart("dovecot", plugin(countersign_list_create="never"))
    account = mail.account()
    run("doveadm", "mailbox", "create", "-u", account, "Lists.dev@example_org")
    deliver(mail, account, "first", "<dev.example.org>")
    assert subjects(mail, account, "Lists.dev@example_org") == ["first"]
    assert subjects(mail, account) == []


def test_forged_lists_stop_at_the_maximum_and_nothing_is_lost(mail):
    account = mail.account()
    forged = [f"forged {i}" for i in range(300)]
    for i, subject in enumerate(forged):
        deliver(mail, account, subject, f"<l{i}.example.com>")

    made = list_mailboxes(mail, account)
    assert len(made) == 200
    found = subjects(mail, account)
    assert found == forged[200:]
    for name in made:
        found += subjects(mail, account, name)
    assert sorted(found) == sorted(forged)
    mail.wait_log("dovecot", "there are countersign_list_max_mailboxes already")
    # A list that has its mailbox keeps it.
    deliver(mail, account, "once more", "<l0.example.com>")
    assert "once more" in subjects(mail, account, "Lists.l0@example_com")


HOSTILE = {
    "a way out": "<../../x>",
    "a way out with a host": "<../../x.example.org>",
    "slashes": "<a/b/c/d>",
    "slashes with a host": "<a/b/c/d.example.org>",
    "sixty levels": "<" + "a/" * 60 + "b.example.org>",
    "sixty labels": "<" + "a." * 60 + "example.org>",
    "an ampersand as in UTF-7": "<&.example.org>",
    "broken UTF-7": "<&AMA-x&.example.org>",
    "a thousand octets": "<" + "x" * 1000 + ".example.org>",
    "255 octets": "<" + "x" * 243 + ".example.org>",
    "255 octets of UTF-8": "<" + "\u20ac" * 81 + ".example.org>",
    "octets that are not UTF-8": b"<\xff\xfe.example.org>".decode(
        errors="surrogateescape"),
    "control characters": "<a\x01\x07\x1b[2J.example.org>",
    "a NUL": "<a\x00b.example.org>",
    "INBOX": "<INBOX>",
    "INBOX with a host": "<INBOX.example.org>",
    "a folder of the storage": "<dbox-Mails.example.org>",
    "wildcards": "<%*.example.org>",
    "a home": "<~root.example.org>",
    "a namespace": "<#shared.example.org>",
    "right to left": "<a\u202eb.example.org>",
    "zero width": "<a\u200bb.example.org>",
    "nothing": "<>",
    "a mile of brackets": "<" * 4000,
    "a mile of comments": "(" * 4000,
}


@pytest.mark.parametrize("driver, path", [("maildir", "~/Maildir"),
                                          ("sdbox", "~/sdbox")])
def test_hostile_ids_never_break_a_delivery(mail, driver, path):
    mail.restart("dovecot", mail_location(driver, path))
    account = mail.account()
    for name, list_id in HOSTILE.items():
        deliver(mail, account, name, list_id)

    found = subjects(mail, account)
    separator = "." if driver == "maildir" else "/"
    for mailbox in list_mailboxes(mail, account):
        # One level below the prefix, whatever the id.
        assert mailbox.count(separator) == 1, mailbox
        found += subjects(mail, account, mailbox)
    assert sorted(found) == sorted(HOSTILE)
    assert set(Path("/var/vmail", account).iterdir()) <= {
        Path("/var/vmail", account, name)
        for name in ("Maildir", "sdbox", ".dovecot.svbin")}
    assert_no_failure(mail)


def test_a_name_that_the_storage_refuses_is_left_alone(mail):
    # Maildir++ can't have a dot in a name, whatever the separator.
    mail.restart("dovecot", plugin(
        countersign_list_prefix="a.b") + namespace(separator="/"))
    account = mail.account()
    deliver(mail, account, "first", "<dev.example.org>")
    assert subjects(mail, account) == ["first"]
    mail.wait_log("dovecot", "left alone; mailbox a.b/dev@example_org: ")
    assert_no_failure(mail)


def test_a_bad_prefix_is_replaced_by_its_default(mail):
    mail.restart("dovecot", plugin(countersign_list_prefix="../outside"))
    account = mail.account()
    deliver(mail, account, "first", "<dev.example.org>")
    assert subjects(mail, account, "Lists.dev@example_org") == ["first"]
    mail.wait_log("dovecot", r'countersign_list_prefix: a level of '
                             r'"\.\./outside" begins with .*; Lists is used')


@pytest.mark.skipif(not OLD, reason="2.4 does not start with them")
def test_bad_settings_allow_no_more_than_their_defaults(mail):
    mail.restart("dovecot", plugin(
        countersign_list_create="sometimes",
        countersign_list_max_mailboxes="many"))
    account = mail.account()
    deliver(mail, account, "first", "<dev.example.org>")
    assert subjects(mail, account) == ["first"]
    assert list_mailboxes(mail, account) == set()
    for complaint in (
            r'countersign_list_create must be never or always, not "sometimes"',
            r'countersign_list_max_mailboxes must be a number, not "many"'):
        mail.wait_log("dovecot", complaint)


def test_an_unreadable_store_defers_the_delivery(mail):
    account = mail.account()
    deliver(mail, account, "first", "<dev.example.org>")
    store = Path("/var/vmail", account, "Maildir")
    store.chmod(0)
    try:
        reply = mail.deliver_lmtp(f"{account}@example.org",
                                  message("second", "<dev.example.org>"))
        assert 400 <= reply.code < 500, reply
    finally:
        store.chmod(0o700)
    deliver(mail, account, "second", "<dev.example.org>")
    assert subjects(mail, account, "Lists.dev@example_org") == ["first",
                                                                "second"]
