"""Placement: whatever the cloud, a plan takes nothing twice and breaks no rule, and nothing that was asked for is lost.

What a plan takes is worked out here once more, from its actions alone.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations, product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchmaker import LimitError, Requirement
from matchmaker.attributes.numbers import float32
from matchmaker.limits import Budget
from matchmaker.placement import Action, Group, Host, Plan, Refusal, Request
from matchmaker.placement.numa import Core, HostNode, VirtualNode
from matchmaker.placement.pci import PciDevice, PciRequest
from tests.property.clouds import ODD, UNREAD, Cloud, attributes, clouds, hosts, with_id

# What a plan says, in a form that compares.


def told(plan: Plan) -> tuple[list[Any], list[Any]]:
    return [told_action(action) for action in plan.actions], [told_refusal(refusal) for refusal in plan.refusals]


def told_action(action: Action) -> tuple[Any, ...]:
    return action.request.id, action.operation, action.host, action.datastore, dict(action.networks)


def told_refusal(refusal: Refusal) -> tuple[Any, ...]:
    return refusal.request.id, refusal.reasons, refusal.message


def by_host(plan: Plan) -> dict[int, list[Request]]:
    found: dict[int, list[Request]] = {}
    for action in plan.actions:
        found.setdefault(action.host, []).append(action.request)
    return found


# Groups, as a user reads them.


def members_of(group: Group, *roles: int) -> set[int]:
    return {member for role in group.roles if role.id in roles for member in role.members}


def affined(cloud: Cloud) -> list[set[int]]:
    """Return who belongs together, of all groups; sets that share members are one."""
    united: list[set[int]] = []
    for group in cloud.groups:
        sets = [set(role.members) for role in group.roles if role.policy == "AFFINED"]
        sets += [members_of(group, *rule) for rule in group.affined]
        for one in sets:
            for other in [each for each in united if each & one]:
                united.remove(other)
                one |= other
            united.append(one)
    return [one for one in united if len(one) > 1]


def apart(cloud: Cloud) -> Iterator[tuple[int, int]]:
    """Yield who must not share a host with whom, each pair in both orders."""
    for group in cloud.groups:
        for role in group.roles:
            if role.policy == "ANTI_AFFINED":
                yield from ((one, other) for one, other in product(role.members, repeat=2) if one != other)
        for rule in group.anti_affined:
            for one, other in product(rule, repeat=2):
                if one != other:
                    yield from product(members_of(group, one), members_of(group, other))


# Capacity.


def demand(request: Request) -> tuple[int, int, int]:
    """CPU, memory and disk."""
    if request.cores == 0 or request.memory == 0:
        return 0, 0, 0
    return int(float32(request.cores * 100)), request.memory, request.disk


def below(taken: Sequence[int], free: int) -> bool:
    """Tell whether amounts were there when they were taken, if what is taken has to be less than what is free."""
    return sum(taken) == 0 or sum(taken) < free


def assert_room(cloud: Cloud, plan: Plan, *, but: set[int]) -> None:
    """Assert that a plan exceeds no CPU, memory, space, leases or limit; what some requests take may be left out."""
    hosts = {host.id: host for host in cloud.hosts}
    for number, placed in by_host(plan).items():
        taken = [demand(request) for request in placed if request.id not in but]
        assert sum(cpu for cpu, _, _ in taken) <= hosts[number].cpu
        assert sum(memory for _, memory, _ in taken) <= hosts[number].memory
        assert not cloud.max_host or len(placed) <= cloud.max_host
    datastores = {datastore.id: datastore for datastore in cloud.datastores}
    local: dict[tuple[int, int], list[int]] = {}
    shared: dict[int, list[int]] = {}
    for action in plan.actions:
        disk = 0 if action.request.id in but else demand(action.request)[2]
        if not datastores[action.datastore].shared:
            local.setdefault((action.host, action.datastore), []).append(disk)
        elif not action.request.migrates and not action.request.resume:
            shared.setdefault(action.datastore, []).append(disk)
    for (number, datastore), disks in local.items():
        assert sum(disks) < hosts[number].disks.get(datastore, hosts[number].disk)
    for datastore, disks in shared.items():
        assert below(disks, datastores[datastore].free)
    images: dict[int, list[int]] = {}
    for action in plan.actions:
        if not action.request.migrates and not action.request.resume:  # what is resumed takes room that nobody looks at
            for image, size in action.request.images.items():
                images.setdefault(image, []).append(size)
    for image, sizes in images.items():
        assert below(sizes, cloud.images.get(image, 0))
    leases = Counter(network for action in plan.actions for network in action.networks.values())
    assert all(leases[network.id] <= max(0, network.leases) for network in cloud.networks)


def can_have(devices: Sequence[PciDevice], wanted: Sequence[PciRequest]) -> bool:
    """Tell whether there is a device for each request, by trying."""
    if not wanted:
        return True
    first, *others = wanted
    return any(
        can_have([other for other in devices if other is not device], others)
        for device in devices
        if suits(device, first)
    )


def suits(device: PciDevice, wanted: PciRequest) -> bool:
    if wanted.short_address:
        return device.short_address == wanted.short_address
    names = ((wanted.vendor, device.vendor), (wanted.device, device.device), (wanted.class_, device.class_))
    return any(want is not None for want, _ in names) and all(want in (None, has) for want, has in names)


def assert_devices(cloud: Cloud, plan: Plan) -> None:
    """Assert that the PCI devices of each host suffice for all that were placed there."""
    placed = by_host(plan)
    for host in cloud.hosts:
        wanted = [one for request in placed.get(host.id, ()) for one in request.pci]
        assert can_have([device for device in host.pci if device.free], wanted)


# NUMA nodes: what one virtual machine takes of a node of the host, and whether the nodes can bear what all take.

Taken = dict[int, tuple[int, int, int, list[int]]]
"""Memory, pages and whole cores by the host's node, and the threads that each virtual machine takes there."""


