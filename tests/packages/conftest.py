import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "system"))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    if report.failed:
        for path in map(Path, ("/var/log/postfix.log",
                               "/var/log/dovecot.log")):
            if path.exists():
                report.sections.append((
                    f"end of {path}",
                    path.read_text(errors="replace")[-4000:]))
