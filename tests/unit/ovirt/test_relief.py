"""Balancers in expressions."""

import pickle

import pytest

from matchmaker import Rank, Requirement
from matchmaker.errors import MatchmakerError
from matchmaker.ovirt import Call, Relief

HOSTS = [
    {"ID": "a", "LOAD": 50, "FREE": 5},
    {"ID": "b", "LOAD": 90, "FREE": 1},
    {"ID": "c", "LOAD": 90, "FREE": 2},
    {"ID": "d", "LOAD": 10, "FREE": 9},
    {"ID": "e", "FREE": 9},
]
VMS = [
    {"ID": "v1", "HOST_ID": "b", "SIZE": 8, "MIGRATABLE": "YES"},
    {"ID": "v2", "HOST_ID": "b", "SIZE": 4, "MIGRATABLE": "NO"},
    {"ID": "v3", "HOST_ID": "b", "SIZE": 6, "MIGRATABLE": "YES"},
    {"ID": "v4", "HOST_ID": "b", "MIGRATABLE": "YES"},
    {"ID": "v5", "HOST_ID": "c", "SIZE": 1},
]
CALL = Call.of(HOSTS, vms=VMS)


def test_the_highest_of_those_to_relieve() -> None:
    assert Relief(relieve="FREE < 9", receive="LOAD < 20", worst="-FREE").migration(CALL, {}) == ("v1", ("d",))
    assert Relief(relieve="LOAD > 80", receive="LOAD < 20", worst="FREE").migration(CALL, {}) == ("v5", ("d",))


def test_of_equals_the_first() -> None:
    assert Relief(relieve="LOAD > 80", receive="LOAD < 20", worst="LOAD").migration(CALL, {}) == ("v1", ("d",))
    assert Relief(relieve="LOAD > 80", receive="LOAD < 20").migration(CALL, {}) == ("v1", ("d",))


def test_who_has_a_score_goes_before_who_has_none() -> None:
    hosts = [{"ID": "a"}, {"ID": "b", "LOAD": 1}]
    vms = [{"ID": f"on-{host}", "HOST_ID": host} for host in "ab"]
    relief = Relief(relieve="", receive="", worst="LOAD")
    assert relief.migration(Call.of(hosts, vms=vms), {}) == ("on-b", ("a",))


def test_the_virtual_machine() -> None:
    relief = Relief(relieve="LOAD > 80", receive="LOAD < 20", vm='MIGRATABLE = "YES"', best="-SIZE")
    assert relief.migration(CALL, {}) == ("v3", ("d",))


def test_receivers_know_the_virtual_machine() -> None:
    relief = Relief(relieve="LOAD > 80", receive="FREE > REQUEST.SIZE", vm='MIGRATABLE = "YES"', best="SIZE")
    assert relief.migration(CALL, {}) == ("v1", ("d", "e"))


def test_machines_know_the_relieved_host() -> None:
    relief = Relief(relieve="LOAD > 80", receive="", vm="SIZE > REQUEST.FREE + 5", best="-SIZE")
    assert relief.migration(CALL, {}) == ("v1", ("a", "c", "d", "e"))


def test_arguments_go_before_attributes() -> None:
    relief = Relief(relieve="LOAD > REQUEST.LIMIT", receive="FREE > REQUEST.SIZE", worst="LOAD")
    assert relief.migration(CALL, {"LIMIT": 80, "SIZE": 4}) == ("v1", ("a", "d", "e"))


def test_the_relieved_host_receives_nothing() -> None:
    assert Relief(relieve="LOAD > 80", receive="LOAD > 80").migration(CALL, {}) == ("v1", ("c",))


@pytest.mark.parametrize(
    "relief",
    [
        Relief(relieve="LOAD > 95", receive=""),
        Relief(relieve="LOAD > 80", receive="LOAD < 5"),
        Relief(relieve="LOAD > 80", receive="", vm="SIZE > 100"),
        Relief(relieve="LOAD < 20", receive=""),
        Relief(relieve="MISSING > 1", receive=""),
        Relief(relieve="LOAD > 80", receive="MISSING < 1"),
    ],
)
def test_nothing_to_do(relief: Relief) -> None:
    assert relief.migration(CALL, {}) is None


def test_only_hosts_of_the_call() -> None:
    call = Call(CALL.snapshot, ("c", "x", "a"))
    assert Relief(relieve="LOAD > 80", receive="").migration(call, {}) == ("v5", ("a",))


def test_expressions_and_dialects() -> None:
    texts = Relief(relieve="LOAD > 80", receive="LOAD < 20", worst="LOAD", dialect="opennebula")
    made = Relief(relieve=Requirement("LOAD > 80"), receive=Requirement("LOAD < 20"), worst=Rank("LOAD"))
    assert texts.migration(CALL, {}) == made.migration(CALL, {}) == ("v1", ("d",))


def test_a_broken_expression_names_its_place() -> None:
    with pytest.raises(MatchmakerError, match="worst:1"):
        Relief(relieve="", receive="", worst="LOAD +")


def test_it_does_not_change_and_can_be_pickled() -> None:
    relief = Relief(relieve="LOAD > 80", receive="")
    with pytest.raises(AttributeError):
        relief.relieve = "LOAD > 5"  # type: ignore[misc]
    assert pickle.loads(pickle.dumps(relief)) == relief
