"""Weighers of oVirt's engine."""

from typing import Any

import pytest

from matchmaker.ovirt import Call, Cloud, Weigher
from matchmaker.ovirt.engine_weighers import (
    EVEN_CPU,
    EVEN_GUESTS,
    EVEN_MEMORY,
    POWER_SAVING_CPU,
    POWER_SAVING_MEMORY,
    PREFERRED_HOSTS,
)
from matchmaker.ovirt.errors import UnitError

MIB = 1024  # in KiB


def weights(
    weigher: Weigher, vm: dict[str, Any], *others: dict[str, Any], _arguments: Any = None, **hosts: dict[str, Any]
) -> list[int]:
    """Return the weights of hosts that are given by name, in their order."""
    asked = [{"ID": name, **attributes} for name, attributes in hosts.items()]
    found = weigher.weights(Call.of(asked, {"ID": "vm", **vm}, vms=others, arguments=_arguments or {}))
    assert [host for host, _ in found] == list(hosts)
    return [weight for _, weight in found]


def cpu(usage: float | None, cores: int | None = 4, **more: Any) -> dict[str, Any]:
    return {"CPU_USAGE": usage, "CORES": cores, **more}


def memory(mib: float | None) -> dict[str, Any]:
    return {"MAX_SCHEDULING_MEMORY": None if mib is None else mib * MIB}


# --- CPU, spread


def test_the_least_busy_weighs_1_and_the_busiest_1000() -> None:
    assert weights(EVEN_CPU, {"VCPU": 4}, a=cpu(10), b=cpu(90), c=cpu(50), d=cpu(30)) == [1, 1000, 501, 251]


def test_equal_loads() -> None:
    assert weights(EVEN_CPU, {"VCPU": 4}, a=cpu(50), b=cpu(50)) == [1, 1]
    assert weights(EVEN_CPU, {"VCPU": 4}, a=cpu(50)) == [1]


def test_unknown_loads() -> None:
    assert weights(EVEN_CPU, {}, a=cpu(None), b=cpu(50), c=cpu(5, None), d=cpu(50, 0)) == [1000, 1, 1000, 1000]


def test_the_load_of_the_machine_itself() -> None:
    # 8 processors take 80 percent of a core: 40 of each of two cores, 10 of each of eight.
    assert weights(EVEN_CPU, {"VCPU": 8}, a=cpu(20, 2), b=cpu(50, 8), c=cpu(55, 8)) == [1, 1, 1000]
    # 8 processors that are known to be half busy take 400: 50 of each of eight.
    running = {"VCPU": 8, "HOST_ID": "x", "CPU_USAGE": 50}
    assert weights(EVEN_CPU, running, a=cpu(20, 2), b=cpu(50, 8), c=cpu(150, 8)) == [1000, 1, 834]
    # What it used where it ran before does not count.
    assert weights(EVEN_CPU, {"VCPU": 8, "CPU_USAGE": 50}, a=cpu(20, 2), b=cpu(50, 8), c=cpu(55, 8)) == [1, 1, 1000]
    # Where it runs, it is a part of the load already.
    assert weights(EVEN_CPU, {**running, "HOST_ID": "a"}, a=cpu(70, 8), b=cpu(20, 8)) == [1, 1]


def test_the_manager_of_the_storage_pool_is_busier() -> None:
    assert weights(EVEN_CPU, {}, a=cpu(50, SPM="YES"), b=cpu(52), c=cpu(53), d=cpu(50, SPM="NO")) == [667, 667, 1000, 1]


def test_loads_are_rounded_half_up_before_they_are_compared() -> None:
    # One processor takes 2.5 of each of four cores.
    assert weights(EVEN_CPU, {"VCPU": 1}, a=cpu(50), b=cpu(50.4), c=cpu(51)) == [1, 1, 1000]


def test_threads_as_cores() -> None:
    threads = {"CountThreadsAsCores": "true"}
    assert weights(EVEN_CPU, {"VCPU": 2}, a=cpu(50, 4, THREADS=4), b=cpu(52, 2, THREADS=16)) == [1, 1000]
    assert weights(EVEN_CPU, {"VCPU": 2}, a=cpu(50, 4, THREADS=4), b=cpu(52, 2, THREADS=16), _arguments=threads) == [
        1000,
        1,
    ]


def test_too_many_virtual_processors() -> None:
    others = [{"ID": f"on-b{number}", "HOST_ID": "b", "VCPU": 2} for number in range(3)]
    asked = {"a": cpu(80), "b": cpu(10), "c": cpu(50)}
    assert weights(EVEN_CPU, {"VCPU": 2}, *others, **asked) == [1000, 1, 572]
    # With it there would be two virtual processors for each core of `b`, or there are.
    ratio = {"VCpuToPhysicalCpuRatio": "2"}
    assert weights(EVEN_CPU, {"VCPU": 2}, *others, _arguments=ratio, **asked) == [3, 1000, 1]
    assert weights(EVEN_CPU, {"VCPU": 1}, *others, _arguments=ratio, **asked) == [1000, 1, 572]
    assert weights(EVEN_CPU, {"VCPU": 2, "HOST_ID": "b"}, *others, _arguments=ratio, **asked) == [4, 1000, 1]


# --- CPU, gathered


def test_the_busiest_weighs_1() -> None:
    assert weights(POWER_SAVING_CPU, {"VCPU": 4}, a=cpu(10), b=cpu(90), c=cpu(50)) == [1000, 1, 501]


