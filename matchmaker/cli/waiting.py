"""A sign of life on standard error, once work that cannot tell how far it has come takes long, and only on a terminal."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from matchmaker.cli.progress import PATIENCE

if TYPE_CHECKING:
    from rich.status import Status


@contextmanager
def patiently(doing: str) -> Iterator[None]:
    """Show what is being done when that takes long.

    Parameters
    ----------
    doing : str
        What is done, such as `placing virtual machines`.
    """
    if sys.stderr is None or not sys.stderr.isatty():
        yield
        return
    sign = _Sign(doing)
    timer = threading.Timer(PATIENCE, sign.show)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        sign.hide()


class _Sign:
    """The sign, which a timer shows and whoever is done hides."""

    def __init__(self, doing: str) -> None:
        self._doing = doing
        self._lock = threading.Lock()
        self._done = False
        self._status: Status | None = None

    def show(self) -> None:
        """Show the sign, unless all is over."""
        from rich.console import Console
        from rich.markup import escape

        with self._lock:
            if not self._done:
                self._status = Console(stderr=True).status(escape(self._doing))
                self._status.start()

    def hide(self) -> None:
        """Take the sign away, for good."""
        with self._lock:
            self._done = True
            if self._status is not None:
                self._status.stop()
