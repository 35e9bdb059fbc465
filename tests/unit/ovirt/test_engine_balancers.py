"""Balancers of oVirt's engine."""

from typing import Any

import pytest

from matchmaker.ovirt import Balancer, Call
from matchmaker.ovirt.engine_balancers import EVEN_DISTRIBUTION, EVEN_GUEST_DISTRIBUTION, POWER_SAVING

MIB = 1024  # in KiB


def host(name: str, usage: float | None = 50, *, memory: float | None = 10_000, **more: Any) -> dict[str, Any]:
    """Return a host of four cores and eight threads with so many MiB left."""
    left = None if memory is None else memory * MIB
    return {
        "ID": name,
        "STATUS": "up",
        "CORES": 4,
        "THREADS": 8,
        "CPU_USAGE": usage,
        "MAX_SCHEDULING_MEMORY": left,
        **more,
    }


def vms(on: str, *uses: float | None, memory: float = 100, **more: Any) -> list[dict[str, Any]]:
    """Return virtual machines of one processor, that use so much of it."""
    return [
        {"ID": f"{on}{number}", "HOST_ID": on, "VCPU": 1, "CPU_USAGE": use, "MEMORY": memory * MIB, **more}
        for number, use in enumerate(uses, 1)
    ]


def balanced(
    balancer: Balancer, hosts: list[dict[str, Any]], machines: list[dict[str, Any]], **arguments: str
) -> tuple[str, tuple[str, ...]] | None:
    return balancer.balance(Call.of(hosts, vms=machines, arguments={"HighUtilization": "80", **arguments}))


ON_ALL = [*vms("a", 30, 10, 20), *vms("b", 30, 10, 20), *vms("c", 30, 10, 20)]

# --- even distribution: CPU


def test_a_busy_host_gives_what_uses_least() -> None:
    hosts = [host("a", 80), host("b", 50), host("c", 63), host("d", 64)]
    # Below 64, which is 80 percent of 80, is room; the least busy first.
    assert balanced(EVEN_DISTRIBUTION, hosts, ON_ALL) == ("a2", ("b", "c"))
    assert balanced(EVEN_DISTRIBUTION, [host("a", 79), *hosts[1:]], ON_ALL) is None


def test_where_room_ends() -> None:
    assert balanced(EVEN_DISTRIBUTION, [host("a", 99), host("b", 39)], ON_ALL, HighUtilization="50") == ("a2", ("b",))
    # 10 below 50 is 40, and so is 80 percent of it.
    assert balanced(EVEN_DISTRIBUTION, [host("a", 99), host("b", 40)], ON_ALL, HighUtilization="50") is None
    # 80 percent of 99 is 79.2, which is cut off.
    assert balanced(EVEN_DISTRIBUTION, [host("a", 99), host("b", 79)], ON_ALL, HighUtilization="99") is None


def test_the_high_load_by_default() -> None:
    hosts = [host("a", 75), host("b", 10)]
    assert EVEN_DISTRIBUTION.balance(Call.of(hosts, vms=ON_ALL)) == ("a2", ("b",))
    assert EVEN_DISTRIBUTION.balance(Call.of([host("a", 74), host("b", 10)], vms=ON_ALL)) is None


def test_the_busiest_gives_first() -> None:
    hosts = [host("a", 85), host("b", 90), host("c", 85), host("d", 10)]
    assert balanced(EVEN_DISTRIBUTION, hosts, ON_ALL) == ("b2", ("d",))
    assert balanced(EVEN_DISTRIBUTION, hosts, [*vms("c", 5), *vms("a", 5)]) == ("a1", ("d",))
    assert balanced(EVEN_DISTRIBUTION, hosts, vms("c", 5)) == ("c1", ("d",))


def test_of_equals_the_first() -> None:
    hosts = [host("a", 85), host("b", 85), host("d", 10), host("c", 10)]
    assert balanced(EVEN_DISTRIBUTION, hosts, [*vms("b", 5, 5), *vms("a", 5, 5)]) == ("a1", ("d", "c"))


def test_the_manager_of_the_storage_pool_is_busier() -> None:
    # 10 percent of one core are 2.5 of four, and loads are rounded up.
    assert balanced(EVEN_DISTRIBUTION, [host("a", 77, SPM="YES"), host("b", 10)], ON_ALL) == ("a2", ("b",))
    assert balanced(EVEN_DISTRIBUTION, [host("a", 76, SPM="YES"), host("b", 10)], ON_ALL) is None
    assert balanced(EVEN_DISTRIBUTION, [host("a", 99), host("b", 61, SPM="YES")], ON_ALL) is None
    assert balanced(EVEN_DISTRIBUTION, [host("a", 99), host("b", 60, SPM="YES")], ON_ALL) == ("a2", ("b",))