def test_who_is_too_busy_weighs_most() -> None:
    high = {"HighUtilization": "80"}
    asked = {"a": cpu(10), "b": cpu(81), "c": cpu(80), "d": cpu(78, SPM="YES"), "e": cpu(77, SPM="YES"), "f": cpu(None)}
    assert weights(POWER_SAVING_CPU, {}, _arguments=high, **asked) == [1000, 1000, 1, 1000, 15, 1000]


def test_the_machine_does_not_make_a_host_too_busy() -> None:
    high = {"HighUtilization": "80"}
    assert weights(POWER_SAVING_CPU, {"VCPU": 40}, a=cpu(10), b=cpu(80), _arguments=high) == [1000, 1]


# --- memory


def test_even_memory() -> None:
    assert weights(EVEN_MEMORY, {}, a=memory(1000), b=memory(1), c=memory(500.5), d=memory(None)) == [
        1,
        1000,
        500,
        1000,
    ]
    assert weights(EVEN_MEMORY, {"MEMORY": 100 * MIB}, a=memory(1000), b=memory(101)) == [101, 1000]
    assert weights(EVEN_MEMORY, {"MEMORY": 100 * MIB, "HOST_ID": "b"}, a=memory(1000), b=memory(500)) == [101, 501]


def test_hosts_without_room_weigh_more_than_1000() -> None:
    assert weights(EVEN_MEMORY, {"MEMORY": 500 * MIB}, a=memory(1000), b=memory(100)) == [501, 1401]


def test_no_memory_at_all() -> None:
    assert weights(EVEN_MEMORY, {}, a=memory(1), b=memory(0), c=memory(None)) == [1000, 1000, 1000]
    assert weights(EVEN_MEMORY, {}, a=memory(None)) == [1000]
    assert weights(POWER_SAVING_MEMORY, {}, a=memory(0), b=memory(None)) == [1000, 1000]


def test_power_saving_memory() -> None:
    asked = {"a": memory(1000), "b": memory(500), "c": memory(0), "d": memory(None)}
    # 999 / 1.1 is 908.2; the fraction is cut off, and 1 added.
    assert weights(POWER_SAVING_MEMORY, {}, **asked) == [909, 455, 1, 1000]
    # Too little is worse than anything.
    least = {"MaxFreeMemoryForOverUtilized": "100"}
    assert weights(POWER_SAVING_MEMORY, {}, _arguments=least, **asked) == [909, 455, 1000, 1000]
    assert weights(POWER_SAVING_MEMORY, {"MEMORY": 401 * MIB}, _arguments=least, **asked) == [545, 1000, 1000, 1000]
    assert weights(POWER_SAVING_MEMORY, {"MEMORY": 400 * MIB}, _arguments=least, **asked) == [545, 91, 1000, 1000]
    # What is missing counts from where a host would be idle.
    limits = {**least, "MinFreeMemoryForUnderUtilized": "600"}
    assert weights(POWER_SAVING_MEMORY, {}, _arguments=limits, **asked) == [909, 455, 636, 1000]
    assert weights(POWER_SAVING_MEMORY, {}, a=memory(1000), b=memory(50), _arguments=limits) == [909, 591]
    stays = {"MEMORY": 100 * MIB, "HOST_ID": "b"}
    assert weights(POWER_SAVING_MEMORY, stays, a=memory(1000), b=memory(500)) == [818, 455]


# --- number of machines, preferred hosts


def test_even_guests() -> None:
    asked = {
        "a": {"RUNNING_VMS": 3},
        "b": {"RUNNING_VMS": 3, "SPM": "YES"},
        "c": {"RUNNING_VMS": 0, "SPM": "NO"},
        "d": {"RUNNING_VMS": -4},
    }
    assert weights(EVEN_GUESTS, {}, **asked) == [3, 8, 0, 0]
    assert weights(EVEN_GUESTS, {}, _arguments={"SpmVmGrace": "0"}, **asked) == [3, 3, 0, 0]
    assert EVEN_GUESTS.weights(Call.of([{"ID": "a"}, {"ID": "b", "RUNNING_VMS": 1}])) == [("b", 1)]


def test_preferred_hosts() -> None:
    asked = {"a": {}, "b": {}, "c": {}}
    assert weights(PREFERRED_HOSTS, {"PREFERRED_HOSTS": ["b", "x"]}, **asked) == [10_000, 0, 10_000]
    assert weights(PREFERRED_HOSTS, {"PREFERRED_HOSTS": "c", "STATUS": "down"}, **asked) == [10_000, 10_000, 0]


@pytest.mark.parametrize(
    "vm",
    [
        {},
        {"PREFERRED_HOSTS": []},
        {"PREFERRED_HOSTS": ["b"], "HOST_ID": "a"},
        {"PREFERRED_HOSTS": ["b"], "STATUS": "up", "HOST_ID": "a"},
        {"PREFERRED_HOSTS": ["b"], "STATUS": "suspended"},
    ],
)
def test_when_no_host_is_preferred(vm: dict[str, Any]) -> None:
    assert PREFERRED_HOSTS.weights(Call.of([{"ID": "a"}, {"ID": "b"}], {"ID": "vm", **vm})) == []


def test_a_machine_that_nobody_knows() -> None:
    call = Call(Cloud([{"ID": "a"}]), ("a",), "gone")
    for weigher in (EVEN_CPU, EVEN_MEMORY, POWER_SAVING_CPU, POWER_SAVING_MEMORY, PREFERRED_HOSTS):
        with pytest.raises(UnitError, match=f"^unit '{weigher.name}': it needs the virtual machine, and nobody knows"):
            weigher.weights(call)
    assert EVEN_GUESTS.weights(call) == []
