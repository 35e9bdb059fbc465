"""What placing comes to: a plan of actions, and a refusal for each request that is in none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from matchmaker.placement.reasons import SHOWN, Cause, Reason, in_one_line, of_error
from matchmaker.placement.requests import Operation, Request


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Action:
    """One request's place.

    Parameters
    ----------
    request : Request
        What is placed.
    host, datastore : int
        Where it goes: a host and a system datastore.
    networks : mapping of int to int
        The network of each interface that wanted one, by the interface's id.
    """

    request: Request
    host: int
    datastore: int
    networks: Mapping[int, int] = field(default_factory=lambda: MappingProxyType({}))

    def __repr__(self) -> str:
        networks = "".join(f", NIC {nic}: network {network}" for nic, network in sorted(self.networks.items()))
        return f"<Action: {self.operation} {self.request.id} on host {self.host}, datastore {self.datastore}{networks}>"

    @property
    def operation(self) -> Operation:
        """Whether it starts there, or moves there."""
        return self.request.operation


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Refusal:
    """Why a request is in no action.

    Parameters
    ----------
    request : Request
        What is not placed.
    reasons : tuple of Reason
        What candidates failed at.
    screened_out : tuple of Reason
        What hosts failed at by themselves, before anything was placed, when others did not.
    summary : str
        What else is to be said, in one line; empty when the reasons say all.
    error : Exception or None
        What went wrong with it, when that is why.
    """

    request: Request
    reasons: tuple[Reason, ...] = ()
    screened_out: tuple[Reason, ...] = ()
    summary: str = ""
    error: Exception | None = field(default=None, compare=False)

    def __repr__(self) -> str:
        return f"<Refusal of {self.request.id}: {self.message}>"

    @property
    def by_candidate(self) -> Mapping[tuple[str, int], tuple[Cause, ...]]:
        """What each candidate failed at, by its sort (`HOST`, `DS` or `VNET`) and its id."""
        found: dict[tuple[str, int], tuple[Cause, ...]] = {}
        for reason in (*self.reasons, *self.screened_out):
            sort = reason.cause.value[1 : reason.cause.value.index("]")]
            for candidate in reason.candidates:
                before = found.get((sort, candidate), ())
                found[sort, candidate] = before if reason.cause in before else (*before, reason.cause)
        return MappingProxyType(found)

    @property
    def message(self) -> str:
        """Why, in one line; its first 100 characters, which operators see, say as much as they can."""
        before = f"{self.summary}; " if self.summary else ""
        said = self.summary, in_one_line(self.reasons, room=SHOWN - len(before)), of_error(self.error)
        return "; ".join(filter(None, said)) or "Cannot dispatch VM"


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done: each request is in an action or in a refusal.

    Parameters
    ----------
    actions : tuple of Action
        In the order in which they were decided.
    refusals : tuple of Refusal
        In the order in which they were decided.
    """

    actions: tuple[Action, ...] = ()
    refusals: tuple[Refusal, ...] = ()
