"""PCI devices of hosts, and what virtual machines ask of them, from OpenNebula's documents (OpenNebula 7.4, observed)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from matchmaker.opennebula.parsing import Element
from matchmaker.opennebula.readers import INT32, UINT32, Vector, lenient, strict, vectors
from matchmaker.placement.pci import PciDevice, PciRequest

_HEX = re.compile(r"[ \t\n\v\f\r]*(?:0[xX])?0*([0-9a-fA-F]+)")


def pci_devices(host: Element) -> tuple[PciDevice, ...]:
    """Return the devices of a host, in document order.

    Parameters
    ----------
    host : element
        A `HOST`.
    """
    pool = host.find("HOST_SHARE/PCI_DEVICES")
    return () if pool is None else tuple(_device(values) for values in vectors(pool.iterchildren("*"), "PCI"))


def pci_requests(found: Sequence[Vector]) -> tuple[PciRequest, ...]:
    """Return what a virtual machine asks for, in order.

    Parameters
    ----------
    found : sequence of mapping
        The `PCI` vectors of its template.
    """
    return tuple(_request(values) for values in found)


def _device(values: Vector) -> PciDevice:
    return PciDevice(
        address=values.get("ADDRESS", ""),
        short_address=values.get("SHORT_ADDRESS", ""),
        vendor=_name(values, "VENDOR")[0] or 0,
        device=_name(values, "DEVICE")[0] or 0,
        class_=_name(values, "CLASS")[0] or 0,
        free=lenient(values, "VMID", -1) == -1,
        numa_node=_node(values),
    )


def _request(values: Vector) -> PciRequest:
    """Read a request: by address if there is one and no name is wholly a number, else by what names there are."""
    (vendor, good_vendor), (device, good_device), (class_, good_class) = (
        _name(values, name) for name in ("VENDOR", "DEVICE", "CLASS")
    )
    by_name = good_vendor or good_device or good_class
    return PciRequest(
        short_address="" if by_name else values.get("SHORT_ADDRESS", ""),
        vendor=vendor if by_name else None,
        device=device if by_name else None,
        class_=class_ if by_name else None,
        numbered=strict(values, "PCI_ID", within=UINT32) is not None,
        bus=_name(values, "VM_BUS")[1],
        numa_node=_node(values),
        dedicated_root=values.get("ROOT", "").lower() == "dedicated",
    )


def _name(values: Vector, name: str) -> tuple[int | None, bool]:
    """Read a hexadecimal number, and tell whether it is all there is; None when the value is absent, 0 without digits."""
    text = values.get(name)
    if not text:
        return None, False
    found = _HEX.match(text)
    if found is None:
        return 0, False
    digits = found[1]
    if len(digits) > 8:
        return UINT32[1], False
    return int(digits, 16), found.end() == len(text)


def _node(values: Vector) -> int | None:
    """Read the NUMA node of a device: -1 for none, None when it does not say."""
    if not values.get("NUMA_NODE"):
        return None
    number = strict(values, "NUMA_NODE", within=INT32)
    return -1 if number is None else number