def test_how_long_a_host_has_been_busy() -> None:
    for minutes, expected in ((1, None), (2, ("a2", ("b",)))):
        hosts = [host("a", 99, CPU_OVERCOMMITTED_MINUTES=minutes), host("b", 10)]
        assert balanced(EVEN_DISTRIBUTION, hosts, ON_ALL) == expected
    hosts = [host("a", 99, CPU_OVERCOMMITTED_MINUTES=2), host("b", 10)]
    assert balanced(EVEN_DISTRIBUTION, hosts, ON_ALL, CpuOverCommitDurationMinutes="3") is None
    hosts = [host("a", 99), host("b", 10, CPU_OVERCOMMITTED_MINUTES=1), host("c", 20)]
    assert balanced(EVEN_DISTRIBUTION, hosts, ON_ALL) == ("a2", ("c",))


def test_which_machines_move() -> None:
    hosts = [host("a", 99), host("b", 10)]
    pinned = vms("a", 1, MIGRATABLE="NO")
    movable = [{**vm, "ID": f"free{vm['ID']}"} for vm in vms("a", 40, MIGRATABLE="YES")]
    assert balanced(EVEN_DISTRIBUTION, hosts, [*pinned, *movable]) == ("freea1", ("b",))
    assert balanced(EVEN_DISTRIBUTION, hosts, pinned) is None
    # Two processors at 6 use more than one at 10; a load that is not known counts as none.
    two = vms("a", 6, VCPU=2)
    assert balanced(EVEN_DISTRIBUTION, hosts, [*two, {**two[0], "ID": "a2", "VCPU": 1, "CPU_USAGE": 10}]) == (
        "a2",
        ("b",),
    )
    assert balanced(EVEN_DISTRIBUTION, hosts, vms("a", 5, None)) == ("a2", ("b",))


def test_a_machine_must_not_make_its_new_host_busy() -> None:
    hosts = [host("a", 99), host("b", 63), host("c", 60)]
    # 8 processors of which each uses 17 percent are 17 percent of eight threads; 10 machines of one processor would be less.
    assert balanced(EVEN_DISTRIBUTION, hosts, vms("a", 17, VCPU=8)) == ("a1", ("c", "b"))
    assert balanced(EVEN_DISTRIBUTION, hosts, vms("a", 18, VCPU=8)) == ("a1", ("c",))
    assert balanced(EVEN_DISTRIBUTION, hosts, vms("a", 21, VCPU=8)) is None
    # The fraction of 20.9 is cut off.
    assert balanced(EVEN_DISTRIBUTION, hosts, vms("a", 20.9, VCPU=8)) == ("a1", ("c",))
    # Where the threads are not known, nothing is added.
    unknown = [host("a", 99), host("c", 60, THREADS=None)]
    assert balanced(EVEN_DISTRIBUTION, unknown, vms("a", 99, VCPU=8)) == ("a1", ("c",))


def test_a_machine_must_not_make_its_new_host_short_of_memory() -> None:
    hosts = [host("a", 99), host("b", 10, memory=200), host("c", 20, memory=201)]
    assert balanced(EVEN_DISTRIBUTION, hosts, vms("a", 5, memory=200)) == ("a1", ("c",))
    least = {"MaxFreeMemoryForOverUtilized": "100"}
    assert balanced(EVEN_DISTRIBUTION, hosts, vms("a", 5, memory=100), **least) == ("a1", ("c",))
    assert balanced(EVEN_DISTRIBUTION, hosts, vms("a", 5, memory=101), **least) is None


def test_the_next_machine_when_none_takes_the_first() -> None:
    hosts = [host("a", 99), host("b", 10, memory=200)]
    large = vms("a", 1, memory=500)
    small = {**vms("a", 50)[0], "ID": "small"}
    assert balanced(EVEN_DISTRIBUTION, hosts, [*large, small]) == ("small", ("b",))


def test_hosts_of_which_something_is_not_known() -> None:
    hosts = [host("a", None), host("b", 10), host("c", 99, CORES=None), host("d", 5, CORES=0)]
    assert balanced(EVEN_DISTRIBUTION, hosts, ON_ALL) is None
    hosts = [host("a", 99), host("b", None), host("c", 10, memory=None), host("d", 60)]
    assert balanced(EVEN_DISTRIBUTION, hosts, ON_ALL) == ("a2", ("d",))
    assert balanced(EVEN_DISTRIBUTION, hosts, [{"ID": "a1", "HOST_ID": "a"}]) is None


def test_how_many_machines_a_host_has() -> None:
    hosts = [host("a", 99, TOTAL_VMS=0), host("b", 10)]
    assert balanced(EVEN_DISTRIBUTION, hosts, ON_ALL) is None
    assert balanced(EVEN_DISTRIBUTION, [host("a", 99), host("b", 10)], []) is None


