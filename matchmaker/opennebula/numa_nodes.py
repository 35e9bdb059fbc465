"""NUMA nodes of hosts, and what virtual machines ask of them, from OpenNebula's documents (OpenNebula 7.4, observed)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from matchmaker.opennebula.parsing import Element
from matchmaker.opennebula.readers import (
    INT32,
    INT64,
    UINT32,
    Vector,
    integer_at,
    leading_integer,
    lenient,
    pieces_of,
    strict,
    vectors,
)
from matchmaker.placement.numa import Core, Cpu, HostNode, HostTopology, HugePages, Policy, Topology, VirtualNode

_UNSIGNED = (0, 2**64 - 1)
_POLICIES: dict[str, Policy] = {"CORE": "CORE", "THREAD": "THREAD", "SHARED": "THREAD"}
_RESERVED = -2
"""What stands for a virtual machine at a CPU that is kept for the host."""


def host_topology(host: Element) -> HostTopology:
    """Return the NUMA nodes of a host, by ascending id.

    Nodes behind one without a number are not seen; then its cores count as having one thread each.

    Parameters
    ----------
    host : element
        A `HOST`.
    """
    vms_thread = integer_at(host, "HOST_SHARE/VMS_THREAD", 1, within=UINT32)
    found: dict[int, HostNode] = {}
    complete = True
    for element in host.iterfind("HOST_SHARE/NUMA_NODES/NODE"):
        id_ = _node_id(element)
        if id_ is None:
            complete = False
            break
        if id_ not in found:
            found[id_] = _node(id_, element)
    nodes = tuple(found[id_] for id_ in sorted(found))
    first = nodes[0].cores[:1] if nodes else ()
    threads = len(first[0].cpus) if first and complete else 1
    return HostTopology(nodes=nodes, threads=max(threads, 1), vms_thread=vms_thread)


def topology(values: Vector) -> Topology:
    """Return how a virtual machine's nodes are to be laid out.

    Parameters
    ----------
    values : mapping
        The `TOPOLOGY` vector of its template.
    """
    return Topology(
        policy=_POLICIES.get(values.get("PIN_POLICY", "").upper(), "NONE"),
        threads=lenient(values, "THREADS", 0, within=INT32),
        page=lenient(values, "HUGEPAGE_SIZE", 0, within=_UNSIGNED) * 1024,
        node_affinity=lenient(values, "NODE_AFFINITY", -1, within=INT32),
    )


def virtual_nodes(found: Sequence[Vector]) -> tuple[VirtualNode, ...]:
    """Return the virtual NUMA nodes of a virtual machine, those that do not count among them.

    Parameters
    ----------
    found : sequence of mapping
        The `NUMA_NODE` vectors of its template.
    """
    return tuple(
        VirtualNode(
            cpus=lenient(values, "TOTAL_CPUS", 0, within=UINT32), memory=lenient(values, "MEMORY", 0, within=INT64)
        )
        for values in found
    )


def _node_id(node: Element) -> int | None:
    """Return the number of a node: the first `NODE_ID` that is nothing but a text."""
    for child in node.iterchildren("*"):
        if child.tag.upper() == "NODE_ID" and len(child) == 0:
            pieces = pieces_of(child)
            if len(pieces) == 1:
                return strict({"NODE_ID": pieces[0]}, "NODE_ID", within=UINT32)
    return None


def _node(id_: int, element: Element) -> HostNode:
    children = list(element.iterchildren("*"))
    memory = next(iter(vectors(children, "MEMORY")), {})
    return HostNode(
        id=id_,
        cores=_cores(vectors(children, "CORE")),
        pages=_pages(vectors(children, "HUGEPAGE")),
        memory=lenient(memory, "TOTAL", 0),
        usage=lenient(memory, "USAGE", 0),
        distance=tuple(_numbers(memory.get("DISTANCE", "").split())),
    )


def _cores(found: Sequence[Vector]) -> tuple[Core, ...]:
    """Return cores by ascending id; of equal ids the first counts, and one without an id is left out."""
    cores: dict[int, Core] = {}
    for values in found:
        id_ = lenient(values, "ID", -1, within=UINT32)
        if id_ >= 0 and id_ not in cores:
            dedicated = values.get("DEDICATED", "").upper() == "YES"
            cores[id_] = Core(id=id_, cpus=_cpus(values.get("CPUS", "")), dedicated=dedicated)
    return tuple(cores[id_] for id_ in sorted(cores))


def _cpus(text: str) -> tuple[Cpu, ...]:
    """Return CPUs by ascending id, from `cpu:vm,cpu:vm`; a CPU is named once for each virtual machine that has it."""
    uses: dict[int, int] = {}
    reserved: set[int] = set()
    for piece in text.split(","):
        name, _, owner = piece.partition(":")
        cpu, vm = leading_integer(name, UINT32), leading_integer(owner, INT32)
        if cpu is None:
            continue
        uses[cpu] = uses.get(cpu, 0) + (vm is not None and vm >= 0)
        if vm == _RESERVED:
            reserved.add(cpu)
    return tuple(Cpu(id=cpu, uses=uses[cpu], reserved=cpu in reserved) for cpu in sorted(uses))


def _pages(found: Sequence[Vector]) -> tuple[HugePages, ...]:
    """Return pages by size; of a size named twice the first usage and the last number of pages count."""
    usages: dict[int, int] = {}
    pages: dict[int, int] = {}
    for values in found:
        size, number = (lenient(values, name, -1, within=_UNSIGNED) for name in ("SIZE", "PAGES"))
        if size >= 0 and number >= 0:
            usages.setdefault(size, lenient(values, "USAGE", 0, within=_UNSIGNED))
            pages[size] = number
    return tuple(HugePages(size=size, pages=pages[size], usage=usages[size]) for size in pages)


def _numbers(texts: Sequence[str]) -> Iterator[int]:
    for text in texts:
        number = leading_integer(text, INT32)
        if number is not None:
            yield number
