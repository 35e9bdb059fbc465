"""Reading attributes of all candidates of a pool: some thousands at a time, or, of a frame, from its columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from operator import itemgetter
from typing import Any

from matchmaker.attributes.lookup import IDENTIFIER, PLAIN, Lookup
from matchmaker.attributes.values import Value
from matchmaker.engine.building import build
from matchmaker.engine.columns import Need, View
from matchmaker.errors import CandidateError
from matchmaker.matching.rows import GONE, ColumnRows
from matchmaker.matching.snapshots import Snapshot

LENGTH = 1_024
"""How many candidates are read at a time: their dicts are still in the cache when the next attribute is read."""

_FEW = 64
"""So many values, or a 64th of all, may be beside the columns of a frame; with more, all rows are read."""


def built(snapshot: Snapshot, needs: set[Need]) -> dict[Need, View]:
    """Build views of all candidates, by slot."""
    made = _from_columns(snapshot, needs) if isinstance(snapshot.rows.base, ColumnRows) else {}
    others = needs - made.keys()
    return made | build(others, runs(snapshot, sorted({need.name for need in others}))) if others else made


def _from_columns(snapshot: Snapshot, needs: Iterable[Need]) -> dict[Need, View]:
    """Build views from the columns of a frame, and put in what changed since."""
    rows, length = snapshot.rows, len(snapshot.rows)
    made: dict[Need, View] = rows.base.views(needs)  # type: ignore[attr-defined]
    changed = list(rows.changes())
    if not changed:
        return made
    views: dict[Need, View] = {}
    values: dict[str, dict[int, Value]] = {}
    for need, view in made.items():
        if need.name not in values:
            lookup = snapshot.kind.lookup(need.name)
            values[need.name] = {slot: _read(lookup, row) for slot, row in changed}
        after = view.changed(need, values[need.name], length)
        if len(after.odd) <= _FEW + length // 64:
            views[need] = after
    return views


def runs(snapshot: Snapshot, names: Sequence[str]) -> Iterator[dict[str, Sequence[Value]]]:
    """Yield the values of attributes by name, for some candidates at a time, by slot.

    Where a candidate was removed, all is missing. Where reading fails, the value is the `CandidateError`.
    """
    gaps = snapshot.count != len(snapshot.rows)
    usual = snapshot.kind is PLAIN and all(map(IDENTIFIER.fullmatch, names)) and not gaps
    lookups = {name: snapshot.kind.lookup(name) for name in names}
    getter = itemgetter(*names)
    for rows in snapshot.rows.chunks(LENGTH):
        if usual:
            try:
                values = list(map(getter, rows))
                yield (
                    {names[0]: values} if len(names) == 1 else dict(zip(names, zip(*values, strict=True), strict=True))
                )
            except KeyError:
                yield {name: [row.get(name) for row in rows] for name in names}
        else:
            yield {name: [_read(lookup, row) for row in rows] for name, lookup in lookups.items()}


def _read(lookup: Lookup, row: Any) -> Value:
    try:
        return None if row is GONE else lookup(row)
    except CandidateError as error:
        return error
