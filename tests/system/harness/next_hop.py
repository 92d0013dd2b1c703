"""A second stock Postfix, which the first one sends mail for example.net to."""

import shutil
from pathlib import Path

from .process import run, wait_for
from .server import Server, greets

HOST = "127.0.0.1"
PORT = 2525
FOLDER = Path("/etc/postfix-next")
QUEUE = Path("/var/spool/postfix-next")
DATA = Path("/var/lib/postfix-next")
MAILDIR = Path("/var/mail-next")

# For the first Postfix.
ROUTE = f"transport_maps = inline:{{ {{ example.net = smtp:[{HOST}]:{PORT} }} }}\n"

MAIN = f"""\
compatibility_level = 3.6
queue_directory = {QUEUE}
data_directory = {DATA}
syslog_name = postfix-next
maillog_file = /var/log/postfix-next.log
maillog_file_prefixes = /var/log
myhostname = next.example.net
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = {HOST}
inet_protocols = ipv4
local_header_rewrite_clients =
smtpd_relay_restrictions = reject_unauth_destination
virtual_mailbox_domains = example.net
virtual_mailbox_maps = static:all/
virtual_mailbox_base = {MAILDIR}
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
"""

MASTER = f"""\
postlog unix-dgram n - n - 1 postlogd
{HOST}:{PORT} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
"""


class NextHop(Server):
    """Delivers all mail for example.net, as it came, into one maildir."""

    name = "postfix-next"

    def configure(self, config):
        """config: main.cf lines, such as what its EHLO shall not offer."""
        for folder in (FOLDER, QUEUE, DATA, MAILDIR):
            folder.mkdir(exist_ok=True)
        shutil.chown(DATA, "postfix")
        shutil.chown(MAILDIR, 65534, 65534)
        (FOLDER / "main.cf").write_text(MAIN + (config or ""))
        (FOLDER / "master.cf").write_text(MASTER)

    def command(self):
        return ["postfix", "-c", FOLDER, "start-fg"]

    def wait_ready(self):
        self.wait_up(lambda: greets(PORT, b"220 ", None, HOST), "a greeting")

    def stop(self):
        if self.process is not None:
            run("postfix", "-c", FOLDER, "stop")
            self.process.wait(30)
            self.process = None

    def messages(self):
        """What has arrived, as bytes."""
        return [path.read_bytes()
                for path in sorted(MAILDIR.glob("all/new/*"))]

    def wait_message(self, containing):
        return wait_for(
            lambda: next((text for text in self.messages()
                          if containing in text), None),
            f"a message with {containing!r} at the next hop", timeout=30)
