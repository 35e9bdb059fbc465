"""One comparison on columns, against the same comparison one value at a time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from matchmaker.attributes import globs
from matchmaker.engine import bitmaps
from matchmaker.engine.bitmaps import BLOCK
from matchmaker.engine.columns import Need
from matchmaker.engine.verdicts import ClauseKey, ColumnClause
from matchmaker.errors import LimitError
from tests.unit.engine.asking import Computed, comparison, of_view, on_columns, one_by_one, view_of

EDGES = (0, 1, 127, 128, 255, 256, 32_767, 32_768, 65_535, 65_536, 16_777_216, 16_777_217, 2**31 - 2, 2**31 - 1)
LITERALS = sorted({*EDGES, *(-edge for edge in EDGES), *(-edge - 1 for edge in EDGES)})
DTYPES: dict[str, list[Any]] = {
    "u1": [0, 1, 128, 255],
    "i1": [-128, -1, 0, 127],
    "u2": [0, 255, 256, 65_535],
    "i2": [-32_768, -1, 0, 32_767],
    "i4": [-(2**31), -1, 0, 16_777_217, 2**31 - 1],
}


@pytest.mark.parametrize("missing", [[], [None, "abc"]])
@pytest.mark.parametrize(("kind", "values"), DTYPES.items(), ids=DTYPES)
def test_whole_numbers_inside_and_outside_of_what_a_type_holds(
    kind: str, values: list[Any], missing: list[Any]
) -> None:
    assert view_of([*values, *missing]).array.dtype == np.dtype(kind)
    for operator in ("=", "!=", "@>", ">", "<"):
        for literal in LITERALS:
            for text in (f"A {operator} {literal}", f"A {operator} {literal}.0", f"A {operator} {literal}.5"):
                assert on_columns(text, [*values, *missing]) == one_by_one(text, [*values, *missing]), text


def test_decimals() -> None:
    values = [5.9, "5.9", 0.1, -0.0, "0", 1e-46, 3.4e38, "3.5e38", None, 16777217.0, 2147483647]
    assert view_of(values, "floats").array.dtype == np.float32
    for operator in ("=", "!=", "@>", ">", "<"):
        for literal in ("5.9", "0.1", "0.0", "-0.0", "16777217.0", "2147483648.0", f"{'9' * 45}.0", f"0.{'0' * 50}1"):
            text = f"A {operator} {literal}"
            assert on_columns(text, values) == one_by_one(text, values), text


PATTERNS = (
    *(
        "kvm",
        "k*",
        "*",
        "**",
        "k?m",
        "*m",
        "[a-k]*",
        "[!k]*",
        "?",
        "??*",
        "\\*",
        "\\",
        "k\\*",
        "*\\*",
        "[a-",
        "x*y",
        "e",
    ),
    *(
        "\U0010ffff*",
        "\U0010ffff",
        "k\U0010ffff*",
        "\ud800*",
        "\udfff*",
        "é*",
        "nobody",
        "nobody*",
        "[02468]*",
        "[a-c]*",
    ),
)
TEXTS = (
    *("kvm", "k", "ka", "kv", "kvmx", "l", "K", "", "*", "\\", "\\*", "a", "b", "c", "d", "xy", "x\ny", "e", "é", "éa"),
    *(
        "\U0010ffff",
        "\U0010ffff\U0010ffff",
        "k\U0010ffff",
        "k\U0010ffffz",
        "\ud800",
        "\ud800a",
        "\udfff",
        "\ue000",
        "[a-",
    ),
)


@pytest.mark.parametrize("pattern", PATTERNS, ids=ascii)
@pytest.mark.parametrize("operator", ["=", "!=", "@>"])
def test_patterns(pattern: str, operator: str) -> None:
    text = f'A {operator} "{pattern}"'
    for values in (
        [*TEXTS, None, *TEXTS],
        [None],
        list(TEXTS),
        ["kvm"],
        ["b", None],
        [5, True, 5.9],
        [[*TEXTS], ["l"]],
    ):
        assert on_columns(text, values) == one_by_one(text, values)


@pytest.mark.parametrize("operator", ["=", "!=", "@>"])
def test_the_null_string(operator: str) -> None:
    assert on_columns(f'A {operator} ""', ["", "kvm", None, [""], Computed(5.0)]) == [False] * 5


@pytest.mark.parametrize(("count", "kind"), [(200, "u1"), (255, "u1"), (300, "u2"), (66_000, "u4")])
@pytest.mark.parametrize(
    "pattern",
    [
        *("n000100", "n0001*", "*", "n*", "nobody"),
        *("n000[0]*", "n[0-9]*"),  # one run
        *("n0001[02]*", "n0001[024]*", "n0001[0-2]?", "n?0?0?9*"),  # up to three runs
        *("*5", "*[02468]", "n0001[02468]?", "*1?"),  # more
        *("n000000", "n000000*", "n065999"),  # the first, and the last
    ],
)
def test_runs_of_codes(count: int, kind: str, pattern: str) -> None:
    values: list[Any] = [f"n{number:06}" for number in range(count)]
    values[7] = values[count // 2] = None
    values += values[:100]
    view = view_of(values, "texts")
    assert view.array.dtype == np.dtype(kind)
    for operator in ("=", "!="):
        text = f'A {operator} "{pattern}"'
        assert of_view(ColumnClause(comparison(text)), view, len(values)) == one_by_one(text, values)


@pytest.mark.parametrize("size", [0, 1, 63, 64, 65, 1_023, 1_024, 1_025, BLOCK - 1, BLOCK, BLOCK + 1])
def test_sizes(size: int) -> None:
    numbers = [number % 11 for number in range(size)]
    texts = [f"n{number}" for number in numbers]
    for values, clauses in (
        (numbers, ("A > 5", "A != 5", "A < 5.5", "A @> 5")),
        (texts, ("A = n5", 'A != "n*"', 'A = "n[13579]*"', 'A = "n[!2]"')),
    ):
        views = {reading: view_of(values, reading) for reading in ("integers", "floats", "texts")}
        for text in clauses:
            clause = ColumnClause(comparison(text))
            words = clause.verdicts(views[clause.need.reading])
            expected = one_by_one(text, values[:11])
            assert bitmaps.unpacked(words, size).tolist() == [expected[number] for number in numbers]
            assert bitmaps.count(words) == sum(
                expected[number] is True for number in numbers
            )  # nothing behind the last


@pytest.mark.parametrize(
    "values",
    [
        [[5, 6], [], [7], 5, None, [None], ["abc", "5"]],
        [[], []],
        [[5]],
        [[["kvm"]], [5, object()], 5],
        [Computed(5.0), [5], Computed(6.0)],
        [["kvm", "xen"], "kvm", [True, 5.9]],
    ],
)
@pytest.mark.parametrize("literal", ["5", "7", "5.0", "5.9", '"5"', "kvm", '"*"', '"[kx]*"', "-2147483648"])
def test_several_values(values: list[Any], literal: str) -> None:
    assert on_columns(f"A @> {literal}", values) == one_by_one(f"A @> {literal}", values)
    assert on_columns(f"A @> {literal}", values * 30, run=64) == one_by_one(f"A @> {literal}", values * 30)


def test_what_tells_clauses_apart() -> None:
    def key(text: str) -> ClauseKey:
        return ColumnClause(comparison(text)).key

    assert key("A = 5") == key('"A"=5') == ("A", "=", "integers", 5)
    assert key('A = "kvm"') == key("A=kvm")
    different = ["A = 5", "A = 5.0", 'A = "5"', "A != 5", "A @> 5", "A > 5", "B = 5", "A = 6"]
    assert len({key(text) for text in different}) == len(different)


def test_what_is_read() -> None:
    needs = {text: ColumnClause(comparison(text)).need for text in ("A = 5", "A > 5.9", "A != kvm", '"A/B" @> 5')}
    assert list(needs.values()) == [
        Need("A", "integers"),
        Need("A", "floats"),
        Need("A", "texts"),
        Need("A/B", "integers", several=True),
    ]


def test_one_value() -> None:
    clause = ColumnClause(comparison("A > 5"))
    assert [clause.test(value) for value in (6, "6", 5, None, [7], Computed(6.0))] == [
        True,
        True,
        False,
        False,
        True,
        True,
    ]


def test_the_verdicts_are_an_array_of_their_own() -> None:
    view = view_of([5, None, 6])
    assert view.present is not None
    before = view.present.copy()
    for text in ("A != 70000", "A = 70000", "A = 5"):
        words = ColumnClause(comparison(text)).verdicts(view)
        words[:] = 0
    assert (view.present == before).all()
    assert view.array.tolist() == [5, 0, 6]


def test_a_glob_that_takes_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(globs, "BUDGET", 1_000)
    contrived = ColumnClause(comparison(f'A = "*{"?a" * 500}[bc]*"'))
    texts = Need("A", "texts")
    with pytest.raises(LimitError):
        contrived.verdicts(view_of(["kvm", "a" * 2_000], "texts"))
    view = view_of(["kvm"], "texts").changed(texts, {0: "a" * 2_000}, 1)
    with pytest.raises(LimitError):
        contrived.verdicts(view)
    assert of_view(contrived, view_of(["kvm"], "texts"), 1) == [False]
