import os
import queue
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "system"))
from harness.milter import Milter  # noqa: E402
from harness.process import run, wait_for  # noqa: E402

COMMAND = os.environ["COMMAND"]
DAEMON = os.environ["DAEMON"]
NOBODY = 65534


def as_user(user):
    """For subprocess: None is whoever runs the tests."""
    return {} if user is None else {
        "user": user, "group": user, "extra_groups": []}


class Daemon:
    """One milter as built, with its own configuration, socket and log."""

    def __init__(self, folder):
        self.folder = folder
        self.conf = folder / "conf"
        self.path = folder / "socket"
        self.log_path = folder / "log"
        self.process = None
        self.command = [DAEMON]
        self.user = None
        self.manage(str(folder / "notify"))

    def configure(self, **settings):
        settings.setdefault("socket", f"unix:{self.path}")
        self.conf.write_text("".join(
            f"{name} = {value}\n" for name, value in settings.items()))

    def launch(self):
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [*self.command, "-f", "-c", self.conf], stderr=log,
                stdin=subprocess.DEVNULL, **as_user(self.user),
                env={**os.environ, "NOTIFY_SOCKET": self.notify})
        return self.process

    def start(self, **settings):
        self.configure(**settings)
        self.launch()
        assert self.notice() == "READY=1"
        return self

    def be_nobody(self, *prefix):
        """An unprivileged user's from its next start on, by that command."""
        os.chown(self.folder, NOBODY, NOBODY)
        os.chmod(self.folder / "notify", 0o777)
        # The build may stand where nobody else looks.
        self.command = [*prefix, shutil.copy(DAEMON, self.folder / "program")]
        self.user = NOBODY

    def manage(self, name):
        """Be the service manager, listening there; "@..." is abstract."""
        self.notify = name
        self.notices = queue.SimpleQueue()
        manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        manager.bind(name.replace("@", "\0", 1))

        def listen(notices):
            while True:
                notices.put(manager.recv(4096).decode())

        threading.Thread(target=listen, args=(self.notices,),
                         daemon=True).start()

    def notice(self):
        """What the service manager is told next."""
        return self.notices.get(timeout=30)

    def reload(self, **settings):
        self.configure(**settings)
        self.process.send_signal(1)
        assert self.notice().startswith("RELOADING=1\nMONOTONIC_USEC=")
        assert self.notice() == "READY=1"

    def stop(self):
        """Ends it; the exit status."""
        if self.process is None:
            return None
        self.process.terminate()
        status = self.process.wait(30)
        self.process = None
        return status

    def limit(self, **limits):
        """From now on, as prlimit(1) names them; None is as it started."""
        for name, value in limits.items():
            if value is None:
                value, _ = resource.getrlimit(
                    getattr(resource, f"RLIMIT_{name.upper()}"))
            subprocess.run(["prlimit", "--pid", str(self.process.pid),
                            f"--{name}={value}:"], check=True,
                           **as_user(self.user))

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def client(self, **options):
        return Milter(self.path, **options)

    def log(self):
        return self.log_path.read_text(errors="replace")

    def wait_log(self, text):
        return wait_for(lambda: text in self.log(), f"the log line {text!r}")


@pytest.fixture
def tmp_path():
    """Open to a daemon of another user, as pytest's own is not for long: any
    run of pytest that begins closes the folder above those of all runs."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name)
        path.chmod(0o755)
        yield path


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    report = (yield).get_result()
    daemon = getattr(item, "funcargs", {}).get("daemon")
    if report.failed and daemon is not None and daemon.log_path.is_file():
        report.sections.append(("end of the daemon's log",
                                daemon.log()[-4000:]))


@pytest.fixture
def daemon(tmp_path):
    daemon = Daemon(tmp_path)
    yield daemon
    status = daemon.stop()
    assert status in (None, 0), daemon.log()
    assert "Sanitizer" not in daemon.log()


@pytest.fixture(scope="session")
def directory(tmp_path_factory):
    """anna and bert at example.org; dora, whose account is disabled."""
    uri = f"sqlite:{tmp_path_factory.mktemp('directory')}/d"

    def countersign(*words):
        run(COMMAND, "--directory", uri, *words)

    countersign("directory", "init")
    countersign("domain", "add", "example.org", "--delimiter", "+")
    countersign("domain", "add", "bücher.example.org")
    for name in ("anna", "bert", "dora"):
        countersign("account", "add", name)
        countersign("address", "add", f"{name}@example.org", name)
    countersign("account", "disable", "dora")
    countersign("address", "add", "jörg@bücher.example.org", "anna")
    countersign("address", "add", "100%@example.org", "bert")
    countersign("grant", "add", "anna", "boss@example.com", "--on-behalf")
    return uri
