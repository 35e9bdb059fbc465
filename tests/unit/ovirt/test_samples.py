"""The published samples."""

import pickle
from typing import Any

import pytest

from matchmaker.ovirt import Balancer, Call, Cloud, Filter, Weigher
from matchmaker.ovirt.errors import UnitError
from matchmaker.ovirt.samples import (
    EVEN_VM_DISTRIBUTION,
    FILTER_BY_VM_COUNT,
    HOST_MEMORY_BALANCE,
    KSM_SAME_OS_SCORE,
    SAMPLES,
    VM_COUNT_BALANCE,
)

MIB = 1024  # in KiB


def test_all_of_them() -> None:
    assert {name: type(unit) for name, unit in SAMPLES.items()} == {
        "filter_by_vm_count": Filter,
        "even_vm_distribution": Weigher,
        "ksm_same_os_score": Weigher,
        "vm_count_balance": Balancer,
        "host_memory_balance": Balancer,
    }
    assert all(unit.name == name and unit.description for name, unit in SAMPLES.items())
    assert all(pickle.loads(pickle.dumps(unit)).name == name for name, unit in SAMPLES.items())


def test_validation() -> None:
    assert {name: unit.validation for name, unit in SAMPLES.items()} == {
        "filter_by_vm_count": "maximum_vm_count=[0-9]*",
        "even_vm_distribution": "",
        "ksm_same_os_score": "",
        "vm_count_balance": "maximum_vm_count=[0-9]*",
        "host_memory_balance": "minimum_host_memoryMB=[0-9]*;safe_selection=True|False",
    }


# --- filter by VM count

COUNTED = [
    {"ID": "full", "RUNNING_VMS": 100},
    {"ID": "nearly", "RUNNING_VMS": 99},
    {"ID": "unknown"},
    {"ID": "empty", "RUNNING_VMS": 0},
    {"ID": "text", "RUNNING_VMS": "5"},
]


@pytest.mark.parametrize(
    ("arguments", "kept"),
    [
        ({}, ["nearly", "empty", "text"]),
        ({"maximum_vm_count": ""}, ["nearly", "empty", "text"]),
        ({"maximum_vm_count": "101"}, ["full", "nearly", "empty", "text"]),
        ({"maximum_vm_count": "5"}, ["empty"]),
        ({"maximum_vm_count": "0"}, []),
    ],
)
def test_filter_by_vm_count(arguments: dict[str, str], kept: list[str]) -> None:
    assert FILTER_BY_VM_COUNT.keep(Call.of(COUNTED, arguments=arguments)) == kept


# --- even VM distribution


def test_even_vm_distribution() -> None:
    weights = EVEN_VM_DISTRIBUTION.weights(Call.of(COUNTED))
    assert weights == [("full", 100), ("nearly", 99), ("empty", 0), ("text", 5)]


# --- KSM same OS score


def machine(name: str, host: str | None, kind: str | None, version: object = None) -> dict[str, Any]:
    return {"ID": name, "HOST_ID": host, "OS_TYPE": kind, "OS_VERSION": version}


def same_os(vm: dict[str, Any], *machines: dict[str, Any]) -> dict[str, int]:
    """Return how far below the best each of three hosts is, `c` without virtual machines."""
    hosts = [{"ID": "a"}, {"ID": "b"}, {"ID": "c"}]
    return dict(KSM_SAME_OS_SCORE.weights(Call.of(hosts, vm, vms=machines)))


def test_ksm_same_os_score() -> None:
    vm = machine("vm", None, "rhel_8x64", "8.6")
    assert same_os(
        vm,
        machine("1", "a", "rhel_8x64", "8.6"),
        machine("2", "a", "rhel_8x64", "8.4"),
        machine("3", "a", "windows_2019x64", "8.6"),
        machine("4", "b", "rhel_8x64", "8.6"),
        machine("5", "b", "rhel_8x64", "8.6"),
    ) == {"a": 60, "b": 0, "c": 100}


def test_scores_are_rounded_as_weights() -> None:
    vm = machine("vm", None, "linux", "1")
    others = [machine("1", "a", "linux", "1"), machine("2", "a", "other"), machine("3", "a", "other")]
    # 100 / 3 is 66.67 below 100, which is 66.
    assert same_os(vm, *others, machine("4", "b", "linux", "1")) == {"a": 66, "b": 0, "c": 100}


