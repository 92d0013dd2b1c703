"""With --verdicts, what was said of each input of the tables, at the end: its
test, what the command said and what Postfix did, with tabs between."""

import pytest

HEADING = "verdicts"
KEY = pytest.StashKey()


def pytest_addoption(parser):
    parser.addoption("--verdicts", action="store_true",
                     help="list what command and Postfix said of each input")


class Verdicts:
    def __init__(self):
        self.rows = []

    def add(self, name, command, postfix):
        """Replies as text, None where it passes."""
        self.rows.append((name, command or "pass", postfix or "pass"))


@pytest.fixture(scope="session")
def verdicts(request):
    return request.config.stash.setdefault(KEY, Verdicts())


def pytest_terminal_summary(terminalreporter, config):
    if config.getoption("--verdicts") and KEY in config.stash:
        terminalreporter.section(HEADING)
        for row in config.stash[KEY].rows:
            terminalreporter.write_line("\t".join(row))
