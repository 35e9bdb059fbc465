"""The requirements that OpenNebula adds to a VM: it may only go where all that it uses can be used.

The rules are those of `VirtualMachine::automatic_requirements` of OpenNebula 7 and of its template reference:

- **Clusters.** These restrict where a VM may go: the datastores of the kernel and the initial RAM disk (OS: KERNEL_DS,
  INITRD_DS), the datastore of each disk's image, and the network of each NIC and of each PCI device with `TYPE = NIC`. The VM
  may go to the clusters that all of them are in. Volatile disks, NICs without a network, such as automatic ones, aliases, and
  the files of the context restrict nothing. When nothing restricts the VM, no cluster is named.
- **Hosts.** `(CLUSTER_ID = 0 | CLUSTER_ID = 1)`, ascending, and `(PIN_POLICY = PINNED)` for a VM whose (first) TOPOLOGY has the
  PIN_POLICY CORE, THREAD or SHARED, in any case, `!(PIN_POLICY = PINNED)` for all others. Then `(KVM_CPU_FEATURES = "*f*")`
  for each of the FEATURES of CPU_MODEL, parted by commas, blanks included, and `(MEMORY_ENCRYPTION = "SEV")` for the TYPE of
  MEMORY_ENCRYPTION, which is compared with what a host's monitoring reports. (The last clause is made after OpenNebula's
  references of templates and of monitoring; unlike all else here, it was not seen in documents or in the source.)
- **Datastores.** `("CLUSTERS/ID" @> 0 | "CLUSTERS/ID" @> 1)`; `("ID" @> 100 | "ID" @> 101)` with what the COMPATIBLE_SYS_DS of
  the image datastores have in common, those without it not counted; when there is one of the two, `(TM_MAD = "x")` with the
  VM's TM_MAD_SYSTEM; and always `(SHARED = "YES")` when a disk is SHAREABLE.
- **Networks.** The clusters, as for datastores.

The clusters of a datastore or network are those that its own document names and those whose documents name it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from matchmaker.errors import MatchmakerError
from matchmaker.expressions import Requirement
from matchmaker.opennebula.parsing import Element
from matchmaker.opennebula.records import (
    Record,
    UnknownResource,
    first,
    integer,
    integers,
    members,
    named,
    records,
    values,
)
from matchmaker.opennebula.templates import Template, TemplateError, Vector

__all__ = [
    "AutomaticRequirements",
    "IncompatibleClusters",
    "IncompatibleDatastores",
    "UnknownResource",
    "automatic_requirements",
]

_FILE = re.compile(r'\b(\w++)\s*+=\s*+(?:\\?"([^"\\]*)\\?"|([^,\]\s]*))')
"""A pair in `$FILE[IMAGE = "kernel", IMAGE_UNAME = "oneadmin"]`."""
_PINNED = ("CORE", "THREAD", "SHARED")


class AutomaticRequirements(NamedTuple):
    """What OpenNebula adds to a VM, its AUTOMATIC_REQUIREMENTS, AUTOMATIC_DS_REQUIREMENTS and AUTOMATIC_NIC_REQUIREMENTS.

    Parameters
    ----------
    host, datastore, network : Requirement
        Their `str` is OpenNebula's text, empty where it adds none.
    """

    host: Requirement
    datastore: Requirement
    network: Requirement


class IncompatibleClusters(MatchmakerError):
    """What a VM uses is in no cluster together.

    Parameters
    ----------
    resources : tuple of str
        A line for each thing that restricts the clusters, such as `NIC [0]: NETWORK [1] requires CLUSTER [100]`.
    """

    def __init__(self, resources: tuple[str, ...]) -> None:
        super().__init__(resources)
        self.resources = resources

    def __str__(self) -> str:
        return "\n".join(("Incompatible cluster IDs.", *self.resources))


class IncompatibleDatastores(MatchmakerError):
    """The image datastores of a VM's disks have no compatible system datastore in common."""


class _Use(NamedTuple):
    """A datastore or network that a VM uses, the clusters it is in, and what to call it in messages."""

    label: str
    clusters: frozenset[int]

    @property
    def demand(self) -> str:
        ids = ",".join(map(str, sorted(self.clusters)))
        return f"requires CLUSTER [{ids}]" if ids else "is in no CLUSTER"


_Disk = tuple[int, Vector, Record, int | None]
"""A disk's place among the disks, itself, its image, and the ID of the image's datastore."""


