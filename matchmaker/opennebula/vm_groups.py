"""OpenNebula's VM groups, read from their documents (rules observed on OpenNebula 7.4)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal, cast

from matchmaker.opennebula.parsing import Element, text_of
from matchmaker.opennebula.readers import INT32, Vector, integer_at, strict, vectors
from matchmaker.placement.groups import Group, Role

_LEADING_DIGITS = re.compile(r"[ \t\n\v\f\r]*\+?([0-9]+)")


def groups_of(elements: Iterable[Element]) -> list[Group]:
    """Return the VM groups; of those with one id the first."""
    found: dict[int, Group] = {}
    for element in elements:
        group = _group(element)
        found.setdefault(group.id, group)
    return [found[key] for key in sorted(found)]


def _group(element: Element) -> Group:
    roles = _roles(element)
    ids = {role.name: role.id for role in roles}
    return Group(
        id=integer_at(element, "ID", -1),
        roles=tuple(sorted(roles, key=lambda role: role.id)),
        affined=tuple(_rules(element, "AFFINED", ids)),
        anti_affined=tuple(_rules(element, "ANTI_AFFINED", ids)),
    )


def _roles(element: Element) -> list[Role]:
    """Return the roles up to the first that has no name, no id, or one of an earlier role."""
    roles: dict[int, Role] = {}
    names: set[str] = set()
    listed = element.find("ROLES")
    for values in [] if listed is None else vectors(listed.iterchildren("*"), "ROLE"):
        number, name = strict(values, "ID", within=INT32), values.get("NAME")
        if number is None or not name or number in roles or name in names:
            break
        roles[number] = _role(number, name, values)
        names.add(name)
    return list(roles.values())


def _role(number: int, name: str, values: Vector) -> Role:
    policy = values.get("POLICY", "").upper()
    return Role(
        id=number,
        name=name,
        policy=cast(Literal["AFFINED", "ANTI_AFFINED"], policy) if policy in {"AFFINED", "ANTI_AFFINED"} else None,
        members=_ids(values, "VMS"),
        affined_hosts=_ids(values, "HOST_AFFINED"),
        anti_affined_hosts=_ids(values, "HOST_ANTI_AFFINED"),
    )


def _ids(values: Vector, name: str) -> tuple[int, ...]:
    """Return the ids of a list with commas, ascending: of each piece its leading digits; pieces without are skipped."""
    found = (_LEADING_DIGITS.match(piece) for piece in values.get(name, "").split(","))
    return tuple(sorted({int(each[1]) for each in found if each is not None and len(each[1]) < 20}))


def _rules(element: Element, name: str, ids: dict[str, int]) -> Iterable[frozenset[int]]:
    """Yield the rules of a name, as sets of role ids; one that names an unknown role is empty."""
    for rule in element.iterfind(f"TEMPLATE/{name}"):
        names = [piece.strip() for piece in text_of(rule).split(",")]
        if all(each in ids for each in names):
            yield frozenset(ids[each] for each in names)
