"""Stock Dovecot: IMAP, POP3, ManageSieve, LMTP, and Postfix's passwords."""

import re
import shutil
from pathlib import Path

from . import sanitizer, tls
from .dovecot_settings import OLD, RELEASE, section
from .process import run
from .server import Server

CONFIG = Path(__file__).parent.parent / "config"
FOLDER = Path("/etc/dovecot/conf.d")
# Read by what our packages offer for 2.4, so that it leaves with them.
SIEVE = Path("/etc/countersign/dovecot-sieve-ext.conf")
KEYS = Path("/etc/countersign/dovecot-auth-tlspubkey.conf")
PENALTY = Path("/run/dovecot/anvil-auth-penalty")
# What our packages offer for both, and the settings in its passdb's args.
OFFERED = Path(f"/usr/share/dovecot-auth-tlspubkey/tlspubkey-{RELEASE}.conf")
ARGUMENTS = ("directory", "gate", "authzid")


def script(account, text):
    """The user's own active Sieve script."""
    home = Path("/var/vmail", account)
    home.mkdir(exist_ok=True)
    (home / ".dovecot.sieve").write_text(text)
    for path in (home, home / ".dovecot.sieve"):
        shutil.chown(path, "vmail", "vmail")


class Dovecot(Server):
    name = "dovecot"

    def __init__(self):
        super().__init__()
        # Of our passdb, what a site sets otherwise; None: it has none.
        self.keys = {}
        self.accounts = "accounts"  # or "published": from there, and only so
        run("useradd", "--system", "--home-dir", "/var/vmail", "--create-home",
            "vmail")
        # The one stock line to take out: PAM would be asked before us.
        auth = FOLDER / "10-auth.conf"
        auth.write_text(auth.read_text().replace(
            "!include auth-system.conf.ext", "#!include auth-system.conf.ext"))

    def configure(self, config):
        """config: the text of a drop-in read last."""
        shutil.copy(CONFIG / f"dovecot-{RELEASE}.conf",
                    FOLDER / "95-countersign.conf")
        accounts = FOLDER / "96-accounts.conf"
        shutil.copy(CONFIG / f"dovecot-{self.accounts}-{RELEASE}.conf",
                    accounts)
        if self.bare:
            accounts.write_text(re.sub("!include_try .*\n", "",
                                       accounts.read_text()))
        self.configure_keys(accounts)
        # One that is left from before keeps auth trying to reach it.
        PENALTY.unlink(missing_ok=True)
        if not OLD:
            SIEVE.write_text("countersign_list_create = always\n")
        (FOLDER / "97-sanitizer.conf").write_text(sanitizer.settings())
        (FOLDER / "99-test.conf").write_text(config or "")

    def configure_keys(self, accounts):
        """As the manual says: in a file of the site's; in 2.3, for ours."""
        KEYS.unlink(missing_ok=True)
        offered = f"!include_try {OFFERED}\n"
        text = offered
        if self.keys is None:
            text = re.sub(r"^passdb.*?^}\n", "", OFFERED.read_text(),
                          flags=re.M | re.S)
        elif self.keys and OLD:
            text = with_settings(self.keys)
        elif self.keys:
            KEYS.write_text(section("passdb tlspubkey", self.keys))
        accounts.write_text(accounts.read_text().replace(offered, text))

    def command(self):
        return ["dovecot", "-F"]

    def environment(self):
        return sanitizer.environment()

    def wait_ready(self):
        # What a service wrote before the log process first reads stays unseen
        # until that service writes again. So nothing is to start any before.
        self.wait_up(log_answers, "its log process")
        # A login process greets when it has reached auth.
        self.wait_greeting(993, b"* OK", tls.client_context())


def with_settings(settings):
    """The offered text for 2.3, with other settings in the passdb's block."""
    arguments = " ".join(f"{name}={value}" for name, value in settings.items()
                         if name in ARGUMENTS)
    lines = "".join(f"  {name} = {value}\n" for name, value in settings.items()
                    if name not in ARGUMENTS)
    text, count = re.subn(r"  args = .*\n", f"  args = {arguments}\n{lines}",
                          OFFERED.read_text())
    assert count == 1
    return text


def log_answers():
    return run("doveadm", "log", "errors", check=False).returncode == 0
