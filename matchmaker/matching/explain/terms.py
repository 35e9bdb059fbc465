"""A rank as the terms that it adds up, and which of them puts one candidate before another."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from matchmaker.attributes.lookup import Kind
from matchmaker.attributes.numbers import INT32_MIN
from matchmaker.diagnostics import shorten
from matchmaker.engine.arithmetic import Score
from matchmaker.engine.meanings import MEANINGS
from matchmaker.engine.programs import RankProgram
from matchmaker.engine.tracing import written
from matchmaker.expressions import Rank
from matchmaker.language.nodes import LEVELS, Blank, Chain, Negative, Node
from matchmaker.language.printer import print_tree

LONGEST = 2_000
"""How many characters of a term are shown."""
MOST_TERMS = 100
"""A longer sum has its last terms in one together."""


@dataclass(frozen=True, slots=True)
class Term:
    """A term of the rank.

    Parameters
    ----------
    number : int
        Its number, from 1.
    text : str
        The term, with a minus in front where it is subtracted.
    """

    number: int
    text: str


class RankTerm(NamedTuple):
    """A term of a rank.

    Parameters
    ----------
    number : int
        Its number, from 1.
    text : str
        The term, with a minus in front where it is subtracted.
    measure : callable
        Returns what it contributes to a candidate's score, None when it is missing.
    """

    number: int
    text: str
    measure: Callable[[Any], float | None]


class Precedence(NamedTuple):
    """Why one candidate is before another in a ranking.

    Attributes
    ----------
    term : int or None
        The number of the term that decides: the one with the largest difference in favour of the first; None for a tie, and
        where the other has no score, or that of what is beyond 32 bits.
    difference : float or None
        That difference; None when it is no finite number.
    tie : bool
        Whether the scores are equal, so that the candidate later in the pool is the first.
    why : str
        The same in words.
    """

    term: int | None
    difference: float | None
    tie: bool
    why: str


def terms_of(rank: Rank | None, kind: Kind) -> tuple[RankTerm, ...]:
    """Return the terms of a rank; a rank that is no sum has one."""
    if rank is None or isinstance(rank.tree, Blank):
        return ()
    meaning = MEANINGS[rank.dialect]
    return tuple(
        RankTerm(number, _text(tree), RankProgram(tree, kind, meaning).measure)
        for number, tree in enumerate(_signed(rank.tree), 1)
    )


def _text(tree: Node) -> str:
    """Return a term as people write it: `- 50 * A`, of which the printer is not sure how it is read."""
    if isinstance(tree, Negative) and isinstance(tree.operand, Chain) and tree.operand.level != LEVELS["+"]:
        return shorten(f"- {print_tree(tree.operand)}", LONGEST)
    return shorten(print_tree(tree), LONGEST)


def _signed(tree: Node) -> list[Node]:
    """Return the terms that a rank adds up, with their signs: sums within sums are taken apart."""
    terms: list[Node] = []
    pending = [(tree, False)]
    while pending:
        node, minus = pending.pop()
        while isinstance(node, Negative):
            node, minus = node.operand, not minus
        if isinstance(node, Chain) and node.level == LEVELS["+"] and len(terms) + len(pending) < MOST_TERMS:
            signed = [(node.first, minus), *((operand, minus != (sign == "-")) for sign, operand in node.rest)]
            pending.extend(reversed(signed))
        else:
            terms.append(Negative(node) if minus else node)
    if len(terms) > MOST_TERMS:
        first, *others = terms[MOST_TERMS - 1 :]
        terms[MOST_TERMS - 1 :] = [Chain(first, tuple(("+", other) for other in others))]
    return terms


def precedence(
    terms: Sequence[RankTerm | Term],
    scores: tuple[Score, Score],
    contributions: tuple[Sequence[float | None], Sequence[float | None]],
) -> Precedence:
    """Tell why one candidate is before another.

    Parameters
    ----------
    terms : sequence of Term or RankTerm
        The terms of the rank; none when there is none.
    scores : tuple of int, float or None
        The scores of the two.
    contributions : tuple of sequence of float or None
        What each term contributes to either.
    """
    first, second = scores
    if not terms and first is None:
        return Precedence(None, None, True, "there is no rank: the order of the pool is kept")
    if first == second:
        return Precedence(None, None, True, _tie(first, contributions))
    if second is None:
        return Precedence(None, None, False, f"it has a score, {written(first or 0)}, and the other has none")
    total = sum(each or 0.0 for each in contributions[1])
    if second == INT32_MIN and not math.isclose(total, second, rel_tol=1e-6):
        what = "no number" if math.isnan(total) else f"{written(total)}, beyond 32 bits"
        return Precedence(None, None, False, f"the other comes to {what}, which scores lowest")
    differences = [_difference(*each) for each in zip(*contributions, strict=True)]
    decisive = max(range(len(terms)), key=lambda place: (differences[place], -place))
    mine, other = contributions[0][decisive], contributions[1][decisive]
    difference = differences[decisive]
    why = f"`{terms[decisive].text}` contributes {_contribution(mine)}, against {_contribution(other)}"
    return Precedence(terms[decisive].number, difference if math.isfinite(difference) else None, False, why)


def _difference(mine: float | None, other: float | None) -> float:
    """Return how much a term favours the first candidate; what is no number favours the other without bounds."""
    if mine is None or math.isnan(mine):
        return 0.0 if other is None or math.isnan(other) else -math.inf
    if other is None or math.isnan(other):
        return math.inf
    return 0.0 if mine == other else mine - other


def _contribution(number: float | None) -> str:
    return "nothing" if number is None else written(number)


def _tie(score: Score, contributions: tuple[Sequence[float | None], Sequence[float | None]]) -> str:
    what = "neither has a score" if score is None else f"a tie: both score {written(score)}"
    if isinstance(score, int):
        first, second = (sum(each or 0.0 for each in several) for several in contributions)
        if first != second and math.isfinite(first) and math.isfinite(second):
            what += f" ({written(first)} and {written(second)}, cut to a whole number)"
    return f"{what}; the one later in the pool comes first"
