"""PCI devices: one test for each sentence of the rules, and what holds for all devices and requests."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from matchmaker.placement.pci import PciBooking, PciDevice, PciRequest
from matchmaker.placement.pci_matching import matching

GPU, NIC = 0x10DE, 0x8086
ANY_GPU = PciRequest(vendor=GPU)


def device(
    address: str,
    *,
    short: str | None = None,
    vendor: int = GPU,
    device: int = 0,
    free: bool = True,
    numa_node: int | None = None,
) -> PciDevice:
    short_address = address if short is None else short
    return PciDevice(
        address=address, short_address=short_address, vendor=vendor, device=device, free=free, numa_node=numa_node
    )


def at(short_address: str) -> PciRequest:
    return PciRequest(short_address=short_address)


def gpus(count: int, *, numa_node: int | None = None) -> list[PciDevice]:
    return [device(f"{number:02}", numa_node=numa_node) for number in range(count)]


def left(booking: PciBooking) -> str:
    return " ".join(device.address for device in booking.free)


# The test, as OpenNebula does it.


def test_without_requests_every_host_will_do() -> None:
    assert PciBooking([]).fits([])
    assert PciBooking([]).book([]) == ()


def test_devices_are_walked_in_byte_order_of_their_addresses() -> None:
    booking = PciBooking([device("0000:0c"), device("0000:0B"), device("0000:0a"), device("é")])
    assert left(booking) == "0000:0B 0000:0a 0000:0c é"
    booking.book([ANY_GPU])
    assert left(booking) == "0000:0a 0000:0c é"


def test_of_equal_addresses_the_first_is_kept() -> None:
    booking = PciBooking([device("", vendor=NIC), device("", vendor=GPU)])
    assert booking.fits([PciRequest(vendor=NIC)])
    assert not booking.fits([ANY_GPU])


@pytest.mark.parametrize("compatibility", [True, False])
def test_by_address(compatibility: bool) -> None:
    booking = PciBooking([device("a"), device("b", free=False)], compatibility=compatibility)
    assert booking.fits([at("a")])
    assert not booking.fits([at("b")])
    assert not booking.fits([at("c")])
    assert not booking.fits([at("A")])


def test_by_address_the_first_device_with_it_must_be_free() -> None:
    assert not PciBooking([device("a", short="s", free=False), device("b", short="s")]).fits([at("s")])


@pytest.mark.parametrize("requests", [[ANY_GPU, at("a")], [at("a"), ANY_GPU]])
def test_those_by_address_come_first(requests: list[PciRequest]) -> None:
    assert not PciBooking([device("a")]).fits(requests)
    booking = PciBooking([device("a"), device("b")])
    assert booking.fits(requests)
    booking.book(requests)
    assert left(booking) == ""


def test_the_same_address_twice_passes_and_ends_the_booking() -> None:
    booking = PciBooking([device("a"), device("b")])
    requests = [at("a"), at("a"), ANY_GPU]
    assert booking.fits(requests)
    booking.book(requests)
    assert left(booking) == "b"


@pytest.mark.parametrize("compatibility", [True, False])
def test_a_request_that_asks_for_nothing_is_met_by_nothing(compatibility: bool) -> None:
    booking = PciBooking([device("a")], compatibility=compatibility)
    assert not booking.fits([PciRequest()])
    assert booking.book([PciRequest()]) == ()
    assert left(booking) == "a"


@pytest.mark.parametrize("compatibility", [True, False])
def test_by_name_what_is_absent_is_not_looked_at(compatibility: bool) -> None:
    booking = PciBooking(
        [PciDevice(address="a", short_address="a", vendor=1, device=2, class_=3)], compatibility=compatibility
    )
    assert booking.fits([PciRequest(vendor=1)])
    assert booking.fits([PciRequest(device=2)])
    assert booking.fits([PciRequest(class_=3)])
    assert booking.fits([PciRequest(vendor=1, device=2, class_=3)])
    assert not booking.fits([PciRequest(vendor=1, device=2, class_=4)])
    assert not booking.fits([PciRequest(vendor=0, device=2)])


def test_devices_of_one_short_address_serve_one_request() -> None:
    booking = PciBooking([device("a", short="s"), device("b", short="s"), device("c", short="")])
    assert not booking.fits([ANY_GPU] * 3)
    assert booking.fits([ANY_GPU] * 2)
    assert booking.fits([at("s"), ANY_GPU])
    assert not booking.fits([at("s"), ANY_GPU, ANY_GPU])


def test_a_broad_request_starves_a_narrow_one() -> None:
    booking = PciBooking([device("a", device=1), device("b", device=2)])
    assert not booking.fits([ANY_GPU, PciRequest(device=1)])
    assert booking.fits([ANY_GPU, PciRequest(device=2)])
    assert booking.fits([PciRequest(device=1), ANY_GPU])


# The booking, as OpenNebula does it.


def test_booking_goes_by_free_device_alone() -> None:
    booking = PciBooking([device("a", short="s"), device("b", short="s"), device("c", short="")])
    booking.book([at("s"), ANY_GPU])
    assert left(booking) == "c"
    assert not booking.fits([at("s")])


def test_booking_stops_at_a_request_that_gets_nothing() -> None:
    booking = PciBooking([device("a"), device("b", vendor=NIC)])
    booking.book([ANY_GPU, ANY_GPU, PciRequest(vendor=NIC)])
    assert left(booking) == "b"


def test_booking_stops_after_a_device_without_a_bus() -> None:
    booking = PciBooking(gpus(4))
    requests = [PciRequest(vendor=GPU, numbered=True)] * 3
    assert booking.fits(requests)
    booking.book(requests)
    assert left(booking) == "01 02 03"
    booking.book([PciRequest(vendor=GPU, numbered=True, bus=True)] * 2)
    assert left(booking) == "03"


@pytest.mark.parametrize(
    ("pinned", "of_device", "of_request", "booked"),
    [
        (True, 0, None, 9),
        (True, None, 0, 9),
        (True, 0, -1, 9),
        (True, -1, 0, 1),
        (True, None, None, 1),
        (True, None, -1, 1),
        (False, 0, 0, 1),
    ],
)
def test_eight_devices_of_a_node_have_a_bus(
    pinned: bool, of_device: int | None, of_request: int | None, booked: int
) -> None:
    booking = PciBooking(gpus(14, numa_node=of_device))
    booking.book([PciRequest(vendor=GPU, numbered=True, numa_node=of_request)] * 12, pinned=pinned)
    assert len(booking.free) == 14 - booked


def test_ports_are_counted_by_node_and_dedicated_ones_in_all() -> None:
    devices = [device(f"{number:02}", numa_node=number % 2) for number in range(40)]
    booking = PciBooking(devices)
    booking.book([PciRequest(vendor=GPU, numbered=True)] * 30, pinned=True)
    assert len(booking.free) == 40 - 17
    booking = PciBooking(devices)
    booking.book([PciRequest(vendor=GPU, numbered=True, dedicated_root=True)] * 30, pinned=True)
    assert len(booking.free) == 40 - 13


@pytest.mark.parametrize("compatibility", [True, False])
def test_booking_returns_the_nodes_that_devices_are_near_to(compatibility: bool) -> None:
    booking = PciBooking(
        [device("a", numa_node=3), device("b", numa_node=-1), device("c"), device("d")], compatibility=compatibility
    )
    requests = [
        PciRequest(short_address="a", numa_node=7),
        PciRequest(short_address="b", numa_node=7),
        PciRequest(short_address="c", numa_node=1),
        PciRequest(short_address="d"),
    ]
    assert booking.book(requests) == (1, 3)


def test_what_is_not_booked_is_near_to_what_the_request_says() -> None:
    assert PciBooking([]).book([PciRequest(vendor=GPU, numa_node=5), PciRequest(vendor=GPU, numa_node=-1)]) == (5,)


@pytest.mark.parametrize("compatibility", [True, False])
def test_a_copy_goes_its_own_way(compatibility: bool) -> None:
    booking = PciBooking(gpus(2), compatibility=compatibility)
    other = booking.copy()
    other.book([ANY_GPU])
    assert (left(booking), left(other)) == ("00 01", "01")
    booking.book([ANY_GPU] * 2)
    assert (left(booking), left(other)) == ("", "01")


# What is mended.


def test_a_narrow_request_is_served() -> None:
    booking = PciBooking([device("a", device=1), device("b", device=2)], compatibility=False)
    requests = [ANY_GPU, PciRequest(device=1)]
    assert booking.fits(requests)
    booking.book(requests)
    assert left(booking) == ""


def test_requests_move_along_a_chain() -> None:
    # Each names two devices, and the first free one would be wrong every time.
    devices = [PciDevice(address=str(n), vendor=n // 2, device=(n + 1) // 2) for n in range(1, 7)]
    booking = PciBooking(devices, compatibility=False)
    requests = [PciRequest(device=1), PciRequest(vendor=1), PciRequest(device=2), PciRequest(vendor=2)]
    assert booking.fits([*requests, PciRequest(device=3), PciRequest(vendor=3)])


def test_each_request_gets_a_device_of_its_own() -> None:
    booking = PciBooking([device("a", short="s"), device("b", short="s")], compatibility=False)
    assert booking.fits([at("s"), at("s")])
    assert booking.fits([ANY_GPU, ANY_GPU])
    assert not booking.fits([at("s"), at("s"), ANY_GPU])
    assert not PciBooking([device("a")], compatibility=False).fits([at("a"), at("a")])


def test_a_device_without_a_bus_does_not_end_the_booking() -> None:
    booking = PciBooking(gpus(4), compatibility=False)
    booking.book([PciRequest(vendor=GPU, numbered=True)] * 3)
    assert left(booking) == "03"


def test_what_does_not_fit_takes_nothing() -> None:
    booking = PciBooking(gpus(2), compatibility=False)
    assert booking.book([*[ANY_GPU] * 2, PciRequest(vendor=GPU, numa_node=4)]) == (4,)
    assert left(booking) == "00 01"


def test_devices_are_preferred_by_address() -> None:
    booking = PciBooking(reversed(gpus(3)), compatibility=False)
    booking.book([ANY_GPU])
    assert left(booking) == "01 02"


def test_many_requests_are_matched_in_little_time() -> None:
    assert PciBooking(gpus(3_000), compatibility=False).fits([ANY_GPU] * 3_000)
    assert not PciBooking(gpus(3_000), compatibility=False).fits([ANY_GPU] * 3_001)
    assert PciBooking(gpus(3_000)).fits([ANY_GPU] * 3_000)
    # Staircase: the last request makes all others move.
    stairs = [[number, number + 1] for number in range(500)]
    assert matching([*stairs, [0, 0]]) == [*range(1, 501), 0]


# What holds for all devices and requests.

few = st.integers(0, 2)
shorts = st.sampled_from(["", "a", "b", "c"])
devices = st.lists(
    st.builds(
        PciDevice,
        address=st.sampled_from(["", "A", "a", "b", "c", "d"]),
        short_address=shorts,
        vendor=few,
        device=few,
        class_=st.just(1),
        free=st.sampled_from([True, True, True, False]),
        numa_node=st.sampled_from([None, -1, 0, 1]),
    ),
    max_size=6,
)
maybe = st.none() | few
by_name = st.builds(PciRequest, vendor=maybe, device=maybe, class_=st.sampled_from([None, None, 1, 2]))
by_address = st.builds(PciRequest, short_address=shorts, numbered=st.booleans(), bus=st.booleans())
requests = st.lists(by_name | by_address, max_size=4)


def by_the_book(devices: list[PciDevice], requests: list[PciRequest]) -> bool:
    """Tell whether requests fit, step by step as the rules have it."""
    kept: list[PciDevice] = []
    for each in devices:
        if each.address not in [other.address for other in kept]:
            kept.append(each)
    kept.sort(key=lambda device: device.address.encode())
    used = []
    for request in requests:
        if request.short_address:
            same = [device for device in kept if device.short_address == request.short_address]
            if not same or not same[0].free:
                return False
            used.append(request.short_address)
    for request in requests:
        if not request.short_address:
            names = [(request.vendor, "vendor"), (request.device, "device"), (request.class_, "class_")]
            wanted = [(value, name) for value, name in names if value is not None]
            for each in kept:
                has_all = all(getattr(each, name) == value for value, name in wanted)
                if wanted and has_all and each.free and each.short_address not in used:
                    used.append(each.short_address)
                    break
            else:
                return False
    return True


def will_do(device: PciDevice, request: PciRequest) -> bool:
    if request.short_address:
        return device.short_address == request.short_address
    wanted = [(request.vendor, device.vendor), (request.device, device.device), (request.class_, device.class_)]
    return any(value is not None for value, _ in wanted) and all(value in (None, has) for value, has in wanted)


@given(devices, requests)
@example([PciDevice()], [PciRequest(short_address="a"), PciRequest(vendor=0)])
def test_the_test_agrees_with_the_rules(devices: list[PciDevice], requests: list[PciRequest]) -> None:
    assert PciBooking(devices).fits(requests) == by_the_book(devices, requests)


@given(devices, st.lists(requests, max_size=3), st.booleans(), st.booleans())
def test_no_device_is_booked_twice(
    devices: list[PciDevice], vms: list[list[PciRequest]], compatibility: bool, pinned: bool
) -> None:
    booking = PciBooking(devices, compatibility=compatibility)
    for vm in vms:
        before, fitted = booking.free, booking.fits(vm)
        booking.book(vm, pinned=pinned)
        assert set(booking.free) <= set(before)
        if not compatibility:
            assert len(before) - len(booking.free) == (len(vm) if fitted else 0)
        else:
            assert len(before) - len(booking.free) <= len(vm)


@given(devices, requests)
def test_an_assignment_is_found_if_there_is_one(devices: list[PciDevice], requests: list[PciRequest]) -> None:
    booking = PciBooking(devices, compatibility=False)
    exists = any(all(map(will_do, chosen, requests)) for chosen in permutations(booking.free, min(len(requests), 7)))
    assert booking.fits(requests) == exists
    if exists:
        before = booking.free
        booking.book(requests)
        taken = [device for device in before if device not in booking.free]
        assert any(all(map(will_do, chosen, requests)) for chosen in permutations(taken))


@given(devices, st.lists(requests, max_size=3))
def test_a_booking_is_what_its_free_devices_are(devices: list[PciDevice], vms: list[list[PciRequest]]) -> None:
    booking = PciBooking(devices, compatibility=False)
    for vm in vms:
        again = PciBooking(booking.free, compatibility=False)
        assert booking.fits(vm) == again.fits(vm)
        assert booking.book(vm) == again.book(vm)
        assert booking.free == again.free


@given(st.lists(st.lists(st.integers(0, 6), max_size=4), max_size=6))
def test_matching(choices: list[list[int]]) -> None:
    def reachable(left: list[list[int]], used: frozenset[int]) -> bool:
        return not left or any(reachable(left[1:], used | {one}) for one in left[0] if one not in used)

    found = matching(choices)
    assert (found is not None) == reachable(choices, frozenset())
    if found is not None:
        assert len(set(found)) == len(choices)
        assert all(one in those for one, those in zip(found, choices, strict=True))
