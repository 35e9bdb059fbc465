"""Whole clouds for placement, small enough that requests get in each other's way: what is placed, and what on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from matchmaker import Rank, Requirement
from matchmaker.attributes.numbers import float32
from matchmaker.placement import Datastore, Group, Host, Network, Nic, Plan, Request, Role, place
from matchmaker.placement.numa import Core, Cpu, HostNode, HostTopology, HugePages, Topology, VirtualNode
from matchmaker.placement.pci import PciDevice, PciRequest

HOSTS, DATASTORES, NETWORKS, IMAGES, MACHINES = range(4), range(100, 104), range(3), (1, 2), range(10, 18)
"""The ids of everything; `MACHINES` are those of requests, of what runs, and of members that are neither."""
UNREAD = "NOT_READ"
"""An attribute that no expression reads."""
ODD = "ODD"
"""An attribute that candidates do not have, for those that are to fail."""
PAGE = 4
"""The size in KiB of the pages that nodes may have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cloud:
    """What `place` is given, but for `compatibility`."""

    requests: tuple[Request, ...] = ()
    hosts: tuple[Host, ...] = ()
    datastores: tuple[Datastore, ...] = ()
    networks: tuple[Network, ...] = ()
    images: dict[int, int]
    groups: tuple[Group, ...] = ()
    running: dict[int, int]
    host_rank: Rank | None = None
    datastore_rank: Rank | None = None
    network_rank: Rank | None = None
    max_host: int = 0
    different_vnets: bool = True

    def plan(self, *, compatibility: bool, **other: Any) -> Plan:
        """Place the requests."""
        return place(
            self.requests,
            self.hosts,
            self.datastores,
            self.networks,
            images=self.images,
            groups=self.groups,
            running=self.running,
            host_rank=self.host_rank,
            datastore_rank=self.datastore_rank,
            network_rank=self.network_rank,
            max_host=self.max_host,
            different_vnets=self.different_vnets,
            compatibility=compatibility,
            **other,
        )

    def changed_hosts(self, change: Callable[[Host], Host]) -> Cloud:
        """Return the cloud with other hosts."""
        return replace(self, hosts=tuple(map(change, self.hosts)))


# Expressions and candidates: few names and few values, so that candidates are often equals. What is drawn is rather too
# little than too hard to meet: most requests should find a place, or nothing gets in its way.


def usually(usual: Any, *others: Any) -> SearchStrategy[Any]:
    """Draw what is usual most of the time."""
    return st.sampled_from((*(usual,) * (2 * len(others) + 1), *others))


few_values = st.sampled_from((0, 1, 2, 3, "1", "kvm", (1, 2), True)).map(lambda one: [*one] if one == (1, 2) else one)
attributes: SearchStrategy[dict[str, Any]] = st.fixed_dictionaries({}, optional={"A": few_values, "B": few_values})
CLAUSES = [
    Requirement(text) for text in ("A > 0", "A != 1", "B < 3", 'A = "k*"', "A @> 2", "!(B = 1)", "A = 1 | B > 0")
]
wishes = usually((), *((one,) for one in CLAUSES), (CLAUSES[0], CLAUSES[-1]))
few_wishes = usually((), (), (), (CLAUSES[2],), (CLAUSES[5],))
orders = st.sampled_from(
    [None, *map(Rank, ("A", "- B", "A - B", "ID", "- ID", "ID * 9000000 + A", "- A * 70000000 - ID", "ID / 3"))]
)


def listed(ids: Sequence[int]) -> SearchStrategy[tuple[int, ...] | None]:
    """Draw a list of candidates: none given, all, or any; with ids that are unknown or there twice."""
    every = tuple(ids)
    return usually(None, every, every[::-1], every[1:] + every[:2], every[1:2], (999, every[0]), (999,), ())


# Devices and NUMA nodes.


def device(number: int) -> SearchStrategy[PciDevice]:
    return st.builds(
        PciDevice,
        address=st.just("abcd"[number]),
        short_address=st.just("abcd"[number]),
        vendor=st.sampled_from((1, 2)),
        device=st.sampled_from((1, 2)),
        free=usually(True, False),
        numa_node=st.sampled_from((None, -1, 0, 1)),
    )


devices = st.tuples(*map(device, range(4))).flatmap(lambda four: st.sampled_from((four, four[::-1], four[1:3], ())))
names = usually(None, 1, 2)
pci_requests = st.builds(
    PciRequest,
    short_address=usually("", "a", "b"),
    vendor=st.sampled_from((1, 2)),
    device=names,
    numbered=st.booleans(),
    bus=st.booleans(),
)

