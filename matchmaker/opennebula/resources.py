"""Hosts, datastores and networks of OpenNebula as what requests are placed on.

Which elements are read, and what counts when they are missing, was observed on OpenNebula 7.4.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import TypeVar

from matchmaker.opennebula.documents import Document, document_of
from matchmaker.opennebula.kinds import HOST, NETWORK
from matchmaker.opennebula.numa_nodes import host_topology
from matchmaker.opennebula.parsing import Element, text_of
from matchmaker.opennebula.pci_devices import pci_devices
from matchmaker.opennebula.readers import INT32, INT64, integer_at, integers_at, leading_integer, says
from matchmaker.placement.numa import HostTopology
from matchmaker.placement.pci import PciDevice
from matchmaker.placement.resources import Datastore, ImageDatastore, Network

Sort = TypeVar("Sort", "DocumentHost", Datastore, Network)

ENABLED_HOST = (1, 2)
"""The states of hosts that are monitored: at the moment, or not."""


class DocumentHost:
    """A host whose account is read from its document, each value when it is first asked for; `Host` says what they mean.

    Parameters
    ----------
    candidate : Document
        The host.
    compatibility : bool
        Whether the free space of datastores is paired with them as OpenNebula does it: by position, so that one without a
        value shifts those behind it.
    """

    def __init__(self, candidate: Document, *, compatibility: bool = True) -> None:
        self.candidate = candidate
        self._element = candidate.element
        self._compatibility = compatibility
        self.id = integer_at(self._element, "ID", -1)
        self.cluster = integer_at(self._element, "CLUSTER_ID", -1)

    @cached_property
    def cpu(self) -> int:
        """Free CPU in hundredths of a core."""
        return self._share("MAX_CPU") - self._share("CPU_USAGE")

    @cached_property
    def memory(self) -> int:
        """Free memory in KiB."""
        return self._share("MAX_MEM") - self._share("MEM_USAGE")

    @cached_property
    def disk(self) -> int:
        """Free space in MB."""
        return self._share("DATASTORES/FREE_DISK")

    @cached_property
    def disks(self) -> dict[int, int]:
        """Free space in MB by system datastore."""
        if self._compatibility:
            ids = integers_at(self._element, "HOST_SHARE/DATASTORES/DS/ID")
            return dict(
                zip(ids, integers_at(self._element, "HOST_SHARE/DATASTORES/DS/FREE_MB", within=INT64), strict=False)
            )
        entries = self._element.iterfind("HOST_SHARE/DATASTORES/DS")
        found = ((integers_at(entry, "ID")[:1], integers_at(entry, "FREE_MB", within=INT64)[:1]) for entry in entries)
        return {datastore[0]: free[0] for datastore, free in found if datastore and free}

    @cached_property
    def vms(self) -> frozenset[int]:
        """The virtual machines on it."""
        return self.candidate.vms

    @cached_property
    def pci(self) -> tuple[PciDevice, ...]:
        """Its PCI devices."""
        return pci_devices(self._element)

    @cached_property
    def topology(self) -> HostTopology:
        """Its NUMA nodes."""
        return host_topology(self._element)

    def _share(self, path: str) -> int:
        return integer_at(self._element, f"HOST_SHARE/{path}", 0, within=INT64)


def resource_of(
    candidate: Document, *, compatibility: bool
) -> DocumentHost | Datastore | ImageDatastore | Network | None:
    """Return what a document stands for in a placement, None for what is disabled."""
    element = candidate.element
    if candidate.kind is HOST:
        return DocumentHost(candidate, compatibility=compatibility) if _is_enabled(element) else None
    if candidate.kind is NETWORK:
        return _network(candidate)
    if says(element, "TYPE", 0):
        return ImageDatastore(id=integer_at(element, "ID", -1), free=_space(element)[0])
    return _datastore(candidate) if _is_system(element) else None


def hosts_of(elements: Iterable[Element], *, compatibility: bool = True) -> list[DocumentHost]:
    """Return the enabled hosts; of those with one id the first."""
    enabled = filter(_is_enabled, elements)
    return list(_first(DocumentHost(document_of(each), compatibility=compatibility) for each in enabled))


def datastores_of(elements: Iterable[Element]) -> list[Datastore]:
    """Return the system datastores that are enabled; of those with one id the first."""
    return list(_first(_datastore(document_of(each)) for each in filter(_is_system, elements)))


def images_of(elements: Iterable[Element]) -> dict[int, int]:
    """Return the free space in MB of the image datastores by id; of those with one id the first counts."""
    found: dict[int, int] = {}
    for each in elements:
        if says(each, "TYPE", 0):
            found.setdefault(integer_at(each, "ID", -1), _space(each)[0])
    return found


def networks_of(elements: Iterable[Element]) -> list[Network]:
    """Return the virtual networks; of those with one id the first."""
    return list(_first(_network(document_of(each)) for each in elements))


def _is_enabled(host: Element) -> bool:
    return any(says(host, "STATE", state) for state in ENABLED_HOST)


def _is_system(datastore: Element) -> bool:
    return says(datastore, "TYPE", 1) and says(datastore, "STATE", 0)


def _datastore(candidate: Document) -> Datastore:
    element = candidate.element
    free, monitored = _space(element)
    shared = element.find("TEMPLATE/SHARED")
    return Datastore(
        id=integer_at(element, "ID", -1),
        clusters=_clusters(element),
        shared=shared is None or text_of(shared).upper() == "YES",
        free=free,
        monitored=monitored,
        candidate=candidate,
    )


def _space(element: Element) -> tuple[int, bool]:
    """Return a datastore's free space in MB, and whether it is monitored."""
    free, total, used = (integer_at(element, tag, 0, within=INT64) for tag in ("FREE_MB", "TOTAL_MB", "USED_MB"))
    limit = element.find("TEMPLATE/LIMIT_MB")
    most = None if limit is None else leading_integer(text_of(limit), INT64)
    return (free if most is None else max(0, most - used)), bool(free or total or used)


def _network(candidate: Document) -> Network:
    element = candidate.element
    sizes = (leading_integer(text_of(size), INT64) or 0 for size in element.iterfind("AR_POOL/AR/SIZE"))
    return Network(
        id=integer_at(element, "ID", -1),
        clusters=_clusters(element),
        leases=sum(sizes) - integer_at(element, "USED_LEASES", 0, within=INT64),
        candidate=candidate,
    )


def _clusters(element: Element) -> frozenset[int]:
    """Return the clusters of a datastore or network, up to the first id that is no number."""
    found: list[int] = []
    for each in element.iterfind("CLUSTERS/ID"):
        number = leading_integer(text_of(each), INT32)
        if number is None:
            break
        found.append(number)
    return frozenset(found)


def _first(resources: Iterable[Sort]) -> Iterator[Sort]:
    seen: set[int] = set()
    for each in resources:
        if each.id not in seen:
            seen.add(each.id)
            yield each
