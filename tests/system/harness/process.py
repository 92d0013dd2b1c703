"""Commands, and waiting for what they bring about."""

import subprocess
import time


def run(*command, input=None, check=True, timeout=60, env=None, cwd=None):
    """The finished command, its output as text; fails with that output."""
    done = subprocess.run(
        [str(word) for word in command],
        input=input,
        capture_output=True,
        text=True,
        errors="surrogateescape",
        timeout=timeout,
        env=env,
        cwd=cwd,
        stdin=subprocess.DEVNULL if input is None else None,
    )
    if check and done.returncode != 0:
        raise AssertionError(
            f"{' '.join(map(str, command))}: exit {done.returncode}\n"
            f"{done.stdout}{done.stderr}"
        )
    return done


def wait_for(condition, what, timeout=30):
    """The first true value of condition(), asked again until then."""
    end = time.monotonic() + timeout
    while True:
        late = time.monotonic() > end  # even then it is asked once more
        value = condition()
        if value:
            return value
        if late:
            raise AssertionError(f"waited {timeout} s in vain for {what}")
        time.sleep(0.02)
