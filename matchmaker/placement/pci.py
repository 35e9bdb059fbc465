"""PCI devices: which of a host's devices serve a request, and which are taken as a plan grows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from matchmaker.placement.pci_matching import matching

PORTS_PER_NODE = 8
"""How many root ports a virtual machine has for the devices of one NUMA node (OpenNebula 7.4, observed)."""
DEDICATED_PORTS = 12
"""How many dedicated ones it has in all (OpenNebula 7.4, observed)."""

Wanted = tuple[str, int | None, int | None, int | None]
"""Short address, vendor, device and class; empty or None where any will do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PciDevice:
    """A device of a host.

    Parameters
    ----------
    address : str
        Where it is; devices are tried in this order.
    short_address : str
        Where it is, as requests say it.
    vendor, device, class_ : int
        What it is.
    free : bool
        Whether no virtual machine has it.
    numa_node : int or None
        The NUMA node it is near to; -1 when near to none, None when that is not known.
    """

    address: str = ""
    short_address: str = ""
    vendor: int = 0
    device: int = 0
    class_: int = 0
    free: bool = True
    numa_node: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PciRequest:
    """A device that is wanted, by its address or by its names; one that says neither is met by no device.

    Parameters
    ----------
    short_address : str
        The device with this short address, and no other; the names are not looked at then.
    vendor, device, class_ : int or None
        What the device is to be; None where any will do.
    numbered : bool
        Whether the device has its number in the virtual machine, and so needs a bus there.
    bus : bool
        Whether its bus in the virtual machine is given.
    numa_node : int or None
        The NUMA node to go by when the device's is not known; None for none.
    dedicated_root : bool
        Whether it wants a root port of its own, of which there are fewer.
    """

    short_address: str = ""
    vendor: int | None = None
    device: int | None = None
    class_: int | None = None
    numbered: bool = False
    bus: bool = False
    numa_node: int | None = None
    dedicated_root: bool = False

    @property
    def wanted(self) -> Wanted:
        """What the device must have."""
        if self.short_address:
            return self.short_address, None, None, None
        return "", self.vendor, self.device, self.class_


