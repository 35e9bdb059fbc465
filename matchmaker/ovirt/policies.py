"""oVirt's own policies, as far as its REST API tells what they need (oVirt engine 4.5, InternalClusterPolicies).

`docs/reference/ovirt-policies.md` says what each has, by which formulas, and what is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from matchmaker.ovirt.engine_balancers import EVEN_DISTRIBUTION, EVEN_GUEST_DISTRIBUTION
from matchmaker.ovirt.engine_balancers import POWER_SAVING as POWER_SAVING_BALANCER
from matchmaker.ovirt.engine_filters import CPU, CPU_OVERLOADED, MEMORY, MIGRATION, UP
from matchmaker.ovirt.engine_weighers import (
    EVEN_CPU,
    EVEN_GUESTS,
    EVEN_MEMORY,
    POWER_SAVING_CPU,
    POWER_SAVING_MEMORY,
    PREFERRED_HOSTS,
)
from matchmaker.ovirt.policy import Policy

_FILTERS = (UP, MIGRATION, CPU, CPU_OVERLOADED, MEMORY)
_EVEN = ((EVEN_CPU, 2), (EVEN_MEMORY, 1), (PREFERRED_HOSTS, 99))
_THRESHOLDS = {"HighUtilization": "80", "CpuOverCommitDurationMinutes": "2"}

NONE = Policy(
    "none",
    filters=_FILTERS,
    weighers=_EVEN,
    description="starts virtual machines where the load is low, and moves none",
    arguments=_THRESHOLDS,
)
"""Starts virtual machines where the load is low, and moves none."""

EVENLY_DISTRIBUTED = Policy(
    "evenly_distributed",
    filters=_FILTERS,
    weighers=_EVEN,
    balancer=EVEN_DISTRIBUTION,
    description="spreads the load over all hosts",
    arguments={**_THRESHOLDS, "VCpuToPhysicalCpuRatio": "0"},
)
"""Spreads the load over all hosts."""

VM_EVENLY_DISTRIBUTED = Policy(
    "vm_evenly_distributed",
    filters=_FILTERS,
    weighers=((EVEN_GUESTS, 2), (PREFERRED_HOSTS, 99)),
    balancer=EVEN_GUEST_DISTRIBUTION,
    description="spreads virtual machines over all hosts, by their number",
    arguments={**_THRESHOLDS, "HighVmCount": "10", "MigrationThreshold": "5", "SpmVmGrace": "5"},
)
"""Spreads virtual machines over all hosts, by their number."""

POWER_SAVING = Policy(
    "power_saving",
    filters=_FILTERS,
    weighers=((POWER_SAVING_CPU, 2), (POWER_SAVING_MEMORY, 1), (PREFERRED_HOSTS, 99)),
    balancer=POWER_SAVING_BALANCER,
    description="gathers the load on few hosts, so that others can be switched off",
    arguments={**_THRESHOLDS, "LowUtilization": "20"},
)
"""Gathers the load on few hosts, so that others can be switched off."""

POLICIES: Mapping[str, Policy] = MappingProxyType(
    {policy.name: policy for policy in (NONE, EVENLY_DISTRIBUTED, VM_EVENLY_DISTRIBUTED, POWER_SAVING)}
)
"""oVirt's own policies, by name."""
