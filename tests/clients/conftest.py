import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "system"))
pytest_plugins = ["harness.fixtures"]
from device import Device, Letter  # noqa: E402


@pytest.fixture
def anna(mail):
    """Her password is "secret"."""
    return mail.account(password="secret")


@pytest.fixture
def bert(mail):
    return mail.account()


@pytest.fixture
def device(mail, anna, tmp_path, request):
    """With a key of anna's, of the type that the test asks for."""
    return Device(mail, anna, tmp_path / "laptop",
                  getattr(request, "param", "p256"))


@pytest.fixture
def stranger(mail, anna, tmp_path):
    """With a key made like anna's, that no account has."""
    device = Device(mail, anna, tmp_path / "stranger")
    mail.countersign("key", "remove", device.fingerprint)
    return device


@pytest.fixture
def letter(mail, anna):
    """In anna's INBOX."""
    return Letter.delivered(mail, anna)
