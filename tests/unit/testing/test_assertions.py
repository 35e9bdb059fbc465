"""Assertions pass silently, and fail with all that one needs to see."""

from __future__ import annotations

import doctest
from types import MappingProxyType
from typing import Any

import pytest

from matchmaker import CandidateError, ExpressionError, Pool, Rank, Requirement
from matchmaker.opennebula import candidate
from matchmaker.testing import assert_matches, assert_ranking, assertions

POOL = Pool([{"N": "a", "CPU": 1}, {"N": "b", "CPU": 2}, {"N": "c", "CPU": 3}, {"N": "d", "CPU": "x"}], key="N")
HOST = candidate("<HOST><ID>3</ID><TEMPLATE><HYPERVISOR>kvm</HYPERVISOR></TEMPLATE><VMS><ID>5</ID></VMS></HOST>")


def failure(assertion: Any, *arguments: Any) -> str:
    with pytest.raises(AssertionError) as caught:
        assertion(*arguments)
    return str(caught.value)


def test_the_examples_of_the_docstrings() -> None:
    failed, attempted = doctest.testmod(assertions)
    assert attempted == 2
    assert failed == 0


@pytest.mark.parametrize(
    ("requirement", "subject"),
    [
        ("", {}),
        ("A = 5", {"A": "5"}),
        (Requirement("A = 5"), {"A": 5}),
        ("A = 5", MappingProxyType({"A": 5})),
        ('HYPERVISOR = "k*" & "VMS/ID" @> 5', HOST),
    ],
)
def test_what_matches_passes(requirement: Any, subject: Any) -> None:
    assert_matches(requirement, subject)


def test_a_failure_in_the_extended_dialect() -> None:
    text = 'A >= 5 & B < C | A in [1, "x"] & NAME == "" & (exists(D) ? REQUEST.E = 1 : (A = 4) * 2 > B)'
    requirement = Requirement(text, dialect="extended")
    assert failure(assert_matches, requirement, {"A": "4", "B": "x", "C": None, "NAME": ""}) == (
        f"the candidate does not meet the requirement: {text}\n"
        "  false  A >= 5           '4'\n"
        "  false  B < C            B: 'x', which does not convert to a number, C: missing\n"
        "  false  A in [1, \"x\"]    '4'\n"
        "  true   NAME == \"\"       ''\n"
        "  false  exists(D)        missing\n"
        "  false  REQUEST.E = 1\n"
        "  false  (A = 4) * 2 > B  A: '4', B: 'x', which does not convert to a number"
    )


def test_a_failure_shows_each_clause_with_its_verdict_and_the_value() -> None:
    text = '(HYPERVISOR = kvm & CLUSTER_ID = 3 | "A/B" = 5) & MEM > 4 & !(RACK = "r1?") & LOAD < 2.5 & NOTE != ""'
    subject = {
        "HYPERVISOR": "kvm",
        "CLUSTER_ID": "abc",
        "A": {"B": [5, 6]},
        "MEM": 3 * 2**40,
        "RACK": ["r12", None],
        "NOTE": "x" * 200,
    }
    assert failure(assert_matches, text, subject) == (
        f"the candidate does not meet the requirement: {text}\n"
        "  true   HYPERVISOR = \"kvm\"  'kvm'\n"
        "  false  CLUSTER_ID = 3      'abc', which does not convert to a 32-bit integer\n"
        '  true   "A/B" = 5           [5, 6]\n'
        "  false  MEM > 4             3298534883328, which does not convert to a 32-bit integer\n"
        "  true   RACK = \"r1?\"        ['r12', None]\n"
        "  false  LOAD < 2.5          missing\n"
        f'  false  NOTE != ""          \'{"x" * 96}...'
    )


