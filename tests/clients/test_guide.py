"""docs/clients.md as a whole."""

import re

import pytest
from guide import USED, blocks
from harness.dovecot_settings import RELEASE


def test_every_command_and_setting_of_the_guide_was_run(request):
    options = request.config.option
    if options.keyword or options.deselect or request.config.args != [
            "tests/clients"]:
        pytest.skip("not all tests were run")
    for block in blocks():
        other = re.search(r"Dovecot ([\d.]+):", block.before)
        if not other or other[1] == RELEASE:
            assert block in USED
