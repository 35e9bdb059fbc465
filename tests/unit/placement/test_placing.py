"""Placing: two phases, priorities, and that nothing is lost whatever fails."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from matchmaker import CandidateError, LimitError, PoolError, Rank, Requirement
from matchmaker.attributes.numbers import float32
from matchmaker.limits import Budget
from matchmaker.placement import Cause, Datastore, Group, Host, Network, Nic, Plan, Request, Role, place

BOTH = pytest.mark.parametrize("compatibility", [True, False])
STORE = [Datastore(id=100, free=1000)]


def machine(id_: int, **wishes: Any) -> Request:
    return Request(id=id_, **{"cores": 1.0, "memory": 10, **wishes})


def host(id_: int, **account: Any) -> Host:
    return Host(id=id_, **{"cpu": 400, "memory": 1000, "disk": 100, **account})


def places(plan: Plan) -> dict[int, int]:
    return {action.request.id: action.host for action in plan.actions}


def served(plan: Plan) -> list[int]:
    return [action.request.id for action in plan.actions]


def refused(plan: Plan) -> dict[int, str]:
    return {refusal.request.id: refusal.message for refusal in plan.refusals}


# Two phases.


@BOTH
def test_requests_are_screened_by_ascending_id_and_served_afterwards(compatibility: bool) -> None:
    big, late = {"cores": 9.0}, {"cores": 4.0}
    requests = [machine(4, **big), machine(3, **late), machine(1, **big), machine(2, **late)]
    plan = place(requests, [host(0)], STORE, compatibility=compatibility)
    assert served(plan) == [2]
    assert [refusal.request.id for refusal in plan.refusals] == [1, 4, 3]


def test_screening_looks_at_what_is_free_before_anything_is_booked() -> None:
    plan = place([machine(1, cores=4.0), machine(2)], [host(0)], STORE)
    assert refused(plan) == {2: "[HOST] Not enough CPU on hosts: 0"}


def test_candidates_that_are_ruled_out_first_are_not_named_in_the_message() -> None:
    requests = [machine(1, cores=4.0), machine(2, requirements=(Requirement("A = 1"),))]
    plan = place(requests, [host(0, candidate={"A": 1}), host(1, cpu=0, candidate={"A": 1}), host(2)], STORE)
    assert places(plan) == {1: 2, 2: 0}
    hosts = [
        host(0, candidate={"A": 1}),
        host(1, cpu=0, candidate={"A": 1}),
        host(2, memory=9),
        host(3, candidate={"A": 2}),
    ]
    plan = place([replace(requests[0], hosts=(0,)), requests[1]], hosts, STORE)
    assert refused(plan) == {2: "[HOST] Not enough CPU on hosts: 0"}
    assert plan.refusals[0].by_candidate == {
        ("HOST", 0): (Cause.CPU,),
        ("HOST", 1): (Cause.CPU,),
        ("HOST", 2): (Cause.MEMORY,),
        ("HOST", 3): (Cause.AFFINITY,),
    }


def test_without_hosts_or_datastores_every_request_is_served_and_refused() -> None:
    requests = [machine(1), machine(2, priority=1.0)]
    for hosts, datastores in (([], STORE), ([host(0)], []), ([], [])):
        plan = place(requests, hosts, datastores)
        assert [refusal.request.id for refusal in plan.refusals] == [2, 1]
        assert all("there is no host, or no system datastore" in text for text in refused(plan).values())


def test_nothing_to_place_is_an_empty_plan() -> None:
    assert place([], [host(0)], STORE) == Plan()


# Who is served when.


def test_the_highest_priority_is_served_first_and_of_equals_the_lowest_id() -> None:
    requests = [machine(1), machine(2, priority=2.0), machine(3, priority=-1.0), machine(4, priority=2.0), machine(5)]
    assert served(place(requests, [host(0, cpu=1000)], STORE)) == [2, 4, 1, 5, 3]


def test_priorities_are_divided_by_the_largest_in_float32() -> None:
    close = [machine(1, priority=16777213.0), machine(2, priority=16777214.0)]
    assert served(place(close, [host(0)], STORE)) == [2, 1]
    assert served(place([*close, machine(3, priority=2e9)], [host(0)], STORE)) == [3, 1, 2]
    assert served(place([*close, machine(3, priority=-2e9)], [host(0)], STORE)) == [1, 2, 3]


def test_who_was_screened_out_has_no_part_in_the_largest_priority() -> None:
    close = [machine(1, priority=16777213.0), machine(2, priority=16777214.0)]
    assert served(place([*close, machine(3, priority=2e9, cores=9.0)], [host(0)], STORE)) == [2, 1]


def test_tiny_priorities_beside_a_large_one_are_equals() -> None:
    requests = [machine(1), machine(2, priority=float32(1e-40)), machine(3, priority=float32(3e38))]
    assert served(place(requests, [host(0)], STORE)) == [3, 1, 2]
    assert served(place(requests[:2], [host(0)], STORE)) == [2, 1]


# Hosts, datastores and networks by rank.


def test_policies_rank_where_requests_do_not() -> None:
    hosts = [host(each, candidate={"A": each}) for each in range(3)]
    datastores = [Datastore(id=100 + each, free=99, candidate={"A": -each}) for each in range(3)]
    networks = [Network(id=each, leases=9, candidate={"A": each % 2}) for each in range(3)]
    requests = [
        machine(1, nics=(Nic(id=0),)),
        machine(2, rank=Rank("- A"), datastore_rank=Rank("- A"), nics=(Nic(id=0, rank=Rank("- A")),)),
    ]
    ranks = {"host_rank": Rank("A"), "datastore_rank": Rank("A"), "network_rank": Rank("A")}
    first, second = place(requests, hosts, datastores, networks, **ranks).actions  # type: ignore[arg-type]
    assert (first.host, first.datastore, first.networks) == (2, 100, {0: 1})
    assert (second.host, second.datastore, second.networks) == (0, 102, {0: 2})


def test_equals_stand_as_opennebula_has_them_the_last_first() -> None:
    networks = [Network(id=each, leases=9) for each in (5, 4)]
    datastores = [Datastore(id=each, free=9) for each in (101, 100)]
    requests = [
        machine(1, nics=(Nic(id=0),)),
        machine(2, hosts=(1, 0), datastores=(100, 101), nics=(Nic(id=0, networks=(4, 5)),)),
    ]
    first, second = place(requests, [host(0), host(1)], datastores, networks).actions
    assert (first.host, first.datastore, first.networks) == (1, 100, {0: 4})
    assert (second.host, second.datastore, second.networks) == (0, 101, {0: 5})


def test_listed_datastores_and_networks_are_not_asked_for_requirements() -> None:
    never = (Requirement("A = 1"),)
    nic = Nic(id=0, requirements=never, networks=(1,))
    request = machine(1, datastore_requirements=never, datastores=(100,), nics=(nic,))
    assert place([request], [host(0)], STORE, [Network(id=1, leases=1)]).actions
    free = machine(1, datastore_requirements=never)
    plan = place([free], [host(0)], STORE)
    assert plan.refusals[0].by_candidate == {("DS", 100): (Cause.UNSUITABLE_DATASTORE,)}


def test_unknown_candidates_are_named() -> None:
    nic = Nic(id=0, networks=(8,))
    requests = [machine(1, hosts=(7,)), machine(2, datastores=(7, 9)), machine(3, nics=(nic,))]
    plan = place(requests, [host(0)], STORE)
    assert refused(plan) == {
        1: "[HOST] No existing hosts: 7",
        2: "[DS] No existing datastores: 7,9",
        3: "[VNET] No existing vnets: 8",
    }


def test_empty_lists_are_told() -> None:
    requests = [machine(1, hosts=()), machine(2, datastores=()), machine(3, nics=(Nic(id=4, networks=()),))]
    texts = refused(place(requests, [host(0)], STORE))
    assert "host" in texts[1]
    assert "datastore" in texts[2]
    assert "NIC 4" in texts[3]


# Whatever fails, the others go on.


def test_of_requests_with_one_id_the_first_counts() -> None:
    requests = [machine(1), machine(1, cores=4.0), machine(2)]
    plan = place(requests, [host(0)], STORE)
    assert [action.request for action in plan.actions] == [requests[0], requests[2]]
    assert [refusal.request for refusal in plan.refusals] == [requests[1]]
    assert plan.refusals[0].message == "Another request has the same id"


@BOTH
def test_a_request_with_a_broken_expression_is_refused_with_the_reason(compatibility: bool) -> None:
    error = LimitError("it is too long")
    plan = place([machine(1, error=error), machine(2)], [host(0)], STORE, compatibility=compatibility)
    assert served(plan) == [2]
    assert plan.refusals[0].error is error
    assert refused(plan) == {1: "it is too long"}


@BOTH
def test_a_value_that_stands_for_nothing_costs_only_those_that_read_it(compatibility: bool) -> None:
    requests = [machine(1, requirements=(Requirement("A = 1"),)), machine(2, rank=Rank("A")), machine(3)]
    hosts = [host(0, candidate={"A": object()}), host(1, candidate={"A": 1})]
    plan = place(requests, hosts, STORE, compatibility=compatibility)
    assert served(plan) == [3]
    assert all(isinstance(refusal.error, CandidateError) for refusal in plan.refusals)
    requests = [machine(1, hosts=(1,), requirements=(Requirement("A = 1"),)), machine(2, hosts=(1,), rank=Rank("A"))]
    assert served(place(requests, hosts, STORE, compatibility=compatibility)) == [1, 2]


def test_of_datastores_and_networks_as_well() -> None:
    odd = {"A": object()}
    requests = [
        machine(1, datastore_rank=Rank("A")),
        machine(2, datastore_requirements=(Requirement("A = 1"),)),
        machine(3, nics=(Nic(id=0, requirements=(Requirement("A = 1"),)),)),
        machine(4, nics=(Nic(id=0, rank=Rank("A")),)),
        machine(5, nics=(Nic(id=0),)),
    ]
    plan = place(
        requests, [host(0)], [Datastore(id=1, free=9, candidate=odd)], [Network(id=1, leases=9, candidate=odd)]
    )
    assert served(plan) == [5]
    assert refused(plan).keys() == {1, 2, 3, 4}


def test_who_has_no_time_is_refused_alone() -> None:
    wish = (Requirement("A > 0"),)
    requests = [machine(each, requirements=wish) for each in (1, 2, 3)]
    plan = place(requests, [host(0, candidate={"A": 1})], STORE, budgets={1: Budget(0), 3: Budget(0)})
    assert served(plan) == [2]
    assert all(isinstance(refusal.error, LimitError) for refusal in plan.refusals)
    assert all("0 ms" in text for text in refused(plan).values())


def test_a_candidates_own_mistake_costs_only_who_meets_it() -> None:
    class Careless(dict[str, Any]):
        def with_vms(self, vms: set[int]) -> Any:
            raise RuntimeError("careless")

    apart = machine(2, requirements=(Requirement("CURRENT_VMS != 7"),))
    plan = place([machine(1), apart, machine(3)], [host(0, candidate=Careless(CURRENT_VMS="9"))], STORE)
    assert served(plan) == [1, 3]
    assert isinstance(plan.refusals[0].error, RuntimeError)
    assert "careless" in refused(plan)[2]


def test_two_hosts_with_one_id_are_refused_as_input() -> None:
    with pytest.raises(PoolError, match="id 3"):
        place([machine(1)], [host(3), host(3)], STORE)


# Compatibility.


def test_groups_are_looked_at_in_ascending_order() -> None:
    def group(id_: int, *members: int) -> Group:
        return Group(id=id_, roles=(Role(id=0, name="all", policy="AFFINED", members=members),))

    # The lower group makes 1 the leader of 2, which the other makes the leader of 3: 1 does not take what 3 takes.
    requests = [machine(1), machine(2), machine(3)]
    low, high = group(1, 1, 2), group(2, 2, 3)
    plans = [place(requests, [host(0, cpu=200)], STORE, groups=groups) for groups in ([low, high], [high, low])]
    assert plans[0] == plans[1]
    assert served(plans[0]) == [1]


def test_without_compatibility_a_set_lands_together() -> None:
    group = Group(id=0, roles=(Role(id=0, name="all", policy="AFFINED", members=(1, 2)),))
    requests = [machine(1), machine(2, rank=Rank("ID"))]
    assert served(place(requests, [host(0), host(1)], STORE, groups=[group])) == [1]
    plan = place(requests, [host(0), host(1)], STORE, groups=[group], compatibility=False)
    assert places(plan) == {1: 1, 2: 1}


# The extended dialect.


def test_requests_may_speak_the_extended_dialect() -> None:
    fits = Requirement("GB >= REQUEST.GB & DISK in [1, REQUEST.DISK]", dialect="extended")
    spread = Rank("GB / (1 + LOAD)", dialect="extended")
    hosts = [
        host(0, candidate={"GB": "1.5 GB", "DISK": 1, "LOAD": 0}),
        host(1, candidate={"GB": 3, "DISK": 2, "LOAD": 0.25}),
        host(2, candidate={"GB": 2.5, "DISK": 2, "LOAD": 0}),
        host(3, candidate={"GB": 9, "DISK": 1}),
    ]

    def asks(id_: int, **request: Any) -> Request:
        return machine(id_, requirements=(Requirement("DISK > 0"), fits.bind(request)), rank=spread.bind(request))

    requests = [asks(1, GB=1.25), asks(2, GB=2, DISK=2), asks(3, GB=3), asks(4, GB=10), asks(5)]
    plan = place(requests, hosts, STORE)
    assert places(plan) == {1: 0, 2: 2, 3: 3}
    assert sorted(refused(plan)) == [4, 5]
    policy = place([machine(1), machine(2, rank="DISK")], hosts, STORE, host_rank=spread)
    assert places(policy) == {1: 2, 2: 2}
