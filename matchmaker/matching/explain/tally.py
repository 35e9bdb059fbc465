"""What is counted of a pool for an explanation: plain data, that of several pools can be added up."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from matchmaker.language.nodes import Node
from matchmaker.matching.explain import nearest, unknown
from matchmaker.matching.explain.clauses import NumberedClause
from matchmaker.matching.explain.nearest import Numbers
from matchmaker.matching.explain.unknown import Sighting
from matchmaker.matching.explain.verdicts import Conditions, Verdicts, verdicts_of

MOST_SETS = 256
"""So many of the smallest sets of clauses are told apart."""


class Counts(NamedTuple):
    """How many candidates pass a clause or an alternative, and why how many others fail."""

    passing: int
    missing: int
    unconverted: int
    false: int
    unreadable: int


@dataclass(frozen=True, slots=True)
class ClauseTally:
    """What is counted of a clause.

    Parameters
    ----------
    counts : Counts
        Of the clause.
    passing_so_far : int
        How many candidates pass it and all clauses before it.
    only_obstacle : int
        How many fail it and nothing else.
    alternatives : tuple of Counts
        Of its alternatives.
    numbers : tuple of Numbers
        What the candidates that fail nothing else have for its thresholds: of the clause, or of each alternative.
    extremes : Numbers
        For a threshold that nobody passes, the number that comes nearest to passing, as one of `Numbers`.
    sightings : tuple of Sighting
        What its comparisons ask for and how often that is there.
    """

    counts: Counts
    passing_so_far: int
    only_obstacle: int
    alternatives: tuple[Counts, ...]
    numbers: tuple[Numbers, ...]
    extremes: Numbers
    sightings: tuple[Sighting, ...]


@dataclass(frozen=True, slots=True)
class Tally:
    """What is counted of a pool.

    Parameters
    ----------
    considered, matching : int
        How many candidates there are, and how many meet everything.
    clauses : tuple of ClauseTally
        What is counted of each clause.
    fewest : int
        How many clauses those candidates fail that fail the fewest; 0 when some match, or there are none.
    sets : dict of tuple of int to int
        What these candidates fail, as numbers of clauses, and how many of them it is.
    complete : bool
        Whether there are no more such sets.
    """

    considered: int
    matching: int
    clauses: tuple[ClauseTally, ...]
    fewest: int
    sets: dict[tuple[int, ...], int]
    complete: bool


class Evidence(NamedTuple):
    """The verdicts of all clauses on all candidates, and what is counted of them."""

    verdicts: tuple[Verdicts, ...]
    alternatives: tuple[tuple[Verdicts, ...], ...]
    matching: int
    tally: Tally


def gathered(clauses: Sequence[NumberedClause], conditions: Conditions) -> Evidence:
    """Gather the verdicts of clauses, and count them."""
    alive = conditions.alive
    alternatives = tuple(
        tuple(verdicts_of(each, conditions, clause.meaning) for each in clause.alternatives) for clause in clauses
    )
    verdicts = tuple(verdicts_of(clause.tree, conditions, clause.meaning) for clause in clauses)
    failing = [alive & ~each.passing for each in verdicts]
    once = twice = 0
    for fails in failing:
        twice |= once & fails
        once |= fails
    matching = alive & ~once
    tallies: list[ClauseTally] = []
    so_far = alive
    for clause, each, fails, others in zip(clauses, verdicts, failing, alternatives, strict=True):
        so_far &= each.passing
        only = fails & ~twice
        trees = clause.alternatives or (clause.tree,)
        thresholds = [nearest.threshold_of(tree) for tree in trees]
        numbers = tuple(
            ()
            if found is None or not members
            else nearest.closest(found, conditions.numbers(found.comparison, members))
            for found, members in zip(thresholds, _looked_at(others or (each,), only), strict=True)
        )
        tallies.append(
            ClauseTally(
                _counts(each, alive),
                so_far.bit_count(),
                only.bit_count(),
                tuple(_counts(other, alive) for other in others),
                numbers,
                () if each.passing else _extremes(clause.tree, conditions),
                unknown.sightings(clause.tree, conditions, clause.meaning),
            )
        )
    fewest, sets, complete = _smallest_sets(failing, once, alive)
    tally = Tally(alive.bit_count(), matching.bit_count(), tuple(tallies), fewest, sets, complete)
    return Evidence(verdicts, alternatives, matching, tally)


def _looked_at(alternatives: Sequence[Verdicts], members: int) -> Iterator[int]:
    """Yield, for each alternative, those of some candidates for which no earlier one is unreadable: others do not get there."""
    for verdicts in alternatives:
        yield members
        members &= ~verdicts.unreadable


def added(clauses: Sequence[NumberedClause], tallies: Sequence[Tally]) -> Tally:
    """Add up what was counted of the parts of a pool.

    Where a part has more sets of clauses than it tells apart, what is added up of them may be less than there is; the result is
    not `complete` then.
    """
    tallies = [tally for tally in tallies if tally.considered] or tallies[:1]  # an empty part has seen nothing
    matching = sum(tally.matching for tally in tallies)
    sets: Counter[tuple[int, ...]] = Counter()
    asked = [tally for tally in tallies if tally.fewest]
    fewest = 0 if matching else min((tally.fewest for tally in asked), default=0)
    for tally in asked:
        if tally.fewest == fewest:
            sets.update(tally.sets)
    kept = dict(sets.most_common(MOST_SETS))
    complete = len(kept) == len(sets) and all(tally.complete for tally in asked if tally.fewest == fewest)
    each = zip(clauses, zip(*(tally.clauses for tally in tallies), strict=True), strict=True)
    return Tally(
        sum(tally.considered for tally in tallies),
        matching,
        tuple(_added_clause(clause, parts) for clause, parts in each),
        fewest,
        kept,
        complete,
    )


def _added_clause(clause: NumberedClause, parts: Sequence[ClauseTally]) -> ClauseTally:
    thresholds = [nearest.threshold_of(tree) for tree in clause.alternatives or (clause.tree,)]
    numbers = zip(thresholds, zip(*(part.numbers for part in parts), strict=True), strict=True)
    return ClauseTally(
        _sum(part.counts for part in parts),
        sum(part.passing_so_far for part in parts),
        sum(part.only_obstacle for part in parts),
        tuple(_sum(counts) for counts in zip(*(part.alternatives for part in parts), strict=True)),
        tuple(() if found is None else nearest.merged(found, each) for found, each in numbers),
        _merged_extremes(clause.tree, [part.extremes for part in parts]),
        tuple(unknown.added(each) for each in zip(*(part.sightings for part in parts), strict=True)),
    )


def _extremes(clause: Node, conditions: Conditions) -> Numbers:
    threshold = nearest.threshold_of(clause)
    if threshold is None:
        return ()
    return nearest.closest(threshold, conditions.numbers(threshold.comparison, conditions.alive))[:1]


def _merged_extremes(clause: Node, parts: Sequence[Numbers]) -> Numbers:
    threshold = nearest.threshold_of(clause)
    return () if threshold is None else nearest.merged(threshold, parts)[:1]


def _sum(counts: Iterable[Counts]) -> Counts:
    return Counts(*map(sum, zip(*counts, strict=True)))


def _counts(verdicts: Verdicts, alive: int) -> Counts:
    passing, missing, unconverted, unreadable = (each.bit_count() for each in verdicts)
    false = alive.bit_count() - passing - missing - unconverted - unreadable
    return Counts(passing, missing, unconverted, false, unreadable)


def _smallest_sets(
    failing: Sequence[int], failing_any: int, alive: int
) -> tuple[int, dict[tuple[int, ...], int], bool]:
    """Return the smallest number of clauses that a candidate fails, and the sets of so many, each with its candidates.

    Dropping a set of clauses lets those candidates match that fail nothing else, so that these are the smallest changes.
    """
    if not alive or alive & ~failing_any:
        return 0, {}, True
    digits = _counted(failing)
    fewest, members = 0, alive
    for place in range(len(digits) - 1, -1, -1):
        without = members & ~digits[place]
        if without:
            members = without
        else:
            fewest |= 1 << place
    # The largest group first: what is split off is smaller, so that sets come in the order of how many they admit.
    groups: list[tuple[int, tuple[int, ...], int, int]] = [(-members.bit_count(), (), 0, members)]
    sets: dict[tuple[int, ...], int] = {}
    while groups and len(sets) < MOST_SETS:
        size, chosen, place, group = heapq.heappop(groups)
        while len(chosen) < fewest and (inside := group & failing[place]) != group:
            place += 1
            if inside:
                for part, numbers in ((inside, (*chosen, place)), (group & ~inside, chosen)):
                    heapq.heappush(groups, (-part.bit_count(), numbers, place, part))
                break
        else:
            if len(chosen) < fewest:
                heapq.heappush(groups, (size, (*chosen, place + 1), place + 1, group))
            else:
                sets[chosen] = -size
    return fewest, sets, not groups


def _counted(sets: Iterable[int]) -> list[int]:
    """Return how many of some sets each candidate is in, as binary digits: the lowest first, each a set."""
    digits: list[int] = []
    for carry in sets:
        for place, digit in enumerate(digits):
            digits[place], carry = digit ^ carry, digit & carry
            if not carry:
                break
        if carry:
            digits.append(carry)
    return digits
