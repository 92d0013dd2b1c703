"""Dovecot's submission service, which hands mail to Postfix's.

It logs in there as its users, by a master user: Postfix takes XCLIENT by
address alone, from whatever local process.
"""

from pathlib import Path

from harness import tls
from harness.dovecot import FOLDER
from harness.dovecot_settings import OLD, section

MASTER = Path("/etc/dovecot/relay.passwd")
PASSWORD = "password of the relay"
# The usual one, 465, is Postfix's here.
PORT = 4465


def make():
    MASTER.write_text(f"relay:{{PLAIN}}{PASSWORD}\n")
    if OLD:  # Only a userdb before the others can name the user.
        (FOLDER / "94-relay.conf").write_text(section("userdb", {
            "driver": "static", "result_success": "continue",
            "args": "submission_relay_user=%u allow_all_users=yes"}))


def settings(more):
    if OLD:
        parts = ("protocols = $protocols submission\n"
                 + section("passdb", {"driver": "passwd-file",
                                      "master": "yes", "args": MASTER}))
    else:
        parts = (section("protocols", {"submission": "yes"})
                 + "submission_relay_user = %{user}\n"
                 + section("passdb relay", {
                     "driver": "passwd-file", "master": "yes",
                     "passwd_file_path": MASTER}))
    return parts + more + (
        f"ssl_client_ca_file = {tls.CA}\n"
        "submission_relay_host = mail.example.org\n"
        "submission_relay_port = 465\n"
        "submission_relay_ssl = smtps\n"
        "submission_relay_master_user = relay\n"
        f"submission_relay_password = {PASSWORD}\n"
        "service submission-login {\n  inet_listener submissions {\n"
        f"    port = {PORT}\n    ssl = yes\n  }}\n}}\n")
