"""A progress bar on standard error, once reading takes long, and only on a terminal."""

from __future__ import annotations

import io
import os
import stat
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    from rich.progress import Progress

PATIENCE = 2.0
"""How many seconds reading may take without a sign of life."""
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
    if sys.stderr is None or not sys.stderr.isatty() or stream.isatty():
        yield reader
        return
    bar = _Bar(counter, name, _size(stream))
    timer = threading.Timer(PATIENCE, bar.show)
    timer.daemon = True
    timer.start()
    try:
        yield reader
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
    """The bar, which a timer shows and the reader hides."""

    def __init__(self, counter: _Counter, name: str, size: int | None) -> None:
        self._counter = counter
        self._name = name
        self._size = size
        self._lock = threading.Lock()
        self._done = False
        self._progress: Progress | None = None

    def show(self) -> None:
        """Show the bar, unless reading is over; it refreshes itself."""
        from rich.console import Console
        from rich.markup import escape
        from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn

        counter = self._counter

        class Live(Progress):
            """A progress that looks itself how far the reader has come."""

            def get_renderables(self) -> Any:
                for task in self.task_ids:
                    self.update(task, completed=counter.count)
                return super().get_renderables()

        with self._lock:
            if self._done:
                return
            columns = (TextColumn("reading {task.description}"), BarColumn(), DownloadColumn(), TimeElapsedColumn())
            self._progress = Live(*columns, console=Console(stderr=True), transient=True, refresh_per_second=5)
            self._progress.add_task(escape(self._name), total=self._size)
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
