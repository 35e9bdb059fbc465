"""A progress bar on standard error, once something takes long, and only on a terminal."""

from __future__ import annotations

import io
import os
import stat
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

if TYPE_CHECKING:
    from rich.progress import Progress

PATIENCE = 2.0
"""How many seconds it may take without a sign of life."""
_CHUNK = 64 * 1024


@contextmanager
def watched(stream: BinaryIO, name: str) -> Iterator[io.BufferedReader[Any]]:
    """Read a stream, and show how far it has come when that takes long.

    Parameters
    ----------
    stream : BinaryIO
        What to read.
    name : str
        What the bar calls it.

    Yields
    ------
    io.BufferedReader
        The same bytes; `peek` shows the first 64 KiB of them, or all when there are fewer.
    """
    counter = _Counter(stream)
    reader: io.BufferedReader[Any] = io.BufferedReader(counter, _CHUNK)
    with _bar(counter, "reading", stream, name):
        yield reader


@dataclass
class Meter:
    """How far the work on a stream has come, in bytes of the stream."""

    count: int = 0


@contextmanager
def metered(stream: BinaryIO, name: str) -> Iterator[Meter]:
    """Show how far the requests of a stream are answered when that takes long.

    Parameters
    ----------
    stream : BinaryIO
        Where the requests come from.
    name : str
        What the bar calls it.

    Yields
    ------
    Meter
        To be moved on by whoever answers.
    """
    meter = Meter()
    if sys.stdout is not None and sys.stdout.isatty():  # the answers go by there, through the bar
        yield meter
        return
    with _bar(meter, "answering", stream, name):
        yield meter


class _Counted(Protocol):
    """Whatever knows how many bytes are done."""

    count: int


@contextmanager
def _bar(counted: _Counted, verb: str, stream: BinaryIO, name: str) -> Iterator[None]:
    """Have a bar shown in a while, unless nobody sees it, or the user is typing there."""
    if sys.stderr is None or not sys.stderr.isatty() or stream.isatty():
        yield
        return
    bar = _Bar(counted, verb, name, _size(stream))
    timer = threading.Timer(PATIENCE, bar.show)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        bar.hide()


class _Counter(io.RawIOBase):
    """Reads from a stream, always as much as was asked for while there is more, and counts."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._ended = False
        self._is_terminal = stream.isatty()
        self.count = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        filled = 0
        while filled < len(buffer) and not self._ended:
            wanted = min(len(buffer) - filled, _CHUNK)
            chunk = self._stream.read(wanted)
            self._ended = not chunk or (self._is_terminal and len(chunk) < wanted)  # Ctrl-D is pressed only once
            buffer[filled : filled + len(chunk)] = chunk
            filled += len(chunk)
            self.count += len(chunk)
        return filled


class _Bar:
    """The bar, which a timer shows and whoever is done hides."""

    def __init__(self, counted: _Counted, verb: str, name: str, size: int | None) -> None:
        self._counted = counted
        self._verb = verb
        self._name = name
        self._size = size
        self._lock = threading.Lock()
        self._done = False
        self._progress: Progress | None = None

    def show(self) -> None:
        """Show the bar, unless all is over; it refreshes itself."""
        from rich.console import Console
        from rich.markup import escape
        from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn

        counted = self._counted

        class Live(Progress):
            """A progress that looks itself how far things have come."""

            def get_renderables(self) -> Any:
                for task in self.task_ids:
                    self.update(task, completed=counted.count)
                return super().get_renderables()

        with self._lock:
            if self._done:
                return
            columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeElapsedColumn())
            self._progress = Live(
                *columns,
                console=Console(stderr=True),
                transient=True,
                refresh_per_second=5,
                redirect_stdout=False,  # else what is printed meanwhile would go to standard error
                redirect_stderr=False,
            )
            self._progress.add_task(f"{self._verb} {escape(self._name)}", total=self._size)
            self._progress.start()

    def hide(self) -> None:
        """Take the bar away, for good."""
        with self._lock:
            self._done = True
            if self._progress is not None:
                self._progress.stop()


def _size(stream: BinaryIO) -> int | None:
    """Return how many bytes a stream has, when it is a file."""
    try:
        status = os.fstat(stream.fileno())
    except OSError:
        return None
    return status.st_size if stat.S_ISREG(status.st_mode) else None
