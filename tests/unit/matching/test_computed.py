"""What tables keep of clauses and ranks."""

from __future__ import annotations

import math

import numpy as np

from matchmaker.engine import bitmaps, orders
from matchmaker.matching.computed import Scored, Truth, stored, unscored_in


def scored(scores: list[int], others: dict[int, int], *, order: bool) -> Scored:
    array = np.array(scores, np.int32)
    return Scored(array, orders.descending(array).astype(np.int32) if order else None, others, frozenset({9}))


def test_scores_that_came_later_are_settled() -> None:
    before = scored([3, 1, 2], {1: 7, 3: 2, 5: -1}, order=True)
    after = before.settled(6)
    assert after.scores.tolist() == [3, 7, 2, 2, 0, -1]
    assert after.others == {}
    assert after.refused == {9}
    assert after.order is not None
    assert [slot for slot in after.order.tolist() if slot != 4] == [1, 0, 3, 2, 5]
    assert before.scores.tolist() == [3, 1, 2]
    assert scored([3, 1], {0: 0}, order=False).settled(2).order is None


def test_what_they_take() -> None:
    small, large = scored([1], {}, order=False), scored([1] * 1_000, {}, order=False)
    assert large.nbytes - small.nbytes == 4 * 999
    assert scored([1] * 1_000, {}, order=True).nbytes - large.nbytes == 4_000
    assert scored([1], {5: 6}, order=False).nbytes > small.nbytes
    words = bitmaps.nothing(6_400)
    assert Truth(words, frozenset()).nbytes > 800
    assert Truth(words, frozenset(range(100))).nbytes > Truth(words, frozenset()).nbytes + 1_000


def test_scores_of_doubles() -> None:
    scores = np.array([2.5, math.nan, 1.0])
    before = Scored(
        scores, orders.descending(scores).astype(np.int32), {2: stored(None)}, frozenset(), unscored_in(scores)
    )
    after = before.settled(4)
    assert list(map(repr, after.scores.tolist())) == ["2.5", "nan", "nan", "0.0"]
    assert after.unscored is not None
    assert bitmaps.positions(after.unscored).tolist() == [1, 2]
    assert after.nbytes > Scored(scores, None, {}, frozenset()).nbytes
    assert stored(-0.5) == -0.5
    assert unscored_in(np.array([1.0])) is None
    assert unscored_in(np.array([1], np.int32)) is None
