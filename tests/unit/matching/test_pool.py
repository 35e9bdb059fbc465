"""Pools: ordered, of one kind, with keys."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import pytest

from matchmaker import CandidateError, Pool, PoolError
from matchmaker.attributes.lookup import MAPPING, PLAIN

HOSTS = [{"NAME": "a", "ID": 3}, {"NAME": "b", "ID": 1}, {"NAME": "c", "ID": 2}]


class Document:
    """A candidate with a kind and a key of its own."""

    class Own:
        name = "document"

        def lookup(self, name: str) -> Any:
            return lambda document: getattr(document, name, None)

        def key(self, candidate: Any) -> object:
            return candidate.number

    kind = Own()

    def __init__(self, number: object) -> None:
        self.number = number


def test_without_a_key_it_is_the_position() -> None:
    pool = Pool(iter(HOSTS))
    assert list(pool.keys) == [0, 1, 2]
    assert pool[1] is HOSTS[1]
    assert len(pool) == 3
    assert list(pool) == HOSTS
    assert 2 in pool
    assert not {3, -1, "a", None, (1,)} & {key for key in (3, -1, "a", None, (1,)) if key in pool}
    assert [] not in pool
    for key in (3, -1, "a"):
        with pytest.raises(PoolError, match="no candidate has the key"):
            pool[key]


@pytest.mark.parametrize(
    ("key", "keys"), [("NAME", ["a", "b", "c"]), ("ID", [3, 1, 2]), (lambda host: (host["ID"], host["NAME"]), None)]
)
def test_keys(key: Any, keys: list[Any] | None) -> None:
    pool = Pool(HOSTS, key=key)
    assert list(pool.keys) == (keys or [(3, "a"), (1, "b"), (2, "c")])
    assert [pool[each] for each in pool.keys] == HOSTS
    assert all(each in pool for each in pool.keys)
    assert "nobody" not in pool
    assert [] not in pool


@pytest.mark.parametrize(
    ("candidates", "key", "message"),
    [
        ([{"A": 1}, {}], "A", "position 1 has no key: `A` is missing"),
        ([{"A": None}], "A", "position 0 has no key"),
        ([{"A": 1}, {"A": 2}, {"A": 1}], "A", "two candidates have the key 1: those at positions 0 and 2"),
        ([{"A": [1]}], "A", "type `list` at position 0 cannot be a key"),
        ([{"A": 1}, {}], lambda host: host.get("A"), "position 1 has no key: `<lambda>` is missing"),
        ([Document(1), Document(None)], None, "position 1 has no key: `ID` is missing"),
        ([Document(None), Document(1)], None, "position 0 has no key: `ID` is missing"),
        ([Document(1), Document(1)], None, "two candidates have the key 1"),
        ([Document(1), {"A": 1}], None, "one kind, not of several: document, plain"),
    ],
)
def test_bad_keys(candidates: list[Any], key: Any, message: str) -> None:
    with pytest.raises(PoolError, match=message):
        Pool(candidates, key=key)


def test_documents_have_keys_of_their_own() -> None:
    pool = Pool([Document(7), Document(5)])
    assert list(pool.keys) == [7, 5]
    assert pool[5].number == 5
    assert pool.kind.name == "document"
    assert list(Pool([Document(7)], key="number").keys) == [7]
    assert list(Pool([Document(7)], key=lambda document: "x").keys) == ["x"]


def test_the_kind() -> None:
    proxy = MappingProxyType(HOSTS[0])
    assert Pool([]).kind is Pool(HOSTS).kind is PLAIN
    assert Pool([proxy]).kind is Pool([HOSTS[1], proxy]).kind is MAPPING
    assert repr(Pool(HOSTS)) == "<Pool of 3 candidates of kind plain>"


@pytest.mark.parametrize("stranger", [None, 5, "host", object()])
def test_what_is_no_candidate_is_named_by_its_position(stranger: Any) -> None:
    with pytest.raises(CandidateError, match="candidate 1: ") as caught:
        Pool([{}, stranger])
    assert caught.value.key == 1


def test_keys_without_a_repr_are_named_by_their_type() -> None:
    huge = 10**5000
    with pytest.raises(PoolError, match="two candidates have the key <int>"):
        Pool([{"K": huge}] * 2, key="K")
    with pytest.raises(PoolError, match="no candidate has the key <int>"):
        Pool([{"K": 1}], key="K")[huge]
    assert str(CandidateError("x", key=huge)) == "candidate <int>: x"
