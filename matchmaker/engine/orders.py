"""Sorting scores: the highest first, among equals the one later in the pool first.

Scores are int32, or in the extended dialect doubles, NaN for those who have none and come last.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

Scores = npt.NDArray[Any]
Keys = npt.NDArray[Any]
"""Whole numbers of 32 or 64 bits."""
Places = npt.NDArray[np.intp]

_UNSIGNED: dict[int, tuple[Any, int]] = {4: (np.uint32, 0xFFFF_FFFF), 8: (np.uint64, 0xFFFF_FFFF_FFFF_FFFF)}
_GROUP = 64
"""How many scores have their maximum taken together."""


def sortable(scores: Scores) -> Keys:
    """Return whole numbers that are in the order of the scores: int32 as they are, doubles by their bits."""
    if scores.dtype.kind != "f":
        return scores
    bits: npt.NDArray[np.int64] = (scores + 0.0).view(np.int64)  # of both zeros the positive one
    keys = np.where(bits < 0, bits ^ np.int64(0x7FFF_FFFF_FFFF_FFFF), bits)
    ordered: Keys = np.where(np.isnan(scores), np.iinfo(np.int64).min, keys)
    return ordered


def descending(scores: Scores) -> Places:
    """Return the places of the scores in order.

    Radix passes over 16 bits each, of which numpy makes its stable sort for such numbers: a span of scores that fits needs
    one, any other two, or as doubles up to four. They are five times as fast as comparing 32 bits.
    """
    if not len(scores):
        return np.empty(0, np.intp)
    keys = sortable(scores)
    lowest = int(keys.min())
    span = int(keys.max()) - lowest
    if not span:
        return np.arange(len(keys) - 1, -1, -1)
    unsigned, highest = _UNSIGNED[keys.itemsize]
    distances = keys.view(unsigned) - unsigned(lowest & highest)
    order = np.argsort(distances.astype(np.uint16), kind="stable")
    for shift in range(16, span.bit_length(), 16):
        higher = (distances >> unsigned(shift)).astype(np.uint16)
        order = order[np.argsort(higher[order], kind="stable")]
    return order[::-1]


def best(scores: Scores, wanted: int) -> Places:
    """Return the places of the best scores, in order, without sorting the others."""
    length, scores = len(scores), sortable(scores)
    if wanted <= 0:
        return np.empty(0, np.intp)
    if wanted * 8 >= length or length < 256:
        return descending(scores)[:wanted]
    if wanted * 4 * _GROUP <= length:
        # As many groups as are wanted have a maximum that is no less than this, and so have as many scores.
        highest = scores[: length // _GROUP * _GROUP].reshape(-1, _GROUP).max(axis=1)
        bound = np.partition(highest, len(highest) - wanted)[len(highest) - wanted]
        candidates = np.flatnonzero(scores >= bound)
        if len(candidates) * 8 < length:
            return candidates[best(scores[candidates], wanted)]
    least = np.partition(scores, length - wanted)[length - wanted]
    above = np.flatnonzero(scores > least)
    equal = np.flatnonzero(scores == least)[len(above) - wanted :]
    chosen = np.concatenate((above, equal))
    chosen.sort()
    return chosen[descending(scores[chosen])]


def moved(order: npt.NDArray[np.int32], scores: Scores, changes: Mapping[int, float]) -> npt.NDArray[np.int32]:
    """Return an order of all slots after some of their scores changed, or slots were added.

    Parameters
    ----------
    order : array of int32, shape (n,)
        The slots in order before.
    scores : array of int32 or float64, shape (n,)
        The scores before.
    changes : mapping of int to number
        The new scores by slot.
    """
    length, keys = len(scores), sortable(scores)
    changed = changes.values() if keys is scores else sortable(np.array([*changes.values()], np.float64)).tolist()
    gone = [_place(order, keys, int(keys[slot]), slot) for slot in changes if slot < length]
    kept = np.delete(order, gone)
    placed = sorted(zip(changes, changed, strict=True), key=lambda change: (change[1], change[0]), reverse=True)
    places = [_place(kept, keys, key, slot) for slot, key in placed]
    return np.insert(kept, places, np.array([slot for slot, _ in placed], np.int32))


def _place(order: npt.NDArray[np.int32], scores: Keys, score: int, slot: int) -> int:
    """Return where a slot with a score stands, or would stand, in an order of others."""
    low, high = 0, len(order)
    while low < high:
        middle = (low + high) // 2
        other = int(order[middle])
        value = int(scores[other])
        if value > score or (value == score and other > slot):
            low = middle + 1
        else:
            high = middle
    return low