def assert_nodes(cloud: Cloud, plan: Plan) -> None:
    """Assert that there is a way to lay out all that was placed on a host on its NUMA nodes."""
    placed = by_host(plan)
    for host in cloud.hosts:
        machines = [
            each for each in placed.get(host.id, ()) if each.topology is not None and each.numa_nodes is not None
        ]
        assert not machines or host.topology.nodes
        assert can_lay_out(host, machines, {node.id: (0, 0, 0, []) for node in host.topology.nodes})


def can_lay_out(host: Host, machines: Sequence[Request], taken: Taken) -> bool:
    if not machines:
        return True
    return any(can_lay_out(host, machines[1:], after) for after in layouts(host, machines[0], taken))


def layouts(host: Host, machine: Request, taken: Taken) -> Iterator[Taken]:
    """Yield what is taken of the nodes after a virtual machine was laid out, in each way there is."""
    topology, nodes = machine.topology, {node.id: node for node in host.topology.nodes}
    assert topology is not None
    assert machine.numa_nodes is not None
    if topology.node_affinity != -1 or (topology.page and topology.policy == "NONE"):
        for number in [topology.node_affinity] if topology.node_affinity != -1 else nodes:
            yield from with_taken(host, taken, [(number, number, VirtualNode(0, demand(machine)[1]))], machine)
        return
    counted = [node for node in machine.numa_nodes if node.cpus > 0 and node.memory > 0]
    for pairs in product(((cpus, memory) for cpus in nodes for memory in nodes[cpus].distance), repeat=len(counted)):
        chosen = [(cpus, memory, node) for (cpus, memory), node in zip(pairs, counted, strict=True)]
        yield from with_taken(host, taken, chosen, machine)


def with_taken(
    host: Host, taken: Taken, chosen: Sequence[tuple[int, int, VirtualNode]], machine: Request
) -> Iterator[Taken]:
    """Yield what is taken when virtual nodes have their CPUs and memory from these nodes, if these have as much."""
    after = {number: (memory, pages, whole, [*threads, 0]) for number, (memory, pages, whole, threads) in taken.items()}
    topology = machine.topology
    assert topology is not None
    for cpus_on, memory_on, virtual in chosen:
        if cpus_on not in after or memory_on not in after:
            return
        memory, pages, whole, threads = after[memory_on]
        needed = virtual.memory // topology.page if topology.page else 0
        after[memory_on] = memory + virtual.memory, pages + needed, whole, threads
        memory, pages, whole, threads = after[cpus_on]
        if topology.policy == "CORE":
            after[cpus_on] = memory, pages, whole + virtual.cpus, threads
        else:
            after[cpus_on] = memory, pages, whole, [*threads[:-1], threads[-1] + virtual.cpus]
    if all(bears(node, after[node.id], host.topology.vms_thread) for node in host.topology.nodes):
        yield after


