"""What is free, and what is booked while a plan grows."""

from __future__ import annotations

import copy
from collections.abc import Collection, Iterable, Mapping, Set

from matchmaker.limits import tick
from matchmaker.placement.needs import Need
from matchmaker.placement.numa import NumaBooking
from matchmaker.placement.pci import PciBooking
from matchmaker.placement.reasons import Cause
from matchmaker.placement.resources import Datastore, HostLike, Network


class HostLedger:
    """One host's account.

    Parameters
    ----------
    host : HostLike
        The host.
    compatibility : bool
        Whether PCI devices and NUMA nodes are booked as OpenNebula does it, defects included.
    running : set of int
        The members of groups that run on it, whether or not the host knows.

    Attributes
    ----------
    free_cpu, free_memory : int
        What was free before anything was placed, in hundredths of a core and KiB.
    cpu, memory : int
        What is free now.
    placed : set of int
        The requests that were placed on it.
    """

    __slots__ = (
        "_compatibility",
        "_disks",
        "_free_numa",
        "_free_pci",
        "_numa",
        "_pci",
        "_running",
        "_vms",
        "cluster",
        "cpu",
        "free_cpu",
        "free_memory",
        "host",
        "id",
        "memory",
        "placed",
    )

    def __init__(self, host: HostLike, *, compatibility: bool, running: Set[int] = frozenset()) -> None:
        self.host = host
        self._running = running
        self.id = host.id
        self.cluster = host.cluster
        self.free_cpu = self.cpu = host.cpu
        self.free_memory = self.memory = host.memory
        self.placed: set[int] = set()
        self._compatibility = compatibility
        self._disks: dict[int, int] = {}
        self._free_pci: PciBooking | None = None
        self._pci: PciBooking | None = None
        self._free_numa: NumaBooking | None = None
        self._numa: NumaBooking | None = None
        self._vms: Set[int] | None = None

    @property
    def vms(self) -> Set[int]:
        """The requests that ran on it before anything was placed."""
        if self._vms is None:
            self._vms = self.host.vms | self._running
        return self._vms

    def lacks_devices(self, need: Need, *, now: bool) -> Cause | None:
        """Return whether it is NUMA nodes or PCI devices that the host has too few of, None when neither is.

        Parameters
        ----------
        need : Need
            What is asked for.
        now : bool
            Whether to look at what is free now, or at what was free before anything was placed.
        """
        tick()
        layout = need.layout
        if layout is not None:
            numa = self._numa if now and self._numa is not None else self._untouched_numa()
            if not numa.fits(*layout, need.demand[1]):
                return Cause.NUMA
        if need.pci:
            pci = self._pci if now and self._pci is not None else self._untouched_pci()
            if not pci.fits(need.pci):
                return Cause.PCI
        return None

    def disk(self, datastore: int) -> int:
        """Return the free space in MB for a datastore that is on the host's own disks."""
        free = self._disks.get(datastore)
        return self.host.disks.get(datastore, self.host.disk) if free is None else free

    def book(self, need: Need, *, cpu: int, memory: int) -> None:
        """Take what a request needs of CPU, memory, devices and NUMA nodes."""
        self.cpu -= cpu
        self.memory -= memory
        near: Collection[int] = ()
        if need.request.pci:
            if self._pci is None:
                self._pci = self._untouched_pci().copy()
            near = self._pci.book(need.request.pci, pinned=need.numa_nodes is not None)
        layout = need.layout
        if layout is not None:
            if self._numa is None:
                self._numa = self._untouched_numa().copy()
            self._numa.book(*layout, memory, near=near)
        self.placed.add(need.request.id)

    def book_disk(self, datastore: int, size: int) -> None:
        """Take so many MB of the host's own disks."""
        self._disks[datastore] = self.disk(datastore) - size

    def copy(self) -> HostLedger:
        """Return an account that can be booked on without changing this one."""
        other = copy.copy(self)
        other.placed = set(self.placed)
        other._disks = dict(self._disks)
        other._pci = None if self._pci is None else self._pci.copy()
        other._numa = None if self._numa is None else self._numa.copy()
        return other

    def _untouched_pci(self) -> PciBooking:
        if self._free_pci is None:
            self._free_pci = PciBooking(self.host.pci, compatibility=self._compatibility)
        return self._free_pci

    def _untouched_numa(self) -> NumaBooking:
        if self._free_numa is None:
            self._free_numa = NumaBooking(self.host.topology, compatibility=self._compatibility)
        return self._free_numa


class Ledger:
    """All accounts.

    Parameters
    ----------
    hosts : iterable of HostLike
        The hosts.
    datastores : iterable of Datastore
        The system datastores.
    networks : iterable of Network
        The virtual networks.
    images : mapping of int to int
        The free space in MB of each image datastore.
    compatibility : bool
        As for `HostLedger`.
    running : mapping of int to int
        The host of each member of a group that runs. With compatibility only what a host itself lists is on it.
    """

    def __init__(
        self,
        hosts: Iterable[HostLike],
        datastores: Iterable[Datastore],
        networks: Iterable[Network],
        images: Mapping[int, int],
        *,
        compatibility: bool,
        running: Mapping[int, int],
    ) -> None:
        there: dict[int, set[int]] = {}
        for vm, number in () if compatibility else running.items():
            there.setdefault(number, set()).add(vm)
        self.hosts = [
            HostLedger(host, compatibility=compatibility, running=there.get(host.id, frozenset())) for host in hosts
        ]
        self.space = {datastore.id: datastore.free for datastore in datastores}
        self.leases = {network.id: network.leases for network in networks}
        self.images = dict(images)

    def lacking_image_datastore(self, need: Need) -> int | None:
        """Return the lowest image datastore without room for a request's images, None when all have it."""
        for datastore, size in sorted(need.images.items()):
            if size != 0 and not (datastore in self.images and size < self.images[datastore]):
                return datastore
        return None

    def book_images(self, need: Need) -> None:
        """Take the space of a request's images."""
        for datastore, size in need.images.items():
            if datastore in self.images:
                self.images[datastore] -= size

    def copy(self, position: int | None = None) -> Ledger:
        """Return accounts that can be booked on, of the hosts at most the one at a position, without changing these."""
        other = copy.copy(self)
        if position is not None:
            other.hosts = list(self.hosts)
            other.hosts[position] = self.hosts[position].copy()
        other.space, other.leases, other.images = dict(self.space), dict(self.leases), dict(self.images)
        return other

    def take_over(self, other: Ledger) -> None:
        """Make what was booked on a copy one's own."""
        self.hosts, self.space, self.leases, self.images = other.hosts, other.space, other.leases, other.images
