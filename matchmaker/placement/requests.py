"""What is to be placed: a request, with what it requires, prefers and takes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import reduce
from operator import and_
from types import MappingProxyType
from typing import Any, Literal, TypeVar

from matchmaker.attributes.numbers import float32
from matchmaker.diagnostics import shown
from matchmaker.errors import MatchmakerError
from matchmaker.expressions import Rank, Requirement
from matchmaker.placement.numa import Topology, VirtualNode
from matchmaker.placement.pci import PciRequest

Kind = TypeVar("Kind", Requirement, Rank)

BOUNDLESS = 2**100
"""More than any host has."""

Operation = Literal["deploy", "migrate"]


class RequestError(MatchmakerError, TypeError):
    """A request is made of what it cannot be made of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Nic:
    """A network interface that wants a network.

    Parameters
    ----------
    id : int
        Which of the request's interfaces it is.
    requirements : tuple of Requirement
        What networks must meet, each of them; not looked at where `networks` are listed.
    rank : Rank or None
        What networks are sorted by; None for the policy's.
    networks : tuple of int or None
        The networks that were found to meet the requirement; None for all that there are.
    """

    id: int
    requirements: tuple[Requirement, ...] = ()
    rank: Rank | None = None
    networks: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "requirements", as_requirements(self.requirements))
        object.__setattr__(self, "rank", as_rank(self.rank))

    @property
    def requirement(self) -> Requirement:
        """What networks must meet, joined to one requirement as trees."""
        return _joined(self.requirements)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Something to be placed on a host, such as a virtual machine.

    Parameters
    ----------
    id : int
        Its number, unlike that of any other request.
    requirements : tuple of Requirement
        What hosts must meet, each of them: OpenNebula's automatic one and the user's. Here and below texts will do, and a
        single one in place of a tuple.
    rank : Rank or None
        What hosts are sorted by; None for the policy's.
    datastore_requirements : tuple of Requirement
        What system datastores must meet; not looked at where `datastores` are listed.
    datastore_rank : Rank or None
        What system datastores are sorted by; None for the policy's.
    nics : tuple of Nic
        The interfaces that want a network each, by ascending id.
    hosts, datastores : tuple of int or None
        The candidates, in order, that were chosen beforehand; None for all that there are.
    cores : float
        CPU in cores, a float32. A request without CPU or memory takes neither, nor disk.
    memory : int
        Memory in KiB.
    disk : int
        Space on the system datastore in MB.
    images : mapping of int to int
        Space on image datastores in MB, by the datastore's id.
    pci : tuple of PciRequest
        The devices it wants.
    topology : Topology or None
        How its virtual NUMA nodes are to be laid out.
    numa_nodes : tuple of VirtualNode or None
        Its virtual NUMA nodes; None when it has none.
    priority : float
        Requests of higher priority are served first, a float32.
    operation : {"deploy", "migrate"}
        Whether it is to start, or to move to another host.
    resume : bool
        Whether it was stopped, and its disks wait on a system datastore.
    host, datastore : int or None
        Where it runs, when it is to move.
    error : MatchmakerError or None
        Why it cannot be placed anywhere: one of its expressions is broken.
    notes : tuple of str
        What its owner should know, such as a broken rank of which a part is used.
    """

    id: int
    requirements: tuple[Requirement, ...] = ()
    rank: Rank | None = None
    datastore_requirements: tuple[Requirement, ...] = ()
    datastore_rank: Rank | None = None
    nics: tuple[Nic, ...] = ()
    hosts: tuple[int, ...] | None = None
    datastores: tuple[int, ...] | None = None
    cores: float = 0.0
    memory: int = 0
    disk: int = 0
    images: Mapping[int, int] = field(default_factory=lambda: MappingProxyType({}))
    pci: tuple[PciRequest, ...] = ()
    topology: Topology | None = None
    numa_nodes: tuple[VirtualNode, ...] | None = None
    priority: float = 0.0
    operation: Operation = "deploy"
    resume: bool = False
    host: int | None = None
    datastore: int | None = None
    error: MatchmakerError | None = field(default=None, compare=False)
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("requirements", "datastore_requirements"):
            object.__setattr__(self, name, as_requirements(getattr(self, name)))
        for name in ("rank", "datastore_rank"):
            object.__setattr__(self, name, as_rank(getattr(self, name)))
        for name in ("id", "memory", "disk"):
            if type(getattr(self, name)) is not int:
                raise RequestError(f"`{name}` of a request is a whole number, not {shown(getattr(self, name))}")
        for name in ("cores", "priority"):
            value = getattr(self, name)
            if type(value) not in (int, float) or not math.isfinite(value):
                raise RequestError(f"`{name}` of a request is a number, not {shown(value)}")

    @property
    def cpu(self) -> int:
        """CPU in hundredths of a core."""
        return hundredths(self.cores)

    @property
    def requirement(self) -> Requirement:
        """What hosts must meet, joined to one requirement as trees."""
        return _joined(self.requirements)

    @property
    def datastore_requirement(self) -> Requirement:
        """What system datastores must meet, joined to one requirement as trees."""
        return _joined(self.datastore_requirements)

    @property
    def migrates(self) -> bool:
        """Whether it is to move to another host."""
        return self.operation == "migrate"


def as_requirements(given: Any) -> tuple[Requirement, ...]:
    """Return requirements of one or several, texts or objects.

    Raises
    ------
    RequestError
        If it is something else.
    ExpressionError
        If a text is no requirement.
    """
    several = (given,) if isinstance(given, str | Requirement) else given
    try:
        return tuple(Requirement(each) if isinstance(each, str) else _checked(each, Requirement) for each in several)
    except TypeError:
        raise RequestError(f"requirements are texts or objects of `Requirement`, not {shown(given)}") from None


def as_rank(given: Any) -> Rank | None:
    """Return a rank of a text or an object, None for none; see `as_requirements`."""
    if given is None:
        return None
    return Rank(given) if isinstance(given, str) else _checked(given, Rank)


def _checked(given: Any, kind: type[Kind]) -> Kind:
    if not isinstance(given, kind):
        raise RequestError(f"a {kind.__name__.lower()} is a text or an object of `{kind.__name__}`, not {shown(given)}")
    return given


def hundredths(cores: float) -> int:
    """Return cores in hundredths, cut toward zero as OpenNebula does: in float32, and beyond int32 more than any host has."""
    number = float32(float32(cores) * 100.0)
    return int(max(number, -(2.0**31))) if number < 2.0**31 else BOUNDLESS


def _joined(requirements: tuple[Requirement, ...]) -> Requirement:
    return reduce(and_, requirements) if requirements else Requirement("")