def bears(node: HostNode, taken: tuple[int, int, int, list[int]], vms_thread: int) -> bool:
    """Tell whether a node has so much memory, so many pages, and CPUs for whole cores and for threads of each machine."""
    memory, pages, whole, threads = taken
    if memory > max(0, node.memory - node.usage) or pages > sum(max(0, each.pages - each.usage) for each in node.pages):
        return False
    cores = [core for core in node.cores if not core.dedicated]
    unused = [core for core in cores if all(cpu.uses == 0 for cpu in core.cpus) and room(core, vms_thread)]
    return any(
        fills([core for core in cores if core not in given], threads, vms_thread)
        for given in combinations(unused, whole)
    )


def room(core: Core, vms_thread: int) -> list[int]:
    """Return how many more times each CPU of a core can be taken, where it can be at all."""
    return [vms_thread - cpu.uses for cpu in core.cpus if not cpu.reserved and cpu.uses < vms_thread]


def fills(cores: Sequence[Core], threads: Sequence[int], vms_thread: int) -> bool:
    """Tell whether machines can have so many CPUs each, none of them twice."""
    left = sorted((each for core in cores for each in room(core, vms_thread)), reverse=True)
    for wanted in sorted(threads, reverse=True):
        if wanted > sum(each > 0 for each in left):
            return False
        left = sorted((each - (which < wanted) for which, each in enumerate(left)), reverse=True)
    return True


# Where things may go.


def assert_suitable(cloud: Cloud, plan: Plan) -> None:
    """Assert that every action's host, datastore and networks are such as the request wants, and go together."""
    hosts, datastores = {each.id: each for each in cloud.hosts}, {each.id: each for each in cloud.datastores}
    networks = {each.id: each for each in cloud.networks}
    for action in plan.actions:
        request, host, datastore = action.request, hosts[action.host], datastores[action.datastore]
        assert request.hosts is None or host.id in request.hosts
        assert request.requirement.matches(host.candidate)
        assert host.cluster in datastore.clusters
        assert datastore.monitored or not datastore.shared
        if request.migrates:
            assert host.id != request.host
            assert datastore.id == request.datastore
            assert not action.networks
            continue
        assert_one_of(datastore, request.datastores, request.datastore_requirement)
        assert list(action.networks) == [nic.id for nic in request.nics]
        for nic in request.nics:
            network = networks[action.networks[nic.id]]
            assert_one_of(network, nic.networks, nic.requirement)
            assert host.cluster in network.clusters
        if cloud.different_vnets:
            assert len(set(action.networks.values())) == len(action.networks)


def assert_one_of(found: Any, listed: tuple[int, ...] | None, requirement: Requirement) -> None:
    if listed is None:
        assert requirement.matches(found.candidate)
    else:
        assert found.id in listed


def assert_apart(cloud: Cloud, plan: Plan) -> None:
    """Assert anti-affinity, also to what runs, and the hosts of roles."""
    places = {action.request.id: action.host for action in plan.actions}
    on = {host.id: host.vms for host in cloud.hosts}
    for one, other in apart(cloud):
        if one in places:
            assert other not in on[places[one]]
            assert places[one] != places.get(other)
    for group in cloud.groups:
        for role in group.roles:
            for host in (places[member] for member in role.members if member in places):
                assert not role.affined_hosts or host in role.affined_hosts
                assert host not in role.anti_affined_hosts


def assert_together(cloud: Cloud, plan: Plan) -> None:
    """Assert that affined sets land where members run that stay, or on one host: all that could be placed by themselves."""
    places = {action.request.id: action.host for action in plan.actions}
    wanting = {request.id: request for request in cloud.requests}
    staying = {machine: host for machine, host in cloud.running.items() if machine not in wanting}
    for members in affined(cloud):
        chosen = {places[member] for member in members if member in places}
        there = {staying[member] for member in members if member in staying}
        if there:
            assert chosen <= there
            continue
        assert len(chosen) <= 1
        if chosen:
            for member in members & wanting.keys() - places.keys():
                alone = replace(cloud, requests=(wanting[member],), running=staying)
                assert not alone.plan(compatibility=False).actions


def assert_told(cloud: Cloud, plan: Plan) -> None:
    """Assert that nothing is lost, and that each refusal says why."""
    outcomes: list[Action | Refusal] = [*plan.actions, *plan.refusals]
    assert Counter(id(each.request) for each in outcomes) == Counter(map(id, cloud.requests))
    for refusal in plan.refusals:
        message = refusal.message
        assert message
        assert message.isascii()
        assert message.isprintable()
        assert refusal.reasons or refusal.summary or refusal.error
        for (_, candidate), causes in refusal.by_candidate.items():
            assert causes
            assert isinstance(candidate, int)


