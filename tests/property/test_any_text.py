"""Any text gives an expression or an `ExpressionError` that can be read; never anything else."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from matchmaker import ExpressionError, Limits, MatchmakerError, Rank, RankError, Requirement, check
from matchmaker.language.printer import print_tree
from matchmaker.testing import candidates
from tests.property.hostile import Shout, Trap, texts

KINDS = ("plain", "host", "datastore", "network")


def assert_readable(error: ExpressionError, text: str) -> None:
    assert error.diagnostics
    assert "error" in {diagnostic.severity for diagnostic in error.diagnostics}
    for diagnostic in error.diagnostics:
        assert 0 <= diagnostic.span.start <= diagnostic.span.end <= max(len(text), 1)
        assert diagnostic.code in str(error)
    again = pickle.loads(pickle.dumps(error))
    assert str(again) == str(error)
    assert again.diagnostics == error.diagnostics


@given(texts, candidates())
@example("A=\ud800", {})
@example('A="\ud800"', {"A": "\ud800"})
@example("\0", {})
@example('"" = 5', {})
@example('"', {})
def test_any_text_is_a_requirement_or_an_error(text: str, candidate: dict[str, Any]) -> None:
    try:
        requirement = Requirement(text)
    except ExpressionError as error:
        assert_readable(error, text)
        return
    assert str(requirement) == text
    assert requirement.matches(candidate) in (True, False)
    again = Requirement(print_tree(requirement.tree))
    assert again == requirement
    assert again.matches(candidate) == requirement.matches(candidate)


@given(texts, candidates())
@example("FREE_CPU -1", {"FREE_CPU": 5})
@example("+5", {})
@example('"" A', {})
def test_any_text_is_a_rank_or_an_error(text: str, candidate: dict[str, Any]) -> None:
    try:
        rank = Rank(text)
    except RankError as error:
        assert_readable(error, text)
        if error.partial is not None:
            assert text.startswith(str(error.partial))
            assert -(2**31) <= error.partial.score(candidate) < 2**31
        return
    assert str(rank) == text
    assert Rank(print_tree(rank.tree)) == rank
    assert -(2**31) <= rank.score(candidate) < 2**31


@given(texts, st.sampled_from(("requirement", "rank")), st.sampled_from(KINDS))
def test_check_returns_whatever_the_text_is(text: str, expression: Any, kind: Any) -> None:
    found = check(text, expression=expression, kind=kind)
    try:
        known = (Requirement if expression == "requirement" else Rank)(text).diagnostics
        refused = False
    except ExpressionError as error:
        known, refused = error.diagnostics, True
    assert refused == any(diagnostic.severity == "error" for diagnostic in found)
    assert {diagnostic.code for diagnostic in known} <= {diagnostic.code for diagnostic in found}


@pytest.mark.parametrize(
    "text", [None, 5, b"A = 5", ["A = 5"], object(), Trap(), str], ids=lambda value: type(value).__name__
)
def test_what_is_no_text_is_an_expression_error(text: Any) -> None:
    with pytest.raises(ExpressionError):
        Requirement(text)
    with pytest.raises(RankError) as caught:
        Rank(text)
    assert caught.value.partial is None
    assert [diagnostic.severity for diagnostic in check(text)] == ["error"]


@pytest.mark.parametrize("content", ["A = 5", "A >= 5", "A"])
def test_texts_with_methods_of_their_own_are_read_as_they_are(content: str) -> None:
    for expression in (Requirement, Rank):
        outcomes = []
        for text in (content, Shout(content)):
            try:
                outcomes.append(str(expression(text)))
            except MatchmakerError as error:
                outcomes.append(str(error))
        assert outcomes[0] == outcomes[1]
        assert type(outcomes[1]) is str


@given(texts, st.integers(1, 40), st.integers(1, 10), st.integers(1, 12))
def test_any_limits_give_an_expression_or_an_error(text: str, length: int, nodes: int, depth: int) -> None:
    limits = Limits(length=length, nodes=nodes, depth=depth)
    for expression in (Requirement, Rank):
        try:
            assert str(expression(text, limits=limits)) == text
            assert len(text.encode("utf-8", "surrogatepass")) <= length
        except ExpressionError as error:
            assert_readable(error, text)
