import subprocess

import pytest

from directory import Directory
from dkim_table import Dkim


@pytest.fixture(scope="session")
def template(tmp_path_factory):
    directory = Directory(tmp_path_factory.mktemp("template") / "directory")
    directory.do("directory", "init")
    directory.do("domain", "add", "example.org", "--delimiter", "+")
    for account in ("anna", "bert"):
        directory.do("account", "add", account)
        directory.do("address", "add", f"{account}@example.org", account)
    return directory.folder


@pytest.fixture
def directory(template, tmp_path):
    """With anna@ and bert@example.org, two accounts."""
    folder = tmp_path / "directory"
    subprocess.run(["cp", "-a", template, folder], check=True)
    return Directory(folder)


@pytest.fixture
def empty(tmp_path):
    directory = Directory(tmp_path / "empty")
    directory.do("directory", "init")
    return directory


@pytest.fixture
def dkim(directory, tmp_path):
    return Dkim(directory, tmp_path)
