"""What changed, by attribute."""

from __future__ import annotations

from typing import Any

import pytest

from matchmaker import CandidateError, Pool
from matchmaker.matching.differences import Differences, dependencies


def differences(asked: Pool) -> Differences:
    now = asked.snapshot
    changes = now.log.between(0, now.logged)
    assert changes is not None
    return Differences(now, changes)


def changed_pool() -> Pool:
    asked = Pool([{"A": number, "S": {"F": number}} for number in range(6)])
    asked.apply([("update", 1, {"A": 7}), ("update", 2, {"B": 8}), ("remove", 3), ("add", 6, {"A": 9})])
    asked.update(1, {"A": None})
    asked.update(4, {"S": {"F": 5}})
    return asked


@pytest.mark.parametrize(
    ("names", "read"),
    [
        ({"A"}, {"A"}),
        ({"A", "B_1"}, {"A", "B_1"}),
        (set(), set()),
        ({"A", "S/F"}, None),
        ({"A.B"}, None),
        ({"KÖLN"}, None),
    ],
)
def test_what_a_change_must_touch_to_matter(names: set[str], read: Any) -> None:
    assert dependencies(names) == read


@pytest.mark.parametrize(
    ("names", "slots"),
    [
        (["A"], {1, 3, 6}),
        (["B"], {2, 3, 6}),
        (["A", "B"], {1, 2, 3, 6}),
        (["S"], {3, 4, 6}),
        (["S/F"], {1, 2, 3, 4, 6}),
        ([], {3, 6}),
    ],
)
def test_slots(names: list[str], slots: set[int]) -> None:
    assert differences(changed_pool()).slots(dependencies(names)) == slots


def test_values_are_those_of_now() -> None:
    found = differences(changed_pool())
    assert found.values("A") == {1: None, 3: None, 6: 9}
    assert found.values("S/F") == {1: [1], 2: [2], 3: None, 4: [5], 6: []}


def test_reading_that_fails() -> None:
    tied: dict[str, Any] = {}
    tied["S"] = [tied] * 1_000
    asked = Pool([{"A": 5}])
    asked.update(0, tied)
    value = differences(asked).values("S/S/S/S")[0]
    assert isinstance(value, CandidateError)
    assert value.attribute == "S/S/S/S"