def automatic_requirements(
    template: Template | str | bytes | Element | Mapping[str, Any],
    images: Any = None,
    datastores: Any = None,
    networks: Any = None,
    clusters: Any = None,
) -> AutomaticRequirements:
    """Return the requirements that OpenNebula adds to a VM.

    Parameters
    ----------
    template : Template, str, bytes, Element or mapping
        The VM: what `Template.of` takes, so a template in OpenNebula's syntax and a VM document as well.
    images, datastores, networks, clusters : pool
        An IMAGE_POOL, DATASTORE_POOL, VNET_POOL and CLUSTER_POOL document (str, bytes or Element), an iterable of documents,
        elements or mappings that have an ID, or a mapping of IDs to mappings. A mapping has the document's keys, such as
        `{"ID": 1, "CLUSTERS": {"ID": [0, 100]}}`, of which those in TEMPLATE may stand beside the others, and several ids may
        be a list or a text with commas. None is an empty pool.

    Raises
    ------
    IncompatibleClusters
        If no cluster holds all that the VM uses.
    IncompatibleDatastores
        If the image datastores share no compatible system datastore.
    UnknownResource
        If the VM uses what is not in its pool. A VM that runs already has DATASTORE_ID in its disks, and no image is looked up.
    TemplateError, DocumentError, CandidateError
        If the template or a pool cannot be read, or a value with a quote in it would become part of an expression.

    Examples
    --------
    >>> networks = {1: {"CLUSTERS": [0, 100]}}
    >>> host, datastore, network = automatic_requirements("NIC = [ NETWORK_ID = 1 ]", networks=networks)
    >>> str(host)
    '(CLUSTER_ID = 0 | CLUSTER_ID = 100) & !(PIN_POLICY = PINNED)'
    >>> str(network)
    '("CLUSTERS/ID" @> 0 | "CLUSTERS/ID" @> 100)'
    """
    vm = Template.of(template)
    cloud = _Cloud(records(images), records(datastores), records(networks), records(clusters))
    disks = [(place, disk, *cloud.stored(disk)) for place, disk in enumerate(vm.vectors("DISK"))]
    uses = [*_files(vm, cloud), *_disks(disks, cloud), *_nics(vm, cloud)]
    shared = _common(uses)
    compatible = _compatible(disks, cloud)
    in_clusters = _any_of('"CLUSTERS/ID" @> ', shared)
    places = [part for part in (in_clusters, _any_of('"ID" @> ', compatible)) if part]
    driver = vm.get("TM_MAD_SYSTEM")
    if places and driver is not None:
        places.append(f'(TM_MAD = "{_unquoted("TM_MAD_SYSTEM", driver.strip())}")')
    if any(disk.get("SHAREABLE", "").upper() == "YES" or cloud.shareable(image) for _, disk, image, _ in disks):
        places.append('(SHARED = "YES")')
    return AutomaticRequirements(
        Requirement(" & ".join([*filter(None, [_any_of("CLUSTER_ID = ", shared)]), *_host_clauses(vm)])),
        Requirement(" & ".join(places)),
        Requirement(in_clusters),
    )


def _host_clauses(vm: Template) -> Iterator[str]:
    topology, model, encryption = (
        vm.vector(name) or Vector() for name in ("TOPOLOGY", "CPU_MODEL", "MEMORY_ENCRYPTION")
    )
    yield f"{'' if topology.get('PIN_POLICY', '').upper() in _PINNED else '!'}(PIN_POLICY = PINNED)"
    for feature in filter(None, model.get("FEATURES", "").split(",")):
        yield f'(KVM_CPU_FEATURES = "*{_unquoted("CPU_MODEL/FEATURES", feature)}*")'
    kind = encryption.get("TYPE", "").strip()
    if kind and kind.upper() != "NONE":
        yield f'(MEMORY_ENCRYPTION = "{_unquoted("MEMORY_ENCRYPTION/TYPE", kind)}")'


