"""The candidates of one version of a pool: a sequence that shares all that did not change with other versions."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matchmaker.engine.columns import Need, View

GONE = object()
"""Stands where a candidate was removed; nothing moves up, so that positions last."""

_SHIFT = 9
_CHUNK = 1 << _SHIFT
"""How many neighbours a change copies: about as many as there are chunks in a large pool."""


class ColumnRows(Sequence[Any]):
    """Candidates that lie in columns, such as the rows of a frame: a row is made when it is asked for."""

    __slots__ = ()

    @abstractmethod
    def taken(self, slots: Sequence[int]) -> ColumnRows:
        """Return some of them, in this order."""

    @abstractmethod
    def picked(self, slots: Iterable[int]) -> Sequence[Any]:
        """Return the candidates of some slots, to be read one after the other."""

    @abstractmethod
    def views(self, needs: Iterable[Need]) -> dict[Need, View]:
        """Build views from the columns; those that have to be read row by row are left out."""


class Rows(Sequence[Any]):
    """An immutable sequence of candidates by slot, where `GONE` marks the removed ones.

    Parameters
    ----------
    base : sequence
        What was there first; it is not copied.

    Attributes
    ----------
    framed : bool
        Whether a frame was there first, whose rows are slow to read and run nobody's code.
    """

    __slots__ = ("_changed", "_length", "_replaced", "base", "framed")

    def __init__(self, base: Sequence[Any]) -> None:
        self.base = base
        self.framed = isinstance(base, ColumnRows)
        self._changed: dict[int, dict[int, Any]] = {}
        self._replaced = 0
        self._length = len(base)

    @property
    def untouched(self) -> bool:
        """Whether this is the base and nothing else."""
        return not self._changed

    @property
    def worn(self) -> bool:
        """Whether so much of it changed that a new base pays."""
        return self._replaced > _CHUNK + len(self.base)

    def __reduce__(self) -> tuple[Any, ...]:
        return _load, (self.base, dict(self.changes()), self.framed)

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, slot: Any) -> Any:
        chunk = self._changed.get(slot >> _SHIFT)
        if chunk is not None and slot in chunk:
            return chunk[slot]
        return self.base[slot]

    def __iter__(self) -> Iterator[Any]:
        return chain.from_iterable(self.chunks(_CHUNK)) if self._changed else iter(self.base)

    def changes(self) -> Iterator[tuple[int, Any]]:
        """Yield what is not the base's, as slot and row."""
        return chain.from_iterable(chunk.items() for chunk in self._changed.values())

    def gone(self) -> list[int]:
        """Return the slots of the candidates that were removed."""
        rows = self.changes() if isinstance(self.base, ColumnRows) else enumerate(self)
        return [slot for slot, row in rows if row is GONE]

    def taken(self, slots: Sequence[int]) -> Rows:
        """Return the candidates of some slots, in this order."""
        if not isinstance(self.base, ColumnRows) or not len(self.base):
            return self._listed(self[slot] for slot in slots)
        if self.untouched:
            return Rows(self.base.taken(slots))
        changed = dict(self.changes())
        held = [0 if slot in changed else slot for slot in slots]
        changes = {place: changed[slot] for place, slot in enumerate(slots) if slot in changed}
        return Rows(self.base.taken(held)).with_changes(changes)

    def renewed(self) -> Rows:
        """Return the same rows with a base of their own."""
        return self._listed(self)

    def _listed(self, rows: Iterable[Any]) -> Rows:
        made = Rows(list(rows))
        made.framed = self.framed
        return made

    def chunks(self, size: int) -> Iterator[Sequence[Any]]:
        """Yield all rows in runs of a size, the last one shorter; the size is a multiple of 512."""
        for start in range(0, self._length, size):
            stop = min(start + size, self._length)
            run = self.base[start:stop]
            numbers = range(start >> _SHIFT, (stop + _CHUNK - 1) >> _SHIFT)
            if self._changed and not self._changed.keys().isdisjoint(numbers):
                run = list(run)
                run.extend([None] * (stop - start - len(run)))
                for number in numbers:
                    for slot, row in self._changed.get(number, {}).items():
                        run[slot - start] = row
            yield run

    def with_changes(self, changes: Mapping[int, Any]) -> Rows:
        """Return these rows with some slots changed, and slots added behind the last without a gap.

        Parameters
        ----------
        changes : mapping of int to candidate
            The new candidates, or `GONE`, by slot.
        """
        made = Rows.__new__(Rows)
        made.base = self.base
        made.framed = self.framed
        made._changed = self._changed.copy()
        made._replaced = self._replaced
        made._length = self._length
        for slot, row in changes.items():
            number = slot >> _SHIFT
            chunk = made._changed.get(number)
            if chunk is None:
                chunk = {}
            elif chunk is self._changed.get(number):
                chunk = chunk.copy()
            made._replaced += slot not in chunk
            chunk[slot] = row
            made._changed[number] = chunk
            made._length = max(made._length, slot + 1)
        return made


def _load(base: Sequence[Any], changes: Mapping[int, Any], framed: bool) -> Rows:
    rows = Rows(base).with_changes(changes)
    rows.framed = framed
    return rows
