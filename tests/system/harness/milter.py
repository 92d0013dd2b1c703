"""The MTA's side of the milter protocol, version 6, as Postfix speaks it."""

import socket
import struct
from dataclasses import dataclass

ACTIONS = 0x1FF
STEPS = 0x1FFFFF
NO_STEP = {"C": 0x1, "H": 0x2, "M": 0x4, "R": 0x8, "B": 0x10, "L": 0x20,
           "N": 0x40, "T": 0x200}
NO_REPLY = {"C": 0x1000, "H": 0x2000, "M": 0x4000, "R": 0x8000, "L": 0x80,
            "N": 0x40000, "T": 0x10000, "B": 0x80000}
LEADING_SPACE = 0x100000
PIECE = 65535
MACRO_STAGES = "CHMRTEN"  # by the number in a list of macros wanted
MODIFICATIONS = "+-2behmi"
CLIENT = ("192.0.2.9", "4711")  # address and port


@dataclass
class Answer:
    """kind: "continue", "accept", "reject", "tempfail", "reply", "skip"."""

    kind: str
    text: str = ""  # of "reply": "550 5.7.1 ..."


KINDS = {"c": "continue", "a": "accept", "r": "reject", "t": "tempfail",
         "d": "discard", "y": "reply", "s": "skip"}


class Milter:
    """One connection to a milter."""

    def __init__(self, path, actions=ACTIONS, steps=STEPS, patience=10):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(patience)
        self.socket.connect(str(path))
        self.modifications = []
        self.negotiate(actions, steps)
        self.step("C", encode("client.example.net") + b"U")
        self.step("H", encode("client.example.net"))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, command, data=b""):
        packet = command.encode() + data
        self.socket.sendall(struct.pack("!I", len(packet)) + packet)

    def receive_exactly(self, count):
        data = b""
        while len(data) < count:
            more = self.socket.recv(count - len(data))
            if not more:
                raise ConnectionError("the milter closed the connection")
            data += more
        return data

    def receive(self):
        (length,) = struct.unpack("!I", self.receive_exactly(4))
        packet = self.receive_exactly(length)
        return packet[:1].decode(), packet[1:]

    def negotiate(self, actions, steps):
        self.send("O", struct.pack("!III", 6, actions, steps))
        command, data = self.receive()
        assert command == "O", command
        self.version, self.actions, self.steps = struct.unpack(
            "!III", data[:12])
        assert self.actions & ~actions == 0
        self.macros_wanted = {}
        rest = data[12:]
        while rest:
            (stage,) = struct.unpack("!I", rest[:4])
            names, _, rest = rest[4:].partition(b"\0")
            self.macros_wanted[MACRO_STAGES[stage]] = names.decode().split()

    def step(self, command, data=b"", macros=None):
        """Say it as far as the milter wants to hear it."""
        wanted = self.macros_wanted.get(command)
        told = {name: value for name, value in (macros or {}).items()
                if wanted is None or name in wanted}
        if told:
            self.send("D", command.encode() + b"".join(
                encode(name) + encode(value) for name, value in told.items()))
        if self.steps & NO_STEP.get(command, 0):
            return Answer("continue")
        self.send(command, data)
        if self.steps & NO_REPLY.get(command, 0):
            return Answer("continue")
        return self.answer()

    def answer(self):
        while True:
            command, data = self.receive()
            if command in MODIFICATIONS:
                self.modifications.append((command, data))
                continue
            return Answer(KINDS[command], data.rstrip(b"\0").decode("latin-1"))

    def mail(self, sender, login=None, client=CLIENT, host="mail.example.org"):
        macros = dict(zip(("{client_addr}", "{client_port}"), client))
        if host:
            macros["j"] = host
        if login:
            macros["{auth_authen}"] = login
        return self.step("M", encode(f"<{sender}>"), macros)

    def header(self, name, value):
        if self.steps & LEADING_SPACE:
            value = b" " + to_bytes(value)
        return self.step("L", encode(name) + encode(value))

    def end_of_header(self, queue_id):
        return self.step("N", macros={"i": queue_id})

    def end_of_message(self):
        return self.step("E")

    def abort(self):
        self.send("A")

    def quit(self):
        self.send("Q")

    def body(self, data):
        """In pieces as large as Postfix's, as long as more is wanted."""
        for start in range(0, len(data), PIECE):
            if self.step("B", data[start:start + PIECE]).kind == "skip":
                return

    def message(self, sender, fields, login=None, queue_id="4XQueueId",
                body=b"", client=CLIENT):
        """The first answer that is not "continue", of a whole message."""
        answer = self.mail(sender, login, client)
        if answer.kind != "continue":
            return answer
        self.step("R", encode("<rcpt@example.net>"))
        self.step("T")
        for name, value in fields:
            answer = self.header(name, value)
            if answer.kind != "continue":
                return answer
        answer = self.end_of_header(queue_id)
        if answer.kind != "continue":
            return answer
        self.body(body)
        return self.end_of_message()

    def sent(self, fields, body):
        """The message as the MTA sends it, changed as the milter has said."""
        lines = [(to_bytes(name), b" " + to_bytes(value))
                 for name, value in fields]
        inserted, pieces = [], []
        for command, data in self.modifications:
            if command == "b":
                pieces.append(data)
                continue
            number = 0
            if command in "im":
                (number,) = struct.unpack("!I", data[:4])
                data = data[4:]
            name, value, _ = data.split(b"\0")
            if command == "i":
                inserted.insert(number, (name, value))
            elif command == "h":
                lines.append((name, value))
            elif command == "m":
                place = [at for at, line in enumerate(lines)
                         if line[0].lower() == name.lower()][number - 1]
                lines[place] = (name, value)
        header = b"".join(name + b":" + value + b"\n"
                          for name, value in inserted + lines)
        return (header.replace(b"\n", b"\r\n") + b"\r\n" +
                (b"".join(pieces) if pieces else body))


def to_bytes(text):
    return text if isinstance(text, bytes) else text.encode()


def encode(text):
    return to_bytes(text) + b"\0"