def test_all_hosts_are_equal_when_no_machine_is_alike() -> None:
    vm = machine("vm", None, "linux", "1")
    assert same_os(vm, machine("1", "a", "other", "1")) == {"a": 0, "b": 0, "c": 0}


def test_the_machine_itself_counts_where_it_runs() -> None:
    vm = machine("vm", "a", "linux", "1")
    assert same_os(vm, vm, machine("1", "b", "linux", "2")) == {"a": 0, "b": 80, "c": 100}


def test_unknown_operating_systems() -> None:
    unknown = machine("vm", None, None)
    assert same_os(unknown, machine("1", "a", None)) == {"a": 0, "b": 0, "c": 0}
    unversioned = machine("vm", None, "linux")
    assert same_os(
        unversioned, machine("1", "a", "linux"), machine("2", "b", "linux", "1"), machine("3", "c", None)
    ) == {
        "a": 0,
        "b": 80,
        "c": 100,
    }


def test_versions_may_be_numbers() -> None:
    vm = machine("vm", None, "linux", 8)
    assert same_os(vm, machine("1", "a", "linux", "8")) == {"a": 0, "b": 100, "c": 100}


def test_a_machine_that_nobody_knows() -> None:
    with pytest.raises(UnitError, match="nobody knows `gone`"):
        KSM_SAME_OS_SCORE.weights(Call(Cloud([{"ID": "a"}]), ("a",), "gone"))


# --- VM count balance


def counts(**running: int | None) -> list[dict[str, Any]]:
    return [{"ID": host, "RUNNING_VMS": number} for host, number in running.items()]


ON_EACH = [{"ID": f"{host}{number}", "HOST_ID": host} for host in "abcd" for number in (1, 2)]


@pytest.mark.parametrize(
    ("hosts", "expected"),
    [
        (counts(a=5, b=9, c=4, d=1), ("b1", ("c", "d"))),
        (counts(a=5, b=5, c=4), ("a1", ("c",))),
        (counts(a=9, b=5, c=4), ("a1", ("c",))),
        (counts(a=4, b=None, c=5), ("c1", ("a",))),
        (counts(a=4, b=3), None),
        (counts(a=5, b=6), None),
        (counts(e=9, a=1), None),
        ([], None),
    ],
)
def test_vm_count_balance(hosts: list[dict[str, Any]], expected: object) -> None:
    assert VM_COUNT_BALANCE.balance(Call.of(hosts, vms=ON_EACH, arguments={"maximum_vm_count": "5"})) == expected


def test_vm_count_balance_by_default() -> None:
    assert VM_COUNT_BALANCE.balance(Call.of(counts(a=99, b=1), vms=ON_EACH)) is None
    assert VM_COUNT_BALANCE.balance(Call.of(counts(a=100, b=1), vms=ON_EACH)) == ("a1", ("b",))


# --- host memory balance


def host(name: str, free: float | None, most: float | None = None) -> dict[str, Any]:
    """Return a host with so many MiB of free memory, of which so many at most for a virtual machine."""
    return {
        "ID": name,
        "FREE_MEMORY": None if free is None else free * MIB,
        "MAX_SCHEDULING_MEMORY": None if most is None else most * MIB,
    }


def sized(*sizes: float | None, on: str = "a") -> list[dict[str, Any]]:
    return [
        {"ID": f"{on}{number}", "HOST_ID": on, "MEMORY": None if size is None else size * MIB}
        for number, size in enumerate(sizes, 1)
    ]


def balanced(hosts: list[dict[str, Any]], vms: list[dict[str, Any]], **arguments: str) -> object:
    return HOST_MEMORY_BALANCE.balance(Call.of(hosts, vms=vms, arguments=arguments))


def test_the_smallest_when_safe() -> None:
    hosts = [host("a", 300), host("b", 1500), host("c", 900)]
    assert balanced(hosts, sized(500, 100, 900)) == ("a2", ("b", "c"))
    assert balanced(hosts, sized(500, 100, 900), safe_selection="True") == ("a2", ("b", "c"))
    assert balanced(hosts, sized(500, 900, 500)) == ("a1", ("b",))


