"""Policies: filters, weighers with their factors, and at most one balancer, as a cluster of oVirt has them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, TypeAlias, TypeVar

from matchmaker.ovirt.cloud import Call, Host, Vm
from matchmaker.ovirt.errors import UnitError
from matchmaker.ovirt.migration import Migration
from matchmaker.ovirt.policy_ranking import PolicyRanking, RankedHost, Refusal, Share
from matchmaker.ovirt.units import Balancer, Filter, Unit, Weigher
from matchmaker.ovirt.weights import added_up, ranks_of

Combination: TypeAlias = Literal["rank", "basic"]
Unlisted = TypeVar("Unlisted")


@dataclass(frozen=True, eq=False)
class Policy:
    """Filters, weighers with their factors, and at most one balancer.

    Parameters
    ----------
    name : str
        What it is called by.
    filters : iterable of Filter
        All of them have to keep a host.
    weighers : iterable of (Weigher, int)
        What sorts hosts, each with its factor.
    balancer : Balancer, optional
        What tells which virtual machine should move.
    combination : {"rank", "basic"}
        How weights become an order. `rank`: each weigher gives a host (n - 1) minus the number of hosts with strictly lower
        weight; these times the factors are summed, the highest sum wins. `basic`: the weights times the factors are summed, the lowest
        sum wins. Among equals wins the host that was listed first.
    description : str
        What it is for.
    arguments : mapping of str to str
        What is set for the units' parameters, where a call sets nothing else.

    Raises
    ------
    TypeError
        If a filter, a weigher or the balancer is something else.
    ValueError
        If the combination is another one, a factor is no whole number, or two units of a kind have one name.

    Examples
    --------
    >>> policy = Policy(
    ...     "roomy",
    ...     filters=[Filter("room", "MAX_SCHEDULING_MEMORY >= REQUEST.MEMORY")],
    ...     weighers=[(Weigher("memory", score="FREE_MEMORY"), 2), (Weigher("vms", weight="RUNNING_VMS"), 1)],
    ... )
    >>> hosts = [
    ...     {"ID": "a", "MAX_SCHEDULING_MEMORY": 8192, "FREE_MEMORY": 8192, "RUNNING_VMS": 4},
    ...     {"ID": "b", "MAX_SCHEDULING_MEMORY": 8192, "FREE_MEMORY": 9216, "RUNNING_VMS": 5},
    ... ]
    >>> [(host.key, host.total) for host in policy.rank(hosts, {"ID": "vm", "MEMORY": 4096})]
    [('b', 2), ('a', 1)]
    """

    name: str
    filters: Sequence[Filter] = ()
    weighers: Sequence[tuple[Weigher, int]] = ()
    balancer: Balancer | None = None
    combination: Combination = "rank"
    description: str = ""
    arguments: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        object.__setattr__(self, "filters", self._listed("filters", self.filters))
        pairs = self._listed("weighers", self.weighers)
        self._check_kinds(pairs)
        object.__setattr__(self, "weighers", tuple((weigher, factor) for weigher, factor in pairs))
        object.__setattr__(self, "arguments", MappingProxyType(dict(self.arguments)))
        if self.combination not in ("rank", "basic"):
            raise ValueError(
                f"policy `{self.name}`: weights are combined by `rank` or `basic`, not `{self.combination}`"
            )
        for kind, names in (
            ("filters", [unit.name for unit in self.filters]),
            ("weighers", [weigher.name for weigher, _ in self.weighers]),
        ):
            if len(set(names)) < len(names):
                raise ValueError(f"policy `{self.name}`: two of its {kind} have the same name")
        for weigher, factor in self.weighers:
            if type(factor) is not int:
                raise ValueError(f"policy `{self.name}`: the factor of `{weigher.name}` is no whole number")

    @property
    def units(self) -> tuple[Unit, ...]:
        """All of its units: filters, weighers and the balancer."""
        balancers = () if self.balancer is None else (self.balancer,)
        return (*self.filters, *(weigher for weigher, _ in self.weighers), *balancers)

    def _listed(self, what: str, units: Iterable[Unlisted]) -> tuple[Unlisted, ...]:
        if not isinstance(units, Iterable):
            raise TypeError(f"policy `{self.name}`: its {what} are no list")
        return tuple(units)

    def _check_kinds(self, weighers: Sequence[object]) -> None:
        for number, unit in enumerate(self.filters, 1):
            if not hasattr(unit, "keep"):
                raise TypeError(f"policy `{self.name}`: filter {number} is a `{type(unit).__name__}`, not a `Filter`")
        for number, pair in enumerate(weighers, 1):
            if not isinstance(pair, (tuple, list)) or len(pair) != 2 or not hasattr(pair[0], "weights"):
                raise TypeError(f"policy `{self.name}`: weigher {number} is no pair of a `Weigher` and its factor")
        if self.balancer is not None and not hasattr(self.balancer, "balance"):
            kind = type(self.balancer).__name__
            raise TypeError(f"policy `{self.name}`: its balancer is a `{kind}`, not a `Balancer`")

    def rank(
        self,
        hosts: Iterable[Host],
        vm: Vm | None = None,
        *,
        vms: Iterable[Vm] = (),
        arguments: Mapping[str, str] = MappingProxyType({}),
    ) -> PolicyRanking:
        """Return the hosts that all filters keep, best first, and why the others are refused.

        Parameters
        ----------
        hosts : iterable of mapping
            The hosts; their order breaks ties.
        vm : mapping, optional
            The virtual machine that is to run on one of them.
        vms : iterable of mapping, optional
            The virtual machines that there are, for units that look at those on a host.
        arguments : mapping of str to str, optional
            What is set for the units' parameters.

        Raises
        ------
        InventoryError
            If a host or virtual machine has no `ID`, or shares it.
        """
        return self.rank_call(Call.of(hosts, vm, vms=vms, arguments=arguments))

    def rank_call(self, call: Call) -> PolicyRanking:
        """Return the hosts of a call that all filters keep, best first; a host that nobody knows is kept, and weighs 0."""
        call = self._with_arguments(call)
        errors: dict[str, str] = {}
        refusals: dict[str, Refusal] = {}
        unknown = frozenset(call.unknown)
        for unit in self.filters:
            try:
                kept = unknown.union(unit.keep(call))
            except UnitError as error:
                errors[unit.name] = error.message
                continue
            for identifier in call.host_ids:
                if identifier not in kept:
                    refusals.setdefault(identifier, Refusal(identifier, unit, call))
        hosts = [identifier for identifier in call.host_ids if identifier not in refusals]
        remaining = Call(call.snapshot, tuple(hosts), call.vm_id, call.arguments)
        columns = []
        for weigher, factor in self.weighers:
            try:
                columns.append((weigher.name, factor, added_up(hosts, weigher.weights(remaining))))
            except UnitError as error:
                errors[weigher.name] = error.message
        return PolicyRanking(self.name, self.combination, self._sorted(hosts, columns), refusals, errors)

    def _sorted(self, hosts: Sequence[str], columns: Sequence[tuple[str, int, list[int]]]) -> tuple[RankedHost, ...]:
        shares: list[list[Share]] = [[] for _ in hosts]
        ranked = self.combination == "rank"
        for name, factor, weights in columns:
            points = ranks_of(weights) if ranked else weights
            for own, weight, point in zip(shares, weights, points, strict=True):
                own.append(Share(name, factor, weight, factor * point))
        found = [
            RankedHost(host, sum(share.points for share in own), tuple(own))
            for host, own in zip(hosts, shares, strict=True)
        ]
        return tuple(sorted(found, key=lambda host: -host.total if ranked else host.total))

    def balance(
        self, hosts: Iterable[Host], vms: Iterable[Vm], *, arguments: Mapping[str, str] = MappingProxyType({})
    ) -> Migration | None:
        """Return which virtual machine should move and where to, or None when there is nothing to do.

        Parameters
        ----------
        hosts, vms : iterable of mapping
            The hosts, and the virtual machines on them.
        arguments : mapping of str to str, optional
            What is set for the balancer's parameters.

        Raises
        ------
        UnitError
            If the balancer fails.
        InventoryError
            If a host or virtual machine has no `ID`, or shares it.
        """
        if self.balancer is None:
            return None
        return self.balancer.balance(self._with_arguments(Call.of(hosts, vms=vms, arguments=arguments)))

    def _with_arguments(self, call: Call) -> Call:
        if not self.arguments:
            return call
        return Call(call.snapshot, call.host_ids, call.vm_id, {**self.arguments, **call.arguments})
