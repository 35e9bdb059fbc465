"""Views made of values: what is read in bulk is read as one by one."""

from __future__ import annotations

import math
from collections import UserString
from decimal import Decimal
from enum import IntEnum, StrEnum
from typing import Any, NoReturn, get_args

import numpy as np
import pytest

from matchmaker.attributes.numbers import float_reading
from matchmaker.engine import bitmaps
from matchmaker.engine.building import Numbers, build, decimals, settled
from matchmaker.engine.columns import Need, Reading, View
from matchmaker.errors import CandidateError
from tests.unit.engine.asking import Computed, numbers_of, on_columns, one_by_one, rank_readings, view_of

LITERALS = (
    "5",
    "-1",
    "0",
    "255",
    "256",
    "2147483647",
    "-2147483648",
    "5.0",
    "5.9",
    "0.1",
    "1000000000000.0",
    '"5"',
    '"YES"',
    "kvm",
)
OPERATORS = ("=", "!=", "@>", ">", "<")
CLAUSES = [
    f"A {operator} {literal}"
    for operator in OPERATORS
    for literal in LITERALS
    if operator not in "<>" or literal[0] in "-0123456789"
]


class Level(IntEnum):
    LOW = 5
    HIGH = 256


class Name(StrEnum):
    KVM = "kvm"
    FIVE = "5"


class Loud(str):
    """A text whose hash and equality do not see the case."""

    __slots__ = ()

    def __hash__(self) -> int:
        return hash(str.lower(self))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and str.lower(self) == other.lower()


class Untouchable:
    def __hash__(self) -> NoReturn:
        raise RuntimeError("not to be called")

    def __repr__(self) -> str:
        return "untouchable"


def check(values: list[Any], *, run: int = 1_024, clauses: list[str] = CLAUSES) -> None:
    """Compare every clause, and ranks, with the closures."""
    for text in clauses:
        assert on_columns(text, values, run=run) == one_by_one(text, values), text
    numbers, expected = numbers_of(values, run=run), rank_readings(values)
    assert list(map(repr, numbers)) == list(map(repr, expected))  # -0.0 is not 0.0


SAMPLES: dict[str, list[Any]] = {
    "whole numbers": [5, 0, -1, 255, 256, 7],
    "large whole numbers": [2**31 - 1, 2**31, -(2**31), -(2**31) - 1, 2**62, -(2**63), 2**63 - 1],
    "larger ones": [5, 2**63, 2**64, -(2**63) - 1, 10**38, 10**39, 10**400, -(10**400)],
    "some missing": [5, None, 0, None],
    "all missing": [None, None],
    "some missing and some large": [None, 2**40, 5],
    "texts": ["kvm", "5", "5.9", "YES", "", "abc", " 7 ", "8 cores", "1e40", "3000000000", "-0", "-0.0", "kvm"],
    "texts and missing": ["kvm", None, "5"],
    "decimals": [5.0, 5.9, -0.0, 0.1, 1e39, -1e39, math.nan, math.inf, -math.inf, 2147483647.5, -2147483648.5, 1e300],
    "truths": [True, False, True],
    "truths and whole numbers": [True, 1, False, 0, 5],
    "all sorts": [5, "5", 5.0, True, None, [], ["kvm", 5], "kvm", 256],
    "lists": [[5], [], [None], ["abc", 5, 256], [5.9, 5], [[]], ["kvm", "5"], 5, "5"],
    "lists of lists": [[5, [6]], [[5]], 5],
    "numbers of other classes": [Level.LOW, Level.HIGH, np.float64(5.0), np.float64(5.9)],
    "texts of other classes": [Name.KVM, Name.FIVE, np.str_("kvm"), np.str_("5")],
    "refused": [np.int64(5), np.bool_(True), Decimal(5), b"5", (5,), object(), 5j, {"A": 5}],
    "refused among others": [5, np.int64(5), "kvm", object(), "5"],
    "refused among lists": [[5, object()], [object(), 5], ["abc", b"5", 5], 5],
    "computed": [Computed(5.0), 5, Computed(5.5), None, Computed(-0.0), Computed(math.nan), Computed(math.inf), "kvm"],
    "errors": [CandidateError("it cannot be read"), 5, "kvm"],
    "surrogates": ["\ud800", "\U0010ffff", "k\ud800", "kvm", "\udfff"],
}