def test_a_failure_on_a_document() -> None:
    shown = failure(assert_matches, 'HYPERVISOR = xen | CURRENT_VMS = 7 | FREE_CPU > 5 | "VMS/ID" > 5', HOST)
    assert shown.splitlines()[1:] == [
        "  false  HYPERVISOR = \"xen\"  'kvm'",
        "  false  CURRENT_VMS = 7     CurrentVMs([5])",
        "  false  FREE_CPU > 5        missing",
        "  false  \"VMS/ID\" > 5        '5'",
    ]


def test_a_failure_stays_short() -> None:
    shown = failure(assert_matches, " & ".join(f"A = {number}" for number in range(5_000)), {"A": 0})
    assert len(shown) < 5_000
    assert shown.endswith("... and 4960 more")


def test_an_unsupported_value_is_shown_where_it_does_not_decide() -> None:
    shown = failure(assert_matches, "A = 5 & B = 6", {"A": 4, "B": object()})
    assert "error  B = 6  candidate, attribute `B`: a value of type `object` stands for nothing" in shown


def test_invalid_input_is_no_failed_assertion() -> None:
    with pytest.raises(ExpressionError):
        assert_matches("A >= 5", {})
    with pytest.raises(CandidateError):
        assert_matches("A = 5", None)
    with pytest.raises(CandidateError):
        assert_matches("A = 5", {"A": object()})
    with pytest.raises(ExpressionError):
        assert_ranking([], None, "A -1", [])


@pytest.mark.parametrize(
    ("pool", "requirement", "rank", "keys"),
    [
        (POOL, "CPU > 1", "- CPU", ["b", "c"]),
        (POOL, Requirement("CPU > 1"), Rank("CPU"), ("c", "b")),
        (POOL, None, None, iter("abcd")),
        (POOL, "CPU > 9", None, []),
        ([{"A": 1}, {"A": 2}], "", "A", [1, 0]),
        ([HOST], None, "ID", [3]),
        ([], "A = 1", None, []),
    ],
)
def test_the_expected_order_passes(pool: Any, requirement: Any, rank: Any, keys: Any) -> None:
    assert_ranking(pool, requirement, rank, keys)


def test_a_failure_shows_both_orders_and_where_they_part() -> None:
    assert failure(assert_ranking, POOL, None, "CPU", ["c", "a", "b", "d"]) == (
        "the ranking is not the expected one; they part at place 2\n"
        "  place  expected   ranked\n"
        "  1      'c' (3)    'c' (3)\n"
        "  2      'a' (1)    'b' (2)    <--\n"
        "  3      'b' (2)    'a' (1)    <--\n"
        "  4      'd' (0)    'd' (0)\n"
        "the rank is CPU\n"
        "  'a': CPU: 1\n"
        "  'b': CPU: 2"
    )


def test_a_failure_says_why_an_expected_candidate_is_not_there() -> None:
    shown = failure(assert_ranking, POOL, "CPU > 2", None, ["b", "c", "d", "zz"])
    assert shown.splitlines()[2:] == [
        "  1      'b' (no match)   'c' (0)          <--",
        "  2      'c' (0)          -                <--",
        "  3      'd' (no match)   -                <--",
        "  4      'zz' (no match)  -                <--",
        "'b' does not meet the requirement: CPU > 2",
        "  false  CPU > 2  2",
        "'d' does not meet the requirement: CPU > 2",
        "  false  CPU > 2  'x', which does not convert to a 32-bit integer",
        "'zz' is not in the pool",
    ]


@pytest.mark.parametrize("keys", [["b"], ["b", "c", "c"], ["b", "c", None], [], [["b"]]])
def test_orders_of_another_length_or_with_odd_keys(keys: list[Any]) -> None:
    assert "they part at place" in failure(assert_ranking, POOL, "CPU > 1", "- CPU", keys)


def test_a_failure_over_a_large_pool_stays_short() -> None:
    pool = [{"A": number} for number in range(5_000)]
    keys = [*range(4_000), *range(4_001, 5_000), 4_000]
    shown = failure(assert_ranking, pool, None, None, keys)
    assert "they part at place 4001" in shown
    assert len(shown.splitlines()) < 40
