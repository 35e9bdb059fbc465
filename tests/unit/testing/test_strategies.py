"""The strategies draw what they say, over the whole language; and say which extra they need."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

import matchmaker.testing
from matchmaker import CandidateError, Rank, Requirement
from matchmaker.language.nodes import (
    Attribute,
    Blank,
    Call,
    Chain,
    Choice,
    Comparison,
    Float,
    Integer,
    Membership,
    Negative,
    Node,
    Not,
    Number,
    Relation,
    RequestAttribute,
    Text,
    depth,
    walk,
)
from matchmaker.testing import candidates, ranks, requirements

ONCE = settings(max_examples=3_000, phases=[Phase.generate], derandomize=True, database=None)


def drawn(strategy: st.SearchStrategy[Any], wanted: Any) -> Any:
    return find(strategy, wanted, settings=ONCE)


@given(requirements(names=("A", "X Y"), max_depth=2), ranks(names=("B",), max_depth=1), candidates(names=("A", "B")))
def test_names_and_depth_are_those_asked_for(requirement: Requirement, rank: Rank, candidate: dict[str, Any]) -> None:
    assert type(requirement) is Requirement
    assert type(rank) is Rank
    assert type(candidate) is dict
    assert requirement.attributes <= {"A", "X Y"}
    assert rank.attributes <= {"B"}
    assert set(candidate) <= {"A", "B"}
    assert depth(requirement.tree) <= 4
    assert depth(rank.tree) <= 2


def has(kind: type[Node], **held: Any) -> Any:
    def wanted(expression: Requirement | Rank) -> bool:
        return any(
            isinstance(node, kind) and all(getattr(node, name) == value for name, value in held.items())
            for node in walk(expression.tree)
        )

    return wanted


@pytest.mark.parametrize(
    "wanted",
    [
        has(Blank),
        has(Not),
        *(has(Comparison, operator=operator) for operator in ("=", "!=", "@>", ">", "<")),
        has(Integer, value=2**31 - 1),
        has(Integer, value=-(2**31)),
        has(Float, value=float("inf")),
        has(Text, value=""),
        lambda requirement: any("[" in node.value for node in walk(requirement.tree) if isinstance(node, Text)),
        lambda requirement: any(
            {operator for operator, _ in node.rest} == {"&", "|"}
            for node in walk(requirement.tree)
            if isinstance(node, Chain)
        ),
        lambda requirement: any(each.code == "MM201" for each in requirement.diagnostics),
        lambda requirement: "((" in str(requirement) and str(requirement).count("((") > 1,
        lambda requirement: "! =" in str(requirement),
        lambda requirement: "!!" in str(requirement),
        lambda requirement: '"A"' in str(requirement) and "A" in requirement.attributes,
        lambda requirement: "/" in "".join(requirement.attributes),
        lambda requirement: depth(requirement.tree) >= 6,
    ],
)
def test_requirements_are_nasty(wanted: Any) -> None:
    drawn(requirements(), wanted)


@pytest.mark.parametrize(
    "wanted",
    [
        has(Blank),
        has(Negative),
        has(Float),
        *(lambda rank, op=op: any(op in dict(getattr(node, "rest", ())) for node in walk(rank.tree)) for op in "+-*/"),
        lambda rank: depth(rank.tree) >= 5,
    ],
)
def test_ranks_are_nasty(wanted: Any) -> None:
    drawn(ranks(), wanted)


@pytest.mark.parametrize(
    "wanted",
    [
        has(Blank),
        *(has(Comparison, operator=operator) for operator in ("=", "!=", "@>", ">", ">=", "<", "<=", "==")),
        *(has(Relation, operator=operator) for operator in ("=", "!=", ">", ">=", "<", "<=", "==")),
        *(has(Call, function=function) for function in ("exists", "default", "min", "max", "abs", "round")),
        *(has(kind) for kind in (Membership, Choice, Not, Negative, Attribute, RequestAttribute, Chain)),
        has(Number, value=5e-324),
        has(Text, value=""),
        lambda requirement: " and " in str(requirement) and "&&" in str(requirement),
        lambda requirement: "==" in str(requirement) and "#" in str(requirement),
        lambda requirement: "((" in str(requirement) and "!!" in str(requirement),
        lambda requirement: "/" in "".join(requirement.attributes),
    ],
)
def test_requirements_of_the_extended_dialect_are_nasty(wanted: Any) -> None:
    drawn(requirements(dialect="extended"), wanted)


@pytest.mark.parametrize(
    "wanted",
    [
        has(Blank),
        *(has(kind) for kind in (Membership, Relation, Comparison, Choice, Not, Negative, RequestAttribute)),
        *(
            lambda rank, op=op: any(op in dict(getattr(node, "rest", ())) for node in walk(rank.tree))
            for op in "+-*/&|"
        ),
    ],
)
def test_ranks_of_the_extended_dialect_are_nasty(wanted: Any) -> None:
    drawn(ranks(dialect="extended"), wanted)


@given(
    requirements(names=("A",), dialect="extended", max_depth=2), ranks(names=("B",), dialect="extended", max_depth=1)
)
def test_names_and_depth_are_those_asked_for_in_the_extended_dialect(requirement: Requirement, rank: Rank) -> None:
    assert (requirement.dialect, rank.dialect) == ("extended", "extended")
    assert requirement.attributes <= {"A"}
    assert rank.attributes <= {"B"}
    assert depth(requirement.tree) <= 4
    assert depth(rank.tree) <= 3


@pytest.mark.parametrize(
    "wanted",
    [
        lambda value: type(value) is int and abs(value) > 2**64,
        lambda value: isinstance(value, float) and value != value,
        lambda value: isinstance(value, float) and value == float("inf"),
        lambda value: value is True,
        lambda value: value is None,
        lambda value: value == [],
        lambda value: isinstance(value, list) and len(value) > 1,
        lambda value: value == "8 cores",
        lambda value: value == "",
        lambda value: isinstance(value, str) and not value.isascii(),
    ],
)
def test_candidates_have_values_of_every_type(wanted: Any) -> None:
    drawn(candidates(names=("A",)), lambda candidate: "A" in candidate and wanted(candidate["A"]))


def test_candidates_have_nested_mappings_for_paths() -> None:
    for wanted in (
        lambda candidate: "A/B" in candidate,
        lambda candidate: isinstance(candidate.get("A"), dict) and isinstance(candidate["A"]["B"], int),
        lambda candidate: isinstance(candidate.get("A"), dict) and isinstance(candidate["A"]["B"], list),
    ):
        drawn(candidates(names=("A/B",)), wanted)


@given(requirements(), ranks(), candidates())
def test_candidates_are_supported(requirement: Requirement, rank: Rank, candidate: dict[str, Any]) -> None:
    try:
        assert requirement.matches(candidate) in (True, False)
        rank.score(candidate)
    except CandidateError as error:
        raise AssertionError(f"{candidate} is refused") from error


def test_another_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'nonsense'"):
        matchmaker.testing.nonsense  # noqa: B018


WITHOUT_HYPOTHESIS = """
import sys
sys.modules["hypothesis"] = None
import matchmaker
from matchmaker import testing
testing.assert_matches("A = 5", {"A": 5})
for name in ("requirements", "ranks", "candidates"):
    try:
        getattr(testing, name)
    except matchmaker.ExtraMissing as error:
        assert error.extra == "testing"
        print(error)
"""


def test_without_hypothesis_the_extra_is_named_and_the_assertions_work() -> None:
    checkout = Path(matchmaker.__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_HYPOTHESIS], capture_output=True, text=True, check=True, cwd=checkout
    )
    assert done.stdout.splitlines() == [
        f"`matchmaker.testing.{name}` needs an extra: pip install 'matchmaking-expressions[testing]'"
        for name in ("requirements", "ranks", "candidates")
    ]


def test_importing_the_assertions_does_not_import_hypothesis() -> None:
    script = "import sys, matchmaker.testing; assert 'hypothesis' not in sys.modules"
    subprocess.run([sys.executable, "-c", script], check=True, cwd=Path(matchmaker.__file__).parents[1])
