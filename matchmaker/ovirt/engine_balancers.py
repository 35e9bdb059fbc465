"""Balancers of oVirt's engine, as far as its REST API tells what they need.

From oVirt engine 4.5, CpuAndMemoryBalancingPolicyUnit with EvenDistributionBalancePolicyUnit, PowerSavingBalancePolicyUnit and
EvenGuestDistributionBalancePolicyUnit, and FindVmAndDestinations.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

from matchmaker.ovirt.cloud import Call, Host, Vm
from matchmaker.ovirt.engine_hosts import Load, is_spm, is_up, load_of, vcpus, vcpus_on, vm_count
from matchmaker.ovirt.engine_parameters import (
    COUNT_THREADS,
    HIGH_VM_COUNT,
    LEAST_FREE_MEMORY,
    LOW_UTILIZATION,
    MIGRATION_THRESHOLD,
    NO_LIMIT,
    OVERCOMMIT_DURATION,
    SPM_VM_GRACE,
    VCPU_RATIO,
    high_utilization,
    most_free_memory,
)
from matchmaker.ovirt.parameters import Arguments
from matchmaker.ovirt.readings import number, text
from matchmaker.ovirt.units import Balancer

_KIB = 1024  # in a MiB
_ROOM = 80  # percent of the high load, below which a host has room; the engine's UtilizationThresholdInPercent


class _Cluster:
    """The hosts of a call that are up, as balancers look at them.

    Parameters
    ----------
    call : Call
        The call.
    arguments : mapping
        The values of the balancer's parameters.
    """

    def __init__(self, call: Call, arguments: Arguments) -> None:
        self._call = call
        self._arguments = arguments
        self.hosts = [host for host in call.hosts if is_up(host)]
        self.high = int(arguments["HighUtilization"])
        self.least_memory = float(arguments["MaxFreeMemoryForOverUtilized"])

    @cached_property
    def _loads(self) -> dict[str, Load]:
        loads = ((str(host["ID"]), load_of(host, self._arguments)) for host in self.hosts)
        return {host: load for host, load in loads if load is not None}

    @property
    def room(self) -> int:
        """The load below which a host has room for more."""
        return _ROOM * self.high // 100

    def by_load(self, hosts: Iterable[Host], *, busiest_first: bool = False) -> list[Host]:
        """Return hosts in the order of their loads; equals stay in theirs."""

        def load_per_core(host: Host) -> int:
            load = self._loads.get(str(host["ID"]))
            return 0 if load is None else load.per_core

        return sorted(hosts, key=load_per_core, reverse=busiest_first)

    def is_busy(self, host: Host, limit: int) -> bool:
        """Tell whether a host's load has been that high for long enough, and it has a virtual machine."""
        load = self._loads.get(str(host["ID"]))
        return load is not None and load.per_core >= limit and self._lasted(host) and vm_count(self._call, host) > 0

    def is_idle(self, host: Host, limit: int, *, vms: int = 0) -> bool:
        """Tell whether a host's load is lower, has been so for long enough, and it has so many virtual machines."""
        load = self._loads.get(str(host["ID"]))
        return load is not None and load.per_core < limit and self._lasted(host) and vm_count(self._call, host) >= vms

    def _lasted(self, host: Host) -> bool:
        minutes = number(host, "CPU_OVERCOMMITTED_MINUTES")
        return minutes is None or minutes >= float(self._arguments["CpuOverCommitDurationMinutes"])

    def has_too_many_vcpus(self, host: Host) -> bool:
        """Tell whether the virtual machines on a host have too many processors for its cores."""
        ratio, load = float(self._arguments["VCpuToPhysicalCpuRatio"]), self._loads.get(str(host["ID"]))
        return ratio > 0 and load is not None and vcpus_on(self._call, host) / load.cores >= ratio

    def short_of_memory(self) -> list[Host]:
        """Return the hosts with too little memory left, and more than one virtual machine."""
        return [
            host
            for host in self.hosts
            if (memory := number(host, "MAX_SCHEDULING_MEMORY")) is not None
            and memory < self.least_memory * _KIB
            and vm_count(self._call, host) > 1
        ]

    def with_more_memory(self, limit: float, *, vms: int = 0) -> list[Host]:
        """Return the hosts with more than so much memory left, in MiB, and so many virtual machines."""
        return [
            host
            for host in self.hosts
            if (memory := number(host, "MAX_SCHEDULING_MEMORY")) is not None
            and memory > limit * _KIB
            and vm_count(self._call, host) >= vms
        ]

    def relief(self, sources: Iterable[Host], destinations: Sequence[Host]) -> tuple[str, list[str]] | None:
        """Return the first virtual machine on the sources that some destination takes, and those that do."""
        for source in sources if destinations else ():
            for vm in self._movable(source):
                hosts = [str(host["ID"]) for host in destinations if host is not source and self._takes(host, vm)]
                if hosts:
                    return str(vm["ID"]), hosts
        return None

    def _movable(self, host: Host) -> list[Vm]:
        """Return the virtual machines on a host that may move, those that use little processor time first."""
        machines = [vm for vm in self._call.snapshot.vms_on(str(host["ID"])) if text(vm, "MIGRATABLE") != "NO"]
        return sorted(machines, key=_used)

    def _takes(self, host: Host, vm: Vm) -> bool:
        """Tell whether a host would neither be too busy nor short of memory with a virtual machine."""
        usage, memory, threads = (number(host, name) for name in ("CPU_USAGE", "MAX_SCHEDULING_MEMORY", "THREADS"))
        needed = number(vm, "MEMORY")
        if usage is None or memory is None or needed is None:
            return False
        added = int(_used(vm) / threads) if threads else 0
        return usage + added <= self.high and memory - needed > self.least_memory * _KIB


