"""A terminal for programs that need one."""

import os
import pty
import select
import signal
import subprocess
import termios
import time


def run_in_terminal(command, environment, folder, timeout=30):
    """Run a command until it ends; what it wrote on the screen."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(ours, (24, 80))  # None at all is no terminal.
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs,
                               stderr=theirs, env=environment, cwd=folder,
                               start_new_session=True)
    os.close(theirs)
    screen = bytearray()
    end = time.monotonic() + timeout
    try:
        while select.select([ours], [], [], max(0, end - time.monotonic()))[0]:
            try:
                screen += os.read(ours, 4096)
            except OSError:  # Nobody holds the terminal any more.
                process.wait(timeout)
                return screen.decode(errors="replace")
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise AssertionError(f"{command[0]} did not end in {timeout} s:\n"
                             f"{screen.decode(errors='replace')}")
    finally:
        os.close(ours)