@pytest.mark.parametrize("balancer", [EVEN_DISTRIBUTION, POWER_SAVING, EVEN_GUEST_DISTRIBUTION])
def test_only_hosts_that_are_up(balancer: Balancer) -> None:
    busy = host("a", 99, RUNNING_VMS=50)
    idle = host("b", 10, RUNNING_VMS=0)
    for other, expected in ((idle, ("a2", ("b",))), ({**idle, "STATUS": "maintenance"}, None)):
        assert balanced(balancer, [busy, other], vms("a", 30, 10, 20)) == expected
    assert balanced(balancer, [busy], ON_ALL) is None
    assert balanced(balancer, [], []) is None


def test_too_many_virtual_processors() -> None:
    hosts = [host("a", 20), host("b", 10)]
    machines = vms("a", 5, 5, VCPU=4)
    assert balanced(EVEN_DISTRIBUTION, hosts, machines) is None
    assert balanced(EVEN_DISTRIBUTION, hosts, machines, VCpuToPhysicalCpuRatio="2") == ("a1", ("b",))
    assert balanced(EVEN_DISTRIBUTION, hosts, machines, VCpuToPhysicalCpuRatio="2.1") is None
    threads = {"VCpuToPhysicalCpuRatio": "2", "CountThreadsAsCores": "true"}
    assert balanced(EVEN_DISTRIBUTION, hosts, machines, **threads) is None


# --- even distribution: memory

SHORT = {"MaxFreeMemoryForOverUtilized": "500"}


def test_a_host_that_is_short_of_memory() -> None:
    hosts = [host("a", memory=499), host("b", memory=5000), host("c", memory=601)]
    assert balanced(EVEN_DISTRIBUTION, hosts, ON_ALL, **SHORT) == ("a2", ("b", "c"))
    assert balanced(EVEN_DISTRIBUTION, [host("a", memory=500), *hosts[1:]], ON_ALL, **SHORT) is None
    assert balanced(EVEN_DISTRIBUTION, hosts, ON_ALL) is None
    # The only machine on a host stays.
    assert balanced(EVEN_DISTRIBUTION, hosts, vms("a", 5), **SHORT) is None


def test_who_has_memory_to_spare() -> None:
    hosts = [host("a", memory=100), host("b", memory=5000), host("c", memory=2000), host("d", 79, memory=9000)]
    spare = {**SHORT, "MinFreeMemoryForUnderUtilized": "2000"}
    assert balanced(EVEN_DISTRIBUTION, hosts, ON_ALL, **spare) == ("a2", ("b", "d"))
    # 12.5 percent more of eight threads would make `d` too busy.
    assert balanced(EVEN_DISTRIBUTION, hosts, vms("a", 50, 60, VCPU=2), **spare) == ("a1", ("b",))


def test_processors_go_before_memory() -> None:
    hosts = [host("a", memory=100), host("b", 90, memory=5000), host("c", 10, memory=5000)]
    assert balanced(EVEN_DISTRIBUTION, hosts, ON_ALL, **SHORT) == ("b2", ("c",))
    # Nobody has room for what `b` should give.
    hosts = [host("a", memory=100), host("b", 90, memory=5000), host("c", 70, memory=5000)]
    assert balanced(EVEN_DISTRIBUTION, hosts, ON_ALL, **SHORT) == ("a2", ("c",))


# --- power saving


def test_busy_hosts_give_before_idle_ones() -> None:
    hosts = [host("a", 10), host("b", 64), host("c", 90)]
    assert balanced(POWER_SAVING, hosts, ON_ALL) == ("c2", ("a", "b"))
    assert balanced(POWER_SAVING, hosts[:2], ON_ALL) == ("b2", ("a",))
    assert balanced(POWER_SAVING, [host("a", 10), host("b", 63)], ON_ALL) == ("a2", ("b",))
    assert balanced(POWER_SAVING, [host("a", 20), host("b", 63)], ON_ALL) is None


def test_the_least_busy_of_idle_hosts_is_emptied_first() -> None:
    hosts = [host("a", 19), host("b", 5), host("c", 10), host("d", 50)]
    assert balanced(POWER_SAVING, hosts, ON_ALL) == ("b2", ("a", "c", "d"))
    assert balanced(POWER_SAVING, hosts, [*vms("a", 5), *vms("c", 5)]) == ("c1", ("a", "b", "d"))
    assert balanced(POWER_SAVING, hosts, [*vms("a", 5), *vms("d", 5)]) == ("a1", ("b", "c", "d"))
    assert balanced(POWER_SAVING, hosts, vms("d", 5)) is None


