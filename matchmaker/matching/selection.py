"""Matching on columns: a mask of slots, and as many of them in order as somebody looks at."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from matchmaker.engine import bitmaps, orders
from matchmaker.engine.bitmaps import Words
from matchmaker.expressions import Rank, Requirement
from matchmaker.matching.computed import stored
from matchmaker.matching.differences import Differences, dependencies
from matchmaker.matching.kept import Kept
from matchmaker.matching.ranking import Found
from matchmaker.matching.rows import GONE
from matchmaker.matching.snapshots import Snapshot
from matchmaker.matching.table import Table

PATIENCE = 100
"""How many clauses may be tried on changed candidates, and one more per 500 candidates: then a new table takes them in."""
MOST = 64
"""So many changes are not looked at one by one in any case."""

Slots = npt.NDArray[Any]

_LISTED = 4_096
"""So many matches become Python's numbers at once; of more, only those that are looked at."""


def table_of(snapshot: Snapshot, memory: int, *, exact: bool = False) -> Table:
    """Return the columns of a version, or of one that is not many changes older.

    Parameters
    ----------
    snapshot : Snapshot
        The version.
    memory : int
        How many bytes may be kept; only the first table of a pool looks at it.
    exact : bool
        Whether it has to be this very version.
    """
    table: Table | None = snapshot.table
    if table is None:
        table = snapshot.table = Table(snapshot, Kept(memory))
    elif snapshot.logged > table.current and (
        exact
        or snapshot.logged - table.current > MOST
        or table.spent > PATIENCE + table.length // 500
        or snapshot.log.between(table.current, snapshot.logged) is None
    ):
        table = snapshot.table = table.following(snapshot)
    return table


def select(snapshot: Snapshot, table: Table, wanted: Requirement | None, rank: Rank | None) -> Selected:
    """Find the candidates that meet a requirement.

    Parameters
    ----------
    snapshot : Snapshot
        The version of the pool.
    table : Table
        Its columns, perhaps of a somewhat older version.
    wanted : Requirement or None
        What they must meet.
    rank : Rank or None
        What orders them.

    Raises
    ------
    CandidateError
        If a value that is read is of an unsupported type.
    LimitError
        When a glob takes too many steps.
    """
    hint = (frozenset() if wanted is None else wanted.columns.needs) | (
        frozenset() if rank is None else rank.columns.needs
    )
    if wanted is None:
        mask, unsure = table.alive, frozenset[int]()
    else:
        mask, unsure = table.mask(wanted.columns, hint)
    later = _later(snapshot, table)
    if later:
        concerned = later.slots(dependencies(() if wanted is None else wanted.columns.names))
        table.spent += len(concerned) * (8 + (0 if wanted is None else len(wanted.columns.clauses)))
        unsure |= concerned
    if unsure:
        rows = snapshot.rows
        verdicts = {
            slot: rows[slot] is not GONE and (wanted is None or wanted.matches(rows[slot])) for slot in sorted(unsure)
        }
        mask = bitmaps.with_verdicts(mask, verdicts, len(rows))
    others: dict[int, float] = {}
    if rank is not None:
        doubtful = table.refused(rank, hint)
        if later:
            doubtful |= later.slots(dependencies(rank.columns.names))
        if doubtful:
            others = {slot: stored(rank.score(snapshot.rows[slot])) for slot in _of(mask, doubtful)}
    return Selected(table, mask, rank, others, len(snapshot.rows))


def _later(snapshot: Snapshot, table: Table) -> Differences | None:
    """Return what changed since the table was made."""
    if snapshot.logged == table.current:
        return None
    return Differences(snapshot, snapshot.log.between(table.current, snapshot.logged) or [])


def _of(mask: Words, slots: Iterable[int]) -> list[int]:
    """Return those slots that are in a mask, in order."""
    listed = np.array(sorted(slots), np.int64)
    inside: list[int] = listed[bitmaps.at(mask, listed)].tolist()
    return inside