cpus = st.builds(Cpu, id=st.just(0), uses=usually(0, 1), reserved=usually(False, True))
cores = st.builds(Core, id=st.just(0), cpus=st.tuples(cpus, cpus), dedicated=usually(False, True))
nodes = st.builds(
    HostNode,
    id=st.just(0),
    cores=st.lists(cores, min_size=1, max_size=3).map(tuple),
    pages=st.sampled_from(
        [(), *((HugePages(size=PAGE, pages=pages, usage=used),) for pages, used in ((10, 0), (40, 7)))]
    ),
    memory=st.sampled_from((200, 100, 50)),
    usage=usually(0, 60),
    distance=st.sampled_from(((0, 1), (0,), (1, 0))),
)


def numbered(node: HostNode, number: int) -> HostNode:
    """Give a node, its cores and CPUs numbers of their own."""
    made = []
    for which, core in enumerate(node.cores):
        first = 10 * number + 2 * which
        threads = tuple(replace(cpu, id=first + thread) for thread, cpu in enumerate(core.cpus))
        made.append(replace(core, id=10 * number + which, cpus=threads))
    return replace(node, id=number, cores=tuple(made), distance=tuple(each ^ number for each in node.distance))


host_topologies = st.builds(
    lambda drawn, vms_thread: HostTopology(
        nodes=tuple(numbered(node, number) for number, node in enumerate(drawn)), threads=2, vms_thread=vms_thread
    ),
    st.lists(nodes, min_size=1, max_size=2),
    usually(1, 2),
)
topologies = st.builds(
    Topology,
    policy=st.sampled_from(("THREAD", "CORE", "NONE")),
    threads=usually(0, 1, 2),
    page=usually(0, PAGE),
    node_affinity=usually(-1, 0, 1),
)
virtual_nodes = st.lists(
    st.builds(VirtualNode, st.sampled_from((1, 2, 3, 4, 0)), st.sampled_from((20, 40, 60, 0))), min_size=1, max_size=3
).map(tuple)


# What requests are placed on.

clusters = usually(frozenset({0, 1}), frozenset({0, 1}), frozenset({0}), frozenset({1}), frozenset())
plain_hosts = {
    "cluster": usually(0, 1),
    "cpu": usually(400, 800, 800, 300, 150, 29, 0, -1),
    "memory": usually(500, 1000, 1000, 300, 150, 100, 0, -1),
    "disk": st.sampled_from((100, 50, 0)),
    "disks": st.dictionaries(st.sampled_from(DATASTORES), st.sampled_from((80, 40, 0)), max_size=2),
    "candidate": attributes,
    "id": st.just(0),
}
hosts = st.builds(Host, **plain_hosts)
special_hosts = st.builds(Host, **plain_hosts, pci=devices, topology=host_topologies)
datastores = st.builds(
    Datastore,
    id=st.just(0),
    candidate=attributes,
    clusters=clusters,
    shared=st.booleans(),
    free=usually(100, 200, 60, 30, 0),
    monitored=usually(True, False),
)
networks = st.builds(Network, id=st.just(0), candidate=attributes, clusters=clusters, leases=usually(3, 8, 2, 1, 0, -1))

Resource = TypeVar("Resource", Host, Datastore, Network)


def with_id(resource: Resource, number: int, **other: Any) -> Resource:
    return replace(resource, id=number, candidate={**resource.candidate, "ID": number}, **other)


# Requests.

priorities = st.sampled_from((0.0, 1.0, 2.0, -3.0, 16777216.0, 16777214.0, float32(1e-40), float32(3e38)))
nics = st.lists(
    st.builds(Nic, id=st.just(0), requirements=few_wishes, rank=orders, networks=listed(NETWORKS)), max_size=3
).map(lambda drawn: tuple(replace(nic, id=number) for number, nic in enumerate(drawn)))
plain_requests = {
    "id": st.just(0),
    "requirements": wishes,
    "rank": orders,
    "datastore_requirements": few_wishes,
    "datastore_rank": orders,
    "nics": st.just(()) | st.just(()) | nics,
    "hosts": listed(HOSTS),
    "datastores": listed(DATASTORES),
    "cores": st.sampled_from([float32(cores) for cores in (1.0, 0.5, 0.29, 1.5, 2.0, 0.001, 0.0)]),
    "memory": st.sampled_from((50, 100, 150, 1, 0)),
    "disk": st.sampled_from((10, 30, 40, 0)),
    "images": st.sampled_from(({}, {}, {}, {1: 20}, {1: 60}, {1: 40, 2: 20}, {1: 0, 9: 0}, {9: 1})),
    "priority": priorities,
    "resume": usually(False, True),
    "datastore": usually(DATASTORES[0], None, 999),
}
requests = st.builds(Request, **plain_requests)
special_requests = st.builds(
    Request,
    **plain_requests,
    pci=st.just(()) | st.just(()) | st.lists(pci_requests, min_size=1, max_size=3).map(tuple),
    topology=st.none() | st.none() | topologies,
    numa_nodes=virtual_nodes,
)