def looked_at(cloud: Cloud, request: Request) -> bool:
    """Tell whether a request has candidates of each sort that reasons could be given for."""

    def there(pool: Sequence[Any], listed: tuple[int, ...] | None) -> bool:
        return bool(pool) if listed is None else bool(listed)

    return (
        there(cloud.hosts, request.hosts)
        and (request.migrates or there(cloud.datastores, request.datastores))
        and (request.migrates or all(there(cloud.networks, nic.networks) for nic in request.nics))
    )


@given(clouds())
def test_with_opennebulas_defects_a_plan_keeps_the_other_rules(cloud: Cloud) -> None:
    plan = cloud.plan(compatibility=True)
    assert_told(cloud, plan)
    assert not any(refusal.error for refusal in plan.refusals)
    # Leaders take what followers take, cut to whole cores. PCI devices and NUMA nodes may be given twice.
    assert_room(cloud, plan, but=set().union(*affined(cloud)))
    assert_suitable(cloud, plan)
    assert_apart(cloud, plan)


@given(clouds())
def test_without_them_a_plan_exceeds_nothing_and_keeps_all_rules(cloud: Cloud) -> None:
    plan = cloud.plan(compatibility=False)
    assert_told(cloud, plan)
    assert not any(refusal.error for refusal in plan.refusals)
    assert_room(cloud, plan, but=set())
    assert_devices(cloud, plan)
    assert_nodes(cloud, plan)
    assert_suitable(cloud, plan)
    assert_apart(cloud, plan)
    assert_together(cloud, plan)


@given(clouds(), st.booleans())
def test_what_has_candidates_is_refused_with_reasons(cloud: Cloud, compatibility: bool) -> None:
    for refusal in cloud.plan(compatibility=compatibility).refusals:
        if not refusal.reasons and not refusal.screened_out and looked_at(cloud, refusal.request):
            stays = refusal.request.migrates and "the one it runs on" in refusal.summary
            assert stays or "Image Datastore" in refusal.summary or "of its affined set" in refusal.summary
        request, sorts = refusal.request, {sort for sort, _ in refusal.by_candidate}
        if sorts == {"HOST"} and not refusal.summary and all(reason.candidates for reason in refusal.reasons):
            listed = {host.id for host in cloud.hosts} if request.hosts is None else set(request.hosts)
            named = {candidate for _, candidate in refusal.by_candidate}
            unknown = listed - {host.id for host in cloud.hosts}
            assert named | unknown >= (listed - {request.host} if request.migrates else listed)


@given(clouds(), st.booleans(), st.randoms(use_true_random=False))
def test_the_same_input_gives_the_same_plan(cloud: Cloud, compatibility: bool, chance: random.Random) -> None:
    plan = told(cloud.plan(compatibility=compatibility))
    assert told(cloud.plan(compatibility=compatibility)) == plan
    shuffled = tuple(chance.sample(cloud.requests, len(cloud.requests)))
    other = replace(cloud, requests=shuffled, groups=cloud.groups[::-1])
    other = other.changed_hosts(lambda host: replace(host, candidate={UNREAD: chance.random(), **host.candidate}))
    assert told(other.plan(compatibility=compatibility)) == plan


# Failures.


class Raising(dict[str, Any]):
    """A mapping with an attribute that fails in a way of its own."""

    def __getitem__(self, name: str) -> Any:
        if name == ODD:
            raise RuntimeError("a first line\nand a second")
        return super().__getitem__(name)


@st.composite
def failing(draw: st.DrawFn, cloud: Cloud) -> tuple[Cloud, dict[int, Budget], set[int]]:
    """Draw a cloud in which some requests fail, the budgets of those whose time is up, and the ids of all that fail."""
    values = st.sampled_from((object(), {}, 1j, b"1", Raising()))
    changed = []
    for host in cloud.hosts:
        value = draw(values)
        candidate = Raising(host.candidate) if isinstance(value, Raising) else {**host.candidate, ODD: value}
        changed.append(replace(host, candidate=candidate))
    budgets: dict[int, Budget] = {}
    requests = []
    for request in cloud.requests:
        how = draw(st.sampled_from((None, None, None, "odd", "time", "error")))
        if how == "odd":
            odd = draw(st.permutations([*request.requirements, Requirement(f"{ODD} = 1")]))
            requests.append(replace(request, requirements=tuple(odd)))
        elif how == "error":
            requests.append(replace(request, error=LimitError("no more")))
        else:
            requests.append(request)
            if how == "time":
                budgets[request.id] = Budget(0)
    failed = {one.id for one, other in zip(requests, cloud.requests, strict=True) if one is not other} | budgets.keys()
    return replace(cloud, hosts=tuple(changed), requests=tuple(requests)), budgets, failed


