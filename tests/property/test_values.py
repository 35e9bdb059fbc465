"""A Python value stands for a text: both give the same answers."""

from __future__ import annotations

from typing import Any

from hypothesis import example, given

from matchmaker import Rank, Requirement
from matchmaker.testing import candidates, ranks, requirements
from tests.property.naive import plain


def as_text(value: Any) -> Any:
    """Return what a value stands for, written as text."""
    if isinstance(value, dict):
        return {key: as_text(held) for key, held in value.items()}
    if isinstance(value, list):
        return [as_text(held) for held in value]
    if isinstance(value, bool):
        return "YES" if value else "NO"
    if isinstance(value, float):
        return plain(value)
    return str(value) if isinstance(value, int) else value


@given(requirements(), candidates())
@example(Requirement("A = 16777217.0"), {"A": 16777217})
@example(Requirement("A = 3.0"), {"A": 3.0})
@example(Requirement('A = "3"'), {"A": 3.0})
@example(Requirement('A = "0.0000001"'), {"A": 1e-7})
@example(Requirement('A = "1*.0"'), {"A": 1e22})
def test_requirements_read_values_as_their_texts(requirement: Requirement, candidate: dict[str, Any]) -> None:
    assert requirement.matches(candidate) is requirement.matches(as_text(candidate))


@given(ranks(), candidates())
@example(Rank("A"), {"A": 2**53 + 1})
@example(Rank("A"), {"A": float("nan")})
@example(Rank("A"), {"A": float("inf")})
def test_ranks_read_values_as_their_texts(rank: Rank, candidate: dict[str, Any]) -> None:
    assert rank.score(candidate) == rank.score(as_text(candidate))


@given(requirements(max_depth=2), candidates())
def test_none_and_the_empty_list_are_missing(requirement: Requirement, candidate: dict[str, Any]) -> None:
    nothing = {key: value for key, value in candidate.items() if value is not None and value != []}
    assert requirement.matches(candidate) is requirement.matches(nothing)


@given(requirements(max_depth=2), candidates())
def test_a_list_of_one_is_that_one(requirement: Requirement, candidate: dict[str, Any]) -> None:
    listed = {
        key: [value] if not isinstance(value, list | dict) and value is not None else value
        for key, value in candidate.items()
    }
    assert requirement.matches(candidate) is requirement.matches(listed)
