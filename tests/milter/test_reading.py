"""How a milter as built takes commands off its connections."""

import struct

import pytest

from harness.milter import Milter, encode

OWN = [("From", "Anna <anna@example.org>")]
FOREIGN = [("From", "Bert <bert@example.org>")]
MORE = [(f"X-Field-{number}", "text") for number in range(100)]


class Together(Milter):
    """Sends what needs no answer along with what follows, as Postfix does; in
    pieces of so many octets."""

    def __init__(self, path, piece=65536):
        self.pending = b""
        self.piece = piece
        super().__init__(path)

    def send(self, command, data=b""):
        packet = command.encode() + data
        self.pending += struct.pack("!I", len(packet)) + packet

    def flush(self):
        for start in range(0, len(self.pending), self.piece):
            self.socket.sendall(self.pending[start:start + self.piece])
        self.pending = b""

    def receive(self):
        self.flush()
        return super().receive()


@pytest.fixture
def running(daemon, directory):
    return daemon.start(directory=directory)


def reads(daemon):
    with open(f"/proc/{daemon.process.pid}/io", encoding="ascii") as file:
        return int(dict(line.split(": ") for line in file)["syscr"])


def test_a_header_sent_at_once_is_read_at_once(running):
    with Together(running.path) as milter:
        assert milter.message("anna@example.org", OWN, "anna").kind == "accept"
        before = reads(running)
        assert milter.message("anna@example.org", MORE + OWN,
                              "anna").kind == "accept"
        assert reads(running) - before < len(MORE) // 2


@pytest.mark.parametrize("piece", [1, 3, 4, 5, 6, 100, 8191, 8192, 8193])
def test_commands_may_come_in_pieces_of_any_size(running, piece):
    long = [("X-Long", "x" * 20000)]
    with Together(running.path, piece) as milter:
        for _ in range(2):
            assert milter.message("anna@example.org", MORE + long + OWN,
                                  "anna").kind == "accept"
            assert milter.message("anna@example.org", MORE + FOREIGN,
                                  "anna").kind == "reply"


def test_what_a_connection_leaves_behind_is_no_part_of_the_next(running):
    """Each takes the descriptor of the one before it."""
    for _ in range(50):
        with Together(running.path) as milter:
            milter.quit()
            milter.send("M", encode("<anna@example.org>"))
            milter.send("N")
            milter.flush()
            assert milter.socket.recv(1) == b""
        with Together(running.path) as milter:
            assert milter.message("bert@example.org", FOREIGN,
                                  "bert").kind == "accept"
    assert "account=anna" not in running.log()
    assert running.log().count("account=bert") == 50
