"""Assertions whose failures show clause, value and literal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest
from typing import Any

from matchmaker.expressions import Rank, Requirement
from matchmaker.matching.matcher import match
from matchmaker.matching.pool import Pool
from matchmaker.matching.ranking import Ranking
from matchmaker.testing.report import clauses, short, terms


def assert_matches(requirement: Requirement | str, candidate: Any) -> None:
    """Assert that a candidate meets a requirement.

    Parameters
    ----------
    requirement : Requirement or str
        What it must meet.
    candidate : mapping or document
        What to look at.

    Raises
    ------
    AssertionError
        If it does not; the text shows each clause with its verdict, and what the candidate has.
    MatchmakerError
        If the requirement or the candidate is not valid.

    Examples
    --------
    >>> assert_matches('HYPERVISOR = "kvm" & FREE_CPU > 50', {"HYPERVISOR": "kvm", "FREE_CPU": 40})
    Traceback (most recent call last):
        ...
    AssertionError: the candidate does not meet the requirement: HYPERVISOR = "kvm" & FREE_CPU > 50
      true   HYPERVISOR = "kvm"  'kvm'
      false  FREE_CPU > 50       40
    """
    wanted = Requirement(requirement) if isinstance(requirement, str) else requirement
    if wanted.matches(candidate):
        return
    lines = [f"the candidate does not meet the requirement: {short(str(wanted), 200)}", *clauses(wanted, candidate)]
    raise AssertionError("\n".join(lines))


def assert_ranking(
    pool: Pool | Iterable[Any],
    requirement: Requirement | str | None,
    rank: Rank | str | None,
    keys: Iterable[Any],
) -> None:
    """Assert that a pool's candidates are ranked in an order.

    Parameters
    ----------
    pool : Pool or iterable of candidates
        Where to look; of an iterable, positions are the keys.
    requirement : Requirement, str or None
        What candidates must meet; None lets all pass.
    rank : Rank, str or None
        What to sort by; None keeps the pool's order.
    keys : iterable
        The keys of all that match, best first.

    Raises
    ------
    AssertionError
        If the order is another; the text shows both orders with the scores and where they part, and why a candidate that
        was expected did not pass.
    MatchmakerError
        If an expression or a candidate is not valid.

    Examples
    --------
    >>> assert_ranking([{"CPU": 1}, {"CPU": 2}, {"CPU": 3}], "CPU > 1", "- CPU", [2, 1])
    Traceback (most recent call last):
        ...
    AssertionError: the ranking is not the expected one; they part at place 1
      place  expected   ranked
      1      2 (-3)     1 (-2)     <--
      2      1 (-2)     2 (-3)     <--
    the rank is - CPU
      2: CPU: 3
      1: CPU: 2
    """
    expected = list(keys)
    wanted = Requirement(requirement) if isinstance(requirement, str) else requirement
    order = Rank(rank) if isinstance(rank, str) else rank
    searched = pool if isinstance(pool, Pool) else Pool(pool)
    ranking = match(searched, wanted, order)
    ranked = [found.key for found in ranking]
    if ranked != expected:
        raise AssertionError("\n".join(_difference(searched, wanted, order, ranking, expected)))


_MOST_PLACES = 30
"""How many places, and how many reasons, a report shows."""


class _Nobody:
    """Stands where one of two orders has ended."""


_NOBODY: Any = _Nobody()


def _difference(
    pool: Pool, requirement: Requirement | None, rank: Rank | None, ranking: Ranking, expected: Sequence[Any]
) -> list[str]:
    pairs = list(zip_longest(expected, (found.key for found in ranking), fillvalue=_NOBODY))
    scores = {found.key: found.score for found in ranking}
    parts = next(
        place for place, (one, other) in enumerate(pairs) if one is _NOBODY or other is _NOBODY or one != other
    )
    lines = [f"the ranking is not the expected one; they part at place {parts + 1}"]
    lines += _table(pairs, scores, max(0, parts - 3))
    missing = [key for key in expected if not _is_in(key, scores)]
    lines += _reasons(pool, requirement, missing[:_MOST_PLACES])
    if rank is not None:
        lines += _values(pool, rank, [key for key in pairs[parts] if _is_in(key, scores)])
    return lines


def _table(pairs: Sequence[tuple[Any, Any]], scores: Mapping[Any, int], begin: int) -> list[str]:
    """Return the two orders side by side, from a place on."""
    rows = [("place", "expected", "ranked", "")]
    for place, pair in enumerate(pairs[begin : begin + _MOST_PLACES], begin + 1):
        left, right = (_cell(key, scores) for key in pair)
        rows.append((str(place), left, right, "" if left == right else "<--"))
    width = max(10, *(len(cell) + 1 for row in rows for cell in row[1:3]))
    lines = [f"  {place:<5}  {left:<{width}} {right:<{width}} {mark}".rstrip() for place, left, right, mark in rows]
    return [*lines, *(["  ..."] if len(pairs) > begin + _MOST_PLACES else [])]


def _cell(key: Any, scores: Mapping[Any, int]) -> str:
    if key is _NOBODY:
        return "-"
    return f"{short(repr(key))} ({scores[key] if _is_in(key, scores) else 'no match'})"


def _is_in(key: Any, scores: Mapping[Any, int]) -> bool:
    try:
        return key in scores
    except TypeError:  # not hashable, so the key of nobody
        return False


def _reasons(pool: Pool, requirement: Requirement | None, keys: Sequence[Any]) -> list[str]:
    """Say why candidates that were expected are not in the ranking."""
    lines: list[str] = []
    for key in keys:
        if key not in pool:
            lines.append(f"{short(repr(key))} is not in the pool")
        elif requirement is not None:
            lines.append(f"{short(repr(key))} does not meet the requirement: {short(str(requirement), 200)}")
            lines += clauses(requirement, pool[key])
    return lines


def _values(pool: Pool, rank: Rank, keys: Sequence[Any]) -> list[str]:
    """Say what the candidates, where the orders part, have for the rank's attributes."""
    lines = [f"  {key!r}: {terms(rank, pool[key])}" for key in keys]
    return [f"the rank is {short(str(rank), 200)}", *lines] if lines else []
