"""The second phase: requests take their places, the most urgent first, and what they take is booked at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

from matchmaker.limits import tick
from matchmaker.placement.ledger import HostLedger, Ledger
from matchmaker.placement.plans import Action, Refusal
from matchmaker.placement.reasons import Cause, Failures
from matchmaker.placement.resources import Datastore, Network
from matchmaker.placement.screening import Screened, image_datastore_full


class Dispatcher:
    """Finds places.

    Parameters
    ----------
    ledger : Ledger
        What is free, booked as requests are placed.
    datastores : sequence of Datastore
        The system datastores.
    networks : sequence of Network
        The virtual networks.
    max_host : int
        How many requests one host may be given; 0 for any number.
    different_vnets : bool
        Whether the interfaces of one request need different networks.
    """

    def __init__(
        self,
        ledger: Ledger,
        datastores: Sequence[Datastore],
        networks: Sequence[Network],
        *,
        max_host: int,
        different_vnets: bool,
    ) -> None:
        self._ledger = ledger
        self._datastores = {datastore.id: datastore for datastore in datastores}
        self._clusters = {network.id: network.clusters for network in networks}
        self._positions = {host.id: position for position, host in enumerate(ledger.hosts)}
        self._max_host = max_host
        self._different_vnets = different_vnets
        self._placed: dict[int, Action] = {}
        self._without_networks: set[int] = set()

    def dispatch(self, members: Sequence[Screened]) -> Sequence[Action | Refusal]:
        """Place a request, or the requests of an affined set on one host, or say why there is no place.

        Raises
        ------
        MatchmakerError
            If their expressions cannot be evaluated, or take too long.
        """
        with members[0].need.patience:
            return self._dispatch_together(members) if len(members) > 1 else [self._dispatch(members[0])]

    def _dispatch(self, screened: Screened) -> Action | Refusal:
        """Place a request on the first host that passes."""
        request = screened.need.request
        refusal = self._lacking_images(screened, self._ledger)
        if refusal is not None:
            return refusal
        failures = Failures()
        self._without_networks.clear()
        leaders = screened.need.leaders
        first = [action for key, action in reversed(self._placed.items()) if key in leaders] if leaders else []
        own = request.host if request.migrates else None
        known = (self._positions[action.host] for action in first if action.host != own)
        for position in chain(known, screened.preferred):
            action = self._at(self._ledger, screened, position, failures, first)
            if action is not None:
                self._placed[request.id] = action
                return action
        return self._no_host_left(screened, failures)

    def _dispatch_together(self, members: Sequence[Screened]) -> Sequence[Action | Refusal]:
        """Place requests on one host, the first of those that the most urgent prefers on which all have room."""
        failures = Failures()
        images = self._ledger.copy()
        for member in members:
            lacking = self._lacking_images(member, images)
            if lacking is not None:
                return [lacking if other is member else _not_together(other, member) for other in members]
            if not member.need.request.migrates:
                images.book_images(member.need)
        cpu, memory = sum(member.cpu for member in members), sum(member.memory for member in members)
        for position in members[0].preferred:
            tick()
            host = self._ledger.hosts[position]
            if cpu > host.cpu or memory > host.memory:
                failures.add(Cause.CPU if cpu > host.cpu else Cause.MEMORY, host.id)
                continue
            if not all(member.passes(position) for member in members):
                failures.add(Cause.AFFINITY, host.id)
                continue
            trial = self._ledger.copy(position)
            self._without_networks.clear()
            actions = []
            for member in members:
                action = self._at(trial, member, position, failures, ())
                if action is None:
                    break
                actions.append(action)
            else:
                self._ledger.take_over(trial)
                self._placed.update((action.request.id, action) for action in actions)
                return actions
        reasons = failures.reasons()
        summary = "No host takes all members of its affined set"
        return [
            Refusal(
                request=member.need.request,
                reasons=reasons,
                screened_out=member.screened_out(self._ledger.hosts),
                summary=summary,
            )
            for member in members
        ]

    def _lacking_images(self, screened: Screened, ledger: Ledger) -> Refusal | None:
        request = screened.need.request
        if request.migrates or request.resume or screened.hosts is None:
            return None
        lacking = ledger.lacking_image_datastore(screened.need)
        return None if lacking is None else Refusal(request=request, summary=image_datastore_full(lacking))

    def _at(
        self, ledger: Ledger, screened: Screened, position: int, failures: Failures, first: Sequence[Action]
    ) -> Action | None:
        """Place a request on a host, and book it, if the host passes."""
        need, host = screened.need, ledger.hosts[position]
        cause = self._unfit(host, screened)
        if cause is not None:
            failures.add(cause, host.id)
            return None
        datastores = chain((action.datastore for action in first), screened.datastores)
        datastore = self._datastore(ledger, host, screened, datastores, failures)
        if datastore is None:
            return None
        networks = {} if need.request.migrates else self._networks(ledger, host.cluster, screened, failures)
        if networks is None:
            return None
        self._book(ledger, host, screened, datastore)
        for network in networks.values():
            ledger.leases[network] -= 1
        self._without_networks.clear()
        return Action(request=need.request, host=host.id, datastore=datastore.id, networks=networks)

    def _unfit(self, host: HostLedger, screened: Screened) -> Cause | None:
        """Return what a host fails at, in OpenNebula's order."""
        need = screened.need
        if screened.mentions_vms and (host.placed or need.leaders) and not self._still_meets(host, screened):
            return Cause.REQUIREMENT
        if host.cpu < screened.cpu:
            return Cause.CPU
        if host.memory < screened.memory:
            return Cause.MEMORY
        if screened.devices:
            lacking = host.lacks_devices(need, now=True)
            if lacking is not None:
                return lacking
        if 0 < self._max_host <= len(host.placed):
            return Cause.DISPATCH_LIMIT
        return None

    def _still_meets(self, host: HostLedger, screened: Screened) -> bool:
        """Tell whether a host meets the requirements with the requests that were placed on it."""
        need = screened.need
        if not need.permits(host.id, host.vms, host.placed):
            return False
        candidate = host.host.candidate
        if host.placed and hasattr(candidate, "with_vms"):
            candidate = candidate.with_vms(host.placed)
        with need.budget:
            return all(requirement.matches(candidate) for requirement in need.requirements)

    def _datastore(
        self, ledger: Ledger, host: HostLedger, screened: Screened, ids: Iterator[int], failures: Failures
    ) -> Datastore | None:
        """Return the first datastore that a request can use on a host."""
        request, disk = screened.need.request, screened.disk
        for each in ids:
            datastore = self._datastores.get(each)
            if datastore is None:
                failures.add(Cause.UNKNOWN_DATASTORE, each)
            elif host.cluster not in datastore.clusters:
                failures.add(Cause.FOREIGN_DATASTORE, each)
            elif not datastore.shared:
                if disk < host.disk(each):
                    return datastore
                failures.add(Cause.FULL_DATASTORE, each)
            elif datastore.monitored and (request.migrates or request.resume or disk == 0 or disk < ledger.space[each]):
                return datastore
            else:
                failures.add(Cause.FULL_DATASTORE, each)
        failures.add(Cause.NO_DATASTORE)
        return None

    def _networks(
        self, ledger: Ledger, cluster: int, screened: Screened, failures: Failures
    ) -> Mapping[int, int] | None:
        """Return a network for each interface; None when one gets none, which is then so on all hosts of the cluster."""
        if cluster in self._without_networks:
            return None
        taken: dict[int, int] = {}
        counts: Counter[int] = Counter()
        for nic in screened.need.request.nics:
            network = self._network(ledger, cluster, (screened.networks or {}).get(nic.id, ()), counts, failures)
            if network is None:
                failures.extend(Cause.NETWORKS_GIVEN_BACK, taken.values())
                self._without_networks.add(cluster)
                return None
            taken[nic.id] = network
            counts[network] += 1
        return taken

    def _network(
        self, ledger: Ledger, cluster: int, ids: Sequence[int], counts: Mapping[int, int], failures: Failures
    ) -> int | None:
        """Return the first network that an interface can use, besides those that the others have."""
        for each in ids:
            if self._different_vnets and each in counts:
                continue
            if cluster not in self._clusters[each]:
                failures.add(Cause.FOREIGN_NETWORK, each)
            elif ledger.leases[each] - counts.get(each, 0) > 0:
                return each
            else:
                failures.add(Cause.NO_LEASES, each)
        return None

    def _book(self, ledger: Ledger, host: HostLedger, screened: Screened, datastore: Datastore) -> None:
        request = screened.need.request
        host.book(screened.need, cpu=screened.cpu, memory=screened.memory)
        if not datastore.shared:
            host.book_disk(datastore.id, screened.disk)
        elif not request.migrates and not request.resume:
            ledger.space[datastore.id] -= screened.disk
        if not request.migrates:
            ledger.book_images(screened.need)

    def _no_host_left(self, screened: Screened, failures: Failures) -> Refusal:
        """Return the refusal of a request that no host took."""
        reasons = failures.reasons()
        if screened.hosts is None:
            summary = "Cannot dispatch VM: there is no host, or no system datastore"
        elif reasons:
            summary = ""
        else:
            summary = "Cannot dispatch VM to any Host: the only candidate is the one it runs on"
        others = screened.screened_out(self._ledger.hosts)
        return Refusal(request=screened.need.request, reasons=reasons, screened_out=others, summary=summary)


def _not_together(member: Screened, lacking: Screened) -> Refusal:
    summary = f"VM {lacking.need.request.id} of its affined set cannot be placed"
    return Refusal(request=member.need.request, summary=summary)
