"""What matching finds: the matches in order, made when they are looked at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, Protocol, overload

from matchmaker.attributes.lookup import Kind
from matchmaker.matching.rows import Rows
from matchmaker.matching.snapshots import ChangeLog, Snapshot

_FIRST = 16
"""How many matches are put in order at first."""


class Match(NamedTuple):
    """A candidate that passed, with its score; 0 without a rank."""

    key: Any
    score: int
    candidate: Any


class Found(NamedTuple):
    """The first matches, best first: the slots of their candidates, and their scores; None without a rank."""

    slots: Sequence[int]
    scores: Sequence[int] | None


class Selection(Protocol):
    """What an engine found: how many candidates match, and in which order."""

    @property
    def count(self) -> int:
        """How many candidates match."""

    def first(self, count: int) -> Found:
        """Return at least so many of the best matches, or all there are."""


class Listed:
    """A selection that is put in order already."""

    __slots__ = ("_found", "count")

    def __init__(self, found: Found, count: int) -> None:
        self._found = found
        self.count = count

    def first(self, count: int) -> Found:
        """Return all that is listed."""
        return self._found


class Ranking(Sequence[Match]):
    """The matches in order, best first.

    It is lazy: what it costs depends on how far one looks. It keeps the version of the pool that it was made of.

    Attributes
    ----------
    considered : int
        How many candidates were looked at.
    rejected : int
        How many of them did not meet the requirement.
    version : int
        The pool's version.
    """

    __slots__ = ("_found", "_length", "_selection", "_snapshot", "considered", "rejected", "version")

    def __init__(self, snapshot: Snapshot, selection: Selection, limit: int | None = None) -> None:
        self._snapshot = snapshot
        self._selection = selection
        self._found = Found((), None)
        self._length = selection.count if limit is None else min(limit, selection.count)
        if limit is not None:  # so little that no mask needs to be kept for it
            self._found = selection.first(self._length)
            self._selection = Listed(self._found, self._length)
        self.considered = snapshot.count
        self.rejected = snapshot.count - selection.count
        self.version = snapshot.version

    def __reduce__(self) -> tuple[Any, ...]:
        """Return the matches; what they were found in, a pool and its columns, stays here."""
        return _load, (list(self), self._snapshot.kind, self.considered, self.rejected, self.version)

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, index: int) -> Match: ...
    @overload
    def __getitem__(self, index: slice) -> list[Match]: ...
    def __getitem__(self, index: int | slice) -> Match | list[Match]:
        if isinstance(index, slice):
            places = range(*index.indices(self._length))
            self._order(max(places, default=-1) + 1)
            return [self._match(place) for place in places]
        place = index + self._length if index < 0 else index
        if not 0 <= place < self._length:
            raise IndexError("ranking index out of range")
        self._order(place + 1)
        return self._match(place)

    def __iter__(self) -> Iterator[Match]:
        keys, rows, place = self._snapshot.keys, self._snapshot.rows, 0
        while place < self._length:
            self._order(place + 1)
            slots, scores = self._found
            for at in range(place, min(len(slots), self._length)):
                slot = slots[at]
                yield Match(keys[slot], 0 if scores is None else int(scores[at]), rows[slot])
            place = len(slots)

    def __repr__(self) -> str:
        return f"<Ranking of {len(self)} matches; {self.considered} considered, {self.rejected} rejected>"

    def _order(self, count: int) -> None:
        """Put so many of the best matches in order, or more."""
        if count > len(self._found.slots):
            wanted = max(_FIRST, 4 * count)
            self._found = self._selection.first(self._length if wanted > self._length // 4 else wanted)

    def _match(self, place: int) -> Match:
        slots, scores = self._found
        slot = slots[place]
        score = 0 if scores is None else int(scores[place])
        return Match(self._snapshot.keys[slot], score, self._snapshot.rows[slot])


def _load(matches: list[Match], kind: Kind, considered: int, rejected: int, version: int) -> Ranking:
    rows, keys = Rows([match.candidate for match in matches]), [match.key for match in matches]
    found = Found(range(len(matches)), [match.score for match in matches])
    snapshot = Snapshot(rows, keys, kind, count=len(matches), version=version, log=ChangeLog())
    ranking = Ranking(snapshot, Listed(found, len(matches)))
    ranking.considered, ranking.rejected = considered, rejected
    return ranking
