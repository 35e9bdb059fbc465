"""Packed verdicts: every function against plain lists, at sizes around words, bytes and blocks."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

from matchmaker.engine import bitmaps
from matchmaker.engine.bitmaps import BLOCK

SIZES = (0, 1, 7, 8, 9, 63, 64, 65, 127, 128, 129, 1023, 1024, 1025)
LARGE = (131_071, 131_072, 131_073, BLOCK - 1, BLOCK, BLOCK + 1)


def drawn(size: int, share: float = 0.5) -> list[bool]:
    chance = random.Random(size)
    return [chance.random() < share for _ in range(size)]


def packed(verdicts: list[bool]) -> bitmaps.Words:
    return bitmaps.pack(np.array(verdicts, np.bool_))


@pytest.mark.parametrize("size", [*SIZES, *LARGE])
def test_packing_and_unpacking(size: int) -> None:
    verdicts = drawn(size)
    words = packed(verdicts)
    assert words.dtype == np.uint64
    assert len(words) == (size + 63) // 64
    assert bitmaps.unpacked(words, size).tolist() == verdicts
    assert bitmaps.count(words) == sum(verdicts)
    assert bitmaps.positions(words).tolist() == [slot for slot in range(size) if verdicts[slot]]


def test_where_the_bit_of_a_slot_is() -> None:
    words = packed([slot in (0, 9, 64) for slot in range(70)])
    octets = words.view(np.uint8).tolist()
    assert [place for place, octet in enumerate(octets) if octet] == [0, 1, 8]
    assert (octets[0], octets[1], octets[8]) == (1, 2, 1)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("share", [0.0, 0.001, 0.1, 1.0])
def test_positions_of_few_and_of_many(size: int, share: float) -> None:
    verdicts = drawn(size, share)
    slots = [slot for slot in range(size) if verdicts[slot]]
    words = packed(verdicts)
    assert bitmaps.positions(words).tolist() == slots
    for wanted in (0, 1, 2, 15, 16, 17, size, size + 1):
        assert bitmaps.first(words, wanted).tolist() == slots[:wanted]


@pytest.mark.parametrize("place", [0, 63, 64, 1023, 1024, 65_535, 65_536, 199_999])
def test_one_among_many(place: int) -> None:
    words = packed([slot == place for slot in range(200_000)])
    assert bitmaps.positions(words).tolist() == [place]
    assert bitmaps.first(words, 1).tolist() == [place]
    assert bitmaps.first(words, 100).tolist() == [place]


def test_the_first_of_what_grows_sparse() -> None:
    slots = [number * number for number in range(600)]
    squares = set(slots)
    words = packed([slot in squares for slot in range(slots[-1] + 1)])
    for wanted in (1, 10, 100, 599, 600):
        assert bitmaps.first(words, wanted).tolist() == slots[:wanted]


@pytest.mark.parametrize("size", SIZES)
def test_everything_and_nothing(size: int) -> None:
    everything, nothing = bitmaps.everything(size), bitmaps.nothing(size)
    assert bitmaps.unpacked(everything, size).tolist() == [True] * size
    assert bitmaps.unpacked(nothing, size).tolist() == [False] * size
    assert len(everything) == len(nothing) == (size + 63) // 64
    # Nothing behind the last slot: it would be counted.
    assert (bitmaps.count(everything), bitmaps.count(nothing)) == (size, 0)


@pytest.mark.parametrize("size", [*SIZES, *LARGE])
def test_a_test_block_by_block(size: int) -> None:
    array = np.arange(size, dtype=np.int64) * 7 % 10
    lengths: list[int] = []

    def test(run: Any, verdicts: Any) -> None:
        lengths.append(len(run))
        np.greater(run, 4, out=verdicts)

    words = bitmaps.packed_test(array, test)
    assert bitmaps.unpacked(words, size).tolist() == (array > 4).tolist()
    assert len(words) == (size + 63) // 64
    assert bitmaps.count(words) == int((array > 4).sum())  # also: nothing behind the last slot
    assert sum(lengths) == size
    assert max(lengths) <= BLOCK


@pytest.mark.parametrize("size", SIZES[1:])
def test_some_slots(size: int) -> None:
    verdicts = drawn(size)
    slots = random.Random(1).choices(range(size), k=50)
    for kind in (np.int32, np.intp):
        found = bitmaps.at(packed(verdicts), np.array(slots, kind))
        assert found.dtype == np.bool_
        assert found.tolist() == [verdicts[slot] for slot in slots]
    assert bitmaps.at(packed(verdicts), np.array([], np.intp)).tolist() == []


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("more", [0, 1, 63, 64, 65, 1000])
def test_other_verdicts(size: int, more: int) -> None:
    verdicts = drawn(size)
    words = packed(verdicts)
    before = words.copy()
    length = size + more
    others = {slot: not (verdicts + [False] * more)[slot] for slot in range(0, length, 3)}
    others |= {slot: True for slot in (size, length - 1) if 0 <= slot < length}
    changed = bitmaps.with_verdicts(words, others, length)
    expected = [others.get(slot, slot < size and verdicts[slot]) for slot in range(length)]
    assert bitmaps.unpacked(changed, length).tolist() == expected
    assert len(changed) == (length + 63) // 64
    assert bitmaps.count(changed) == sum(expected)
    assert (words == before).all()
    assert changed is not words


def test_a_copy_even_when_nothing_changes() -> None:
    words = bitmaps.nothing(64)
    changed = bitmaps.with_verdicts(words, {}, 64)
    changed[0] = 1
    assert bitmaps.count(words) == 0
