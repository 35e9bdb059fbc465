"""What a request needs while a plan is made: its own wishes, and what its VM groups add to them."""

from __future__ import annotations

from collections.abc import Set
from contextlib import AbstractContextManager, nullcontext
from typing import TypeVar

from matchmaker.attributes.numbers import LARGEST_FLOAT32, float32
from matchmaker.expressions import Requirement
from matchmaker.limits import Budget
from matchmaker.placement.numa import Topology, VirtualNode
from matchmaker.placement.pci import PciRequest
from matchmaker.placement.requests import Request, hundredths

Item = TypeVar("Item")


class Need:
    """One request's needs; groups change them before anything is placed.

    Attributes
    ----------
    request : Request
        Whose needs they are.
    requirements : list of Requirement
        What hosts must meet.
    apart : list of (int or None, frozenset of int)
        None of the requests in any of these sets must be on its host, but the one that the set comes with. Sets are
        shared: all members of a role have the same.
    beside : list of int
        The requests that must be on its host.
    allowed : list of frozenset of int
        Its host must be in each of these sets.
    forbidden : list of frozenset of int
        Its host must be in none of these sets.
    leaders : list of int
        The requests whose host and datastore it tries first.
    cores, memory, disk
        What it takes, as in `Request`; for the leader of an affined set, what the set takes.
    numa_nodes : tuple of VirtualNode or None
        As in `Request`.
    error : Exception or None
        Why it cannot be placed; a leader takes over that of its followers.
    to_blame : int
        Whose error that is.
    budget : context manager
        Counts the time that its expressions take.
    patience : context manager
        Counts the time that finding a place for it takes.
    pci : tuple of PciRequest
        The devices that a host must have for it.
    compatibility : bool
        Whether it may take less than nothing, as OpenNebula has it.
    """

    __slots__ = (
        "allowed",
        "apart",
        "beside",
        "budget",
        "compatibility",
        "cores",
        "disk",
        "error",
        "forbidden",
        "leaders",
        "memory",
        "numa_nodes",
        "patience",
        "pci",
        "request",
        "requirements",
        "to_blame",
    )

    def __init__(self, request: Request, budget: Budget | None = None, *, compatibility: bool = True) -> None:
        self.request = request
        self.compatibility = compatibility
        self.error: Exception | None = request.error
        self.to_blame = request.id
        self.budget: AbstractContextManager[object] = nullcontext() if budget is None else budget
        self.patience: AbstractContextManager[object] = nullcontext()
        # A device that is asked for twice by its address is one device, in OpenNebula's test.
        self.pci = _different(request.pci) if compatibility else request.pci
        self.requirements: list[Requirement] = list(request.requirements)
        self.apart: list[tuple[int | None, frozenset[int]]] = []
        self.beside: list[int] = []
        self.allowed: list[frozenset[int]] = []
        self.forbidden: list[frozenset[int]] = []
        self.leaders: list[int] = []
        self.cores = request.cores
        self.memory = request.memory
        self.disk = request.disk
        self.numa_nodes: tuple[VirtualNode, ...] | None = request.numa_nodes

    @property
    def demand(self) -> tuple[int, int, int]:
        """CPU in hundredths of a core, memory in KiB and disk in MB; all zero when CPU or memory is zero."""
        if self.cores == 0 or self.memory == 0:
            return 0, 0, 0
        if self.compatibility:
            return hundredths(self.cores), self.memory, self.disk
        return max(0, hundredths(self.cores)), max(0, self.memory), max(0, self.disk)

    @property
    def images(self) -> dict[int, int]:
        """Space on image datastores in MB, by the datastore's id."""
        if self.compatibility:
            return dict(self.request.images)
        return {datastore: max(0, size) for datastore, size in self.request.images.items()}

    @property
    def layout(self) -> tuple[Topology, tuple[VirtualNode, ...]] | None:
        """Its virtual NUMA nodes, and how they are to be laid out; None when they are not."""
        topology, nodes = self.request.topology, self.numa_nodes
        return None if topology is None or nodes is None else (topology, nodes)

    @property
    def constrained(self) -> bool:
        """Whether a group restricts where it may go."""
        return bool(self.apart or self.beside or self.allowed or self.forbidden)

    @property
    def mentions_vms(self) -> bool:
        """Whether the requests on a host matter, so that hosts are looked at again as the plan grows."""
        return bool(self.apart or self.beside) or any("CURRENT_VMS" in each.attributes for each in self.requirements)

    def permits(self, host: int, vms: Set[int], placed: Set[int] = frozenset()) -> bool:
        """Tell whether the groups let it onto a host.

        Parameters
        ----------
        host : int
            The host's id.
        vms, placed : set of int
            The requests that ran on it before, and those that were placed on it.
        """
        for forbidden in self.forbidden:
            if host in forbidden:
                return False
        for allowed in self.allowed:
            if host not in allowed:
                return False
        for other in self.beside:
            if other not in vms and other not in placed:
                return False
        for own, others in self.apart:
            if not (_apart(own, others, vms) and _apart(own, others, placed)):
                return False
        return True

    def lead(self, follower: Need) -> None:
        """Take over what a follower takes and requires, as OpenNebula does: the follower is to come to the same host.

        The follower's CPU is cut to whole cores first, and what groups add to the follower later is not seen.
        """
        self.cores = _added(self.cores, follower.cores)
        self.memory += follower.memory
        self.disk += follower.disk
        if follower.numa_nodes is not None:
            self.numa_nodes = (self.numa_nodes or ()) + follower.numa_nodes
            follower.numa_nodes = None
        follower.cores, follower.memory, follower.disk = 0.0, 0, 0
        if self.error is None and follower.error is not None:
            self.error, self.to_blame = follower.error, follower.to_blame
        _extend(self.requirements, follower.requirements)
        _extend(self.apart, follower.apart)
        _extend(self.beside, follower.beside)
        _extend(self.allowed, follower.allowed)
        _extend(self.forbidden, follower.forbidden)
        follower.beside.append(self.request.id)
        follower.leaders.append(self.request.id)


def _different(requests: tuple[PciRequest, ...]) -> tuple[PciRequest, ...]:
    """Return requests without the second and later ones for one address."""
    addresses: set[str] = set()
    found = []
    for request in requests:
        if not request.short_address or request.short_address not in addresses:
            addresses.add(request.short_address)
            found.append(request)
    return tuple(found)


def _added(cores: float, more: float) -> float:
    """Add whole cores in float32; what is beyond all hosts stays a number."""
    return max(-LARGEST_FLOAT32, min(float32(cores + int(more)), LARGEST_FLOAT32))


def _apart(own: int | None, others: frozenset[int], vms: Set[int]) -> bool:
    return others.isdisjoint(vms) or others & vms == {own}


def _extend(mine: list[Item], others: list[Item]) -> None:
    """Add what is not there yet: members of a role share what is asked of them."""
    known = {id(each) for each in mine}
    mine += [each for each in others if id(each) not in known]
