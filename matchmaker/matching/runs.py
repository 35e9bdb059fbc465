"""Reading attributes of all candidates of a pool, some thousands at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from operator import itemgetter
from typing import Any

from matchmaker.attributes.lookup import IDENTIFIER, PLAIN, Lookup
from matchmaker.attributes.values import Value
from matchmaker.errors import CandidateError
from matchmaker.matching.rows import GONE
from matchmaker.matching.snapshots import Snapshot

LENGTH = 1_024
"""How many candidates are read at a time: their dicts are still in the cache when the next attribute is read."""


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
