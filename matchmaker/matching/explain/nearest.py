"""The literals nearest to those of a threshold that let more candidates match."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import accumulate
from typing import NamedTuple

from matchmaker.attributes.numbers import INT32_MAX, INT32_MIN, neighbour
from matchmaker.language.nodes import Comparison, Float, Integer, Literal, Node, Not, Number, Relation, Text
from matchmaker.translation.requirements import with_constant

WANTED = (1, 3, 10)
"""For so many matches a literal is looked for."""

Numbers = tuple[tuple[float, int], ...]
"""Numbers that candidates have, the nearest to the literal first, and how many candidates have each."""


class Threshold(NamedTuple):
    """A clause that compares an attribute with a number by `<`, `>`, `<=` or `>=`, or the opposite of one.

    Parameters
    ----------
    comparison : Comparison
        The comparison.
    negated : bool
        Whether it is its opposite that has to hold.
    """

    comparison: Comparison
    negated: bool

    @property
    def wants_more(self) -> bool:
        """Whether large numbers pass it."""
        return (self.comparison.operator[0] == ">") != self.negated

    def literal_for(self, number: float) -> Literal | None:
        """Return the nearest literal with which a number that fails would pass; None when no literal does it."""
        literal = self.comparison.literal
        itself = (len(self.comparison.operator) == 2) != self.negated  # `>= 5` lets 5 pass, as `!(< 5)` does
        if isinstance(literal, Integer):
            whole = int(number) if itself else int(number) + (-1 if self.wants_more else 1)
            return Integer(whole) if INT32_MIN <= whole <= INT32_MAX else None
        if isinstance(literal, Float):
            single = number if itself else neighbour(number, up=not self.wants_more)
            return Float(single + 0.0) if math.isfinite(single) else None
        double = number if itself else math.nextafter(number, -math.inf if self.wants_more else math.inf)
        return Number(double + 0.0) if math.isfinite(double) else None


class Nearest(NamedTuple):
    """A literal that lets more candidates match.

    Parameters
    ----------
    admits : int
        For how many matches it was looked for: 1, 3 or 10.
    matching : int
        How many candidates match with it; more than `admits` when several have the same value.
    clause : Node
        The clause with it.
    literal : Literal
        The literal.
    """

    admits: int
    matching: int
    clause: Node
    literal: Literal


def threshold_of(clause: Node) -> Threshold | None:
    """Return the threshold that a clause is; None when it is none."""
    negated = isinstance(clause, Not)
    inner = clause.operand if isinstance(clause, Not) else clause
    if isinstance(inner, Relation):  # such as `FREE_CPU >= REQUEST.CPU * 100`, once that is bound
        inner = with_constant(inner) or inner
    if isinstance(inner, Comparison) and not isinstance(inner.literal, Text) and inner.operator[0] in "<>":
        return Threshold(inner, negated)
    return None


def closest(threshold: Threshold, numbers: Iterable[float] | Mapping[float, int]) -> Numbers:
    """Return as many of the numbers of candidates that fail nothing but a threshold as can be of interest."""
    counted = Counter(numbers)
    ordered = sorted(counted, reverse=threshold.wants_more)
    return tuple((number, counted[number]) for number in ordered[: WANTED[-1]])


def merged(threshold: Threshold, parts: Iterable[Numbers]) -> Numbers:
    """Return the closest numbers of several pools together."""
    counted: Counter[float] = Counter()
    for part in parts:
        counted.update(dict(part))
    return closest(threshold, counted)


def nearest(threshold: Threshold, numbers: Numbers, matching: int) -> tuple[Nearest, ...]:
    """Return the nearest literals that let 1, 3 and 10 candidates match, those that it takes another literal for.

    Parameters
    ----------
    threshold : Threshold
        The clause, or one of its alternatives.
    numbers : Numbers
        Those of the candidates that fail nothing else.
    matching : int
        How many candidates match as it is.
    """
    found: list[Nearest] = []
    totals = list(accumulate((count for _, count in numbers), initial=matching))[1:]
    for wanted in WANTED:
        place = next((place for place, total in enumerate(totals) if total >= wanted), None)
        literal = None if wanted <= matching or place is None else threshold.literal_for(numbers[place][0])
        if literal is not None and place is not None:
            comparison = threshold.comparison
            clause: Node = Comparison(comparison.attribute, comparison.operator, literal)
            found.append(Nearest(wanted, totals[place], Not(clause) if threshold.negated else clause, literal))
    return tuple(found)
