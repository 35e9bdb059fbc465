"""Whole processes: how long one runs, and how much memory it takes at most."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).parent.parent

_LAUNCHER = """
import json, os, sys, time
paths, command = sys.argv[1:4], sys.argv[4:]
modes = os.O_RDONLY, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, os.O_WRONLY | os.O_CREAT | os.O_TRUNC
files = [(os.POSIX_SPAWN_OPEN, number, path, mode, 0o600) for number, (path, mode) in enumerate(zip(paths, modes))]
begin = time.perf_counter()
_, status, used = os.wait4(os.posix_spawn(command[0], command, os.environ, file_actions=files), 0)
seconds = time.perf_counter() - begin
print(json.dumps([seconds, used.ru_utime + used.ru_stime, used.ru_maxrss, os.waitstatus_to_exitcode(status)]))
"""
"""A small process in between: the system counts the memory of the starting process as a part of the peak."""


@dataclass(frozen=True)
class Ran:
    """One process that has ended.

    Parameters
    ----------
    seconds : float
        Wall clock time from its start to its end.
    processor : float
        Seconds of CPU time.
    peak : int
        The largest resident memory, in bytes.
    status : int
        Its exit status.
    output, messages : bytes
        Its standard output and standard error.
    """

    seconds: float
    processor: float
    peak: int
    status: int
    output: bytes
    messages: bytes


def run(command: Sequence[str], source: Path) -> Ran:
    """Run a process in the checkout, with a file as its standard input. Its outputs are written beside that file."""
    output, messages = source.with_suffix(".out"), source.with_suffix(".err")
    arguments = [sys.executable, "-I", "-S", "-c", _LAUNCHER, str(source), str(output), str(messages), *command]
    told = subprocess.run(arguments, cwd=CHECKOUT, check=True, capture_output=True, encoding="utf-8").stdout
    seconds, processor, peak, status = json.loads(told)
    unit = 1 if sys.platform == "darwin" else 1024
    return Ran(seconds, processor, peak * unit, status, output.read_bytes(), messages.read_bytes())
