"""The document that OpenNebula gives its scheduler: what is to be placed, and all that it can be placed on."""

from __future__ import annotations

import binascii
from dataclasses import dataclass

from matchmaker.errors import DocumentError
from matchmaker.limits import Budget
from matchmaker.opennebula.candidate_lists import CandidateLists, parsed
from matchmaker.opennebula.parsing import Element
from matchmaker.opennebula.rank_conf import Configuration
from matchmaker.opennebula.readers import integer_at
from matchmaker.opennebula.requests import is_scheduled, request_of, running_members
from matchmaker.opennebula.resources import DocumentHost, datastores_of, hosts_of, images_of, networks_of
from matchmaker.opennebula.vm_expressions import VmExpressions
from matchmaker.opennebula.vm_groups import groups_of
from matchmaker.placement import Datastore, Group, Network, Plan, Request, place

ROOT = "SCHEDULER_DRIVER_ACTION"
SECTIONS = ("VM_POOL", "REQUIREMENTS", "HOST_POOL", "DATASTORE_POOL", "VNET_POOL", "VM_GROUP_POOL")
"""What it has to hold, in the order in which OpenNebula looks for it."""

_BLANKS = b" \t\n\v\f\r"


class SectionMissing(DocumentError):
    """A section of the document is missing."""


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


def read_encoded(content: bytes, configuration: Configuration) -> SchedulerAction:
    """Read a SCHEDULER_DRIVER_ACTION in base64, which may have line breaks, and whose padding may be missing.

    What stands behind a blank is part of it, or, as OpenNebula has it, does not count: whichever makes a document.

    Parameters
    ----------
    content : bytes
        The text.
    configuration : Configuration
        The scheduler's configuration.

    Raises
    ------
    DocumentError
        If it is no base64, or stands for no document.
    """
    first, *others = content.split(None, 1)[:2] or (b"",)
    if not others:
        return read_action(_decoded(first), configuration)
    try:
        return read_action(_decoded(content.translate(None, _BLANKS)), configuration)
    except DocumentError as error:
        try:
            return read_action(_decoded(first), configuration)
        except DocumentError:
            raise error from None


def _decoded(text: bytes) -> bytes:
    if not text:
        raise DocumentError("there is nothing on standard input")
    try:
        return binascii.a2b_base64(text + b"=" * (-len(text) % 4), strict_mode=True)
    except binascii.Error as error:
        hint = "; it looks like XML, which is to be encoded by `base64`" if text.startswith(b"<") else ""
        raise DocumentError(f"not base64: {str(error)[:100]}{hint}") from None


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
        If it cannot be read.
    SectionMissing
        If a section is missing.
    """
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))  # in UTF-16 the last byte may be a NUL
    root, listed = parsed(content if wide else content.rstrip(b"\0"))
    sections = {tag: root.find(tag) if root.tag == ROOT else None for tag in SECTIONS}
    for tag, section in sections.items():
        if section is None:
            raise SectionMissing(f"Missing `/{ROOT}/{tag}` section in scheduler input")
    requests: dict[int, Request] = {}
    budgets: dict[int, Budget] = {}
    vms = _children(sections["VM_POOL"], "VM")
    for vm in vms:
        if is_scheduled(vm) and len(vm) > 1:
            number = integer_at(vm, "ID", -1)
            if number not in requests:
                budgets[number] = Budget(configuration.expression_time)
                expressions = VmExpressions(configuration.expression_length, budgets[number])
                requests[number] = _request(number, vm, expressions, listed, configuration)
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
        running=running_members(vms),
        budgets=budgets,
    )


def _request(
    number: int, vm: Element, expressions: VmExpressions, listed: CandidateLists, configuration: Configuration
) -> Request:
    """Read a virtual machine; one that cannot be read is a request that will be refused."""
    try:
        return request_of(vm, expressions, listed=listed.of(number), scale=configuration.memory_system_ds_scale)
    except Exception as error:  # whatever it is, the others are to be placed
        return Request(id=number, error=DocumentError(f"VM {number} cannot be read: {type(error).__name__}: {error}"))


def _children(section: Element, tag: str) -> list[Element]:
    """Return the elements of a section; those without children are ignored."""
    return [child for child in section.iterchildren(tag) if len(child)]
