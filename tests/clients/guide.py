"""docs/clients.md, followed to the letter by a user with a device."""

import re
from pathlib import Path
from typing import NamedTuple

from harness.sasl import PORTS

PATH = Path(__file__).parents[2] / "docs" / "clients.md"
OWN = "A key"  # the section about making one


class Block(NamedTuple):
    section: str
    before: str  # the paragraph before it
    language: str
    text: str


def blocks():
    """All that the guide shows between fences."""
    found = []
    for part in re.split(r"^(?=## )", PATH.read_text(), flags=re.M):
        section = part.partition("\n")[0].removeprefix("## ")
        for block in re.finditer(r"^```(\w*)\n(.*?)^```$", part, re.M | re.S):
            before = part[:block.start()].rstrip().rpartition("\n\n")[2]
            found.append(Block(section, before, *block.groups()))
    return found


USED = set()  # blocks that some test has followed


def server_commands():
    """What the admin does first."""
    block, = (block for block in blocks() if block.section == "The server")
    USED.add(block)
    return block.text


class Guide:
    def __init__(self, device, recipient):
        """recipient: the account that the guide's letters go to."""
        self.device = device
        self.names = {"/home/anna": str(device.home), "anna": device.account,
                      "postmaster": recipient, "465": str(PORTS["submission"])}

    def _take(self, section, language):
        found = [block for block in blocks()
                 if (block.section, block.language) == (section, language)]
        assert found, f"{PATH.name}: nothing of that kind in {section!r}"
        return found

    def _text(self, block):
        USED.add(block)
        return re.sub(r"/home/anna|\b(?:anna|postmaster|465)\b",
                      lambda name: self.names[name[0]], block.text)

    def write(self, section):
        """The section's file, where it says; its path."""
        block, = self._take(section, "")
        name, = re.findall(r"`(~?/[^`]+rc)`", block.before)
        path = Path(name.replace("~", str(self.device.home)))
        path.parent.mkdir(exist_ok=True)
        path.write_text(self._text(block))
        path.chmod(0o600)
        return path

    def run(self, section, number=0, change=("", ""), **how):
        """The section's commands, the first block of them or another, some
        words changed."""
        text = self._text(self._take(section, "sh")[number])
        assert change[0] in text
        return self.device.run("sh", "-euc", text.replace(*change, 1), **how)

    def python(self, section):
        """The section's program."""
        block, = self._take(section, "py")
        return self.device.run("/usr/bin/python3", "-c", self._text(block))
