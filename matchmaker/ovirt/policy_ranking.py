"""What a policy answers: the hosts in order with the share of every weigher, and why the others are refused."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple, overload

from matchmaker.attributes.lookup import MAPPING
from matchmaker.attributes.values import texts
from matchmaker.diagnostics import shorten
from matchmaker.engine.binding import request_attributes
from matchmaker.expressions import Requirement
from matchmaker.matching.explain import explain
from matchmaker.matching.explain.report import Reading
from matchmaker.ovirt.cloud import Call, Host
from matchmaker.ovirt.units import Filter

_REQUESTED = re.compile(r"\bREQUEST\.([A-Za-z][0-9A-Za-z_]*)")


class Share(NamedTuple):
    """What a weigher has to do with a host's place.

    Attributes
    ----------
    weigher : str
        Its name.
    factor : int
        Its factor.
    weight : int
        The host's weight, lower is better.
    points : int
        What it adds to the host's total: the factor times the rank, or times the weight in a `basic` combination.
    """

    weigher: str
    factor: int
    weight: int
    points: int


class RankedHost(NamedTuple):
    """A host that all filters keep.

    Attributes
    ----------
    key : str
        Its id.
    total : int
        The sum of the points: the highest wins, the lowest in a `basic` combination.
    shares : tuple of Share
        What each weigher has to do with it.
    """

    key: str
    total: int
    shares: tuple[Share, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A host that a filter does not keep, the first one that did not.

    Parameters
    ----------
    key : str
        The host's id.
    filter : Filter
        The filter.
    call : Call
        What it was asked.
    """

    key: str
    filter: Filter
    call: Call

    @property
    def reason(self) -> str:
        """Why: the conditions that the host does not meet with the values it has, or the name of a filter in Python."""
        host = self.call.snapshot.host(self.key)
        # A filter of a plug-in file is no `Filter`, and has no rule to explain.
        if host is None or not isinstance(getattr(self.filter, "rule", None), Requirement):
            return f"`{self.filter.name}` does not keep it"
        requirement = self.filter.requirement(self.call)
        explanation = explain([dict(host)], requirement)
        explained = explanation.candidate(0)
        failing = []
        for number in explained.failing:
            clause = explanation.clauses[number - 1]
            # Where the alternatives of an only clause are told apart, the verdicts are theirs.
            verdicts = explained.verdicts if explanation.has_alternatives else explained.verdicts[number - 1 : number]
            readings = (reading for verdict in verdicts for reading in verdict.readings)
            values = dict.fromkeys([*_seen(readings, host), *_asked(clause.text, requirement)])
            failing.append(f"`{clause.text}` is not met" + (f": {', '.join(values)}" if values else ""))
        return "; ".join(failing)


def _seen(readings: Iterable[Reading], host: Host) -> Iterator[str]:
    """Yield what the conditions of a clause read of a host."""
    for reading in readings:
        for name in filter(None, reading.attribute.split(", ")):
            yield _valued(name, list(texts(MAPPING.lookup(name)(host), name)))


def _asked(clause: str, requirement: Requirement) -> Iterator[str]:
    """Yield what a clause reads of the request."""
    values = request_attributes(requirement.tree)
    for name in _REQUESTED.findall(clause):
        if name in values:
            value = values[name]
            yield _valued(f"REQUEST.{name}", value if isinstance(value, tuple) else list(texts(value, name)))


def _valued(name: str, values: Sequence[str]) -> str:
    return f"{name} is {shorten(', '.join(values))}" if values else f"{name} is missing"


class PolicyRanking(Sequence[RankedHost]):
    """The hosts that all filters of a policy keep, best first.

    Attributes
    ----------
    policy : str
        The policy's name.
    combination : {"rank", "basic"}
        How weights became an order.
    refusals : mapping of str to Refusal
        The hosts that a filter does not keep, in the order they were listed.
    errors : mapping of str to str
        What went wrong, by the unit's name: such a filter was passed over, such a weigher left out.
    """

    __slots__ = ("_hosts", "combination", "errors", "policy", "refusals")

    def __init__(
        self,
        policy: str,
        combination: str,
        hosts: tuple[RankedHost, ...],
        refusals: Mapping[str, Refusal],
        errors: Mapping[str, str],
    ) -> None:
        self.policy = policy
        self.combination = combination
        self._hosts = hosts
        self.refusals = MappingProxyType(dict(refusals))
        self.errors = MappingProxyType(dict(errors))

    @overload
    def __getitem__(self, index: int) -> RankedHost: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[RankedHost, ...]: ...
    def __getitem__(self, index: int | slice) -> RankedHost | tuple[RankedHost, ...]:
        return self._hosts[index]

    def __len__(self) -> int:
        return len(self._hosts)

    def __iter__(self) -> Iterator[RankedHost]:
        return iter(self._hosts)

    def __repr__(self) -> str:
        return f"<PolicyRanking of {self.policy!r}: {len(self._hosts)} hosts, {len(self.refusals)} refused>"

    def reason(self, key: str) -> str:
        """Return why a host is where it is: its points, or why it is refused.

        Parameters
        ----------
        key : str
            The host's id.

        Raises
        ------
        KeyError
            If the call was not about this host.
        """
        if key in self.refusals:
            refusal = self.refusals[key]
            return f"refused by `{refusal.filter.name}`: {refusal.reason}"
        for place, host in enumerate(self._hosts, 1):
            if host.key == key:
                shares = ", ".join(f"{share.weigher} {share.points}" for share in host.shares) or "no weigher"
                return f"place {place} of {len(self._hosts)} with {host.total}: {shares}"
        raise KeyError(key)

    def render(self, *, most: int = 20) -> str:
        """Return a table of the hosts, of those refused with their reasons, and of errors.

        Parameters
        ----------
        most : int
            How many hosts, and how many of those refused, to tell about.
        """
        return "\n".join(self._lines(most))

    def _lines(self, most: int) -> Iterator[str]:
        count = len(self._hosts) + len(self.refusals)
        yield f"policy {self.policy}: {len(self._hosts)} of {count} hosts, best first"
        names = [share.weigher for share in self._hosts[0].shares] if self._hosts else []
        rows = [["total", *names, "host"]] if self._hosts else []
        rows += [[str(host.total), *(str(share.points) for share in host.shares), host.key] for host in self[:most]]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for row in rows:
            numbers = (cell.rjust(width) for cell, width in zip(row[:-1], widths[:-1], strict=True))
            yield "  " + "  ".join([*numbers, row[-1]])
        if len(self._hosts) > most:
            yield f"  ... and {len(self._hosts) - most:,} more"
        for place, refusal in enumerate(self.refusals.values()):
            if place == most:
                yield f"  ... and {len(self.refusals) - most:,} more"
                break
            if place == 0:
                yield "refused"
            yield f"  {refusal.key}  {refusal.filter.name}: {refusal.reason}"
        for name, message in self.errors.items():
            yield f"error in {name}: {message}"
