"""Filter a pool by a requirement and sort what is left by a rank."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple, overload

from matchmaker.errors import CandidateError
from matchmaker.expressions import Rank, Requirement
from matchmaker.matching.pool import Pool


class Match(NamedTuple):
    """A candidate that passed, with its score; 0 without a rank."""

    key: Any
    score: int
    candidate: Any


class Ranking(Sequence[Match]):
    """The matches in order, best first.

    Attributes
    ----------
    considered : int
        How many candidates were looked at.
    rejected : int
        How many of them did not meet the requirement.
    """

    __slots__ = ("_pool", "_positions", "_scores", "considered", "rejected")

    def __init__(self, pool: Pool, positions: Sequence[int], scores: Sequence[int] | None, matched: int) -> None:
        self._pool = pool
        self._positions = positions
        self._scores = scores
        self.considered = len(pool)
        self.rejected = len(pool) - matched

    def __len__(self) -> int:
        return len(self._positions)

    @overload
    def __getitem__(self, index: int) -> Match: ...
    @overload
    def __getitem__(self, index: slice) -> list[Match]: ...
    def __getitem__(self, index: int | slice) -> Match | list[Match]:
        if isinstance(index, slice):
            return [self[place] for place in range(*index.indices(len(self)))]
        position = self._positions[index]
        score = 0 if self._scores is None else self._scores[index]
        return Match(self._pool.keys[position], score, self._pool.candidates[position])

    def __iter__(self) -> Iterator[Match]:
        return (self[place] for place in range(len(self)))

    def __repr__(self) -> str:
        return f"<Ranking of {len(self)} matches; {self.considered} considered, {self.rejected} rejected>"


def match(
    pool: Pool | Iterable[Any],
    requirement: Requirement | str | None = None,
    rank: Rank | str | None = None,
    *,
    limit: int | None = None,
) -> Ranking:
    """Find the candidates that meet a requirement, best first.

    Parameters
    ----------
    pool : Pool or iterable of candidates
        Where to look; of an iterable, positions are the keys.
    requirement : Requirement, str or None
        What candidates must meet; None lets all pass.
    rank : Rank, str or None
        The score to sort by, highest first, among equals the one later in the pool first; None keeps the pool's order.
    limit : int or None
        The most matches to return.

    Returns
    -------
    Ranking
        The matches in order.

    Raises
    ------
    ExpressionError
        If an expression's text is not valid.
    CandidateError
        If a value that is read is of an unsupported type; it names the candidate's key and the attribute.
    ValueError
        If `limit` is negative.
    """
    if limit is not None and limit < 0:
        raise ValueError(f"limit is at least 0, not {limit}")
    wanted = requirement if isinstance(requirement, Requirement | None) else Requirement(requirement)
    order = rank if isinstance(rank, Rank | None) else Rank(rank)
    searched = pool if isinstance(pool, Pool) else Pool(pool)
    try:
        positions = range(len(searched)) if wanted is None else wanted.positions(searched.candidates, searched.kind)
        if order is None:
            return Ranking(searched, positions[:limit], None, len(positions))
        chosen = [searched.candidates[position] for position in positions]
        scored = list(zip(order.scores(chosen, searched.kind), positions, strict=True))
    except CandidateError as error:
        raise _named(error, searched, wanted, order) from None
    if limit is None:
        scored.sort(reverse=True)
    else:
        scored = heapq.nlargest(limit, scored)
    return Ranking(searched, [position for _, position in scored], [score for score, _ in scored], len(positions))


def _named(error: CandidateError, pool: Pool, requirement: Requirement | None, rank: Rank | None) -> CandidateError:
    """Return the error with the key of the first candidate that causes it."""
    for key, candidate in zip(pool.keys, pool.candidates, strict=True):
        try:
            if (requirement is None or requirement.matches(candidate)) and rank is not None:
                rank.score(candidate)
        except CandidateError as found:
            return CandidateError(found.message, attribute=found.attribute, key=key)
    return error
