"""A balancer in expressions: which host is relieved, of which virtual machine, and which hosts receive it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import InitVar, dataclass
from typing import Any

from matchmaker.expressions import Rank, Requirement
from matchmaker.ovirt.cloud import Call
from matchmaker.ovirt.migration import Migration
from matchmaker.ovirt.parameters import Arguments


@dataclass(frozen=True)
class Relief:
    """Expressions that make a balancer.

    Of the hosts that meet `relieve`, the one with the highest `worst` gives a virtual machine; of those on it that meet
    `vm`, the one with the highest `best`. The other hosts that meet `receive` may take it. Among equals the first is taken.

    Parameters
    ----------
    relieve : Requirement or str
        Of hosts; `REQUEST.` reads parameters.
    receive : Requirement or str
        Of hosts; `REQUEST.` reads the virtual machine and parameters.
    worst : Rank or str
        Of hosts; `REQUEST.` reads parameters.
    vm : Requirement or str
        Of virtual machines; `REQUEST.` reads the relieved host and parameters.
    best : Rank or str
        Of virtual machines; as `vm`.
    dialect : str
        The dialect of texts.
    """

    relieve: Requirement | str
    receive: Requirement | str
    worst: Rank | str = ""
    vm: Requirement | str = ""
    best: Rank | str = ""
    dialect: InitVar[str] = "extended"

    def __post_init__(self, dialect: str) -> None:
        for name in ("relieve", "receive", "vm"):
            text = getattr(self, name)
            if isinstance(text, str):
                object.__setattr__(self, name, Requirement(text, dialect=dialect, origin=name))
        for name in ("worst", "best"):
            text = getattr(self, name)
            if isinstance(text, str):
                object.__setattr__(self, name, Rank(text, dialect=dialect, origin=name))

    def migration(self, call: Call, arguments: Arguments) -> Migration | None:
        """Return what to migrate, or None when there is nothing to do."""
        relieved = _first(call.hosts, self.relieve, self.worst, arguments)
        if relieved is None:
            return None
        machines = call.snapshot.vms_on(str(relieved["ID"]))
        chosen = _first(machines, self.vm, self.best, {**relieved, **arguments})
        if chosen is None:
            return None
        assert isinstance(self.receive, Requirement)
        receive = self.receive.bind({**chosen, **arguments})
        hosts = tuple(str(host["ID"]) for host in receive.filter(call.hosts) if host is not relieved)
        return Migration(str(chosen["ID"]), hosts) if hosts else None


def _first(
    candidates: Iterable[Mapping[str, Any]],
    requirement: Requirement | str,
    rank: Rank | str,
    request: Mapping[str, Any],
) -> Mapping[str, Any] | None:
    """Return the candidate with the highest score of those that meet a requirement; the first of equals."""
    assert isinstance(requirement, Requirement)
    assert isinstance(rank, Rank)
    score = rank.bind(request).score
    found: Mapping[str, Any] | None = None
    highest: float | None = None
    for candidate in requirement.bind(request).filter(candidates):
        own = score(candidate)
        if found is None or (own is not None and (highest is None or own > highest)):
            found, highest = candidate, own
    return found
