"""How names are resolved on plain mappings, and which candidates there are."""

from __future__ import annotations

import copy
import pickle
from collections import ChainMap, OrderedDict
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pytest

from matchmaker import CandidateError, Pool, Requirement
from matchmaker.attributes import lookup
from matchmaker.attributes.lookup import MAPPING, PLAIN, Kind, kind_of

NESTED: dict[str, Any] = {
    "A": 5,
    "SHARE": {"FREE": 7, "NONE": None, "LIST": [1, 2]},
    "NIC": [{"IP": "a", "VLAN": {"ID": 1}}, {"IP": "b"}, 5, {"VLAN": [{"ID": 2}, {"ID": 3}]}],
    "X/Y": "whole",
    "X": {"Y": "walked"},
    "A[1]": "odd",
    "a/b[1]": "odder",
    "/A": "rooted",
}


@pytest.mark.parametrize("wrap", [dict, MappingProxyType, OrderedDict])
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("A", 5),
        ("MISSING", None),
        ("SHARE/FREE", [7]),
        ("SHARE/NONE", []),
        ("SHARE/LIST", [1, 2]),
        ("SHARE/MISSING", []),
        ("SHARE/FREE/DEEPER", []),
        ("NIC/IP", ["a", "b"]),
        ("NIC/VLAN/ID", [1, 2, 3]),
        ("X/Y", "whole"),
        ("A[1]", "odd"),
        ("a/b[1]", "odder"),
        ("NIC[1]/IP", None),
        ("/A", "rooted"),
        ("/SHARE/FREE", []),
        ("SHARE//FREE", []),
        ("../A", []),
        ("", None),
    ],
)
def test_names(name: str, value: Any, wrap: Any) -> None:
    candidate = wrap(NESTED)
    assert kind_of(candidate).lookup(name)(candidate) == value


def test_kinds() -> None:
    assert kind_of({}) is PLAIN
    for mapping in (MappingProxyType({}), OrderedDict(), ChainMap()):
        assert kind_of(mapping) is MAPPING
    assert isinstance(PLAIN, Kind)
    assert PLAIN.name == MAPPING.name == "plain"
    assert PLAIN.key({"ID": 5}) is None
    for kind in (PLAIN, MAPPING):
        assert pickle.loads(pickle.dumps(kind)) is copy.deepcopy(kind) is kind


class Machine:
    """A candidate with a kind of its own."""

    class Own:
        name = "machine"

        def lookup(self, name: str) -> Any:
            return lambda machine: len(name)

        def key(self, candidate: Any) -> object:
            return "key"

    kind = Own()


def test_a_candidate_may_carry_its_kind() -> None:
    assert kind_of(Machine()).name == "machine"
    assert Requirement("ABC = 3").matches(Machine())
    with pytest.raises(CandidateError):
        kind_of(Machine)


class Lazy:
    def __getattr__(self, name: str) -> Any:
        raise RuntimeError("no connection")


@pytest.mark.parametrize(
    "candidate",
    [None, 5, "A", ["A"], object(), Lazy(), dict, Pool([{}]), Pool([Machine()])],
    ids=lambda it: type(it).__name__,
)
def test_what_is_no_candidate(candidate: Any) -> None:
    with pytest.raises(CandidateError, match=f"not a value of type `{type(candidate).__name__}`"):
        kind_of(candidate)


class Failing(Mapping[str, Any]):
    def __getitem__(self, key: str) -> Any:
        raise OSError("disk on fire")

    def __iter__(self) -> Any:
        raise OSError

    def __len__(self) -> int:
        raise OSError


@pytest.mark.parametrize("name", ["A", "A/B"])
def test_a_mapping_that_fails(name: str) -> None:
    with pytest.raises(CandidateError, match="disk on fire") as caught:
        MAPPING.lookup(name)(Failing())
    assert caught.value.attribute == name
    assert isinstance(caught.value.__cause__, OSError)


def test_a_walk_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookup, "MOST_PLACES", 1_000)
    wide = {"A": [{"B": number} for number in range(500)]}
    assert len(PLAIN.lookup("A/B")(wide)) == 500
    with pytest.raises(CandidateError, match="more than 1,000 places"):
        PLAIN.lookup("A/B")({"A": wide["A"] * 2})


def test_a_mapping_that_fails_with_an_exception_that_fails() -> None:
    class Unspeakable(Exception):
        def __repr__(self) -> str:
            raise RuntimeError

    class Broken(dict[str, Any]):
        def __getitem__(self, key: str) -> Any:
            raise Unspeakable

    with pytest.raises(CandidateError, match="reading it failed: <Unspeakable>"):
        Requirement("A = 1").matches(Broken())