@pytest.mark.parametrize("values", SAMPLES.values(), ids=SAMPLES)
def test_each_sort_of_values(values: list[Any]) -> None:
    check(values)
    check(values, run=1)
    check(values, run=2)
    check(values[::-1] * 3, run=4)


@pytest.mark.parametrize("other", SAMPLES.values(), ids=SAMPLES)
@pytest.mark.parametrize(
    "values", [SAMPLES[name] for name in ("whole numbers", "large whole numbers", "texts", "decimals")]
)
def test_a_run_of_one_sort_and_then_one_of_another(values: list[Any], other: list[Any]) -> None:
    first = (values * 16)[:16]
    check(first + other, run=16, clauses=CLAUSES[::3])
    check((other * 16)[:16] + values, run=16, clauses=CLAUSES[1::3])


def test_no_values() -> None:
    for reading in get_args(Reading):
        for several in (False, True):
            view = view_of([], reading, several=several)
            assert len(view.array) == 0
            assert (view.odd, view.refused) == ({}, frozenset())
    for text in CLAUSES:
        assert on_columns(text, []) == []


@pytest.mark.parametrize("size", [1, 63, 64, 65, 1_023, 1_024, 1_025, 2_049])
def test_sizes_around_words_and_runs(size: int) -> None:
    numbers: list[Any] = [number % 7 for number in range(size)]
    texts = [f"n{number % 7}" for number in numbers]
    for values in (numbers, [number or None for number in numbers], texts, [*texts[:-1], None], [*numbers[:-1], 2.5]):
        for text in ("A = 5", "A != 5", "A < 2.5", "A = n5", "A != n5", "A @> 5"):
            assert on_columns(text, values) == one_by_one(text, values)


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([0, 255], "u1"),
        ([-1, 127], "i1"),
        ([-128, 0], "i1"),
        ([0, 256], "u2"),
        ([-1, 128], "i2"),
        ([-129, 0], "i2"),
        ([0, 65_535], "u2"),
        ([0, 65_536], "i4"),
        ([-32_768, 32_767], "i2"),
        ([-1, 32_768], "i4"),
        ([-(2**31), 2**31 - 1], "i4"),
        ([], "u1"),
        ([None, None], "u1"),
        ([None, -5], "i1"),
        (["5", "300"], "u2"),
        ([5.0, 6.9], "u1"),
        ([2**31, 5], "u1"),
    ],
)
def test_the_narrowest_type_for_whole_numbers(values: list[Any], kind: str) -> None:
    assert view_of(values).array.dtype == np.dtype(kind)


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([5, 6], "u1"),
        ([5.0, "6"], "u1"),
        ([5.5], "f4"),
        ([-0.0], "f4"),
        ([0.0, None], "u1"),
        ([2**31], "f4"),
        ([-(2**31), 2**31 - 1], "i4"),
        (["1e400", "5"], "u1"),
    ],
)
def test_the_narrowest_type_for_decimals(values: list[Any], kind: str) -> None:
    assert view_of(values, "floats").array.dtype == np.dtype(kind)


@pytest.mark.parametrize(
    ("count", "kind"), [(0, "u1"), (1, "u1"), (255, "u1"), (256, "u2"), (257, "u2"), (65_535, "u2"), (65_536, "u4")]
)
def test_the_narrowest_type_for_texts(count: int, kind: str) -> None:
    values = [f"n{number:06}" for number in range(count)]
    view = view_of([*reversed(values), None, *values], "texts")
    assert view.array.dtype == np.dtype(kind)
    assert view.texts == values
    assert view.array.tolist() == [*range(count, 0, -1), 0, *range(1, count + 1)]


def test_new_texts_after_many() -> None:
    """The bulk way of 256 texts ends in the middle, and there is a text in every run that is new."""
    values: list[Any] = [f"n{number % 300}" for number in range(5_000)]
    values[2_500] = None
    for run in (1, 64, 255, 256, 257, 1_024):
        view = view_of(values, "texts", run=run)
        assert view.texts is not None
        assert [view.texts[code - 1] if code else None for code in view.array.tolist()] == values


