"""Virtual machines as requests: what OpenNebula's scheduler reads of a VM document.

The readers, the defaults and which of several elements counts were observed on OpenNebula 7.4.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

from matchmaker.attributes.numbers import float_reading
from matchmaker.errors import DocumentError
from matchmaker.expressions import Requirement
from matchmaker.opennebula.disks import disk_usage, with_memory
from matchmaker.opennebula.numa_nodes import topology, virtual_nodes
from matchmaker.opennebula.parsing import Element, element_of, text_of
from matchmaker.opennebula.pci_devices import pci_requests
from matchmaker.opennebula.readers import (
    INT64,
    Vector,
    float_at,
    has_child_elements,
    integer_at,
    leading_integer,
    lenient,
    says,
    vector,
)
from matchmaker.opennebula.vm_expressions import LENGTH, VmExpressions
from matchmaker.placement.requests import Nic, Request

ACTIVE = 3
POWERED_OFF = 8
RUNNING, UNKNOWN = 3, 16
"""States and states of the life cycle that matter here."""
RESUMING = {5, 6, 9}
"""Actions of the last history record that leave disks on a system datastore: stop, undeploy and its hard form."""

_WHOLE = re.compile(r"\s*[+-]?(?:[0-9]{1,18}\.?[0-9]*|\.[0-9]+)\s*")
"""A number that is read as it is written."""

_VECTORS = frozenset({"DISK", "NIC", "PCI", "TOPOLOGY", "NUMA_NODE"})


class Listed(NamedTuple):
    """The candidates that OpenNebula lists for a virtual machine, by id and in its order.

    Parameters
    ----------
    hosts, datastores : tuple of int
        The hosts and the system datastores.
    networks : mapping of int to tuple of int
        The networks for each NIC.
    """

    hosts: tuple[int, ...] = ()
    datastores: tuple[int, ...] = ()
    networks: Mapping[int, tuple[int, ...]] = MappingProxyType({})


def request(
    vm: str | bytes | Element,
    *,
    listed: Listed | None = None,
    memory_system_ds_scale: float = 0.0,
    longest: int = LENGTH,
) -> Request:
    """Read a virtual machine as a request.

    Parameters
    ----------
    vm : str, bytes or Element
        The VM document, as `onevm show -x` prints it.
    listed : Listed or None
        The candidates that were chosen beforehand; None for all.
    memory_system_ds_scale : float
        How much of the memory is kept free on the system datastore; negative for none.
    longest : int
        The longest text of an expression, in bytes of UTF-8.

    Returns
    -------
    Request
        Expressions that are broken do not raise: its `error` or its `notes` tell.

    Raises
    ------
    DocumentError
        If it is no VM document.
    ExtraMissing
        If lxml is not installed.

    Examples
    --------
    >>> vm = "<VM><ID>7</ID><TEMPLATE><CPU>0.5</CPU><MEMORY>1024</MEMORY></TEMPLATE></VM>"
    >>> wanted = request(vm)
    >>> wanted.id, wanted.cpu, wanted.memory
    (7, 50, 1048576)
    """
    element = element_of(vm)
    if element.tag != "VM":
        raise DocumentError(f"`{str(element.tag)[:40]}` is no virtual machine: the root element is VM")
    return request_of(element, VmExpressions(longest), listed=listed, scale=memory_system_ds_scale)


def request_of(vm: Element, expressions: VmExpressions, *, listed: Listed | None, scale: float) -> Request:
    """Read an element that is safe to work with; see `request`."""
    return _Reading(vm, expressions).request(listed, scale)


def is_scheduled(vm: Element) -> bool:
    """Tell whether a virtual machine waits for a place: it is pending, or runs or is powered off and is to move."""
    return says(vm, "STATE", 1) or (
        says(vm, "RESCHED", 1)
        and (says(vm, "STATE", POWERED_OFF) or says(vm, "LCM_STATE", RUNNING) or says(vm, "LCM_STATE", UNKNOWN))
    )


def running_members(vms: Iterable[Element]) -> dict[int, int]:
    """Return the host of each virtual machine that runs and belongs to a VM group, by its id; of namesakes the first."""
    found: dict[int, int] = {}
    for vm in vms:
        if integer_at(vm, "STATE", -1) == ACTIVE and vm.find("TEMPLATE/VMGROUP/ROLE") is not None:
            host = integer_at(vm, "HISTORY_RECORDS/HISTORY/HID", -1)
            if host != -1:
                found.setdefault(integer_at(vm, "ID", -1), host)
    return found


@dataclass(frozen=True, slots=True)
class _Reading:
    vm: Element
    expressions: VmExpressions

    def request(self, listed: Listed | None, scale: float) -> Request:
        vm, expressions = self.vm, self.expressions
        vectors = self._vectors()
        migrates = integer_at(vm, "RESCHED", 0) == 1
        memory = integer_at(vm, "TEMPLATE/MEMORY", 0, within=INT64)
        usage = disk_usage(vectors["DISK"])
        expressions.notes += [
            f"the disk size `{size[:20]}` is no number, the disk does not count" for size in usage.unread
        ]
        self._note_unread("CPU", float_reading)
        self._note_unread("MEMORY", lambda text: leading_integer(text, INT64))
        rank = self._text("USER_TEMPLATE/SCHED_RANK")
        topologies = vectors["TOPOLOGY"]
        return Request(
            id=integer_at(vm, "ID", -1),
            requirements=(
                *expressions.requirement(self._text("TEMPLATE/AUTOMATIC_REQUIREMENTS"), "AUTOMATIC_REQUIREMENTS"),
                *expressions.requirement(self._text("USER_TEMPLATE/SCHED_REQUIREMENTS"), "SCHED_REQUIREMENTS"),
            ),
            rank=expressions.rank(self._text("USER_TEMPLATE/RANK"), "RANK")
            if rank is None
            else expressions.rank(rank, "SCHED_RANK"),
            datastore_requirements=()
            if migrates or listed is not None
            else (
                *expressions.requirement(self._text("TEMPLATE/AUTOMATIC_DS_REQUIREMENTS"), "AUTOMATIC_DS_REQUIREMENTS"),
                *expressions.requirement(self._text("USER_TEMPLATE/SCHED_DS_REQUIREMENTS"), "SCHED_DS_REQUIREMENTS"),
            ),
            # A virtual machine that moves keeps its datastore and its networks.
            datastore_rank=None
            if migrates
            else expressions.rank(self._text("USER_TEMPLATE/SCHED_DS_RANK"), "SCHED_DS_RANK"),
            nics=() if migrates else self._nics(vectors["NIC"], listed),
            hosts=None if listed is None else listed.hosts,
            datastores=None if listed is None else listed.datastores,
            cores=float_at(vm, "TEMPLATE/CPU", 0.0),
            memory=memory * 1024,
            disk=with_memory(usage.system, memory, scale),
            images=usage.images,
            pci=pci_requests(vectors["PCI"]),
            topology=topology(topologies[0]) if topologies else None,
            numa_nodes=virtual_nodes(vectors["NUMA_NODE"]) if vectors["NUMA_NODE"] else None,
            priority=float_at(vm, "USER_TEMPLATE/USER_PRIORITY", 0.0),
            operation="migrate" if migrates else "deploy",
            resume=integer_at(vm, "HISTORY_RECORDS/HISTORY/ACTION", -1) in RESUMING,
            host=integer_at(vm, "HISTORY_RECORDS/HISTORY/HID", -1) if migrates else None,
            datastore=integer_at(vm, "HISTORY_RECORDS/HISTORY/DS_ID", -1) if migrates else None,
            error=expressions.error,
            notes=tuple(expressions.notes),
        )

    def _vectors(self) -> dict[str, list[Vector]]:
        """Return the vectors of the template by name, which counts in any case."""
        found: dict[str, list[Vector]] = {name: [] for name in _VECTORS}
        for template in self.vm.iterchildren("TEMPLATE"):
            for child in template.iterchildren("*"):
                name = child.tag.upper()
                if name in _VECTORS and has_child_elements(child):
                    found[name].append(vector(child))
            break
        return found

    def _nics(self, vectors: list[Vector], listed: Listed | None) -> tuple[Nic, ...]:
        """Return the NICs that want a network, by ascending id; of two with one id the first."""
        found: dict[int, Nic] = {}
        for values in vectors:
            if values.get("NETWORK_MODE", "").upper() != "AUTO":
                continue
            number = lenient(values, "NIC_ID", 0)
            if number not in found:
                found[number] = self._nic(number, values, listed)
        return tuple(found[number] for number in sorted(found))

    def _nic(self, number: int, values: Vector, listed: Listed | None) -> Nic:
        origin = f"NIC {number} SCHED_"
        requirements: tuple[Requirement, ...] = ()
        if listed is None:
            requirements = (
                *self.expressions.requirement(
                    self._text("TEMPLATE/AUTOMATIC_NIC_REQUIREMENTS"), "AUTOMATIC_NIC_REQUIREMENTS"
                ),
                *self.expressions.requirement(values.get("SCHED_REQUIREMENTS"), f"{origin}REQUIREMENTS"),
            )
        return Nic(
            id=number,
            requirements=requirements,
            rank=self.expressions.rank(values.get("SCHED_RANK"), f"{origin}RANK"),
            networks=None if listed is None else listed.networks.get(number, ()),
        )

    def _text(self, path: str) -> str | None:
        found = self.vm.find(path)
        return None if found is None else text_of(found)

    def _note_unread(self, name: str, read: Callable[[str], float | None]) -> None:
        text = self._text(f"TEMPLATE/{name}")
        if text is None or _WHOLE.fullmatch(text):
            return
        number = read(text)
        said = "is no number that can be read, 0 is used" if number is None else f"is read as {number:g}"
        self.expressions.notes.append(f"{name} `{text[:20]}` {said}")
