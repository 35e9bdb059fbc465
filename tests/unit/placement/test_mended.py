"""What placing without OpenNebula's defects promises, where a first version did not keep it."""

from __future__ import annotations

from collections import UserDict
from dataclasses import replace
from typing import Any

import pytest

from matchmaker import ExpressionError, LimitError, PoolError, Requirement
from matchmaker.limits import Budget
from matchmaker.placement import Datastore, Group, Host, Nic, Plan, Request, RequestError, Role, place

STORE = [Datastore(id=100, free=1_000)]


def host(number: int, **more: Any) -> Host:
    return Host(**{"id": number, "cpu": 400, "memory": 1_000, "candidate": {"ID": number}, **more})


def request(number: int, **more: Any) -> Request:
    return Request(**{"id": number, "cores": 1.0, "memory": 10, **more})


def group(policy: Any, *members: int) -> list[Group]:
    return [Group(id=0, roles=(Role(id=0, name="r", policy=policy, members=members),))]


def places(plan: Plan) -> dict[int, int]:
    return {action.request.id: action.host for action in plan.actions}


def test_who_cannot_move_keeps_the_others_of_its_set_from_going_elsewhere() -> None:
    stuck = request(1, operation="migrate", host=0, datastore=100, hosts=(0,))
    hosts = [host(0, vms=frozenset({1})), host(1)]
    plan = place([stuck, request(2), request(3)], hosts, STORE, groups=group("AFFINED", 1, 2, 3), compatibility=False)
    assert places(plan) == {}
    assert all(refusal.message for refusal in plan.refusals)
    broken = replace(stuck, hosts=None, error=LimitError("too long"))
    plan = place([broken, request(2)], hosts, STORE, groups=group("AFFINED", 1, 2), compatibility=False)
    assert places(plan) == {}
    assert plan.refusals[1].message == "VM 1 of its affined set is to move, and cannot"


def test_who_is_apart_already_does_not_open_hosts_to_the_others_of_a_role() -> None:
    roles = (Role(id=0, name="a", policy="AFFINED", members=(4, 5)), Role(id=1, name="b", members=(2,)))
    groups = [Group(id=0, roles=roles, affined=(frozenset({0, 1}),))]
    plan = place([request(4)], [host(1), host(0)], STORE, groups=groups, running={5: 1, 2: 0}, compatibility=False)
    assert places(plan) == {4: 1}


def test_nobody_gives_what_there_is_not() -> None:
    generous = request(1, cores=-4.0, memory=10, disk=-5_000)
    plan = place([generous, request(2, cores=8.0)], [host(0)], STORE, compatibility=False)
    assert places(plan) == {1: 0}
    assert places(place([generous, request(2, cores=8.0)], [host(0)], STORE)) == {1: 0}


def test_members_that_run_are_kept_apart_from_even_where_their_host_does_not_list_them() -> None:
    hosts, groups = [host(1), host(2)], group("ANTI_AFFINED", 1, 3)
    assert places(place([request(1)], hosts, STORE, groups=groups, running={3: 2}, compatibility=False)) == {1: 1}


def test_a_search_that_takes_too_long_is_given_up() -> None:
    class Slow(UserDict[str, Any]):
        def __getitem__(self, name: str) -> Any:
            sum(range(20_000))
            return super().__getitem__(name)

    hosts = [host(number, candidate=Slow(A=number)) for number in range(500)]
    wanted = Requirement(" | ".join(f"A = {number}" for number in range(1_000, 1_200)))
    plan = place([request(1, requirements=wanted), request(2)], hosts, STORE, budgets={1: Budget(0.05)})
    assert places(plan) == {2: 499}
    assert plan.refusals[0].message == "the expressions take more than 50 ms of CPU time"


def test_texts_will_do_for_expressions() -> None:
    one = request(1, requirements="ID = 1", rank="ID", datastore_requirements=["FREE = 1"], datastores=(100,))
    assert one.requirement == Requirement("ID = 1")
    nic = Nic(id=0, requirements=("A = 1", Requirement("B = 2")), rank="C")
    assert [str(each) for each in nic.requirements] == ["A = 1", "B = 2"]
    assert places(place([one, request(2)], [host(0), host(1), host(2)], STORE, host_rank="- ID")) == {1: 1, 2: 0}


@pytest.mark.parametrize(
    "more",
    [
        {"requirements": 5},
        {"requirements": [5]},
        {"rank": 5},
        {"cores": "2"},
        {"cores": float("nan")},
        {"priority": None},
        {"memory": 1.5},
        {"id": "1"},
    ],
)
def test_what_makes_no_request(more: dict[str, Any]) -> None:
    with pytest.raises(RequestError):
        request(**{"number": 1, **more}) if "id" not in more else Request(**more)


def test_what_nothing_can_be_placed_on() -> None:
    with pytest.raises(PoolError, match=r"make a placement\.Host"):
        place([request(1)], [{"ID": 1}], STORE)  # type: ignore[list-item]
    with pytest.raises(ExpressionError):
        request(1, requirements="A >= 1")
