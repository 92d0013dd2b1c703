"""Daemons of ours, started from their installed systemd units."""

import os
import shlex
import socket
from pathlib import Path

from .process import run
from .server import Server

FOLDER = Path("/lib/systemd/system")


def read_unit(path):
    """Setting -> list of values, of all sections; no continuation lines."""
    settings = {}
    for line in Path(path).read_text().splitlines():
        name, equals, value = line.partition("=")
        if equals and not line.startswith(("#", ";")):
            settings.setdefault(name.strip(), []).append(value.strip())
    return settings


class Unit(Server):
    """One service, run as its unit says: user, groups, umask, readiness."""

    def __init__(self, name, usual=None):
        """usual: the configuration that tests expect, if not the installed."""
        self.name = name
        self.usual = usual
        super().__init__()
        self.unit = read_unit(FOLDER / f"{name}.service")
        self.config_path = Path(f"/etc/countersign/{name}.conf")
        self.stock_config = self.config_path.read_text()
        if self.usual is None:
            self.usual = self.stock_config
        self.notify_path = f"/run/{name}.notify"

    def setting(self, name, default):
        return self.unit.get(name, [default])[-1]

    def configure(self, config):
        self.config_path.write_text(
            self.usual if config is None else config)

    def command(self):
        assert self.setting("Type", "simple") == "notify"
        user = self.setting("User", "root")
        command = ["setpriv", f"--reuid={user}",
                   f"--regid={self.setting('Group', user)}", "--init-groups",
                   "--no-new-privs", "--inh-caps=-all",
                   "--bounding-set=-all"]
        umask = self.setting("UMask", "0022")
        return ["sh", "-c", f'umask {umask} && exec "$@"', "sh",
                "env", f"NOTIFY_SOCKET={self.notify_path}", *command,
                *shlex.split(self.setting("ExecStart", None))]

    def start(self, config=None):
        Path(self.notify_path).unlink(missing_ok=True)
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notify.bind(self.notify_path)
        os.chmod(self.notify_path, 0o666)
        self.notify.settimeout(0.2)
        super().start(config)

    def wait_ready(self):
        self.wait_up(self.notified, "READY=1")

    def notified(self):
        try:
            return b"READY=1" in self.notify.recv(4096)
        except TimeoutError:
            return False

    def reload(self, config=None):
        """As `systemctl reload`, with another configuration."""
        self.configure(config)
        self.configured = config
        run("kill", "-HUP", self.process.pid)

    def stop(self):
        super().stop()
        self.notify.close()
