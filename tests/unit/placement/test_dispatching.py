"""The second phase: what a host, its datastores and networks can still give when it is a request's turn."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Any

import pytest

from matchmaker import Rank, Requirement
from matchmaker.placement import Cause, Datastore, Group, Host, Network, Nic, Plan, Request, Role, place
from matchmaker.placement.numa import Core, Cpu, HostNode, HostTopology, Topology, VirtualNode
from matchmaker.placement.pci import PciDevice, PciRequest

BOTH = pytest.mark.parametrize("compatibility", [True, False])
STORE = [Datastore(id=100, free=1000)]


def machine(id_: int, **wishes: Any) -> Request:
    return Request(id=id_, **{"cores": 1.0, "memory": 10, **wishes})


def moving(id_: int, host: int, **wishes: Any) -> Request:
    return machine(id_, **{"operation": "migrate", "host": host, "datastore": 100, **wishes})


def host(id_: int, **account: Any) -> Host:
    return Host(id=id_, **{"cpu": 400, "memory": 1000, "disk": 100, "candidate": {"ID": id_}, **account})


def places(plan: Plan) -> dict[int, tuple[int, int]]:
    return {action.request.id: (action.host, action.datastore) for action in plan.actions}


def causes(plan: Plan, id_: int) -> Mapping[tuple[str, int], tuple[Cause, ...]]:
    return next(refusal.by_candidate for refusal in plan.refusals if refusal.request.id == id_)


# CPU, memory and the limit.


@BOTH
def test_cpu_and_memory_are_booked(compatibility: bool) -> None:
    requests = [machine(each, cores=1.5, memory=400) for each in range(3)]
    plan = place(requests, [host(0, cpu=300)], STORE, compatibility=compatibility)
    assert places(plan).keys() == {0, 1}
    assert causes(plan, 2) == {("HOST", 0): (Cause.CPU,)}
    plan = place(requests, [host(0, cpu=900)], STORE, compatibility=compatibility)
    assert causes(plan, 2) == {("HOST", 0): (Cause.MEMORY,)}


def test_a_host_may_be_used_up_to_the_last_bit() -> None:
    assert places(place([machine(1)], [host(0, cpu=100, memory=10)], STORE))
    assert not places(place([machine(1)], [host(0, cpu=99, memory=10)], STORE))
    assert not places(place([machine(1)], [host(0, cpu=100, memory=9)], STORE))


def test_without_cpu_or_memory_a_request_takes_nothing() -> None:
    requests = [machine(1, cores=0.0, memory=999, disk=999), machine(2, memory=0, cores=99.0, disk=999), machine(3)]
    plan = place(requests, [host(0, cpu=100, memory=10)], STORE)
    assert places(plan).keys() == {1, 2, 3}
    plan = place(requests[:2], [host(0, cpu=-1)], STORE)
    assert not plan.actions


def test_hundredths_are_cut() -> None:
    assert places(place([machine(1, cores=0.001)], [host(0, cpu=0)], STORE))
    assert not places(place([machine(1, cores=0.019)], [host(0, cpu=0)], STORE))


@BOTH
def test_a_host_takes_no_more_requests_than_the_limit(compatibility: bool) -> None:
    requests = [machine(each) for each in range(4)] + [moving(9, 7)]
    plan = place(requests, [host(0), host(1), host(7, cpu=0)], STORE, max_host=2, compatibility=compatibility)
    assert sorted(where for where, _ in places(plan).values()) == [0, 0, 1, 1]
    assert causes(plan, 9) == {("HOST", 0): (Cause.DISPATCH_LIMIT,), ("HOST", 1): (Cause.DISPATCH_LIMIT,)}


def test_what_ran_before_does_not_count_for_the_limit() -> None:
    assert places(place([machine(1)], [host(0, vms={5, 6, 7})], STORE, max_host=1))


# Moving.


def test_who_moves_does_not_stay_and_keeps_its_datastore() -> None:
    plan = place([moving(1, 0, datastores=(101,))], [host(0), host(1)], [*STORE, Datastore(id=101, free=1)])
    assert places(plan) == {1: (1, 100)}
    assert plan.actions[0].operation == "migrate"


def test_who_can_only_stay_is_told_so() -> None:
    plan = place([moving(1, 0)], [host(0)], STORE)
    assert plan.refusals[0].message.endswith("the only candidate is the one it runs on")


def test_who_moves_gets_no_networks_and_books_neither_leases_nor_shared_space() -> None:
    network = Network(id=0, leases=1)
    requests = [
        moving(1, 0, nics=(Nic(id=0),), disk=999, images={1: 50}),
        machine(2, disk=999, nics=(Nic(id=0),), images={1: 50}),
    ]
    plan = place(requests, [host(0), host(1)], STORE, [network], images={1: 51})
    assert [dict(action.networks) for action in plan.actions] == [{}, {0: 0}]


def test_the_old_host_gets_nothing_back() -> None:
    plan = place([moving(1, 0), machine(2)], [host(0, cpu=50), host(1, cpu=100)], STORE)
    assert places(plan) == {1: (1, 100)}


def test_without_a_known_datastore_nobody_moves() -> None:
    for datastore, named in ((None, set()), (77, {("DS", 77)})):
        plan = place([moving(1, 0, datastore=datastore)], [host(0), host(1)], STORE)
        assert causes(plan, 1).keys() == named
        assert any(reason.cause is Cause.NO_DATASTORE for reason in plan.refusals[0].reasons)


# Datastores.


def test_shared_space_is_booked_for_all_hosts() -> None:
    requests = [machine(each, disk=40) for each in (1, 2, 3)]
    for free, placed in ((121, {1, 2, 3}), (120, {1, 2}), (81, {1, 2}), (80, {1})):
        plan = place(requests, [host(0), host(1)], [Datastore(id=100, free=free)])
        assert places(plan).keys() == placed
        for late in {1, 2, 3} - placed:
            assert causes(plan, late) == {("DS", 100): (Cause.FULL_DATASTORE,)}


def test_shared_space_must_not_be_used_up() -> None:
    assert not places(place([machine(1, disk=40)], [host(0)], [Datastore(id=100, free=40)]))
    assert places(place([machine(1)], [host(0)], [Datastore(id=100, free=0)]))


def test_local_space_is_each_hosts_own() -> None:
    local = [Datastore(id=100, shared=False), Datastore(id=101, shared=False, monitored=False)]
    hosts = [host(0, disk=41), host(1, disk=0, disks={100: 10, 101: 50})]
    requests = [machine(each, disk=40, datastores=(100, 101)) for each in range(4)]
    plan = place(requests, hosts, local)
    assert sorted(places(plan).values()) == [(0, 100), (0, 101), (1, 101)]
    assert causes(plan, 3) == {("DS", 100): (Cause.FULL_DATASTORE,), ("DS", 101): (Cause.FULL_DATASTORE,)}


def test_local_space_is_asked_for_whatever_the_request() -> None:
    local = [Datastore(id=100, shared=False)]
    full = [host(0, disk=0), host(1, disk=0)]
    for request in (machine(1), moving(1, 0), machine(1, resume=True)):
        assert causes(place([request], full, local), 1) == {("DS", 100): (Cause.FULL_DATASTORE,)}


def test_what_is_resumed_asks_for_no_shared_space_and_takes_none() -> None:
    requests = [machine(1, resume=True, disk=999), machine(2, disk=9)]
    assert places(place(requests, [host(0)], [Datastore(id=100, free=10)])).keys() == {1, 2}


def test_an_unmonitored_datastore_takes_nothing_even_of_what_is_resumed() -> None:
    unknown = [Datastore(id=100, free=99, monitored=False)]
    assert causes(place([machine(1)], [host(0)], unknown), 1) == {("DS", 100): (Cause.UNMONITORED_DATASTORE,)}
    assert causes(place([machine(1, resume=True)], [host(0)], unknown), 1) == {("DS", 100): (Cause.FULL_DATASTORE,)}


def test_datastores_serve_their_clusters() -> None:
    stores = [Datastore(id=100, free=9, clusters={1}), Datastore(id=101, free=9, clusters={2})]
    hosts = [host(0, cluster=2), host(1, cluster=1), host(2, cluster=3)]
    assert places(place([machine(1)], hosts, stores)) == {1: (1, 100)}
    plan = place([machine(1)], hosts[2:], stores)
    assert causes(plan, 1) == {("DS", 100): (Cause.FOREIGN_DATASTORE,), ("DS", 101): (Cause.FOREIGN_DATASTORE,)}


@BOTH
def test_image_space_is_booked(compatibility: bool) -> None:
    requests = [
        machine(1, images={1: 60, 2: 1}),
        machine(2, images={1: 60}),
        machine(3, images={1: 0, 9: 0}),
        machine(4),
    ]
    plan = place(requests, [host(0)], STORE, images={1: 100, 2: 2}, compatibility=compatibility)
    assert places(plan).keys() == {1, 3, 4}
    assert plan.refusals[0].message.endswith("Image Datastore 1 does not have enough capacity")


def test_image_space_must_not_be_used_up_and_the_lowest_is_named() -> None:
    plan = place([machine(1, images={3: 1, 2: 50})], [host(0)], STORE, images={2: 50})
    assert plan.refusals[0].message.endswith("Image Datastore 2 does not have enough capacity")


def test_what_is_resumed_takes_image_space_that_nobody_asks_for() -> None:
    requests = [machine(1, images={1: 60}, resume=True), machine(2, images={1: 10})]
    assert places(place(requests, [host(0)], STORE, images={1: 50})).keys() == {1}


# Networks.


def nics(*listed: tuple[int, ...] | None) -> tuple[Nic, ...]:
    return tuple(Nic(id=number, networks=networks) for number, networks in enumerate(listed))


def test_leases_are_booked() -> None:
    requests = [machine(each, nics=nics(None)) for each in (1, 2, 3)]
    plan = place(requests, [host(0)], STORE, [Network(id=5, leases=2)])
    assert places(plan).keys() == {1, 2}
    assert causes(plan, 3) == {("VNET", 5): (Cause.NO_LEASES,)}


def test_a_network_without_leases_is_ruled_out_before_anybody_is_served() -> None:
    requests = [machine(1, cores=4.0), machine(2), machine(3, nics=nics(None))]
    plan = place(requests, [host(0)], STORE, [Network(id=5, leases=0), Network(id=6, leases=-1)])
    assert [refusal.request.id for refusal in plan.refusals] == [3, 2]
    assert causes(plan, 3) == {("VNET", 5): (Cause.NO_LEASES,), ("VNET", 6): (Cause.NO_LEASES,)}


def test_interfaces_get_different_networks_unless_they_need_not() -> None:
    networks = [Network(id=5, leases=9), Network(id=6, leases=9, candidate={"A": 1})]
    request = machine(1, nics=nics(None, None))
    for different, wanted in ((True, {0: 6, 1: 5}), (False, {0: 6, 1: 6})):
        plan = place([request], [host(0)], STORE, networks, network_rank=Rank("A"), different_vnets=different)
        assert plan.actions[0].networks == wanted


def test_one_request_may_not_take_more_leases_than_there_are() -> None:
    request = machine(1, nics=nics(None, None))
    plan = place([request], [host(0)], STORE, [Network(id=5, leases=1)], different_vnets=False)
    assert causes(plan, 1) == {("VNET", 5): (Cause.NO_LEASES, Cause.NETWORKS_GIVEN_BACK)}


@BOTH
def test_leases_are_given_back_when_one_interface_gets_nothing(compatibility: bool) -> None:
    requests = [machine(1, nics=nics((5,), (5,)), priority=1.0), machine(2, nics=nics((5,)))]
    plan = place(requests, [host(0), host(1)], STORE, [Network(id=5, leases=1)], compatibility=compatibility)
    assert {action.request.id: dict(action.networks) for action in plan.actions} == {2: {0: 5}}
    assert causes(plan, 1) == {("VNET", 5): (Cause.NETWORKS_GIVEN_BACK,)}


def test_there_is_no_way_back_to_another_network() -> None:
    # With 6 for the first interface the second could have 5, but the first prefers 5.
    request = machine(1, nics=nics((6, 5), (5,)))
    plan = place([request], [host(0)], STORE, [Network(id=5, leases=9), Network(id=6, leases=9)])
    assert causes(plan, 1) == {("VNET", 5): (Cause.NETWORKS_GIVEN_BACK,)}


def test_networks_serve_their_clusters() -> None:
    networks = [Network(id=5, leases=9, clusters={1}), Network(id=6, leases=9, clusters={2})]
    stores = [Datastore(id=100, free=9, clusters={1, 2, 3})]
    hosts = [host(0, cluster=1), host(1, cluster=2), host(2, cluster=3)]
    requests = [machine(1, nics=nics(None)), machine(2, nics=nics((5,))), machine(3, nics=nics(None, None))]
    plan = place(requests, hosts, stores, networks)
    assert {each.request.id: (each.host, dict(each.networks)) for each in plan.actions} == {
        1: (1, {0: 6}),
        2: (0, {0: 5}),
    }
    assert causes(plan, 3) == {
        ("VNET", 5): (Cause.FOREIGN_NETWORK, Cause.NETWORKS_GIVEN_BACK),
        ("VNET", 6): (Cause.FOREIGN_NETWORK, Cause.NETWORKS_GIVEN_BACK),
    }


# Devices.


def test_devices_are_taken_once() -> None:
    devices = (PciDevice(address="a", vendor=1), PciDevice(address="b", vendor=1, free=False))
    requests = [machine(each, pci=(PciRequest(vendor=1),)) for each in (1, 2)]
    plan = place(requests, [host(0, pci=devices)], STORE, compatibility=False)
    assert causes(plan, 2) == {("HOST", 0): (Cause.PCI,)}


# An affined set takes all or nothing.

TAKEN: dict[str, dict[str, Any]] = {
    "local space": {"datastores": (101,), "disk": 60},
    "a device": {"pci": (PciRequest(vendor=1),)},
    "a node": {"topology": Topology(policy="CORE"), "numa_nodes": (VirtualNode(1, 10),)},
    "a lease": {"nics": (Nic(id=0),)},
    "image space": {"images": {1: 60}},
    "shared space": {"disk": 300},
    "the limit": {},
}


@pytest.mark.parametrize("taken", TAKEN.values(), ids=TAKEN)
def test_what_a_set_took_before_it_failed_is_given_back(taken: dict[str, Any]) -> None:
    cores = tuple(Core(id=number, cpus=(Cpu(id=number),)) for number in range(2))
    nodes = HostTopology(nodes=(HostNode(id=0, cores=cores, memory=100, distance=(0,)),))
    devices = tuple(PciDevice(address=address, short_address=address, vendor=1) for address in "ab")
    only = host(0, cpu=900, pci=devices, topology=nodes, disks={101: 100})
    stores = [*STORE, Datastore(id=101, shared=False)]
    group = Group(id=0, roles=(Role(id=0, name="all", policy="AFFINED", members=(2, 3)),))
    first = {name: wish for name, wish in taken.items() if name in ("pci", "topology", "numa_nodes")}
    requests = [
        machine(1, priority=2.0, disk=600, datastores=(100,), **first),
        machine(2, priority=1.0, **taken),
        machine(3, disk=500, datastores=(100,)),  # for which there is no room, after the first
        machine(4, **taken),
    ]
    plan = place(
        requests,
        [only],
        stores,
        [Network(id=5, leases=1)],
        images={1: 100},
        groups=[group],
        max_host=0 if taken else 2,
        compatibility=False,
    )
    assert places(plan).keys() == {1, 4}
    assert causes(plan, 3)


# Requests that were placed count for those that look at them.


class Watching(dict[str, Any]):
    """A candidate that says who is on it, as documents of hosts do."""

    def with_vms(self, vms: Set[int]) -> Watching:
        return Watching({**self, "CURRENT_VMS": [*self.get("CURRENT_VMS", ()), *sorted(vms)]})


def test_current_vms_is_looked_at_again_when_something_was_placed() -> None:
    watching = host(0, candidate=Watching(CURRENT_VMS=[3]))
    with_one, with_three = ((Requirement(f"CURRENT_VMS @> {each}"),) for each in (1, 3))
    requests = [
        machine(1, priority=1.0),
        machine(2, requirements=with_three),
        machine(4, requirements=(Requirement("!(CURRENT_VMS @> 1)"),)),
        machine(5, requirements=with_one),
    ]
    plan = place(requests, [watching], STORE)
    assert places(plan).keys() == {1, 2}
    assert causes(plan, 4) == {("HOST", 0): (Cause.REQUIREMENT,)}
    assert causes(plan, 5) == {("HOST", 0): (Cause.AFFINITY,)}


# Followers.


def test_followers_try_the_leaders_host_and_datastore_first() -> None:
    # The leader, which was powered off on host 0, moves to host 1; its follower had host 0 in mind.
    group = Group(id=0, roles=(Role(id=0, name="all", policy="AFFINED", members=(1, 2)),))
    stores = [Datastore(id=100, free=99), Datastore(id=101, free=99)]
    plan = place([moving(1, 0, datastore=100), machine(2)], [host(0, vms={1}), host(1)], stores, groups=[group])
    assert places(plan) == {1: (1, 100), 2: (1, 100)}
    assert places(place([machine(2)], [host(0, vms={1}), host(1)], stores)) == {2: (1, 101)}


def test_a_follower_stays_behind_where_the_leaders_host_does_not_suit_it() -> None:
    group = Group(id=0, roles=(Role(id=0, name="all", policy="AFFINED", members=(1, 2)),))
    follower = machine(2, pci=(PciRequest(vendor=1),))
    hosts = [host(0, vms={1}, pci=(PciDevice(address="a", vendor=1),)), host(1)]
    plan = place([moving(1, 0), follower], hosts, STORE, groups=[group])
    assert places(plan) == {1: (1, 100), 2: (0, 100)}


def test_a_follower_that_is_served_before_its_leader_goes_where_the_leader_was() -> None:
    group = Group(id=0, roles=(Role(id=0, name="all", policy="AFFINED", members=(1, 2)),))
    plan = place([moving(1, 0), machine(2, priority=1.0)], [host(0, vms={1}), host(1)], STORE, groups=[group])
    assert places(plan) == {1: (1, 100), 2: (0, 100)}
