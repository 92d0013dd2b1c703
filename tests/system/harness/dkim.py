"""Signatures of milter-dkim, as dkimpy finds them with keys from real DNS."""

import dkim

DAEMON = "milter-dkim"


def reload(mail):
    mail.servers[DAEMON].reload()
    mail.wait_log(DAEMON, "reloaded ")


def keys_of(mail, domain):
    return [row for row in mail.json("dkim", "list")
            if row["domain"] == domain]


def active_keys(mail, domain="example.org"):
    return [row["selector"] for row in keys_of(mail, domain)
            if row["state"] == "active"]


def activate_keys(mail, domain="example.org"):
    """Keys for the domain, published and signing; their selectors. They stay
    for the tests of other files."""
    if not active_keys(mail, domain):
        mail.mark()
        mail.dns(mail.countersign("dkim", "generate", domain).stdout)
        for row in keys_of(mail, domain):
            mail.countersign("dkim", "activate", domain, row["selector"])
        reload(mail)
    return active_keys(mail, domain)


def signed_selectors(text, domain="example.org"):
    """The selectors whose signatures verify, in their order."""
    wire = text.encode(errors="surrogateescape").replace(b"\n", b"\r\n")
    found = []
    header = "\n" + text.partition("\n\n")[0].lower()
    for number in range(header.count("\ndkim-signature:")):
        verifier = dkim.DKIM(wire)
        assert verifier.verify(number), text
        assert verifier.domain == domain.encode()
        found.append(verifier.selector.decode())
    return found
