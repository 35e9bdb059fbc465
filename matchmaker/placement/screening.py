"""The first phase: which candidates each request has by itself, in which order, before anything is booked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from matchmaker.errors import CandidateError
from matchmaker.placement.ledger import HostLedger, Ledger
from matchmaker.placement.needs import Need
from matchmaker.placement.orders import CHUNK, Order, Orders
from matchmaker.placement.plans import Refusal
from matchmaker.placement.reasons import Cause, Failures, Reason
from matchmaker.placement.requests import Nic
from matchmaker.placement.resources import Datastore, Network

FIRST = 8
"""How many hosts are looked at together at first; then twice as many each time."""


@dataclass(slots=True)
class Screened:
    """A request that has candidates of every sort.

    Attributes
    ----------
    need : Need
        What it needs.
    cpu, memory, disk : int
        What it takes, in hundredths of a core, KiB and MB.
    hosts : Order or None
        The hosts that meet its requirements; None when there are no hosts or no system datastores at all.
    passes : callable
        Tells of a host's position whether the host is a candidate.
    cause : callable
        Tells of a host that is none what it fails at.
    datastores : list of int
        The ids of its system datastores, best first.
    networks : dict of int to list of int
        The ids of the networks for each interface, best first.
    others : list of (Cause, list of int)
        What system datastores and networks failed at that are not among these.
    devices : bool
        Whether it needs PCI devices or NUMA nodes.
    mentions_vms : bool
        Whether hosts are to be looked at again once something was placed on them.
    """

    need: Need
    cpu: int
    memory: int
    disk: int
    hosts: Order | None = None
    passes: Callable[[int], bool] = lambda position: False
    cause: Callable[[HostLedger], Cause] = lambda host: Cause.AFFINITY
    datastores: Sequence[int] = ()
    networks: dict[int, Sequence[int]] | None = None
    others: list[tuple[Cause, list[int]]] = field(default_factory=list)
    devices: bool = False
    mentions_vms: bool = False

    def screened_out(self, hosts: Sequence[HostLedger]) -> tuple[Reason, ...]:
        """Return what the others of the candidates listed for it fail at by themselves."""
        failures = Failures()
        for cause, candidates in self.others:
            failures.extend(cause, candidates)
        request = self.need.request
        for position in () if self.hosts is None else (*self.hosts.positions, *self.hosts.failing):
            if not self.passes(position) and not (request.migrates and hosts[position].id == request.host):
                failures.add(self.cause(hosts[position]), hosts[position].id)
        return failures.reasons()

    @property
    def preferred(self) -> Iterator[int]:
        """The positions of its hosts, best first."""
        return iter(()) if self.hosts is None else self.hosts.preferred(self.passes)


class Screening:
    """Looks at requests one by one.

    Parameters
    ----------
    ledger : Ledger
        What is free.
    datastores : sequence of Datastore
        The system datastores.
    networks : sequence of Network
        The virtual networks.
    host_orders, datastore_orders, network_orders : Orders
        The orders of the three pools.
    """

    def __init__(
        self,
        ledger: Ledger,
        datastores: Sequence[Datastore],
        networks: Sequence[Network],
        host_orders: Orders,
        datastore_orders: Orders,
        network_orders: Orders,
    ) -> None:
        self._ledger = ledger
        self._datastores = datastores
        self._networks = networks
        self._host_orders = host_orders
        self._datastore_orders = datastore_orders
        self._network_orders = network_orders
        self._devices: dict[Any, dict[int, Cause | None]] = {}
        self._refused: dict[Any, tuple[Reason, ...]] = {}

    def screen(self, need: Need) -> Screened | Refusal:
        """Return a request's candidates, or why it has none.

        Raises
        ------
        MatchmakerError
            If its expressions cannot be evaluated, or take too long.
        """
        request, hosts = need.request, self._ledger.hosts
        if need.error is not None:
            summary = "" if need.to_blame == request.id else f"VM {need.to_blame} of its affined set cannot be placed"
            return Refusal(request=request, summary=summary, error=need.error)
        found = Screened(need, *need.demand)
        if not hosts or not self._datastores:
            return found
        if not request.migrates and not request.resume:
            lacking = self._ledger.lacking_image_datastore(need)
            if lacking is not None:
                return Refusal(request=request, summary=image_datastore_full(lacking))
        found.cause = self._causes(found)
        order = self._host_order(need)
        passes = self._screen_hosts(found, order)
        if next(filter(passes, order.positions), None) is None:
            return self._no_host(found, order)
        own = request.host if request.migrates else None
        found.hosts, found.mentions_vms = order, need.mentions_vms
        found.devices = need.layout is not None or bool(need.pci)
        found.passes = passes if own is None else lambda position: hosts[position].id != own and passes(position)
        if request.migrates:
            found.datastores = () if request.datastore is None else (request.datastore,)
            return found
        return self._screen_datastores(found) or self._screen_networks(found) or found

    def _host_order(self, need: Need) -> Order:
        """Return all hosts of the list in order of preference; which of them meet the requirements is asked one by one."""
        request = need.request
        with need.budget:
            try:
                return self._host_orders.order(request.hosts, (), request.rank)
            except CandidateError:  # perhaps of a host that need not be ranked
                return self._host_orders.order(request.hosts, need.requirements, request.rank)

    def _screen_hosts(self, found: Screened, order: Order) -> Callable[[int], bool]:
        """Return what tells of a position whether the host there has room and meets the requirements."""
        hosts, need, cpu, memory = self._ledger.hosts, found.need, found.cpu, found.memory
        lacking = self._lacking_devices(need)
        requirements = [self._host_orders.verdicts(requirement) for requirement in need.requirements]
        constrained = need.constrained
        known: dict[int, bool] = {}
        looked_at = FIRST

        def look(position: int) -> bool:
            nonlocal looked_at
            batch = [each for each in order.ahead(position, looked_at) if each not in known and each != position]
            looked_at = min(2 * looked_at, CHUNK)
            asked = [position, *(each for each in batch if fits(hosts[each]))]
            met: Sequence[int] = asked
            with need.budget:
                for verdicts in requirements:
                    met = verdicts.meeting(met)
            known.update(dict.fromkeys(asked, False))
            known.update(dict.fromkeys(met, True))
            return known[position]

        def fits(host: HostLedger) -> bool:
            return (
                host.free_cpu >= cpu
                and host.free_memory >= memory
                and (lacking is None or lacking(host) is None)
                and (not constrained or need.permits(host.id, host.vms))
            )

        def passes(position: int) -> bool:
            verdict = known.get(position)
            if verdict is None:
                verdict = known[position] = position in order and fits(hosts[position]) and look(position)
            return verdict

        return passes

    def _lacking_devices(self, need: Need) -> Callable[[HostLedger], Cause | None] | None:
        """Return what tells which devices a host is missing, None when no devices are needed; it asks a host once."""
        if need.layout is None and not need.pci:
            return None
        known = self._devices.setdefault((need.layout, need.pci, need.demand[1]), {})

        def lacking(host: HostLedger) -> Cause | None:
            if host.id not in known:
                known[host.id] = host.lacks_devices(need, now=False)
            return known[host.id]

        return lacking

    def _no_host(self, found: Screened, order: Order) -> Refusal:
        """Return the refusal of a request for which no host passed."""
        need = found.need
        key = need.request.hosts, found.cpu, found.memory, need.layout, need.pci
        reasons = self._refused.get(key)
        if reasons is None:
            reasons = self._refused[key] = self._reasons(found, order)
        return Refusal(
            request=need.request, reasons=reasons, summary="" if reasons else _nothing("host", need.request.hosts)
        )

    def _causes(self, found: Screened) -> Callable[[HostLedger], Cause]:
        """Return what tells of a host that does not pass what it fails at: one with room does not meet the requirements."""
        lacking = self._lacking_devices(found.need)

        def cause(host: HostLedger) -> Cause:
            if host.free_cpu < found.cpu:
                return Cause.CPU
            if host.free_memory < found.memory:
                return Cause.MEMORY
            return (lacking and lacking(host)) or Cause.AFFINITY

        return cause

    def _reasons(self, found: Screened, order: Order) -> tuple[Reason, ...]:
        failures = Failures()
        for position in (*order.positions, *order.failing):
            host = self._ledger.hosts[position]
            failures.add(found.cause(host), host.id)
        if order.unknown:
            failures.add(Cause.UNKNOWN_HOST, *order.unknown)
        return failures.reasons()

    def _screen_datastores(self, found: Screened) -> Refusal | None:
        request, disk = found.need.request, found.disk
        requirements = () if request.datastores is not None else request.datastore_requirements
        with found.need.budget:
            order = self._datastore_orders.order(request.datastores, requirements, request.datastore_rank)

        def cause(datastore: Datastore) -> Cause | None:
            if request.resume or not datastore.shared:
                return None
            if not datastore.monitored:
                return Cause.UNMONITORED_DATASTORE
            return None if disk == 0 or disk < datastore.free else Cause.FULL_DATASTORE

        causes = {position: cause(self._datastores[position]) for position in order.positions}
        found.datastores = [
            self._datastores[position].id for position in order.preferred(lambda position: causes[position] is None)
        ]
        failures = Failures()
        for position, why in causes.items():
            if why is not None:
                failures.add(why, self._datastores[position].id)
        failures.extend(Cause.UNSUITABLE_DATASTORE, (self._datastores[position].id for position in order.failing))
        failures.extend(Cause.UNKNOWN_DATASTORE, order.unknown)
        reasons = failures.reasons()
        if found.datastores:
            found.others += [(reason.cause, list(reason.candidates)) for reason in reasons]
            return None
        summary = "" if reasons else _nothing("system datastore", request.datastores)
        return Refusal(request=request, reasons=reasons, summary=summary)

    def _screen_networks(self, found: Screened) -> Refusal | None:
        found.networks = {}
        for nic in found.need.request.nics:
            refusal = self._screen_nic(found, nic)
            if refusal is not None:
                return refusal
        return None

    def _screen_nic(self, found: Screened, nic: Nic) -> Refusal | None:
        requirements = () if nic.networks is not None else nic.requirements
        with found.need.budget:
            order = self._network_orders.order(nic.networks, requirements, nic.rank)
        ids = [self._networks[position].id for position in order.preferred(self._has_leases)]
        failures = Failures()
        failures.extend(
            Cause.NO_LEASES,
            (self._networks[position].id for position in order.positions if not self._has_leases(position)),
        )
        failures.extend(Cause.UNSUITABLE_NETWORK, (self._networks[position].id for position in order.failing))
        failures.extend(Cause.UNKNOWN_NETWORK, order.unknown)
        reasons = failures.reasons()
        if ids:
            assert found.networks is not None
            found.networks[nic.id] = ids
            found.others += [(reason.cause, list(reason.candidates)) for reason in reasons]
            return None
        summary = "" if reasons else f"{_nothing('network', nic.networks)}, NIC {nic.id}"
        return Refusal(request=found.need.request, reasons=reasons, summary=summary)

    def _has_leases(self, position: int) -> bool:
        return self._networks[position].leases > 0


def image_datastore_full(datastore: int) -> str:
    """Return what is said of an image datastore without room for a request's images."""
    return f"Image Datastore {datastore} does not have enough capacity"


def _nothing(sort: str, listed: tuple[int, ...] | None) -> str:
    return f"There is no {sort}" if listed is None else f"No {sort} is listed for it"
