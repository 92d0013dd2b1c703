"""IMAP's ENVELOPE (RFC 9051 7.5.2): what Dovecot sees in a header."""

import re

FROM, SENDER = 2, 3
TOKEN = re.compile(rb'[ \r\n]*(?:([()])|\{(\d+)\}\r\n|"((?:[^"\\]|\\.)*)"|'
                   rb'([^ ()"\r\n]+))', re.DOTALL)


def tokens(text):
    """Brackets as str, NIL as None, the rest as octets."""
    place = 0
    while place < len(text):
        found = TOKEN.match(text, place)
        place = found.end()
        bracket, length, quoted, atom = found.groups()
        if bracket:
            yield bracket.decode()
        elif length:
            end = place + int(length)
            yield text[place:end]
            place = end
        elif quoted is not None:
            yield re.sub(rb"\\(.)", rb"\1", quoted, flags=re.DOTALL)
        else:
            yield None if atom.upper() == b"NIL" else atom


def tree(text):
    """Its first list, as lists of lists, octets and None."""
    stack = [[]]
    for token in tokens(text):
        if token == "(":
            stack.append([])
        elif token == ")":
            closed = stack.pop()
            stack[-1].append(closed)
        else:
            stack[-1].append(token)
    assert len(stack) == 1, text
    return next(item for item in stack[0] if isinstance(item, list))


def joined(responses):
    """imaplib's pieces as the lines that the server sent."""
    text = b""
    for piece in responses:
        if isinstance(piece, tuple):
            text += piece[0] + b"\r\n" + piece[1]
        else:
            text += piece
            yield text
            text = b""


def fetch(session):
    """The ENVELOPE of every message of the mailbox at hand, in order."""
    status, responses = session.fetch("1:*", "(ENVELOPE)")
    assert status == "OK", responses
    return [tree(text)[1] for text in joined(responses)]


def addresses(envelope, field):
    """(route, local part, domain) of each; groups' beginnings and ends go."""
    return [(route, local, domain)
            for name, route, local, domain in envelope[field] or []
            if domain is not None or (local is None and name is not None)]
