"""What changed between two versions of a pool, read once for everything that is brought up to date."""

from __future__ import annotations

from collections.abc import Iterable

from matchmaker.attributes.lookup import IDENTIFIER
from matchmaker.attributes.values import Value
from matchmaker.errors import CandidateError
from matchmaker.matching.rows import GONE
from matchmaker.matching.snapshots import Change, Snapshot


class Differences:
    """The slots that changed, and what they hold now.

    Parameters
    ----------
    snapshot : Snapshot
        The later version.
    changes : list of Change
        What led to it.
    """

    __slots__ = ("_changes", "_slots", "_snapshot", "_values")

    def __init__(self, snapshot: Snapshot, changes: list[Change]) -> None:
        self._snapshot = snapshot
        self._changes = changes
        self._slots: dict[frozenset[str] | None, frozenset[int]] = {}
        self._values: dict[str, dict[int, Value]] = {}

    def slots(self, read: frozenset[str] | None) -> frozenset[int]:
        """Return the slots that changed for what reads some attributes, None for any."""
        slots = self._slots.get(read)
        if slots is None:
            slots = frozenset(
                slot
                for slot, changed in self._changes
                if read is None or changed is None or not read.isdisjoint(changed)
            )
            self._slots[read] = slots
        return slots

    def values(self, name: str) -> dict[int, Value]:
        """Return an attribute's values in the slots where it may have changed; a `CandidateError` where reading failed."""
        values = self._values.get(name)
        if values is None:
            values = {}
            lookup, rows = self._snapshot.kind.lookup(name), self._snapshot.rows
            for slot in self.slots(dependencies((name,))):
                row = rows[slot]
                try:
                    values[slot] = None if row is GONE else lookup(row)
                except CandidateError as error:
                    values[slot] = error
            self._values[name] = values
        return values


def dependencies(names: Iterable[str]) -> frozenset[str] | None:
    """Return the attributes that a change must touch to matter; None when any change may, since a path leads anywhere."""
    listed = frozenset(names)
    return listed if all(map(IDENTIFIER.fullmatch, listed)) else None
