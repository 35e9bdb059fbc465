"""What oVirt's engine says of hosts and virtual machines, as attributes: units, and tolerance for what is missing or odd."""

from __future__ import annotations

from typing import Any

import pytest

from matchmaker.ovirt.attributes import HOST_ATTRIBUTES, VM_ATTRIBUTES
from matchmaker.ovirt.inventory.engine_records import host_attributes, members, vm_attributes
from tests.integration.ovirt_records import CLUSTER, host_record, vm_record


def host_of(record: dict[str, Any]) -> dict[str, Any]:
    return host_attributes(record, {"statistic": record.get("_statistics", [])})


def test_a_host() -> None:
    record = host_record(
        "h1",
        name="node1",
        active=3,
        migrating=1,
        memory=16601055232,
        used=3154200494,
        max_scheduling_memory=12884902911,
        idle=91.7,
        topology=(2, 8, 2),
    )
    attributes = host_of(record)
    assert attributes == {
        "ID": "h1",
        "NAME": "node1",
        "STATUS": "up",
        "CLUSTER_ID": CLUSTER,
        "RUNNING_VMS": 3,
        "MIGRATING_VMS": 1,
        "TOTAL_VMS": 4,
        "TOTAL_MEMORY": 16211968,
        "MAX_SCHEDULING_MEMORY": 12582912,  # and 1,023 bytes
        "FREE_MEMORY": 13131694,
        "USED_MEMORY": 3080273,
        "CORES": 16,
        "THREADS": 32,
        "CPU_SPEED": 2100,
        "CPU_MODEL": "Intel(R) Xeon(R) Silver 4208 CPU @ 2.10GHz",
        "CPU_USAGE": 8.3,
        "TOTAL_CPU": 3200,
        "FREE_CPU": 2934,
        "USED_CPU": 266,
        "CPU_LOAD": 1.25,
        "SPM": "NO",
        "OS_TYPE": "RHEL",
        "OS_VERSION": "8.10 - 1.el8",
    }
    assert set(attributes) == {note.name for note in HOST_ATTRIBUTES}


def test_a_virtual_machine() -> None:
    record = vm_record("v1", name="web", host="h1", memory=4294967296, topology=(2, 2, 1), preferred=["h1", "h2"])
    record["statistics"] = {"statistic": record["_statistics"]}
    attributes = vm_attributes(record)
    assert attributes == {
        "ID": "v1",
        "NAME": "web",
        "STATUS": "up",
        "HOST_ID": "h1",
        "CLUSTER_ID": CLUSTER,
        "MEMORY": 4194304,
        "VCPU": 4,
        "CPU_USAGE": 12.5,
        "OS_TYPE": "rhel_8x64",
        "OS_VERSION": "8.9",
        "MIGRATABLE": "YES",
        "HIGHLY_AVAILABLE": "NO",
        "PREFERRED_HOSTS": ["h1", "h2"],
    }
    assert set(attributes) == {note.name for note in VM_ATTRIBUTES}


def test_a_virtual_machine_that_does_not_run() -> None:
    attributes = vm_attributes(vm_record("v1", affinity="pinned", highly_available=True))
    assert attributes["STATUS"] == "down"
    assert attributes["MIGRATABLE"] == "NO"
    assert attributes["HIGHLY_AVAILABLE"] == "YES"
    assert not attributes.keys() & {"HOST_ID", "OS_VERSION", "CPU_USAGE", "PREFERRED_HOSTS"}


@pytest.mark.parametrize(
    ("affinity", "migratable"), [("migratable", "YES"), ("user_migratable", "NO"), ("pinned", "NO")]
)
def test_only_what_migrates_by_itself_is_migratable(affinity: str, migratable: str) -> None:
    assert vm_attributes(vm_record("v", affinity=affinity))["MIGRATABLE"] == migratable


@pytest.mark.parametrize(("status", "spm"), [("none", "NO"), ("spm", "YES"), ("contending", "YES")])
def test_the_manager_of_the_storage_pool(status: str, spm: str) -> None:
    assert host_of(host_record("h", spm=status))["SPM"] == spm


def test_the_systems_own_version_goes_before_the_guests() -> None:
    record = vm_record("v", host="h")
    record["os"]["version"] = {"full_version": "8.10"}
    assert vm_attributes(record)["OS_VERSION"] == "8.10"


