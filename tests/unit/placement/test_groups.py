"""VM groups: who belongs together, who must be apart, and what the leader of an affined set takes over."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pytest

from matchmaker import LimitError, Requirement
from matchmaker.attributes.numbers import float32
from matchmaker.placement import Datastore, Group, Host, Plan, Request, Role, place
from matchmaker.placement.groups import affined_sets, lead_affined, restrict, united_sets
from matchmaker.placement.needs import Need
from matchmaker.placement.numa import Topology, VirtualNode

BOTH = pytest.mark.parametrize("compatibility", [True, False])
STORE = [Datastore(id=100, free=1000)]


def role(id_: int, *members: int, policy: Any = None, only: Sequence[int] = (), never: Sequence[int] = ()) -> Role:
    return Role(
        id=id_,
        name=f"role{id_}",
        policy=policy,
        members=members,
        affined_hosts=tuple(only),
        anti_affined_hosts=tuple(never),
    )


def group(*roles: Role, affined: Iterable[Iterable[int]] = (), apart: Iterable[Iterable[int]] = ()) -> Group:
    return Group(id=0, roles=roles, affined=tuple(map(frozenset, affined)), anti_affined=tuple(map(frozenset, apart)))


def needs(*requests: Request | int) -> dict[int, Need]:
    made = (Request(id=each) if isinstance(each, int) else each for each in requests)
    return {request.id: Need(request) for request in made}


def machine(id_: int, **wishes: Any) -> Request:
    return Request(id=id_, **{"cores": 1.0, "memory": 10, **wishes})


def host(id_: int, *vms: int, cpu: int = 400) -> Host:
    return Host(id=id_, cpu=cpu, memory=1000, vms=frozenset(vms))


def shunned(need: Need) -> set[int]:
    """Return whom a need keeps off, of the machines that there are here."""
    return {vm for vm in range(10) if not need.permits(0, {vm, 77})}


def places(plan: Plan) -> dict[int, int]:
    return {action.request.id: action.host for action in plan.actions}


# Who belongs together.


def test_a_role_may_want_its_members_together() -> None:
    assert affined_sets(group(role(0, 1, 2, policy="AFFINED"), role(1, 3, 4))) == [(1, 2)]


def test_one_member_alone_is_no_set() -> None:
    assert affined_sets(group(role(0, 1, policy="AFFINED"), role(1), affined=[[0, 1], [1]])) == []


def test_a_rule_unites_the_members_of_its_roles() -> None:
    assert affined_sets(group(role(0, 5), role(1, 1, 9), affined=[[0, 1]])) == [(1, 5, 9)]


def test_a_rule_of_one_role_works_like_its_policy() -> None:
    assert affined_sets(group(role(0, 1, 2), affined=[[0]])) == [(1, 2)]


def test_rules_that_share_roles_are_merged() -> None:
    roles = [role(each, each) for each in range(6)]
    assert affined_sets(group(*roles, affined=[[0, 1], [2, 3], [1, 2], [4, 5]])) == [(0, 1, 2, 3), (4, 5)]
    assert affined_sets(group(*roles, affined=[[0, 1], [1, 2], [2, 3], [3, 4], [4, 5]])) == [(0, 1, 2, 3, 4, 5)]


def test_rules_stand_in_the_order_of_their_roles_as_bits() -> None:
    roles = [role(each, 10 - each, 20 - each) for each in range(4)]
    assert affined_sets(group(*roles, affined=[[0, 3], [1, 2]])) == [(8, 9, 18, 19), (7, 10, 17, 20)]


def test_the_policys_sets_come_first_and_stay_apart_from_the_rules() -> None:
    found = affined_sets(group(role(0, 1, 2, policy="AFFINED"), role(1, 3), affined=[[0, 1]]))
    assert found == [(1, 2), (1, 2, 3)]


def test_roles_from_32_on_and_unknown_ones_have_no_part_in_rules() -> None:
    roles = [role(31, 1), role(32, 2), role(33, 3, 4, policy="AFFINED")]
    assert affined_sets(group(*roles, affined=[[31, 32], [31, 7]])) == [(3, 4)]


# Who must be apart.


def test_a_role_may_want_its_members_apart() -> None:
    wanting = needs(1, 2)
    restrict(group(role(0, 1, 2, 3, policy="ANTI_AFFINED")), wanting)
    assert shunned(wanting[1]) == {2, 3}
    assert shunned(wanting[2]) == {1, 3}


def test_a_rule_keeps_roles_apart_but_not_their_own_members() -> None:
    wanting = needs(1, 2, 3, 4)
    restrict(group(role(0, 1, 2), role(1, 3), role(2, 4), apart=[[0, 1]]), wanting)
    assert [shunned(wanting[each]) for each in (1, 2, 3, 4)] == [{3}, {3}, {1, 2}, set()]


def test_a_rule_of_one_role_keeps_nobody_apart() -> None:
    wanting = needs(1, 2)
    restrict(group(role(0, 1, 2), apart=[[0], []]), wanting)
    assert not wanting[1].constrained


@BOTH
def test_members_land_apart_also_from_those_that_run(compatibility: bool) -> None:
    apart = [group(role(0, 1, 2, 9, policy="ANTI_AFFINED"))]
    plan = place(
        [machine(1), machine(2)], [host(0), host(1, 9), host(2)], STORE, groups=apart, compatibility=compatibility
    )
    assert places(plan) == {1: 2, 2: 0}


@BOTH
def test_roles_land_apart(compatibility: bool) -> None:
    apart = [group(role(0, 1, 2), role(1, 3), apart=[[0, 1]])]
    plan = place(map(machine, (1, 2, 3)), [host(0), host(1)], STORE, groups=apart, compatibility=compatibility)
    assert places(plan) == {1: 1, 2: 1, 3: 0}


@BOTH
def test_who_finds_no_host_of_its_own_is_told_so(compatibility: bool) -> None:
    apart = [group(role(0, 1, 2, policy="ANTI_AFFINED"))]
    plan = place(map(machine, (1, 2)), [host(0)], STORE, groups=apart, compatibility=compatibility)
    assert places(plan) == {1: 0}
    assert plan.refusals[0].message == "[HOST] Requirements not met on hosts: 0"


# Hosts.


@BOTH
def test_a_role_may_have_hosts_and_hosts_that_it_must_not_have(compatibility: bool) -> None:
    hosts = [host(each) for each in range(3)]
    given = [group(role(0, 1, 2, only=[0, 1], never=[1]), role(1, 3, never=[2]))]
    plan = place(map(machine, (1, 2, 3, 4)), hosts, STORE, groups=given, compatibility=compatibility)
    assert places(plan) == {1: 0, 2: 0, 3: 1, 4: 2}


@BOTH
def test_no_host_of_a_role_is_no_host(compatibility: bool) -> None:
    plan = place([machine(1)], [host(0)], STORE, groups=[group(role(0, 1, only=[7]))], compatibility=compatibility)
    assert plan.refusals[0].message == "[HOST] Cannot fulfill affinity constraints on hosts: 0"


def test_two_groups_restrict_together() -> None:
    two = [group(role(0, 1, only=[0, 1])), group(role(0, 1, only=[1, 2]))]
    assert places(place([machine(1)], [host(0), host(1), host(2)], STORE, groups=two)) == {1: 1}


# Leaders, as OpenNebula has them.


def test_the_lowest_leads_and_takes_what_the_others_take() -> None:
    wanting = needs(machine(3, disk=5), machine(1, disk=1), machine(2, memory=7))
    lead_affined([(1, 2, 3)], wanting, {})
    assert (wanting[1].cores, wanting[1].memory, wanting[1].disk) == (3.0, 27, 6)
    for follower in (wanting[2], wanting[3]):
        assert follower.demand == (0, 0, 0)
        assert (follower.beside, follower.leaders) == ([1], [1])
    assert not wanting[1].beside


def test_a_followers_cpu_is_cut_to_whole_cores() -> None:
    wanting = needs(machine(1, cores=0.5), machine(2, cores=1.75), machine(3, cores=0.75))
    lead_affined([(1, 2, 3)], wanting, {})
    assert wanting[1].cores == 1.5


def test_cores_are_added_in_float32() -> None:
    wanting = needs(machine(1, cores=float32(0.1)), machine(2, cores=16777216.0))
    lead_affined([(1, 2)], wanting, {})
    assert wanting[1].cores == 16777216.0


def test_a_leader_takes_over_requirements_and_what_is_wrong() -> None:
    mine, yours, wrong = Requirement("A = 1"), Requirement("B = 1"), LimitError("too long")
    wanting = needs(machine(1, requirements=(mine,)), machine(2, requirements=(yours,), error=wrong))
    lead_affined([(1, 2)], wanting, {})
    assert wanting[1].requirements == [mine, yours]
    assert wanting[1].error is wrong
    assert wanting[2].requirements == [yours]


def test_a_leader_takes_over_virtual_nodes() -> None:
    mine, yours = (VirtualNode(1, 10),), (VirtualNode(2, 20), VirtualNode(3, 30))
    topology = Topology()
    wanting = needs(
        machine(1, topology=topology, numa_nodes=mine), machine(2, topology=topology, numa_nodes=yours), machine(3)
    )
    lead_affined([(1, 2, 3)], wanting, {})
    assert wanting[1].layout == (topology, mine + yours)
    assert wanting[2].layout is None


def test_a_leader_does_not_see_what_hosts_its_followers_may_have() -> None:
    wanting = needs(1, 2)
    given = group(role(0, 1), role(1, 2, only=[5], never=[6]), affined=[[0, 1]])
    lead_affined(affined_sets(given), wanting, {})
    restrict(given, wanting)
    assert all(wanting[1].permits(each, set()) for each in (4, 5, 6))
    assert [wanting[2].permits(each, {1}) for each in (4, 5, 6)] == [False, True, False]


def test_a_follower_of_one_set_that_leads_none_of_another_makes_a_chain() -> None:
    wanting = needs(1, 2, 3)
    lead_affined([(2, 3), (1, 2)], wanting, {})
    assert wanting[1].demand == wanting[1].request.cpu * 3 or wanting[1].cores == 0
    assert wanting[2].beside == [1]
    assert wanting[3].beside == [2]
    lead_affined([(1, 3)], wanting, {})
    assert wanting[1].beside == [2]
    assert wanting[3].beside == [2, 1]


def test_a_role_and_a_rule_for_the_same_make_a_leader_wait_for_itself() -> None:
    given = [group(role(0, 1, 2, policy="AFFINED"), affined=[[0]])]
    wanting = needs(1, 2)
    lead_affined(affined_sets(given[0]), wanting, {})
    assert wanting[1].beside == [1]
    assert wanting[2].beside == [1, 1]
    assert not place(map(machine, (1, 2)), [host(0)], STORE, groups=given).actions


def test_who_is_not_to_be_placed_leads_nobody() -> None:
    wanting = needs(2, 3)
    lead_affined([(1, 2, 3), (1, 7)], wanting, {})
    assert wanting[3].leaders == [2]
    assert not wanting[2].leaders


def test_where_members_run_the_others_are_to_go() -> None:
    wanting = needs(1, 2)
    lead_affined([(1, 2, 8, 9)], wanting, {8: 5, 9: 6, 7: 1})
    assert [need.allowed for need in wanting.values()] == [[{5, 6}], [{5, 6}]]
    assert not wanting[1].leaders
    assert not wanting[2].leaders


def test_a_member_that_is_to_move_counts_itself() -> None:
    wanting = needs(1, 2)
    lead_affined([(1, 2)], wanting, {1: 5})
    assert [need.allowed for need in wanting.values()] == [[{5}], [{5}]]


def test_followers_are_out_before_their_leader_is_placed() -> None:
    together = [group(role(0, 1, 2, policy="AFFINED"))]
    plan = place(map(machine, (1, 2)), [host(0)], STORE, groups=together)
    assert places(plan) == {1: 0}
    assert plan.refusals[0].message == "[HOST] Cannot fulfill affinity constraints on hosts: 0"


def test_the_leader_takes_the_place_of_its_followers_all_the_same() -> None:
    together = [group(role(0, 1, 2, policy="AFFINED"))]
    assert places(place(map(machine, (1, 2)), [host(0, cpu=199)], STORE, groups=together)) == {}
    assert places(place(map(machine, (1, 2, 3)), [host(0, cpu=299)], STORE, groups=together)) == {1: 0}


# United sets, without OpenNebula's defects.


def test_sets_that_share_members_are_one() -> None:
    assert united_sets([(1, 2), (3, 4), (2, 3), (5, 6)], needs(*range(1, 7)), {}) == [(1, 2, 3, 4), (5, 6)]


def test_of_a_set_only_those_that_are_to_be_placed_count() -> None:
    assert united_sets([(1, 2, 3), (4, 5)], needs(1, 3, 4), {}) == [(1, 3)]


def test_who_stays_keeps_the_others_to_its_host() -> None:
    wanting = needs(1, 2)
    assert united_sets([(1, 2, 8)], wanting, {8: 5}) == []
    assert [need.allowed for need in wanting.values()] == [[{5}], [{5}]]


def test_who_is_to_move_keeps_nobody() -> None:
    wanting = needs(1, 2)
    assert united_sets([(1, 2)], wanting, {1: 5}) == [(1, 2)]
    assert not wanting[2].allowed


def test_a_set_lands_together_where_there_is_room_for_all() -> None:
    together = [group(role(0, 1, 2, policy="AFFINED"))]
    hosts = [host(0, cpu=200), host(1, cpu=199)]
    assert places(place(map(machine, (1, 2)), hosts, STORE, groups=together, compatibility=False)) == {1: 0, 2: 0}


def test_a_set_takes_exact_sums() -> None:
    together = [group(role(0, 1, 2, policy="AFFINED"))]
    requests = [machine(1, cores=0.5), machine(2, cores=0.75)]
    for cpu, wanted in ((125, {1: 0, 2: 0}), (124, {})):
        plan = place(requests, [host(0, cpu=cpu)], STORE, groups=together, compatibility=False)
        assert places(plan) == wanted


@pytest.mark.parametrize("free", [120, 121])
def test_a_set_takes_image_space_for_all(free: int) -> None:
    together = [group(role(0, 1, 2, policy="AFFINED"))]
    requests = [machine(1, images={1: 60}), machine(2, images={1: 60})]
    plan = place(requests, [host(0)], STORE, images={1: free}, groups=together, compatibility=False)
    assert places(plan) == ({1: 0, 2: 0} if free > 120 else {})
    assert all("mage Datastore 1" in refusal.message or "affined set" in refusal.message for refusal in plan.refusals)


def test_a_set_lands_on_a_host_that_every_member_may_have() -> None:
    given = [group(role(0, 1), role(1, 2, only=[0, 1]), role(2, 3, never=[1]), affined=[[0, 1, 2]])]
    plan = place(map(machine, (1, 2, 3)), [host(0), host(1), host(2)], STORE, groups=given, compatibility=False)
    assert places(plan) == {1: 0, 2: 0, 3: 0}


@pytest.mark.parametrize("listing", [1, 2, 3])
def test_a_set_lands_on_a_host_that_every_member_lists(listing: int) -> None:
    together = [group(role(0, 1, 2, 3, policy="AFFINED"))]
    requests = [machine(each, hosts=(1, 7) if each == listing else None) for each in (1, 2, 3)]
    plan = place(requests, [host(0), host(1), host(2)], STORE, groups=together, compatibility=False)
    assert places(plan) == {1: 1, 2: 1, 3: 1}


@pytest.mark.parametrize("wishing", [1, 2, 3])
def test_a_set_lands_on_a_host_that_meets_what_every_member_requires(wishing: int) -> None:
    together = [group(role(0, 1, 2, 3, policy="AFFINED"))]
    wish = (Requirement("A = 1"),)
    requests = [machine(each, requirements=wish if each == wishing else ()) for each in (1, 2, 3)]
    hosts = [Host(id=each, cpu=400, memory=1000, candidate={"A": int(each == 1)}) for each in range(3)]
    assert places(place(requests, hosts, STORE, groups=together, compatibility=False)) == {1: 1, 2: 1, 3: 1}


def test_a_set_is_served_when_its_most_urgent_member_is() -> None:
    together = [group(role(0, 1, 3, policy="AFFINED"))]
    requests = [machine(1), machine(2, priority=1.0), machine(3, priority=2.0)]
    plan = place(requests, [host(0, cpu=200)], STORE, groups=together, compatibility=False)
    assert [action.request.id for action in plan.actions] == [3, 1]


def test_a_member_that_no_host_suits_does_not_keep_the_others() -> None:
    together = [group(role(0, 1, 2, 3, policy="AFFINED"))]
    requests = [machine(1), machine(2, requirements=(Requirement("A = 1"),)), machine(3)]
    plan = place(requests, [host(0)], STORE, groups=together, compatibility=False)
    assert places(plan) == {1: 0, 3: 0}
    assert [refusal.request.id for refusal in plan.refusals] == [2]


def test_members_that_find_no_room_together_are_all_refused_with_reasons() -> None:
    together = [group(role(0, 1, 2, policy="AFFINED"))]
    plan = place(
        map(machine, (1, 2)), [host(0, cpu=100), host(1, cpu=100)], STORE, groups=together, compatibility=False
    )
    assert not plan.actions
    for refusal in plan.refusals:
        assert "affined set" in refusal.message
        assert refusal.by_candidate.keys() == {("HOST", 0), ("HOST", 1)}


def test_a_set_that_fits_nowhere_takes_nothing() -> None:
    together = [group(role(0, 1, 2, policy="AFFINED"))]
    requests = [machine(1, priority=1.0), machine(2, disk=999), machine(3, disk=900)]
    plan = place(requests, [host(0, cpu=100)], STORE, groups=together, compatibility=False)
    assert places(plan) == {3: 0}
