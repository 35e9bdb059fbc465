"""Budgets for expressions that come from untrusted users."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from time import thread_time
from typing import Self

from matchmaker.errors import LimitError


@dataclass(frozen=True, slots=True)
class Limits:
    """What one expression may cost.

    Parameters
    ----------
    length : int
        The longest text, in bytes of UTF-8.
    nodes : int
        The largest number of comparisons, attributes, numbers and operators.
    depth : int
        The most symbols (open parentheses, operators and operands that wait) a parser may hold at once. Upstream's bison
        parser has 10,000 places, one for its start and one kept free: 9,995 open parentheses before `A=5` pass.
    """

    length: int = 1024 * 1024
    nodes: int = 1_000_000
    depth: int = 9_998

    def __post_init__(self) -> None:
        if any(type(limit) is not int or limit < 1 for limit in (self.length, self.nodes, self.depth)):
            raise ValueError("limits are whole numbers of at least 1")


DEFAULT_LIMITS = Limits()
"""What an expression may cost when nothing else is said."""


class Budget:
    """CPU time that pieces of work may take together.

    Work inside of its `with` blocks is counted, wherever a long step of matchmaker begins it is checked, and once it is used
    up the step raises `LimitError` instead. Nothing is interrupted: the work may go on for as long as its longest step takes.

    What counts is the time of the thread that runs the block, not that of threads it starts, nor what it waits for. Several
    blocks add up. Of budgets inside each other each counts the time, and the first that is used up raises. Threads may share
    a budget, but in its blocks a thread learns only by `check` what others took meanwhile. In a coroutine nothing may be
    awaited in a block.

    Parameters
    ----------
    seconds : float
        How much CPU time there is.
    what : str
        What takes it, as the beginning of a message.

    Raises
    ------
    ValueError
        If that is negative or no number.

    Examples
    --------
    >>> from matchmaker import Requirement
    >>> budget = Budget(0.2)
    >>> with budget:
    ...     Requirement("FREE_CPU > 50").matches({"FREE_CPU": 400})
    True
    >>> 0 < budget.spent < 0.2
    True
    """

    __slots__ = ("_lock", "_seconds", "_taken", "_what")

    def __init__(self, seconds: float, *, what: str = "the expressions take") -> None:
        if not seconds >= 0:
            raise ValueError("a budget is a number of seconds, at least 0")
        self._seconds = float(seconds)
        self._what = what
        self._taken = 0.0
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"<Budget of {self._seconds * 1000:g} ms, {self.spent * 1000:.1f} ms spent>"

    @property
    def seconds(self) -> float:
        """How much CPU time there is, in seconds."""
        return self._seconds

    @property
    def spent(self) -> float:
        """How much of it is used, in seconds: by all blocks that have ended, and by the one that this thread is in."""
        block = _here.blocks.get(self)
        return self._taken if block is None else self._taken + (thread_time() - block.start)

    def __enter__(self) -> Self:
        """Begin to count.

        Raises
        ------
        LimitError
            When the budget is used up already.
        """
        self.check()
        block = _here.blocks.get(self)
        if block is None:
            start = thread_time()
            _here.blocks[self] = _Block(start, start + self._seconds - self._taken)
            _here.renew()
        else:
            block.entered += 1
        return self

    def __exit__(self, *raised: object) -> None:
        """End counting; this does not raise when the budget is used up."""
        block = _here.blocks.get(self)
        if block is None:
            raise RuntimeError("a budget is left in a thread that did not enter it")
        block.entered -= 1
        if block.entered:
            return
        del _here.blocks[self]
        _here.renew()
        with self._lock:
            self._taken += thread_time() - block.start

    def check(self) -> None:
        """Go on only when there is time left.

        Raises
        ------
        LimitError
            When the budget is used up.
        """
        if self.spent >= self._seconds:
            raise LimitError(f"{self._what} more than {self._seconds * 1000:g} ms of CPU time")


class _Block:
    """A budget's block that a thread is in, its times on the thread's clock, and how often it is entered in itself."""

    __slots__ = ("deadline", "entered", "start")

    def __init__(self, start: float, deadline: float) -> None:
        self.start = start
        self.deadline = deadline
        self.entered = 1


class _Here(threading.local):
    """What a thread is in: the blocks, and when the first of their budgets ends."""

    def __init__(self) -> None:
        self.blocks: dict[Budget, _Block] = {}
        self.deadline: float | None = None

    def renew(self) -> None:
        """Note the deadline once more."""
        self.deadline = min((block.deadline for block in self.blocks.values()), default=None)


_here = _Here()


def tick() -> None:
    """Go on only when there is time left in the budgets whose blocks this thread is in.

    To be called where a long step begins. It is cheap while there is no budget, about 0.05 µs, and reads a clock when there is.

    Raises
    ------
    LimitError
        When one of them is used up.
    """
    deadline = _here.deadline
    if deadline is not None and thread_time() >= deadline:
        for budget in list(_here.blocks):
            budget.check()
