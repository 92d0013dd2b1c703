import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent),
                str(Path(__file__).parent.parent.parent / "system")]

# What a run of a few minutes takes less of.
NUMBERS = {"keys": 1_000_000, "logins": 160, "rounds": 5}


def pytest_addoption(parser):
    for name, number in NUMBERS.items():
        parser.addoption(f"--{name}", type=int, default=number)


def pytest_configure(config):
    for name in NUMBERS:
        NUMBERS[name] = config.getoption(name)
