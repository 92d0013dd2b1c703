"""Directories with few and with many keys, and who has passwords."""

import sqlite3
import subprocess
from contextlib import closing

from harness.auth_socket import fingerprint

KEYS_EACH = 4  # of an account
USER = "user0"
PASSWORD = "secret"


def number_fingerprint(number):
    """Of a key that nobody has."""
    return number.to_bytes(32, "big")


class Directory:
    """So many keys; and of the first account two more, which log in."""

    def __init__(self, folder, keys):
        self.uri = f"sqlite:{folder}"
        self.folder, self.keys = folder, keys
        self.accounts = keys // KEYS_EACH

    def lines(self, by_command, when_greeted):
        yield "countersign-directory\t1"
        yield "domain\texample.org\t+"
        for number in range(self.accounts):
            yield f"account\tuser{number}"
            yield f"address\tuser{number}@example.org\tuser{number}"
        for number in range(self.keys):
            account = number // KEYS_EACH
            yield (f"key\tsha256:{number_fingerprint(number).hex()}"
                   f"\tuser{account}\tdevice{number}\tP-256")
        yield (f"key\tsha256:{fingerprint(by_command).hex()}\t{USER}\tlaptop"
               "\tP-256\t\tno-preauth")
        yield (f"key\tsha256:{fingerprint(when_greeted).hex()}\t{USER}\tphone"
               "\tP-256")

    def make(self, by_command, when_greeted):
        self.folder.mkdir(parents=True)
        text = self.folder / "text"
        with open(text, "w", encoding="ascii") as file:
            file.writelines(f"{line}\n" for line in self.lines(by_command,
                                                               when_greeted))
        for words in (["init"], ["import", text]):
            subprocess.run(["countersign", "--directory", self.uri,
                            "directory", *words], check=True,
                           stdout=subprocess.DEVNULL)
        text.unlink()


def write_passwords(path, accounts):
    path.write_text("".join(f"user{number}:{{PLAIN}}{PASSWORD}\n"
                            for number in range(accounts)))


def write_people(path, accounts):
    """The same, as an SQL passdb has them."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE people (name TEXT PRIMARY KEY, "
                           "password TEXT) WITHOUT ROWID")
        connection.executemany("INSERT INTO people VALUES (?, ?)", (
            (f"user{number}", PASSWORD) for number in range(accounts)))
        connection.commit()