@pytest.mark.parametrize("unsafe", ["False", "false", "FALSE"])
def test_the_smallest_that_is_larger_than_what_is_missing(unsafe: str) -> None:
    hosts = [host("a", 300), host("b", 1500), host("c", 900)]
    assert balanced(hosts, sized(900, 100, 500), safe_selection=unsafe) == ("a3", ("b",))
    # 200 MiB are missing: 200 is not larger.
    assert balanced(hosts, sized(900, 200, 201), safe_selection=unsafe) == ("a3", ("b", "c"))
    assert balanced(hosts, sized(400, 300, 300), safe_selection=unsafe) == ("a2", ("b", "c"))


def test_else_the_largest_that_fits() -> None:
    hosts = [host("a", 100), host("b", 800), host("c", 600)]
    # 400 MiB are missing, `b` can spare 300.
    assert balanced(hosts, sized(50, 300, 301, 200), safe_selection="False") == ("a2", ("b",))
    assert balanced(hosts, sized(50, 80, 80), safe_selection="False") == ("a2", ("b", "c"))


def test_a_host_may_be_left_with_the_minimum() -> None:
    assert balanced([host("a", 300), host("b", 700)], sized(200)) == ("a1", ("b",))
    assert balanced([host("a", 300), host("b", 700)], sized(200.5)) is None


def test_hosts_at_the_minimum_neither_give_nor_receive() -> None:
    assert balanced([host("a", 500), host("b", 5000)], sized(100)) is None
    assert balanced([host("a", 499), host("b", 500)], sized(0)) is None
    assert balanced([host("a", 499), host("b", 500), host("c", 900)], sized(100)) == ("a1", ("c",))


def test_the_least_free_memory_is_relieved() -> None:
    machines = [*sized(100, on="a"), *sized(100, on="b"), *sized(100, on="c")]
    assert balanced([host("a", 300), host("b", 200), host("c", 200), host("d", 900)], machines) == ("b1", ("d",))
    assert balanced([host("a", 300), host("b", 0), host("d", 900)], machines) == ("b1", ("d",))
    # Only that one is looked at.
    assert balanced([host("a", 300), host("e", 200), host("d", 900)], machines) is None


def test_a_host_whose_memory_is_not_known() -> None:
    machines = [*sized(100, on="a"), *sized(100, on="b")]
    assert balanced([host("b", None), host("a", 300), host("d", 900)], machines) == ("a1", ("d",))
    assert balanced([host("a", 300), host("b", None)], machines) is None


def test_the_most_that_a_host_takes() -> None:
    hosts = [host("a", 300), host("b", 1500, 400), host("c", 900, 400)]
    assert balanced(hosts, sized(400)) == ("a1", ("b", "c"))
    assert balanced(hosts, sized(401, 900)) is None
    hosts = [host("a", 300), host("b", 1500, 50), host("c", 900)]
    assert balanced(hosts, sized(100)) == ("a1", ("c",))


def test_machines_whose_memory_is_not_known_stay() -> None:
    assert balanced([host("a", 300), host("b", 1500)], sized(None, 400)) == ("a2", ("b",))
    assert balanced([host("a", 300), host("b", 1500)], sized(None)) is None


def test_another_minimum() -> None:
    hosts = [host("a", 1000), host("b", 3000)]
    assert balanced(hosts, sized(900)) is None
    assert balanced(hosts, sized(900), minimum_host_memoryMB="1024") == ("a1", ("b",))
    assert balanced(hosts, sized(900), minimum_host_memoryMB="2101") is None
    assert balanced(hosts, sized(900), minimum_host_memoryMB="0") is None
    assert balanced([host("a", 300), host("b", 900)], sized(100), minimum_host_memoryMB="") == ("a1", ("b",))


@pytest.mark.parametrize("argument", [{"safe_selection": "no"}, {"minimum_host_memoryMB": "1.5"}])
def test_arguments_that_are_refused(argument: dict[str, str]) -> None:
    with pytest.raises(UnitError, match="is not of the form"):
        balanced([host("a", 300), host("b", 900)], sized(100), **argument)
