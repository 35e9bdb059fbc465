"""A plug-in file's process, as the server sees it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import Any

from matchmaker.ovirt.plugins.files import PluginFile
from matchmaker.ovirt.plugins.matchmaker_worker.frames import TIME, BrokenFrame, read_frame, write_frame

_BEGIN = "import sys; sys.path.insert(0, sys.argv.pop(1)); import matchmaker_worker.main as worker; del sys.path[0]; worker.main()"
"""What the interpreter runs: the worker by its own name, so that nothing else of this package is imported."""
_ENDING = 2
"""How many seconds a process has to end by itself."""
_OURS = "MATCHMAKER_"
"""How the names of environment variables begin that are none of the plug-ins' business: they can hold credentials."""


class ProcessFailed(Exception):
    """A plug-in file's process ended, hangs, or says what cannot be understood."""


class PluginProcess:
    """A running process, which has not imported its file yet.

    Parameters
    ----------
    file : PluginFile
        What it imports.
    seconds : float
        How long that may take.
    memory : int
        How much memory it may have, and each of its calls, in MiB.

    Raises
    ------
    ProcessFailed
        If it cannot be started.
    """

    def __init__(self, file: PluginFile, *, seconds: float, memory: int) -> None:
        self._deadline = monotonic() + seconds
        self._sending = Lock()
        self._killing = Lock()
        self._control, theirs = socket.socketpair()
        command = [sys.executable, "-I", "-B", "-c", _BEGIN, str(Path(__file__).parent), str(theirs.fileno())]
        with theirs:
            try:
                self._process = subprocess.Popen(  # noqa: S603 - our own interpreter, with our own text
                    command,
                    pass_fds=[theirs.fileno()],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    cwd=file.path.parent,
                    env={name: value for name, value in os.environ.items() if not name.startswith(_OURS)},
                    start_new_session=True,
                )
            except OSError as error:
                self._control.close()
                raise ProcessFailed(f"no process can be started for it: {error.strerror}") from None
        settings = {
            "path": str(file.path),
            "folder": str(file.path.parent),
            "module": file.path.stem,
            "memory": memory,
            "seconds": seconds,
        }
        # If it is gone already, reading its report tells that.
        with suppress(OSError):
            write_frame(self._control, json.dumps(settings).encode(), deadline=self._deadline)
            write_frame(self._control, file.source, deadline=self._deadline)

    def report(self) -> Mapping[str, Any]:
        """Wait until the file is imported, and return what is told about it.

        Raises
        ------
        ProcessFailed
            If that takes too long, or the process ends.
        """
        try:
            found: Mapping[str, Any] = json.loads(read_frame(self._control, deadline=self._deadline))
        except TimeoutError:
            raise ProcessFailed("importing it takes too long") from None
        except (BrokenFrame, OSError, ValueError):
            raise ProcessFailed(f"importing it {self._end_seen()}") from None
        return found

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._process.poll() is None

    def ends_within(self, seconds: float) -> bool:
        """Return whether it has ended, or does so in a moment."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def begin(self, deadline: float) -> socket.socket:
        """Begin a call, and return the socket to talk to it by.

        Parameters
        ----------
        deadline : float
            When the call is ended, by the monotonic clock, in seconds.

        Raises
        ------
        OSError
            If the process does not take it.
        """
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                left = deadline - monotonic()
                with self._sending:
                    self._control.settimeout(max(left, 0.001))
                    socket.send_fds(self._control, [TIME.pack(left)], [theirs.fileno()])
            except BaseException:
                ours.close()
                raise
        return ours

    def end(self) -> None:
        """Let it end by itself, as it does without a server, with all its calls; else kill it."""
        with self._sending:
            self._control.close()
        if not self.ends_within(_ENDING):
            self.kill()

    def kill(self) -> None:
        """End it at once; its calls end with it."""
        with self._killing:  # somebody else could have the number of a process that another thread has waited for
            if self.alive:
                os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait()
        with self._sending:
            self._control.close()

    def _end_seen(self) -> str:
        if not self.ends_within(_ENDING):
            return "closed the connection to the server"
        status = self._process.returncode
        return f"was ended by {signal_name(-status)}" if status < 0 else f"ended the process, with exit status {status}"


def signal_name(number: int) -> str:
    """Return how a signal is called."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
