"""Questions that are asked once, whoever wants the answer."""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import monotonic
from typing import Generic, TypeVar

from matchmaker.ovirt.errors import InventoryError

Answer = TypeVar("Answer")


class Question(Generic[Answer]):
    """What is asked for the first who wants to know; all get the same answer, or the same error.

    It is asked in a thread of its own, since nobody waits longer than until the deadline: neither looking up a name nor reading
    what comes a byte at a time has a time limit.

    Parameters
    ----------
    ask : callable
        Brings the answer.
    deadline : float
        Until when to wait, in seconds of `time.monotonic`.
    late : str
        What to say after that.
    """

    def __init__(self, ask: Callable[[], Answer], *, deadline: float, late: str) -> None:
        self._ask = ask
        self._deadline = deadline
        self._late = late
        self._lock = threading.Lock()
        self._asked = False
        self._answered = threading.Event()
        self._answers: list[Answer] = []
        self._error: Exception | None = None

    @property
    def is_answered(self) -> bool:
        """Whether there is an answer, so that nobody has to wait for it."""
        return self._answered.is_set() and self._error is None

    def answer(self) -> Answer:
        """Return the answer, and ask for it when nobody has.

        Raises
        ------
        InventoryError
            If there is none until the deadline, or asking failed.
        """
        with self._lock:
            if not self._asked:
                threading.Thread(target=self._find_out, name="oVirt inventory", daemon=True).start()
                self._asked = True
        if not self._answered.wait(max(0.0, self._deadline - monotonic())):
            raise InventoryError(self._late)
        if isinstance(self._error, InventoryError):
            raise InventoryError(str(self._error))  # one error for each: a traceback belongs to one thread
        if self._error is not None:
            raise self._error
        return self._answers[0]

    def _find_out(self) -> None:
        try:
            self._answers.append(self._ask())
        except Exception as error:
            self._error = error
        finally:
            self._answered.set()
