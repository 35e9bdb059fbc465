"""Candidates that meet requirements, in order of preference; what requests have in common is worked out once."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import Any, Protocol

from matchmaker.attributes.lookup import Kind, kind_of
from matchmaker.attributes.numbers import float32
from matchmaker.engine.arithmetic import Score
from matchmaker.errors import LimitError, MatchmakerError
from matchmaker.expressions import Rank, Requirement
from matchmaker.limits import tick

CHUNK = 64
"""After how many candidates the time that a request's expressions may take is looked at."""
PRECISE = 2**22
"""Scores smaller than this stay different when float32 divides them by the largest: they differ by more than it rounds."""


class Candidate(Protocol):
    """What is asked of a host, a datastore or a network here."""

    @property
    def id(self) -> int: ...  # noqa: D102
    @property
    def candidate(self) -> Any: ...  # noqa: D102


class Order:
    """The candidates of a list that meet requirements, best first.

    Attributes
    ----------
    positions : array of int
        Their positions in the pool. Equals stand as OpenNebula has them: what is later in the list first.
    failing : array of int
        The positions of the candidates that do not meet the requirements, in the order of the list.
    unknown : tuple of int
        The ids of the list that are not in the pool.
    """

    def __init__(
        self,
        listed: Sequence[int],
        met: Sequence[int],
        scores: Sequence[Score],
        unknown: tuple[int, ...],
        *,
        doubles: bool = False,
    ) -> None:
        """Sort candidates.

        Parameters
        ----------
        listed : sequence of int
            The positions in the pool of all candidates of the list.
        met : sequence of int
            The places in the list of those that meet the requirements, ascending.
        scores : sequence of Score
            The scores of these.
        unknown : tuple of int
            As above.
        doubles : bool
            Whether the scores are those of a rank in the extended dialect, which nothing rounds; None comes last.
        """
        if doubles:
            best = sorted(range(len(met)), key=lambda each: (scores[each] is None, -(scores[each] or 0.0), -each))
            singles = [0.0] * len(met)
        else:
            singles = [float32(score) for score in scores]
            best = sorted(range(len(met)), key=lambda each: (-singles[each], -each))
        self._scores = array("f", [singles[each] for each in best])
        self._places = array("l", [met[each] for each in best])
        self._precise = doubles or all(-PRECISE < score < PRECISE for score in scores)
        self.positions = array("l", [listed[met[each]] for each in best])
        places = set(met)
        self.failing = array("l", [position for place, position in enumerate(listed) if place not in places])
        self.unknown = unknown

    def __contains__(self, position: int) -> bool:
        """Tell whether the candidate at a position is one of these."""
        return position in self._places_by_position

    def ahead(self, position: int, count: int) -> Sequence[int]:
        """Return a position and those of the candidates that are next best, so many in all."""
        start = self._places_by_position[position]
        return self.positions[start : start + count]

    @cached_property
    def _places_by_position(self) -> dict[int, int]:
        return {position: place for place, position in enumerate(self.positions)}

    def preferred(self, passes: Callable[[int], object]) -> Iterator[int]:
        """Yield the positions of the candidates that pass, best first.

        OpenNebula divides the scores of those that pass by the largest, in float32, which can make equals of scores that
        differ.

        Parameters
        ----------
        passes : callable
            Tells of a position in the pool whether it passes; it has to answer the same each time.
        """
        if self._precise:
            for position in self.positions:
                if passes(position):
                    yield position
            return
        largest = self._largest(passes)
        equals: list[tuple[int, int]] = []
        current = None
        for score, place, position in zip(self._scores, self._places, self.positions, strict=True):
            if passes(position):
                priority = float32(score / largest) if largest else 0.0
                if priority != current:
                    yield from (position for _, position in sorted(equals, reverse=True))
                    equals.clear()
                    current = priority
                equals.append((place, position))
        yield from (position for _, position in sorted(equals, reverse=True))

    def _largest(self, passes: Callable[[int], object]) -> float:
        """Return the largest magnitude of the scores of those that pass: that of the first, or of the last."""
        both = (
            zip(self._scores, self.positions, strict=True),
            zip(self._scores[::-1], self.positions[::-1], strict=True),
        )
        return max(next((abs(score) for score, position in ends if passes(position)), 0.0) for ends in both)


