"""A second stock Dovecot, a proxy in front of the stack's own."""

import shutil
from pathlib import Path

from . import auth_socket, dovecot_settings, sanitizer, tls
from .dovecot_settings import OLD, VERSIONS, section
from .process import run
from .sasl import PORTS
from .server import Server, greets

ADDRESS = "192.0.2.4"
BACKEND = "192.0.2.1"
FOLDER = Path("/etc/dovecot-proxy")
# What this host has there: the proxy has a local.secret of its own.
SECRETS = FOLDER / "tlspubkey"
PROTOCOLS = "imap pop3 sieve submission"



# The port of submissions is Postfix's already.
def _submissions(port):
    return ("service submission-login {\n  inet_listener submissions {\n"
            f"    port = {port}\n    ssl = yes\n  }}\n}}\n")


# Over the usual ones, of the stack's own Dovecot.
AS_BACKEND = (f"listen = {BACKEND}, 127.0.0.1\n"
              f"protocols = {PROTOCOLS} lmtp\n"
              "login_trusted_networks = 192.0.2.0/24\n"
              "submission_relay_host = 127.0.0.1\n"
              "submission_relay_port = 25\n" + _submissions(0))


def _certificate():
    if OLD:
        return f"ssl_cert = <{tls.CERTIFICATE}\nssl_key = <{tls.KEY}\n"
    return (f"ssl_server_cert_file = {tls.CERTIFICATE}\n"
            f"ssl_server_key_file = {tls.KEY}\n")


def _passdbs(**where):
    """Each login goes on by the mechanism that it came by."""
    mechanism = "%m" if OLD else "%{mechanism}"
    fields = {"proxy": "y", "proxy_mech": mechanism, **where}
    fields = dovecot_settings.keys_fields(fields)
    if OLD:
        return (section("passdb", {"driver": "tlspubkey", **fields}) +
                section("passdb", {"driver": "static",
                                   "args": "nopassword=y"}))
    return (section("passdb tlspubkey", fields) +
            dovecot_settings.ANYBODY_WITHOUT_PASSWORD)


class Proxy(Server):
    name = "dovecot-proxy"
    usual = {"host": BACKEND, "starttls": "any-cert"}

    def configure(self, config):
        """config: where to, as fields of the passdb, a dict."""
        if not SECRETS.exists():
            SECRETS.mkdir(mode=0o700, parents=True)
            (SECRETS / "local.secret").write_text("7" * 64)
            shutil.copy(auth_socket.FORWARD, SECRETS)
            for path in SECRETS.iterdir():
                path.chmod(0o600)
        plugins = ("login_plugins = login_tlspubkey\n" if OLD else
                   section("login_plugins", {"login_tlspubkey": "yes"}))
        mechanisms = ("auth_mechanisms = plain login tlspubkey external\n"
                      if OLD else
                      dovecot_settings.more_mechanisms("plain", "tlspubkey",
                                                       "external"))
        (FOLDER / "dovecot.conf").write_text(
            f"{VERSIONS}base_dir = /run/dovecot-proxy\n"
            "state_dir = /run/dovecot-proxy/state\n"
            "instance_name = proxy\n"
            f"log_path = {self.log_path}\nauth_verbose = yes\n"
            f"protocols = {PROTOCOLS}\nlisten = {ADDRESS}\n"
            "ssl = required\nauth_failure_delay = 0\n" + _certificate() +
            plugins + mechanisms + _passdbs(**config) +
            _submissions(PORTS["submission"]) + sanitizer.settings())

    def command(self):
        return ["unshare", "--mount", "sh", "-c",
                f"mount --bind {SECRETS} {auth_socket.FOLDER} && "
                f"exec dovecot -F -c {FOLDER}/dovecot.conf"]

    def environment(self):
        return sanitizer.environment()

    def wait_ready(self):
        self.wait_up(lambda: run("doveadm", "-c", FOLDER / "dovecot.conf",
                                 "log", "errors", check=False
                                 ).returncode == 0, "its log process")
        self.wait_up(lambda: greets(993, b"* OK", tls.client_context(),
                                    ADDRESS), "a greeting")