class _Cloud:
    """The pools, by ID."""

    def __init__(
        self,
        images: dict[int, Record],
        datastores: dict[int, Record],
        networks: dict[int, Record],
        clusters: dict[int, Record],
    ) -> None:
        self.images, self.datastores, self.networks = images, datastores, networks
        self._clusters = {"DATASTORES": members(clusters, "DATASTORES"), "VNETS": members(clusters, "VNETS")}

    def stored(self, disk: Mapping[str, str]) -> tuple[Record, int | None]:
        """Return the image of a disk and the ID of its datastore; both are None for a volatile one."""
        stated = integer(disk.get("DATASTORE_ID"))
        image = named("IMAGE", self.images, disk, required=stated is None)
        return image, stated if stated is not None or image is None else integer(first(image, "DATASTORE_ID"))

    def use(self, label: str, section: str, id_: int, stated: str | None = None) -> _Use:
        """Return the use of a datastore (section DATASTORES) or network (VNETS), of what its pool or else the VM itself knows of its clusters."""
        record = (self.datastores if section == "DATASTORES" else self.networks).get(id_)
        members = self._clusters[section].get(id_, frozenset())
        if record is None and not members and stated is None:
            what = "datastore" if section == "DATASTORES" else "network"
            raise UnknownResource(f"{label}: no {what} has the ID {id_}")
        if record is None and not members:
            return _Use(label, integers((stated or "",)))
        return _Use(label, members.union(integers(values(record, "CLUSTERS/ID"))))

    def shareable(self, image: Any) -> bool:
        return image is not None and (first(image, "TEMPLATE/PERSISTENT_TYPE") or "").upper() == "SHAREABLE"


def _files(vm: Template, cloud: _Cloud) -> Iterator[_Use]:
    for system in vm.vectors("OS")[:1]:
        for name in ("KERNEL_DS", "INITRD_DS"):
            datastore = integer(system.get(f"{name}_DSID"))
            if datastore is None and name in system:
                pairs = {key.upper(): quoted or bare for key, quoted, bare in _FILE.findall(system[name])}
                _, datastore = cloud.stored(pairs)
            if datastore is not None:
                stated = system.get(f"{name}_CLUSTER_ID")
                yield cloud.use(f"OS: {name} from DATASTORE [{datastore}]", "DATASTORES", datastore, stated)


def _disks(disks: list[_Disk], cloud: _Cloud) -> Iterator[_Use]:
    for place, disk, image, datastore in disks:
        if datastore is not None:
            id_ = first(image, "ID") if image is not None else disk.get("IMAGE_ID", disk.get("IMAGE", ""))
            label = f"DISK [{place}]: IMAGE [{id_}] from DATASTORE [{datastore}]"
            yield cloud.use(label, "DATASTORES", datastore, disk.get("CLUSTER_ID"))


def _nics(vm: Template, cloud: _Cloud) -> Iterator[_Use]:
    for kind in ("NIC", "PCI"):
        for place, nic in enumerate(vm.vectors(kind)):
            if kind == "PCI" and nic.get("TYPE") != "NIC":
                continue
            id_ = integer(nic.get("NETWORK_ID"))
            if id_ is None and nic.get("NETWORK_MODE", "").upper() != "AUTO":
                network = named("NETWORK", cloud.networks, nic, required=True)
                id_ = None if network is None else integer(first(network, "ID"))
            if id_ is not None:
                yield cloud.use(f"{kind} [{place}]: NETWORK [{id_}]", "VNETS", id_, nic.get("CLUSTER_ID"))


def _common(uses: list[_Use]) -> frozenset[int]:
    if not uses:
        return frozenset()
    shared = frozenset.intersection(*(use.clusters for use in uses))
    if not shared:
        raise IncompatibleClusters(tuple(f"{use.label} {use.demand}" for use in uses))
    return shared


def _compatible(disks: list[_Disk], cloud: _Cloud) -> frozenset[int]:
    shared: frozenset[int] = frozenset()
    for place, _, _, datastore in disks:
        found = integers(
            values(cloud.datastores.get(-1 if datastore is None else datastore), "TEMPLATE/COMPATIBLE_SYS_DS")
        )
        if found and shared and not found & shared:
            raise IncompatibleDatastores(
                f"DISK [{place}]: DATASTORE [{datastore}] is compatible with the system datastores "
                f"[{','.join(map(str, sorted(found)))}], the disks before it with [{','.join(map(str, sorted(shared)))}]"
            )
        shared = found & shared if found and shared else found or shared
    return shared


def _any_of(start: str, ids: Iterable[int]) -> str:
    listed = " | ".join(f"{start}{id_}" for id_ in sorted(ids))
    return f"({listed})" if listed else ""


def _unquoted(name: str, value: str) -> str:
    if '"' in value:
        raise TemplateError(f"`{name}` holds a quote, which would end the text it becomes part of")
    return value