def _used(vm: Vm) -> float:
    """Return what a virtual machine uses, in percent of one core."""
    return (number(vm, "CPU_USAGE") or 0) * vcpus(vm)


def _spread(call: Call, arguments: Arguments) -> tuple[str, list[str]] | None:
    cluster = _Cluster(call, arguments)
    hosts, high = cluster.hosts, cluster.high
    if len(hosts) < 2:
        return None
    busy = [host for host in hosts if cluster.is_busy(host, high) or cluster.has_too_many_vcpus(host)]
    idle = [host for host in hosts if cluster.is_idle(host, cluster.room)]
    found = cluster.relief(cluster.by_load(busy, busiest_first=True), cluster.by_load(idle))
    if found is not None:
        return found
    roomy = cluster.with_more_memory(float(arguments["MinFreeMemoryForUnderUtilized"]))
    return cluster.relief(cluster.short_of_memory(), roomy)


def _gather(call: Call, arguments: Arguments) -> tuple[str, list[str]] | None:
    cluster = _Cluster(call, arguments)
    hosts, low = cluster.hosts, int(arguments["LowUtilization"])
    if len(hosts) < 2:
        return None
    busy = [host for host in hosts if cluster.is_busy(host, cluster.room)]
    idle = [host for host in hosts if cluster.is_idle(host, low, vms=1)]
    sources = [*cluster.by_load(busy, busiest_first=True), *cluster.by_load(idle)]
    found = cluster.relief(sources, [host for host in hosts if not cluster.is_busy(host, cluster.high)])
    if found is not None:
        return found
    sources = [
        *cluster.short_of_memory(),
        *cluster.with_more_memory(float(arguments["MinFreeMemoryForUnderUtilized"]), vms=1),
    ]
    return cluster.relief(sources, cluster.with_more_memory(cluster.least_memory))


def _spread_guests(call: Call, arguments: Arguments) -> tuple[str, list[str]] | None:
    cluster = _Cluster(call, arguments)
    slots = list(_slots(cluster.hosts, arguments))
    fullest = max((taken for _, taken in slots), default=0)
    if len(cluster.hosts) < 2 or fullest < float(arguments["HighVmCount"]):
        return None
    threshold = float(arguments["MigrationThreshold"])
    sources = [host for host, taken in slots if taken == fullest]
    return cluster.relief(sources, [host for host, taken in slots if fullest - taken >= threshold])


def _slots(hosts: Iterable[Host], arguments: Arguments) -> Iterator[tuple[Host, float]]:
    """Yield hosts with how many virtual machines they count for; those of which that is not known are left out."""
    for host in hosts:
        running = number(host, "RUNNING_VMS")
        if running is not None:
            yield host, running + (float(arguments["SpmVmGrace"]) if is_spm(host) else 0)


EVEN_DISTRIBUTION = Balancer(
    "OptimalForEvenDistribution",
    _spread,
    description="moves virtual machines from hosts that are busy, or short of memory",
    parameters=(
        high_utilization(75),
        OVERCOMMIT_DURATION,
        VCPU_RATIO,
        LEAST_FREE_MEMORY,
        most_free_memory(0),
        COUNT_THREADS,
    ),
)
"""Moves virtual machines from hosts that are busy, or short of memory (EvenDistributionBalancePolicyUnit)."""

POWER_SAVING = Balancer(
    "OptimalForPowerSaving",
    _gather,
    description="moves virtual machines from hosts that are busy or idle, or have too little or too much memory left",
    parameters=(
        high_utilization(75),
        LOW_UTILIZATION,
        OVERCOMMIT_DURATION,
        LEAST_FREE_MEMORY,
        most_free_memory(NO_LIMIT),
        COUNT_THREADS,
    ),
)
"""Moves virtual machines from hosts that are busy or idle, or have too little or too much memory left (PowerSavingBalancePolicyUnit)."""

EVEN_GUEST_DISTRIBUTION = Balancer(
    "OptimalForEvenGuestDistribution",
    _spread_guests,
    description="moves virtual machines from the hosts that run the most of them",
    parameters=(HIGH_VM_COUNT, MIGRATION_THRESHOLD, SPM_VM_GRACE, high_utilization(75), LEAST_FREE_MEMORY),
)
"""Moves virtual machines from the hosts that run the most of them (EvenGuestDistributionBalancePolicyUnit)."""
