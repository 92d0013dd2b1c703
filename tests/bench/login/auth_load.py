"""Many requests on Dovecot's auth socket, some of them waiting at a time."""

import base64
import os
import socket
import time

from directories import KEYS_EACH, PASSWORD, number_fingerprint
from harness.auth_socket import Session, escape, sign

STEP = 7919  # from one key or account to the next


def request(number, mechanism, response, *forward_fields):
    session = Session()
    words = ["AUTH", str(number), mechanism, f"service={session.protocol}",
             "secured=tls", f"session={session.id}", f"rip={session.address}",
             f"rport={session.port}", *(
                 f"forward_fields={escape(field(session))}"
                 for field in forward_fields),
             "resp=" + base64.b64encode(response).decode()]
    return ("\t".join(words) + "\n").encode()


def by_password(accounts, count):
    """Each line is one's request, over all accounts."""
    return [request(number + 1, "PLAIN",
                    f"\0user{number * STEP % accounts}\0{PASSWORD}".encode())
            for number in range(count)]


def by_key(keys, count):
    def field(number):
        fingerprint = number_fingerprint(number * STEP % keys)
        return lambda session: ("tlspubkey=" + sign(fingerprint, session))

    return [request(number + 1, "EXTERNAL", b"", field(number))
            for number in range(count)]


def users(keys, count):
    """As by_key() is answered."""
    return [f"user{number * STEP % keys // KEYS_EACH}"
            for number in range(count)]


def send(path, requests, window):
    """Seconds until all are answered, each with OK; and the users."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(60)
        client.connect(str(path))
        client.sendall(f"VERSION\t1\t2\nCPID\t{os.getpid()}\n".encode())
        rest = b""
        while b"\nDONE\n" not in rest:
            rest += client.recv(65536)
        rest, answers, sent = b"", [], window
        start = time.monotonic()
        client.sendall(b"".join(requests[:window]))
        while len(answers) < len(requests):
            data = client.recv(262144)
            assert data, answers[-1:]
            *lines, rest = (rest + data).split(b"\n")
            answers += lines
            client.sendall(b"".join(requests[sent:sent + len(lines)]))
            sent += len(lines)
        took = time.monotonic() - start
    return took, by_number(answers)


def by_number(answers):
    """The user of each, in the order of the requests."""
    found = {}
    for line in answers:
        word, number, *fields = line.decode().split("\t")
        assert word == "OK", line
        found[int(number)] = next(field[5:] for field in fields
                                  if field.startswith("user="))
    return [found[number] for number in sorted(found)]
