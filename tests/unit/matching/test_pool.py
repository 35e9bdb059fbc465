"""Pools: ordered, of one kind, with keys."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, NoReturn

import pytest

from matchmaker import CandidateError, Pool, PoolError, match
from matchmaker.attributes.lookup import MAPPING, PLAIN
from matchmaker.opennebula import HOST

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


def contents(pool: Pool) -> dict[Any, Any]:
    """Return all candidates by key, in order, and see that whatever tells of them agrees."""
    assert len(pool) == len(pool.keys) == len(pool.candidates) == len(list(pool))
    assert all(pool[key] is candidate for key, candidate in zip(pool.keys, pool, strict=True))
    assert all(key in pool for key in pool.keys)
    return dict(zip(pool.keys, pool.candidates, strict=True))


def named(*names: str) -> Pool:
    return Pool([{"NAME": name, "A": number} for number, name in enumerate(names)], key="NAME")


def refused(pool: Pool, change: Any, message: str) -> None:
    """See that a change is refused, and that the pool is what it was."""
    before = (pool.version, contents(pool), pool.snapshot)
    with pytest.raises(PoolError) as caught:
        change(pool)
    assert str(caught.value) == message
    assert before == (pool.version, contents(pool), pool.snapshot)


def test_updates() -> None:
    pool = named("a", "b", "c")
    assert pool.version == 0
    pool.update("b", {"A": None, "B": 5})
    assert contents(pool) == {"a": {"NAME": "a", "A": 0}, "b": {"NAME": "b", "B": 5}, "c": {"NAME": "c", "A": 2}}
    pool.update("b", {})
    pool.update("a", MappingProxyType({"A": 7}))
    assert list(pool.keys) == ["a", "b", "c"]
    assert pool["a"] == {"NAME": "a", "A": 7}
    assert pool.version == 3


def test_the_candidates_that_were_given_do_not_change() -> None:
    hosts = [{"NAME": "a"}, {"NAME": "b"}]
    pool = Pool(hosts, key="NAME")
    before = pool["a"]
    pool.apply([("update", "a", {"A": 1}), ("remove", "b"), ("add", "c", {})])
    assert hosts == [{"NAME": "a"}, {"NAME": "b"}]
    assert before is hosts[0]
    assert pool["a"] == {"NAME": "a", "A": 1}


def test_additions_and_removals() -> None:
    pool = named("a", "b", "c")
    pool.remove("b")
    assert list(contents(pool)) == ["a", "c"]
    assert "b" not in pool
    pool.add("d", {"A": 4})
    pool.add("b", {"NAME": "b", "A": 5})
    assert contents(pool) == {
        "a": {"NAME": "a", "A": 0},
        "c": {"NAME": "c", "A": 2},
        "d": {"A": 4, "NAME": "d"},
        "b": {"NAME": "b", "A": 5},
    }
    assert pool.version == 3
    for key in ("a", "b", "c", "d"):
        pool.remove(key)
    assert contents(pool) == {}
    pool.add("a", {})
    assert contents(pool) == {"a": {"NAME": "a"}}
    with pytest.raises(PoolError, match="no candidate has the key 'b'"):
        pool["b"]


def test_several_changes_are_one_version() -> None:
    pool = named("a", "b")
    pool.apply([("update", "a", {"A": 5}), ("remove", "b"), ("add", "b", {"A": 6}), ("update", "b", {"B": 7})])
    assert contents(pool) == {"a": {"NAME": "a", "A": 5}, "b": {"NAME": "b", "A": 6, "B": 7}}
    assert pool.version == 1
    pool.apply(iter([("update", "a", {"A": 6}), ("update", "a", {"A": 7}), ("update", "b", {"A": 8})]))
    assert [host["A"] for host in pool] == [7, 8]
    assert pool.version == 2
    pool.apply([])
    assert pool.version == 3
    pool.apply([("add", "c", {}), ("remove", "c")])
    assert list(contents(pool)) == ["a", "b"]
    assert pool.version == 4


@pytest.mark.parametrize("key", ["NAME", None, lambda host: host["NAME"]])
def test_all_or_nothing(key: Any) -> None:
    pool = Pool([{"NAME": "a", "A": 0}, {"NAME": "b", "A": 1}, {"NAME": "c", "A": 2}], key=key)
    first, second, third = pool.keys
    possible = [("update", first, {"A": 5}), ("remove", second), ("add", "d", {"NAME": "d"})]
    for bad, message in (
        (("remove", second), f"no candidate has the key {second!r}"),
        (("update", second, {"A": 1}), f"no candidate has the key {second!r}"),
        (("add", "d", {"NAME": "d"}), "a candidate has the key 'd' already"),
        (("add", third, {"NAME": "c"}), f"a candidate has the key {third!r} already"),
        (("update", third, 5), "candidate: a candidate is a mapping or a document, not a value of type `int`"),
    ):
        refused(pool, lambda pool, bad=bad: pool.apply([*possible, bad]), f"change 3: {message}")
        refused(pool, lambda pool, bad=bad: pool.apply([*possible, bad, ("remove", "x")]), f"change 3: {message}")
    refused(pool, lambda pool: pool.apply([("remove", "x")]), "no candidate has the key 'x'")
    assert pool.version == 0
    pool.apply(possible)
    assert list(pool.keys) == [first, third, "d"]


def test_refusals_of_single_changes() -> None:
    pool = named("a", "b")
    refused(pool, lambda pool: pool.update("x", {}), "no candidate has the key 'x'")
    refused(pool, lambda pool: pool.remove("x"), "no candidate has the key 'x'")
    refused(pool, lambda pool: pool.add("a", {}), "a candidate has the key 'a' already")
    refused(pool, lambda pool: pool.add("x", {"NAME": "y"}), "the candidate's key is 'y', not 'x'")
    refused(
        pool,
        lambda pool: pool.update("a", {"NAME": "x"}),
        "an update cannot change the key 'a': remove the candidate and add it again",
    )
    refused(pool, lambda pool: pool.update([], {}), "a value of type `list` cannot be a key")
    refused(pool, lambda pool: pool.update("a", {5: 1}), "an attribute's name is a str, not a value of type `int`")


def test_changes_that_cannot_be_read() -> None:
    pool = named("a", "b")

    def changes() -> Iterator[Any]:
        yield "remove", "a", None
        raise OSError("the line is dead")

    with pytest.raises(OSError, match="dead"):
        pool.apply(changes())
    assert (list(pool.keys), pool.version) == (["a", "b"], 0)


def test_without_a_key_candidates_keep_the_one_they_had() -> None:
    pool = Pool(HOSTS)
    assert pool.keys == range(3)
    pool.update(1, {"ID": 7})
    assert pool.keys == range(3)
    pool.remove(0)
    assert list(contents(pool)) == [1, 2]
    pool.add(0, {"NAME": "new"})
    pool.add("more", {})
    assert contents(pool) == {1: {"NAME": "b", "ID": 7}, 2: HOSTS[2], 0: {"NAME": "new"}, "more": {}}
    assert [found.key for found in match(pool)] == [1, 2, 0, "more"]
    refused(pool, lambda pool: pool.add(2, {}), "a candidate has the key 2 already")
    refused(pool, lambda pool: pool.remove(3), "no candidate has the key 3")
    pool.remove(2)
    assert 2 not in pool


def test_an_empty_pool_fills() -> None:
    pool = Pool([], key="NAME")
    pool.apply([("add", name, {"A": number}) for number, name in enumerate("abc")])
    assert [host["NAME"] for host in pool] == ["a", "b", "c"]
    keyless = Pool([])
    keyless.add(0, {"A": 1})
    keyless.add(5, MappingProxyType({"A": 1}))
    assert contents(keyless) == {0: {"A": 1}, 5: {"A": 1}}
    assert keyless.kind is PLAIN
    hosts = Pool([], kind=HOST)
    refused(hosts, lambda pool: pool.add(0, {}), "a candidate of kind plain cannot join a pool of kind host")


def test_documents_are_replaced() -> None:
    first, second, third = Document(7), Document(5), Document(7)
    pool = Pool([first, second])
    pool.update(7, third)
    assert contents(pool) == {7: third, 5: second}
    refused(
        pool, lambda pool: pool.update(7, {"A": 1}), "a candidate of kind document is replaced whole: give another one"
    )
    refused(pool, lambda pool: pool.add(8, Document(9)), "the candidate's key is 9, not 8")
    refused(pool, lambda pool: pool.add(8, {}), "a candidate of kind plain cannot join a pool of kind document")
    pool.add(8, Document(8))
    assert list(pool.keys) == [7, 5, 8]


def test_lists_in_the_hand_do_not_grow() -> None:
    changed: Any
    for pool, changed in ((Pool(HOSTS), 0), (Pool(HOSTS, key="NAME"), "a")):
        held = [(pool.keys, pool.candidates, iter(pool), iter(pool.keys), iter(pool.candidates))]
        expected = [(list(pool.keys), list(pool.candidates))]
        changes: list[tuple[Any, ...]] = [
            ("update", changed, {"NAME": "a", "ID": 9}),
            ("add", "d", {}),
            ("remove", changed),
            ("add", changed, {"NAME": "a"}),
        ]
        for change in changes:
            pool.apply([change])
            held.append((pool.keys, pool.candidates, iter(pool), iter(pool.keys), iter(pool.candidates)))
            expected.append((list(pool.keys), list(pool.candidates)))
        for (keys, candidates, *iterators), (all_keys, all_candidates) in zip(held, expected, strict=True):
            assert list(keys) == list(iterators[1]) == all_keys
            assert list(candidates) == list(iterators[0]) == list(iterators[2]) == all_candidates


def test_going_through_a_pool_that_changes() -> None:
    pool = named("a", "b", "c")
    seen = []
    for host in pool:
        pool.apply([("remove", host["NAME"]), ("add", host["NAME"] * 2, {})])
        seen.append(host["NAME"])
    assert seen == ["a", "b", "c"]
    assert list(pool.keys) == ["aa", "bb", "cc"]


def test_gaps_close_up() -> None:
    count = 4_000
    pool = Pool([{"A": number} for number in range(count)])
    whole = match(pool, None, "A")
    for start in range(0, count, 100):
        pool.apply([("remove", number) for number in range(start, start + 100) if number % 10])
    assert len(pool.snapshot.rows) < 2_500
    assert contents(pool) == {number: {"A": number} for number in range(0, count, 10)}
    assert pool.version == count // 100
    assert [found.key for found in whole] == list(range(count - 1, -1, -1))
    pool.add(5, {"A": 5})
    pool.update(10, {"A": 11})
    pool.remove(0)
    assert [found.score for found in match(pool, "A < 30", "A")] == [20, 11, 5]
    assert (5 in pool, 1 in pool, 0 in pool) == (True, False, False)


def test_many_versions_of_one_candidate() -> None:
    pool = named("a", "b")
    for number in range(3_000):
        pool.apply([("remove", "a"), ("add", "a", {"A": number})])
    assert contents(pool) == {"b": {"NAME": "b", "A": 1}, "a": {"A": 2_999, "NAME": "a"}}
    assert len(pool.snapshot.rows) < 1_100
    assert pool.version == 3_000


def test_a_changed_pool_pickles() -> None:
    for pool in (Pool(HOSTS), Pool(HOSTS, key="NAME"), Pool([Document(7), Document(5)])):
        first, *others = pool.keys
        pool.update(first, Document(7) if first == 7 else {"A": 1})
        for copied in (pickle.loads(pickle.dumps(pool)), copy.deepcopy(pool)):
            assert (copied.keys, copied.version) == (pool.keys, 1)
        pool.remove(first)
        for copied in (pickle.loads(pickle.dumps(pool)), copy.deepcopy(pool)):
            assert (copied.keys, copied.version, copied.kind.name) == (others, 2, pool.kind.name)
            copied.remove(others[0])
            assert copied.version == 3
    assert pickle.loads(pickle.dumps(Pool(HOSTS, key="NAME", memory=5))).memory == 5
    loaded = pickle.loads(pickle.dumps(named("a")))
    refused(loaded, lambda pool: pool.add("b", {"NAME": "x"}), "the candidate's key is 'x', not 'b'")


@pytest.mark.parametrize("keys", [["x", "y"], ("x", "y"), range(2)])
def test_a_pool_of_what_is_known(keys: Any) -> None:
    given = copy.copy(keys)
    pool = Pool.of([{"A": 1}, {"A": 2}], keys, PLAIN, version=5)
    assert (list(pool.keys), pool.version) == (list(given), 5)
    pool.update(given[0], {"A": 3})
    pool.add("z", {})
    pool.remove(given[1])
    assert contents(pool) == {given[0]: {"A": 3}, "z": {}}
    assert keys == given


class Shy:
    """Something that can be hashed, and raises when it is compared."""

    def __hash__(self) -> int:
        return hash("a")

    def __eq__(self, other: object) -> NoReturn:
        raise RuntimeError("not to be called")


@pytest.mark.parametrize("pool", [named("a", "b"), Pool(HOSTS)])
def test_keys_that_raise(pool: Pool) -> None:
    hostile: list[Any] = [Shy(), [], {}]
    for key in hostile:
        assert key not in pool
        with pytest.raises(PoolError, match="no candidate has the key"):
            pool[key]
    if "a" in pool:
        refused(pool, lambda pool: pool.add(Shy(), {}), "a value of type `Shy` cannot be a key")


def test_changes_within_a_change() -> None:
    """A mapping that changes the pool while it is read makes the outer change fail, or there would be two of one version."""

    class Meddling(Mapping[str, Any]):
        def __iter__(self) -> Iterator[str]:
            pool.add("inner", {})
            return iter(("A",))

        def __getitem__(self, name: str) -> int:
            return 1

        def __len__(self) -> int:
            return 1

    pool = named("a")
    with pytest.raises(PoolError, match="reading the changes made other changes to the pool"):
        pool.add("outer", Meddling())
    assert (list(contents(pool)), pool.version) == (["a", "inner"], 1)
