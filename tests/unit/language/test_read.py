"""Text to a tree that may run: what is refused although it parses."""

from __future__ import annotations

from typing import Any

import pytest

from matchmaker import ExpressionError, Limits, Requirement
from matchmaker.language.dialects import dialect_named
from matchmaker.language.nodes import Attribute, Comparison, Integer
from matchmaker.language.read import read


def refused(text: Any, limits: Limits = Limits(), expression: str = "requirement") -> list[tuple[str, str, int, int]]:  # noqa: B008
    with pytest.raises(ExpressionError) as caught:
        read(text, dialect_named("opennebula"), expression, limits, "origin")
    return [(each.code, each.severity, *each.span) for each in caught.value.diagnostics]


def test_a_tree_and_remarks() -> None:
    tree, remarks = read("A = 5;", dialect_named("opennebula"), "requirement", Limits(), "origin")
    assert tree == Comparison(Attribute("A"), "=", Integer(5))
    assert [(each.code, *each.span) for each in remarks] == [("MM201", 5, 6)]


@pytest.mark.parametrize("text", [None, 5, b"A = 5", ["A"], object()])
def test_only_texts_are_read(text: Any) -> None:
    assert refused(text) == [("MM114", "error", 0, 0)]


def test_a_text_that_is_too_long_is_not_parsed() -> None:
    assert refused("( " * 100, Limits(length=199)) == [("MM113", "error", 0, 1)]


def test_remarks_come_with_errors() -> None:
    codes = [code for code, *_ in refused("A ; = 5 )")]
    assert codes[0] == "MM201"
    assert len(codes) == 2


def test_the_null_string_is_no_name() -> None:
    assert refused('A = 5 & "" = 6') == [("MM108", "error", 8, 10)]
    assert refused('5 * ""', expression="rank") == [("MM108", "error", 4, 6)]


def test_dangerous_xpath_is_refused() -> None:
    (found,) = refused('"A[B[C=1]]" = 5')
    assert found[1:] == ("error", 0, 11)
    assert refused(f'"{"A/" * 128}A" = 5')
    read(f'"{"A/" * 127}A" = 5', dialect_named("opennebula"), "requirement", Limits(), "origin")


def test_the_origin_is_in_the_message() -> None:
    with pytest.raises(ExpressionError, match=" --> origin:1:3"):
        read("A >= 5", dialect_named("opennebula"), "requirement", Limits(), "origin")


def test_a_quoted_name_is_no_longer_than_an_xpath_may_be() -> None:
    name = "A" * 257
    assert Requirement(f"{name} = 5").attributes == {name}
    assert Requirement(f'"{name[1:]}" = 5').attributes == {name[1:]}
    with pytest.raises(ExpressionError, match="longer than 256 characters"):
        Requirement(f'"{name}" = 5')
