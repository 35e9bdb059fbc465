"""NUMA topologies: what a virtual machine asks of a host's NUMA nodes, and what these have.

Cores and CPUs are numbered by the host; memory and page sizes are in KiB.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Policy = Literal["NONE", "THREAD", "CORE"]


@dataclass(frozen=True, slots=True)
class VirtualNode:
    """A virtual NUMA node; one without CPUs or without memory is ignored when nodes are laid out.

    Parameters
    ----------
    cpus : int
        How many CPUs it has.
    memory : int
        Memory in KiB.
    """

    cpus: int
    memory: int

    @property
    def counts(self) -> bool:
        """Whether it has CPUs and memory."""
        return self.cpus > 0 and self.memory > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Topology:
    """How virtual NUMA nodes are to be laid out on a host.

    Parameters
    ----------
    policy : {"NONE", "THREAD", "CORE"}
        Whether a CPU is a thread of the host (so too with NONE, when nodes are laid out at all), or a core of its own.
    threads : int
        How many threads of a core are to be taken together; 0 for as many as can be.
    page : int
        Size of the pages in KiB; 0 for ordinary memory.
    node_affinity : int
        The host node that all memory is to come from; -1 for any.
    """

    policy: Policy = "NONE"
    threads: int = 0
    page: int = 0
    node_affinity: int = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Cpu:
    """A CPU, that is a thread of a core.

    Parameters
    ----------
    id : int
        Its number.
    uses : int
        How many virtual machines have it.
    reserved : bool
        Whether it is kept for the host itself.
    """

    id: int
    uses: int = 0
    reserved: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Core:
    """A core.

    Parameters
    ----------
    id : int
        Its number.
    cpus : tuple of Cpu
        Its CPUs, by ascending id.
    dedicated : bool
        Whether a virtual machine has it as a whole.
    """

    id: int
    cpus: tuple[Cpu, ...] = ()
    dedicated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HugePages:
    """The pages of one size that a node has.

    Parameters
    ----------
    size : int
        Size of a page in KiB.
    pages, usage : int
        How many there are, and how many of them are taken.
    """

    size: int
    pages: int
    usage: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class HostNode:
    """A NUMA node of a host.

    Parameters
    ----------
    id : int
        Its number.
    cores : tuple of Core
        Its cores, by ascending id.
    pages : tuple of HugePages
        Its pages, by size.
    memory, usage : int
        How much memory it has and how much of that is taken, in KiB.
    distance : tuple of int
        The ids of nodes whose memory it reaches, the nearest first: as a rule itself.
    """

    id: int
    cores: tuple[Core, ...] = ()
    pages: tuple[HugePages, ...] = ()
    memory: int = 0
    usage: int = 0
    distance: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HostTopology:
    """The NUMA nodes of a host.

    Parameters
    ----------
    nodes : tuple of HostNode
        Its nodes, by ascending id.
    threads : int
        How many threads its cores have, at least 1.
    vms_thread : int
        How many virtual machines may share a CPU.
    """

    nodes: tuple[HostNode, ...] = ()
    threads: int = 1
    vms_thread: int = 1


def thread_counts(topology: Topology, nodes: tuple[VirtualNode, ...], *, threads: int) -> tuple[int, ...]:
    """Return how many threads of a core may be taken together, the most first (OpenNebula 7.4, observed).

    Parameters
    ----------
    topology : Topology
        How the virtual nodes are to be laid out.
    nodes : tuple of VirtualNode
        The virtual nodes that count.
    threads : int
        How many threads the cores of the host have.

    Returns
    -------
    tuple of int
        Powers of two that divide the CPUs of every virtual node; 1 alone for whole cores. Empty when the wish cannot be met.
    """
    if topology.policy == "CORE":
        return (1,)
    if not nodes:
        return () if topology.threads else (1,)
    together = 0
    for node in nodes:
        together |= node.cpus
    largest = min(together & -together, 1 << max(threads, 1).bit_length() - 1)
    counts = tuple(1 << power for power in range(largest.bit_length() - 1, -1, -1))
    if topology.threads:
        return (topology.threads,) if topology.threads in counts else ()
    return counts
