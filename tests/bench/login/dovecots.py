"""Stock Dovecots beside each other, and the processor time of each.

Each has a copy of Debian's configuration, an address and sockets of its own;
who is not asked anything takes no time.
"""

import os
import shutil
import time
from pathlib import Path

from harness import tls
from harness.dovecot_settings import OLD, RELEASE, section
from harness.process import wait_for
from harness.server import Server, greets

OFFERED = Path(f"/usr/share/dovecot-auth-tlspubkey/tlspubkey-{RELEASE}.conf")
TICKS = os.sysconf("SC_CLK_TCK")
LOGIN_SERVICES = ("imap-login", "pop3-login", "managesieve-login",
                  "submission-login")
MAIL_SERVICES = ("imap", "pop3", "managesieve", "submission")

COMMON = """
protocols = imap pop3 sieve submission
listen = {address}
base_dir = {run}
log_path = {log}
hostname = mail.example.org
ssl = required
mail_max_userip_connections = 0
submission_relay_host = 127.0.0.1
service submission-login {{
  inet_listener submissions {{
    port = 10465
    ssl = yes
  }}
}}
"""
OLD_COMMON = """
ssl_cert = <{certificate}
ssl_key = <{key}
mail_location = maildir:~/Maildir
userdb {{
  driver = static
  args = uid=vmail gid=vmail home=/var/vmail/%u allow_all_users=yes
}}
"""
NEW_COMMON = """
ssl_server_cert_file = {certificate}
ssl_server_key_file = {key}
mail_driver = maildir
mail_path = ~/Maildir
mail_inbox_path = ~/Maildir
userdb static {{
  allow_all_users = yes
  fields {{
    uid = vmail
    gid = vmail
    home = /var/vmail/%{{user}}
  }}
}}
"""


def passwd_file(path):
    if OLD:
        return section("passdb", {"driver": "passwd-file",
                                  "args": f"scheme=PLAIN {path}"})
    return section("passdb passwd-file", {
        "passwd_file_path": path, "default_password_scheme": "PLAIN"})


def sqlite(path, folder):
    """Asks its workers, as the library has no other way."""
    query = "SELECT name AS user, password FROM people WHERE name = '{}'"
    if not OLD:
        return (f"sql_driver = sqlite\nsqlite_path = {path}\n" + section(
            "passdb sql", {"default_password_scheme": "PLAIN",
                           "query": query.format("%{user}")}))
    config = folder / "sql.conf"
    config.write_text(f"driver = sqlite\nconnect = {path}\n"
                      "default_pass_scheme = PLAIN\n"
                      f"password_query = {query.format('%u')}\n")
    return section("passdb", {"driver": "sql", "args": config})


def asks_for_certificates(path):
    """As stock does: they are verified, and a CA must be named."""
    if OLD:
        return (f"ssl_ca = <{path}\nssl_verify_client_cert = yes\n"
                "ssl_require_crl = no\n")
    return (f"ssl_server_ca_file = {path}\nssl_server_require_crl = no\n"
            "ssl_server_request_client_cert = yes\n")


def keys(directory):
    """What the package offers, with a directory of the benchmark's."""
    uri = "sqlite:/var/lib/countersign"
    text = OFFERED.read_text()
    assert text.count(uri) == 1
    return text.replace(uri, directory)


def one_for_all():
    """Processes that live on: one for all logins, and ones for mail."""
    count = {"service_count": 0} if OLD else {
        "restart_request_count": "unlimited"}
    return "".join(section(f"service {service}", {
        **count, "process_min_avail": 1, "process_limit": 1})
        for service in LOGIN_SERVICES) + "".join(section(
            f"service {service}", {**count, "process_min_avail": 1})
            for service in MAIL_SERVICES)


class Dovecot(Server):
    """A running master, and all that it has started."""

    def __init__(self, name, address, text):
        """text: what makes it another than the rest."""
        self.name, self.address, self.text = f"dovecot-{name}", address, text
        self.folder = Path("/tmp/dovecots", name)
        self.run = Path("/run/dovecots", name)
        super().__init__()

    def configure(self, config):
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree("/etc/dovecot", self.folder, symlinks=True)
        self.run.parent.mkdir(exist_ok=True)
        auth = self.folder / "conf.d/10-auth.conf"
        auth.write_text(auth.read_text().replace(
            "!include auth-system.conf.ext", ""))
        common = COMMON + (OLD_COMMON if OLD else NEW_COMMON)
        (self.folder / "conf.d/99-bench.conf").write_text(common.format(
            address=self.address, run=self.run, log=self.log_path,
            certificate=tls.CERTIFICATE, key=tls.KEY) +
            self.text + (config or ""))

    def command(self):
        return ["dovecot", "-F", "-c", self.folder / "dovecot.conf"]

    def wait_ready(self):
        self.wait_up(lambda: greets(993, b"* OK", tls.client_context(),
                                    self.address), "a greeting")

    def processes(self):
        """By id, the name of each that runs; the master's first."""
        found = {self.process.pid: "dovecot"}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                status = (folder / "stat").read_text()
            except (FileNotFoundError, ProcessLookupError):
                continue
            name, _, rest = status.partition("(")[2].rpartition(")")
            if int(rest.split()[1]) == self.process.pid:
                found[int(folder.name)] = name
        return found

    def cpu(self):
        """Seconds of processor so far, of those that have ended too."""
        own = 0
        for pid in self.processes():
            try:
                own += time.clock_gettime(~pid << 3 | 2)
            except OSError:
                pass  # it has ended: counted below from now on
        status = Path(f"/proc/{self.process.pid}/stat").read_text()
        ended = status.rpartition(")")[2].split()[13:15]
        return own + sum(map(int, ended)) / TICKS

    def idle_cpu(self):
        """The same, once it has done all that it was asked."""
        last = -1.0

        def same():
            nonlocal last
            before, last = last, self.cpu()
            return last - before < 0.0002

        wait_for(same, f"{self.name} to be idle")
        return last

    def resident(self):
        """By what it is, the largest process with all that it has: KiB."""
        sizes = {}
        for pid in self.processes():
            try:
                words = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
                text = Path(f"/proc/{pid}/smaps_rollup").read_text()
            except (FileNotFoundError, ProcessLookupError):
                continue
            name = " ".join(words).rpartition("/")[2].partition("[")[0].strip()
            size = next(int(line.split()[1]) for line in text.splitlines()
                        if line.startswith("Rss:"))
            sizes[name] = max(size, sizes.get(name, 0))
        return sizes