class PciBooking:
    """The devices of one host while a plan grows.

    Parameters
    ----------
    devices : iterable of PciDevice
        The host's devices. They are walked by ascending address; of equal addresses the first counts.
    compatibility : bool
        Whether to serve requests as OpenNebula 7.4 does: each takes the first device that will do, so that a broad request
        can starve a narrow one, and a device without a bus ends the booking. If not, devices are assigned so that all
        requests are served whenever that is possible.
    """

    __slots__ = ("_by_shape", "_compatibility", "_devices", "_free")

    def __init__(self, devices: Iterable[PciDevice], *, compatibility: bool = True) -> None:
        first: dict[str, PciDevice] = {}
        for device in devices:
            first.setdefault(device.address, device)
        self._devices = tuple(first[address] for address in sorted(first))
        self._free = bytearray(device.free for device in self._devices)
        self._compatibility = compatibility
        self._by_shape: dict[tuple[bool, ...], dict[Wanted, list[int]]] = {}

    def copy(self) -> PciBooking:
        """Return a booking that goes its own way from here; it costs a byte per device."""
        other = object.__new__(PciBooking)
        other._devices, other._by_shape = self._devices, self._by_shape
        other._free, other._compatibility = self._free[:], self._compatibility
        return other

    @property
    def free(self) -> tuple[PciDevice, ...]:
        """The devices that nobody has, by ascending address."""
        return tuple(device for device, free in zip(self._devices, self._free, strict=True) if free)

    def fits(self, requests: Sequence[PciRequest]) -> bool:
        """Tell whether the host has a device for each of a virtual machine's requests.

        Parameters
        ----------
        requests : sequence of PciRequest
            All requests of one virtual machine, in its order.
        """
        if not requests:
            return True
        if not self._compatibility:
            return self._assigned(_ordered(requests)) is not None
        taken: set[str] = set()
        places: dict[Wanted, int] = {}
        if len(requests) > len(self._devices) and len(_apart(requests)) > len(self._devices):
            return False
        for request in _ordered(requests):
            positions = self._positions(request.wanted)
            if request.short_address:
                if not positions or not self._free[positions[0]]:
                    return False
                taken.add(request.short_address)
                continue
            # What was passed over for an equal request is passed over again, so the walk goes on where that one ended.
            place = places.get(request.wanted, 0)
            while place < len(positions) and not self._open(positions[place], taken):
                place += 1
            if place == len(positions):
                return False
            taken.add(self._devices[positions[place]].short_address)
            places[request.wanted] = place + 1
        return True

    def book(self, requests: Sequence[PciRequest], *, pinned: bool = False) -> tuple[int, ...]:
        """Take devices for the requests of a virtual machine that is placed on the host.

        Parameters
        ----------
        requests : sequence of PciRequest
            All requests of one virtual machine, in its order.
        pinned : bool
            Whether the virtual machine has virtual NUMA nodes, and so root ports for devices that are near to a node.

        Returns
        -------
        tuple of int
            The NUMA nodes that the virtual machine's devices are near to, ascending.
        """
        ordered = _ordered(requests)
        if self._compatibility:
            nodes = self._booked(ordered, _Ports(pinned=pinned))
        else:
            nodes = [request.numa_node for request in ordered]
            for which, position in enumerate(self._assigned(ordered) or ()):
                self._free[position] = False
                nodes[which] = _near(self._devices[position], ordered[which])
        return tuple(sorted({node for node in nodes if node is not None and node >= 0}))

    def _booked(self, requests: Sequence[PciRequest], ports: _Ports) -> list[int | None]:
        """Take the first free device for each request until one gets none, or has no bus; return the nodes they are near to."""
        nodes = [request.numa_node for request in requests]
        places: dict[Wanted, int] = {}
        for which, request in enumerate(requests):
            positions = self._positions(request.wanted)
            place = places.get(request.wanted, 0)
            while place < len(positions) and not self._free[positions[place]]:
                place += 1
            if place == len(positions):
                break
            places[request.wanted] = place + 1
            self._free[positions[place]] = False
            nodes[which] = _near(self._devices[positions[place]], request)
            if request.numbered and not ports.bus(request, nodes[which]):
                break
        return nodes

    def _assigned(self, requests: Sequence[PciRequest]) -> list[int] | None:
        """Return a free device of its own for each request, as positions; None when there is no way."""
        if len(requests) > self._free.count(1):
            return None
        open_to: dict[Wanted, list[int]] = {}
        for wanted in {request.wanted for request in requests}:
            open_to[wanted] = [position for position in self._positions(wanted) if self._free[position]]
        return matching([open_to[request.wanted] for request in requests])

    def _open(self, position: int, taken: set[str]) -> bool:
        return bool(self._free[position]) and self._devices[position].short_address not in taken

    def _positions(self, wanted: Wanted) -> Sequence[int]:
        """Return where the devices are that have what is wanted, free or not."""
        address, vendor, device, class_ = wanted
        shape = (address != "", vendor is not None, device is not None, class_ is not None)
        if not any(shape):
            return ()
        found = self._by_shape.get(shape)
        if found is None:
            found = self._by_shape[shape] = {}
            for position, each in enumerate(self._devices):
                has = (
                    each.short_address if shape[0] else "",
                    each.vendor if shape[1] else None,
                    each.device if shape[2] else None,
                    each.class_ if shape[3] else None,
                )
                found.setdefault(has, []).append(position)
        return found.get(wanted, ())


class _Ports:
    """The root ports that a virtual machine's devices have used up."""

    def __init__(self, *, pinned: bool) -> None:
        self._pinned = pinned
        self._used: Counter[int | None] = Counter()

    def bus(self, request: PciRequest, node: int | None) -> bool:
        """Tell whether a device near to a node gets a bus, and use a port up if it comes from there."""
        if not self._pinned or node is None or node == -1:
            return request.bus
        root = None if request.dedicated_root else node
        self._used[root] += 1
        return self._used[root] <= (DEDICATED_PORTS if request.dedicated_root else PORTS_PER_NODE)


def _ordered(requests: Sequence[PciRequest]) -> list[PciRequest]:
    """Return the requests in the order they are served: those by address first."""
    return sorted(requests, key=lambda request: not request.short_address)


def _apart(requests: Sequence[PciRequest]) -> set[str | int]:
    """Return one item for each device that requests need: those by one address are content with one."""
    return {request.short_address or which for which, request in enumerate(requests)}


def _near(device: PciDevice, request: PciRequest) -> int | None:
    return request.numa_node if device.numa_node is None else device.numa_node
