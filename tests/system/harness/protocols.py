"""How one logs in, in the four protocols of Dovecot's login processes.

Each is told in the same words: greeting() reads what the server says first,
starttls() asks for TLS, mechanisms() are those offered, external() and plain()
are true if that logged in, works() is true of who is logged in.
"""

import base64
import re


def coded(text):
    return base64.b64encode(text.encode()).decode() or "="


def plain_response(user, password):
    return coded(f"\0{user}\0{password}")


class Imap:
    name = "imap"
    plain_port, tls_port = 143, 993
    done = "[a+] "

    def greeting(self, lines):
        return lines.until(r"\* ")[-1]

    def starttls(self, lines):
        lines.send("a STARTTLS")
        assert lines.until("a ")[-1].startswith("a OK ")

    after_starttls = None

    def mechanisms(self, lines):
        lines.send("a CAPABILITY")
        return re.findall(r" AUTH=(\S+)", "\n".join(lines.until("a ")))

    def _authenticate(self, lines, *words):
        lines.send(" ".join(("a AUTHENTICATE", *words)))
        return lines.until(self.done)[-1]

    def external(self, lines, authzid=None):
        if authzid is None:
            assert self._authenticate(lines, "EXTERNAL") == "+ "
            lines.send("")
            return lines.until("a ")[-1].startswith("a OK ")
        return self._authenticate(lines, "EXTERNAL",
                                  coded(authzid)).startswith("a OK ")

    def plain(self, lines, user, password):
        return self._authenticate(lines, "PLAIN", plain_response(
            user, password)).startswith("a OK ")

    def by_command(self, lines, user, password):
        lines.send(f"a LOGIN {user} {password}")
        return lines.until("a ")[-1].startswith("a OK ")

    def works(self, lines):
        lines.send("a SELECT INBOX")
        return lines.until("a ")[-1].startswith("a OK ")


class Pop3:
    name = "pop3"
    plain_port, tls_port = 110, 995

    def greeting(self, lines):
        return lines.until(r"\+OK ")[-1]

    def starttls(self, lines):
        lines.send("STLS")
        assert lines.line().startswith("+OK")

    after_starttls = None

    def mechanisms(self, lines):
        lines.send("CAPA")
        return re.findall(r"\S+", next(
            (line[5:] for line in lines.until(r"\.$")
             if line.startswith("SASL ")), ""))

    def _authenticate(self, lines, *words):
        lines.send(" ".join(("AUTH", *words)))
        return lines.line()

    def external(self, lines, authzid=None):
        if authzid is None:
            assert self._authenticate(lines, "EXTERNAL") == "+ "
            lines.send("")
            return lines.line().startswith("+OK")
        return self._authenticate(lines, "EXTERNAL",
                                  coded(authzid)).startswith("+OK")

    def plain(self, lines, user, password):
        return self._authenticate(lines, "PLAIN", plain_response(
            user, password)).startswith("+OK")

    def by_command(self, lines, user, password):
        lines.send(f"USER {user}")
        assert lines.line().startswith("+OK")
        lines.send(f"PASS {password}")
        return lines.line().startswith("+OK")

    def works(self, lines):
        lines.send("STAT")
        return lines.line().startswith("+OK")


class Submission:
    """Dovecot's own, beside Postfix."""

    name = "submission"
    plain_port, tls_port = 1587, 1465

    def greeting(self, lines):
        return lines.until("220 ")[-1]

    def starttls(self, lines):
        lines.send("STARTTLS")
        assert lines.line().startswith("220 ")

    after_starttls = None

    def mechanisms(self, lines):
        lines.send("EHLO client.example.net")
        return next((line[9:].split() for line in lines.until("250 ")
                     if line[4:].startswith("AUTH ")), [])

    def _authenticate(self, lines, *words):
        lines.send(" ".join(("AUTH", *words)))
        return lines.line()

    def external(self, lines, authzid=None):
        if authzid is None:
            assert self._authenticate(lines, "EXTERNAL") == "334 "
            lines.send("")
            return lines.line().startswith("235 ")
        return self._authenticate(lines, "EXTERNAL",
                                  coded(authzid)).startswith("235 ")

    def plain(self, lines, user, password):
        return self._authenticate(lines, "PLAIN", plain_response(
            user, password)).startswith("235 ")

    def by_command(self, lines, user, password):
        assert self._authenticate(lines, "LOGIN", coded(user)).startswith("334")
        lines.send(coded(password))
        return lines.line().startswith("235 ")

    def works(self, lines):
        lines.send("MAIL FROM:<>")
        return lines.line().startswith("250 ")


class ManageSieve:
    name = "managesieve"
    plain_port, tls_port = 4190, 5190
    done = "(OK|NO|BYE)"

    def greeting(self, lines):
        return lines.until(self.done)[-1]

    def starttls(self, lines):
        lines.send("STARTTLS")
        assert lines.until(self.done)[-1].startswith("OK")

    after_starttls = greeting

    def mechanisms(self, lines):
        lines.send("CAPABILITY")
        return re.findall(r'"SASL" "(.*)"', "\n".join(
            lines.until(self.done)))[0].split()

    def _authenticate(self, lines, name, response):
        lines.send(f'AUTHENTICATE "{name}" "{response}"')
        return lines.until(self.done)[-1].startswith("OK")

    def external(self, lines, authzid=None):
        if authzid is None:
            lines.send('AUTHENTICATE "EXTERNAL"')
            assert lines.line() in ('""', "{0}")
            lines.send('""')
            return lines.until(self.done)[-1].startswith("OK")
        return self._authenticate(lines, "EXTERNAL",
                                  coded(authzid) if authzid else "")

    def plain(self, lines, user, password):
        return self._authenticate(lines, "PLAIN",
                                  plain_response(user, password))

    by_command = plain

    def works(self, lines):
        lines.send("LISTSCRIPTS")
        return lines.until(self.done)[-1].startswith("OK")


ALL = {protocol.name: protocol for protocol in (Imap(), Pop3(), Submission(),
                                                ManageSieve())}
