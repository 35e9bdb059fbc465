"""The document that OpenNebula gives its scheduler: what is to be placed, and all that it can be placed on."""

from __future__ import annotations

import binascii
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from matchmaker.errors import DocumentError
from matchmaker.limits import Budget
from matchmaker.opennebula.parsing import Element, lxml_etree, parse, text_of
from matchmaker.opennebula.rank_conf import Configuration
from matchmaker.opennebula.readers import integer_at, integers_at
from matchmaker.opennebula.requests import Listed, is_scheduled, request_of, running_member
from matchmaker.opennebula.resources import DocumentHost, datastores_of, hosts_of, images_of, networks_of
from matchmaker.opennebula.vm_expressions import VmExpressions
from matchmaker.opennebula.vm_groups import groups_of
from matchmaker.placement import Datastore, Group, Network, Plan, Request, place

ROOT = "SCHEDULER_DRIVER_ACTION"
SECTIONS = ("VM_POOL", "REQUIREMENTS", "HOST_POOL", "DATASTORE_POOL", "VNET_POOL", "VM_GROUP_POOL")
"""What it has to hold, in the order in which OpenNebula looks for it."""

_BLANKS = b" \t\n\v\f\r"


@dataclass(frozen=True, slots=True, kw_only=True)
class SchedulerAction:
    """What a scheduler is to do.

    Parameters
    ----------
    requests : tuple of Request
        The virtual machines to be placed.
    hosts : tuple of DocumentHost
        The enabled hosts.
    datastores : tuple of Datastore
        The enabled system datastores.
    images : dict of int to int
        The free space in MB of each image datastore.
    networks : tuple of Network
        The virtual networks.
    groups : tuple of Group
        The VM groups.
    running : dict of int to int
        The host of each member of a group that runs.
    budgets : dict of int to Budget
        The time that is left for the expressions of each request.
    """

    requests: tuple[Request, ...]
    hosts: tuple[DocumentHost, ...]
    datastores: tuple[Datastore, ...]
    images: dict[int, int]
    networks: tuple[Network, ...]
    groups: tuple[Group, ...]
    running: dict[int, int]
    budgets: dict[int, Budget]

    def plan(self, configuration: Configuration) -> Plan:
        """Place the requests."""
        return place(
            self.requests,
            self.hosts,
            self.datastores,
            self.networks,
            images=self.images,
            groups=self.groups,
            running=self.running,
            host_rank=configuration.host_rank,
            datastore_rank=configuration.datastore_rank,
            network_rank=configuration.network_rank,
            max_host=configuration.max_host,
            different_vnets=configuration.different_vnets,
            compatibility=configuration.compatibility,
            budgets=self.budgets,
        )


def decoded(content: bytes) -> bytes:
    """Return what a text in base64 stands for; it may have line breaks, and its padding may be missing.

    Raises
    ------
    DocumentError
        If it is no base64.
    """
    try:
        return binascii.a2b_base64(content.strip(_BLANKS), strict_mode=True)
    except binascii.Error:
        text = content.translate(None, _BLANKS)
    try:
        return binascii.a2b_base64(text + b"=" * (-len(text) % 4), strict_mode=True)
    except binascii.Error as error:
        raise DocumentError(f"not base64: {str(error)[:100]}") from None


def read_action(content: bytes, configuration: Configuration) -> SchedulerAction:
    """Read a SCHEDULER_DRIVER_ACTION.

    Parameters
    ----------
    content : bytes
        The XML.
    configuration : Configuration
        The scheduler's configuration.

    Raises
    ------
    DocumentError
        If it cannot be read, or a section is missing.
    """
    return action_of(parse(content.rstrip(b"\0"), large=True), configuration)


def action_of(root: Element, configuration: Configuration) -> SchedulerAction:
    """Read a root element that is safe to work with; see `read_action`."""
    sections = {tag: root.find(tag) if root.tag == ROOT else None for tag in SECTIONS}
    for tag, section in sections.items():
        if section is None:
            raise DocumentError(f"Missing `/{ROOT}/{tag}` section in scheduler input")
    listed = _Lists(sections["REQUIREMENTS"])
    requests: dict[int, Request] = {}
    budgets: dict[int, Budget] = {}
    running: dict[int, int] = {}
    for vm in _children(sections["VM_POOL"], "VM"):
        host = running_member(vm)
        if host is not None:
            running.setdefault(integer_at(vm, "ID", -1), host)
        if is_scheduled(vm) and len(vm) > 1:
            number = integer_at(vm, "ID", -1)
            if number not in requests:
                budgets[number] = Budget(configuration.expression_time)
                expressions = VmExpressions(configuration.expression_length, budgets[number])
                scale = configuration.memory_system_ds_scale
                requests[number] = request_of(vm, expressions, listed=listed.of(number), scale=scale)
    hosts = hosts_of(_children(sections["HOST_POOL"], "HOST"), compatibility=configuration.compatibility)
    if requests:
        for each in hosts:
            each.candidate.attributes.read_ahead()
    datastores = _children(sections["DATASTORE_POOL"], "DATASTORE")
    return SchedulerAction(
        requests=tuple(requests.values()),
        hosts=tuple(hosts),
        images=images_of(datastores),
        datastores=tuple(datastores_of(datastores)),
        networks=tuple(networks_of(_children(sections["VNET_POOL"], "VNET"))),
        groups=tuple(groups_of(_children(sections["VM_GROUP_POOL"], "VM_GROUP"))),
        running=running,
        budgets=budgets,
    )


def _children(section: Element, tag: str) -> list[Element]:
    """Return the elements of a section; those without children are ignored."""
    return [child for child in section.iterchildren(tag) if len(child)]


class _Lists:
    """The candidates that REQUIREMENTS lists for each virtual machine; equal lists, which are long, are read once."""

    def __init__(self, section: Element) -> None:
        self._entries: dict[str, list[Element]] = {}
        for entry in section.iterchildren("VM"):
            for number in {text_of(each) for each in entry.iterchildren("ID")}:
                self._entries.setdefault(number, []).append(entry)
        self._known: dict[bytes, tuple[int, ...]] = {}
        self._print = lxml_etree().tostring

    def of(self, number: int) -> Listed:
        """Return what is listed for a virtual machine."""
        entries = self._entries.get(str(number), ())
        networks = {integer_at(nic, "ID", -1): self._ids(nic.iterchildren("VNETS")) for nic in _in(entries, "NIC")}
        return Listed(self._ids(_in(entries, "HOSTS")), self._ids(_in(entries, "DATASTORES")), networks)

    def _ids(self, lists: Iterable[Element]) -> tuple[int, ...]:
        found: tuple[int, ...] = ()
        for each in lists:
            text = self._print(each, with_tail=False)
            ids = self._known.get(text)
            if ids is None:
                ids = self._known[text] = tuple(integers_at(each, "ID"))
            found = found + ids if found else ids
        return found


def _in(entries: Iterable[Element], tag: str) -> Iterator[Element]:
    return (child for entry in entries for child in entry.iterchildren(tag))
