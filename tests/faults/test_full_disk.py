"""The command on a disk with no room left for its change, while a reader asks."""

import ctypes
import os

import pytest

from test_kill import (POINTS, Directory, Reader, assert_repaired, do,
                       published)

KB = 1024
DISK = 4096 * KB
NEW_MOUNTS = 0x20000  # CLONE_NEWNS
PRIVATE = 0x4000 | 0x40000  # MS_REC | MS_PRIVATE


def mount(*arguments):
    if libc.mount(*arguments) != 0:
        raise OSError(ctypes.get_errno(), "mount")


libc = ctypes.CDLL(None, use_errno=True)


@pytest.fixture
def disk(tmp_path):
    """A small one of its own, which nobody else sees."""
    if libc.unshare(NEW_MOUNTS) != 0:
        pytest.skip("may not mount a disk of its own")
    mount(None, b"/", None, PRIVATE, None)
    mount(b"tmpfs", bytes(tmp_path), b"tmpfs", 0, f"size={DISK}".encode())
    yield tmp_path
    libc.umount2(bytes(tmp_path), 2)


def fill(disk, left):
    """Until no more than that is free."""
    status = os.statvfs(disk)
    room = status.f_bavail * status.f_frsize - left
    with open(disk / "filler", "wb") as filler:
        os.posix_fallocate(filler.fileno(), 0, room)


def test_on_a_full_disk_what_was_published_stays_or_all_of_it_is_new(disk):
    folder = disk / "directory"
    do(folder, "directory", "init")
    do(folder, "domain", "add", "example.org")
    do(folder, "account", "add", "anna")
    do(folder, "address", "add", "anna@example.org", "anna")
    reader = Reader(folder)
    failures = 0
    for left in range(0, 128 * KB, (4 if POINTS == "all" else 12) * KB):
        before = published(folder)
        fill(disk, left)
        done = Directory(folder).run("account", "add", "bert")
        failed = done.returncode != 0
        if failed:
            assert "full" in done.stderr or "No space left" in done.stderr
            # Where postmap is what failed, all but its maps is new, as said.
            if done.returncode == 69:
                assert "maps are not compiled" in done.stderr
            else:
                assert done.returncode in (73, 74, 75), done.stderr
                assert (published(folder)["directory.db"]
                        == before["directory.db"])
            failures += 1
        (disk / "filler").unlink()
        do(folder, "directory", "publish")
        if "bert" in do(folder, "account", "list"):
            do(folder, "account", "remove", "bert")
        else:
            assert failed
        assert published(folder) == before
        assert_repaired(folder)
        reader.assert_never_wrong()
    assert failures > 3
    assert not failed
    reader.close()