def test_where_numbers_are_missing() -> None:
    assert view_of([5, 6, 7]).present is None
    assert view_of([]).present is None
    view = view_of([5, None, "abc", [], 2**31, math.nan])
    assert view.present is not None
    assert bitmaps.unpacked(view.present, 6).tolist() == [True, False, False, False, False, False]
    assert view.array.tolist() == [5, 0, 0, 0, 0, 0]


@pytest.mark.parametrize(
    ("values", "pure"),
    [
        ([5, -6], True),
        ([], True),
        ([5, None], True),
        ([2**31 - 1, -(2**31)], True),
        ([2**31], False),
        ([2**64], False),
        ([5, True], False),
        ([5, "5"], False),
        ([5, 5.0], False),
        ([5, [5]], False),
        ([5, Level.LOW], False),
        ([5, object()], False),
    ],
)
def test_what_integers_and_decimals_read_alike(values: list[Any], pure: bool) -> None:
    for reading in ("integers", "floats"):
        assert view_of(values, reading).pure is pure


def test_lists_and_refused_and_computed_values() -> None:
    computed = Computed(5.0)
    for reading in get_args(Reading):
        view = view_of([5, [6, 7], computed, object(), CandidateError("it cannot be read")], reading)
        assert view.lists
        assert view.odd == {2: computed}
        assert view.refused == {3, 4}
        assert not view_of([5, "5", None, object()], reading).lists


def test_several_values() -> None:
    view = view_of([[5, 6], [], [7], 8, None, "9", ["abc", 10, 2**40]], several=True)
    assert view.offsets is not None
    assert view.offsets.tolist() == [0, 2, 2, 3, 4, 4, 5, 6]
    assert view.array.tolist() == [5, 6, 7, 8, 9, 10]
    assert view.present is None
    assert view.lists
    texts = view_of([["b", 5], [], "a", None, [True, None]], "texts", several=True)
    assert texts.texts == ["5", "YES", "a", "b"]
    assert texts.array.tolist() == [4, 1, 3, 2]


def test_of_several_values_all_are_read() -> None:
    values = [[5, object()], ["kvm", b"kvm"], [5, 6], [CandidateError]]
    assert view_of(values, several=True).refused == {0, 1, 3}
    assert view_of(values).refused == {1, 3}


@pytest.mark.parametrize("count", [254, 255, 256, 65_535, 65_536])
def test_offsets_of_many_values(count: int) -> None:
    values = [[5] * count, [6], []]
    view = view_of(values, several=True)
    assert view.offsets is not None
    assert view.offsets.tolist() == [0, count, count + 1, count + 1]
    for text in ("A @> 5", "A @> 6", "A @> 7"):
        assert on_columns(text, values) == one_by_one(text, values)


def test_several_views_in_one_pass() -> None:
    needs = [Need("A", "integers"), Need("A", "floats"), Need("B", "texts"), Need("B", "texts", several=True)]
    runs = ({"A": [number, 5.9], "B": ["kvm", ["a", "b"]]} for number in range(3))  # can be read once
    views = build(needs, runs)
    assert list(views) == needs
    assert views[needs[0]].array.tolist() == [0, 5, 1, 5, 2, 5]
    assert views[needs[1]].array.dtype == np.float32
    assert views[needs[2]].texts == ["a", "kvm"]
    assert views[needs[3]].texts == ["a", "b", "kvm"]
    assert build([], runs) == {}


@pytest.mark.parametrize("number", [2**60 + 2**36 + 1, -(2**60) - 2**36 - 1, 2**53 + 1, 2**62 + 2**38 - 1])
@pytest.mark.parametrize("other", [2.5, "2.5", None, True, 10**30])
def test_large_whole_numbers_are_rounded_once(number: int, other: Any) -> None:
    """Beside decimals, too: a double in between would make it two roundings."""
    check([number, number, other, other], run=2, clauses=["A > 5.0"])
    check([number, other], run=1, clauses=["A > 5.0"])
    check([number, other], run=2, clauses=["A > 5.0"])


