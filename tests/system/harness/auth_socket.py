"""A client of Dovecot's auth socket that can say what no login process says."""

import base64
import hashlib
import hmac
import os
import socket
import struct
import time
from pathlib import Path

from .process import run

SOCKET = "/run/dovecot/auth-client"
FOLDER = Path("/var/lib/countersign/tlspubkey")
LOCAL = FOLDER / "local.secret"
FORWARD = FOLDER / "forward.secret"


def escape(value):
    return (value.replace("\001", "\0011").replace("\t", "\001t")
            .replace("\n", "\001n").replace("\r", "\001r"))


class Session:
    """What login and auth both know of a connection."""

    def __init__(self, **changes):
        self.id = base64.b64encode(os.urandom(9)).decode()
        self.address = "192.0.2.7"
        self.port = 50143
        self.protocol = "imap"
        self.hop = None  # from a proxy: (from, its port, to, its port)
        self.__dict__.update(changes)

    def but(self, **changes):
        return Session(**{**self.__dict__, **changes})


def secrets(path):
    """Those of a file, in their order."""
    return [bytes.fromhex(line.split()[0])
            for line in path.read_text().splitlines()]


def sign(fingerprint, session, secret=None, age=0):
    """The field of tlspubkey-forward.h, written from its description."""
    secret = secret or secrets(FORWARD if session.hop else LOCAL)[0]
    identity = hmac.digest(secret, b"tlspubkey secret id", "sha256")[:4].hex()
    now = str(int(time.time()) - age)
    nonce = os.urandom(16)
    label = b"tlspubkey-proxy-1" if session.hop else b"tlspubkey-forward-1"
    parts = (label, identity.encode(), now.encode(), nonce,
             fingerprint, session.id.encode(), session.address.encode(),
             str(session.port).encode(), session.protocol.encode(),
             *(str(part).encode() for part in session.hop or ()))
    message = b"".join(struct.pack(">I", len(part)) + part for part in parts)
    mac = hmac.digest(secret, message, "sha256")
    return ":".join(("1", identity, now, nonce.hex(), fingerprint.hex(),
                     mac.hex()))


def fingerprint(key):
    """SHA-256 of a device key's SPKI."""
    pem = run("openssl", "x509", "-in", key.certificate, "-noout",
              "-pubkey").stdout
    der = base64.b64decode("".join(pem.splitlines()[1:-1]))
    return hashlib.sha256(der).digest()


class AuthClient:
    """A connection to auth; replies come as words: OK, FAIL or CONT, id, ..."""

    def __enter__(self):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(30)
        self.socket.connect(SOCKET)
        self.lines = self.socket.makefile("r", encoding="utf-8")
        self._send("VERSION", "1", "2")
        self._send("CPID", str(os.getpid()))
        while self.lines.readline().rstrip("\n") != "DONE":
            pass
        return self

    def __exit__(self, *_):
        self.lines.close()
        self.socket.close()

    def _send(self, *words):
        self.socket.sendall(("\t".join(words) + "\n").encode())

    def _reply(self):
        return self.lines.readline().rstrip("\n").split("\t")

    def begin(self, session, mechanism, *forward_fields, response=b""):
        words = ["AUTH", "1", mechanism, f"service={session.protocol}",
                 "secured=tls", f"session={session.id}",
                 f"rip={session.address}", f"rport={session.port}"]
        if session.hop:
            names = ("real_rip", "real_rport", "real_lip", "real_lport")
            words += [f"{name}={value}"
                      for name, value in zip(names, session.hop)]
        if forward_fields:
            fields = "\t".join(map(escape, forward_fields))
            words.append(f"forward_fields={escape(fields)}")
        self._send(*words, "resp=" + base64.b64encode(response).decode())
        return self._reply()

    def go_on(self, response):
        self._send("CONT", "1", base64.b64encode(response).decode())
        return self._reply()


def authenticate(session, *forward_fields, mechanism="EXTERNAL", response=b""):
    """The words of auth's reply: OK or FAIL, an id, fields."""
    with AuthClient() as client:
        return client.begin(session, mechanism, *forward_fields,
                            response=response)
