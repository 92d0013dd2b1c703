"""Marionette: how a program of Mozilla's is driven from outside.

A frame is LENGTH:JSON; a command is [0, id, name, parameters], its answer
[1, id, error, result].
"""

import json
import socket
from pathlib import Path

from harness.process import wait_for

PORT = 2828
SCRIPTS = Path(__file__).parent / "scripts"


class ScriptError(Exception):
    """What the program answered; an alert that it showed is in the text."""


class Marionette:
    def __init__(self, timeout=60):
        self.socket = wait_for(self._connected, "Marionette", timeout)
        self.socket.settimeout(timeout)
        self.stream = self.socket.makefile("rb")
        self.count = 0
        self._receive()
        self.call("WebDriver:NewSession")
        self.call("Marionette:SetContext", value="chrome")
        self.call("WebDriver:SetTimeouts", script=30000)

    @staticmethod
    def _connected():
        try:
            return socket.create_connection(("127.0.0.1", PORT), 5)
        except ConnectionRefusedError:
            return None

    def _receive(self):
        length = b""
        while not length.endswith(b":"):
            byte = self.stream.read(1)
            if not byte:
                raise ScriptError("the program closed the connection")
            length += byte
        return json.loads(self.stream.read(int(length[:-1])))

    def call(self, name, **parameters):
        self.count += 1
        frame = json.dumps([0, self.count, name, parameters]).encode()
        self.socket.sendall(b"%d:%s" % (len(frame), frame))
        _, number, error, result = self._receive()
        assert number == self.count
        if error is not None:
            raise ScriptError(f"{error['error']}: {error['message']} "
                              f"{error.get('data')}")
        return result

    def script(self, name, **parameters):
        """What the function in scripts/NAME.js resolves to."""
        common, text = ((SCRIPTS / f"{file}.js").read_text()
                        for file in ("common", name))
        done = self.call(
            "WebDriver:ExecuteAsyncScript", sandbox="system",
            args=[parameters], script=f"""
const [parameters, done] = arguments;
{common}
({text})(parameters).then(value => done({{ value }}),
                          error => done({{ error: `${{error}}` }}));
""")["value"]
        if done is None:  # Interrupted by an alert.
            alert = self.call("WebDriver:GetAlertText")["value"]
            self.call("WebDriver:DismissAlert")
            raise ScriptError(alert)
        if "error" in done:
            raise ScriptError(done["error"])
        return done.get("value")

    def quit(self):
        self.call("Marionette:Quit", flags=["eForceQuit"])
        self.socket.close()