def midpoints() -> list[float]:
    """Return doubles half way between two float32, and those beside them."""
    singles = [0.0, 2.0**-149, 2.0**-126, 1e-40, 0.1, 1.0, 5.9, 16777215.0, 16777216.0, 2.0**100]
    halves = []
    for number in singles:
        single = np.float32(number)
        halves.append((float(single) + float(np.nextafter(single, np.float32(np.inf)))) / 2)
    halves.append(float.fromhex("0x1.ffffffp127"))  # where numbers begin to be too large
    near = [
        *halves,
        *(math.nextafter(half, math.inf) for half in halves),
        *(math.nextafter(half, 0) for half in halves),
    ]
    return [*near, *(-number for number in near), *singles, math.nan, math.inf, -math.inf, -0.0]


def test_decimals_half_way_between_two_float32() -> None:
    doubles = midpoints()
    read = decimals(np.array(doubles), Need("A", "floats"))
    assert read.present is not None
    for double, number, present in zip(doubles, read.array.tolist(), read.present.tolist(), strict=True):
        text = format(Decimal(repr(double)), "f") if math.isfinite(double) else ""
        expected = float_reading(text)
        assert present is (expected is not None)
        if expected is not None:
            assert repr(number) == repr(expected)


def test_decimals_as_whole_numbers() -> None:
    edges = [2147483647.0, 2147483647.9999998, 2147483648.0, -2147483648.0, -2147483648.9999995, -2147483649.0]
    check([*edges, -0.5, 0.5, -0.0, 5.999999999, math.nan, math.inf])
    read = decimals(np.array([-0.5]), Need("A", "integers"))
    assert not np.signbit(read.array).any()


def test_numbers_do_not_warn_whatever_numpy_was_told() -> None:
    with np.errstate(all="raise"):
        check([1e-46, 1e300, 5e-324, -1e-310, math.nan, 3e38, 3.5e38])
        check([2**63 - 1, 5, 2**64])


def test_settled_numbers() -> None:
    array, present = settled(Numbers(np.array([5.0, np.nan]), np.array([True, False])))
    assert (array.dtype, array.tolist()) == (np.uint8, [5, 0])
    assert present is not None
    assert bitmaps.unpacked(present, 2).tolist() == [True, False]
    array, present = settled(Numbers(np.array([5.0, 6.0]), np.array([True, True])))
    assert (array.dtype, present) == (np.uint8, None)
    array, present = settled(Numbers(np.array([-0.0, 6.0]), None))
    assert (array.dtype, array.tolist()) == (np.float32, [0.0, 6.0])
    assert np.signbit(array).tolist() == [True, False]


@pytest.mark.parametrize("same", [UserString("kvm"), Loud("KVM"), Loud("kvm"), Untouchable()], ids=repr)
def test_what_equals_a_known_text_may_be_none(same: Any) -> None:
    known: list[Any] = ["kvm", "xen"] * 8
    values = [*known, same, "kvm"]
    for text in ('A = "kvm"', 'A = "KVM"', 'A != "kvm"'):
        assert on_columns(text, values, run=16) == one_by_one(text, values)


def test_too_many_digits_for_a_text() -> None:
    for values in ([10**5000, 5], [5, 10**5000, "5"], [[10**5000], 5]):
        assert view_of(values, "texts").refused == {slot for slot, value in enumerate(values) if value not in (5, "5")}
        assert view_of(values).refused == frozenset()
        check(values)


def test_what_is_given_does_not_change() -> None:
    values = [5, [6, 7], "kvm"]
    view: View = view_of(values, "texts", several=True)
    assert values == [5, [6, 7], "kvm"]
    assert view.texts == ["5", "6", "7", "kvm"]


@pytest.mark.parametrize(
    "texts",
    [
        ["400", "010", "0", "16777217", "2147483647"],
        ["400", "2147483648", "9223372036854775807"],
        ["400", "9223372036854775808", "9" * 5_000],
        ["400", ""],
        ["400", "4\u0664"],
        ["400", "-7"],
    ],
)
def test_texts_of_digits(texts: list[str]) -> None:
    for clause in [*CLAUSES, "A = 16777217", "A = 16777216.0", "A > 16777216.0", "A < 2147483648.0", "A = 10"]:
        assert on_columns(clause, texts) == one_by_one(clause, texts)
    assert numbers_of(texts) == rank_readings(texts)
