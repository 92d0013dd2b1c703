"""100,000 accounts, each with a password, an address and a key, imported."""

import os
import resource
import subprocess
import time

ACCOUNTS = 100_000
SECONDS = 10


def timed(what, *command):
    """Seconds by the clock; what they were spent on is printed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    clock = time.monotonic() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = (after.ru_utime + after.ru_stime - before.ru_utime -
           before.ru_stime)
    print(f"{what:28} {clock:6.2f} s, of the processor {cpu:6.2f} s")
    return clock


def write(path):
    with open(path, "w", encoding="ascii") as text:
        text.write("countersign-directory\t1\ndomain\texample.org\t+\n")
        for number in range(ACCOUNTS):
            name = f"user{number}"
            text.write(
                f"account\t{name}\tenabled\t{{SSHA256}}{'A' * 60}\n"
                f"address\t{name}@example.org\t{name}\n"
                f"key\tsha256:{number:064x}\t{name}\tlaptop\tP-256\n")


def test_100_000_accounts_are_imported_in_less_than_10_seconds(tmp_path):
    text, directory = tmp_path / "text", tmp_path / "directory"
    countersign = (os.environ["COUNTERSIGN"], "--directory",
                   f"sqlite:{directory}")
    write(text)
    subprocess.run([*countersign, "directory", "init"], check=True)
    print()
    timed("SQLite alone", os.environ["RAW_INSERT"], tmp_path / "raw",
          str(ACCOUNTS))
    timed("a dry run", *countersign, "directory", "import", "--dry-run", text)
    seconds = timed("import and publication", *countersign, "directory",
                    "import", text)
    timed("the same once more", *countersign, "directory", "import", text)
    timed("export", *countersign, "directory", "export")
    assert seconds < SECONDS
