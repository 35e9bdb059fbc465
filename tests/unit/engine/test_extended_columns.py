"""Formulas of the extended dialect over columns, against the closures."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from matchmaker import Rank, Requirement
from matchmaker.engine import bitmaps, extended_columns
from matchmaker.engine.attribute_clauses import Among, Exists
from matchmaker.engine.blocks import Sources
from matchmaker.engine.building import build
from matchmaker.engine.columns import Need, View
from matchmaker.engine.extended_columns import ColumnCondition, DoubleRankColumns
from matchmaker.engine.verdicts import AttributeClause
from tests.unit.engine.test_columnar import at_most

VALUES: tuple[Any, ...] = (
    *(0, 1, -1, 5, 7, 0.1, -0.5, 2.5, 3.5, -0.0, -0.4, 1e308, 5e-324, 2**53 + 1, 10**30, 10**400, math.nan, math.inf),
    *("5", "5e", "0x10", "", "kvm", "k*", None, [], [None, "x", 7], True),
)
POOL = [{"A": one, "B": other} for one, other in itertools.product(VALUES, repeat=2)]


def requirement(text: str, **request: Any) -> Requirement:
    return Requirement(text, dialect="extended").bind(request)


def rank(text: str, **request: Any) -> Rank:
    return Rank(text, dialect="extended").bind(request)


def sources(needs: frozenset[Need], pool: Sequence[dict[str, Any]]) -> Sources:
    """Return the columns of a pool."""
    views = build(needs, [{need.name: [each.get(need.name) for each in pool] for need in needs}])
    return Sources(views.__getitem__, lambda clause: clause.verdicts(*(views[need] for need in clause.needs)))


def masked(wanted: Requirement, pool: Sequence[dict[str, Any]]) -> list[int]:
    """Return the slots that meet a requirement."""
    program = wanted.columns
    read = sources(program.needs, pool)

    def verdicts(clause: Any) -> bitmaps.Words:
        if isinstance(clause, AttributeClause):
            return read.verdicts(clause)
        words: bitmaps.Words = clause.verdicts(read, len(pool))
        return words

    found: list[int] = bitmaps.positions(program.mask(verdicts, bitmaps.everything(len(pool)))).tolist()
    return found


def scored(wanted: Rank, pool: Sequence[dict[str, Any]], slots: list[int] | None = None) -> list[float]:
    """Return the scores of all slots, or of some."""
    program = wanted.columns
    assert isinstance(program, DoubleRankColumns)
    chosen = None if slots is None else np.array(slots, np.intp)
    scores = program.scores(sources(program.needs, pool), len(pool) if slots is None else len(slots), chosen)
    assert scores.dtype == np.float64
    listed: list[float] = scores.tolist()
    return listed


def as_scores(numbers: Sequence[float | None]) -> list[str]:
    """Write scores so that those with different signs differ, and what is none is alike."""
    return [repr(math.nan if number is None else number) for number in numbers]


REQUIREMENTS = (
    *("", "A = 5", "A != 5", "A < 2.5", "A <= 2.5", "A > 0", "A >= 1e308", "A @> 7"),
    *('A = ""', 'A != ""', 'A @> ""', 'A == "k*"', 'A = "k*"', 'A == "5"', 'A != "k*"', 'A @> "x"'),
    *("A = 9007199254740993", "A < 1e300", "A > -1e300", "A = 5e-324", "A = B", "A != B", "A < B", "A >= B"),
    *("A / B != A / B", "A / B = A / B", "A + B > 1 & !(A - B < 0)", "!(A * B > 0) | exists(A)", "!exists(B)"),
    *('A in [5, 0.1, 9007199254740993]', 'A in ["k*", "x", ""]', 'A in [7, "kvm", "5*"]', "A in [B, 5]", "A + 0 in [B, 5]"),
    *('A in [B + 1, 5, "k*"]', "(A > 1 ? B : A) = 5", "A > 1 ? exists(B) : B = 5", "A > 1 ? B = 7 : A < 0"),
    *("default(A, B) = 5", "default(A, 1) > default(B, 2)", "min(A, B) = 5", "max(A, B) != 5", "min(A) = A"),
    *("abs(A) = 0.5", "round(A) = 2", "round(A) = 0 - 0", "1 / round(A) < 0", "1 / min(A, B) < 0", "1 / max(B, A) < 0"),
    *("(A = 5) + (B = 5) = 1", "1 = 1", "1 / 0 > 5", "0 / 0 != 0 / 0", "REQUEST.X > A", 'REQUEST.X = "5"'),
    *("REQUEST.Y = 5", "exists(REQUEST.X)", "exists(REQUEST.Y)", "REQUEST.X in [A, 5]", "A + 0 in [REQUEST.X]"),
)  # fmt: skip


@pytest.mark.parametrize("text", REQUIREMENTS)
def test_requirements(text: str) -> None:
    wanted = requirement(text, X="5 GB")
    readable = [each for each in POOL if 10**400 not in each.values()]  # which has no text
    assert masked(wanted, readable) == [slot for slot, each in enumerate(readable) if wanted.matches(each)]
    assert masked(wanted, []) == []


RANKS = (
    *("", "5", "A", "- A", "A + B", "A - B", "A * B", "A / B", "- A / B", "A - (B - A)", "A + B + A + 1", "B - A - 1 - B"),
    *("0 / 0", "1 / 0", "- (1 / 0)", "A = 5", "exists(A)", "!(A = 5)", '(A = "k*") * 100 - B', "default(A, 0)"),
    *("default(A / 0, 7)", "default(REQUEST.X, A)", "default(REQUEST.Y, B)", "min(A, B)", "max(A, B)", "min(B, A, 0)"),
    *("1 / min(A, B)", "1 / max(A, B)", "abs(A)", "round(A)", "round(- A)", "1 / round(A)", "A > 1 ? B : A"),
    *("A = 5 ? 1 : 2", "A = 5 ? B = 5 : B = 7", "A > 0 ? B : 0 / 0", "REQUEST.X", "REQUEST.Y", "REQUEST.X + A", "min(A)"),
    *("max(A = 5, B)", "(A in [B, 5]) + A", "A * 1e308 * 10", "A / 1e308 / 1e308"),
)  # fmt: skip


@pytest.mark.parametrize("text", RANKS)
def test_ranks(text: str) -> None:
    wanted = rank(text, X=" +7.5e0x")
    readable = [each for each in POOL if 10**400 not in each.values()]
    expected = as_scores([wanted.score(each) for each in readable])
    assert as_scores(scored(wanted, readable)) == expected
    assert scored(wanted, []) == []
    some = list(range(0, len(readable), 7))
    assert as_scores(scored(wanted, readable, some)) == [expected[slot] for slot in some]


@pytest.mark.parametrize("size", [1, 63, 64, 65, 200, 512, 513, 1_025])
def test_sizes_around_blocks(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extended_columns, "BLOCK", 1)  # the smallest is 512
    pool = [{"A": number % 9, "B": [None, 2.5, number][number % 3]} for number in range(size)]
    wanted, order = requirement("A + B > 5 | A / 2 = B"), rank("A * B")
    assert masked(wanted, pool) == [slot for slot, each in enumerate(pool) if wanted.matches(each)]
    assert as_scores(scored(order, pool)) == as_scores([order.score(each) for each in pool])


@pytest.mark.parametrize("kind", ["u1", "i1", "u2", "i2", "i4", "f4", "f8"])
def test_every_type_of_column(kind: str) -> None:
    """All are computed as doubles, and none is changed."""
    array = np.array([0, 1, 100, 5], kind)
    program = rank("- (A - 7) * A + A").columns
    assert isinstance(program, DoubleRankColumns)
    read = Sources(lambda need: View(array), lambda clause: clause.verdicts(View(array)))
    assert program.scores(read, 4).tolist() == [0, 7, -9_200, 15]
    assert array.tolist() == [0, 1, 100, 5]
    for text in ("A = 5", "A >= 0.5", "A < 100.5", "A <= 1e300", "A != 2.5", "A in [5, 0.5, 100, -1, 1e300]"):
        (clause,) = requirement(text).columns.clauses
        assert isinstance(clause, AttributeClause)
        expected = [requirement(text).matches({"A": number}) for number in array.tolist()]
        assert bitmaps.unpacked(clause.verdicts(View(array)), 4).tolist() == expected


def test_no_warnings_whatever_numpy_was_told() -> None:
    with np.errstate(all="raise"):
        for text in ("1 / A", "A * A * 1e308", "0 / A", "min(A, 0 / 0)", "A / 1e308 / 1e308", "abs(0 / 0)"):
            wanted = rank(text)
            assert as_scores(scored(wanted, POOL)) == as_scores([wanted.score(each) for each in POOL])
            assert masked(requirement(f"({text}) != 1"), POOL) is not None


def test_what_is_read() -> None:
    program = requirement('A + 1 > B & C = "k*" & exists(D) & E in [1, "x"] & "F/G" in [5] & H >= 5').columns
    computed, text, there, among, nested, number = program.clauses
    assert isinstance(computed, ColumnCondition)
    assert (computed.names, computed.needs) == ({"A", "B"}, {Need("A", "doubles"), Need("B", "doubles")})
    assert text.key[:3] == ("C", "=", "texts")
    assert isinstance(there, Exists)
    assert there.needs == (Need("D", "presence"),)
    assert isinstance(among, Among)
    assert among.needs == (Need("E", "doubles"), Need("E", "texts"))
    assert nested.needs == (Need("F/G", "doubles"),)
    assert number.key == ("H", ">=", "doubles", 5.0)
    assert program.names == {"A", "B", "C", "D", "E", "F/G", "H"}
    inside = rank('(A = "x") * 100 + exists(B) + C').columns
    assert inside.needs == {Need("A", "texts"), Need("B", "presence"), Need("C", "doubles")}


def test_what_tells_formulas_apart() -> None:
    def key(text: str, **request: Any) -> Any:
        (clause,) = requirement(text, **request).columns.clauses
        return clause.key

    assert key("A+1>B") == key("(A + 1) > B")
    texts = ("A + 1 > B", "A + 1 > C", "A + 1 >= B", "A + REQUEST.X > B", 'A in [1, "1"]', "A in [1]", 'A in ["1"]')
    assert len({key(text) for text in texts}) == len(texts)
    bound = [key("A + REQUEST.X > B", X=value) for value in (None, 1, 1.0, True, ["1", "2"], "1,2")]
    assert len(set(bound)) == len(bound)
    assert key("A + REQUEST.X > B", X=1) == key("A + REQUEST.X > B", X=1, Y=2)
    assert key('A = ""') != Requirement('A = ""').columns.clauses[0].key
    assert key('A = "x"') == Requirement('A = "x"').columns.clauses[0].key
    assert rank("A").columns.key != Rank("A").columns.key


def test_wide_expressions_take_bounded_memory() -> None:
    """All that their operands read at once would be hundreds of megabytes."""
    pool = [{"A": number % 9} for number in range(40_000)]
    terms = range(2_000)
    wanted = requirement(" + ".join(f"(A = {number % 9}) * {number}" for number in terms) + " > 225000")
    order = rank(f"min({', '.join(f'A * {number}' for number in terms)})")
    (condition,) = wanted.columns.clauses
    assert isinstance(condition, ColumnCondition)
    read, other = sources(wanted.columns.needs, pool), sources(order.columns.needs, pool)
    assert isinstance(order.columns, DoubleRankColumns)
    with at_most(20):
        words = condition.verdicts(read, len(pool))
        scores = order.columns.scores(other, len(pool))
    assert bitmaps.unpacked(words, len(pool))[:9].tolist() == [wanted.matches(each) for each in pool[:9]]
    assert scores[:9].tolist() == [order.score(each) for each in pool[:9]]


def test_verdicts_that_take_much_memory_are_not_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matchmaker.engine.blocks._MOST_HELD", 100)
    pool = [{"A": number % 9} for number in range(1_000)]
    wanted = rank("(A = 5) + (A = 6) * 2 + (A = 5) * 4")
    assert scored(wanted, pool) == [wanted.score(each) for each in pool]


def test_expressions_that_nest_as_deeply_as_they_may() -> None:
    text = "A"
    for number in range(45):
        text = f"(A {'+-'[number % 2]} B * {text})"
    order, wanted = rank(text), requirement(f"{text} > {text}" if len(text) < 1_000 else f"{text} > 5")
    pool = [{"A": number % 7, "B": number % 3 - 1} for number in range(2_000)]
    assert scored(order, pool) == [order.score(each) for each in pool]
    assert masked(wanted, pool) == [slot for slot, each in enumerate(pool) if wanted.matches(each)]
