"""/dev/log, as a syslog daemon has it: one file for each program."""

import os
import re
import socket
import threading
from pathlib import Path

LINE = re.compile(r"<\d+>(?P<time>.{15}) (?P<name>[\w/-]+)(?P<rest>.*)", re.S)


class Syslog:
    path = Path("/dev/log")

    def start(self):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.path.unlink(missing_ok=True)
        self.socket.bind(str(self.path))
        os.chmod(self.path, 0o666)
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            text = self.socket.recv(65536).decode(errors="replace")
            line = LINE.match(text)
            name = line["name"].replace("/", "-") if line else "syslog"
            if line:
                text = f"{line['time']} {line['name']}{line['rest']}"
            with open(f"/var/log/{name}.log", "a", encoding="utf-8") as log:
                log.write(text.rstrip("\0\n") + "\n")
