"""A real slapd, with people in it who log in by binding."""

import shutil
from pathlib import Path

from .process import run
from .server import Server

URI = "ldap://127.0.0.1:3890"
BASE = "ou=people,dc=example,dc=org"
ADMIN = ("-x", "-H", URI, "-D", "cn=admin,dc=example,dc=org", "-w", "secret")

CONFIG = """\
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
modulepath /usr/lib/ldap
moduleload back_mdb
database mdb
suffix dc=example,dc=org
directory {folder}
rootdn cn=admin,dc=example,dc=org
rootpw secret
access to attrs=userPassword by anonymous auth
access to * by * read
"""

ROOT = f"""\
dn: dc=example,dc=org
objectClass: domain
dc: example

dn: {BASE}
objectClass: organizationalUnit
ou: people
"""


def dn(name):
    return f"uid={name},{BASE}"


class Slapd(Server):
    name = "slapd"
    folder = Path("/var/lib/countersign-test-ldap")

    def configure(self, config):
        """config: more lines of its configuration."""
        shutil.rmtree(self.folder, ignore_errors=True)
        data = self.folder / "data"
        data.mkdir(parents=True)
        (self.folder / "slapd.conf").write_text(
            CONFIG.format(folder=data) + (config or ""))

    def command(self):
        return ["slapd", "-d", "none", "-f", self.folder / "slapd.conf", "-h",
                URI]

    def wait_ready(self):
        self.wait_up(lambda: run("ldapwhoami", *ADMIN,
                                 check=False).returncode == 0, "a bind")
        run("ldapadd", *ADMIN, input=ROOT)

    def put(self, name, password):
        """A person who has this password from now on."""
        run("ldapdelete", *ADMIN, dn(name), check=False)
        run("ldapadd", *ADMIN, input=(
            f"dn: {dn(name)}\nobjectClass: account\n"
            f"objectClass: simpleSecurityObject\nuid: {name}\n"
            f"userPassword: {password}\n"))
