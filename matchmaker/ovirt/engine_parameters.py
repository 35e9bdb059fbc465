"""The parameters of the units of oVirt's engine, by its names and patterns (oVirt engine 4.5, PolicyUnitParameter).

What is not set takes the engine's default, which is not the same for all units (oVirt engine 4.5, its configuration's defaults).
"""

from __future__ import annotations

import math

from matchmaker.ovirt.parameters import Parameter


def high_utilization(default: float) -> Parameter:
    """Return the load in percent from which a host is busy, with a unit's own default."""
    return Parameter("HighUtilization", "^([5-9][0-9])$", default, "the load in percent from which a host is busy")


LOW_UTILIZATION = Parameter(
    "LowUtilization", "^([0-9]|[1-4][0-9])$", 20, "the load in percent below which a host is idle"
)
OVERCOMMIT_DURATION = Parameter(
    "CpuOverCommitDurationMinutes", "^([1-9][0-9]*)$", 2, "for how many minutes a load has to last before it counts"
)
VCPU_RATIO = Parameter(
    "VCpuToPhysicalCpuRatio",
    r"^([0-2](\.([0-9]+))?)$",
    0.0,
    "how many virtual processors for each core of a host are too many; 0 for no limit",
)
LEAST_FREE_MEMORY = Parameter(
    "MaxFreeMemoryForOverUtilized",
    "^([1-9][0-9]*)$",
    0,
    "how much memory, in MiB, a host should at least have left for virtual machines",
)


def most_free_memory(default: float) -> Parameter:
    """Return the memory left from which a host is idle, with a unit's own default."""
    return Parameter(
        "MinFreeMemoryForUnderUtilized",
        "^([1-9][0-9]*)$",
        default,
        "how much memory, in MiB, a host should at most have left for virtual machines",
    )


NO_LIMIT = math.inf
HIGH_VM_COUNT = Parameter(
    "HighVmCount", "^([0-9]|[1-9][0-9]+)$", 10, "from how many virtual machines on a host some may move"
)
MIGRATION_THRESHOLD = Parameter(
    "MigrationThreshold",
    "^([2-9]|[1-9][0-9]+)$",
    5,
    "how many virtual machines less than the fullest host another one has, that may receive some",
)
SPM_VM_GRACE = Parameter(
    "SpmVmGrace",
    "^([0-9]|[1-9][0-9]+)$",
    5,
    "how many virtual machines the host counts for in addition that manages the storage pool",
)
COUNT_THREADS = Parameter(
    "CountThreadsAsCores",
    "true|false",
    False,
    "whether the threads of a host's cores count as cores; in oVirt an option of the cluster",
)
