"""NUMA nodes: whether a virtual machine's nodes can be laid out on a host's, and what they take as a plan grows."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from matchmaker.attributes.numbers import float32
from matchmaker.placement.numa_state import NodeState, pages_of
from matchmaker.placement.topology import (
    Core,
    Cpu,
    HostNode,
    HostTopology,
    HugePages,
    Policy,
    Topology,
    VirtualNode,
    thread_counts,
)

__all__ = ["Core", "Cpu", "HostNode", "HostTopology", "HugePages", "NumaBooking", "Policy", "Topology", "VirtualNode"]

_States = dict[int, NodeState]
"""The nodes of a host by id, ascending."""


class NumaBooking:
    """The NUMA nodes of one host while a plan grows.

    What is asked is what a virtual machine with a topology and at least one virtual node asks: others take nothing.

    Parameters
    ----------
    host : HostTopology
        The host's nodes; of equal ids the first counts.
    compatibility : bool
        Whether to test and take as OpenNebula 7.4 does: the test looks at each virtual node by itself, and a set that cannot
        be laid out takes nothing. If not, what fits is what can be laid out, and no CPU, page or memory is given twice.
    """

    __slots__ = ("_compatibility", "_host", "_nodes")

    def __init__(self, host: HostTopology, *, compatibility: bool = True) -> None:
        first: dict[int, HostNode] = {}
        for node in host.nodes:
            first.setdefault(node.id, node)
        self._compatibility = compatibility
        self._host = host
        self._nodes: _States = {
            id_: NodeState(first[id_], vms_thread=host.vms_thread, compatibility=compatibility) for id_ in sorted(first)
        }

    def copy(self) -> NumaBooking:
        """Return a booking that goes its own way from here."""
        other = object.__new__(NumaBooking)
        other._compatibility, other._host = self._compatibility, self._host
        other._nodes = {id_: node.copy() for id_, node in self._nodes.items()}
        return other

    @property
    def host(self) -> HostTopology:
        """The host's nodes, by ascending id, with what is taken of them now."""
        return replace(self._host, nodes=tuple(node.now() for node in self._nodes.values()))

    def fits(self, topology: Topology, nodes: tuple[VirtualNode, ...], memory: int) -> bool:
        """Tell whether the host has room.

        Parameters
        ----------
        topology : Topology
            How the virtual nodes are to be laid out.
        nodes : tuple of VirtualNode
            The virtual nodes; those without CPUs or without memory are ignored.
        memory : int
            The memory that is requested on the whole, in KiB.
        """
        if _in_one_node(topology):
            return self._single(topology, self._amount(memory)) is not None
        counted = tuple(node for node in nodes if node.counts)
        counts = thread_counts(topology, counted, threads=self._host.threads)
        if not self._nodes or not counts:
            return False
        if not counted:
            return True
        counts = self._promising(topology, counted, counts)
        if self._compatibility:
            return counts != ()
        cpus = sum(node.cpus for node in counted)
        return any(
            sum(state.groups(_grouping(topology, count)) for state in self._nodes.values()) * count >= cpus
            and self._laid_out(topology, counted, count, frozenset(), dry=True) is not None
            for count in counts
        )

    def book(
        self, topology: Topology, nodes: tuple[VirtualNode, ...], memory: int, *, near: Collection[int] = ()
    ) -> None:
        """Take what a virtual machine needs that is placed on the host.

        Parameters
        ----------
        topology : Topology
            How the virtual nodes are to be laid out.
        nodes : tuple of VirtualNode
            The virtual nodes; those without CPUs or without memory are ignored.
        memory : int
            The memory that is requested on the whole, in KiB.
        near : collection of int
            The host nodes that its PCI devices are near to.
        """
        if _in_one_node(topology):
            amount = self._amount(memory)
            node = self._single(topology, amount)
            if node is not None:
                node.take_memory(amount, topology.page)
            return
        counted = tuple(node for node in nodes if node.counts)
        counts = thread_counts(topology, counted, threads=self._host.threads)
        if not counted or not counts:
            return
        if self._compatibility:
            self._book_tallied(topology, counted, counts, frozenset(near))
            return
        # Near to its devices if that works; what the test found works in any case.
        for count in self._promising(topology, counted, counts):
            for close in (frozenset(near), frozenset[int]()):
                laid_out = self._laid_out(topology, counted, count, close, dry=False)
                if laid_out is not None:
                    self._nodes = laid_out
                    return

    def _amount(self, memory: int) -> int:
        return memory if self._compatibility else max(0, memory)

    def _single(self, topology: Topology, memory: int) -> NodeState | None:
        """Return the node that all memory is to come from, without a look at CPUs; None if there is none with so much."""
        page = topology.page
        if topology.node_affinity != -1:
            nodes = [node for id_, node in self._nodes.items() if id_ == topology.node_affinity]
        else:
            nodes = list(self._nodes.values())
        fitting = [node for node in nodes if node.free > 0 and node.has_all(memory, page)]
        return max(fitting, key=lambda node: node.pages.get(page, 0), default=None)

    def _promising(
        self, topology: Topology, nodes: tuple[VirtualNode, ...], counts: tuple[int, ...]
    ) -> tuple[int, ...]:
        """Return the thread counts with which every virtual node, by itself, finds CPUs and memory, maybe on different nodes.

        What fits the largest fits all.
        """
        memory = max(node.memory for node in nodes)
        if not any(state.has_memory(memory, topology.page) for state in self._nodes.values()):
            return ()
        cpus = max(node.cpus for node in nodes)
        return tuple(
            count
            for count in counts
            if any(state.groups(_grouping(topology, count)) * count >= cpus for state in self._nodes.values())
        )

    def _book_tallied(
        self, topology: Topology, nodes: tuple[VirtualNode, ...], counts: tuple[int, ...], near: frozenset[int]
    ) -> None:
        """Lay out virtual nodes with tallies, which count memory on the node of the CPUs (OpenNebula 7.4, observed)."""
        for count in counts:
            layout = list(self._tallied(topology, nodes, count, near))
            if len(layout) == len(nodes):
                for virtual, (cpus_on, memory_on) in zip(nodes, layout, strict=True):
                    self._nodes[memory_on].take_memory(virtual.memory, topology.page)
                    self._nodes[cpus_on].take_cpus(virtual, _grouping(topology, count))
                return

    def _tallied(
        self, topology: Topology, nodes: tuple[VirtualNode, ...], count: int, near: frozenset[int]
    ) -> Iterator[tuple[int, int]]:
        """Yield for each virtual node where its CPUs and its memory come from, until one finds nothing."""
        tallies = dict.fromkeys(self._nodes, (0, 0, 0))
        for index, virtual in enumerate(nodes):
            pair = _pair(self._nodes, topology, virtual, count, tallies, index if index in near else None)
            if pair is None:
                return
            yield pair
            cpus, memory, pages = tallies[pair[0]]
            more = pages_of(virtual.memory, topology.page) if topology.page else 0
            tallies[pair[0]] = (cpus + virtual.cpus, memory + virtual.memory, pages + more)

    def _laid_out(
        self, topology: Topology, nodes: tuple[VirtualNode, ...], count: int, near: frozenset[int], *, dry: bool
    ) -> _States | None:
        """Return the nodes after all virtual nodes took what they need; None when one finds nothing.

        When it is only asked whether they can, the last one does not take.
        """
        states, own = dict(self._nodes), set[int]()
        tallies = dict.fromkeys(states, (0, 0, 0))
        for index, virtual in enumerate(nodes):
            pair = _pair(states, topology, virtual, count, tallies, index if index in near else None)
            if pair is None:
                return None
            if dry and index == len(nodes) - 1:
                break
            for id_ in set(pair) - own:
                own.add(id_)
                states[id_] = states[id_].copy()
            states[pair[1]].take_memory(virtual.memory, topology.page)
            states[pair[0]].take_cpus(virtual, _grouping(topology, count))
        for id_ in own:
            states[id_].settle()
        return states