class Verdicts:
    """Which candidates of a pool meet a requirement; each is looked at when that is first asked.

    Parameters
    ----------
    requirement : Requirement
        What they are to meet.
    candidates : sequence of mappings or documents
        The pool.
    kind : Kind or None
        Their kind; None when there are several.
    """

    __slots__ = ("_candidates", "_kind", "_known", "_requirement")

    def __init__(self, requirement: Requirement, candidates: Sequence[Any], kind: Kind | None) -> None:
        self._requirement = requirement
        self._candidates = candidates
        self._kind = kind
        self._known = bytearray(len(candidates))  # 0 not looked at, 1 no, 2 yes

    def meeting(self, positions: Sequence[int]) -> Sequence[int]:
        """Return the positions whose candidates meet the requirement.

        Raises
        ------
        MatchmakerError
            If a candidate has no value where one is needed, or the time is up.
        """
        known = self._known
        for chunk in _chunks([position for position in positions if not known[position]]):
            candidates = [self._candidates[position] for position in chunk]
            if self._kind is None:
                met = [place for place, each in enumerate(candidates) if self._requirement.matches(each)]
            else:
                met = self._requirement.positions(candidates, self._kind)
            for position in chunk:
                known[position] = 1
            for place in met:
                known[chunk[place]] = 2
        return [position for position in positions if known[position] == 2]


class Orders:
    """Makes the orders of one pool, and keeps them for requests that want the same.

    Parameters
    ----------
    pool : sequence of host, datastore or network
        All candidates.
    policy : Rank or None
        What those are sorted by that a request has no rank for.
    """

    def __init__(self, pool: Sequence[Candidate], policy: Rank | None) -> None:
        self._candidates = [each.candidate for each in pool]
        self._positions = {each.id: position for position, each in enumerate(pool)}
        self._policy = policy
        kinds = {kind_of(candidate) for candidate in self._candidates}
        self._kind = kinds.pop() if len(kinds) == 1 else None
        self._listed: dict[tuple[int, ...] | None, tuple[list[int], tuple[int, ...]]] = {}
        self._orders: dict[Any, Order | MatchmakerError] = {}
        self._verdicts: dict[Any, Verdicts] = {}
        self._scores: dict[Any, dict[int, Score]] = {}

    def verdicts(self, requirement: Requirement) -> Verdicts:
        """Return which candidates meet a requirement."""
        key = _key(requirement)
        found = self._verdicts.get(key)
        if found is None:
            found = self._verdicts[key] = Verdicts(requirement, self._candidates, self._kind)
        return found

    def order(self, listed: tuple[int, ...] | None, requirements: Sequence[Requirement], rank: Rank | None) -> Order:
        """Return the candidates of a list that meet requirements, in the order of a rank.

        Parameters
        ----------
        listed : tuple of int or None
            The ids of the candidates, in order; None for the whole pool.
        requirements : sequence of Requirement
            Each has to be met.
        rank : Rank or None
            What to sort by; None for the policy's rank.

        Raises
        ------
        MatchmakerError
            If a candidate has no value where one is needed, or the time is up.
        """
        rank = self._policy if rank is None else rank
        key = listed, tuple(map(_key, requirements)), None if rank is None else _key(rank)
        found = self._orders.get(key)
        if found is None:
            try:
                found = self._ordered(listed, requirements, rank)
            except LimitError:
                raise  # this request's time is up, perhaps for other reasons: the next one with the same wishes may have it
            except MatchmakerError as error:
                found = error
            self._orders[key] = found
        if isinstance(found, MatchmakerError):
            raise found
        return found

    def _ordered(self, listed: tuple[int, ...] | None, requirements: Sequence[Requirement], rank: Rank | None) -> Order:
        positions, unknown = self._known(listed)
        met: Sequence[int] = positions
        for requirement in requirements:
            met = self.verdicts(requirement).meeting(met)
        scores = [0] * len(met) if rank is None else self._scored(rank, met)
        places = {position: place for place, position in enumerate(positions)}
        doubles = rank is not None and rank.dialect == "extended"
        return Order(positions, [places[position] for position in met], scores, unknown, doubles=doubles)

    def _known(self, listed: tuple[int, ...] | None) -> tuple[list[int], tuple[int, ...]]:
        """Return the positions of the candidates of a list, once each, and the ids that are not in the pool."""
        known = self._listed.get(listed)
        if known is None:
            ids = list(self._positions) if listed is None else listed
            last = dict.fromkeys(reversed(ids))  # of an id that is there twice the last place counts
            positions = [self._positions[each] for each in reversed(last) if each in self._positions]
            unknown = tuple(sorted(last.keys() - self._positions.keys()))
            known = self._listed[listed] = positions, unknown
        return known

    def _scored(self, rank: Rank, positions: Sequence[int]) -> list[Score]:
        known = self._scores.setdefault(_key(rank), {})
        for chunk in _chunks([position for position in positions if position not in known]):
            candidates = [self._candidates[position] for position in chunk]
            if self._kind is None:
                scores = [rank.score(candidate) for candidate in candidates]
            else:
                scores = rank.scores(candidates, self._kind)
            known.update(zip(chunk, scores, strict=True))
        return [known[position] for position in positions]


def _key(expression: Requirement | Rank) -> tuple[str, str, str]:
    """Return what tells expressions apart at once: comparing trees takes longer than evaluating some."""
    bound = expression.request
    return expression.dialect, str(expression), repr(sorted(bound.items())) if bound else ""


def _chunks(items: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(items), CHUNK):
        tick()
        yield items[start : start + CHUNK]
