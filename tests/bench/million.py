"""A directory of many addresses and grants, the same ones at every run."""

import subprocess

DOMAINS = 100
GROUPS = 1000
LOCAL_PARTS = ("user", "first.last", "office", "news")
ON_BEHALF, ENDS = 10, 3  # every so many grants


class Directory:
    """So many addresses, four an account, and a tenth as many grants."""

    def __init__(self, folder, addresses):
        self.folder = folder
        self.uri = f"sqlite:{folder}/directory"
        self.accounts = addresses // len(LOCAL_PARTS)
        self.grants = addresses // 10

    def address(self, account, which=0):
        domain = f"d{account % DOMAINS:02}.example.org"
        return f"{LOCAL_PARTS[which]}{account}@{domain}"

    def granted(self, account):
        """The address of another that the account, or its group, may use."""
        return self.address((account * 7919 + 1) % self.accounts, 2)

    def lines(self):
        yield "countersign-directory\t1"
        for number in range(DOMAINS):
            yield f"domain\td{number:02}.example.org\t+"
        for number in range(GROUPS):
            yield f"group\tgroup{number}"
        for number in range(self.accounts):
            yield f"account\tuser{number}"
            yield f"member\tgroup{number % GROUPS}\tuser{number}"
            for which in range(len(LOCAL_PARTS)):
                yield f"address\t{self.address(number, which)}\tuser{number}"
        for number in range(self.grants):
            holder = f"user{number}"
            flags = "on-behalf" if number % ON_BEHALF == 1 else ""
            until = "2099-12-31" if number % ENDS == 0 else ""
            if number < GROUPS:
                holder = f"%group{number}"
            yield f"grant\t{holder}\t{self.granted(number)}\t{flags}\t{until}"

    def make(self, countersign):
        text = self.folder / "text"
        with open(text, "w", encoding="ascii") as file:
            file.writelines(f"{line}\n" for line in self.lines())
        for words in (["init"], ["import", text]):
            subprocess.run([countersign, "--directory", self.uri, "directory",
                            *words], check=True)
        text.unlink()

    def write_people(self, path, count):
        """Who may write as what: own addresses, and some granted ones."""
        with open(path, "w", encoding="ascii") as file:
            for line in range(count):
                number = line * 7919 % self.accounts
                which = line % 10
                if which >= 8:
                    number = line * 7919 % self.grants
                    number -= number % ON_BEHALF
                    address = self.granted(number)
                else:
                    address = self.address(number, max(0, which - 4))
                file.write(f"user{number} {address}\n")
