"""Mail clients that log in and out again, some at a time.

Their own time is not what is measured, and Python's TLS is the C library's.
"""

import base64
import socket
import threading

from harness import tls

HOST = "mail.example.org"


class Imap:
    port = 993
    starttls = None
    hello = None
    plain = b"a AUTHENTICATE PLAIN %s\r\n"
    external = b"a AUTHENTICATE EXTERNAL =\r\n"
    logged_in = b"a OK "
    greeting = b"* OK "
    end = b"b LOGOUT\r\n"


class Pop3:
    port = 995
    starttls = None
    hello = None
    plain = b"AUTH PLAIN %s\r\n"
    external = b"AUTH EXTERNAL =\r\n"
    logged_in = b"+OK "
    greeting = b"+OK "
    end = b"QUIT\r\n"


class Submission:
    port = 10465
    starttls = None
    hello = b"EHLO client.example.org\r\n", b"250 "
    plain = b"AUTH PLAIN %s\r\n"
    external = b"AUTH EXTERNAL =\r\n"
    logged_in = b"235 "
    greeting = b"220 "
    end = b"QUIT\r\n"


class ManageSieve:
    """By STARTTLS: that of stock Dovecot 2.3 hangs on implicit TLS."""

    port = 4190
    starttls = b"STARTTLS\r\n", b"OK "
    hello = None
    plain = b'AUTHENTICATE "PLAIN" "%s"\r\n'
    external = b'AUTHENTICATE "EXTERNAL" ""\r\n'
    logged_in = b"OK "
    greeting = b"OK "
    end = b"LOGOUT\r\n"


PROTOCOLS = {"imap": Imap, "pop3": Pop3, "submission": Submission,
             "sieve": ManageSieve}


def plain(user, password):
    """What logs in by password."""
    response = base64.b64encode(f"\0{user}\0{password}".encode())
    return lambda protocol: (protocol.greeting, protocol.plain % response,
                             protocol.logged_in)


def external(protocol):
    """What logs in by key."""
    return protocol.greeting, protocol.external, protocol.logged_in


def preauth(_protocol):
    """What is logged in by key when it is greeted."""
    return b"* PREAUTH ", b"", b"* OK "


class Client:
    """Logs in at a Dovecot always in the same way."""

    def __init__(self, dovecot, how, key=None, protocol="imap", resumed=False):
        self.dovecot = dovecot
        self.protocol = PROTOCOLS[protocol]
        self.greeting, self.command, self.logged_in = how(self.protocol)
        self.context = tls.client_context(key)
        self.resumed = resumed
        self.session = None

    def connect(self):
        """Where TLS begins."""
        sock = socket.create_connection(
            (self.dovecot.address, self.protocol.port), 30)
        if self.protocol.starttls is not None:
            command, answer = self.protocol.starttls
            with sock.makefile("rb") as lines:
                self.expect(lines, self.greeting)
                sock.sendall(command)
                self.expect(lines, answer)
        return sock

    def log_in(self):
        with self.context.wrap_socket(
                self.connect(), server_hostname=HOST,
                session=self.session) as sock:
            assert sock.session_reused == (self.session is not None)
            with sock.makefile("rb") as lines:
                self.expect(lines, self.greeting)
                if self.protocol.hello is not None:
                    sock.sendall(self.protocol.hello[0])
                    self.expect(lines, self.protocol.hello[1])
                sock.sendall(self.command)
                self.expect(lines, self.logged_in)
                sock.sendall(self.protocol.end)
                while lines.readline():
                    pass
            if self.resumed and self.session is None:
                self.session = sock.session

    def expect(self, lines, start):
        """A line that begins so; before it only what lists capabilities."""
        said = []
        while True:
            said.append(lines.readline())
            if said[-1].startswith(start):
                return
            assert said[-1].startswith(
                (b'"', b"* CAPABILITY", b"250-")), said


def log_in(client, count, connections):
    """So many logins, some at a time; whatever fails fails here."""
    if client.resumed and client.session is None:
        client.log_in()
    failures = []

    def run():
        try:
            for _ in range(count // connections):
                client.log_in()
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=run) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise AssertionError(client.dovecot.log()[-4000:]) from failures[0]
