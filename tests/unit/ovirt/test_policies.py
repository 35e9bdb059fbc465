"""oVirt's own policies."""

from pathlib import Path
from typing import Any

import pytest

from matchmaker.ovirt.parameters import read_arguments
from matchmaker.ovirt.policies import EVENLY_DISTRIBUTED, NONE, POLICIES, POWER_SAVING, VM_EVENLY_DISTRIBUTED

GIB = 1024 * 1024  # in KiB
FILTERS = ["Up", "Migration", "CPU", "CPUOverloaded", "Memory"]
EVEN = [("OptimalForCpuEvenDistribution", 2), ("OptimalForMemoryEvenDistribution", 1), ("PreferredHosts", 99)]
SAVING = [("OptimalForCpuPowerSaving", 2), ("OptimalForMemoryPowerSaving", 1), ("PreferredHosts", 99)]
GUESTS = [("OptimalForEvenGuestDistribution", 2), ("PreferredHosts", 99)]


def test_names() -> None:
    assert list(POLICIES) == ["none", "evenly_distributed", "vm_evenly_distributed", "power_saving"]
    assert list(POLICIES.values()) == [NONE, EVENLY_DISTRIBUTED, VM_EVENLY_DISTRIBUTED, POWER_SAVING]
    assert all(policy.name == name and policy.combination == "rank" for name, policy in POLICIES.items())
    with pytest.raises(TypeError):
        POLICIES["mine"] = NONE  # type: ignore[index]


@pytest.mark.parametrize(
    ("name", "weighers", "balancer", "arguments"),
    [
        ("none", EVEN, None, {}),
        ("evenly_distributed", EVEN, "OptimalForEvenDistribution", {"VCpuToPhysicalCpuRatio": "0"}),
        (
            "vm_evenly_distributed",
            GUESTS,
            "OptimalForEvenGuestDistribution",
            {"HighVmCount": "10", "MigrationThreshold": "5", "SpmVmGrace": "5"},
        ),
        ("power_saving", SAVING, "OptimalForPowerSaving", {"LowUtilization": "20"}),
    ],
)
def test_units_and_thresholds(
    name: str, weighers: list[tuple[str, int]], balancer: str | None, arguments: dict[str, str]
) -> None:
    policy = POLICIES[name]
    assert [unit.name for unit in policy.filters] == FILTERS
    assert [(unit.name, factor) for unit, factor in policy.weighers] == weighers
    assert (policy.balancer and policy.balancer.name) == balancer
    assert policy.arguments == {"HighUtilization": "80", "CpuOverCommitDurationMinutes": "2", **arguments}


@pytest.mark.parametrize("name", POLICIES)
def test_each_threshold_is_a_parameter_of_a_unit_that_takes_it(name: str) -> None:
    policy = POLICIES[name]
    units = [*policy.filters, *(unit for unit, _ in policy.weighers), *([policy.balancer] if policy.balancer else [])]
    read: dict[str, Any] = {}
    for unit in units:
        assert unit.description
        read |= read_arguments(unit.name, unit.parameters, policy.arguments)
    assert read.keys() >= policy.arguments.keys()
    assert read["HighUtilization"] == 80


def test_the_reference_names_all_of_them() -> None:
    page = (Path(__file__).parents[3] / "docs" / "reference" / "ovirt-policies.md").read_text(encoding="utf-8")
    page = (
        page.replace("<code>", "`")
        .replace("</code>", "`")
        .replace("&#124;", "|")
        .replace("&#91;", "[")
        .replace("&#93;", "]")
    )
    for policy in POLICIES.values():
        weighers = [unit for unit, _ in policy.weighers]
        for unit in [*policy.filters, *weighers, *([policy.balancer] if policy.balancer else [])]:
            assert f"`{unit.name}`" in page
            for parameter in unit.parameters:
                assert f"| `{parameter.name}` | `{parameter.pattern}` |" in page
        assert ", ".join(f"`{unit.name}` {factor}" for unit, factor in policy.weighers) in page


def test_units_are_shared() -> None:
    by_name: dict[tuple[type, str], object] = {}
    for policy in POLICIES.values():
        for unit in [*policy.filters, *(unit for unit, _ in policy.weighers)]:
            assert by_name.setdefault((type(unit), unit.name), unit) is unit


