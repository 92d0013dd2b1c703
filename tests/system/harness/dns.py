"""Knot serves example.org on 127.0.0.1, where everybody's resolver points."""

import re
from pathlib import Path

from .process import run
from .server import Server

CONFIG = Path(__file__).parent.parent / "config"


class Knot(Server):
    name = "knot"
    zone_path = Path("/var/lib/knot/example.org.zone")
    config_path = Path("/etc/knot/countersign-test.conf")

    def configure(self, config):
        """config: zone text of more records."""
        Path("/run/knot").mkdir(exist_ok=True)
        self.config_path.write_text((CONFIG / "knot.conf").read_text())
        self.zone_path.write_text(
            (CONFIG / "example.org.zone").read_text() + (config or ""))

    def command(self):
        return ["knotd", "-c", self.config_path]

    def wait_ready(self):
        self.wait_up(lambda: query("example.org", "SOA"), "its zone")

    def add(self, records):
        """More records, zone text; served when this returns."""
        with open(self.zone_path, "a", encoding="ascii") as zone:
            zone.write(records.rstrip("\n") + "\n")
        self.reload()

    def remove(self, name):
        """The record of that name (with no dot behind), as dkim record has it."""
        text = self.zone_path.read_text()
        without = re.sub(rf"^{re.escape(name)}\. IN TXT \(.*?\)\n", "", text,
                         flags=re.M | re.S)
        assert without != text
        self.zone_path.write_text(without)
        self.reload()

    def reload(self):
        run("knotc", "-c", self.config_path, "--blocking", "zone-reload",
            "example.org")

    def names(self):
        """All that have records, whoever put them there."""
        lines = run("knotc", "-c", self.config_path, "zone-read",
                    "example.org").stdout.splitlines()
        return {line.split()[1] for line in lines if line}


def aliases(name, target):
    """Zone text: the name leads to the target over three of 220 octets. Knot
    follows no more."""
    names = [name, *(".".join(3 * ["x" * 63] + [f"{number}.{target}"])
                     for number in range(3)), target]
    return "".join(f"{alias}. CNAME {to}.\n"
                   for alias, to in zip(names, names[1:]))


def is_cut(name, kind):
    """Whether the answer to a datagram with room for 1200 octets is cut."""
    answer = run("kdig", "+ignore", "+bufsize=1200", name, kind).stdout
    return "tc" in re.search(r"Flags: ([^;]*);", answer)[1].split()


def query(name, kind):
    """What `kdig +short` prints, "" if it fails."""
    return run("kdig", "+short", "+retry=0", "+timeout=1", name, kind,
               check=False).stdout
