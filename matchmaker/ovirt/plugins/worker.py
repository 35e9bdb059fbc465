"""The calls of one plug-in file: as many at once as there may be, each within its time, whatever becomes of the process."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from contextlib import suppress
from threading import BoundedSemaphore, Event, Lock
from time import monotonic
from typing import Any

from matchmaker.ovirt.cloud import Snapshot
from matchmaker.ovirt.plugins.answers import answer
from matchmaker.ovirt.plugins.files import PluginFile
from matchmaker.ovirt.plugins.matchmaker_worker.frames import BrokenFrame, read_frame, write_frame
from matchmaker.ovirt.plugins.process import PluginProcess, ProcessFailed, signal_name
from matchmaker.ovirt.plugins.texts import last_line, one_line

AT_ONCE = 8
"""How many calls of one file run at once; further ones wait for their turn."""
_GRACE = 1
"""How many seconds the process has to tell that a call was ended in time."""

_log = logging.getLogger("matchmaker.ovirt")


class NoAnswer(Exception):
    """A call has no answer; the text says why."""


class Worker:
    """What calls a plug-in file's units.

    Parameters
    ----------
    file : PluginFile
        The file.
    seconds : float
        How long a call may take, and importing the file.
    memory : int
        How much memory a call may have, in MiB.
    """

    def __init__(self, file: PluginFile, *, seconds: float, memory: int) -> None:
        self.file = file
        self.seconds = seconds
        self.memory = memory
        self._turns = BoundedSemaphore(AT_ONCE)
        self._changing = Lock()
        self._process: PluginProcess | None = None
        self._closed = Event()

    def start(self) -> Mapping[str, Any]:
        """Start the process, and return what it tells about the file.

        Raises
        ------
        ProcessFailed
            If the file cannot be imported, or not in time.
        """
        self._process, report = self._started(self.seconds)
        return report

    def ask(self, request: Mapping[str, Any], snapshot: Snapshot) -> tuple[Mapping[str, Any], str]:
        """Make a call, and return what came of it, and what it wrote on standard error.

        Parameters
        ----------
        request : mapping
            What to call, with what.
        snapshot : Snapshot
            Who answers its questions about hosts and virtual machines.

        Raises
        ------
        NoAnswer
            If nothing came of it.
        """
        deadline = monotonic() + self.seconds
        if not self._turns.acquire(timeout=self.seconds):
            raise NoAnswer(
                f"it had no turn within {self.seconds:g} s: {AT_ONCE} calls of `{self.file.shown}` are under way"
            )
        try:
            process = self._running(deadline)
            try:
                verdict = self._talk(process, request, snapshot, deadline)
            except TimeoutError:
                process.kill()
                raise NoAnswer(f"{self._whose} does not answer, and is ended; the next call gets a new one") from None
            except (BrokenFrame, OSError, ValueError, RecursionError):
                raise NoAnswer(self._broken(process)) from None
        finally:
            self._turns.release()
        return self._read(verdict), str(verdict.get("said", ""))

    def close(self, deadline: float) -> None:
        """End the process; further calls fail.

        Parameters
        ----------
        deadline : float
            Until when calls under way may go on, by the monotonic clock, in seconds.
        """
        self._closed.set()
        taken = 0
        while taken < AT_ONCE and self._turns.acquire(timeout=max(0.0, deadline - monotonic())):
            taken += 1
        # A process that is being started meanwhile is ended by the one who starts it.
        if self._changing.acquire(timeout=max(0.0, deadline - monotonic()) + _GRACE):
            self._end()
            self._changing.release()
        for _ in range(taken):
            self._turns.release()

    def _running(self, deadline: float) -> PluginProcess:
        """Return the process, a new one where the last is gone."""
        if not self._changing.acquire(timeout=max(0.0, deadline - monotonic())):
            raise NoAnswer(f"{self._whose} did not start again within {self.seconds:g} s")
        try:
            if self._closed.is_set():
                raise NoAnswer("the plug-ins are closed")
            if self._process is not None:
                if self._process.alive:
                    return self._process
                self._process.kill()
                self._process = None
            _log.warning("%s has ended, and is started again", self._whose)
            self._process = process = self._started_again(deadline)
            if self._closed.is_set():
                self._end()
                raise NoAnswer("the plug-ins are closed")
            return process
        finally:
            self._changing.release()

    def _end(self) -> None:
        if self._process is not None:
            self._process.end()
        self._process = None

    def _started_again(self, deadline: float) -> PluginProcess:
        try:
            process, report = self._started(max(0.1, deadline - monotonic()))
        except ProcessFailed as error:
            raise NoAnswer(f"{self._whose} cannot be started again: {error}") from None
        if "units" not in report:
            process.kill()
            raise NoAnswer(f"{self._whose} cannot be started again: `{self.file.shown}` can no longer be imported")
        return process

    def _started(self, seconds: float) -> tuple[PluginProcess, Mapping[str, Any]]:
        process = PluginProcess(self.file, seconds=seconds, memory=self.memory)
        try:
            return process, process.report()
        except ProcessFailed:
            process.kill()
            raise

    @property
    def _whose(self) -> str:
        return f"the process of `{self.file.shown}`"

    def _broken(self, process: PluginProcess) -> str:
        if self._closed.is_set():
            return "the plug-ins are closed"
        if process.ends_within(_GRACE):
            return f"{self._whose} has ended; the next call gets a new one"
        return "it broke the connection to the server"

    def _talk(
        self, process: PluginProcess, request: Mapping[str, Any], snapshot: Snapshot, deadline: float
    ) -> Mapping[str, Any]:
        with process.begin(deadline) as connection:
            payload = json.dumps(request).encode()
            while True:
                with suppress(OSError):  # it may have ended without reading this, and by what comes next
                    write_frame(connection, payload, deadline=deadline)
                # The inventory may have taken all the time; the process has ended the call by then.
                message = json.loads(read_frame(connection, deadline=max(deadline, monotonic()) + _GRACE))
                if not isinstance(message, dict):
                    raise BrokenFrame("a message is no object")
                if "ended" in message:
                    return message
                if monotonic() > deadline + _GRACE:  # a process that nobody ends could go on asking
                    raise TimeoutError
                payload = answer(message, snapshot)

    def _read(self, verdict: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return what a call answers, once it has ended."""
        last = last_line(str(verdict.get("said", "")))
        said = f"; it said `{last}`" if last else ""
        match verdict:
            case {"ended": "answer", "answer": str() as text}:
                try:
                    return dict(json.loads(text))
                except (TypeError, ValueError, RecursionError):
                    raise NoAnswer("its answer was destroyed on the way") from None
            case {"ended": "late"}:
                raise NoAnswer(f"it took longer than {self.seconds:g} s, and was ended")
            case {"ended": "signal", "number": int() as number}:
                raise NoAnswer(f"it was ended by {signal_name(number)}{said}")
            case {"ended": "exit", "status": int() as status}:
                raise NoAnswer(f"it ended without an answer, with exit status {status}{said}")
        raise NoAnswer(f"it could not be started: {one_line(str(verdict.get('reason')))}")
