"""One version of a pool, as its readers see it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from matchmaker.attributes.lookup import Kind
from matchmaker.matching.rows import GONE, Rows

if TYPE_CHECKING:
    from matchmaker.matching.table import Table


class Change(NamedTuple):
    """A slot whose candidate is another since; `names` are the attributes that may differ, None for all."""

    slot: int
    names: frozenset[str] | None


class ChangeLog:
    """What changed, in order. Entries are only appended, and numbered from the pool's beginning; the oldest are dropped."""

    LARGEST = 32_768

    __slots__ = ("_entries", "_first")

    def __init__(self, entries: Sequence[Change] = (), first: int = 0) -> None:
        self._entries = list(entries)
        self._first = first

    @property
    def end(self) -> int:
        """The number that the next entry gets."""
        return self._first + len(self._entries)

    def extended(self, changes: Iterable[Change]) -> ChangeLog:
        """Append, and return the log to go on with: this one, or when it is too long a new one without the oldest half."""
        self._entries.extend(changes)
        if len(self._entries) <= self.LARGEST:
            return self
        kept = self._entries[-(self.LARGEST // 2) :]
        return ChangeLog(kept, self.end - len(kept))

    def between(self, start: int, end: int) -> list[Change] | None:
        """Return the entries of those numbers, None when some were dropped."""
        if start < self._first:
            return None
        return self._entries[start - self._first : end - self._first]


class Snapshot:
    """One version of a pool: nothing of it changes.

    Attributes
    ----------
    version : int
        Which version it is.
    kind : Kind
        What names mean on its candidates.
    rows : Rows
        The candidates by slot: where each one is as long as it is in the pool.
    keys : sequence
        The keys by slot. Later versions add to the same list.
    count : int
        How many candidates there are.
    log : ChangeLog
        Holds the changes that led here, those before number `logged`.
    """

    __slots__ = ("_listed", "count", "keys", "kind", "log", "logged", "rows", "table", "version")

    def __init__(
        self, rows: Rows, keys: Sequence[Any], kind: Kind, *, count: int, version: int, log: ChangeLog
    ) -> None:
        self.rows = rows
        self.keys = keys
        self.kind = kind
        self.count = count
        self.version = version
        self.log = log
        self.logged = log.end
        self.table: Table | None = None
        self._listed: tuple[Sequence[Any], Sequence[int]] | None = None

    def listed(self) -> tuple[Sequence[Any], Sequence[int]]:
        """Return the candidates in order, and the slot of each."""
        if self._listed is None:
            if self.count == len(self.rows):
                self._listed = self.rows.base if self.rows.untouched else list(self.rows), range(self.count)
            else:
                self._listed = [row for row in self.rows if row is not GONE], self._slots()
        return self._listed

    def _slots(self) -> list[int]:
        """Return the slots that hold a candidate."""
        gone = set(self.rows.gone())
        return [slot for slot in range(len(self.rows)) if slot not in gone]

    def packed(self) -> Sequence[Any]:
        """Return the candidates in order, to be pickled: those of a frame as a frame."""
        if not self.rows.framed:
            return self.listed()[0]
        return self.rows if self.count == len(self.rows) else self.rows.taken(self._slots())

    def following(self, changed: Mapping[int, Any], changes: Iterable[Change], count: int) -> Snapshot:
        """Return the next version; the caller sees to it that there is only one."""
        rows = self.rows.with_changes(changed)
        if rows.worn:
            rows = rows.renewed()
        log = self.log.extended(changes)
        after = Snapshot(rows, self.keys, self.kind, count=count, version=self.version + 1, log=log)
        after.table = self.table
        return after

    def closed_up(self) -> Snapshot:
        """Return the same version without gaps, in slots of its own; columns begin anew."""
        slots = self._slots()
        keys = [self.keys[slot] for slot in slots]
        return Snapshot(
            self.rows.taken(slots), keys, self.kind, count=self.count, version=self.version, log=ChangeLog()
        )
