"""Values of From: from a grammar, half of them with a mistake put in; and
accepted ones changed until readers might take them differently."""

import random
import re

ATOMS = ["anna", "bert", "a", "Anna", "x-y_z", "o'neil", "1", "a+b", "?=",
         "zo\u00eb", "zoe\u0308", "\u00df", "%", "\uff20", "\uff1ca\uff1e",
         "\uff0c", "\u4f8b"]
NAMES = ["Anna\u00a0Bell", "\u3000", "\u2003a", "\u2764\ufe0f"]
ENCODED = ["=?utf-8?q?Anna_B=40c?=", "=?utf-8?b?PGNlb0BleGFtcGxlLmNvbT4=?=",
           "=?utf-8?q?=22?=", "=?utf-8?q?=zz?=", "=?utf-8?q??="]
QUOTED = ["", "Anna", "Bell, Anna", "a b", " a ", "a.b", "ceo@example.com",
          "<ceo@example.com>", "a\\\"b", "a\\\\", "\\<", "(c)", "a;b:c",
          "zo\u00eb", "a\n b", "=?utf-8?q?a?=", "a..b", ".a",
          "=?utf-8?q?a b?="]
DOMAINS = ["example.org", "Example.ORG", "example.com", "a.b.c.example.net",
           "localhost", "b\u00fccher.example.org", "xn--bcher-kva.example.org",
           "stra\u00dfe.example.org", "r3---s.example.org", "1.example.org"]
SPACES = [""] * 8 + [" ", " ", "  ", "\t", "\n ", "\r\n\t"]
COMMENTS = ["()", "(c)", "(Anna Bell)", "(a(b)c)", "(\\))", "(\\()", "(a\n b)",
            "(\")", "(,;:)", "(zo\u00eb)", "(=?utf-8?q?a?=)"]
MISTAKES = list("<>@,;:()\"\\.[] ") + ["\n ", "\r", "a", "<>", "@x", "\"\"",
                                       ",,", "()", "=?", "?=",
                                       "=?utf-8?q?"] + ENCODED


class Grammar:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def space(self):
        """CFWS, rarely a comment."""
        pick = self.random.choice
        if self.random.random() < 0.06:
            return pick(SPACES) + pick(COMMENTS) + pick(SPACES)
        return pick(SPACES)

    def local(self):
        pick = self.random.choice
        if self.random.random() < 0.2:
            return '"' + pick(QUOTED) + '"'
        return ".".join(pick(ATOMS)
                        for _ in range(self.random.choice([1, 1, 1, 2, 3])))

    def address(self):
        between = self.space() if self.random.random() < 0.1 else ""
        return (self.local() + between + "@" + between +
                self.random.choice(DOMAINS))

    def name(self):
        pick = self.random.choice
        words = []
        for _ in range(self.random.choice([0, 1, 1, 2, 2, 3])):
            words.append('"' + pick(QUOTED) + '"'
                         if self.random.random() < 0.4
                         else pick(ATOMS + NAMES + ENCODED))
        if words and self.random.random() < 0.1:
            words.append(pick(["Q.", "Jr.", "a.b"]))
        return pick([" ", " ", "  ", "\n ", " (c) "]).join(words)

    def mailbox(self):
        if self.random.random() < 0.4:
            return self.space() + self.address() + self.space()
        return (self.space() + self.name() + self.space() + "<" +
                self.space() + self.address() + self.space() + ">" +
                self.space())

    def mailboxes(self):
        return ",".join(self.mailbox()
                        for _ in range(self.random.choice([1, 1, 1, 2, 3])))

    def entry(self):
        if self.random.random() < 0.15:
            return ((self.name() or "G") + self.space() + ":" +
                    self.mailboxes() + ";" + self.space())
        return self.mailbox()

    def value(self):
        value = ",".join(self.entry()
                         for _ in range(self.random.choice([1, 1, 1, 2, 3])))
        if self.random.random() < 0.5:
            return value
        place = self.random.randrange(len(value) + 1)
        if self.random.random() < 0.3:
            return value[:place] + value[place + 1:]
        return value[:place] + self.random.choice(MISTAKES) + value[place:]


# What readers are known to take differently, or might.
PIECES = list("\"\\()<>@,;:.[]=?%!'`{|}*#&/~^$+-_ \tx0") + [
    "\n ", "\r\n\t", "()", "(c)", "( )", "(\\))", "(ceo)", '""', '"a"',
    '"\\""', '"\n "', "<>", ",,", "G:", "G: ", "@a:", "@a,@b:", "<@a:",
    " ceo ", "ceo@example.com", "<ceo@example.com>", '"ceo@example.com"',
    ".example.com", "@example.com", "[192.0.2.1]", "xn--", "xn--bcher-kva",
    "=?", "?=", "=?utf-8?q?x?=", "=?utf-8?q?=2C?=", "=?utf-8?q?=22?=",
    "=?utf-8?q?=3C?=", "=?utf-8?q?=40?=", "=?utf-8?q?a", "?utf-8?q?a?=",
    "(=?utf-8?q?=29?=)", "(=?utf-8?q?=29=2Eexample=2Ecom=28?=)",
    "=?utf-8?b?PGNlb0BleGFtcGxlLmNvbT4=?=",
    # letters, spaces and punctuation beyond ASCII
    "\u00e9", "e\u0301", "\u00df", "\u0130", "\u0345", "\u00ab",
    "\U0001f600", "\ufffd", "\u00a0", "\u2003", "\u202f", "\u3000", "\uff20",
    "\uff0c", "\uff1b", "\uff1c", "\uff0e", "\u3002"]
TOKEN = re.compile(r"""
    "(?:[^"\\]|\\.)*" | \((?:[^()\\]|\\.)*\) | =\?[^ ]*?\?= |
    [A-Za-z0-9]+ | \r?\n[ \t] | .""", re.VERBOSE | re.DOTALL)
BRACKETS = ['""', "()", "<>"]


class Mutator:
    """Values made from others: a few tokens added, taken, moved, bracketed."""

    def __init__(self, seed, values):
        self.random = random.Random(seed)
        self.values = list(values)

    def value(self):
        tokens = self.tokens()
        for _ in range(self.random.choice([1, 1, 1, 2, 2, 3, 4])):
            change = self.random.choice([
                self.insert, self.insert, self.insert, self.remove,
                self.replace, self.swap, self.repeat, self.splice,
                self.bracket])
            change(tokens)
        return "".join(tokens)

    def tokens(self):
        return TOKEN.findall(self.random.choice(self.values))

    def place(self, tokens):
        return self.random.randrange(len(tokens) + 1)

    def insert(self, tokens):
        tokens.insert(self.place(tokens), self.random.choice(PIECES))

    def remove(self, tokens):
        self.take(tokens)

    def replace(self, tokens):
        place = self.place(tokens)
        tokens[place:place + 1] = [self.random.choice(PIECES)]

    def swap(self, tokens):
        tokens.insert(self.place(tokens), self.take(tokens))

    def repeat(self, tokens):
        start = self.place(tokens)
        place = self.place(tokens)
        tokens[place:place] = tokens[start:start + 1]

    def take(self, tokens):
        return tokens.pop(self.random.randrange(len(tokens))) if tokens else ""

    def splice(self, tokens):
        other = self.tokens()
        tokens[self.place(tokens):] = other[self.place(other):]

    def bracket(self, tokens):
        start, end = sorted([self.place(tokens), self.place(tokens)])
        opening, closing = self.random.choice(BRACKETS)
        tokens[start:end] = [opening, *tokens[start:end], closing]
