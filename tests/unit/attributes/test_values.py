"""What Python values stand for."""

from __future__ import annotations

from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from typing import Any

import pytest

from matchmaker import CandidateError
from matchmaker.attributes.values import Readings, floats, integers, rank_reading, texts

NAN, INFINITY = float("nan"), float("inf")


class Word(str):
    __slots__ = ()


class Colour(StrEnum):
    RED = "red"


class Level(IntEnum):
    LOW = 3


@pytest.mark.parametrize(
    ("value", "as_texts", "as_integers", "as_floats"),
    [
        (5, ["5"], [5], [5.0]),
        (-7, ["-7"], [-7], [-7.0]),
        (2**31, ["2147483648"], [], [2147483648.0]),
        (16777217, ["16777217"], [16777217], [16777216.0]),
        (10**400, ["1" + "0" * 400], [], []),
        (3.0, ["3.0"], [3], [3.0]),
        (-0.5, ["-0.5"], [0], [-0.5]),
        (1e22, ["10000000000000000000000.0"], [], [1e22]),
        (1.5e-7, ["0.00000015"], [0], [1.5e-7]),
        (2147483647.5, ["2147483647.5"], [2147483647], [2147483648.0]),
        (1e300, ["1" + "0" * 300 + ".0"], [], []),
        (NAN, ["nan"], [], []),
        (INFINITY, ["inf"], [], []),
        (-INFINITY, ["-inf"], [], []),
        (True, ["YES"], [], []),
        (False, ["NO"], [], []),
        (None, [], [], []),
        ([], [], [], []),
        ("", [""], [], []),
        ("7 x", ["7 x"], [7], [7.0]),
        (["abc", 5, None, 2.5, True], ["abc", "5", "2.5", "YES"], [5, 2], [5.0, 2.5]),
        ([10**400, 1], ["1" + "0" * 400, "1"], [1], [1.0]),
        (Word("5"), ["5"], [5], [5.0]),
        (Colour.RED, ["red"], [], []),
        (Level.LOW, ["3"], [3], [3.0]),
    ],
)
def test_readings(value: Any, as_texts: list[str], as_integers: list[int], as_floats: list[float]) -> None:
    from matchmaker.attributes.numbers import float32

    assert list(texts(value, "A")) == as_texts
    assert list(integers(value, "A")) == as_integers
    assert list(floats(value, "A")) == [float32(number) for number in as_floats]
    assert rank_reading(value, "A") == (float32(as_floats[0]) if as_floats else 0.0)
    found = [*texts(value, "A"), *integers(value, "A"), *floats(value, "A")]
    assert {type(each) for each in found} <= {str, int, float}


class Plain(Enum):
    RED = "red"


@pytest.mark.parametrize(
    "value", [b"5", (5,), {5}, {"A": 5}, 5j, Decimal(5), object(), [[5]], [{}], Plain.RED, str, lambda: 5, range(3)]
)
def test_what_stands_for_nothing_is_refused(value: Any) -> None:
    for read in (texts, integers, floats):
        with pytest.raises(CandidateError, match="attribute `A`"):
            list(read(value, "A"))
    with pytest.raises(CandidateError):
        rank_reading(value, "A")


def test_a_number_too_long_for_a_text() -> None:
    with pytest.raises(CandidateError, match="so many digits"):
        list(texts(10**5000, "A"))
    assert list(integers(10**5000, "A")) == []
    assert list(floats(10**5000, "A")) == []


def test_readings_are_remembered_with_nan_where_nothing_converts() -> None:
    asked = []

    def read(text: str) -> float | None:
        asked.append(text)
        return None if text == "x" else 5

    readings = Readings(read)
    assert [readings("5"), readings("5")] == [5, 5]
    assert readings("x") != readings("x")
    assert asked == ["5", "x"]
