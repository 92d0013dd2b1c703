import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "system"))
pytest_plugins = ["harness.fixtures"]
from device import Device, Letter  # noqa: E402
from guide import OWN, Guide, server_commands  # noqa: E402
from harness import relay, tls  # noqa: E402
from harness.process import run  # noqa: E402


def pytest_collection_modifyitems(items):
    """What looks back at the other tests comes last."""
    items.sort(key=lambda item: item.path.name == "test_guide.py")


@pytest.fixture(scope="session", autouse=True)
def trusted_authority(stack):
    """Every program believes the server's certificate, as at home."""
    Path("/usr/local/share/ca-certificates/test.crt").write_bytes(
        tls.CA.read_bytes())
    run("update-ca-certificates")


@pytest.fixture(scope="session", autouse=True)
def submission(stack):
    """Dovecot takes mail too, and hands it to Postfix."""
    with relay.running(stack, lambda: run("sh", "-euc", server_commands())):
        yield


@pytest.fixture
def anna(mail):
    """Her password is "secret"."""
    return mail.account(password="secret")


@pytest.fixture
def bert(mail):
    return mail.account()


@pytest.fixture
def home(tmp_path):
    """Where her programs look for their files."""
    return tmp_path


@pytest.fixture
def device(mail, anna, home, request):
    """With a key of anna's, of the type and way that the test asks for."""
    return Device(mail, anna, home,
                  *getattr(request, "param", ("p256", "external")))


@pytest.fixture
def device_without_key(mail, device):
    """And without any files."""
    mail.countersign("key", "remove", device.fingerprint)
    for path in device.folder.iterdir():
        path.unlink()
    return device


@pytest.fixture
def device_with_own_key(device_without_key, guide):
    """With a key that the user made, and the admin added."""
    guide.run(OWN, 1)
    guide.run(OWN, 2, folder=device_without_key.folder)
    device_without_key.p12_password = "chosen"
    guide.run(OWN, 3, input="chosen\nchosen\n")
    return device_without_key


@pytest.fixture
def stranger(mail, anna, home):
    """With a key made like anna's, that no account has."""
    device = Device(mail, anna, home)
    mail.countersign("key", "remove", device.fingerprint)
    return device


@pytest.fixture
def guide(device, bert):
    return Guide(device, bert)


@pytest.fixture
def letter(mail, anna):
    """In anna's INBOX."""
    return Letter.delivered(mail, anna)
