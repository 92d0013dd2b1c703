"""Stock Postfix and Dovecot on published files alone: nothing of ours runs."""

import base64
import hashlib
import json

import pytest
from harness.process import run, wait_for

MAPS = "$default_database_type:/var/lib/countersign/published/postfix"
POSTFIX = f"""
[submissions]
smtpd_milters =
smtpd_sender_login_maps = {MAPS}/sender_login_maps
smtpd_sender_restrictions = reject_sender_login_mismatch
"""

# As doveadm pw hashes "secret", salted with "salt".
SSHA256 = "{SSHA256}" + base64.b64encode(
    hashlib.sha256(b"secretsalt").digest() + b"salt").decode()


@pytest.fixture(scope="module", autouse=True)
def published(stack):
    dovecot, postfix = (stack.servers[name] for name in ("dovecot", "postfix"))
    dovecot.accounts = "published"
    dovecot.restart()
    postfix.restart(POSTFIX)
    postfix.configured = None  # for all tests of this file
    yield
    dovecot.accounts = "accounts"
    dovecot.restart()
    postfix.restart()


def wait_user(account):
    """Dovecot looks at its files once a second."""
    wait_for(lambda: run("doveadm", "user", account,
                         check=False).returncode == 0,
             f"Dovecot to know the user {account}")


def new_account(mail, password=None):
    account = mail.account(password=password)
    wait_user(account)
    return account


def message(sender, subject="hello"):
    return (f"From: {sender}\nTo: <rcpt@example.org>\nSubject: {subject}\n"
            f"\n.\n")


def submit(mail, login, sender, recipient, subject="hello"):
    return mail.submit(login, "secret", sender, [recipient],
                       message(sender, subject))


def test_no_module_of_ours_is_loaded(mail):
    settings = run("doveconf").stdout
    assert "tlspubkey" not in settings and "countersign_" not in settings


@pytest.mark.parametrize("scheme", ["yescrypt", "argon2id"])
def test_a_password_of_each_scheme_logs_in(mail, scheme):
    account = new_account(mail)
    mail.countersign("account", "passwd", account, "--scheme", scheme,
                     input="secret\n")
    mail.wait_password(account, "secret")
    for login in (account, f"{account}@example.org"):
        assert mail.imap(login, "secret").state == "AUTH"
        mail.wait_login(account, "PLAIN")
    assert run("doveadm", "auth", "test", account, "wrong",
               check=False).returncode != 0


def test_mail_arrives_through_every_address_of_an_account(mail):
    account = new_account(mail)
    addresses = [f"{account}@example.org", f"{account}-also@example.org",
                 f"{account}+shop@example.org"]
    mail.countersign("address", "add", addresses[1], account)
    for number, address in enumerate(addresses):
        reply = mail.deliver("stranger@example.net", [address],
                             message("stranger@example.net", f"no {number}"))
        assert reply.accepted, reply
        text = mail.wait_message(account, containing=f"Subject: no {number}")
        assert "with LMTP" in text


def test_mail_arrives_for_whoever_may_not_log_in(mail):
    account = new_account(mail, password="secret")
    mail.countersign("account", "disable", account)
    reply = mail.deliver("stranger@example.net", [f"{account}@example.org"],
                         message("stranger@example.net", "still here"))
    assert reply.accepted, reply
    mail.wait_message(account, containing="still here")
    wait_for(lambda: mail.submit(account, "secret", f"{account}@example.org",
                                 [], "").code == 535, "the login's refusal")


def test_dovecot_knows_whose_an_address_is(mail):
    account = new_account(mail)
    for user in (account, f"{account}@example.org"):
        assert run("doveadm", "user", "-f", "home",
                   user).stdout.strip() == f"/var/vmail/{account}"
    assert run("doveadm", "user", "nobody@example.org",
               check=False).returncode != 0


def test_an_account_writes_as_itself_and_as_it_was_granted(mail):
    account = new_account(mail, password="secret")
    other = new_account(mail)
    own, others = (f"{name}@example.org" for name in (account, other))
    reply = submit(mail, account, own, others, "from me")
    assert reply.accepted, reply
    text = mail.wait_message(other, containing="from me")
    assert "DKIM-Signature" not in text
    assert submit(mail, account, f"{account}+x@example.org", others).accepted
    reply = submit(mail, account, others, others)
    assert (reply.code, "not owned by user" in reply.text) == (553, True)
    mail.countersign("grant", "add", account, others)
    assert submit(mail, account, others, others).accepted


def test_an_imported_site_logs_in_writes_and_gets_mail(mail, tmp_path):
    (tmp_path / "users").write_text(f"old:{SSHA256}:1000:1000::/home/old::\n")
    (tmp_path / "virtual").write_text("old@example.org old\n"
                                      "info@example.org old@example.org\n")
    (tmp_path / "senders").write_text("old@example.org old\n"
                                      "info@example.org old\n")
    mail.countersign("directory", "import", f"passwd-file:{tmp_path}/users",
                     f"virtual_alias_maps:{tmp_path}/virtual",
                     f"smtpd_sender_login_maps:{tmp_path}/senders")
    mail.wait_password("old", "secret")
    wait_user("old")
    reply = submit(mail, "old", "info@example.org", "info@example.org", "new")
    assert reply.accepted, reply
    mail.wait_message("old", containing="Subject: new")


def test_a_map_is_read_as_postmap_reads_it(mail, tmp_path):
    account = mail.account()
    path = tmp_path / "virtual"
    path.write_text(f"""
# a comment
a-1@example.org {account}
b-2@example.org
  # not the end of it

\t{account}
   \nC-3@Example.ORG\t\t {account}   \r
  # the end
d-4@example.org   {account},
""")
    run("postmap", path)
    compiled = dict(line.rstrip(", ").split("\t") for line in
                    run("postmap", "-s", path).stdout.splitlines())
    assert len(compiled) == 4
    mail.countersign("directory", "import", f"virtual_alias_maps:{path}")
    assert compiled == {
        row["address"].lower(): account for row in json.loads(
            mail.countersign("--json", "address", "list", account).stdout)
        if row["address"] != f"{account}@example.org"}
