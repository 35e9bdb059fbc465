"""What matching finds: the matches in order, made when they are looked at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, Protocol, overload

from matchmaker.attributes.lookup import Kind
from matchmaker.errors import ExtraMissing
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
        slots, scores = self._all()
        listed = [int(slot) for slot in slots]
        rows = self._snapshot.rows.taken(listed)
        candidates = rows if rows.framed else rows.base
        keys = [self._snapshot.keys[slot] for slot in listed]
        given = [0] * len(listed) if scores is None else [int(score) for score in scores]
        return _load, (candidates, keys, given, self._snapshot.kind, self.considered, self.rejected, self.version)

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, index: int) -> Match: ...
    @overload
    def __getitem__(self, index: slice) -> list[Match]: ...
    def __getitem__(self, index: int | slice) -> Match | list[Match]:
        if isinstance(index, slice):
            places = range(*index.indices(self._length))
            found = self._ordered(max(places, default=-1) + 1)
            return [self._match(found, place) for place in places]
        place = index + self._length if index < 0 else index
        if not 0 <= place < self._length:
            raise IndexError("ranking index out of range")
        return self._match(self._ordered(place + 1), place)

    def __iter__(self) -> Iterator[Match]:
        keys, rows, place = self._snapshot.keys, self._snapshot.rows, 0
        while place < self._length:
            slots, scores = self._ordered(place + 1)
            for at in range(place, min(len(slots), self._length)):
                slot = slots[at]
                yield Match(keys[slot], 0 if scores is None else int(scores[at]), rows[slot])
            place = len(slots)

    def __repr__(self) -> str:
        return f"<Ranking of {len(self)} matches; {self.considered} considered, {self.rejected} rejected>"

    def to_frame(self, backend: Any) -> Any:
        """Return the keys and scores as a data frame.

        Parameters
        ----------
        backend : {"pandas", "polars", "pyarrow"}
            The library to make the frame with.

        Returns
        -------
        pandas.DataFrame, polars.DataFrame or pyarrow.Table
            A row per match, in order, with the columns `key` and `score`; scores are int32.

        Raises
        ------
        ValueError
            If no library has that name.
        PoolError
            If the library has no type for the keys, because they are of several types.
        MatchmakerError
            If that library is not installed.
        ExtraMissing
            If the extra `frames` is not installed.
        """
        slots, scores = self._all()
        return made_frame(self._snapshot.keys, slots, scores, backend)

    def _all(self) -> Found:
        """Return all matches in order."""
        slots, scores = self._ordered(self._length)
        return Found(slots[: self._length], None if scores is None else scores[: self._length])

    def _ordered(self, count: int) -> Found:
        """Put so many of the best matches in order, or more; what another thread finds meanwhile may be less."""
        found = self._found
        if count > len(found.slots):
            wanted = max(_FIRST, 4 * count)
            self._found = found = self._selection.first(self._length if wanted > self._length // 4 else wanted)
        return found

    def _match(self, found: Found, place: int) -> Match:
        slots, scores = found
        slot = slots[place]
        score = 0 if scores is None else int(scores[place])
        return Match(self._snapshot.keys[slot], score, self._snapshot.rows[slot])


def made_frame(keys: Sequence[Any], slots: Sequence[int], scores: Sequence[int] | None, backend: Any) -> Any:
    """Return a frame of the keys of some slots, and their scores; 0 where there are none."""
    try:
        from matchmaker.matching.frame_output import key_score_frame, taken_keys
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("narwhals", "numpy"):
            raise
        raise ExtraMissing("frames", "making data frames") from None
    return key_score_frame(taken_keys(keys, slots), scores, backend, example=next(iter(keys), None))


def _load(
    candidates: Rows | list[Any],
    keys: list[Any],
    scores: list[int],
    kind: Kind,
    considered: int,
    rejected: int,
    version: int,
) -> Ranking:
    rows = candidates if isinstance(candidates, Rows) else Rows(candidates)
    snapshot = Snapshot(rows, keys, kind, count=len(keys), version=version, log=ChangeLog())
    ranking = Ranking(snapshot, Listed(Found(range(len(keys)), scores), len(keys)))
    ranking.considered, ranking.rejected = considered, rejected
    return ranking