class Selected:
    """The candidates that meet a requirement, in the order of a rank or of the pool.

    Parameters
    ----------
    table : Table
        The columns.
    mask : Words
        The slots of the candidates.
    rank : Rank or None
        What orders them.
    others : mapping of int to number
        The scores, by slot, that are not those of the table.
    length : int
        How many slots there are.
    """

    __slots__ = ("_length", "_mask", "_matching", "_others", "_rank", "_repeated", "_table", "count")

    def __init__(self, table: Table, mask: Words, rank: Rank | None, others: Mapping[int, float], length: int) -> None:
        self._table = table
        self._mask = mask
        self._rank = rank
        self._others = others
        self._length = length
        self._repeated: bool | None = None
        self._matching: tuple[Slots, orders.Scores] | None = None
        self.count = bitmaps.count(mask)

    def first(self, count: int) -> Found:
        """Return so many of the best matches."""
        count = min(count, self.count)
        if self._rank is None:
            return _found(
                bitmaps.positions(self._mask) if count == self.count else bitmaps.first(self._mask, count), None
            )
        if self._comes_again(self._rank) and self._is_near(count):
            return self._walk(count, self._rank)
        slots, scores = self._matched(self._rank)
        places = orders.descending(scores) if count == self.count else orders.best(scores, count)
        return _found(slots[places], scores[places])

    @property
    def unscored(self) -> int:
        """How many of the candidates have no score, as they may in the extended dialect."""
        rank = self._rank
        if rank is None or rank.dialect == "opennebula" or not self.count:
            return 0
        if self._matching is not None or not self._comes_again(rank):
            return int(np.isnan(self._matched(rank)[1]).sum())
        scored = self._table.scored(rank)
        others = {**scored.others, **self._others}
        known = 0
        if scored.unscored is not None:
            mask = bitmaps.with_verdicts(self._mask, dict.fromkeys(others, False), self._length)
            known = bitmaps.count(mask[: len(scored.unscored)] & scored.unscored)
        return known + sum(math.isnan(others[slot]) for slot in _of(self._mask, others))

    def _comes_again(self, rank: Rank) -> bool:
        """Tell whether the rank was asked for before, so that it pays to keep what is computed of it."""
        if self._repeated is None:
            self._repeated = self._table.asked_before(rank)
        return self._repeated

    def _matched(self, rank: Rank) -> tuple[Slots, orders.Scores]:
        """Return the slots that match, in the pool's order, and their scores."""
        if self._matching is None:
            self._matching = self._scored_slots(rank)
        return self._matching

    def _is_near(self, count: int) -> bool:
        """Tell whether walking the order of all slots costs less than sorting those that match.

        Walking looks at `count` slots divided by the share that matches; sorting at all words of the mask and all that match.
        """
        return 3 * count * self._length < (self._length // 64 + 10 * self.count) * self.count

    def _scored_slots(self, rank: Rank) -> tuple[Slots, orders.Scores]:
        """Return the slots that match, in the pool's order, and their scores."""
        slots = bitmaps.positions(self._mask)
        if self._repeated or 2 * self.count > self._length or not self._table.length:
            scored = self._table.scored(rank)
            return slots, self._corrected(slots, _taken(scored.scores, slots), scored.others)
        return slots, self._corrected(slots, self._table.scores_of(rank, slots), {})

    def _walk(self, count: int, rank: Rank) -> Found:
        """Walk the order of all slots until enough of them are in the mask."""
        scored = self._table.ordered(rank)
        order, mask = scored.order, self._mask
        assert order is not None
        others = {**scored.others, **self._others}
        if others:
            mask = bitmaps.with_verdicts(mask, dict.fromkeys(others, False), self._length)
        run = max(128, 2 * count * self._length // max(self.count, 1))
        missing, start, found = count, 0, [order[:0]]
        while missing > 0 and start < len(order):
            slots = order[start : start + run]
            hits = slots[bitmaps.at(mask, slots)][:missing]
            found.append(hits)
            missing -= len(hits)
            start += run
        slots = np.concatenate(found)
        if not others:
            return _found(slots, scored.scores.take(slots))
        slots = np.sort(np.concatenate((slots, np.array(_of(self._mask, others), slots.dtype))))
        scores = self._corrected(slots, _taken(scored.scores, slots), scored.others)
        places = orders.descending(scores)[:count]
        return _found(slots[places], scores[places])

    def _corrected(self, slots: Slots, scores: orders.Scores, others: Mapping[int, float]) -> orders.Scores:
        """Put in the scores that are not in the arrays of the table."""
        for slot, score in (*others.items(), *self._others.items()):
            place = int(np.searchsorted(slots, slot))
            if place < len(slots) and slots[place] == slot:
                scores[place] = score
        return scores


def _taken(scores: orders.Scores, slots: Slots) -> orders.Scores:
    """Return the scores of some slots; of those behind the last any."""
    return scores.take(slots, mode="clip") if len(scores) else np.zeros(len(slots), scores.dtype)


def _found(slots: Any, scores: Any) -> Found:
    """Make lists of short arrays: they are quicker to read one by one."""
    if len(slots) > _LISTED:
        return Found(slots, scores)
    if scores is not None and scores.dtype.kind == "f":
        return Found(slots.tolist(), array("d", scores.tobytes()))
    return Found(slots.tolist(), None if scores is None else scores.tolist())
