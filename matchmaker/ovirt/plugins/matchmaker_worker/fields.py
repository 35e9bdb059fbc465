"""Which fields hosts and virtual machines have in the stand-in for `ovirtsdk`, and the inventory's attributes behind them.

The names are those of oVirt's Python SDK, version 3: what the published plug-in samples read, and what else the inventory knows.
Sizes are in bytes here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias


class Field(NamedTuple):
    """A field with a value.

    Attributes
    ----------
    attribute : str
        The inventory's attribute.
    convert : callable
        From its value to the field's.
    """

    attribute: str
    convert: Callable[[Any], Any] = lambda value: value

    def read(self, attributes: Mapping[str, Any]) -> Any:
        """Return the field's value, None where it is not known."""
        value = attributes.get(self.attribute)
        return None if value is None else self.convert(value)


Fields: TypeAlias = Mapping[str, "Field | Fields"]


def _bytes(kibibytes: float) -> int:
    return int(kibibytes * 1024)


def _idle(busy: float) -> float:
    return 100 - busy


def _yes(text: str) -> bool:
    return text == "YES"


_OS: Fields = {"type": Field("OS_TYPE"), "version": {"full_version": Field("OS_VERSION")}}

HOST_FIELDS: Fields = {
    "id": Field("ID", str),
    "name": Field("NAME"),
    "status": {"state": Field("STATUS")},
    "cluster": {"id": Field("CLUSTER_ID")},
    "summary": {"active": Field("RUNNING_VMS"), "migrating": Field("MIGRATING_VMS"), "total": Field("TOTAL_VMS")},
    "memory": Field("TOTAL_MEMORY", _bytes),
    "max_scheduling_memory": Field("MAX_SCHEDULING_MEMORY", _bytes),
    "cpu": {"name": Field("CPU_MODEL"), "speed": Field("CPU_SPEED")},
    "os": _OS,
}
VM_FIELDS: Fields = {
    "id": Field("ID", str),
    "name": Field("NAME"),
    "status": {"state": Field("STATUS")},
    "host": {"id": Field("HOST_ID", str)},
    "cluster": {"id": Field("CLUSTER_ID")},
    "memory": Field("MEMORY", _bytes),
    "os": _OS,
    "high_availability": {"enabled": Field("HIGHLY_AVAILABLE", _yes)},
}
HOST_STATISTICS: Mapping[str, Field] = {
    "memory.total": Field("TOTAL_MEMORY", _bytes),
    "memory.used": Field("USED_MEMORY", _bytes),
    "memory.free": Field("FREE_MEMORY", _bytes),
    "cpu.current.idle": Field("CPU_USAGE", _idle),
    "cpu.load.avg.5m": Field("CPU_LOAD"),
}
VM_STATISTICS: Mapping[str, Field] = {
    "memory.installed": Field("MEMORY", _bytes),
    "cpu.current.total": Field("CPU_USAGE"),
}


def _attributes(fields: Fields) -> Iterator[str]:
    for field in fields.values():
        if isinstance(field, Field):
            yield field.attribute
        else:
            yield from _attributes(field)


HOST_ATTRIBUTES = frozenset(_attributes({**HOST_FIELDS, **HOST_STATISTICS}))
"""What the stand-in has to know of a host."""
VM_ATTRIBUTES = frozenset(_attributes({**VM_FIELDS, **VM_STATISTICS}))
"""What the stand-in has to know of a virtual machine."""
