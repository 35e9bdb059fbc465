"""A second opinion on explanations: every number is found by matching again, with clauses left out and literals replaced.

All it knows of the library is how texts become trees and trees texts, and `Requirement(text).matches(candidate)`.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np

from matchmaker import CandidateError, Requirement
from matchmaker.language.nodes import (
    Attribute,
    Blank,
    Chain,
    Comparison,
    Float,
    Integer,
    Literal,
    Node,
    Not,
    Number,
    Text,
    leaves,
)
from matchmaker.language.printer import print_tree

ASKED = (1, 3, 10)
"""For so many matches an explanation looks for a literal."""
SINGLE = float(np.finfo(np.float32).max)
"""The largest float32."""


class Clause(NamedTuple):
    """A clause as a text, and its alternatives, if it has any."""

    part: str
    dialect: str
    request: Mapping[str, Any] | None
    text: str
    alternatives: tuple[str, ...]

    def with_text(self, text: str) -> Clause:
        return self._replace(text=text)

    def with_alternative(self, number: int, text: str) -> Clause:
        """Return the clause with another text for one of its alternatives, counted from 1."""
        texts = (*self.alternatives[: number - 1], text, *self.alternatives[number:])
        return self.with_text(" | ".join(f"({each})" for each in texts))


def clauses_of(parts: Mapping[str, Requirement]) -> list[Clause]:
    """Return the operands of the top-level `&` chains of several requirements."""
    found = []
    for part, requirement in parts.items():
        if isinstance(requirement.tree, Blank):
            continue
        for tree in operands(requirement.tree, "&"):
            several = [print_tree(each) for each in operands(tree, "|")]
            alternatives = tuple(several) if len(several) > 1 else ()
            found.append(Clause(part, requirement.dialect, requirement.request, print_tree(tree), alternatives))
    return found


def operands(tree: Node, operator: str) -> list[Node]:
    """Return what an operator joins at the top of a tree; the last one of a chain is the outermost."""
    found: list[Node] = []
    while isinstance(tree, Chain) and tree.rest[-1][0] == operator:
        found.insert(0, tree.rest[-1][1])
        tree = Chain(tree.first, tree.rest[:-1]) if tree.rest[:-1] else tree.first
    return [tree, *found]


def verdict(clauses: Sequence[Clause], candidate: Any) -> bool | None:
    """Tell whether a candidate meets the requirement made of some clauses, None when a value of it cannot be read."""
    try:
        return all(each.matches(candidate) for each in _joined(clauses))
    except CandidateError:
        return None


def matching(clauses: Sequence[Clause], candidates: Sequence[Any]) -> list[int]:
    """Return the positions of the candidates that meet the requirement made of some clauses."""
    requirements = _joined(clauses)
    return [place for place, candidate in enumerate(candidates) if _meets(requirements, candidate)]


def _joined(clauses: Sequence[Clause]) -> list[Requirement]:
    """Return one requirement of each dialect and request, made of texts."""
    made: list[Requirement] = []
    for dialect in dict.fromkeys(each.dialect for each in clauses):
        mine = [each for each in clauses if each.dialect == dialect]
        joined = Requirement(" & ".join(f"({each.text})" for each in mine), dialect=dialect)
        request = {name: value for each in mine for name, value in (each.request or {}).items()}
        made.append(joined.bind(request) if request else joined)
    return made


def _meets(requirements: Sequence[Requirement], candidate: Any) -> bool:
    try:
        return all(each.matches(candidate) for each in requirements)
    except CandidateError:
        return False


def only_obstacle(clauses: Sequence[Clause], place: int, candidates: Sequence[Any]) -> int:
    """Return how many candidates fail one clause and no other."""
    others = [*clauses[:place], *clauses[place + 1 :]]
    return len(set(matching(others, candidates)) - set(matching([clauses[place]], candidates)))


def smallest_sets(clauses: Sequence[Clause], candidates: Sequence[Any]) -> dict[tuple[int, ...], int]:
    """Return the smallest sets of clauses, by number, without which something matches, and how much; none if something does."""
    if not candidates:
        return {}
    for size in range(len(clauses) + 1):
        found = {}
        for left_out in combinations(range(len(clauses)), size):
            kept = [each for place, each in enumerate(clauses) if place not in left_out]
            count = len(matching(kept, candidates))
            if count:
                found[tuple(place + 1 for place in left_out)] = count
        if found:
            return found if size else {}
    raise AssertionError("without clauses everything matches")


class Threshold(NamedTuple):
    """A comparison of an attribute with a number that large numbers pass, or small ones, or the opposite of one."""

    comparison: Comparison
    negated: bool

    def with_literal(self, literal: Literal) -> str:
        changed = Comparison(self.comparison.attribute, self.comparison.operator, literal)
        return print_tree(Not(changed) if self.negated else changed)

    @property
    def loosest(self) -> Literal:
        """The literal that most candidates pass."""
        return self._at(-math.inf if self.wants_more else math.inf)

    def tighter(self, literal: Literal) -> Literal:
        """Return the next literal that fewer candidates pass, or as many."""
        towards = math.inf if self.wants_more else -math.inf
        if isinstance(literal, Integer):
            return Integer(literal.value + (1 if self.wants_more else -1))
        if isinstance(literal, Float):
            return Float(float(np.nextafter(np.float32(literal.value), np.float32(towards))))
        assert isinstance(literal, Number)
        return Number(math.nextafter(literal.value, towards))

    @property
    def wants_more(self) -> bool:
        return (self.comparison.operator in (">", ">=")) != self.negated

    def _at(self, end: float) -> Literal:
        if isinstance(self.comparison.literal, Integer):
            return Integer(-(2**31) if end < 0 else 2**31 - 1)
        if isinstance(self.comparison.literal, Float):
            return Float(math.copysign(SINGLE, end))
        return Number(math.copysign(sys.float_info.max, end))


def threshold(text: str, dialect: str) -> Threshold | None:
    """Return the threshold that a text is, None when it is none."""
    tree = Requirement(text, dialect=dialect).tree
    negated = isinstance(tree, Not)
    inner = tree.operand if isinstance(tree, Not) else tree
    if isinstance(inner, Comparison) and inner.operator in (">", "<", ">=", "<="):
        return Threshold(inner, negated)
    return None


def comparisons(text: str, dialect: str) -> Iterator[Comparison]:
    """Yield the comparisons of an attribute with a literal that a text is made of."""
    for leaf in leaves(Requirement(text, dialect=dialect).tree):
        if isinstance(leaf, Comparison):
            yield leaf


def names(text: str, dialect: str) -> set[str]:
    """Return the attributes of candidates that a text reads."""
    tree = Requirement(text, dialect=dialect).tree
    return {comparison.attribute.name for comparison in comparisons(text, dialect)} | {
        leaf.name for leaf in leaves(tree) if isinstance(leaf, Attribute)
    }


def compares_with_text(comparison: Comparison, dialect: str) -> bool:
    """Tell whether a comparison asks for a text; OpenNebula's null string is none."""
    return isinstance(comparison.literal, Text) and (dialect == "extended" or bool(comparison.literal.value))
