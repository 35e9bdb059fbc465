"""Why requests are not placed, in one line of which operators see the first hundred characters."""

from __future__ import annotations

import pytest

from matchmaker import CandidateError, ExpressionError, LimitError, MatchmakerError, Requirement
from matchmaker.placement import Cause, Reason
from matchmaker.placement.reasons import SHOWN, Failures, in_one_line, of_error

FEW, MANY = tuple(range(3)), tuple(range(100, 200))


# One reason.


def test_a_reason_names_its_candidates() -> None:
    assert Reason(Cause.CPU, (1, 2)).text() == "[HOST] Not enough CPU on hosts: 1,2"


def test_a_reason_may_blame_nobody() -> None:
    assert Reason(Cause.NO_DATASTORE).text() == "[DS] No datastores matched the VM requirements"
    assert Reason(Cause.NO_DATASTORE).text(0) == "[DS] No datastores matched the VM requirements"


def test_of_many_candidates_some_are_named_and_the_others_counted() -> None:
    assert Reason(Cause.CPU, FEW).text(2) == "[HOST] Not enough CPU on hosts: 0,1 and 1 more"
    assert Reason(Cause.CPU, FEW).text(3) == "[HOST] Not enough CPU on hosts: 0,1,2"
    assert Reason(Cause.CPU, FEW).text(0) == "[HOST] Not enough CPU on hosts: 3 in all"


@pytest.mark.parametrize("cause", Cause)
def test_every_cause_says_what_sort_of_candidate_it_is_about(cause: Cause) -> None:
    assert cause.value.split("]")[0] in ("[HOST", "[DS", "[VNET")
    assert cause.value.isascii()
    assert len(Reason(cause, (4,)).text()) <= SHOWN


# Several reasons.


def test_all_ids_are_shown_where_they_fit() -> None:
    line = in_one_line([Reason(Cause.CPU, FEW), Reason(Cause.MEMORY, (7,))])
    assert line == "[HOST] Not enough CPU on hosts: 0,1,2; [HOST] Not enough MEMORY on hosts: 7"


def test_there_may_be_none() -> None:
    assert in_one_line([]) == ""


@pytest.mark.parametrize("count", range(1, 300, 7))
def test_one_reason_always_fits(count: int) -> None:
    line = in_one_line([Reason(Cause.AFFINITY, tuple(range(10**6, 10**6 + count)))])
    assert len(line) <= SHOWN
    assert line.startswith("[HOST] Cannot fulfill affinity constraints on hosts: 1000000")


def test_ids_are_cut_to_as_many_as_fit_in_every_reason() -> None:
    line = in_one_line([Reason(Cause.CPU, MANY), Reason(Cause.MEMORY, FEW)])
    assert len(line) <= SHOWN
    assert line == "[HOST] Not enough CPU on hosts: 100,101,102 and 97 more; [HOST] Not enough MEMORY on hosts: 0,1,2"


def test_without_any_id_at_least_the_numbers_are_shown() -> None:
    line = in_one_line([Reason(Cause.REQUIREMENT, MANY), Reason(Cause.NO_LEASES, tuple(range(10**6, 10**6 + 2)))])
    assert line == "[HOST] Requirements not met on hosts: 100 in all; [VNET] Unavailable leases on vnets: 2 in all"


def test_when_nothing_helps_what_most_fail_at_comes_first() -> None:
    reasons = [
        Reason(Cause.CPU, FEW),
        Reason(Cause.AFFINITY, MANY),
        Reason(Cause.NO_DATASTORE),
        Reason(Cause.PCI, (9,)),
    ]
    line = in_one_line(reasons)
    assert len(line) > SHOWN
    assert line.startswith(
        "[HOST] Cannot fulfill affinity constraints on hosts: 100,101,102 and 97 more; [HOST] Not enough CPU"
    )
    assert "CPU on hosts: 3 in all; " in line
    for reason in reasons:
        assert reason.cause.value in line


# Collecting.


def test_reasons_stand_in_opennebulas_order_and_ids_ascend_once() -> None:
    failures = Failures()
    failures.add(Cause.NO_LEASES, 8)
    failures.add(Cause.MEMORY, 3)
    failures.add(Cause.CPU, 2, 1, 2)
    failures.add(Cause.NO_DATASTORE)
    failures.extend(Cause.CPU, [0])
    assert failures.reasons() == (
        Reason(Cause.CPU, (0, 1, 2)),
        Reason(Cause.MEMORY, (3,)),
        Reason(Cause.NO_DATASTORE),
        Reason(Cause.NO_LEASES, (8,)),
    )


def test_nothing_collected_is_no_reason() -> None:
    assert Failures().reasons() == ()


# What went wrong.


def test_no_error_says_nothing() -> None:
    assert of_error(None) == ""


def test_a_broken_expression_is_told_by_its_place() -> None:
    with pytest.raises(ExpressionError) as caught:
        Requirement("A = 1 | B >= 2")
    text = of_error(caught.value)
    assert text.startswith("Error in ")
    assert " at character 11: " in text
    assert "\n" not in text


@pytest.mark.parametrize(
    "error",
    [
        MatchmakerError("two\nlines"),
        LimitError("the expressions\r\n take more than 200 ms"),
        CandidateError("a value\tof type `object`", attribute="A"),
    ],
)
def test_errors_of_ours_are_told_in_one_line(error: MatchmakerError) -> None:
    text = of_error(error)
    assert text == " ".join(str(error).split())
    assert text.isprintable()


def test_any_other_error_is_a_mistake() -> None:
    assert of_error(KeyError("A")).startswith("A mistake in matchmaker itself, please report it: KeyError: 'A'")
