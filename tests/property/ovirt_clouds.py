"""Small clouds of oVirt's for property tests: hosts and virtual machines with few different values, so that ties and limits are met."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

MIB = 1024  # in KiB
NAMES = "abcdef"


def _records(**attributes: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Mappings of attributes, of which a few are missing."""
    missing = st.sets(st.sampled_from(sorted(attributes)), max_size=2) if attributes else st.just(set())
    rarely = st.integers(0, 3).flatmap(lambda number: st.just(set()) if number else missing)
    return st.tuples(st.fixed_dictionaries(attributes), rarely).map(
        lambda made: {name: value for name, value in made[0].items() if name not in made[1] and value is not None}
    )


def _mib(*sizes: int) -> st.SearchStrategy[int]:
    exact = st.sampled_from(sizes).map(lambda mib: mib * MIB)
    return exact | exact.flatmap(lambda size: st.integers(size - 1, size + 1)).map(lambda size: max(size, 0))


_HOSTS = _records(
    STATUS=st.sampled_from(["up", "up", "up", "up", "up", "maintenance"]),
    RUNNING_VMS=st.integers(0, 12),
    TOTAL_VMS=st.none() | st.integers(0, 3),
    FREE_MEMORY=_mib(0, 100, 400, 500, 600, 1000, 5000),
    MAX_SCHEDULING_MEMORY=_mib(0, 1, 100, 500, 600, 1000, 4000, 9000),
    CORES=st.sampled_from([1, 2, 3, 4, 8, 8, 16]),
    THREADS=st.sampled_from([2, 4, 8, 16, 32]),
    CPU_USAGE=st.sampled_from([0, 5, 19, 20, 39, 40, 50, 63, 64, 75, 77, 78, 79, 80, 81, 95, 100])
    | st.integers(0, 100),
    CPU_OVERCOMMITTED_MINUTES=st.none() | st.integers(0, 4),
    SPM=st.sampled_from(["YES", "NO", "NO"]),
)
_VCPU = st.sampled_from([1, 1, 2, 4, 8])
_USE = {
    "MEMORY": _mib(0, 50, 100, 400, 500),
    "CPU_USAGE": st.sampled_from([0, 1, 5, 10, 50, 99]),
    "MIGRATABLE": st.sampled_from(["YES", "YES", "NO"]),
    "OS_TYPE": st.sampled_from(["linux", "windows"]),
    "OS_VERSION": st.sampled_from(["1", "2"]),
    "STATUS": st.sampled_from(["up", "paused", "down"]),
}
_VMS = st.lists(st.tuples(_VCPU, _records(**_USE)), max_size=3)


@st.composite
def clouds(draw: st.DrawFn) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Hosts, and the virtual machines on them."""
    names = draw(st.permutations(NAMES))[: draw(st.integers(0, 6))]
    hosts = [{"ID": name, **draw(_HOSTS)} for name in names]
    vms = [
        {"ID": f"on {name} {number}", "HOST_ID": name, "VCPU": vcpus, **use}
        for name in names
        for number, (vcpus, use) in enumerate(draw(_VMS))
    ]
    return hosts, vms


def machines() -> st.SearchStrategy[dict[str, Any]]:
    """Virtual machines that are to run somewhere, and may run already."""
    needs = st.fixed_dictionaries({"ID": st.just("vm"), "VCPU": _VCPU, "MEMORY": _USE["MEMORY"]})
    places = st.fixed_dictionaries({}, optional={"HOST_ID": st.sampled_from(NAMES)})
    return st.tuples(_records(**_USE), needs, places).map(lambda parts: parts[0] | parts[1] | parts[2])
