"""What oVirt's engine says of hosts and virtual machines, as attributes.

The records are those of version 4 of the API, https://ovirt.github.io/ovirt-engine-api-model/4.5/#types/host and #types/vm. In JSON,
small whole numbers and truth values are texts, long ones and decimals numbers; this takes either for each. What is missing, or is not
what it should be, is left out of the attributes.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

_BYTES_PER_KIB = 1024
_DIGITS = re.compile(r"-?[0-9]{1,18}")
_BEYOND = 10**18


def host_attributes(record: Mapping[str, Any], statistics: object) -> dict[str, Any]:
    """Return the attributes of a host.

    Parameters
    ----------
    record : mapping
        The host, as the engine describes it.
    statistics : object
        The collection of its statistics; None when there is none.
    """
    now = _statistics(statistics)
    idle = _decimal(now.get("cpu.current.idle"))
    cores = _product(record, "sockets", "cores")
    threads = _product(record, "sockets", "cores", "threads")
    free_cpu = None if threads is None or idle is None else math.floor(threads * idle)
    spm = _text(_at(record, "spm", "status"))
    return _known(
        ID=_text(record.get("id")),
        NAME=_text(record.get("name")),
        STATUS=_text(record.get("status")),
        CLUSTER_ID=_text(_at(record, "cluster", "id")),
        RUNNING_VMS=_whole(_at(record, "summary", "active")),
        MIGRATING_VMS=_whole(_at(record, "summary", "migrating")),
        TOTAL_VMS=_whole(_at(record, "summary", "total")),
        TOTAL_MEMORY=_kib(record.get("memory")),
        MAX_SCHEDULING_MEMORY=_kib(record.get("max_scheduling_memory")),
        FREE_MEMORY=_kib(now.get("memory.free")),
        USED_MEMORY=_kib(now.get("memory.used")),
        CORES=cores,
        THREADS=threads,
        CPU_SPEED=_whole(_at(record, "cpu", "speed")),
        CPU_MODEL=_text(_at(record, "cpu", "name")),
        CPU_USAGE=None if idle is None else round(100 - idle, 4),
        TOTAL_CPU=None if threads is None else 100 * threads,
        FREE_CPU=free_cpu,
        USED_CPU=None if threads is None or free_cpu is None else 100 * threads - free_cpu,
        CPU_LOAD=_decimal(now.get("cpu.load.avg.5m")),
        SPM=None if spm is None else _yes(spm != "none"),
        OS_TYPE=_text(_at(record, "os", "type")),
        OS_VERSION=_text(_at(record, "os", "version", "full_version")),
    )


def vm_attributes(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return the attributes of a virtual machine.

    Parameters
    ----------
    record : mapping
        The virtual machine, as the engine describes it, with its statistics.
    """
    affinity = _text(_at(record, "placement_policy", "affinity"))
    available = _truth(_at(record, "high_availability", "enabled"))
    preferred = [_text(host.get("id")) for host in members(_at(record, "placement_policy", "hosts"), "host")]
    return _known(
        ID=_text(record.get("id")),
        NAME=_text(record.get("name")),
        STATUS=_text(record.get("status")),
        HOST_ID=_text(_at(record, "host", "id")),
        CLUSTER_ID=_text(_at(record, "cluster", "id")),
        MEMORY=_kib(record.get("memory")),
        VCPU=_product(record, "sockets", "cores", "threads"),
        CPU_USAGE=_decimal(_statistics(record.get("statistics")).get("cpu.current.total")),
        OS_TYPE=_text(_at(record, "os", "type")),
        OS_VERSION=_text(_at(record, "os", "version", "full_version"))
        or _text(_at(record, "guest_operating_system", "version", "full_version")),
        MIGRATABLE=None if affinity is None else _yes(affinity == "migratable"),
        HIGHLY_AVAILABLE=None if available is None else _yes(available),
        PREFERRED_HOSTS=[host for host in preferred if host is not None] or None,
    )


def members(collection: object, name: str) -> list[Mapping[str, Any]]:
    """Return the records of a collection: `{"host": [...]}`, `{"host": {...}}`, or `{}` when there is none."""
    listed = collection.get(name) if isinstance(collection, Mapping) else None
    return [each for each in (listed if isinstance(listed, list) else [listed]) if isinstance(each, Mapping)]


def _statistics(collection: object) -> dict[str, Any]:
    """Return the values of statistics by their names."""
    found: dict[str, Any] = {}
    for statistic in members(collection, "statistic"):
        name = _text(statistic.get("name"))
        values = members(statistic.get("values"), "value")
        if name is not None and values:
            found[name] = values[0].get("datum")
    return found


def _product(record: Mapping[str, Any], *names: str) -> int | None:
    """Return the product of numbers of a processor's topology."""
    product = 1
    for name in names:
        factor = _whole(_at(record, "cpu", "topology", name))
        if factor is None:
            return None
        product *= factor
    return product


def _at(record: Mapping[str, Any], *path: str) -> Any:
    """Return what stands in nested mappings, None where there is nothing."""
    found: Any = record
    for step in path:
        if not isinstance(found, Mapping):
            return None
        found = found.get(step)
    return found


def _known(**attributes: Any) -> dict[str, Any]:
    return {name: value for name, value in attributes.items() if value is not None}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _yes(truth: bool) -> str:
    return "YES" if truth else "NO"


def _truth(value: object) -> bool | None:
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}.get(value.lower()) if isinstance(value, str) else None


def _kib(value: object) -> int | None:
    """Return the KiB that a number of bytes fills."""
    number = _whole(value)
    return None if number is None else number // _BYTES_PER_KIB


def _whole(value: object) -> int | None:
    """Return a whole number, a decimal rounded down."""
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value if abs(value) < _BEYOND else None
    number = _decimal(value)
    return None if number is None or abs(number) >= _BEYOND else math.floor(number)


def _decimal(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None
