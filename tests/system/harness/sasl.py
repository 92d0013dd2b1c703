"""Logins by SASL over TLS, on each protocol of Dovecot, word by word."""

import base64
import socket

from . import tls

# That of submission is one of the tests' own.
PORTS = {"imap": 993, "pop3": 995, "sieve": 4190, "submission": 10465}


class Login:
    """One connection: accepted, and the line that said so or not.

    It is ended at once, unless it is to be kept: then it is a context manager.
    """

    def __init__(self, protocol, mechanism, response=b"", key=None,
                 host="mail.example.org", source="192.0.2.7", keep=False):
        self.socket = socket.create_connection(
            (host, PORTS[protocol]), 30, source_address=(source, 0))
        self.context = tls.client_context(key)
        self.lines = None
        encoded = base64.b64encode(response).decode()
        try:
            self.line, self.accepted = getattr(self, f"_{protocol}")(
                mechanism, encoded)
        except BaseException:
            self.close()
            raise
        if not keep:
            self.close()

    def close(self):
        if self.lines is not None:
            self.lines.close()
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def say(self, line):
        """SMTP's reply."""
        self._send(line)
        return self._until("2", "3", "4", "5")

    def _secure(self):
        self.socket = self.context.wrap_socket(
            self.socket, server_hostname="mail.example.org")
        self._read_anew()

    def _read_anew(self):
        self.lines = self.socket.makefile("r", encoding="utf-8", newline="\n")

    def _send(self, line):
        self.socket.sendall(f"{line}\r\n".encode())

    def _until(self, *starts):
        while True:
            line = self.lines.readline()
            if not line or line.startswith(starts):
                return line.rstrip("\r\n")

    def _imap(self, mechanism, response):
        self._secure()
        self._until("* ")
        self._send(f"a AUTHENTICATE {mechanism} {response or '='}")
        line = self._until("a ", "* BYE")
        return line, line.startswith("a OK")

    def _pop3(self, mechanism, response):
        self._secure()
        self._until("+OK")
        self._send(f"AUTH {mechanism} {response or '='}")
        line = self._until("+OK", "-ERR")
        return line, line.startswith("+OK")

    def _sieve(self, mechanism, response):
        self._read_anew()
        self._until("OK")
        self._send("STARTTLS")
        self._until("OK")
        self._secure()
        self._until("OK")
        self._send(f'AUTHENTICATE "{mechanism}" "{response}"')
        line = self._until("OK", "NO", "BYE")
        return line, line.startswith("OK")

    def _submission(self, mechanism, response):
        self._secure()
        self._until("220 ")
        self._send("EHLO client.example.org")
        self._until("250 ")
        self._send(f"AUTH {mechanism} {response or '='}")
        line = self._until("2", "4", "5")
        return line, line.startswith("235")
