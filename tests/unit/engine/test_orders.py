"""Sorting scores, against Python's own sort."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence

import numpy as np
import pytest

from matchmaker.attributes.numbers import INT32_MAX, INT32_MIN
from matchmaker.engine import orders

SIZES = (0, 1, 2, 63, 64, 65, 255, 256, 257, 1_023, 1_024, 1_025, 20_000)

SPREADS: dict[str, Callable[[random.Random], int]] = {
    "all equal": lambda chance: 5,
    "two values": lambda chance: chance.choice((3, 4)),
    "few values, negative": lambda chance: -chance.randrange(10),
    "16 bits": lambda chance: chance.choice((0, 0xFFFF, chance.randrange(0x10000))),
    "one more than 16 bits": lambda chance: chance.choice((-1, 0xFFFF, chance.randrange(0x10000))),
    "around zero": lambda chance: chance.randrange(-70_000, 70_000),
    "all of 32 bits": lambda chance: chance.randrange(INT32_MIN, INT32_MAX + 1),
    "the extremes": lambda chance: chance.choice((INT32_MIN, INT32_MAX, INT32_MIN + 1, 0)),
    "one outlier": lambda chance: INT32_MIN if chance.random() < 0.01 else 7,
    "the same high half": lambda chance: INT32_MAX - chance.randrange(0x10000),
}


def drawn(spread: str, size: int) -> list[int]:
    chance = random.Random(size)
    return [SPREADS[spread](chance) for _ in range(size)]


def in_order(scores: Sequence[int]) -> list[int]:
    """Return the places of the scores, the highest first, among equals the later one first."""
    return sorted(range(len(scores)), key=lambda place: (scores[place], place), reverse=True)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("spread", SPREADS)
def test_all_in_order(spread: str, size: int) -> None:
    scores = drawn(spread, size)
    given = np.array(scores, np.int32)
    assert orders.descending(given).tolist() == in_order(scores)
    assert given.tolist() == scores


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("spread", SPREADS)
def test_the_best(spread: str, size: int) -> None:
    """Among so many sizes and numbers that every way of finding them is taken."""
    scores = drawn(spread, size)
    expected = in_order(scores)
    for wanted in {0, 1, 2, 5, 16, 31, 32, 33, size // 8 - 1, size // 8, size // 8 + 1, size // 256, size - 1, size}:
        given = np.array(scores, np.int32)
        assert orders.best(given, wanted).tolist() == expected[: max(wanted, 0)]
        assert given.tolist() == scores


def test_more_than_there_are() -> None:
    assert orders.best(np.array([1, 2], np.int32), 9).tolist() == [1, 0]
    assert orders.best(np.array([1, 2], np.int32), -1).tolist() == []


@pytest.mark.parametrize("best", [0, 4_095, 4_096, 4_159])
def test_the_best_one_where_groups_end(best: int) -> None:
    """Groups of 64 have their maximum taken together, and the last ones may be of none."""
    scores = np.zeros(4_160 - 1 + 64, np.int32)
    scores[best] = 1
    last = len(scores) - 1
    assert orders.best(scores, 2).tolist() == [best, last if best != last else last - 1]


@pytest.mark.parametrize("size", [300, 20_000])
@pytest.mark.parametrize("wanted", [1, 3, 37])
def test_many_equals_where_the_best_end(size: int, wanted: int) -> None:
    scores = [9] * (wanted // 2) + [5] * (size - wanted // 2)
    random.Random(5).shuffle(scores)
    assert orders.best(np.array(scores, np.int32), wanted).tolist() == in_order(scores)[:wanted]


@pytest.mark.parametrize("size", [0, 1, 2, 10, 100, 1_000])
@pytest.mark.parametrize("spread", SPREADS)
def test_an_order_after_changes(spread: str, size: int) -> None:
    scores = drawn(spread, size)
    order = np.array(in_order(scores), np.int32)
    chance = random.Random(spread)
    for count, added in ((0, 0), (1, 0), (3, 2), (size // 2, 5), (size, 0), (0, 3)):
        changes = {slot: SPREADS[spread](chance) for slot in chance.sample(range(size), min(count, size))}
        changes |= {slot: SPREADS[spread](chance) for slot in range(size, size + added)}
        after = [changes.get(slot, scores[slot] if slot < size else 0) for slot in range(size + added)]
        given = np.array(scores, np.int32)
        moved = orders.moved(order, given, changes)
        assert moved.dtype == np.int32
        assert moved.tolist() == in_order(after)
        assert given.tolist() == scores
    assert order.tolist() == in_order(scores)


def test_changes_to_what_they_were() -> None:
    scores = np.array([3, 3, 1], np.int32)
    order = orders.descending(scores).astype(np.int32)
    assert orders.moved(order, scores, {0: 3, 2: 1}).tolist() == order.tolist()


DOUBLES: dict[str, Callable[[random.Random], float]] = {
    "none has a score": lambda chance: math.nan,
    "some have none": lambda chance: chance.choice((math.nan, 1.5, -2.0, chance.random())),
    "both zeros": lambda chance: chance.choice((0.0, -0.0, 5e-324, -5e-324)),
    "the extremes of doubles": lambda chance: chance.choice((math.inf, -math.inf, math.nan, 1e308, -1e308, 0.0)),
    "fractions": lambda chance: chance.gauss(0, 1),
    "whole numbers": lambda chance: float(chance.randrange(-70_000, 70_000)),
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("spread", DOUBLES)
def test_doubles(spread: str, size: int) -> None:
    """Who has none comes last; both zeros are equal."""
    chance = random.Random(size)
    scores = [DOUBLES[spread](chance) for _ in range(size)]
    expected = sorted(
        range(size),
        key=lambda place: (not math.isnan(scores[place]), 0.0 if math.isnan(scores[place]) else scores[place], place),
        reverse=True,
    )
    given = np.array(scores, np.float64)
    assert orders.descending(given).tolist() == expected
    for wanted in {0, 1, 5, 33, size // 8, size // 256, size}:
        assert orders.best(given, wanted).tolist() == expected[:wanted]
    assert repr(given.tolist()) == repr(scores)
    changes = {chance.randrange(size): DOUBLES[spread](chance) for _ in range(min(size, 9))} | {size: -0.0}
    after = np.append(given, 0.0)
    for slot, score in changes.items():
        after[slot] = score
    moved = orders.moved(orders.descending(given).astype(np.int32), given, changes)
    assert moved.tolist() == orders.descending(after).tolist()
