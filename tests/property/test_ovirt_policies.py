"""oVirt's own policies agree with their formulas, written plainly."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchmaker.ovirt import Call, Weigher
from matchmaker.ovirt.engine_balancers import EVEN_DISTRIBUTION, EVEN_GUEST_DISTRIBUTION, POWER_SAVING
from matchmaker.ovirt.engine_weighers import EVEN_CPU, EVEN_MEMORY, POWER_SAVING_CPU, POWER_SAVING_MEMORY
from matchmaker.ovirt.policies import POLICIES
from tests.property import naive_ovirt
from tests.property.ovirt_clouds import clouds, machines
from tests.property.test_ovirt_samples import Made, as_migration

HIGH = st.sampled_from([50, 75, 80, 99])
LIMITS = st.none() | st.sampled_from([100, 500, 1000])
RATIOS = st.sampled_from(["0", "0.5", "1", "2", "2.5"])


def text(**arguments: Any) -> dict[str, str]:
    return {name: str(value).lower() for name, value in arguments.items() if value is not None}


def weights(weigher: Weigher, cloud: Made, vm: dict[str, Any], arguments: dict[str, str]) -> list[int]:
    found = weigher.weights(Call.of(cloud[0], vm, vms=cloud[1], arguments=arguments))
    assert [host for host, _ in found] == [host["ID"] for host in cloud[0]]
    return [weight for _, weight in found]


@given(clouds(), machines(), HIGH, st.integers(1, 3), st.booleans())
def test_filters(cloud: Made, vm: dict[str, Any], high: int, minutes: int, threads: bool) -> None:
    arguments = text(HighUtilization=high, CpuOverCommitDurationMinutes=minutes, CountThreadsAsCores=threads)
    expected = naive_ovirt.kept(cloud[0], vm, high, minutes, threads)
    for policy in POLICIES.values():
        ranking = policy.rank(cloud[0], vm, vms=cloud[1], arguments=arguments)
        assert ranking.errors == {}
        assert sorted(host.key for host in ranking) == sorted(expected)
        assert all(refusal.reason for refusal in ranking.refusals.values())


@given(clouds(), machines(), RATIOS, st.booleans())
def test_even_cpu(cloud: Made, vm: dict[str, Any], ratio: str, threads: bool) -> None:
    found = weights(EVEN_CPU, cloud, vm, text(VCpuToPhysicalCpuRatio=ratio, CountThreadsAsCores=threads))
    assert found == naive_ovirt.even_cpu(cloud[0], [*cloud[1], vm], vm, Fraction(ratio), threads)


@given(clouds(), machines(), HIGH, st.booleans())
def test_power_saving_cpu(cloud: Made, vm: dict[str, Any], high: int, threads: bool) -> None:
    found = weights(POWER_SAVING_CPU, cloud, vm, text(HighUtilization=high, CountThreadsAsCores=threads))
    assert found == naive_ovirt.power_saving_cpu(cloud[0], vm, high, threads)


def nearly(found: list[int], exact: list[int]) -> bool:
    """Tell whether weights are equal, but for one where doubles are beside the border of two."""
    return all(abs(one - other) <= 1 for one, other in zip(found, exact, strict=True))


@given(clouds(), machines())
def test_even_memory(cloud: Made, vm: dict[str, Any]) -> None:
    assert nearly(weights(EVEN_MEMORY, cloud, vm, {}), naive_ovirt.even_memory(cloud[0], vm))


@given(clouds(), machines(), LIMITS, LIMITS)
def test_power_saving_memory(cloud: Made, vm: dict[str, Any], least: int | None, idle: int | None) -> None:
    limits = text(MaxFreeMemoryForOverUtilized=least, MinFreeMemoryForUnderUtilized=idle)
    exact = naive_ovirt.power_saving_memory(cloud[0], vm, least or 0, idle)
    assert nearly(weights(POWER_SAVING_MEMORY, cloud, vm, limits), exact)


@given(clouds(), HIGH, st.integers(1, 3), LIMITS, LIMITS, RATIOS, st.booleans())
def test_even_distribution(
    cloud: Made, high: int, minutes: int, least: int | None, idle: int | None, ratio: str, threads: bool
) -> None:
    arguments = text(
        HighUtilization=high,
        CpuOverCommitDurationMinutes=minutes,
        MaxFreeMemoryForOverUtilized=least,
        MinFreeMemoryForUnderUtilized=idle,
        VCpuToPhysicalCpuRatio=ratio,
        CountThreadsAsCores=threads,
    )
    naive = naive_ovirt.Cluster(
        *cloud, high=high, minutes=minutes, least=least or 0, idle=idle, ratio=Fraction(ratio), threads=threads
    )
    found = EVEN_DISTRIBUTION.balance(Call.of(cloud[0], vms=cloud[1], arguments=arguments))
    assert found == as_migration(naive.even())


@given(clouds(), HIGH, st.integers(0, 49), st.integers(1, 3), LIMITS, LIMITS, st.booleans())
def test_power_saving(
    cloud: Made, high: int, low: int, minutes: int, least: int | None, idle: int | None, threads: bool
) -> None:
    arguments = text(
        HighUtilization=high,
        LowUtilization=low,
        CpuOverCommitDurationMinutes=minutes,
        MaxFreeMemoryForOverUtilized=least,
        MinFreeMemoryForUnderUtilized=idle,
        CountThreadsAsCores=threads,
    )
    naive = naive_ovirt.Cluster(
        *cloud, high=high, low=low, minutes=minutes, least=least or 0, idle=idle, threads=threads
    )
    found = POWER_SAVING.balance(Call.of(cloud[0], vms=cloud[1], arguments=arguments))
    assert found == as_migration(naive.power_saving())


@given(clouds(), HIGH, st.integers(0, 12), st.integers(2, 6), st.integers(0, 6), LIMITS)
def test_even_guest_distribution(
    cloud: Made, high: int, count: int, threshold: int, grace: int, least: int | None
) -> None:
    arguments = text(
        HighUtilization=high,
        HighVmCount=count,
        MigrationThreshold=threshold,
        SpmVmGrace=grace,
        MaxFreeMemoryForOverUtilized=least,
    )
    naive = naive_ovirt.Cluster(*cloud, high=high, least=least or 0)
    found = EVEN_GUEST_DISTRIBUTION.balance(Call.of(cloud[0], vms=cloud[1], arguments=arguments))
    assert found == as_migration(naive.even_guests(count, threshold, grace))


@pytest.mark.parametrize("name", POLICIES)
@given(data=st.data(), cloud=clouds(), vm=machines())
def test_the_order_of_hosts_matters_only_for_ties(
    name: str, data: st.DataObject, cloud: Made, vm: dict[str, Any]
) -> None:
    hosts, vms = cloud
    shuffled = data.draw(st.permutations(hosts))
    one, other = (POLICIES[name].rank(each, vm, vms=vms) for each in (hosts, shuffled))
    assert {host.key: host for host in one} == {host.key: host for host in other}
    assert [host.total for host in one] == [host.total for host in other]
    assert {key: refusal.reason for key, refusal in one.refusals.items()} == {
        key: refusal.reason for key, refusal in other.refusals.items()
    }


@pytest.mark.parametrize("name", [name for name, policy in POLICIES.items() if policy.balancer])
@given(clouds())
def test_a_machine_moves_to_other_hosts_of_the_call(name: str, cloud: Made) -> None:
    hosts, vms = cloud
    found = POLICIES[name].balance(hosts, vms)
    if found is not None:
        (vm,) = [vm for vm in vms if vm["ID"] == found.vm]
        assert vm.get("MIGRATABLE") != "NO"
        assert vm["HOST_ID"] not in found.hosts
        assert set(found.hosts) <= {host["ID"] for host in hosts}
        assert len(set(found.hosts)) == len(found.hosts) > 0
