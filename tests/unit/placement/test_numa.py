"""NUMA nodes: one test for each sentence of the rules, and what holds for all hosts and virtual nodes."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchmaker.placement.numa import (
    Core,
    Cpu,
    HostNode,
    HostTopology,
    HugePages,
    NumaBooking,
    Policy,
    Topology,
    VirtualNode,
)
from matchmaker.placement.topology import thread_counts

CORE, THREAD, NONE = Topology(policy="CORE"), Topology(policy="THREAD"), Topology()
BOTH = pytest.mark.parametrize("compatibility", [True, False])


def core(id_: int, uses: str = "..", *, dedicated: bool = False) -> Core:
    """Make a core: a CPU per character, `.` free, `r` reserved, a digit that many uses."""
    cpus = (
        Cpu(id=10 * id_ + which, uses=int(use) if use.isdigit() else 0, reserved=use == "r")
        for which, use in enumerate(uses)
    )
    return Core(id=id_, cpus=tuple(cpus), dedicated=dedicated)


def node(
    id_: int, *cores: str, memory: int = 100, usage: int = 0, distance: str | None = None, pages: str = ""
) -> HostNode:
    """Make a node: its cores as above, a `D` behind a dedicated one; pages as `size:pages:usage`; itself the nearest."""
    near = str(id_) + "012".replace(str(id_), "") if distance is None else distance
    made = (core(10 * id_ + which, text.rstrip("D"), dedicated=text.endswith("D")) for which, text in enumerate(cores))
    numbers = [[int(number) for number in text.split(":")] for text in pages.split()]
    return HostNode(
        id=id_,
        cores=tuple(made),
        memory=memory,
        usage=usage,
        distance=tuple(map(int, near)),
        pages=tuple(HugePages(size=size, pages=count, usage=used) for size, count, used in numbers),
    )


def booking(*nodes: HostNode, threads: int = 2, vms_thread: int = 1, compatibility: bool = True) -> NumaBooking:
    host = HostTopology(nodes=nodes, threads=threads, vms_thread=vms_thread)
    return NumaBooking(host, compatibility=compatibility)


def virtual(*cpus: int, memory: int = 10) -> tuple[VirtualNode, ...]:
    return tuple(VirtualNode(number, memory) for number in cpus)


def uses(numa: NumaBooking) -> list[str]:
    """Return what is taken of each node: a digit per CPU, cores parted by blanks, `D` behind a dedicated one."""
    return [
        " ".join("".join(str(cpu.uses) for cpu in core.cpus) + "D" * core.dedicated for core in node.cores)
        for node in numa.host.nodes
    ]


def memory(numa: NumaBooking) -> list[int]:
    return [node.usage for node in numa.host.nodes]


def pages(numa: NumaBooking) -> list[list[int]]:
    return [[each.usage for each in node.pages] for node in numa.host.nodes]


# The host.


@BOTH
@pytest.mark.parametrize("topology", [CORE, THREAD, NONE, Topology(page=1), Topology(node_affinity=0)])
def test_a_host_without_nodes_fails(topology: Topology, compatibility: bool) -> None:
    assert not booking(compatibility=compatibility).fits(topology, virtual(1), 0)
    booking(compatibility=compatibility).book(topology, virtual(1), 0)


def test_of_equal_ids_the_first_counts() -> None:
    numa = booking(node(0, "."), node(0, "....", ".."))
    assert not numa.fits(THREAD, virtual(2), 0)


@pytest.mark.parametrize(
    ("text", "cores", "threads"),
    [
        ("..", 1, 2),
        ("1.", 0, 1),
        ("r.", 1, 1),
        ("rr", 0, 0),
        ("..D", 0, 0),
        ("", 0, 0),
        ("2.", 0, 0),
        ("r1", 0, 0),
    ],
)
@BOTH
def test_what_a_core_offers(text: str, cores: int, threads: int, compatibility: bool) -> None:
    numa = booking(node(0, text), compatibility=compatibility)
    one = Topology(policy="THREAD", threads=1)
    assert [numa.fits(CORE, virtual(number), 0) for number in (1, 2)] == [cores >= 1, False]
    assert [numa.fits(one, virtual(number), 0) for number in (1, 2, 3)] == [threads >= 1, threads >= 2, False]


def test_virtual_machines_that_share_a_cpu() -> None:
    one = Topology(policy="THREAD", threads=1)
    numa = booking(node(0, "21r"), vms_thread=3)
    assert [numa.fits(one, virtual(number), 0) for number in (3, 4)] == [True, False]
    assert not booking(node(0, "..."), vms_thread=0).fits(one, virtual(1), 0)


# When, and how many threads together.


def test_thread_counts() -> None:
    def counts(*cpus: int, wish: int = 0, threads: int = 4, policy: Policy = "THREAD") -> tuple[int, ...]:
        return thread_counts(Topology(policy=policy, threads=wish), virtual(*cpus), threads=threads)

    assert counts(8) == (4, 2, 1)
    assert counts(8, threads=3) == (2, 1)
    assert counts(8, 6) == (2, 1)
    assert counts(8, 6, 5) == (1,)
    assert counts(8, wish=2) == (2,)
    assert counts(8, wish=8) == counts(8, wish=3) == counts(8, wish=-1) == counts(6, wish=4) == ()
    assert counts(8, wish=2, threads=1) == ()
    assert counts(8, policy="NONE") == (4, 2, 1)
    assert counts(8, wish=2, policy="CORE") == counts(8, wish=-3, policy="CORE") == (1,)
    assert counts(8, threads=0) == (1,)
    assert counts(2**40, threads=2**70) == tuple(2**power for power in range(40, -1, -1))


@BOTH
def test_virtual_nodes_without_cpus_or_memory_are_ignored(compatibility: bool) -> None:
    numa = booking(node(0, ".."), compatibility=compatibility)
    ignored = (VirtualNode(0, 10), VirtualNode(50, 0), VirtualNode(-1, 10), VirtualNode(1, -1))
    assert numa.fits(THREAD, (*ignored, VirtualNode(2, 10)), 0)
    numa.book(THREAD, (*ignored, VirtualNode(2, 10)), 0)
    assert uses(numa) == ["11"]


@BOTH
def test_no_virtual_node_that_counts(compatibility: bool) -> None:
    numa = booking(node(0), compatibility=compatibility)
    nodes = (VirtualNode(0, 0),)
    for topology in (CORE, THREAD, NONE, Topology(policy="CORE", threads=3)):
        assert numa.fits(topology, nodes, 10**9)
        numa.book(topology, nodes, 10**9)
    assert not numa.fits(Topology(threads=1), nodes, 0)
    numa.book(Topology(threads=1), nodes, 0)
    assert memory(numa) == [0]


def test_thread_and_none_without_pages_are_the_same() -> None:
    for topology in (THREAD, NONE):
        numa = booking(node(0, "..", "1."))
        assert numa.fits(topology, virtual(2), 0)
        numa.book(topology, virtual(2), 0)
        assert uses(numa) == ["11 10"]


# A: the node is given.


@BOTH
def test_node_affinity(compatibility: bool) -> None:
    numa = booking(node(0, "rr"), node(1, memory=50, usage=20), node(2, usage=100), compatibility=compatibility)
    for policy in ("CORE", "THREAD", "NONE"):
        zero, one, two, three = (Topology(policy=policy, node_affinity=id_) for id_ in (0, 1, 2, 3))
        assert numa.fits(zero, virtual(99), 100)
        assert not numa.fits(zero, virtual(99), 101)
        assert numa.fits(one, virtual(99), 30)
        assert not numa.fits(one, virtual(99), 31)
        assert not numa.fits(two, virtual(99), 0)
        assert not numa.fits(three, virtual(99), 0)
        assert not numa.fits(Topology(policy=policy, node_affinity=-2), virtual(99), 0)
    numa.book(zero, virtual(99), 60)
    assert memory(numa) == [60, 20, 100]
    assert uses(numa)[0] == "00"


@BOTH
def test_node_affinity_with_pages(compatibility: bool) -> None:
    numa = booking(node(0, pages="2:30:5 4:1:1"), node(1), compatibility=compatibility)
    pinned = Topology(policy="CORE", page=2, node_affinity=0)
    assert numa.fits(pinned, virtual(1), 51)
    assert not numa.fits(pinned, virtual(1), 52)
    assert not numa.fits(Topology(page=4, node_affinity=0), virtual(1), 0)
    assert not numa.fits(Topology(page=8, node_affinity=0), virtual(1), 0)
    assert not numa.fits(Topology(page=2, node_affinity=1), virtual(1), 0)
    numa.book(pinned, virtual(1), 51)
    assert (memory(numa), pages(numa)) == ([51, 0], [[30, 1], []])


def test_what_does_not_fit_takes_nothing() -> None:
    numa = booking(node(0, pages="2:1:0"))
    for topology in (Topology(node_affinity=0), Topology(node_affinity=9), Topology(page=2)):
        numa.book(topology, virtual(1), 101)
    assert (memory(numa), pages(numa)) == ([0], [[0]])


# B: pages without pinning.


@BOTH
def test_pages_without_pinning_come_from_the_node_with_most_of_them(compatibility: bool) -> None:
    numa = booking(
        node(0, "rr", pages="2:20:8"), node(1, pages="2:20:5"), node(2, pages="2:15:0"), compatibility=compatibility
    )
    topology = Topology(page=2)
    assert numa.fits(topology, virtual(99), 30)
    assert not numa.fits(topology, virtual(99), 32)
    numa.book(topology, virtual(99), 9)
    assert (memory(numa), pages(numa)) == ([0, 9, 0], [[8], [9], [0]])
    numa.book(topology, virtual(99), 9)
    assert memory(numa) == [0, 9, 9]


def test_more_pages_taken_than_there_are_count_as_plenty() -> None:
    host = node(0, "....", pages="2:1:2")
    pinned = Topology(page=2, policy="THREAD")
    assert booking(host).fits(pinned, virtual(1), 10)
    assert not booking(host, compatibility=False).fits(pinned, virtual(1), 10)
    for topology in (Topology(page=2), Topology(page=2, node_affinity=0)):
        assert not booking(host).fits(topology, virtual(1), 10)


# C: the test.


def test_each_virtual_node_is_tested_by_itself() -> None:
    numa = booking(node(0, "..", memory=10))
    assert numa.fits(THREAD, virtual(2, 2, 2), 0)
    assert not numa.fits(THREAD, virtual(2, 4), 0)
    assert not numa.fits(THREAD, (*virtual(2), VirtualNode(1, 11)), 0)


def test_cpus_and_memory_may_be_on_different_nodes() -> None:
    numa = booking(node(0, "..", memory=5), node(1, memory=10))
    assert numa.fits(THREAD, virtual(2), 0)
    numa.book(THREAD, virtual(2), 0)
    assert (uses(numa), memory(numa)) == (["11", ""], [0, 10])


@BOTH
def test_all_virtual_nodes_are_tested_with_one_number_of_threads(compatibility: bool) -> None:
    # Pairs: two groups. Single: six threads.
    numa = booking(node(0, "..", "1.", "1.", ".."), compatibility=compatibility)
    assert numa.fits(THREAD, virtual(4), 0)
    assert numa.fits(THREAD, virtual(6), 0)
    assert not numa.fits(Topology(policy="THREAD", threads=2), virtual(6), 0)
    assert not numa.fits(THREAD, virtual(7), 0)


@BOTH
def test_pages_when_pinned(compatibility: bool) -> None:
    numa = booking(node(0, "..", "..", pages="4:3:1 8:1:1"), compatibility=compatibility)
    topology = Topology(policy="THREAD", page=4)
    assert numa.fits(topology, virtual(1, memory=11), 0)
    assert not numa.fits(topology, virtual(1, memory=12), 0)
    assert numa.fits(topology, virtual(1, memory=1), 0)
    assert not numa.fits(Topology(policy="THREAD", page=8), virtual(1, memory=1), 0)
    assert not numa.fits(Topology(policy="THREAD", page=16), virtual(1, memory=1), 0)
    numa.book(topology, virtual(1, memory=3), 0)
    assert (memory(numa), pages(numa)) == ([3], [[1, 1]])
    numa.book(topology, virtual(1, memory=11), 0)
    assert (memory(numa), pages(numa)) == ([14], [[3, 1]])
    assert not numa.fits(topology, virtual(1, memory=1), 0)


# C: placing.


@BOTH
def test_the_node_with_the_most_room_left_is_first(compatibility: bool) -> None:
    numa = booking(node(0, ".", ".", "."), node(1, "."), node(2, "."), threads=1, compatibility=compatibility)
    taken = []
    for _ in range(5):
        numa.book(THREAD, virtual(1), 0)
        taken.append(" ".join(uses(numa)).replace(" ", ""))
    # Then, of those with equal room, the one with the higher id.
    assert taken == ["10000", "11000", "11001", "11011", "11111"]


@BOTH
def test_a_node_near_to_a_device_is_first(compatibility: bool) -> None:
    nodes = [node(0, "."), node(1, "...", "..."), node(2, "..")]

    def after(*cpus: int, near: Sequence[int]) -> list[int]:
        numa = booking(*nodes, threads=1, compatibility=compatibility)
        numa.book(THREAD, virtual(*cpus), 0, near=near)
        return memory(numa)

    assert after(1, near=[]) == [0, 10, 0]
    assert after(1, near=[0]) == [10, 0, 0]
    # It is the index of the virtual node that counts, and the host node of that number.
    assert after(1, near=[2]) == [0, 10, 0]
    assert after(1, 1, near=[0]) == [10, 10, 0]
    assert after(1, 1, 1, near=[2]) == [0, 20, 10]
    assert after(2, near=[0]) == [0, 10, 0]


@BOTH
def test_memory_comes_from_the_nearest_node(compatibility: bool) -> None:
    numa = booking(
        node(0, ".", distance="021"),
        node(1, "..", "..", memory=0, distance="120"),
        node(2, distance="201"),
        compatibility=compatibility,
    )
    # Node 1 has the most room but no memory of its own: node 0, which has some at hop 0, is before it.
    numa.book(THREAD, virtual(1), 0)
    assert (uses(numa)[:2], memory(numa)) == (["1", "00 00"], [10, 0, 0])
    numa.book(THREAD, virtual(1), 0)
    assert (uses(numa)[:2], memory(numa)) == (["1", "10 00"], [10, 0, 10])


@BOTH
def test_only_listed_nodes_are_reached(compatibility: bool) -> None:
    for distance in ("", "1", "7"):
        numa = booking(node(0, "..", distance=distance), compatibility=compatibility)
        assert numa.fits(THREAD, virtual(1), 0) == compatibility
        numa.book(THREAD, virtual(1), 0)
        assert (uses(numa), memory(numa)) == (["00"], [0])


def test_a_distance_is_looked_at_up_to_the_number_of_nodes() -> None:
    numa = booking(node(0, "..", distance="70"))
    numa.book(THREAD, virtual(1), 0)
    assert memory(numa) == [0]


def test_what_is_tallied_is_on_the_node_of_the_cpus() -> None:
    # Both find their memory on node 1, though it has only enough for one.
    numa = booking(node(0, "..", "..", memory=0, distance="01"), node(1, memory=15, distance="10"))
    assert numa.fits(THREAD, virtual(2, 2), 0)
    numa.book(THREAD, virtual(2, 2), 0)
    assert memory(numa) == [0, 20]
    # Here the memory is with the CPUs, and the second finds none.
    numa = booking(node(0, "..", "..", memory=15, distance="0"))
    assert numa.fits(THREAD, virtual(2, 2), 0)
    numa.book(THREAD, virtual(2, 2), 0)
    assert (uses(numa), memory(numa)) == (["00 00"], [0])


def test_the_next_number_of_threads_is_tried_with_fresh_tallies() -> None:
    # In pairs there is room for one of the two; one by one for both.
    numa = booking(node(0, "..", "1.", "1."))
    numa.book(THREAD, virtual(2, 2), 0)
    assert uses(numa) == ["11 11 11"]


def test_a_set_that_cannot_be_laid_out_takes_nothing() -> None:
    numa = booking(node(0, "..", ".."))
    assert numa.fits(CORE, virtual(2, 1), 0)
    numa.book(CORE, virtual(2, 1), 0)
    assert (uses(numa), memory(numa)) == (["00 00"], [0])


@BOTH
def test_cores_are_taken_by_id(compatibility: bool) -> None:
    numa = booking(node(0, "..", "1.", "r.", "rr", "..D", "...."), compatibility=compatibility)
    assert numa.fits(CORE, virtual(3), 0)
    numa.book(CORE, virtual(2), 0)
    assert uses(numa) == ["00D 10 00D 00 00D 0000"]
    assert numa.fits(CORE, virtual(1), 0)
    assert not numa.fits(CORE, virtual(2), 0)
    numa.book(THREAD, virtual(1), 0)
    assert uses(numa) == ["00D 11 00D 00 00D 0000"]
    assert numa.fits(CORE, virtual(1), 0)


@BOTH
def test_threads_are_taken_by_id(compatibility: bool) -> None:
    numa = booking(node(0, ".r..", "1.", "...."), threads=4, compatibility=compatibility)
    numa.book(Topology(policy="THREAD", threads=2), virtual(4), 0)
    assert uses(numa) == ["1010 10 1100"]
    numa.book(Topology(policy="THREAD", threads=1), virtual(3), 0)
    assert uses(numa) == ["1011 11 1110"]


def test_with_shared_cpus_it_may_end_short() -> None:
    numa = booking(node(0, ".."), vms_thread=2)
    assert numa.fits(THREAD, virtual(4), 0)
    numa.book(THREAD, virtual(4), 0)
    assert uses(numa) == ["11"]
    assert not numa.fits(THREAD, virtual(3), 0)
    numa.book(THREAD, virtual(2), 0)
    assert uses(numa) == ["22"]
    assert not numa.fits(THREAD, virtual(1), 0)


@BOTH
def test_a_copy_goes_its_own_way(compatibility: bool) -> None:
    numa = booking(node(0, "..", "..", pages="2:9:0"), compatibility=compatibility)
    other = numa.copy()
    other.book(Topology(policy="THREAD", page=2), virtual(2), 0)
    third = other.copy()
    third.book(CORE, virtual(1), 0)
    assert [uses(each) for each in (numa, other, third)] == [["00 00"], ["11 00"], ["11 00D"]]
    assert [memory(each) for each in (numa, other, third)] == [[0], [10], [20]]
    assert [pages(each) for each in (numa, other, third)] == [[[0]], [[5]], [[5]]]


# What is mended.


def test_virtual_nodes_are_tested_together() -> None:
    numa = booking(node(0, "..", "..", memory=25), compatibility=False)
    assert numa.fits(THREAD, virtual(2, 2), 0)
    assert not numa.fits(THREAD, virtual(2, 2, 2), 0)
    assert not numa.fits(CORE, virtual(2, 1), 0)
    assert not numa.fits(THREAD, (VirtualNode(1, 20), VirtualNode(1, 10)), 0)
    numa.book(CORE, virtual(2, 1), 0)
    assert (uses(numa), memory(numa)) == (["00 00"], [0])


def test_memory_is_counted_where_it_is_taken() -> None:
    numa = booking(node(0, "..", "..", memory=0), node(1, memory=15, distance="10"), compatibility=False)
    assert numa.fits(THREAD, virtual(2), 0)
    assert not numa.fits(THREAD, virtual(2, 2), 0)


def test_pages_are_counted_where_they_are_taken() -> None:
    numa = booking(node(0, "..", "..", pages="2:9:0"), compatibility=False)
    topology = Topology(policy="CORE", page=2)
    assert numa.fits(topology, virtual(1), 0)
    assert not numa.fits(topology, virtual(1, 1), 0)


def test_a_virtual_machine_has_a_cpu_once() -> None:
    numa = booking(node(0, ".."), vms_thread=2, compatibility=False)
    assert not numa.fits(THREAD, virtual(4), 0)
    assert not numa.fits(THREAD, virtual(2, 2), 0)
    for expected in ("11", "22"):
        assert numa.fits(THREAD, virtual(2), 0)
        numa.book(THREAD, virtual(2), 0)
        assert uses(numa) == [expected]
    assert not numa.fits(THREAD, virtual(1), 0)


def test_where_near_to_a_device_does_not_work_elsewhere_does() -> None:
    # Near to its device the first would take the memory that the second needs.
    numa = booking(node(0, ".."), node(1, "...", memory=10), threads=1, compatibility=False)
    nodes = (VirtualNode(1, 10), VirtualNode(2, 100))
    assert numa.fits(THREAD, nodes, 0)
    numa.book(THREAD, nodes, 0, near=[0])
    assert memory(numa) == [100, 10]


def test_a_negative_request_gives_nothing_back() -> None:
    numa = booking(node(0, "..", usage=50), compatibility=False)
    numa.book(Topology(node_affinity=0), virtual(1), -20)
    assert memory(numa) == [50]


def test_many_virtual_nodes_take_little_time() -> None:
    for compatibility in (True, False):
        numa = booking(*(node(id_, *[".."] * 32) for id_ in range(4)), compatibility=compatibility)
        many = virtual(*[1] * 50_000, memory=1)
        assert numa.fits(THREAD, many, 0) == compatibility
        numa.book(THREAD, many, 0)
        assert memory(numa) == [0] * 4
    cycle = booking(*(node(id_, "..", distance="") for id_ in range(1_000)), compatibility=False)
    assert not cycle.fits(THREAD, virtual(1), 0)


# What holds for all hosts and virtual nodes.

few = st.integers(0, 3)
cores = st.text(".r12", max_size=4) | st.just("..") | st.just("..") | st.just("..D")
nodes = st.builds(
    lambda id_, cores, memory, usage, distance, pages: node(
        id_, *cores, memory=memory, usage=usage, distance=distance, pages=pages
    ),
    st.integers(0, 3),
    st.lists(cores, max_size=4),
    st.integers(0, 40),
    st.integers(0, 10),
    st.text("0123", max_size=4) | st.just("0123"),
    st.sampled_from(["", "4:5:0", "4:8:2 8:1:0", "4:1:2"]),
)
hosts = st.builds(HostTopology, nodes=st.lists(nodes, max_size=4).map(tuple), threads=few, vms_thread=few)
policies: st.SearchStrategy[Policy] = st.sampled_from(["NONE", "THREAD", "CORE"])
topologies = st.builds(
    Topology,
    policy=policies,
    threads=st.sampled_from([0, 0, 0, 1, 2, 3, -1]),
    page=st.sampled_from([0, 0, 4, 8]),
    node_affinity=st.sampled_from([-1, -1, -1, 0, 1, 7, -2]),
)
vms = st.tuples(
    topologies,
    st.lists(st.builds(VirtualNode, st.integers(-1, 5), st.integers(-1, 20)), max_size=4).map(tuple),
    st.integers(-5, 40),
    st.lists(few, max_size=2),
)
Vm = tuple[Topology, tuple[VirtualNode, ...], int, list[int]]


def cpu_uses(numa: NumaBooking) -> dict[tuple[int, int, int], int]:
    return {
        (node.id, core.id, cpu.id): cpu.uses for node in numa.host.nodes for core in node.cores for cpu in core.cpus
    }


@given(hosts, st.lists(vms, max_size=5))
def test_nothing_is_overcommitted(host: HostTopology, vms: list[Vm]) -> None:
    numa = NumaBooking(host, compatibility=False)
    for topology, virtual_nodes, amount, near in vms:
        before, was, fitted = numa.host, cpu_uses(numa), numa.fits(topology, virtual_nodes, amount)
        numa.book(topology, virtual_nodes, amount, near=near)
        after = numa.host
        if not fitted:
            assert after == before
            continue
        single = topology.node_affinity != -1 or (topology.page and topology.policy == "NONE")
        counted = [node for node in virtual_nodes if node.counts]
        expected = max(0, amount) if single else sum(node.memory for node in counted)
        assert sum(node.usage for node in after.nodes) - sum(node.usage for node in before.nodes) == expected
        dedicated = threads = 0
        for old, new in zip(before.nodes, after.nodes, strict=True):
            assert new.usage == old.usage or new.usage <= new.memory
            for old_pages, new_pages in zip(old.pages, new.pages, strict=True):
                assert new_pages == old_pages or new_pages.usage <= new_pages.pages
            for old_core, new_core in zip(old.cores, new.cores, strict=True):
                if new_core.dedicated and not old_core.dedicated:
                    dedicated += 1
                    assert not any(cpu.uses for cpu in new_core.cpus)
                for old_cpu, new_cpu in zip(old_core.cpus, new_core.cpus, strict=True):
                    taken = new_cpu.uses - old_cpu.uses
                    threads += taken
                    assert taken == 0 or (taken == 1 and new_cpu.uses <= host.vms_thread)
                    assert taken == 0 or not (new_cpu.reserved or new_core.dedicated)
        assert dedicated + threads == (0 if single else sum(node.cpus for node in counted))
        assert (threads == 0) if topology.policy == "CORE" else (dedicated == 0)
        assert was.keys() == cpu_uses(numa).keys()


@given(hosts, st.lists(vms, max_size=5), st.booleans())
def test_a_booking_is_what_its_host_is(host: HostTopology, vms: list[Vm], compatibility: bool) -> None:
    numa = NumaBooking(host, compatibility=compatibility)
    for topology, virtual_nodes, amount, near in vms:
        again = NumaBooking(numa.host, compatibility=compatibility)
        assert again.host == numa.host
        assert again.fits(topology, virtual_nodes, amount) == numa.fits(topology, virtual_nodes, amount)
        numa.book(topology, virtual_nodes, amount, near=near)
        again.book(topology, virtual_nodes, amount, near=near)
        assert again.host == numa.host


def by_the_book(host: HostTopology, topology: Topology, virtual_nodes: Sequence[VirtualNode], amount: int) -> bool:
    """Tell whether a virtual machine fits, step by step as the rules have it."""
    nodes: dict[int, HostNode] = {}
    for each in host.nodes:
        nodes.setdefault(each.id, each)
    page = topology.page

    def pages_free(node: HostNode) -> int | None:
        return next(((each.pages - each.usage) % 2**64 for each in node.pages if each.size == page), None)

    def has(node: HostNode, memory: int, plenty: int = 2**64) -> bool:
        free = pages_free(node)
        enough = page == 0 or (free is not None and plenty > free > 0 and free >= memory % 2**64 // page)
        return node.memory - node.usage >= memory and enough

    if topology.node_affinity != -1 or (page > 0 and topology.policy == "NONE"):
        chosen = [node for id_, node in nodes.items() if topology.node_affinity in (-1, id_)]
        return any(node.memory - node.usage > 0 and has(node, amount, 2**63) for node in chosen)
    counted = [node for node in virtual_nodes if node.counts]
    most = max(1, host.threads)
    counts = [2**power for power in range(5) if 2**power <= most]
    counts = [count for count in counts if all(node.cpus % count == 0 for node in counted)]
    if topology.policy == "CORE":
        counts = [1]
    elif topology.threads:
        counts = [count for count in counts if count == topology.threads and counted]

    def groups(node: HostNode, count: int) -> int:
        number = 0
        for core in node.cores:
            usable = sum(not cpu.reserved for cpu in core.cpus)
            used = 1 if core.dedicated else sum(cpu.uses for cpu in core.cpus)
            free = 0 if core.dedicated else max(0, usable * host.vms_thread - used)
            number += (used == 0 and usable > 0) if topology.policy == "CORE" else free // count
        return number

    def works(count: int) -> bool:
        return all(
            any(groups(node, count) * count >= wanted.cpus for node in nodes.values())
            and any(has(node, wanted.memory) for node in nodes.values())
            for wanted in counted
        )

    return bool(nodes) and any(map(works, counts))


@given(hosts, st.lists(vms, min_size=1, max_size=3))
def test_the_test_agrees_with_the_rules(host: HostTopology, vms: list[Vm]) -> None:
    numa = NumaBooking(host)
    for topology, virtual_nodes, amount, near in vms:
        assert numa.fits(topology, virtual_nodes, amount) == by_the_book(numa.host, topology, virtual_nodes, amount)
        numa.book(topology, virtual_nodes, amount, near=near)
