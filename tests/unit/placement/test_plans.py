"""Plans: actions, and refusals that say why."""

from __future__ import annotations

import pytest

from matchmaker import LimitError
from matchmaker.placement import Action, Cause, Plan, Reason, Refusal, Request

REQUEST = Request(id=7)


def test_an_action_does_what_its_request_asks_for() -> None:
    assert Action(request=REQUEST, host=1, datastore=2).operation == "deploy"
    assert Action(request=Request(id=7, operation="migrate", host=0), host=1, datastore=2).operation == "migrate"
    assert Action(request=REQUEST, host=1, datastore=2).networks == {}


def test_a_refusal_says_the_summary_then_the_reasons_then_what_went_wrong() -> None:
    reasons = (Reason(Cause.CPU, (1,)), Reason(Cause.MEMORY, (2,)))
    assert Refusal(request=REQUEST, reasons=reasons).message == (
        "[HOST] Not enough CPU on hosts: 1; [HOST] Not enough MEMORY on hosts: 2"
    )
    assert Refusal(request=REQUEST, summary="Nothing is there").message == "Nothing is there"
    assert Refusal(request=REQUEST, error=LimitError("it takes\nlong")).message == "it takes long"
    whole = Refusal(request=REQUEST, reasons=reasons[:1], summary="No", error=LimitError("long"))
    assert whole.message == "No; [HOST] Not enough CPU on hosts: 1; long"


def test_causes_by_candidate() -> None:
    refusal = Refusal(
        request=REQUEST,
        reasons=(
            Reason(Cause.CPU, (1, 2)),
            Reason(Cause.MEMORY, (3,)),
            Reason(Cause.FOREIGN_DATASTORE, (1,)),
            Reason(Cause.FULL_DATASTORE, (1, 100)),
            Reason(Cause.NO_DATASTORE),
            Reason(Cause.NO_LEASES, (1,)),
        ),
    )
    assert refusal.by_candidate == {
        ("HOST", 1): (Cause.CPU,),
        ("HOST", 2): (Cause.CPU,),
        ("HOST", 3): (Cause.MEMORY,),
        ("DS", 1): (Cause.FOREIGN_DATASTORE, Cause.FULL_DATASTORE),
        ("DS", 100): (Cause.FULL_DATASTORE,),
        ("VNET", 1): (Cause.NO_LEASES,),
    }


def test_what_failed_before_anything_was_placed_is_told_by_candidate_only() -> None:
    refusal = Refusal(
        request=REQUEST, reasons=(Reason(Cause.CPU, (1,)),), screened_out=(Reason(Cause.AFFINITY, (2, 3)),)
    )
    assert refusal.message == "[HOST] Not enough CPU on hosts: 1"
    assert refusal.by_candidate == {
        ("HOST", 1): (Cause.CPU,),
        ("HOST", 2): (Cause.AFFINITY,),
        ("HOST", 3): (Cause.AFFINITY,),
    }


def test_plans_are_values() -> None:
    one = Plan((Action(request=REQUEST, host=1, datastore=2),))
    assert one == Plan((Action(request=Request(id=7), host=1, datastore=2),))
    assert one != Plan()
    with pytest.raises(AttributeError):
        one.actions = ()  # type: ignore[misc]