HOSTS = [
    {"ID": "busy", "CPU_USAGE": 75, "MAX_SCHEDULING_MEMORY": 8 * GIB, "RUNNING_VMS": 7},
    {"ID": "idle", "CPU_USAGE": 5, "MAX_SCHEDULING_MEMORY": 60 * GIB, "RUNNING_VMS": 9},
    {"ID": "middle", "CPU_USAGE": 40, "MAX_SCHEDULING_MEMORY": 30 * GIB, "RUNNING_VMS": 2},
    {"ID": "too busy", "CPU_USAGE": 81, "MAX_SCHEDULING_MEMORY": 30 * GIB, "RUNNING_VMS": 2},
    {"ID": "short", "CPU_USAGE": 5, "MAX_SCHEDULING_MEMORY": 1 * GIB, "RUNNING_VMS": 1},
    {"ID": "small", "CPU_USAGE": 5, "MAX_SCHEDULING_MEMORY": 30 * GIB, "CORES": 1},
    {"ID": "down", "CPU_USAGE": 5, "MAX_SCHEDULING_MEMORY": 30 * GIB, "STATUS": "maintenance"},
]
HOSTS = [{"STATUS": "up", "CORES": 8, "THREADS": 16, **host} for host in HOSTS]
VM = {"ID": "vm", "STATUS": "down", "VCPU": 2, "MEMORY": 2 * GIB}


@pytest.mark.parametrize(
    ("name", "order"),
    [
        ("none", ["idle", "middle", "busy"]),
        ("evenly_distributed", ["idle", "middle", "busy"]),
        ("vm_evenly_distributed", ["middle", "busy", "idle"]),
        ("power_saving", ["busy", "middle", "idle"]),
    ],
)
def test_where_a_machine_starts(name: str, order: list[str]) -> None:
    ranking = POLICIES[name].rank(HOSTS, VM)
    assert ranking.errors == {}
    assert [host.key for host in ranking] == order
    assert {key: refusal.filter.name for key, refusal in ranking.refusals.items()} == {
        "too busy": "CPUOverloaded",
        "short": "Memory",
        "small": "CPU",
        "down": "Up",
    }


@pytest.mark.parametrize("name", POLICIES)
def test_a_preferred_host_goes_first(name: str) -> None:
    vm = {**VM, "PREFERRED_HOSTS": ["idle", "middle", "down"]}
    order = [host.key for host in POLICIES[name].rank(HOSTS, vm)]
    assert order[-1] == "busy"


@pytest.mark.parametrize("name", POLICIES)
def test_where_a_machine_moves(name: str) -> None:
    vm = {**VM, "STATUS": "up", "HOST_ID": "idle", "PREFERRED_HOSTS": ["idle"]}
    ranking = POLICIES[name].rank(HOSTS, vm)
    assert sorted(host.key for host in ranking) == ["busy", "middle"]
    assert ranking.refusals["idle"].filter.name == "Migration"


def test_why_a_host_is_refused() -> None:
    reason = NONE.rank(HOSTS, VM).reason("short")
    assert reason.startswith("refused by `Memory`: `MAX_SCHEDULING_MEMORY >= REQUEST.MEMORY")
    assert "MAX_SCHEDULING_MEMORY is 1048576" in reason
    assert "REQUEST.MEMORY is 2097152" in reason


VMS = [{"ID": f"on {host['ID']}", "HOST_ID": host["ID"], "VCPU": 1, "CPU_USAGE": 5, "MEMORY": GIB} for host in HOSTS]


def test_balance() -> None:
    assert NONE.balance(HOSTS, VMS) is None
    assert EVENLY_DISTRIBUTED.balance(HOSTS, VMS) == ("on too busy", ("idle", "small", "middle"))
    assert POWER_SAVING.balance(HOSTS, VMS) == ("on too busy", ("busy", "idle", "middle", "small"))
    assert VM_EVENLY_DISTRIBUTED.balance(HOSTS, VMS) is None
    fuller = [*HOSTS, {**HOSTS[2], "ID": "full", "RUNNING_VMS": 10}]
    vms = [*VMS, {"ID": "on full", "HOST_ID": "full", "VCPU": 1, "CPU_USAGE": 5, "MEMORY": GIB}]
    assert VM_EVENLY_DISTRIBUTED.balance(fuller, vms) == ("on full", ("middle",))
