"""docs/clients.md as a whole."""

from pathlib import Path

import pytest
from guide import PATH, USED, blocks


def test_every_command_and_setting_of_the_guide_was_run(request):
    options = request.config.option
    ran = [Path(argument).resolve() for argument in request.config.args]
    if options.keyword or options.deselect or ran != [Path(__file__).parent]:
        pytest.skip("not all tests were run")
    for block in blocks():
        assert block in USED


def test_the_guide_is_where_the_command_says(device):
    named = Path("/usr/share/doc/countersign/clients.md")
    assert str(named) in device.text
    assert named.read_text() == PATH.read_text()
