"""What matching finds: the matches in order, made when they are looked at."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, overload

from matchmaker.attributes.lookup import Kind
from matchmaker.engine.arithmetic import Score
from matchmaker.errors import ExtraMissing, MatchmakerError
from matchmaker.matching.rows import Rows
from matchmaker.matching.snapshots import ChangeLog, Snapshot

if TYPE_CHECKING:
    from matchmaker.matching.explain import Explanation

_FIRST = 16
"""How many matches are put in order at first."""


class Match(NamedTuple):
    """A candidate that passed, with its score; 0 without a rank.

    A score is an int; of a rank in the extended dialect it is a float, or None where there is none.
    """

    key: Any
    score: Score
    candidate: Any


class Found(NamedTuple):
    """The first matches, best first: the slots of their candidates, and their scores; None without a rank.

    Scores that are doubles are an array, of this library or of numpy, with NaN where there is none.
    """

    slots: Sequence[int]
    scores: Sequence[int] | Sequence[float] | None


def are_doubles(scores: Any) -> bool:
    """Tell whether scores are those of a rank in the extended dialect."""
    return getattr(scores, "typecode", None) == "d" or getattr(getattr(scores, "dtype", None), "kind", None) == "f"


def _reader(scores: Any) -> Callable[[Any], Score]:
    """Return what makes a score of what an array of scores holds."""
    return _double if are_doubles(scores) else int


def _double(number: Any) -> float | None:
    return float(number) if number == number else None


class Selection(Protocol):
    """What an engine found: how many candidates match, and in which order."""

    @property
    def count(self) -> int:
        """How many candidates match."""

    @property
    def unscored(self) -> int:
        """How many of them have no score."""

    def first(self, count: int) -> Found:
        """Return at least so many of the best matches, or all there are."""


class Listed:
    """A selection that is put in order already."""

    __slots__ = ("_found", "count", "unscored")

    def __init__(self, found: Found, count: int, unscored: int = 0) -> None:
        self._found = found
        self.count = count
        self.unscored = unscored

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
    explainer : callable or None
        Explains the ranking, as long as that is with its pool.
    """

    __slots__ = ("_found", "_length", "_selection", "_snapshot", "considered", "explainer", "rejected", "version")

    def __init__(self, snapshot: Snapshot, selection: Selection, limit: int | None = None) -> None:
        self._snapshot = snapshot
        self._selection = selection
        self._found = Found((), None)
        self._length = selection.count if limit is None else min(limit, selection.count)
        if limit is not None:  # so little that no mask needs to be kept for it
            self._found = selection.first(self._length)
            self._selection = Listed(self._found, self._length, selection.unscored)
        self.considered = snapshot.count
        self.rejected = snapshot.count - selection.count
        self.version = snapshot.version
        self.explainer: Callable[[], Explanation] | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        """Return the matches; what they were found in, a pool and its columns, stays here."""
        slots, scores = self._all()
        listed = [int(slot) for slot in slots]
        rows = self._snapshot.rows.taken(listed)
        candidates = rows if rows.framed else rows.base
        keys = [self._snapshot.keys[slot] for slot in listed]
        if scores is None:
            scores = [0] * len(listed)
        given = array("d", scores) if are_doubles(scores) else list(map(int, scores))
        counts = self.considered, self.rejected, self.unscored
        return _load, (candidates, keys, given, self._snapshot.kind, *counts, self.version)

    @property
    def unscored(self) -> int:
        """How many candidates match and have no score, whether or not a limit leaves them out; they come last."""
        return self._selection.unscored

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
            score = _reader(scores)
            for at in range(place, min(len(slots), self._length)):
                slot = slots[at]
                yield Match(keys[slot], 0 if scores is None else score(scores[at]), rows[slot])
            place = len(slots)

    def __repr__(self) -> str:
        return f"<Ranking of {len(self)} matches; {self.considered} considered, {self.rejected} rejected>"

    def explain(self) -> Explanation:
        """Explain which candidates match, which do not and why, what would help, and why the matches come in this order.

        See `matchmaker.explain`. It is about the version of the pool that the ranking was made of, and about all matches,
        whatever the limit.

        Raises
        ------
        MatchmakerError
            If the ranking was pickled, and so has left its pool.
        """
        if self.explainer is None:
            raise MatchmakerError("this ranking has left its pool: explain the pool instead")
        return self.explainer()

    def to_frame(self, backend: Any) -> Any:
        """Return the keys and scores as a data frame.

        Parameters
        ----------
        backend : {"pandas", "polars", "pyarrow"}
            The library to make the frame with.

        Returns
        -------
        pandas.DataFrame, polars.DataFrame or pyarrow.Table
            A row per match, in order, with the columns `key` and `score`; scores are int32, of a rank in the extended
            dialect float64 with nulls.

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
        """Return all matches in order; where there are none, scores still show by their type what rank it was."""
        slots, scores = self._ordered(self._length) if self._length else self._selection.first(0)
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
        score = 0 if scores is None else _reader(scores)(scores[place])
        return Match(self._snapshot.keys[slot], score, self._snapshot.rows[slot])


def made_frame(keys: Sequence[Any], slots: Sequence[int], scores: Any, backend: Any) -> Any:
    """Return a frame of the keys of some slots, and their scores; 0 where there are none."""
    try:
        from matchmaker.matching.frame_output import key_score_frame, taken_keys
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("narwhals", "numpy"):
            raise
        raise ExtraMissing("frames", "making data frames") from None
    doubles = are_doubles(scores)
    return key_score_frame(taken_keys(keys, slots), scores, backend, doubles=doubles, example=next(iter(keys), None))


def _load(
    candidates: Rows | list[Any],
    keys: list[Any],
    scores: Sequence[int] | Sequence[float],
    kind: Kind,
    considered: int,
    rejected: int,
    unscored: int,
    version: int,
) -> Ranking:
    rows = candidates if isinstance(candidates, Rows) else Rows(candidates)
    snapshot = Snapshot(rows, keys, kind, count=len(keys), version=version, log=ChangeLog())
    ranking = Ranking(snapshot, Listed(Found(range(len(keys)), scores), len(keys), unscored))
    ranking.considered, ranking.rejected = considered, rejected
    return ranking
