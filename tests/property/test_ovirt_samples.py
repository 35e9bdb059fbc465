"""The published samples agree with what they were meant to do, written plainly."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from matchmaker.ovirt import Call
from matchmaker.ovirt.migration import Migration
from matchmaker.ovirt.samples import (
    EVEN_VM_DISTRIBUTION,
    FILTER_BY_VM_COUNT,
    HOST_MEMORY_BALANCE,
    KSM_SAME_OS_SCORE,
    VM_COUNT_BALANCE,
)
from tests.property import naive_ovirt
from tests.property.ovirt_clouds import clouds, machines

Made = tuple[list[dict[str, Any]], list[dict[str, Any]]]


def as_migration(answer: naive_ovirt.Answer) -> Migration | None:
    return None if answer is None else Migration(answer[0], tuple(answer[1]))


@given(clouds(), st.integers(0, 13))
def test_filter_by_vm_count(cloud: Made, maximum: int) -> None:
    call = Call.of(cloud[0], arguments={"maximum_vm_count": str(maximum)})
    assert FILTER_BY_VM_COUNT.keep(call) == naive_ovirt.filter_by_vm_count(cloud[0], maximum)


@given(clouds())
def test_even_vm_distribution(cloud: Made) -> None:
    expected = [(host["ID"], host["RUNNING_VMS"]) for host in cloud[0] if "RUNNING_VMS" in host]
    assert EVEN_VM_DISTRIBUTION.weights(Call.of(cloud[0])) == expected


@given(clouds(), machines())
def test_ksm_same_os_score(cloud: Made, vm: dict[str, Any]) -> None:
    hosts, vms = cloud
    found = KSM_SAME_OS_SCORE.weights(Call.of(hosts, vm, vms=vms))
    scores = naive_ovirt.ksm_same_os_score(hosts, [*vms, vm], vm)
    expected = naive_ovirt.weights_of_scores([(host, float(score)) for host, score in scores])
    assert [host for host, _ in found] == [host for host, _ in expected]
    assert all(abs(weight - exact) <= 1 for (_, weight), (_, exact) in zip(found, expected, strict=True))


@given(clouds(), st.integers(0, 13))
def test_vm_count_balance(cloud: Made, maximum: int) -> None:
    call = Call.of(cloud[0], vms=cloud[1], arguments={"maximum_vm_count": str(maximum)})
    assert VM_COUNT_BALANCE.balance(call) == as_migration(naive_ovirt.vm_count_balance(*cloud, maximum))


@given(clouds(), st.sampled_from([0, 100, 500, 1000]), st.sampled_from(["True", "False", "false"]))
def test_host_memory_balance(cloud: Made, minimum: int, safe: str) -> None:
    arguments = {"minimum_host_memoryMB": str(minimum), "safe_selection": safe}
    expected = naive_ovirt.host_memory_balance(*cloud, minimum, safe == "True")
    assert HOST_MEMORY_BALANCE.balance(Call.of(cloud[0], vms=cloud[1], arguments=arguments)) == as_migration(expected)


@given(clouds())
def test_nobody_is_pushed_below_the_minimum(cloud: Made) -> None:
    hosts, vms = cloud
    found = HOST_MEMORY_BALANCE.balance(Call.of(hosts, vms=vms, arguments={"safe_selection": "False"}))
    if found is not None:
        (vm,) = [vm for vm in vms if vm["ID"] == found.vm]
        relieved = next(host for host in hosts if host["ID"] == vm["HOST_ID"])
        assert relieved["FREE_MEMORY"] < 500 * 1024
        for host in hosts:
            if host["ID"] in found.hosts:
                assert host["FREE_MEMORY"] - vm["MEMORY"] >= 500 * 1024
