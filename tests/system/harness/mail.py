"""The running stack, as tests and demo use it."""

import itertools
import json
import re
import tempfile
from contextlib import contextmanager
from pathlib import Path

from . import client, tls
from .dns import Knot
from .dovecot import Dovecot
from .postfix import Postfix
from .process import run, wait_for
from .syslog import Syslog
from .unit import Unit

class Mail:
    """Stock servers on their standard ports, our daemons as installed."""

    submit = staticmethod(client.submit)
    deliver = staticmethod(client.deliver)
    deliver_lmtp = staticmethod(client.deliver_lmtp)
    imap = staticmethod(client.imap)

    def __init__(self, bare=False):
        """bare: stock servers that do not use our parts yet."""
        self.bare = bare
        self.folder = Path(tempfile.mkdtemp(prefix="mail-"))
        self.servers = {}
        self.numbers = itertools.count(1)

    def start(self):
        Syslog().start()
        tls.make_ca()
        self.empty()
        for server in (Knot(), Dovecot(),
                       Unit("milter-sender-check", "mode = enforce\n"),
                       Unit("milter-dkim"), Unit("milter-dkim-verify"),
                       Postfix()):
            self.servers[server.name] = server
            server.bare = self.bare
            server.start()
        self.mark()

    def stop(self):
        for server in reversed(self.servers.values()):
            server.stop()

    def restart(self, name, config=None):
        """Restart one server, with a configuration of the test's own.

        dovecot: a drop-in; postfix: main.cf lines, then, after a line
        "[submissions]", settings of that service, then, after a line
        "[master.cf]", more services; a daemon of ours: its whole file. The usual one comes back with the next test.
        """
        self.servers[name].restart(config)

    @contextmanager
    def usually(self, name, config):
        """restart()'s settings are the usual ones of a server for a while."""
        server = self.servers[name]
        before, server.usual = server.usual, config
        server.restart()
        try:
            yield
        finally:
            server.usual = before
            server.restart()

    @contextmanager
    def keys_settings(self, **settings):
        """Of our passdb, for a while, what a site sets otherwise."""
        dovecot = self.servers["dovecot"]
        dovecot.keys = settings
        dovecot.restart()
        try:
            yield
        finally:
            dovecot.keys = {}
            dovecot.restart()

    def reload(self, name, config=None):
        """Give a running daemon of ours its whole file anew."""
        before = self.log(name).count("reloaded")
        self.servers[name].reload(config)
        wait_for(lambda: self.log(name).count("reloaded") > before,
                 f"{name} to reload")

    def restore(self):
        """After a test: every server runs, with its usual configuration."""
        for server in self.servers.values():
            if server.configured is not None or not server.running():
                server.restart()

    def empty(self):
        """No account and no mail: a new directory with example.org alone.

        What is published stays until that is: Dovecot reads a passwd-file
        anew at another second or size, so the command dates it after the
        one that is there, and ahead of the clock when it is in a hurry.
        """
        Path("/var/lib/countersign/directory.db").unlink(missing_ok=True)
        run("sh", "-c", "rm -rf /var/vmail/*")
        self.countersign("directory", "init")
        self.countersign("domain", "add", "example.org", "--delimiter", "+")

    def countersign(self, *words, input=None, check=True):
        """The command; its CompletedProcess, with text."""
        return run("countersign", *words, input=input, check=check)

    def json(self, *words):
        return json.loads(self.countersign("--json", *words).stdout)

    def account(self, name=None, password=None):
        """A new account NAME (or one of its own) with NAME@example.org."""
        name = name or f"user{next(self.numbers)}"
        self.countersign("account", "add", name)
        self.countersign("address", "add", f"{name}@example.org", name)
        if password is not None:
            self.set_password(name, password)
        return name

    def set_password(self, name, password):
        """In force when this returns."""
        self.countersign("account", "passwd", name, input=password + "\n")
        self.wait_password(name, password)

    def wait_password(self, name, password):
        """Dovecot looks at its passwd-file once a second."""
        wait_for(lambda: run("doveadm", "auth", "test", name, password,
                             check=False).returncode == 0,
                 f"Dovecot to know {name}'s password")

    def device_key(self, account=None, name="laptop", algorithm="P-256",
                   preauth=False, expired=False):
        """A new key pair, added to the account if one is named.

        Without preauth it logs in when the client says so, not before.
        """
        file_name = f"{name}-{next(self.numbers)}"
        key = tls.DeviceKey(self.folder, file_name, algorithm, expired)
        if account is not None:
            self.add_key(account, key, "--name", name,
                         *([] if preauth else ["--no-preauth"]))
        return key

    def add_key(self, account, key, *options):
        self.countersign("key", "add", *options, "--", account,
                         input=key.pem())

    def dns(self, records):
        """More records of the zone example.org, as zone text."""
        self.servers["knot"].add(records)

    def messages(self, account, mailbox="INBOX"):
        """The mailbox's messages as text, in order; none if it is not there."""
        done = run("doveadm", "-f", "pager", "fetch", "-u", account, "text",
                   "mailbox", mailbox, "all", check=False)
        # Nothing but this title stands between messages (2.3).
        return [part.strip("\f\n") + "\n" for part in
                re.split(r"^text:\n", done.stdout, flags=re.M)[1:]]

    def mailboxes(self, account):
        return run("doveadm", "mailbox", "list", "-u",
                   account).stdout.splitlines()

    def wait_message(self, account, mailbox="INBOX", containing=""):
        """The first message there with that text, when it has arrived."""
        return wait_for(
            lambda: next((text for text in self.messages(account, mailbox)
                          if containing in text), None),
            f"a message in {account}'s {mailbox}")

    def mark(self):
        """From here on log() counts."""
        self.marks = {name: server.log_size()
                      for name, server in self.servers.items()}

    def log(self, name=None):
        """What was logged in this test, by one server or by all."""
        return "".join(server.log(self.marks[server.name])
                       for server in self.servers.values()
                       if name in (None, server.name))

    def wait_log(self, name, pattern):
        """The match of a regular expression in that server's log."""
        return wait_for(lambda: re.search(pattern, self.log(name)),
                        f"{pattern!r} in {name}'s log")

    def wait_login(self, account, method, more=""):
        """Dovecot's line about a login, with more (a pattern) in its end."""
        return self.wait_log("dovecot", rf"(Login|Logged in): "
                             rf"user=<{account}>, method={method},.*{more}")