def _in_one_node(topology: Topology) -> bool:
    """Tell whether all memory is to come from one node, without a look at CPUs."""
    return topology.node_affinity != -1 or (topology.page > 0 and topology.policy == "NONE")


def _grouping(topology: Topology, count: int) -> int:
    """Return how many threads make a group; 0 for whole cores."""
    return 0 if topology.policy == "CORE" else count


def _pair(
    states: _States,
    topology: Topology,
    virtual: VirtualNode,
    count: int,
    tallies: dict[int, tuple[int, int, int]],
    near: int | None,
) -> tuple[int, int] | None:
    """Return the nodes where a virtual node's CPUs and its memory come from; None when there are none.

    CPUs come from the node with the most room left, before all from the one that is near to a device; memory from the node
    nearest to one with CPUs.
    """
    roomiest = []
    for id_, state in states.items():
        offered = (state.groups(_grouping(topology, count)) - tallies[id_][0] // count) * count
        if offered >= virtual.cpus:
            room = float32(1 - virtual.cpus / offered)
            roomiest.append((float32(room + 1) if id_ == near else room, id_))
    roomiest.sort(reverse=True)
    best, hops = None, len(states)
    for _, id_ in roomiest:
        for hop, other in enumerate(states[id_].node.distance[:hops]):
            reached = states.get(other)
            if reached is not None and reached.has_memory(virtual.memory, topology.page, tallied=tallies[other][1:]):
                best, hops = (id_, other), hop
                break
    return best
