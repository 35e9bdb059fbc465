"""What goes on in other processes."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

_TRIES, _PAUSE = 1_500, 0.02  # seconds between two looks: half a minute, where a moment should do


def ended(process: int) -> bool:
    """Return whether a process ends; one that does not is killed."""
    for _ in range(_TRIES):
        try:
            # One that has ended stays there as a zombie, until somebody asks for its exit status.
            if Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(_PAUSE)
    os.kill(process, signal.SIGKILL)
    return False


def noted(path: Path) -> list[int]:
    """Return the numbers that another process writes to a file, once they are there."""
    for _ in range(_TRIES):
        if path.exists() and (text := path.read_text()).endswith("\n"):
            return [int(word) for word in text.split()]
        time.sleep(_PAUSE)
    raise TimeoutError(path)


def processes_of(folder: Path) -> list[int]:
    """Return the processes that run in a folder."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cwd"):
        try:
            if path.readlink() == folder:
                found.append(int(path.parent.name))
        except OSError:
            continue
    return found
