"""Stock Postfix: port 25 and submissions (465), mail delivered by LMTP."""

import shutil
from pathlib import Path

from . import tls
from .process import run
from .server import Server

CONFIG = Path(__file__).parent.parent / "config"
FOLDER = Path("/etc/postfix")
UNIT = Path("/lib/systemd/system/postfix@.service")
CONFIGURE = "/usr/lib/postfix/configure-instance.sh"


def settings(text):
    """The "name = value" lines of a configuration file."""
    return [line for line in text.splitlines() if line and line[0] != "#"]


class Postfix(Server):
    name = "postfix"

    def __init__(self):
        super().__init__()
        for name in ("main.cf", "master.cf"):
            shutil.copy(FOLDER / name, FOLDER / f"{name}.stock")
        # Makes the folders that Dovecot's sockets are in.
        run("postfix", "check")

    def configure(self, config):
        """config: main.cf lines; after a line "[submissions]" its settings;
        after a line "[master.cf]" lines of that."""
        for name in ("main.cf", "master.cf"):
            shutil.copy(FOLDER / f"{name}.stock", FOLDER / name)
        config, _, services = (config or "").partition("[master.cf]\n")
        main, _, service = config.partition("[submissions]\n")
        run("postconf", "-e",
            *settings((CONFIG / "postfix-main.cf").read_text()),
            *settings(main))
        # postconf -Pe refuses values with spaces.
        with open(FOLDER / "master.cf", "a", encoding="ascii") as master:
            master.write("submissions inet n - y - - smtpd\n")
            for setting in (
                    *settings((CONFIG / "postfix-submissions.cf").read_text()),
                    *settings(service)):
                if self.bare and "countersign/" in setting:
                    continue
                master.write(f"  -o {{ {setting} }}\n")
            master.write(services)
        run("newaliases")
        # What Debian 12's unit does before it starts Postfix.
        if CONFIGURE in UNIT.read_text():
            run(CONFIGURE, "-")

    def command(self):
        return ["postfix", "start-fg"]

    def wait_ready(self):
        self.wait_greeting(25, b"220 ")
        self.wait_greeting(465, b"220 ", tls.client_context())

    def stop(self):
        if self.process is not None:
            run("postfix", "stop")
            self.process.wait(30)
            self.process = None
