"""What all servers of the stack have in common."""

import os
import socket
import subprocess
from pathlib import Path

from .process import wait_for


class Server:
    """One running server; subclasses say how it is configured and started."""

    name = None
    bare = False  # without our parts, for `countersign setup`
    usual = None  # the settings where a test has none of its own

    def __init__(self):
        self.log_path = Path(f"/var/log/{self.name}.log")
        self.log_path.touch()
        self.process = None
        self.configured = None

    def command(self):
        raise NotImplementedError

    def environment(self):
        return os.environ

    def configure(self, config):
        """Take the test's own settings (text), or None for the usual ones."""
        raise NotImplementedError

    def wait_ready(self):
        raise NotImplementedError

    def start(self, config=None):
        self.configure(self.usual if config is None else config)
        self.configured = config
        self.launch()

    def launch(self):
        """With whatever configuration is there."""
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                self.command(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self.environment(),
                start_new_session=True,
            )
        self.wait_ready()

    def stop(self):
        if self.process is None:
            return
        self.process.terminate()
        self.process.wait(30)
        self.process = None

    def restart(self, config=None):
        self.stop()
        self.start(config)

    def running(self):
        return self.process is not None and self.process.poll() is None

    def wait_greeting(self, port, greeting, context=None):
        """Until a client of that port is greeted, by TLS with a context."""
        self.wait_up(lambda: greets(port, greeting, context),
                     f"a greeting on port {port}")

    def wait_up(self, condition, what, timeout=30):
        """As wait_for(), but a server that ended will not come up."""

        def up():
            return not self.running() or condition()

        try:
            wait_for(up, f"{self.name}: {what}", timeout)
        except AssertionError as failure:
            raise AssertionError(f"{failure}\n{self.log()[-4000:]}") from None
        if not self.running():
            raise AssertionError(f"{self.name} ended:\n{self.log()[-4000:]}")

    def log(self, since=0):
        with open(self.log_path, "rb") as log:
            log.seek(since)
            return log.read().decode(errors="replace")

    def log_size(self):
        return self.log_path.stat().st_size


def greets(port, greeting, context, host="mail.example.org"):
    try:
        with socket.create_connection((host, port), 5) as plain:
            if context is None:
                return plain.recv(64).startswith(greeting)
            with context.wrap_socket(
                    plain, server_hostname="mail.example.org") as secure:
                return secure.recv(64).startswith(greeting)
    except OSError:
        return False
