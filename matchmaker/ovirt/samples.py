"""The units that oVirt published as samples for its external scheduler: ovirt-scheduler-proxy, `doc/plugin_samples`.

They do what those were meant to do: the numbers and the order of preference are theirs, their defects are not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from matchmaker.ovirt.cloud import Call, Host, Vm
from matchmaker.ovirt.parameters import Arguments, Parameter
from matchmaker.ovirt.readings import number, scheduled_vm, text
from matchmaker.ovirt.relief import Relief
from matchmaker.ovirt.units import Balancer, Filter, Weigher

_MAXIMUM_VM_COUNT = Parameter("maximum_vm_count", "[0-9]*", 100, "how many virtual machines are too many for a host")

FILTER_BY_VM_COUNT = Filter(
    "filter_by_vm_count",
    "RUNNING_VMS < REQUEST.maximum_vm_count",
    description="keeps hosts that run fewer virtual machines than the maximum",
    parameters=(_MAXIMUM_VM_COUNT,),
)
"""Keeps hosts that run fewer virtual machines than the maximum."""

EVEN_VM_DISTRIBUTION = Weigher(
    "even_vm_distribution",
    weight="RUNNING_VMS",
    description="prefers hosts that run few virtual machines",
)
"""Weighs a host as much as it runs virtual machines."""


def _same_os(call: Call, _arguments: Arguments) -> list[tuple[str, float]]:
    vm = scheduled_vm(call)
    kind, version = text(vm, "OS_TYPE"), text(vm, "OS_VERSION")

    def score(machine: Vm) -> int:
        if kind is None or text(machine, "OS_TYPE") != kind:
            return 0
        return 100 if text(machine, "OS_VERSION") == version else 20

    scores = []
    for host in call.hosts:
        machines = call.snapshot.vms_on(str(host["ID"]))
        scores.append((str(host["ID"]), sum(map(score, machines)) / len(machines) if machines else 0.0))
    return scores


KSM_SAME_OS_SCORE = Weigher(
    "ksm_same_os_score",
    score=_same_os,
    description="prefers hosts whose virtual machines have the same operating system, so that they can share memory",
)
"""Scores a host by how many of its virtual machines have the operating system of the one that is to run."""

VM_COUNT_BALANCE = Balancer(
    "vm_count_balance",
    Relief(
        relieve="RUNNING_VMS >= REQUEST.maximum_vm_count",
        worst="RUNNING_VMS",
        receive="RUNNING_VMS < REQUEST.maximum_vm_count",
    ),
    description="moves a virtual machine from the host that runs the most of them, when these are too many",
    parameters=(_MAXIMUM_VM_COUNT,),
)
"""Moves the first virtual machine of the fullest host with too many to one that has not."""


def _memory_relief(call: Call, arguments: Arguments) -> tuple[str, list[str]] | None:
    minimum = float(arguments["minimum_host_memoryMB"]) * 1024
    free = [(host, memory) for host in call.hosts if (memory := number(host, "FREE_MEMORY")) is not None]
    short = [(host, memory) for host, memory in free if memory < minimum]
    if not short:
        return None
    relieved, least = min(short, key=lambda each: each[1])
    receivers = [(host, memory - minimum) for host, memory in free if memory > minimum]
    sized = [
        (machine, memory)
        for machine in call.snapshot.vms_on(str(relieved["ID"]))
        if (memory := number(machine, "MEMORY")) is not None and any(_takes(*each, memory) for each in receivers)
    ]
    chosen = _chosen(sized, missing=minimum - least, safe=bool(arguments["safe_selection"]))
    if chosen is None:
        return None
    machine, memory = chosen
    return str(machine["ID"]), [str(host["ID"]) for host, spare in receivers if _takes(host, spare, memory)]


def _takes(host: Host, spare: float, memory: float) -> bool:
    """Tell whether a host takes so much memory of a virtual machine, when it can spare so much."""
    most = number(host, "MAX_SCHEDULING_MEMORY")
    return memory <= spare and (most is None or memory <= most)


def _chosen(sized: Sequence[tuple[Vm, float]], *, missing: float, safe: bool) -> tuple[Vm, float] | None:
    """Return the machine to move, of those that fit somewhere; the first of equals."""
    enough = sized if safe else [each for each in sized if each[1] > missing]
    if enough:
        return min(enough, key=lambda each: each[1])
    return max(sized, key=lambda each: each[1], default=None)


HOST_MEMORY_BALANCE = Balancer(
    "host_memory_balance",
    _memory_relief,
    description="moves a virtual machine from the host with the least free memory, when that is too little",
    parameters=(
        Parameter("minimum_host_memoryMB", "[0-9]*", 500, "how much free memory a host should have, in MiB"),
        Parameter("safe_selection", "True|False", True, "whether the smallest virtual machine moves: the safest to do"),
    ),
)
"""Moves a virtual machine from the host with the least free memory, when that is too little."""

SAMPLES: Mapping[str, Filter | Weigher | Balancer] = MappingProxyType(
    {
        unit.name: unit
        for unit in (
            FILTER_BY_VM_COUNT,
            EVEN_VM_DISTRIBUTION,
            KSM_SAME_OS_SCORE,
            VM_COUNT_BALANCE,
            HOST_MEMORY_BALANCE,
        )
    }
)
"""The published samples, by name."""
