"""What is known of one reading of one attribute while others are looked at: constraints that all hold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from matchmaker.checking.logic.constraints import Constraint, Numbers, Texts
from matchmaker.checking.logic.groups import Clause
from matchmaker.checking.logic.patterns import Patterns

MOST_HOLES = 64
"""Intervals that are longer are not looked at number by number."""
MOST_PATTERNS = 32
"""So many patterns are kept; what more of them say is not told."""


class Fact(NamedTuple):
    """A clause that is taken to be true, or to be false.

    Parameters
    ----------
    clause : Clause
        The clause.
    holds : bool
        Whether it is taken to be true: beside `&` the others matter only then, beside `|` only where it is false.
    constraint : Constraint
        What follows for its subject.
    order : int
        How many facts were met before it.
    """

    clause: Clause
    holds: bool
    constraint: Any
    order: int


class NumberFacts:
    """Facts about numbers. They are never contradictory together.

    Of each sort of constraint, by whether missing and NaN belong to it, the strongest bounds stand for all.
    """

    def __init__(self, patterns: Patterns) -> None:
        self._patterns = patterns
        self._lows: dict[tuple[bool, bool], Fact] = {}
        self._highs: dict[tuple[bool, bool], Fact] = {}
        self._sorts: dict[tuple[bool, bool], Fact] = {}
        self._holes: dict[int, dict[tuple[bool, bool], Fact]] = {}

    def conflict(self, fact: Fact, *, present: bool = False) -> tuple[Fact, ...]:
        """Return the facts that leave nothing together with another one, none when something is left.

        Parameters
        ----------
        fact : Fact
            The other one.
        present : bool
            Whether to ask for numbers only: missing and NaN then count as nothing.
        """
        sorts = [*self._sorts, _sort(fact)]
        if not present and (all(missing for missing, _ in sorts) or all(nan for _, nan in sorts)):
            return ()
        bounds = self._emptied(fact)
        if bounds is None:
            return ()
        named = dict.fromkeys(bounds)
        if not present:
            for place in (0, 1):  # somebody has to rule out missing, and somebody NaN
                if all(_sort(each)[place] for each in [*named, fact]):
                    named[next(each for each in self._sorts.values() if not _sort(each)[place])] = None
        return tuple(sorted((each for each in named if each is not fact), key=lambda each: each.order))

    def add(self, fact: Fact) -> Any:
        """Add a fact; return what `restore` undoes that by."""
        constraint, sort = fact.constraint, _sort(fact)
        saved = self._lows, self._highs, self._sorts, constraint.hole, self._holes.get(constraint.hole)
        self._sorts = {sort: fact, **self._sorts}
        if constraint.hole is not None:
            self._holes[constraint.hole] = {sort: fact, **self._holes.get(constraint.hole, {})}
            return saved
        low, high = self._lows.get(sort), self._highs.get(sort)
        if low is None or _lower_first(constraint) > _lower_first(low.constraint):
            self._lows = {**self._lows, sort: fact}
        if high is None or _higher_first(constraint) > _higher_first(high.constraint):
            self._highs = {**self._highs, sort: fact}
        return saved

    def restore(self, saved: Any) -> None:
        """Forget the last fact that was added."""
        self._lows, self._highs, self._sorts, hole, facts = saved
        if hole is not None:
            if facts is None:
                del self._holes[hole]
            else:
                self._holes[hole] = facts

    def implying(self, fact: Fact) -> Fact | None:
        """Return a fact that another one follows from; of equal ones only those met before it are asked."""
        known = [*self._lows.values(), *self._highs.values()]
        if fact.constraint.hole is not None:
            known += self._holes.get(fact.constraint.hole, {}).values()
        return _implying(fact, known, self._patterns)

    def _emptied(self, fact: Fact) -> list[Fact] | None:
        """Return the facts whose intervals and holes leave no number together, None when one is left."""
        below = max((*self._lows.values(), fact), key=lambda each: each.constraint.low)
        above = min((*self._highs.values(), fact), key=lambda each: each.constraint.high)
        low, high = below.constraint.low, above.constraint.high
        if low > high:
            return [below, above]
        if high - low > min(len(self._holes), MOST_HOLES):
            return None
        holes: list[Fact] = []
        for number in range(low, high + 1):
            if number in self._holes:
                holes.append(next(iter(self._holes[number].values())))
            elif number != fact.constraint.hole:
                return None
        return [below, above, *holes]


def _sort(fact: Fact) -> tuple[bool, bool]:
    return fact.constraint.missing, fact.constraint.nan


def _lower_first(constraint: Numbers) -> tuple[int, int]:
    return constraint.low, -constraint.high


def _higher_first(constraint: Numbers) -> tuple[int, int]:
    return -constraint.high, constraint.low


class TextFacts:
    """Facts about texts. No two of them contradict each other."""

    def __init__(self, patterns: Patterns) -> None:
        self._patterns = patterns
        self._few: dict[tuple[str, bool], Fact] = {}
        """The first one that names a single text, and those that name all or none, by whether missing belongs to them."""
        self._holes: dict[tuple[str, bool], Fact] = {}
        self._kept: list[Fact] = []
        """Those with patterns."""

    def conflict(self, fact: Fact, *, present: bool = False) -> tuple[Fact, ...]:
        """Return a fact that leaves nothing together with another one, none when something is left.

        Parameters
        ----------
        fact : Fact
            The other one.
        present : bool
            Whether to ask for texts only: missing then counts as nothing.
        """
        ruled_out = fact.constraint.opposite
        for known in self._beside(fact):
            constraint: Texts = known.constraint._replace(missing=False) if present else known.constraint
            if constraint.within(ruled_out, self._patterns):
                return (known,)
        return ()

    def add(self, fact: Fact) -> Any:
        """Add a fact; return what `restore` undoes that by."""
        form, text, missing = fact.constraint
        if form == "is not":
            return self._holes, (text, missing), self._holes.setdefault((text, missing), fact) is fact
        if form in ("matches", "differs"):
            if len(self._kept) < MOST_PATTERNS:
                self._kept.append(fact)
                return self._kept, -1, True
            return self._kept, -1, False
        return self._few, (form, missing), self._few.setdefault((form, missing), fact) is fact

    def restore(self, saved: Any) -> None:
        """Forget the last fact that was added."""
        held, key, added = saved
        if added:
            del held[key]

    def implying(self, fact: Fact) -> Fact | None:
        """Return a fact that another one follows from; of equal ones only those before it are asked."""
        return _implying(fact, self._beside(fact), self._patterns)

    def _beside(self, fact: Fact) -> Iterator[Fact]:
        """Yield the facts that may tell something about another one."""
        yield from self._few.values()
        yield from self._kept
        if fact.constraint.form in ("is", "is not"):
            for missing in (False, True):
                known = self._holes.get((fact.constraint.text, missing))
                if known is not None:
                    yield known


Facts = NumberFacts | TextFacts


def facts_about(constraint: Constraint, patterns: Patterns) -> Facts:
    """Return facts, none yet, for constraints like this one."""
    return NumberFacts(patterns) if isinstance(constraint, Numbers) else TextFacts(patterns)


def _implying(fact: Fact, known: Any, patterns: Patterns) -> Fact | None:
    for each in known:
        if each.clause is not fact.clause and each.constraint.within(fact.constraint, patterns):
            same = each.constraint == fact.constraint
            if not same or each.order < fact.order:
                return each  # type: ignore[no-any-return]
    return None
