"""Keys that are in several shards: found without the keys of all candidates being in one place."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from matchmaker.distributed.cluster import Shards
from matchmaker.distributed.sources import duplicate

_BUCKET = 8_000_000
"""How many digests the client compares at once, of 8 bytes each."""
_CHECKED = 1_000
"""How many digests that are there twice are looked at more closely at once."""


def check_keys(shards: Shards, offsets: Sequence[int], count: int) -> None:
    """See to it that no two shards have the same key.

    Parameters
    ----------
    shards : Shards
        The shards, none of which has a key twice, unchanged.
    offsets : sequence of int
        The position of each shard's first candidate.
    count : int
        How many candidates there are.

    Raises
    ------
    PoolError
        If a key is there twice.
    """
    unchanged = [0] * len(shards)
    buckets = max(1, -(-count // _BUCKET))
    worst: tuple[int, int, object] | None = None
    for bucket in range(buckets):
        digests = np.concatenate(shards.ask(unchanged, "digests", bucket, buckets))
        found = _first_repeated(shards, offsets, digests)
        if found is not None and (worst is None or found < worst[:2]):
            worst = found
    if worst is not None:
        second, first, key = worst
        raise duplicate(key, first, second)


def _first_repeated(
    shards: Shards, offsets: Sequence[int], digests: np.ndarray[tuple[int], np.dtype[np.uint64]]
) -> tuple[int, int, object] | None:
    """Return the first position whose key is there before, that position, and the key; digests are in order of position."""
    order = np.argsort(digests, kind="stable")
    ordered = digests[order]
    repeated = np.sort(order[1:][ordered[1:] == ordered[:-1]])
    for start in range(0, len(repeated), _CHECKED):
        wanted = [int(value) for value in np.unique(digests[repeated[start : start + _CHECKED]])]
        found: tuple[int, int, object] | None = None
        seen: dict[object, int] = {}
        for offset, named in zip(offsets, shards.ask([0] * len(shards), "with_digests", wanted), strict=True):
            for position, key in named:
                first = seen.setdefault(key, offset + position)
                if first != offset + position and (found is None or offset + position < found[0]):
                    found = offset + position, first, key
        if found is not None:
            return found
    return None