def test_what_counts_as_idle() -> None:
    hosts = [host("a", 15), host("b", 40)]
    assert balanced(POWER_SAVING, hosts, ON_ALL, LowUtilization="15") is None
    assert balanced(POWER_SAVING, hosts, ON_ALL, LowUtilization="16") == ("a2", ("b",))
    hosts = [host("a", 15, CPU_OVERCOMMITTED_MINUTES=1), host("b", 40)]
    assert balanced(POWER_SAVING, hosts, ON_ALL) is None
    assert balanced(POWER_SAVING, [host("a", 17, SPM="YES"), host("b", 40)], ON_ALL) is None


def test_busy_hosts_receive_nothing() -> None:
    assert balanced(POWER_SAVING, [host("a", 10), host("b", 80, TOTAL_VMS=1)], vms("a", 1)) is None
    # One that is busy for other reasons than virtual machines may, if that leaves it within the limit.
    assert balanced(POWER_SAVING, [host("a", 10), host("b", 80)], vms("a", 7)) == ("a1", ("b",))
    assert balanced(POWER_SAVING, [host("a", 10), host("b", 80)], vms("a", 8)) is None
    assert balanced(POWER_SAVING, [host("a", 10), host("b", 81)], vms("a", 7)) is None


def test_too_much_memory_left() -> None:
    hosts = [host("a", memory=5000), host("b", memory=3000), host("c", memory=4001)]
    idle = {"MinFreeMemoryForUnderUtilized": "4000"}
    assert balanced(POWER_SAVING, hosts, ON_ALL) is None
    assert balanced(POWER_SAVING, hosts, ON_ALL, **idle) == ("a2", ("b", "c"))
    assert balanced(POWER_SAVING, hosts, vms("c", 5), **idle) == ("c1", ("a", "b"))
    assert balanced(POWER_SAVING, hosts, vms("b", 5), **idle) is None
    # Who is short of memory goes first.
    hosts = [host("a", memory=5000), host("b", memory=300), host("c", memory=4001)]
    assert balanced(POWER_SAVING, hosts, ON_ALL, **idle, **SHORT) == ("b2", ("a", "c"))
    assert balanced(POWER_SAVING, hosts, [*vms("a", 5), *vms("b", 5)], **idle, **SHORT) == ("a1", ("c",))


# --- even guests


def guests(**running: int | None) -> list[dict[str, Any]]:
    return [host(name, RUNNING_VMS=number) for name, number in running.items()]


def test_the_fullest_gives_to_those_with_much_fewer() -> None:
    assert balanced(EVEN_GUEST_DISTRIBUTION, guests(a=10, b=5, c=6), ON_ALL) == ("a2", ("b",))
    assert balanced(EVEN_GUEST_DISTRIBUTION, guests(a=9, b=0), ON_ALL) is None
    assert balanced(EVEN_GUEST_DISTRIBUTION, guests(a=10, b=6), ON_ALL) is None
    assert balanced(EVEN_GUEST_DISTRIBUTION, guests(a=10, b=None), ON_ALL) is None
    lower = {"HighVmCount": "3", "MigrationThreshold": "2"}
    assert balanced(EVEN_GUEST_DISTRIBUTION, guests(a=1, b=3), ON_ALL, **lower) == ("b2", ("a",))


def test_all_that_are_as_full() -> None:
    assert balanced(EVEN_GUEST_DISTRIBUTION, guests(a=10, b=10, c=1), [*vms("b", 3), *vms("c", 3)]) == ("b1", ("c",))


def test_the_manager_of_the_storage_pool_counts_for_more() -> None:
    hosts = guests(a=8, b=5, c=7)
    hosts[1]["SPM"] = "YES"
    assert balanced(EVEN_GUEST_DISTRIBUTION, hosts, ON_ALL, MigrationThreshold="3") == ("b2", ("c",))
    assert balanced(EVEN_GUEST_DISTRIBUTION, hosts, ON_ALL, SpmVmGrace="0", HighVmCount="8") is None


def test_guests_do_not_make_a_host_busy_or_short_of_memory() -> None:
    hosts = guests(a=20, b=1, c=1)
    hosts[1]["CPU_USAGE"] = 75
    assert balanced(EVEN_GUEST_DISTRIBUTION, hosts, vms("a", 6, VCPU=8)) == ("a1", ("c",))
    hosts[2]["MAX_SCHEDULING_MEMORY"] = 100 * MIB
    assert balanced(EVEN_GUEST_DISTRIBUTION, hosts, vms("a", 6, VCPU=8)) is None
    assert balanced(EVEN_GUEST_DISTRIBUTION, hosts, vms("a", 5, VCPU=8)) == ("a1", ("b",))
    hosts[1]["CPU_USAGE"] = 80
    assert balanced(EVEN_GUEST_DISTRIBUTION, hosts, vms("a", 0)) == ("a1", ("b",))
    assert balanced(EVEN_GUEST_DISTRIBUTION, hosts, vms("a", 0), HighUtilization="79") is None
