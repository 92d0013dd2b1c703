"""A client that says what a test tells it to, octet by octet."""

import re
import select
import socket
import ssl

from . import tls

HOST = "mail.example.org"


def wrapped(sock, context, session=None):
    return context.wrap_socket(sock, server_hostname=HOST, session=session)


class Lines:
    """A connection in lines without their ends; "" at the end of it all."""

    def __init__(self, port, context=None, session=None):
        """context: TLS from the first octet on, maybe resuming a session."""
        self.sock = socket.create_connection((HOST, port), 30)
        self.rest = b""
        if context is not None:
            self.sock = wrapped(self.sock, context, session)

    def starttls(self, context, session=None):
        assert not self.rest
        self.sock = wrapped(self.sock, context, session)

    def send(self, *lines):
        self.sock.sendall(b"".join(line.encode() + b"\r\n" for line in lines))

    def line(self):
        while b"\n" not in self.rest:
            try:
                more = self.sock.recv(65536)
            except (ConnectionError, ssl.SSLEOFError):
                more = b""
            if not more:
                return ""
            self.rest += more
        line, _, self.rest = self.rest.partition(b"\n")
        return line.rstrip(b"\r").decode()

    def until(self, pattern):
        """All lines to the one that begins as the pattern says."""
        lines = []
        while True:
            lines.append(self.line())
            assert lines[-1], f"the end instead of {pattern!r}: {lines}"
            if re.match(pattern, lines[-1]):
                return lines

    def close(self):
        self.sock.close()


def in_one_breath(port, key, text, alpn=None):
    """Lines, with text sent along with the end of TLS 1.3's handshake."""
    context = tls.client_context(key)
    if alpn is not None:
        context.set_alpn_protocols(alpn)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    received, sent = ssl.MemoryBIO(), ssl.MemoryBIO()
    session = context.wrap_bio(received, sent, server_hostname=HOST)
    sock = socket.create_connection((HOST, port), 30)
    while True:
        try:
            session.do_handshake()
            break
        except ssl.SSLWantReadError:
            sock.sendall(sent.read())
            received.write(sock.recv(65536))
    session.write(text)
    sock.sendall(sent.read())
    lines = Lines.__new__(Lines)
    lines.sock, lines.rest = Buffered(sock, session, received), b""
    return lines


class Buffered:
    """What a socket reads, once the session has made sense of it."""

    def __init__(self, sock, session, received):
        self.sock, self.session, self.received = sock, session, received

    def wait_handshake(self):
        """The server has seen its end, too, when it sends tickets."""
        assert select.select([self.sock], [], [], 30)[0]

    def recv(self, size):
        while True:
            try:
                return self.session.read(size)
            except ssl.SSLWantReadError:
                more = self.sock.recv(65536)
                if not more:
                    return b""
                self.received.write(more)
            except ssl.SSLZeroReturnError:
                return b""

    def close(self):
        self.sock.close()
