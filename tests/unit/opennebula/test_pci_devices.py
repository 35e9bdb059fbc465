"""PCI devices and requests in OpenNebula's documents: one test for each sentence of the rules."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchmaker.opennebula.parsing import parse
from matchmaker.opennebula.pci_devices import pci_devices, pci_requests
from matchmaker.opennebula.readers import vectors
from matchmaker.placement.pci import PciBooking, PciDevice, PciRequest


def devices(*pools: str) -> tuple[PciDevice, ...]:
    text = "".join(f"<PCI_DEVICES>{pool}</PCI_DEVICES>" for pool in pools)
    return pci_devices(parse(f"<HOST><HOST_SHARE>{text}</HOST_SHARE></HOST>"))


def device(**values: str) -> PciDevice:
    (found,) = devices("<PCI>" + "".join(f"<{name}>{value}</{name}>" for name, value in values.items()) + "</PCI>")
    return found


def request(**values: str) -> PciRequest:
    (found,) = pci_requests([values])
    return found


def test_a_device() -> None:
    found = device(
        ADDRESS="0000:3b:00:0",
        SHORT_ADDRESS="3b:00.0",
        VENDOR="10de",
        DEVICE="1eb8",
        CLASS="0302",
        VMID="-1",
        NUMA_NODE="1",
    )
    assert found == PciDevice(
        address="0000:3b:00:0", short_address="3b:00.0", vendor=0x10DE, device=0x1EB8, class_=0x302, numa_node=1
    )


def test_the_first_pool_counts() -> None:
    assert devices() == ()
    assert pci_devices(parse("<HOST/>")) == ()
    assert [
        found.address for found in devices("<PCI><ADDRESS>a</ADDRESS></PCI>", "<PCI><ADDRESS>b</ADDRESS></PCI>")
    ] == ["a"]


def test_vectors_alone_are_devices() -> None:
    found = devices("<PCI/>text<PCI>10de</PCI><pci><ADDRESS>a</ADDRESS></pci><USB><ADDRESS>b</ADDRESS></USB><!-- c -->")
    assert [each.address for each in found] == ["a"]


def test_of_equal_addresses_the_first_is_kept_and_absent_is_empty() -> None:
    pool = "<PCI><VENDOR>1</VENDOR></PCI><PCI><ADDRESS></ADDRESS><VENDOR>2</VENDOR></PCI>"
    assert PciBooking(devices(pool)).free == (PciDevice(vendor=1),)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("10DE", 0x10DE),
        ("0x10de", 0x10DE),
        ("0X10de", 0x10DE),
        (" \t10de", 0x10DE),
        ("000010de ", 0x10DE),
        ("10dezz", 0x10DE),
        ("10 de", 0x10),
        ("zz", 0),
        ("0x", 0),
        ("-1", 0),
        ("", 0),
        ("ffffffff", 2**32 - 1),
        ("1ffffffff", 2**32 - 1),
        ("0" * 100_000 + "a", 10),
        ("f" * 100_000, 2**32 - 1),
    ],
)
def test_names_of_devices(text: str, value: int) -> None:
    assert device(ADDRESS="a", VENDOR=text, DEVICE=text, CLASS=text) == PciDevice(
        address="a", vendor=value, device=value, class_=value
    )


@pytest.mark.parametrize(
    ("text", "free"),
    [("-1", True), ("", True), ("-1x", True), (" -1", True), ("abc", False), ("0", False), ("-2", False), ("7", False)],
)
def test_free(text: str, free: bool) -> None:
    assert device(ADDRESS="a", VMID=text).free is free
    assert device(ADDRESS="a").free


@pytest.mark.parametrize(
    ("text", "node"), [("0", 0), (" 3", 3), ("-1", -1), ("", None), ("x", -1), ("3x", -1), ("3 ", -1), ("9" * 20, -1)]
)
def test_the_node_of_a_device(text: str, node: int | None) -> None:
    assert device(ADDRESS="a", NUMA_NODE=text).numa_node == node
    assert request(NUMA_NODE=text).numa_node == node


def test_by_address() -> None:
    assert request(SHORT_ADDRESS="a") == PciRequest(short_address="a")
    assert request(SHORT_ADDRESS="a", VENDOR="", DEVICE="10de ", CLASS="zz") == PciRequest(short_address="a")
    assert request(SHORT_ADDRESS="a", VENDOR="10de") == PciRequest(vendor=0x10DE)
    assert request(SHORT_ADDRESS="") == PciRequest()


def test_by_name() -> None:
    assert request(VENDOR="10de", DEVICE="0x1EB8", CLASS=" 0302") == PciRequest(
        vendor=0x10DE, device=0x1EB8, class_=0x302
    )
    assert request(VENDOR="10de", DEVICE="") == PciRequest(vendor=0x10DE)
    # Bad values are compared beside a good one.
    assert request(VENDOR="10dezz", DEVICE="2a") == PciRequest(vendor=0x10DE, device=0x2A)
    assert request(VENDOR="zz", DEVICE="2a") == PciRequest(vendor=0, device=0x2A)


@pytest.mark.parametrize("values", [{}, {"VENDOR": "10de "}, {"VENDOR": "zz"}, {"CLASS": ""}, {"VENDOR": "1ffffffff"}])
def test_no_good_value(values: dict[str, str]) -> None:
    assert request(**values) == PciRequest()
    assert not PciBooking([PciDevice()]).fits(pci_requests([values]))


def test_what_plays_no_part() -> None:
    assert request(TYPE="NIC", PROFILE="i915", ADDRESS="a", NIC_ID="0", UUID="u") == PciRequest()


@pytest.mark.parametrize(("text", "numbered"), [("0", True), (" 7", True), ("-1", False), ("x", False), ("", False)])
def test_the_number_in_the_virtual_machine(text: str, numbered: bool) -> None:
    assert request(PCI_ID=text).numbered is numbered


@pytest.mark.parametrize(("text", "bus"), [("0x01", True), ("a", True), ("zz", False), ("1 ", False), ("", False)])
def test_the_bus_in_the_virtual_machine(text: str, bus: bool) -> None:
    assert request(VM_BUS=text).bus is bus


def test_a_dedicated_root() -> None:
    assert request(ROOT="dedicated").dedicated_root
    assert not request(ROOT="shared").dedicated_root


@given(
    st.dictionaries(st.sampled_from(["VENDOR", "VMID", "NUMA_NODE", "PCI_ID", "VM_BUS", "SHORT_ADDRESS"]), st.text())
)
def test_any_text_is_read(values: dict[str, str]) -> None:
    requests = pci_requests([values])
    template = parse("<TEMPLATE><PCI><VENDOR>10de</VENDOR></PCI></TEMPLATE>")
    booking = PciBooking([PciDevice()])
    booking.fits(requests)
    booking.book((*requests, *pci_requests(vectors(template, "PCI"))))
