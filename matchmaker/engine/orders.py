"""Sorting scores: the highest first, among equals the one later in the pool first."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

Scores = npt.NDArray[np.int32]
Places = npt.NDArray[np.intp]

_GROUP = 64
"""How many scores have their maximum taken together."""


def descending(scores: Scores) -> Places:
    """Return the places of the scores in order.

    Radix passes over 16 bits each, of which numpy makes its stable sort for such numbers: a span of scores that fits needs
    one, any other two. They are five times as fast as comparing 32 bits.
    """
    if not len(scores):
        return np.empty(0, np.intp)
    lowest = int(scores.min())
    span = int(scores.max()) - lowest
    distances = (scores.view(np.uint32) - np.uint32(lowest & 0xFFFF_FFFF)) if span else None
    if distances is None:
        return np.arange(len(scores) - 1, -1, -1)
    order = np.argsort(distances.astype(np.uint16), kind="stable")
    if span > 0xFFFF:
        high = (distances >> np.uint32(16)).astype(np.uint16)
        order = order[np.argsort(high[order], kind="stable")]
    return order[::-1]


def best(scores: Scores, wanted: int) -> Places:
    """Return the places of the best scores, in order, without sorting the others."""
    length = len(scores)
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


def moved(order: npt.NDArray[np.int32], scores: Scores, changes: Mapping[int, int]) -> npt.NDArray[np.int32]:
    """Return an order of all slots after some of their scores changed, or slots were added.

    Parameters
    ----------
    order : array of int32, shape (n,)
        The slots in order before.
    scores : array of int32, shape (n,)
        The scores before.
    changes : mapping of int to int
        The new scores by slot.
    """
    length = len(scores)
    gone = [_place(order, scores, int(scores[slot]), slot) for slot in changes if slot < length]
    kept = np.delete(order, gone)
    placed = sorted(changes.items(), key=lambda change: (change[1], change[0]), reverse=True)
    places = [_place(kept, scores, score, slot) for slot, score in placed]
    return np.insert(kept, places, np.array([slot for slot, _ in placed], np.int32))


def _place(order: npt.NDArray[np.int32], scores: Scores, score: int, slot: int) -> int:
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
