"""What a virtual machine asks of hosts, by the part that it comes from: for explaining why it has no place."""

from __future__ import annotations

from collections.abc import Iterable, Set

from matchmaker.errors import DocumentError
from matchmaker.expressions import Rank, Requirement
from matchmaker.matching.explain.clauses import Part
from matchmaker.opennebula.documents import Document
from matchmaker.opennebula.parsing import Element, element_of, text_of
from matchmaker.opennebula.requests import request
from matchmaker.opennebula.vm_groups import groups_of
from matchmaker.placement.groups import Group, affined_sets, restrict
from matchmaker.placement.needs import Need
from matchmaker.placement.requests import Request

_MOST_MEMBERS = 1_000
"""So many members of a VM's groups are told apart."""
_NEVER = 'ID = ""'
_PATHS: tuple[tuple[Part, str], ...] = (
    ("automatic", "TEMPLATE/AUTOMATIC_REQUIREMENTS"),
    ("user", "USER_TEMPLATE/SCHED_REQUIREMENTS"),
)


def vm_parts(
    vm: str | bytes | Element, *, groups: str | bytes | Element | None = None, hosts: Iterable[Document] = ()
) -> tuple[dict[Part, Requirement], Rank | None]:
    """Return what a virtual machine asks of hosts.

    Devices, NUMA nodes, datastores and networks are left out: a host's documents say too little of them to be a clause.

    Parameters
    ----------
    vm : str, bytes or Element
        The VM document, as `onevm show -x` prints it.
    groups : str, bytes, Element or None
        The VM groups, as `onevmgroup list -x` prints them.
    hosts : iterable of Document
        The hosts, which tell where other members of its groups run.

    Returns
    -------
    tuple of dict of Part to Requirement, and Rank or None
        What `explain` takes: the automatic and the user's requirement, what its groups ask for as `affinity`, and as
        `capacity` that CPU (in hundredths of a core) and memory (in KiB) suffice; and its rank.

    Raises
    ------
    DocumentError
        If that is no VM or no VM groups.
    MatchmakerError
        If one of its expressions is broken.
    """
    element = element_of(vm)
    wanted = request(element)
    if wanted.error is not None:
        raise wanted.error
    parts: dict[Part, Requirement] = {}
    for part, path in _PATHS:
        found = element.find(path)
        if found is not None:
            parts[part] = Requirement(text_of(found), origin=path.rpartition("/")[2])
    running = {number for host in hosts for number in host.vms}
    affinity = _affinity(wanted, groups_of(_groups(groups)), running)
    if affinity:
        parts["affinity"] = Requirement(" & ".join(affinity))
    capacity = [
        f"{limit} - {used} >= {size}"
        for limit, used, size in (("MAX_CPU", "CPU_USAGE", wanted.cpu), ("MAX_MEM", "MEM_USAGE", wanted.memory))
        if wanted.cpu or wanted.memory  # a request without either takes nothing, as in placing
    ]
    if capacity:
        parts["capacity"] = Requirement(" & ".join(capacity), dialect="extended")
    return parts, wanted.rank


def _groups(groups: str | bytes | Element | None) -> Iterable[Element]:
    if groups is None:
        return ()
    element = element_of(groups)
    if element.tag not in ("VM_GROUP_POOL", "VM_GROUP"):
        raise DocumentError(f"`{str(element.tag)[:40]}` is no VM group: the root element is VM_GROUP_POOL or VM_GROUP")
    return element.iterchildren("VM_GROUP") if element.tag == "VM_GROUP_POOL" else (element,)


def _affinity(wanted: Request, groups: Iterable[Group], running: Set[int]) -> list[str]:
    """Return the clauses that say what VM groups ask of hosts."""
    need = Need(wanted)
    clauses: list[str] = []
    for group in groups:
        restrict(group, {wanted.id: need})
        for members in affined_sets(group):
            if wanted.id in members:
                others = sorted(running & {*members} - {wanted.id})
                clauses += [f"CURRENT_VMS = {member}" for member in others[:_MOST_MEMBERS]]
    for hosts in need.allowed:
        clauses.append(f"({' | '.join(f'ID = {host}' for host in sorted(hosts)) or _NEVER})")
    for hosts in need.forbidden:
        clauses += [f"!(ID = {host})" for host in sorted(hosts)]
    apart = {member for except_, members in need.apart for member in members if member != except_}
    clauses += [f"CURRENT_VMS != {member}" for member in sorted(apart)[:_MOST_MEMBERS]]
    return clauses
