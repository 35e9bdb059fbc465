"""Budgets: exact at their edges, and configurable."""

from __future__ import annotations

from typing import Any

import pytest

from matchmaker import ExpressionError, Limits, Rank, RankError, Requirement, check


def codes(text: str, limits: Limits, expression: type[Requirement] | type[Rank] = Requirement) -> list[str]:
    try:
        expression(text, limits=limits)
    except ExpressionError as error:
        return [each.code for each in error.diagnostics]
    return []


def test_the_defaults_are_a_mebibyte_and_upstreams_nesting() -> None:
    assert Limits() == Limits(length=1_048_576, nodes=1_000_000, depth=9_998)


@pytest.mark.parametrize("name", ["length", "nodes", "depth"])
@pytest.mark.parametrize("value", [0, -1, 1.5, True, "1", None])
def test_a_limit_is_a_whole_number_of_at_least_one(name: str, value: Any) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        Limits(**{name: value})


@pytest.mark.parametrize("text", ["A = 5", 'A="é"', 'A="\U0001f600"', 'A="\ud800"', "A = 5 é"])
def test_length_is_counted_in_bytes_of_utf_8(text: str) -> None:
    size = len(text.encode("utf-8", "surrogatepass"))
    assert codes(text, Limits(length=size)) == codes(text, Limits())
    assert codes(text, Limits(length=size - 1)) == ["MM113"]


def test_the_default_length() -> None:
    text = 'A = "' + "x" * (1024 * 1024 - 6) + '"'
    assert len(text) == 1024 * 1024
    Requirement(text)
    with pytest.raises(ExpressionError):
        Requirement(text + " ")


@pytest.mark.parametrize(
    ("expression", "text", "nodes"),
    [
        (Requirement, "", 1),
        (Requirement, "A = 5", 3),
        (Requirement, "((A = 5))", 3),
        (Requirement, "!A = 5", 4),
        (Requirement, "!!A = 5", 3),
        (Requirement, "A = 5 & B = 5 | C = 5", 10),
        (Rank, "A", 1),
        (Rank, "- A", 2),
        (Rank, "A + B * 5", 5),
    ],
)
def test_nodes_are_comparisons_attributes_literals_and_operators(
    expression: type[Requirement] | type[Rank], text: str, nodes: int
) -> None:
    assert codes(text, Limits(nodes=nodes), expression) == []
    if nodes > 1:
        assert codes(text, Limits(nodes=nodes - 1), expression) == ["MM113"]


@pytest.mark.parametrize(
    ("expression", "text", "depth"),
    [
        (Requirement, "A = 5", 3),
        (Requirement, "((A = 5))", 5),
        (Requirement, "A = 5 & A @> 5", 6),
        (Rank, "A + (B)", 5),
    ],
)
def test_depth_is_how_many_symbols_wait(expression: type[Requirement] | type[Rank], text: str, depth: int) -> None:
    assert codes(text, Limits(depth=depth), expression) == []
    assert codes(text, Limits(depth=depth - 1), expression) == ["MM113"]


def test_a_rank_over_a_limit_has_no_partial_one() -> None:
    for limits in (Limits(length=4), Limits(depth=1), Limits(nodes=1)):
        with pytest.raises(RankError) as caught:
            Rank("A + B", limits=limits)
        assert caught.value.partial is None


def test_limits_do_not_get_into_the_way_of_each_other() -> None:
    text = "A = 1 & B = 2"
    Requirement(text)
    assert codes(text, Limits(nodes=6)) == ["MM113"]
    assert Requirement(text, limits=Limits(nodes=7)) == Requirement(text)


def test_check_knows_limits_too() -> None:
    assert [each.code for each in check("A = 5", limits=Limits(length=4))] == ["MM113"]