def given_to(request: Request, number: int, host: int | None) -> Request:
    """Give a request its id; if it is on a host, it is to move."""
    if host is None:
        return replace(request, id=number, datastore=None)
    return replace(request, id=number, operation="migrate", resume=False, host=host)


def eased(request: Request) -> Request:
    """Take a request's wishes away, so that nothing but capacity and groups gets in its way."""
    nics = tuple(replace(nic, requirements=(), networks=None) for nic in request.nics[:1])
    datastore = DATASTORES[0] if request.migrates else None
    return replace(
        request, requirements=(), hosts=None, datastore_requirements=(), datastores=None, nics=nics, datastore=datastore
    )


# Groups.

few_hosts = usually((), (0,), (1, 2, 3), (0, 4))
rules = st.lists(st.frozensets(st.integers(0, 2), min_size=1), max_size=1).map(tuple)
roles = st.builds(
    Role,
    id=st.just(0),
    name=st.just(""),
    policy=st.sampled_from(("AFFINED", "ANTI_AFFINED", None)),
    affined_hosts=few_hosts,
    anti_affined_hosts=few_hosts,
)


def group(number: int, drawn: tuple[Role, ...], played: Sequence[int], **rules: Any) -> Group:
    """Make a group; `played` says of each machine its role, if it has one."""
    made = (
        replace(
            role,
            id=each,
            name=f"role{each}",
            members=tuple(machine for machine, role_id in zip(MACHINES, played, strict=True) if role_id == each),
        )
        for each, role in enumerate(drawn)
    )
    return Group(id=number, roles=tuple(made), **rules)


def groups(number: int) -> SearchStrategy[Group]:
    playing = st.tuples(*(st.sampled_from((-1, -1, -1, 0, 0, 1, 2)) for _ in MACHINES))
    return st.builds(group, st.just(number), st.tuples(roles, roles, roles), playing, affined=rules, anti_affined=rules)


some_groups = st.one_of(st.just(()), st.tuples(groups(0)), st.tuples(groups(1), groups(0)))

# Clouds.

host_ids = st.integers(0, 2).flatmap(lambda missing: st.permutations(HOSTS).map(lambda ids: ids[missing:]))
states = st.tuples(*(usually("pending", "absent", "running", "migrating", "powered off") for _ in MACHINES))
free_images = st.fixed_dictionaries({number: usually(100, 60, 30, 0) for number in IMAGES})
some_datastores = st.lists(datastores, min_size=1, max_size=3)
some_networks = st.lists(networks, max_size=3)
limits = usually(0, 1, 2)


@st.composite
def clouds(draw: DrawFn, *, grouped: bool = True, special: bool = True) -> Cloud:
    """Draw a cloud.

    Parameters
    ----------
    grouped : bool
        Whether it may have groups.
    special : bool
        Whether requests may want PCI devices and NUMA nodes.
    """
    ids = draw(host_ids)
    on: dict[int, int] = {}
    wanting: list[tuple[int, int | None]] = []
    running: dict[int, int] = {}
    for turn, (number, state) in enumerate(zip(MACHINES, draw(states), strict=True)):
        if state == "pending":
            wanting.append((number, None))
        elif state != "absent":
            on[number] = ids[turn % len(ids)]
            if state != "powered off":
                running[number] = on[number]
            if state != "running":
                wanting.append((number, on[number]))
    special = special and draw(st.booleans())
    wanted = [given_to(draw(special_requests if special else requests), number, host) for number, host in wanting]
    easy = draw(st.booleans())
    return Cloud(
        requests=tuple(map(eased, wanted) if easy else wanted),
        hosts=tuple(
            with_id(
                draw(special_hosts if special else hosts),
                number,
                vms=frozenset(vm for vm, host in on.items() if host == number),
            )
            for number in ids
        ),
        datastores=tuple(
            with_id(each, number) for number, each in zip(DATASTORES, draw(some_datastores), strict=False)
        ),
        networks=tuple(with_id(each, number) for number, each in zip(NETWORKS, draw(some_networks), strict=False)),
        images=draw(free_images),
        groups=draw(some_groups) if grouped else (),
        running=running,
        host_rank=draw(orders),
        datastore_rank=draw(orders),
        network_rank=draw(orders),
        max_host=draw(limits),
        different_vnets=draw(st.booleans()),
    )
