"""Filters of oVirt's engine."""

from typing import Any

import pytest

from matchmaker.ovirt import Call, Cloud
from matchmaker.ovirt.engine_filters import CPU, CPU_OVERLOADED, MEMORY, MIGRATION, UP
from matchmaker.ovirt.errors import UnitError

VM = {"ID": "vm", "VCPU": 8, "MEMORY": 4096}


def hosts(**each: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"ID": name, **attributes} for name, attributes in each.items()]


def test_up() -> None:
    asked = hosts(a={"STATUS": "up"}, b={"STATUS": "maintenance"}, c={}, d={"STATUS": "non_operational"})
    assert UP.keep(Call.of(asked)) == ["a", "c"]


def test_cpu() -> None:
    asked = hosts(
        a={"CORES": 4, "THREADS": 8}, b={"CORES": 8, "THREADS": 16}, c={"CORES": 7}, d={"CORES": 9}, e={"THREADS": 64}
    )
    assert CPU.keep(Call.of(asked, VM)) == ["b", "d"]
    assert CPU.keep(Call.of(asked, VM, arguments={"CountThreadsAsCores": "true"})) == ["a", "b", "d", "e"]
    assert CPU.keep(Call.of(asked, {"ID": "vm"})) == []


def test_memory() -> None:
    asked = hosts(a={"MAX_SCHEDULING_MEMORY": 4096}, b={"MAX_SCHEDULING_MEMORY": 4095}, c={})
    assert MEMORY.keep(Call.of(asked, VM)) == ["a"]
    assert MEMORY.keep(Call.of(asked, {**VM, "STATUS": "down"})) == ["a"]
    assert MEMORY.keep(Call.of(asked, {**VM, "STATUS": "paused", "HOST_ID": "b"})) == ["a", "b", "c"]
    assert MEMORY.keep(Call.of(asked, {"ID": "vm"})) == []


def test_migration() -> None:
    asked = [{"ID": "a"}, {"ID": 7}]
    assert MIGRATION.keep(Call.of(asked, VM)) == ["a", "7"]
    assert MIGRATION.keep(Call.of(asked, {**VM, "HOST_ID": "a"})) == ["7"]
    assert MIGRATION.keep(Call.of(asked, {**VM, "HOST_ID": 7})) == ["a"]
    assert MIGRATION.keep(Call.of(asked, {**VM, "HOST_ID": "elsewhere"})) == ["a", "7"]
    with pytest.raises(UnitError, match=r"^unit 'Migration': it needs the virtual machine, and nobody knows `gone`"):
        MIGRATION.keep(Call(Cloud(asked), ("a",), "gone"))


@pytest.mark.parametrize(
    ("host", "arguments", "kept"),
    [
        ({"CPU_USAGE": 90}, {}, True),
        ({"CPU_USAGE": 91}, {}, False),
        ({"CPU_USAGE": 91}, {"HighUtilization": "95"}, True),
        ({"CPU_USAGE": 81}, {"HighUtilization": "80"}, False),
        # The storage pool's manager takes 10 percent of one of four cores, 2.5 of all.
        ({"CPU_USAGE": 77, "SPM": "YES"}, {"HighUtilization": "80"}, True),
        ({"CPU_USAGE": 78, "SPM": "YES"}, {"HighUtilization": "80"}, False),
        ({"CPU_USAGE": 78, "SPM": "NO"}, {"HighUtilization": "80"}, True),
        ({"CPU_USAGE": 78, "SPM": "YES"}, {"HighUtilization": "80", "CountThreadsAsCores": "true"}, True),
        # Busy, but not for long.
        ({"CPU_USAGE": 99, "CPU_OVERCOMMITTED_MINUTES": 1}, {}, True),
        ({"CPU_USAGE": 99, "CPU_OVERCOMMITTED_MINUTES": 2}, {}, False),
        (
            {"CPU_USAGE": 99, "CPU_OVERCOMMITTED_MINUTES": 2},
            {"CpuOverCommitDurationMinutes": "3"},
            True,
        ),
        ({"CPU_USAGE": None}, {}, False),
        ({"CPU_USAGE": 5, "CORES": None}, {}, False),
    ],
)
def test_cpu_overloaded(host: dict[str, Any], arguments: dict[str, str], kept: bool) -> None:
    asked = hosts(a={"CORES": 4, "THREADS": 8, **host})
    assert CPU_OVERLOADED.keep(Call.of(asked, arguments=arguments)) == (["a"] if kept else [])


@pytest.mark.parametrize("argument", [{"HighUtilization": "49"}, {"CpuOverCommitDurationMinutes": "0"}])
def test_arguments_as_the_engine_checks_them(argument: dict[str, str]) -> None:
    with pytest.raises(UnitError, match="is not of the form"):
        CPU_OVERLOADED.keep(Call.of([{"ID": "a"}], arguments=argument))


def test_validation() -> None:
    assert CPU_OVERLOADED.validation == (
        "HighUtilization=^([5-9][0-9])$;CpuOverCommitDurationMinutes=^([1-9][0-9]*)$;CountThreadsAsCores=true|false"
    )
