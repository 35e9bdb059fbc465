"""Texts of one shape are parsed by remembered moves: to the same trees, places and remarks as by the parser."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchmaker import ExpressionError, Limits, Rank, Requirement
from matchmaker.language import grammar, shapes
from matchmaker.language.nodes import walk
from matchmaker.testing import ranks, requirements

Expression = type[Requirement] | type[Rank]


@pytest.fixture(autouse=True)
def nothing_known() -> Iterator[None]:
    grammar.parser.cache_clear()
    yield
    grammar.parser.cache_clear()


def read(expression: Expression, text: str, dialect: str = "opennebula") -> Any:
    """Construct without the cache of texts, and return all that there is to compare."""
    try:
        made = expression(text, dialect=dialect, limits=Limits(length=100_000))
    except ExpressionError as error:
        return str(error), error.diagnostics
    return [(type(node), node.span) for node in walk(made.tree)], made.tree, made.diagnostics, made.attributes


def by_parser(expression: Expression, text: str, dialect: str = "opennebula") -> Any:
    with patch.object(grammar, "LONGEST_SHAPE", -1):
        return read(expression, text, dialect)


@pytest.mark.parametrize(
    ("expression", "texts"),
    [
        (Requirement, ["A = 1", "BCD = 22", "E  =   -3", "A = 99999999999", "A\n=.5", "A = 1"]),
        (Requirement, ['A = "x" & !(B > 1)', 'C="" & ! (D > 2)', '"a/b" = "*" & !("" > 1)', 'A = "y" & !(B > 3)']),
        (Requirement, ["", " ", "#", ""]),
        (Requirement, ["!!!A = 1", "! ! !B = 2", "!!!C=3"]),
        (Rank, ["- (A + 1.5) * B", "-(C+0.0)*D", "-(E + -0.0) * F", "- (A + 2.5) * B"]),
        (Rank, ["A + -0.0 - B", "A + 1.0 - B", "A + -0.0 - C"]),
        (Rank, ["A +", "B +", "C +"]),
        (Requirement, ["A >= 1", "B >= 2", "C $>= 3 $", "D >= 4"]),
    ],
)
def test_texts_of_one_shape(expression: Expression, texts: list[str]) -> None:
    for text in texts * 2:
        assert read(expression, text) == by_parser(expression, text)


@pytest.mark.parametrize(
    ("expression", "texts"),
    [
        (
            Requirement,
            [
                "A = 1 & B = 2 | C = 3",
                "A < 1 && B @> 2 or C == 3",
                "A = 1e999 and B >= 2||C!=3",
                "A @> B & B = 2 | C = 3",
            ],
        ),
        (Requirement, ['A = "x"', '"A/B" == "x"', 'A < "x"', '"" = ""']),
        (Requirement, ["exists(A)", "foo(A)", "min(B)", "exists(BC)"]),
        (Requirement, ["!(A in [1, B])", "not (B in [0, C])", "! # )\n(D in [2, E])"]),
        (Rank, ["-5 + -X", "-0 + -Y", "-1.5 - -Z", "-0.0 - -X"]),
        (Rank, ["--5 * -(A + B)", "--0 / -(C - D)", "- -7 / -(C + D)"]),
        (Rank, ["A = 1 ? REQUEST.B : min(C, 2)", "A < 2 ? REQUEST.C : max(D, 3)", "B = 2 ? REQUEST.D : exists(E, 4)"]),
        (Rank, ["(A + B) * C + 1", "(A - B) / CDE - 2"]),
        (Rank, ["", " ", "# x", "\n"]),
        (Rank, ["A ? B", "C ? D", "E ? F"]),
    ],
)
def test_texts_of_one_shape_in_the_extended_dialect(expression: Expression, texts: list[str]) -> None:
    for text in texts * 2:
        assert read(expression, text, "extended") == by_parser(expression, text, "extended")


def test_the_third_text_needs_no_parser() -> None:
    for text in ("A = 1 & B = 2", "C = 3 & D = 4"):
        Requirement(text, limits=Limits(length=1_000))
    with patch("lark.Lark.parse", side_effect=AssertionError):
        assert str(Requirement("E = 5 & F = 6", limits=Limits(length=1_000)).tree.operands[1]) is not None  # type: ignore[attr-defined]
        with pytest.raises(AssertionError):
            Requirement("E = 5 & F > 6", limits=Limits(length=1_000))


def test_few_shapes_are_remembered() -> None:
    with patch.object(shapes, "MOST", 3):
        for length in range(1, 9):
            for _ in range(3):
                text = " & ".join(f"A = {number}" for number in range(length))
                assert read(Requirement, text) == by_parser(Requirement, text)


def test_nesting_is_limited_as_by_the_parser() -> None:
    for _ in range(3):
        for text in ("((((A = 1))))", "((((BC = 12))))"):
            with pytest.raises(ExpressionError) as caught:
                Requirement(text, limits=Limits(depth=4))
            assert caught.value.diagnostics[0].code == "MM113"
            assert Requirement(text, limits=Limits(depth=40)).attributes


@given(st.lists(requirements(max_depth=2).map(str) | ranks(max_depth=2).map(str), min_size=1, max_size=5))
def test_any_texts(texts: list[str]) -> None:
    for text in texts * 3:
        for expression in (Requirement, Rank):
            assert read(expression, text) == by_parser(expression, text)


@given(
    st.lists(
        requirements(dialect="extended", max_depth=2).map(str) | ranks(dialect="extended", max_depth=2).map(str),
        min_size=1,
        max_size=5,
    )
)
def test_any_texts_of_the_extended_dialect(texts: list[str]) -> None:
    for text in texts * 3:
        for expression in (Requirement, Rank):
            assert read(expression, text, "extended") == by_parser(expression, text, "extended")
