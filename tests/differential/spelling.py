"""One spelling for each address, so that what parsers see can be compared."""

import unicodedata


def same_spelling(local, domain):
    """NFC, and U-labels of lower case."""
    labels = [unicodedata.normalize("NFC", label.lower())
              if not label.lower().startswith("xn--")
              else label[4:].encode().decode("punycode")
              for label in domain.split(".")]
    return unicodedata.normalize("NFC", local) + "@" + ".".join(labels)


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
