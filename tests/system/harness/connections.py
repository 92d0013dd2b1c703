"""Connections of each kind: protocol, how TLS begins, its version, resumed."""

import itertools
import ssl
from contextlib import ExitStack
from typing import NamedTuple

from . import protocols, tls
from .lines import Lines

VERSIONS = {"TLSv1.2": ssl.TLSVersion.TLSv1_2,
            "TLSv1.3": ssl.TLSVersion.TLSv1_3}


class Kind(NamedTuple):
    """Of a connection."""

    protocol: str
    transport: str
    version: str
    how: str

    @property
    def preauth(self):
        return self.protocol == "imap" and self.transport == "implicit"


KINDS = [Kind(*words) for words in itertools.product(
    protocols.ALL, ["implicit", "starttls"], VERSIONS, ["full", "resumed"])]


class Client:
    """Makes connections of one kind, which end with it."""

    def __init__(self, kind):
        self.kind = kind
        self.protocol = protocols.ALL[kind.protocol]
        self.open = ExitStack()
        self.contexts = {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.open.close()

    def context(self, key):
        """One for each key: sessions are of it."""
        if key not in self.contexts:
            made = self.contexts[key] = tls.client_context(key)
            made.minimum_version = made.maximum_version = (
                VERSIONS[self.kind.version])
        return self.contexts[key]

    def connect(self, key):
        """The lines behind the greeting, and that."""
        session = None
        if self.kind.how == "resumed":
            session = self.session(key)
        lines, greeting = self.begin(key, session)
        assert lines.sock.version() == self.kind.version
        assert lines.sock.session_reused == (session is not None)
        return lines, greeting

    def begin(self, key, session=None):
        if self.kind.transport == "implicit":
            lines = self.add(Lines(self.protocol.tls_port, self.context(key),
                                   session))
            return lines, self.protocol.greeting(lines)
        lines, greeting = self.begin_without_tls()
        if self.protocol.name == "submission":
            self.protocol.mechanisms(lines)  # an EHLO must come first
        self.protocol.starttls(lines)
        lines.starttls(self.context(key), session)
        if self.protocol.after_starttls is not None:
            self.protocol.after_starttls(lines)
        return lines, greeting

    def begin_without_tls(self):
        lines = self.add(Lines(self.protocol.plain_port))
        return lines, self.protocol.greeting(lines)

    def add(self, lines):
        self.open.callback(lines.close)
        return lines

    def session(self, key):
        """Of a connection just before, which stays, as its end may end it."""
        lines, _ = self.begin(key)
        # TLS 1.3 has the ticket come with what is read after it.
        self.protocol.mechanisms(lines)
        return lines.sock.session
