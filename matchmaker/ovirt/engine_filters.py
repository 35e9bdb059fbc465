"""Filters of oVirt's engine, as far as its REST API tells what they need (oVirt engine 4.5, package `policyunits`)."""

from __future__ import annotations

from matchmaker.ovirt.cloud import Call
from matchmaker.ovirt.engine_hosts import runs_on
from matchmaker.ovirt.engine_parameters import COUNT_THREADS, OVERCOMMIT_DURATION, high_utilization
from matchmaker.ovirt.parameters import Arguments
from matchmaker.ovirt.readings import scheduled_vm
from matchmaker.ovirt.units import Filter

_CORES = '(REQUEST.CountThreadsAsCores = "YES" ? default(THREADS, CORES) : CORES)'

UP = Filter(
    "Up",
    'not exists(STATUS) or STATUS = "up"',
    description="refuses hosts that are not up",
)
"""Refuses hosts that are not up; the engine asks about no others."""

CPU = Filter(
    "CPU",
    f"{_CORES} >= REQUEST.VCPU",
    description="refuses hosts with fewer cores than the virtual machine has processors",
    parameters=(COUNT_THREADS,),
)
"""Refuses hosts with fewer cores than the virtual machine has processors (CPUPolicyUnit)."""

CPU_OVERLOADED = Filter(
    "CPUOverloaded",
    f'CPU_USAGE + (SPM = "YES") * 10 / {_CORES} <= REQUEST.HighUtilization'
    " or CPU_OVERCOMMITTED_MINUTES < REQUEST.CpuOverCommitDurationMinutes",
    description="refuses hosts whose processors have been too busy for too long",
    parameters=(high_utilization(90), OVERCOMMIT_DURATION, COUNT_THREADS),
)
"""Refuses hosts whose processors have been too busy for too long (CpuOverloadPolicyUnit)."""


def _elsewhere(call: Call, _arguments: Arguments) -> list[str]:
    vm = scheduled_vm(call)
    return [str(host["ID"]) for host in call.hosts if not runs_on(vm, host)]


MIGRATION = Filter(
    "Migration",
    _elsewhere,
    description="refuses the host that the virtual machine runs on already",
)
"""Refuses the host that the virtual machine runs on already (MigrationPolicyUnit)."""

MEMORY = Filter(
    "Memory",
    'MAX_SCHEDULING_MEMORY >= REQUEST.MEMORY or REQUEST.STATUS = "paused"',
    description="refuses hosts that have less memory left than the virtual machine needs",
)
"""Refuses hosts that have less memory left than the virtual machine needs, unless it is paused (MemoryPolicyUnit)."""
