"""A verdict per candidate, packed into words of 64 bits: what requirements are combined of.

Bit `slot % 8` of byte `slot // 8` is the verdict of a slot. The bits behind the last slot mean nothing until the end, when
`RequirementColumns` clears them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

Words = npt.NDArray[np.uint64]
Array = npt.NDArray[Any]

Test = Callable[[Array, npt.NDArray[np.bool_]], object]
"""Writes its verdicts on the elements of an array into another."""

BLOCK = 262_144
"""How many values are compared at a time: their verdicts, a byte each, stay in the second-level cache."""


def pack(verdicts: npt.NDArray[np.bool_]) -> Words:
    """Pack an array of verdicts."""
    packed = np.packbits(verdicts, bitorder="little")
    short = -len(packed) % 8
    if short:
        packed = np.concatenate((packed, np.zeros(short, np.uint8)))
    return packed.view(np.uint64)


def packed_test(array: Array, test: Test) -> Words:
    """Test an array block by block, and pack the verdicts."""
    length = len(array)
    verdicts = np.empty(min(length, BLOCK), np.bool_)
    if length <= BLOCK:
        test(array, verdicts)
        return pack(verdicts)
    words = np.empty((length + 63) // 64, np.uint64)
    words[-1] = 0
    octets = words.view(np.uint8)
    for start in range(0, length, BLOCK):
        run = array[start : start + BLOCK]
        test(run, verdicts[: len(run)])
        packed = np.packbits(verdicts[: len(run)], bitorder="little")
        octets[start // 8 : start // 8 + len(packed)] = packed
    return words


def nothing(length: int) -> Words:
    """Return verdicts that are all false."""
    return np.zeros((length + 63) // 64, np.uint64)


def everything(length: int) -> Words:
    """Return verdicts that are all true, without bits behind the last slot."""
    words = np.full((length + 63) // 64, 0xFFFF_FFFF_FFFF_FFFF, np.uint64)
    if length % 64:
        words[-1:] = pack(np.ones(length % 64, np.bool_))
    return words


def count(words: Words) -> int:
    """Return how many verdicts are true."""
    return int(np.bitwise_count(words).sum())


def unpacked(words: Words, length: int) -> npt.NDArray[np.bool_]:
    """Return the verdicts as an array."""
    return np.unpackbits(words.view(np.uint8), count=length, bitorder="little").view(np.bool_)


def positions(words: Words) -> npt.NDArray[np.intp]:
    """Return the slots whose verdict is true, in order."""
    (filled,) = words.nonzero()
    if len(filled) * 8 > len(words):
        return unpacked(words, len(words) * 64).nonzero()[0]
    (within,) = unpacked(words[filled], len(filled) * 64).nonzero()
    slots: npt.NDArray[np.intp] = (filled[within >> 6] << 6) + (within & 63)
    return slots


def first(words: Words, wanted: int) -> npt.NDArray[np.intp]:
    """Return the first slots whose verdict is true, so many of them if there are."""
    run = max(16, wanted // 16)
    found: list[npt.NDArray[np.intp]] = []
    start = 0
    while wanted > 0 and start < len(words):
        hits = positions(words[start : start + run])[:wanted]
        found.append(hits + start * 64)
        wanted -= len(hits)
        start += run
        run *= 2
    return np.concatenate(found) if found else np.empty(0, np.intp)


def at(words: Words, slots: Array) -> npt.NDArray[np.bool_]:
    """Return the verdicts of some slots."""
    octets = words.view(np.uint8)
    bits: npt.NDArray[np.uint8] = octets[slots >> 3] >> (slots & 7).astype(np.uint8) & 1
    return bits.view(np.bool_)


def with_verdicts(words: Words, verdicts: Mapping[int, bool], length: int) -> Words:
    """Return a copy, of a length, with other verdicts for some slots; those that are new and not among them are false."""
    if length > 64 * len(words):
        changed = nothing(length)
        changed[: len(words)] = words
    else:
        changed = words.copy()
    octets = changed.view(np.uint8)
    for slot, verdict in verdicts.items():
        bit = 1 << (slot & 7)
        octet = int(octets[slot >> 3])
        octets[slot >> 3] = octet | bit if verdict else octet & ~bit
    return changed
