"""Stock passdbs, which a site's passwords are in. Ours is before them."""

import sqlite3
from contextlib import closing
from pathlib import Path

from .dovecot_settings import OLD, database, section
from .process import run, wait_for
from .slapd import BASE, URI, Slapd

USER = "%u" if OLD else "%{user}"


class Passdb:
    """Who is in it, and what makes Dovecot ask it."""

    def start(self):
        pass

    def stop(self):
        pass

    def put(self, name, password):
        """In force when this returns, if Dovecot runs with it."""
        raise NotImplementedError

    def settings(self):
        raise NotImplementedError


class PasswdFile(Passdb):
    path = Path("/etc/dovecot/test.passwd")

    def start(self):
        self.path.write_text("")

    def put(self, name, password):
        lines = [line for line in self.path.read_text().splitlines()
                 if not line.startswith(f"{name}:")]
        lines.append(f"{name}:{{PLAIN}}{password}")
        self.path.write_text("\n".join(lines) + "\n")
        # Dovecot looks at it once a second.
        wait_for(lambda: run("doveadm", "auth", "test", name, password,
                             check=False).returncode == 0,
                 f"Dovecot to know {name}")

    def settings(self):
        if OLD:
            return section("passdb", {"driver": "passwd-file",
                                      "args": self.path})
        return section("passdb people", {"driver": "passwd-file",
                                         "passwd_file_path": self.path})


class Sql(Passdb):
    """SQLite; has homes too."""

    path = Path("/var/lib/countersign-test.db")
    config = Path("/etc/dovecot/test-sql.conf.ext")
    password_query = ("SELECT name AS user, password FROM people "
                      f"WHERE name = '{USER}'")
    prefetch_query = (
        "SELECT name AS user, password, 'vmail' AS userdb_uid, "
        "'vmail' AS userdb_gid, '/var/vmail/fetched-' || name AS userdb_home "
        f"FROM people WHERE name = '{USER}'")
    user_query = (
        "SELECT 'vmail' AS uid, 'vmail' AS gid, "
        "'/var/vmail/asked-' || name AS home "
        f"FROM people WHERE name = '{USER}'")

    def start(self):
        self.path.unlink(missing_ok=True)
        self.execute("CREATE TABLE people (name TEXT PRIMARY KEY, "
                     "password TEXT)")

    def execute(self, *statement):
        with closing(sqlite3.connect(self.path)) as connection:
            connection.execute(*statement)
            connection.commit()

    def put(self, name, password):
        self.execute("REPLACE INTO people VALUES (?, ?)", (name, password))

    def settings(self, password_query=None):
        query = password_query or self.password_query
        if not OLD:
            return (f"sql_driver = sqlite\nsqlite_path = {self.path}\n" +
                    section("passdb sql", {"default_password_scheme": "PLAIN",
                                           "query": query}))
        self.config.write_text(
            f"driver = sqlite\nconnect = {self.path}\n"
            f"default_pass_scheme = PLAIN\npassword_query = {query}\n"
            f"user_query = {self.user_query}\n")
        return section("passdb", {"driver": "sql", "args": self.config})

    def userdb(self):
        if OLD:
            return section("userdb", {"driver": "sql", "args": self.config})
        return section("userdb sql", {"query": self.user_query})


class Ldap(Passdb):
    """slapd checks the password: Dovecot binds with it."""

    config = Path("/etc/dovecot/test-ldap.conf.ext")

    def __init__(self):
        self.slapd = Slapd()

    def start(self):
        self.slapd.start()

    def stop(self):
        self.slapd.stop()

    def put(self, name, password):
        self.slapd.put(name, password)

    def settings(self):
        bind = f"uid={USER},{BASE}"
        if not OLD:
            return (f"ldap_uris = {URI}\nldap_base = {BASE}\n" +
                    section("passdb ldap", {
                        "bind": "yes", "bind_userdn": bind,
                        "filter": f"(uid={USER})"}))
        self.config.write_text(f"uris = {URI}\nbase = {BASE}\n"
                               f"auth_bind = yes\nauth_bind_userdn = {bind}\n")
        return section("passdb", {"driver": "ldap", "args": self.config})


class Pam(Passdb):
    """The host's users."""

    def put(self, name, password):
        if run("id", name, check=False).returncode != 0:
            run("useradd", "--no-create-home", name)
        run("chpasswd", input=f"{name}:{password}\n")

    def settings(self):
        return database("passdb", "pam")
