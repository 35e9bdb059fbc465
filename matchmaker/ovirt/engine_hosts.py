"""What the units of oVirt's engine ask about hosts and virtual machines."""

from __future__ import annotations

import math
from typing import NamedTuple

from matchmaker.ovirt.cloud import Call, Host, Vm
from matchmaker.ovirt.parameters import Arguments
from matchmaker.ovirt.readings import number, text

VCPU_LOAD = 10
"""What a virtual processor of which nothing is known is taken to use, in percent of a core; the engine's VcpuConsumptionPercentage."""


def runs_on(vm: Vm, host: Host) -> bool:
    """Tell whether a virtual machine runs on a host."""
    return vm.get("HOST_ID") is not None and str(vm["HOST_ID"]) == str(host["ID"])


def is_up(host: Host) -> bool:
    """Tell whether a host is up, or nothing is known about that."""
    return text(host, "STATUS") in (None, "up")


def is_spm(host: Host) -> bool:
    """Tell whether a host manages the storage pool."""
    return text(host, "SPM") == "YES"


def cores(host: Host, arguments: Arguments) -> float | None:
    """Return how many cores a host has; None when that is not known."""
    threads = number(host, "THREADS") if arguments["CountThreadsAsCores"] else None
    found = number(host, "CORES") if threads is None else threads
    return found if found is not None and found > 0 else None


class Load(NamedTuple):
    """How busy a host is, with what managing the storage pool takes.

    Attributes
    ----------
    total : float
        The load of all its cores, in percent of one.
    cores : float
        How many cores it has.
    """

    total: float
    cores: float

    @property
    def per_core(self) -> int:
        """The load per core in percent, rounded up."""
        return math.ceil(self.total / self.cores)


def load_of(host: Host, arguments: Arguments) -> Load | None:
    """Return the load of a host; None when it is not known."""
    count, usage = cores(host, arguments), number(host, "CPU_USAGE")
    if count is None or usage is None:
        return None
    return Load(usage * count + (VCPU_LOAD if is_spm(host) else 0), count)


def vcpus(vm: Vm) -> float:
    """Return how many virtual processors a virtual machine has."""
    return number(vm, "VCPU") or 1


def vm_load(vm: Vm) -> float:
    """Return what a virtual machine uses where it is not yet, in percent of one core."""
    usage = None if vm.get("HOST_ID") is None else number(vm, "CPU_USAGE")
    return vcpus(vm) * (VCPU_LOAD if usage is None else usage)


def vm_count(call: Call, host: Host) -> float:
    """Return how many virtual machines there are on a host."""
    told = number(host, "TOTAL_VMS")
    return len(call.snapshot.vms_on(str(host["ID"]))) if told is None else told


def vcpus_on(call: Call, host: Host) -> float:
    """Return how many virtual processors the virtual machines on a host have together."""
    return sum(map(vcpus, call.snapshot.vms_on(str(host["ID"]))))


def half_up(value: float) -> int:
    """Round to the nearest whole number, half up, as the engine does."""
    return math.floor(value + 0.5)
