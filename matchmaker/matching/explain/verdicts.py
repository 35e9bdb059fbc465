"""What a clause says about all candidates: who passes, and why the others fail."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple, Protocol

from matchmaker.engine.meanings import Meaning
from matchmaker.language.nodes import Chain, Comparison, Node, Not
from matchmaker.limits import tick


class Verdicts(NamedTuple):
    """Sets of candidates; whoever is in none of them fails because the clause is false."""

    passing: int
    missing: int = 0
    unconverted: int = 0
    unreadable: int = 0


class Conditions(Protocol):
    """What an engine knows of all candidates: the verdicts of the conditions that `&`, `|` and `!` join, and values.

    Attributes
    ----------
    alive : int
        The slots that hold a candidate.
    """

    alive: int

    def verdicts(self, condition: Node, meaning: Meaning) -> Verdicts:
        """Return the verdicts of a condition of some dialect on all candidates."""

    def found(self, name: str) -> int:
        """Return the candidates that have an attribute."""

    def numbers(self, comparison: Comparison, members: int) -> list[float]:
        """Return the numbers that a comparison reads, of those of some candidates that have one."""

    def texts(self, name: str, *, several: bool) -> Counter[str]:
        """Return how many candidates have which text as an attribute's first value, or when `several` as any of its values."""


class Remembered:
    """Conditions that are asked for the same comparisons again and again.

    Parameters
    ----------
    conditions : Conditions
        Where the answers come from.
    """

    LARGEST = 512

    def __init__(self, conditions: Conditions) -> None:
        self._known: dict[tuple[Node, bool], Verdicts] = {}
        self._conditions = conditions
        self.alive = conditions.alive
        self.found, self.numbers, self.texts = conditions.found, conditions.numbers, conditions.texts

    def verdicts(self, condition: Node, meaning: Meaning) -> Verdicts:
        """Return the verdicts of a condition of some dialect on all candidates."""
        key = condition, meaning.null_text
        known = self._known.get(key)
        if known is None:
            known = self._conditions.verdicts(condition, meaning)
            if len(self._known) < self.LARGEST:
                self._known[key] = known
        return known


def verdicts_of(tree: Node, conditions: Conditions, meaning: Meaning) -> Verdicts:
    """Return the verdicts of a clause.

    Where several operands fail for one and the same reason, that is the reason of the whole; else it is false.
    What short-circuiting would not read is not read here either.
    """
    alive = conditions.alive
    done: list[Verdicts] = []
    pending: list[Node | str] = [tree]
    while pending:
        item = pending.pop()
        if isinstance(item, Not):
            pending.extend(("!", item.operand))
        elif isinstance(item, Chain):
            for operator, operand in reversed(item.rest):
                pending.extend((operator, operand))
            pending.append(item.first)
        elif item == "!":
            inner = done.pop()
            done.append(Verdicts(alive & ~inner.passing & ~inner.unreadable, 0, 0, inner.unreadable))
        elif isinstance(item, str):
            right, left = done.pop(), done.pop()
            done.append(_joined(left, item, right, alive))
        else:
            tick()
            done.append(conditions.verdicts(item, meaning))
    return done[0]


def _joined(left: Verdicts, operator: str, right: Verdicts, alive: int) -> Verdicts:
    if operator == "&":
        passing = left.passing & right.passing
        unreadable = left.unreadable | (left.passing & right.unreadable)
    else:
        passing = left.passing | (right.passing & ~left.unreadable)
        unreadable = left.unreadable | (right.unreadable & ~left.passing)
    missing, unconverted = left.missing | right.missing, left.unconverted | right.unconverted
    failing = alive & ~passing & ~unreadable
    both = _false(left, alive) | _false(right, alive) | (missing & unconverted)
    return Verdicts(passing, missing & failing & ~both, unconverted & failing & ~both, unreadable)


def _false(verdicts: Verdicts, alive: int) -> int:
    passing, missing, unconverted, unreadable = verdicts
    return alive & ~(passing | missing | unconverted | unreadable)
