"""What units in Python read of hosts and virtual machines: numbers and texts as expressions read them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matchmaker.attributes.values import double, texts
from matchmaker.ovirt.cloud import Call, Vm
from matchmaker.ovirt.errors import InventoryError


def number(record: Mapping[str, Any], name: str) -> float | None:
    """Return the number that an attribute is read as; None where it is missing, or no number."""
    return double(record.get(name), name)


def text(record: Mapping[str, Any], name: str) -> str | None:
    """Return the text that an attribute is read as, the first where there are several; None where it is missing."""
    value = record.get(name)
    return value if type(value) is str else next(texts(value, name), None)


def scheduled_vm(call: Call) -> Vm:
    """Return the virtual machine that is to run somewhere.

    Raises
    ------
    InventoryError
        If there is none, or nobody knows it.
    """
    if call.vm is None:
        raise InventoryError(f"it needs the virtual machine, and {call.why_no_vm}")
    return call.vm
