"""Signatures of milter-dkim, as dkimpy finds them with keys from real DNS."""

import dkim

DAEMON = "milter-dkim"


def reload(mail):
    mail.servers[DAEMON].reload()
    mail.wait_log(DAEMON, "reloaded ")


def active_keys(mail):
    return [row["selector"] for row in mail.json("dkim", "list")
            if row["state"] == "active"]


def activate_keys(mail):
    """Keys for example.org, published and signing; their selectors. They stay
    for the tests of other files."""
    if not active_keys(mail):
        mail.mark()
        mail.dns(mail.countersign("dkim", "generate", "example.org").stdout)
        for row in mail.json("dkim", "list"):
            mail.countersign("dkim", "activate", "example.org",
                             row["selector"])
        reload(mail)
    return active_keys(mail)


def signed_selectors(text):
    """The selectors whose signatures verify, in their order."""
    wire = text.encode(errors="surrogateescape").replace(b"\n", b"\r\n")
    found = []
    for number in range(text.lower().count("\ndkim-signature:") +
                        text.lower().startswith("dkim-signature:")):
        verifier = dkim.DKIM(wire)
        assert verifier.verify(number), text
        assert verifier.domain == b"example.org"
        found.append(verifier.selector.decode())
    return found
