"""Hosts and virtual machines in memory, and calls about them."""

import pytest

from matchmaker.ovirt import Call, Cloud
from matchmaker.ovirt.errors import InventoryError

HOSTS = [{"ID": "b"}, {"ID": "a"}, {"ID": 7}]
VMS = [{"ID": "v1", "HOST_ID": "a"}, {"ID": "v2"}, {"ID": "v3", "HOST_ID": "a"}, {"ID": "v4", "HOST_ID": 7}]


def test_order_is_kept() -> None:
    cloud = Cloud(HOSTS, VMS)
    assert list(cloud.hosts()) == HOSTS
    assert list(cloud.vms()) == VMS
    assert [vm["ID"] for vm in cloud.vms_on("a")] == ["v1", "v3"]


def test_ids_are_texts() -> None:
    cloud = Cloud(HOSTS, VMS)
    assert cloud.host("7") is HOSTS[2]
    assert [vm["ID"] for vm in cloud.vms_on("7")] == ["v4"]


def test_who_is_not_there() -> None:
    cloud = Cloud(HOSTS, VMS)
    assert cloud.host("c") is None
    assert cloud.vm("a") is None
    assert list(cloud.vms_on("b")) == []
    assert list(cloud.vms_on("c")) == []


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ("a", "is no mapping"),
        ({}, "has no `ID`"),
        ({"ID": ""}, "has no `ID`"),
        ({"ID": None}, "has no `ID`"),
        ({"ID": True}, "has no `ID`"),
        ({"ID": 1.5}, "has no `ID`"),
    ],
)
def test_what_is_no_record(record: object, message: str) -> None:
    with pytest.raises(InventoryError, match=f"^host 2 {message}"):
        Cloud([{"ID": "first"}, record])  # type: ignore[list-item]
    with pytest.raises(InventoryError, match=f"^virtual machine 1 {message}"):
        Cloud([], [record])  # type: ignore[list-item]


def test_shared_ids() -> None:
    with pytest.raises(InventoryError, match=r"^two are the host `7`$"):
        Cloud([{"ID": "7"}, {"ID": 7}])
    Cloud([{"ID": "same"}], [{"ID": "same"}])


def test_call_about_some_hosts() -> None:
    call = Call(Cloud(HOSTS, VMS), ("a", "gone", "7"), "v2", {"x": "1"})
    assert call.hosts == [HOSTS[1], HOSTS[2]]
    assert call.unknown == ("gone",)
    assert call.vm is VMS[1]


def test_call_about_a_virtual_machine_that_is_not_there() -> None:
    assert Call(Cloud(HOSTS), ("a",), "v1").vm is None
    assert Call(Cloud(HOSTS), ("a",)).vm is None


def test_call_of_mappings() -> None:
    call = Call.of(HOSTS, VMS[0], vms=VMS, arguments={"x": "1"})
    assert call.host_ids == ("b", "a", "7")
    assert call.vm is VMS[0]
    assert list(call.snapshot.vms()) == VMS
    new = {"ID": "new"}
    assert list(Call.of(HOSTS, new, vms=VMS).snapshot.vms()) == [*VMS, new]
    assert Call.of(HOSTS).vm is None


def test_call_does_not_change() -> None:
    call = Call.of(HOSTS)
    with pytest.raises(AttributeError):
        call.vm_id = "v1"  # type: ignore[misc]
    with pytest.raises(TypeError):
        call.arguments["x"] = "1"  # type: ignore[index]
