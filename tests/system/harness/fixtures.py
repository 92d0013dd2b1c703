"""The fixtures of all tests on the stack, a pytest plugin."""

import pytest

from . import sanitizer
from .mail import Mail


@pytest.fixture(scope="session")
def stack():
    mail = Mail()
    try:
        mail.start()
        yield mail
    finally:
        mail.stop()
    sanitizer.check()


@pytest.fixture(scope="module", autouse=True)
def no_accounts(stack):
    """Every file of tests begins with none."""
    stack.empty()


@pytest.fixture
def mail(stack, request):
    """The running mail server; its logs are shown if the test fails."""
    stack.mark()
    request.node.mail = stack
    yield stack
    stack.restore()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    stack = getattr(item, "mail", None)
    if report.when == "call" and report.failed and stack is not None:
        for name, server in stack.servers.items():
            report.sections.append((f"log of {name}", stack.log(name)))
