"""All engines give the answers of the closures, and the closures those of the language's description."""

from __future__ import annotations

from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from matchmaker import Rank, Requirement
from matchmaker.language.nodes import Node
from matchmaker.testing import candidates, ranks, requirements
from matchmaker.testing.trees import rank_trees, requirement_trees
from tests.property import naive
from tests.property.engines import one_answer, scores, verdicts

pools = st.lists(candidates(), min_size=1, max_size=4)


@given(requirement_trees(), pools)
@example(Requirement("A = 5").tree, [{"A": [10**400]}])
@example(Requirement("A = 5").tree, [{"A": 5.9}, {"A": "5.9"}, {"A": 4.9}])
@example(Requirement("A = YES").tree, [{"A": True}, {"A": False}, {"A": [False, True]}])
@example(Requirement("A > 2147483647 | A < -2147483648").tree, [{"A": 2**40}, {"A": -(2**40)}, {"A": 0}])
def test_engines_agree_on_requirements(tree: Node, pool: list[dict[str, Any]]) -> None:
    answers = one_answer(verdicts(tree, pool))
    assert answers == [naive.matches(tree, candidate) for candidate in pool]


@given(rank_trees(), pools)
@example(Rank("1 / A * 0").tree, [{"A": 0}, {"A": "-0.0"}, {}])
@example(Rank("A - 16777216").tree, [{"A": 16777217}, {"A": "16777217"}, {"A": 16777218}])
@example(Rank("A * 1").tree, [{"A": 2**53 + 1}, {"A": 2**60 + 2**36 + 1}])
def test_engines_agree_on_ranks(tree: Node, pool: list[dict[str, Any]]) -> None:
    answers = one_answer(scores(tree, pool))
    assert answers == [naive.score(tree, candidate) for candidate in pool]


@given(requirements(), pools)
def test_a_requirement_gives_the_answers_of_its_tree(requirement: Requirement, pool: list[dict[str, Any]]) -> None:
    expected = [naive.matches(requirement.tree, candidate) for candidate in pool]
    assert [requirement.matches(candidate) for candidate in pool] == expected
    assert requirement.filter(pool) == [candidate for candidate, passes in zip(pool, expected, strict=True) if passes]


@given(ranks(), pools)
def test_a_rank_gives_the_answers_of_its_tree(rank: Rank, pool: list[dict[str, Any]]) -> None:
    assert [rank.score(candidate) for candidate in pool] == [naive.score(rank.tree, candidate) for candidate in pool]