def test_what_is_missing_is_left_out() -> None:
    assert host_attributes({"id": "h"}, None) == {"ID": "h"}
    assert vm_attributes({"id": "v"}) == {"ID": "v"}
    attributes = host_attributes(host_record("h"), None)
    assert not attributes.keys() & {"FREE_MEMORY", "USED_MEMORY", "CPU_USAGE", "FREE_CPU", "USED_CPU", "CPU_LOAD"}
    assert attributes["TOTAL_CPU"] == 3200


def test_an_older_topology_without_threads() -> None:
    record = host_record("h")
    del record["cpu"]["topology"]["threads"]
    attributes = host_of(record)
    assert attributes["CORES"] == 16
    assert not attributes.keys() & {"THREADS", "TOTAL_CPU", "FREE_CPU", "USED_CPU"}
    assert attributes["CPU_USAGE"] == 25


@pytest.mark.parametrize(
    ("bytes_", "kib"),
    [
        (2048, 2),
        ("2048", 2),
        ("3071", 2),
        (2048.0, 2),
        ("2.048E3", 2),
        ("999999999999999999", 976562499999999),
        (0, 0),
        (-1, -1),
    ],
)
def test_numbers_are_numbers_or_texts(bytes_: object, kib: int) -> None:
    found = vm_attributes({"id": "v", "memory": bytes_})["MEMORY"]
    assert found == kib
    assert type(found) is int


@pytest.mark.parametrize(
    "odd",
    [None, "", "4 GiB", "1e999", "1e99", 10**40, float("nan"), float("inf"), True, [], {}, ["2048"], "9" * 100_000],
)
def test_odd_numbers_are_left_out(odd: object) -> None:
    record = {
        "id": "h",
        "memory": odd,
        "cpu": {"topology": {"sockets": odd, "cores": "4"}, "speed": odd},
        "summary": odd,
    }
    assert host_attributes(record, {"statistic": [{"name": "memory.free", "values": {"value": [{"datum": odd}]}}]}) == {
        "ID": "h"
    }


@pytest.mark.parametrize("odd", [None, 7, "text", [], [7], {"a": 1}, {"state": "up"}])
def test_odd_records_are_left_out(odd: object) -> None:
    record = dict.fromkeys(
        ("name", "cluster", "cpu", "summary", "spm", "os", "placement_policy", "status", "host"), odd
    )
    record["name"] = record["status"] = "x"
    attributes = {"ID": "i", "NAME": "x", "STATUS": "x"}
    assert host_attributes({**record, "id": "i"}, odd) == attributes
    assert vm_attributes({**record, "id": "i", "statistics": odd, "high_availability": odd}) == attributes


@pytest.mark.parametrize(
    ("value", "available"), [("true", "YES"), ("TRUE", "YES"), (True, "YES"), ("false", "NO"), (False, "NO")]
)
def test_truth_values_are_texts_or_truth_values(value: object, available: str) -> None:
    assert vm_attributes({"high_availability": {"enabled": value}}) == {"HIGHLY_AVAILABLE": available}


def test_statistics_without_values() -> None:
    statistics = [
        {"name": "memory.free"},
        {"name": "memory.used", "values": {}},
        {"name": "cpu.current.idle", "values": {"value": []}},
        {"name": "cpu.load.avg.5m", "values": {"value": [{"detail": "x"}]}},
        {"values": {"value": [{"datum": 7}]}},
    ]
    assert host_attributes({"id": "h"}, {"statistic": statistics}) == {"ID": "h"}


@pytest.mark.parametrize(
    ("collection", "records"),
    [
        ({"host": [{"id": "a"}, {"id": "b"}]}, [{"id": "a"}, {"id": "b"}]),
        ({"host": {"id": "a"}}, [{"id": "a"}]),
        ({"host": [{"id": "a"}, "b"]}, [{"id": "a"}]),
        ({"host": []}, []),
        ({}, []),
        (None, []),
        ("host", []),
        ({"vm": [{"id": "a"}]}, []),
    ],
)
def test_collections(collection: object, records: list[dict[str, str]]) -> None:
    assert members(collection, "host") == records
