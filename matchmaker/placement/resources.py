"""What requests are placed on: hosts, system and image datastores, virtual networks, with what is free on them.

`place` takes anything that has the attributes of these classes, so that an integration can read a value when it is asked for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Protocol

from matchmaker.errors import PoolError
from matchmaker.matching.pool import Pool
from matchmaker.placement.numa import HostTopology
from matchmaker.placement.pci import PciDevice


class HostLike(Protocol):
    """What is asked of a host; `Host` says what it means."""

    @property
    def id(self) -> int: ...  # noqa: D102
    @property
    def candidate(self) -> Any: ...  # noqa: D102
    @property
    def cluster(self) -> int: ...  # noqa: D102
    @property
    def cpu(self) -> int: ...  # noqa: D102
    @property
    def memory(self) -> int: ...  # noqa: D102
    @property
    def disk(self) -> int: ...  # noqa: D102
    @property
    def disks(self) -> Mapping[int, int]: ...  # noqa: D102
    @property
    def vms(self) -> Set[int]: ...  # noqa: D102
    @property
    def pci(self) -> tuple[PciDevice, ...]: ...  # noqa: D102
    @property
    def topology(self) -> HostTopology: ...  # noqa: D102


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """A host.

    Parameters
    ----------
    id : int
        Its number.
    candidate : mapping or document
        Its attributes, for requirements and ranks. One with a method `with_vms(ids)`, as OpenNebula's documents have, is
        asked for itself with the requests that were placed on it, where a requirement reads CURRENT_VMS.
    cluster : int
        The cluster it belongs to; -1 for none.
    cpu : int
        Free CPU in hundredths of a core.
    memory : int
        Free memory in KiB.
    disk : int
        Free space in MB for each system datastore that is on the hosts' own disks and not in `disks`.
    disks : mapping of int to int
        Free space in MB on this host by system datastore.
    vms : set of int
        The requests that run on it.
    pci : tuple of PciDevice
        Its PCI devices.
    topology : HostTopology
        Its NUMA nodes.
    """

    id: int
    candidate: Any = field(default_factory=dict)
    cluster: int = 0
    cpu: int = 0
    memory: int = 0
    disk: int = 0
    disks: Mapping[int, int] = field(default_factory=lambda: MappingProxyType({}))
    vms: Set[int] = frozenset()
    pci: tuple[PciDevice, ...] = ()
    topology: HostTopology = field(default_factory=HostTopology)


@dataclass(frozen=True, slots=True, kw_only=True)
class Datastore:
    """A system datastore.

    Parameters
    ----------
    id : int
        Its number.
    candidate : mapping or document
        Its attributes, for requirements and ranks.
    clusters : set of int
        The clusters whose hosts can use it.
    shared : bool
        Whether all hosts share its space; if not, each host has its own.
    free : int
        Free space in MB, when it is shared.
    monitored : bool
        Whether its space is known; a shared one takes nothing before.
    """

    id: int
    candidate: Any = field(default_factory=dict)
    clusters: Set[int] = frozenset({0})
    shared: bool = True
    free: int = 0
    monitored: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """A virtual network.

    Parameters
    ----------
    id : int
        Its number.
    candidate : mapping or document
        Its attributes, for requirements and ranks.
    clusters : set of int
        The clusters whose hosts can use it.
    leases : int
        How many addresses are free.
    """

    id: int
    candidate: Any = field(default_factory=dict)
    clusters: Set[int] = frozenset({0})
    leases: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageDatastore:
    """A datastore of images, which requests take space of when they are placed.

    Parameters
    ----------
    id : int
        Its number.
    free : int
        Free space in MB.
    """

    id: int
    free: int = 0


def resources_of(given: Iterable[Any], *, compatibility: bool) -> list[Any]:
    """Return resources as they are, or those that the candidates of a pool stand for.

    Parameters
    ----------
    given : iterable of resources, or Pool
        The kind of a pool's candidates says by its method `resource` what stands for one, or None for what nothing can be
        placed on, such as a disabled host.
    compatibility : bool
        Whether OpenNebula's defects are reproduced.

    Raises
    ------
    PoolError
        If two have one id, one is no resource, or the candidates of a pool are of a kind that says nothing of resources, as plain mappings are.
    """
    found = _of_pool(given, compatibility) if isinstance(given, Pool) else list(given)
    for each in found:
        if not hasattr(each, "id"):
            raise PoolError(
                f"nothing can be placed on a value of type `{type(each).__name__}`: "
                "make a placement.Host, Datastore or Network of it"
            )
    ids = {each.id for each in found}
    if len(ids) < len(found):
        twice = min(key for key, count in Counter(each.id for each in found).items() if count > 1)
        raise PoolError(f"two {type(found[0]).__name__} resources have the id {twice}")
    return found


def _of_pool(pool: Pool, compatibility: bool) -> list[Any]:
    if not len(pool):
        return []
    resource = getattr(pool.kind, "resource", None)
    if resource is None:
        raise PoolError(
            f"nothing can be placed on candidates of the kind `{pool.kind.name}`: "
            "make a placement.Host, Datastore or Network of each"
        )
    found = (resource(candidate, compatibility=compatibility) for candidate in pool)
    return [each for each in found if each is not None]
