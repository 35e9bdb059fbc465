"""Names in expressions that nothing has: most are typing errors, which make every comparison false."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from matchmaker.engine.binding import request_attributes
from matchmaker.expressions import Rank, Requirement
from matchmaker.ovirt.attributes import HOST_ATTRIBUTES, VM_ATTRIBUTES
from matchmaker.ovirt.cloud import Snapshot
from matchmaker.ovirt.relief import Relief
from matchmaker.ovirt.units import Unit


def unread_names(units: Iterable[Unit], snapshot: Snapshot) -> Iterator[str]:
    """Yield a message for each name that no host or virtual machine has, as the expression wants, nor a parameter.

    Parameters
    ----------
    units : iterable of Unit
        Whose expressions to look at.
    snapshot : Snapshot
        What there is; attributes of one's own count, and those that are documented.

    Raises
    ------
    InventoryError
        If the inventory does not answer.
    """
    hosts = {each.name for each in HOST_ATTRIBUTES} | _names(snapshot.hosts())
    vms = {each.name for each in VM_ATTRIBUTES} | _names(snapshot.vms())
    for unit in units:
        parameters = {parameter.name for parameter in unit.parameters}
        for expression, of_vms, request in _expressions(unit):
            for name in sorted(expression.attributes):
                if name.split("/")[0] not in (vms if of_vms else hosts):
                    whose = "virtual machine" if of_vms else "host"
                    yield f"{unit.name}: no {whose} has `{name}`{_near(name, vms if of_vms else hosts)}"
            known = parameters | {"host": hosts, "vm": vms, "": set()}[request]
            for name in sorted(request_attributes(expression.tree).keys() - known):
                yield f"{unit.name}: nothing has what `REQUEST.{name}` reads{_near(name, known)}"


def _expressions(unit: Unit) -> Iterator[tuple[Requirement | Rank, bool, str]]:
    """Yield a unit's expressions, whether they are about virtual machines, and whose attributes `REQUEST.` reads besides parameters."""
    rules = [getattr(unit, name, None) for name in ("rule", "score", "weight")]
    for rule in rules:
        if isinstance(rule, (Requirement, Rank)):
            yield rule, False, "vm"
        elif isinstance(rule, Relief):
            for of_vms, request, names in (
                (False, "", "relieve worst"),
                (False, "vm", "receive"),
                (True, "host", "vm best"),
            ):
                yield from ((getattr(rule, name), of_vms, request) for name in names.split())


def _names(records: Iterable[Mapping[str, Any]]) -> set[str]:
    return {name for record in records for name in record}


def _near(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, known, 1)
    return f"; did you mean `{near[0]}`?" if near else ""
