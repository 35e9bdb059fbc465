"""VM groups: which requests want to be on one host, on different hosts, or on certain hosts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Literal

from matchmaker.placement.needs import Need

MOST_RULED_ROLES = 32
"""Roles with this id or a higher one have no part in rules (OpenNebula 7.4 keeps a rule's roles in 32 bits)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A role of a group, and its members.

    Parameters
    ----------
    id : int
        Its number within the group.
    name : str
        What rules call it.
    policy : {"AFFINED", "ANTI_AFFINED"} or None
        Whether its members want to be on one host, or on different ones.
    members : tuple of int
        The requests and running VMs that play it, ascending.
    affined_hosts, anti_affined_hosts : tuple of int
        The hosts that its members may only go to, or may not go to, ascending.
    """

    id: int
    name: str
    policy: Literal["AFFINED", "ANTI_AFFINED"] | None = None
    members: tuple[int, ...] = ()
    affined_hosts: tuple[int, ...] = ()
    anti_affined_hosts: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A VM group.

    Parameters
    ----------
    id : int
        Its number; groups are looked at in ascending order.
    roles : tuple of Role
        Its roles, by ascending id.
    affined, anti_affined : tuple of frozenset of int
        Its rules: each the ids of the roles whose members all want to be on one host, or of the roles that want to be on
        different hosts from one another.
    """

    id: int
    roles: tuple[Role, ...] = ()
    affined: tuple[frozenset[int], ...] = ()
    anti_affined: tuple[frozenset[int], ...] = ()


def affined_sets(group: Group) -> list[tuple[int, ...]]:
    """Return the sets of requests that want to be on one host: those of roles, then those of merged rules."""
    sets = [role.members for role in group.roles if role.policy == "AFFINED"]
    members = {role.id: role.members for role in group.roles}
    sets += [
        tuple(sorted({member for role in rule for member in members.get(role, ())}))
        for rule in sorted(_merged(_ruled(group.affined)), key=_as_bits)
    ]
    return [each for each in sets if len(each) > 1]


def restrict(group: Group, needs: Mapping[int, Need]) -> None:
    """Add to the needs what a group's anti-affinity and its hosts ask for.

    Parameters
    ----------
    group : Group
        What to add.
    needs : mapping of int to Need
        The needs of all that are to be placed.
    """
    members = {role.id: frozenset(role.members) for role in group.roles}
    apart: dict[int, set[int]] = {}
    for rule in _ruled(group.anti_affined):
        for role_id in rule & members.keys():
            apart.setdefault(role_id, set()).update(rule - {role_id})
    roles_of: dict[int, list[Role]] = {}
    for role in group.roles:
        for need in _of(role.members, needs):
            roles_of.setdefault(need.request.id, []).append(role)
    known: dict[tuple[int, ...], _Restriction] = {}
    for number, roles in roles_of.items():
        key = tuple(role.id for role in roles)
        if key not in known:  # members with the same roles share what is asked of them
            known[key] = _restriction(roles, members, apart)
        known[key].apply(needs[number])


@dataclass(frozen=True, slots=True)
class _Restriction:
    """What is asked of those who play certain roles; see `Need`."""

    companions: frozenset[int]
    others: frozenset[int]
    allowed: frozenset[int] | None
    forbidden: frozenset[int]

    def apply(self, need: Need) -> None:
        if self.companions:
            need.apart.append((need.request.id, self.companions))
        if self.others:
            need.apart.append((None, self.others))
        if self.allowed is not None:
            need.allowed.append(self.allowed)
        if self.forbidden:
            need.forbidden.append(self.forbidden)


def _restriction(
    roles: Sequence[Role], members: Mapping[int, frozenset[int]], apart: Mapping[int, Set[int]]
) -> _Restriction:
    """Return what some roles ask together.

    Parameters
    ----------
    roles : sequence of Role
        The roles that somebody plays.
    members : mapping of int to frozenset of int
        The members of all roles, by the role's id.
    apart : mapping of int to set of int
        The roles from which rules keep a role apart.
    """
    companions = (members[role.id] for role in roles if role.policy == "ANTI_AFFINED" and len(role.members) > 1)
    foes = {foe for role in roles for foe in apart.get(role.id, ())}
    allowed = [frozenset(role.affined_hosts) for role in roles if role.affined_hosts]
    return _Restriction(
        companions=frozenset().union(*companions),
        others=frozenset().union(*(members[foe] for foe in foes if foe in members)),
        allowed=frozenset.intersection(*allowed) if allowed else None,
        forbidden=frozenset().union(*(role.anti_affined_hosts for role in roles)),
    )


def lead_affined(sets: Iterable[Sequence[int]], needs: Mapping[int, Need], running: Mapping[int, int]) -> None:
    """Give each affined set a leader, as OpenNebula does, or the hosts where members run.

    Parameters
    ----------
    sets : iterable of sequence of int
        What `affined_sets` returned.
    needs : mapping of int to Need
        The needs of all that are to be placed.
    running : mapping of int to int
        The host of each member of a group that runs.
    """
    for members in sets:
        wanting = list(_of(sorted(members), needs))
        hosts = frozenset(running[member] for member in members if member in running)
        if hosts:
            for need in wanting:
                need.allowed.append(hosts)
        elif wanting:
            leader, *followers = wanting
            for follower in followers:
                leader.lead(follower)


def _of(members: Iterable[int], needs: Mapping[int, Need]) -> Iterator[Need]:
    return (needs[member] for member in members if member in needs)


def _ruled(rules: Iterable[frozenset[int]]) -> list[frozenset[int]]:
    """Return the different rules in OpenNebula's order, without the roles that have no part in rules."""
    kept = {frozenset(role for role in rule if 0 <= role < MOST_RULED_ROLES) for rule in rules}
    return sorted(kept - {frozenset()}, key=_as_bits)


def _merged(sets: Iterable[frozenset[int]]) -> list[frozenset[int]]:
    """Merge sets until no two share a member."""
    merged: list[frozenset[int]] = []
    for each in sets:
        touching = [other for other in merged if other & each]
        merged = [other for other in merged if not other & each] + [each.union(*touching)]
    return merged


def _as_bits(rule: frozenset[int]) -> int:
    return sum(1 << role for role in rule)


def united_sets(
    sets: Iterable[Sequence[int]], needs: Mapping[int, Need], running: Mapping[int, int]
) -> list[tuple[int, ...]]:
    """Return the affined sets that are to land together, none of which share a request; the others join who runs.

    A member that runs and is not to move keeps the others of its set to its host. Where there is none, all that are to be
    placed land on one host in one run.

    Parameters
    ----------
    sets : iterable of sequence of int
        What `affined_sets` returned, of all groups.
    needs : mapping of int to Need
        The needs of all that are to be placed.
    running : mapping of int to int
        The host of each member of a group that runs.
    """
    listed = [frozenset(each) for each in sets]
    merged = _merged(listed)
    united: list[tuple[int, ...]] = []
    # Where those who run are apart already, the sets that somebody is in say more than what these are merged to.
    for place, members in enumerate([*merged, *(each for each in listed if each not in merged)]):
        wanting = list(_of(sorted(members), needs))
        staying = frozenset(running[member] for member in members if member in running and member not in needs)
        if staying:
            for need in wanting:
                need.allowed.append(staying)
        elif place < len(merged) and len(wanting) > 1:
            united.append(tuple(need.request.id for need in wanting))
    return united
