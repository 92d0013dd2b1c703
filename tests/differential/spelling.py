"""One spelling for each address, so that what parsers see can be compared."""

import unicodedata


def same_spelling(local, domain):
    """NFC, and U-labels of lower case."""
    return (unicodedata.normalize("NFC", local) + "@"
            + ".".join(map(u_label, domain.lower().split("."))))


def u_label(label):
    try:
        if label.startswith("xn--"):
            return label[4:].encode("ascii").decode("punycode")
    except UnicodeError:
        pass  # an A-label in looks alone
    return unicodedata.normalize("NFC", label)


def from_text(address):
    """An address with its local part quoted or not."""
    local, at, domain = address.rpartition("@")
    if not at:
        return "no address: " + address
    if local.startswith('"'):
        quoted, local = iter(local[1:-1]), ""
        for char in quoted:
            local += next(quoted, "") if char == "\\" else char
    return same_spelling(local, domain)
