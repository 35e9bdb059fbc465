"""Numbers in texts: the table of the language; comparisons with the C library are in tests/property/test_numbers.py."""

from __future__ import annotations

import math

import pytest

from matchmaker.attributes.numbers import (
    LARGEST_FLOAT32,
    float32,
    float_of_integer,
    float_reading,
    int32,
    integer_reading,
)

TABLE = [
    ("8 cores", 8, 8),
    ("3.7GB", 3, 3.7),
    ("0x10", 0, 0),
    (" 7 ", 7, 7),
    ("+7", 7, 7),
    ("010", 10, 10),
    ("1,2", 1, 1),
    ("1e3", 1, 1000),
    (".5", None, 0.5),
    ("5.", 5, 5),
    ("5e", 5, None),
    ("5e+", 5, None),
    ("1e40", 1, None),
    ("1e-50", 1, 0),
    ("3000000000", None, 3e9),
    ("", None, None),
    ("abc", None, None),
    ("inf", None, None),
    ("nan", None, None),
    ("- 5", None, None),
    ("++5", None, None),
    ("\t\n\v\f\r-5", -5, -5),
    ("\xa05", None, None),
    ("\u06655", None, None),
    ("5\u0665", 5, 5),
    ("1_000", 1, 1),
    ("2147483647", 2147483647, 2147483648),
    ("2147483648", None, 2147483648),
    ("-2147483648", -2147483648, -2147483648),
    ("-2147483649", None, -2147483648),
    ("00000000000000000005", 5, 5),
    ("-.5e-1x", None, -0.05),
    (".", None, None),
    ("e5", None, None),
]


@pytest.mark.parametrize(("text", "integer", "number"), TABLE)
def test_the_table(text: str, integer: int | None, number: float | None) -> None:
    assert integer_reading(text) == integer
    assert float_reading(text) == (None if number is None else float32(number))


def test_the_largest_float() -> None:
    assert float_reading("3.4028235e38") == LARGEST_FLOAT32
    assert float_reading("340282356779733661637539395458142568447") == LARGEST_FLOAT32
    assert float_reading("340282356779733661637539395458142568448") is None
    assert float_of_integer(340282356779733661637539395458142568447) == LARGEST_FLOAT32
    assert float_of_integer(-340282356779733661637539395458142568447) == -LARGEST_FLOAT32
    assert float_of_integer(340282356779733661637539395458142568448) is None
    assert float_of_integer(10**400) is None


def test_a_number_is_rounded_once() -> None:
    # The nearest double lies half way between two float32 numbers; the text lies just above.
    assert float_reading("1.00000005960464477540") == 1.0000001192092896
    assert float_reading("1.00000005960464477539") == 1.0
    assert float_of_integer(2**60 + 2**36 + 1) == 2.0**60 + 2.0**37
    assert float_of_integer(2**60 + 2**36) == 2.0**60


def test_float32() -> None:
    assert float32(0.1) == 0.10000000149011612
    assert float32(16777217.0) == 16777216.0
    assert float32(1e39) == math.inf
    assert float32(-1e39) == -math.inf
    assert math.isnan(float32(math.nan))
    assert math.copysign(1, float32(-1e-60)) == -1


@pytest.mark.parametrize(
    ("number", "whole"),
    [
        (3.99, 3),
        (-3.99, -3),
        (2147483520.0, 2147483520),
        (2147483648.0, -2147483648),
        (-2147483648.0, -2147483648),
        (-2147483904.0, -2147483648),
        (math.inf, -2147483648),
        (-math.inf, -2147483648),
        (math.nan, -2147483648),
        (-0.0, 0),
    ],
)
def test_int32(number: float, whole: int) -> None:
    assert int32(number) == whole
    assert type(int32(number)) is int


@pytest.mark.parametrize(
    "text", ["9" * 1_000_000, "0" * 1_000_000 + "7", "0." + "0" * 1_000_000 + "1", "1e" + "9" * 100_000]
)
def test_long_texts_are_read_all_the_same(text: str) -> None:
    expected = {"9": (None, None), "0": (7, 7.0) if text[1] == "0" else (0, 0.0), "1": (1, None)}[text[0]]
    assert (integer_reading(text), float_reading(text)) == expected
