"""Calls, each in a child of the process that has imported the plug-in file: one's state never reaches another."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from time import monotonic
from typing import Any, NoReturn

from .bounded_files import BoundedFile
from .frames import TIME, write_frame

MOST_SAID = 4_000
"""How many bytes of what a call writes on standard error are passed on: the last ones."""
_SLOW = 5
"""How many seconds the server has to take a verdict."""
PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36  # prctl(2)

Run = Callable[[socket.socket, BoundedFile], dict[str, Any]]
"""Makes a call in a child: takes its socket and its standard output, and returns what came of it."""


class _Running:
    """A call that is under way."""

    def __init__(self, connection: socket.socket, deadline: float) -> None:
        self.connection = connection
        self.deadline = deadline
        self.late = False
        self.output, self.errors, self.answer = BoundedFile(), BoundedFile(), BoundedFile()

    def verdict(self, status: int) -> dict[str, Any]:
        """Return what to tell the server, once the child has ended."""
        said = self.errors.read(most=MOST_SAID)
        if self.late:
            return {"ended": "late", "said": said}
        if os.WIFSIGNALED(status):
            return {"ended": "signal", "number": os.WTERMSIG(status), "said": said}
        answer = self.answer.read()
        if os.WEXITSTATUS(status) or not answer:
            return {"ended": "exit", "status": os.WEXITSTATUS(status), "said": said}
        return {"ended": "answer", "answer": answer, "said": said}

    def close(self) -> None:
        """Let go of all that belongs to the call."""
        self.connection.close()
        for file in (self.output, self.errors, self.answer):
            file.close()


class Server:
    """Forks a child for each socket that comes over the control socket, until that one is closed.

    Parameters
    ----------
    control : socket
        Where calls come from.
    run : callable
        Makes a call, in a child.
    """

    def __init__(self, control: socket.socket, run: Run) -> None:
        self._control = control
        self._run = run
        self._running: dict[int, _Running] = {}
        self._woken, self._waking = os.pipe()
        self._die_with_parent = prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        self._process = os.getpid()
        self._earlier = _children()  # the file has started them, while it was imported

    def serve(self) -> None:
        """Serve until the other side is gone, then end all calls."""
        for end in (self._woken, self._waking):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(self._waking, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        prctl(_PR_SET_CHILD_SUBREAPER, 1)()  # what calls leave behind becomes a child of this process
        events = select.poll()
        events.register(self._control, select.POLLIN)
        events.register(self._woken, select.POLLIN)
        while True:
            ready = dict(events.poll(self._patience()))
            if self._woken in ready:
                with suppress(BlockingIOError):
                    os.read(self._woken, 4096)
            self._reap()
            self._end_late()
            if self._control.fileno() in ready and not self._accept():
                break
        while children := _children():
            for child in children:
                _kill(child)
            with suppress(ChildProcessError):
                os.waitpid(-1, 0)

    def _patience(self) -> float | None:
        """Return how many milliseconds there are until a call is late."""
        deadlines = [call.deadline for call in self._running.values() if not call.late]
        return max(0.0, min(deadlines) - monotonic()) * 1000 + 1 if deadlines else None

    def _accept(self) -> bool:
        """Begin a call; return False when there will be none any more."""
        try:
            message, descriptors, _, _ = socket.recv_fds(self._control, TIME.size, 1)
        except OSError:
            return False
        if len(message) < TIME.size or not descriptors:
            return False
        (seconds,) = TIME.unpack(message)
        connection = socket.socket(fileno=descriptors[0])
        try:
            call = _Running(connection, monotonic() + seconds)
        except OSError as error:
            self._tell(connection, {"ended": "failed", "reason": str(error)})
            connection.close()
            return True
        try:
            child = os.fork()
        except OSError as error:
            self._tell(connection, {"ended": "failed", "reason": str(error)})
            call.close()
            return True
        if child == 0:
            self._be_child(call)
        self._running[child] = call
        return True

    def _reap(self) -> None:
        """Take note of calls that have ended, end what they have left behind, and tell the server."""
        while True:
            try:
                # The child is only looked at first, so that nobody else can have its number while its group is ended.
                ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            except ChildProcessError:
                return
            if ended is None:
                return
            call = self._running.pop(ended.si_pid, None)
            if call is not None:
                _kill(ended.si_pid)
            _, status = os.waitpid(ended.si_pid, 0)
            for orphan in _children() - self._earlier - self._running.keys():
                _kill(orphan)
            if call is not None:
                self._tell(call.connection, call.verdict(status))
                call.close()

    def _end_late(self) -> None:
        now = monotonic()
        for child, call in self._running.items():
            if now >= call.deadline and not call.late:
                call.late = True
                _kill(child)

    def _tell(self, connection: socket.socket, verdict: dict[str, Any]) -> None:
        with suppress(OSError):  # the server has given up
            write_frame(connection, json.dumps(verdict).encode(), deadline=monotonic() + _SLOW)

    def _be_child(self, call: _Running) -> NoReturn:
        status = 1
        try:
            self._become_alone(call)
            own = os.getpid()
            found = self._run(call.connection, call.output)
            if os.getpid() == own:  # and not a process that the plug-in has started, and that returned from it too
                call.answer.write(json.dumps(found))
                status = 0
        finally:
            os._exit(status)

    def _become_alone(self, call: _Running) -> None:
        """Let go of what belongs to the parent and to other calls."""
        os.setsid()
        self._die_with_parent()
        if os.getppid() != self._process:  # it ended before that
            os._exit(1)
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for end in (self._woken, self._waking):
            os.close(end)
        self._control.close()
        for other in self._running.values():
            other.close()
        os.dup2(call.output.descriptor, 1)
        os.dup2(call.errors.descriptor, 2)


def _children() -> set[int]:
    """Return the children of this process, those that have ended included; none where the system does not tell."""
    try:
        with open(f"/proc/self/task/{os.getpid()}/children") as file:  # noqa: PTH123 - quicker to import
            return set(map(int, file.read().split()))
    except OSError:
        return set()


def _kill(child: int) -> None:
    """End a child, and what it has started in its group."""
    for kill in (os.kill, os.killpg):  # it may not have got as far as to have a group
        with suppress(ProcessLookupError, PermissionError):
            kill(child, signal.SIGKILL)


def prctl(*arguments: int) -> Callable[[], object]:
    """Return what calls prctl(2); where Python cannot do that, something that does nothing."""
    try:
        import ctypes

        return partial(ctypes.CDLL(None).prctl, *arguments)
    except (ImportError, AttributeError, OSError, MemoryError):  # a system may forbid it memory that can be executed
        return lambda: None