@given(st.data(), clouds(grouped=False))
def test_what_fails_costs_the_others_nothing(data: st.DataObject, cloud: Cloud) -> None:
    cloud, budgets, failed = data.draw(failing(cloud))
    plan = cloud.plan(compatibility=False, budgets=budgets)
    without = replace(cloud, requests=tuple(each for each in cloud.requests if each.id not in failed))
    actions, refusals = told(plan)
    assert (actions, [each for each in refusals if each[0] not in failed]) == told(without.plan(compatibility=False))
    assert all(refusal.error is None or refusal.request.id in failed for refusal in plan.refusals)
    assert {refusal.request.id for refusal in plan.refusals} >= failed


@given(st.data(), clouds(), st.booleans())
def test_what_fails_is_not_lost(data: st.DataObject, cloud: Cloud, compatibility: bool) -> None:
    cloud, budgets, failed = data.draw(failing(cloud))
    plan = cloud.plan(compatibility=compatibility, budgets=budgets)
    assert_told(cloud, plan)
    assert {refusal.request.id for refusal in plan.refusals} >= failed


@given(clouds(grouped=False), st.booleans())
def test_of_requests_with_one_id_the_first_counts(cloud: Cloud, compatibility: bool) -> None:
    again = tuple(replace(request, cores=float32(0.1), hosts=None) for request in cloud.requests[:2])
    plan = replace(cloud, requests=cloud.requests + again).plan(compatibility=compatibility)
    actions, refusals = told(plan)
    assert (actions, refusals[len(again) :]) == told(cloud.plan(compatibility=compatibility))
    assert [refusal.request for refusal in plan.refusals[: len(again)]] == list(again)
    assert all("same id" in refusal.message for refusal in plan.refusals[: len(again)])


# Other clouds.


def turn(request: Request) -> tuple[float, int]:
    return -request.priority, request.id


def small(cloud: Cloud) -> Cloud:
    """Return a cloud with priorities that float32 does not make equal."""
    priorities = {
        priority: float(place) for place, priority in enumerate(sorted({each.priority for each in cloud.requests}))
    }
    return replace(cloud, requests=tuple(replace(each, priority=priorities[each.priority]) for each in cloud.requests))


def placed(plan: Plan) -> Mapping[int, Action]:
    return {action.request.id: action for action in plan.actions}


@given(clouds(), hosts, attributes, st.booleans())
def test_another_host_takes_no_place_from_the_first(
    cloud: Cloud, host: Host, candidate: dict[str, Any], compatibility: bool
) -> None:
    cloud = small(cloud)
    first = min(cloud.requests, key=turn, default=None)
    if first is None or any(first.id in members for members in affined(cloud)):
        return
    if first.id in placed(cloud.plan(compatibility=compatibility)):
        listed = tuple(
            replace(each, hosts=None if each.hosts is None else (*each.hosts, 77)) for each in cloud.requests
        )
        more = replace(cloud, requests=listed, hosts=(*cloud.hosts, with_id(replace(host, candidate=candidate), 77)))
        assert first.id in placed(more.plan(compatibility=compatibility))


@given(clouds(), st.booleans())
def test_without_the_last_one_the_others_keep_their_places(cloud: Cloud, compatibility: bool) -> None:
    cloud = small(cloud)
    last = max(cloud.requests, key=turn, default=None)
    if last is None or any(last.id in members for members in affined(cloud)):
        return
    actions, refusals = told(cloud.plan(compatibility=compatibility))
    fewer = replace(cloud, requests=tuple(each for each in cloud.requests if each is not last))
    assert told(fewer.plan(compatibility=compatibility)) == (
        [action for action in actions if action[0] != last.id],
        [refusal for refusal in refusals if refusal[0] != last.id],
    )


@pytest.mark.parametrize("compatibility", [True, False])
def test_an_empty_cloud_refuses_all(compatibility: bool) -> None:
    cloud = Cloud(requests=(Request(id=1), Request(id=0)), images={}, running={})
    plan = cloud.plan(compatibility=compatibility)
    assert [refusal.request.id for refusal in plan.refusals] == [0, 1]
    assert_told(cloud, plan)
