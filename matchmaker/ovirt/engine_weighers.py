"""Weighers of oVirt's engine, as far as its REST API tells what they need (oVirt engine 4.5, package `policyunits`).

They give weights as the engine has them, where lower is better, so that both can be compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from matchmaker.attributes.values import texts
from matchmaker.ovirt.cloud import Call, Host, Vm
from matchmaker.ovirt.engine_hosts import (
    half_up,
    load_of,
    runs_on,
    vcpus,
    vcpus_on,
    vm_load,
)
from matchmaker.ovirt.engine_parameters import (
    COUNT_THREADS,
    LEAST_FREE_MEMORY,
    NO_LIMIT,
    SPM_VM_GRACE,
    VCPU_RATIO,
    high_utilization,
    most_free_memory,
)
from matchmaker.ovirt.parameters import Arguments
from matchmaker.ovirt.readings import number, scheduled_vm, text
from matchmaker.ovirt.units import Weigher

WORST = 1000
"""The highest weight of the weighers of processors; the engine's MaxSchedulerWeight."""
_TOO_MANY_VCPUS = 1000
_NOT_PREFERRED = 10_000


def _spread_cpu(call: Call, arguments: Arguments) -> list[tuple[str, int]]:
    vm, ratio = scheduled_vm(call), float(arguments["VCpuToPhysicalCpuRatio"])
    added = vm_load(vm)
    loads: list[int | None] = []
    for host in call.hosts:
        load = load_of(host, arguments)
        if load is None:
            loads.append(None)
            continue
        new = not runs_on(vm, host)
        busy = (load.total + new * added) / load.cores
        if ratio and (vcpus_on(call, host) + new * vcpus(vm)) / load.cores >= ratio:
            busy *= _TOO_MANY_VCPUS
        loads.append(half_up(busy))
    return _stretched(call.hosts, loads)


def _gather_cpu(call: Call, arguments: Arguments) -> list[tuple[str, int]]:
    vm, high = scheduled_vm(call), float(arguments["HighUtilization"])
    added = vm_load(vm)
    loads: list[int | None] = []
    for host in call.hosts:
        load = load_of(host, arguments)
        if load is None or load.total > high * load.cores:
            loads.append(None)
        else:
            loads.append(-half_up((load.total + (not runs_on(vm, host)) * added) / load.cores))
    return _stretched(call.hosts, loads)


def _stretched(hosts: Sequence[Host], loads: Sequence[int | None]) -> list[tuple[str, int]]:
    """Return weights between 1, of the lowest load, and the worst, of the highest and of hosts without one."""
    known = [load for load in loads if load is not None]
    lowest, highest = min(known, default=0), max(known, default=0)
    weights = []
    for host, load in zip(hosts, loads, strict=True):
        if load is None:
            weight = WORST
        elif lowest == highest:
            weight = 1
        else:
            weight = half_up(1 + (load - lowest) / (highest - lowest) * (WORST - 1))
        weights.append((str(host["ID"]), weight))
    return weights


def _spread_memory(call: Call, _arguments: Arguments) -> list[tuple[str, int]]:
    most, free = _memory_left(call)
    return [
        # Where no host has more than 1 MiB, none is better than another.
        (host, WORST if left is None or most <= 1 else WORST - half_up((left - 1) * (WORST - 1) / (most - 1)))
        for host, left in free
    ]


def _gather_memory(call: Call, arguments: Arguments) -> list[tuple[str, int]]:
    least = float(arguments["MaxFreeMemoryForOverUtilized"])
    idle = float(arguments["MinFreeMemoryForUnderUtilized"])
    most, free = _memory_left(call)
    # Somewhat higher than what any host has left, so that hosts that are short of memory are worse than all others.
    ceiling = most * 1.1
    weights = []
    for host, left in free:
        if left is None or ceiling <= 0:
            weights.append((host, WORST))
            continue
        shown = left if left >= least else min(ceiling, idle + least - left)
        weights.append((host, int(shown / ceiling * (WORST - 1)) + 1))
    return weights


def _memory_left(call: Call) -> tuple[float, Iterable[tuple[str, float | None]]]:
    """Return the most memory that a host has left, in MiB, and what each would have with the virtual machine; None when that is not known."""
    vm = scheduled_vm(call)
    needed = number(vm, "MEMORY") or 0
    left = [(host, number(host, "MAX_SCHEDULING_MEMORY")) for host in call.hosts]
    most = max((memory for _, memory in left if memory is not None), default=0.0)
    return most / 1024, [
        (str(host["ID"]), None if memory is None else (memory - (0 if runs_on(vm, host) else needed)) / 1024)
        for host, memory in left
    ]


def _preferred(call: Call, _arguments: Arguments) -> list[tuple[str, int]]:
    vm = scheduled_vm(call)
    preferred = set(texts(vm.get("PREFERRED_HOSTS"), "PREFERRED_HOSTS"))
    if not preferred or not _is_down(vm):
        return []
    hosts = (str(host["ID"]) for host in call.hosts)
    return [(host, 0 if host in preferred else _NOT_PREFERRED) for host in hosts]


def _is_down(vm: Vm) -> bool:
    status = text(vm, "STATUS")
    return vm.get("HOST_ID") is None if status is None else status == "down"


EVEN_CPU = Weigher(
    "OptimalForCpuEvenDistribution",
    weight=_spread_cpu,
    description="prefers hosts whose processors are idle",
    parameters=(VCPU_RATIO, COUNT_THREADS),
)
"""Prefers hosts whose processors are idle (EvenDistributionCPUWeightPolicyUnit)."""

POWER_SAVING_CPU = Weigher(
    "OptimalForCpuPowerSaving",
    weight=_gather_cpu,
    description="prefers hosts whose processors are busy, but not too busy",
    parameters=(high_utilization(NO_LIMIT), COUNT_THREADS),
)
"""Prefers hosts whose processors are busy, but not too busy (PowerSavingCPUWeightPolicyUnit)."""

EVEN_MEMORY = Weigher(
    "OptimalForMemoryEvenDistribution",
    weight=_spread_memory,
    description="prefers hosts that have much memory left",
)
"""Prefers hosts that have much memory left (EvenDistributionMemoryWeightPolicyUnit)."""

POWER_SAVING_MEMORY = Weigher(
    "OptimalForMemoryPowerSaving",
    weight=_gather_memory,
    description="prefers hosts that have little memory left, but not too little",
    parameters=(LEAST_FREE_MEMORY, most_free_memory(NO_LIMIT)),
)
"""Prefers hosts that have little memory left, but not too little (PowerSavingMemoryWeightPolicyUnit)."""

EVEN_GUESTS = Weigher(
    "OptimalForEvenGuestDistribution",
    weight='max(0, RUNNING_VMS + (SPM = "YES") * REQUEST.SpmVmGrace)',
    description="prefers hosts that run few virtual machines",
    parameters=(SPM_VM_GRACE,),
)
"""Prefers hosts that run few virtual machines (EvenGuestDistributionWeightPolicyUnit)."""

PREFERRED_HOSTS = Weigher(
    "PreferredHosts",
    weight=_preferred,
    description="prefers the hosts that a virtual machine should start on",
)
"""Prefers the hosts that a virtual machine should start on (PreferredHostsWeightPolicyUnit)."""
