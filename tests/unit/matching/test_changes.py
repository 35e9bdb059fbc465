"""Changes are prepared aside: what they would make, and what is wrong with those that are not possible."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NoReturn

import pytest

from matchmaker import CandidateError, Pool, PoolError
from matchmaker.attributes.lookup import MAPPING, PLAIN, Kind
from matchmaker.matching.changes import Draft
from matchmaker.matching.rows import GONE
from matchmaker.matching.snapshots import Change

KeyOf = str | Callable[[Any], Any] | None
HOSTS = [{"NAME": "a", "A": 1}, {"NAME": "b", "A": 2}, {"NAME": "c", "A": 3}]


class Trap:
    """Something that raises when it is hashed or compared."""

    def __eq__(self, other: object) -> NoReturn:
        raise RuntimeError("not to be called")

    __hash__ = __bool__ = __repr__ = __eq__  # type: ignore[assignment]


class Shy:
    """Something that can be hashed, and raises when it is compared."""

    def __init__(self, like: object) -> None:
        self.hash = hash(like)

    def __hash__(self) -> int:
        return self.hash

    def __eq__(self, other: object) -> NoReturn:
        raise RuntimeError("not to be called")


class Broken(Mapping[str, Any]):
    """A mapping that raises when it is read."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def __getitem__(self, key: str) -> NoReturn:
        raise self.error

    def __iter__(self) -> NoReturn:
        raise self.error

    def __len__(self) -> NoReturn:
        raise self.error


class Text(str):
    """A str of another type."""

    __slots__ = ()


class Sealed:
    """A kind whose candidates are replaced whole."""

    name = "sealed"

    def lookup(self, name: str) -> Any:
        return lambda candidate: getattr(candidate, name, None)

    def key(self, candidate: Any) -> object:
        return candidate.number


class Open(Sealed):
    """A kind whose candidates can be changed."""

    name = "open"

    def merged(self, candidate: Any, attributes: Mapping[str, Any]) -> Any:
        if "BAD" in attributes:
            raise CandidateError("it is bad", attribute="BAD")
        return Carrier(**{**vars(candidate), **attributes})


class Carrier:
    """A candidate that carries its kind."""

    def __init__(self, kind: Kind, **values: Any) -> None:
        vars(self).update(values, kind=kind)


SEALED, OPEN = Sealed(), Open()


def draft(key: KeyOf = "NAME", candidates: list[Any] = HOSTS, kind: Kind = PLAIN) -> Draft:
    pool = Pool(candidates, key=key, kind=kind)
    return Draft(pool.snapshot, {each: slot for slot, each in enumerate(pool.keys)}.get, key, pool.kind)


def refusal(changes: Draft, *change: Any, where: str = "") -> str:
    """Return why a change is not possible; it leaves no trace."""
    before = (dict(changes.rows), dict(changes.index), list(changes.keys), list(changes.log), changes.count)
    with pytest.raises(PoolError) as caught:
        changes.make(change, where)
    assert before == (changes.rows, changes.index, changes.keys, changes.log, changes.count)
    assert caught.value.__cause__ is None
    return str(caught.value)


def test_an_update_merges() -> None:
    changes = draft()
    changes.make(("update", "b", {"A": 5, "NEW": [1, 2]}), "")
    assert changes.rows == {1: {"NAME": "b", "A": 5, "NEW": [1, 2]}}
    changes.make(("update", "b", {"A": None, "NEVER": None}), "")
    assert changes.rows == {1: {"NAME": "b", "NEW": [1, 2]}}
    assert changes.log == [Change(1, frozenset({"A", "NEW"})), Change(1, frozenset({"A", "NEVER"}))]
    assert (changes.moves, changes.count, changes.keys) == (False, 3, [])
    assert HOSTS[1] == {"NAME": "b", "A": 2}


def test_the_attributes_are_copied() -> None:
    changes = draft()
    given, added = {"A": 5}, {"A": 6}
    changes.make(("update", "a", given), "")
    changes.make(("add", "d", added), "")
    given["A"] = added["A"] = 7
    assert changes.rows == {0: {"NAME": "a", "A": 5}, 3: {"A": 6, "NAME": "d"}}
    assert added == {"A": 7}


def test_none_that_was_there_stays() -> None:
    changes = draft(None, [{"A": None, "B": 1}])
    changes.make(("update", 0, {"B": None}), "")
    assert changes.rows == {0: {"A": None}}


def test_values_are_not_compared() -> None:
    changes, trap = draft(), Trap()
    changes.make(("update", "a", {"A": trap, "B": None}), "")
    assert changes.rows[0]["A"] is trap


def test_additions_and_removals() -> None:
    changes = draft()
    changes.make(("remove", "a"), "")
    changes.make(("remove", "b", None), "")
    changes.make(("add", "d", {"A": 4}), "")
    changes.make(("add", "a", {"A": 5}), "")
    changes.make(("update", "a", {"A": 6}), "")
    assert changes.rows == {0: GONE, 1: GONE, 3: {"NAME": "d", "A": 4}, 4: {"NAME": "a", "A": 6}}
    assert changes.index == {"a": 4, "b": None, "d": 3}
    assert (changes.keys, changes.count, changes.moves) == (["d", "a"], 3, True)
    assert [change.slot for change in changes.log] == [0, 1, 3, 4, 4]
    assert [change.names for change in changes.log] == [None] * 4 + [frozenset({"A"})]


def test_what_is_added_can_be_removed_again() -> None:
    changes = draft()
    changes.make(("add", "d", {}), "")
    changes.make(("remove", "d"), "")
    assert refusal(changes, "update", "d", {}) == "no candidate has the key 'd'"
    changes.make(("add", "d", {"A": 1}), "")
    assert changes.rows == {3: GONE, 4: {"A": 1, "NAME": "d"}}
    assert (changes.keys, changes.index, changes.count) == (["d", "d"], {"d": 4}, 4)


@pytest.mark.parametrize("change", [(), ("update",), ("replace", "a", {}), ("add", "d", {}, 5), ([], "a", {}), 5, None])
def test_what_is_no_change(change: Any) -> None:
    with pytest.raises(PoolError) as caught:
        draft().make(change, "change 3: ")
    assert str(caught.value) == (
        "change 3: a change is a verb, a key and attributes, the verb one of `update`, `add` and `remove`"
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("update", "x", {}), "no candidate has the key 'x'"),
        (("remove", "x"), "no candidate has the key 'x'"),
        (("add", "a", {}), "a candidate has the key 'a' already"),
        (("add", None, {}), "None cannot be a key: it stands for a missing one"),
        (("add", "d", {"NAME": "e"}), "the candidate's key is 'e', not 'd'"),
        (("add", "d", {"NAME": ["d"]}), "the candidate's key is ['d'], not 'd'"),
        (
            ("update", "a", {"NAME": "x"}),
            "an update cannot change the key 'a': remove the candidate and add it again",
        ),
        (
            ("update", "a", {"NAME": None}),
            "an update cannot change the key 'a': remove the candidate and add it again",
        ),
        (("update", [], {}), "a value of type `list` cannot be a key"),
        (("remove", Trap()), "a value of type `Trap` cannot be a key"),
        (("add", Trap(), {}), "a value of type `Trap` cannot be a key"),
        (("add", Shy("a"), {}), "a value of type `Shy` cannot be a key"),
        (("update", "a", {"A": 1, 5: 2}), "an attribute's name is a str, not a value of type `int`"),
        (("add", "d", {Text("A"): 1}), "an attribute's name is a str, not a value of type `Text`"),
        (("update", "a", Broken(OSError("no"))), "reading the attributes failed: OSError('no')"),
        (("add", "d", Broken(RecursionError())), "reading the attributes failed: RecursionError()"),
        (
            ("update", "a"),
            "candidate: a candidate is a mapping or a document, not a value of type `NoneType`",
        ),
        (("add", "d", "text"), "candidate: a candidate is a mapping or a document, not a value of type `str`"),
        (("add", "d", Carrier(SEALED)), "a candidate of kind sealed cannot join a pool of kind plain"),
        (("update", "a", Carrier(SEALED)), "a candidate of kind sealed cannot join a pool of kind plain"),
    ],
)
def test_refusals(change: tuple[Any, ...], message: str) -> None:
    assert refusal(draft(), *change) == message
    assert refusal(draft(), *change, where="change 7: ") == f"change 7: {message}"


def test_the_key_may_be_said_again() -> None:
    changes = draft()
    changes.make(("update", "a", {"NAME": "a"}), "")
    changes.make(("add", "d", {"NAME": "d"}), "")
    changes.make(("add", "e", {"NAME": None}), "")
    assert [row["NAME"] for row in changes.rows.values()] == ["a", "d", "e"]


def test_a_key_that_is_unlike_itself() -> None:
    nan = float("nan")
    changes = draft("K", [{"K": nan}])
    changes.make(("update", nan, {"A": 1}), "")
    changes.make(("update", nan, {"K": nan}), "")
    assert changes.rows == {0: {"K": nan, "A": 1}}


def test_keys_that_raise_when_compared() -> None:
    shy = Shy("unlike all others")
    changes = draft()
    changes.make(("add", shy, {}), "")
    assert changes.rows[3]["NAME"] is shy
    assert refusal(changes, "update", "a", {"NAME": Shy("a")}).startswith("an update cannot change the key 'a'")


def test_without_a_key_anything_may_be_one() -> None:
    changes = draft(None)
    changes.make(("add", "x", {"A": 1}), "")
    changes.make(("add", 7, {}), "")
    changes.make(("remove", 1), "")
    changes.make(("add", 1, {"A": 9}), "")
    assert changes.rows == {3: {"A": 1}, 4: {}, 1: GONE, 5: {"A": 9}}
    assert refusal(changes, "add", 0, {}) == "a candidate has the key 0 already"
    assert refusal(changes, "add", None, {}).startswith("None cannot be a key")


def test_the_key_is_a_function() -> None:
    changes = draft(lambda host: host["NAME"].upper())
    changes.make(("update", "A", {"NAME": "a", "A": 5}), "")
    changes.make(("add", "D", {"NAME": "d"}), "")
    assert changes.rows == {0: {"NAME": "a", "A": 5}, 3: {"NAME": "d"}}
    assert refusal(changes, "update", "A", {"NAME": "x"}).startswith("an update cannot change the key 'A'")
    assert refusal(changes, "add", "E", {"NAME": "x"}) == "the candidate's key is 'X', not 'E'"
    assert refusal(changes, "add", "E", {}) == "the function that makes keys failed: KeyError('NAME')"
    assert refusal(draft(lambda host: host.get("NAME")), "add", "E", {}) == "the candidate's key is missing, not 'E'"


def test_the_key_is_a_path() -> None:
    changes = draft("META/ID", [{"META/ID": 1}, {"META/ID": 2}])
    changes.make(("update", 1, {"META": {"ID": 5}}), "")  # a key that is spelt so wins
    changes.make(("add", 3, {"META": {"X": 1}}), "")
    assert changes.rows == {0: {"META/ID": 1, "META": {"ID": 5}}, 2: {"META": {"X": 1}, "META/ID": 3}}
    for attributes in ({"META/ID": 5}, {"META/ID": None}):
        assert refusal(changes, "update", 1, attributes).startswith("an update cannot change the key 1")
    assert refusal(changes, "add", 4, {"META": {"ID": 5}}) == "the candidate's key is [5], not 4"


def test_other_mappings() -> None:
    changes = draft(None, [MappingProxyType({"A": 1, 5: "five"}), {"A": 2}])
    assert Pool([MappingProxyType({}), {}]).kind is MAPPING
    changes.make(("update", 0, {"B": 1}), "")
    changes.make(("update", 1, MappingProxyType({"A": None, "B": 2})), "")
    changes.make(("add", 2, MappingProxyType({"A": 3})), "")
    assert changes.rows == {0: {"A": 1, 5: "five", "B": 1}, 1: {"B": 2}, 2: {"A": 3}}
    assert {type(row) for row in changes.rows.values()} == {dict}
    broken = draft(None, [Broken(OSError("no"))])
    assert refusal(broken, "update", 0, {"A": 1}) == "reading the attributes failed: OSError('no')"


def test_a_kind_of_its_own() -> None:
    first = Carrier(OPEN, number=1, A=1)
    changes = draft(None, [first])
    changes.make(("update", 1, {"A": 2, "B": None}), "")
    assert vars(changes.rows[0]) == {"kind": OPEN, "number": 1, "A": 2, "B": None}
    another = Carrier(OPEN, number=1)
    changes.make(("update", 1, another), "")
    assert changes.rows[0] is another
    second = Carrier(OPEN, number=2)
    changes.make(("add", 2, second), "")
    assert changes.rows[1] is second
    assert [change.names for change in changes.log] == [None] * 3
    assert vars(first) == {"kind": OPEN, "number": 1, "A": 1}
    assert refusal(changes, "update", 1, second).startswith("an update cannot change the key 1")
    assert refusal(changes, "update", 1, {"number": 5}).startswith("an update cannot change the key 1")
    assert refusal(changes, "update", 1, {"BAD": 5}) == "candidate, attribute `BAD`: it is bad"
    assert refusal(changes, "add", 3, Carrier(OPEN, number=4)) == "the candidate's key is 4, not 3"
    assert refusal(changes, "add", 3, Carrier(OPEN, number=None)) == "the candidate's key is missing, not 3"
    assert refusal(changes, "add", 3, {"number": 3}) == "a candidate of kind plain cannot join a pool of kind open"
    assert (
        refusal(changes, "add", 3, Carrier(SEALED, number=3))
        == "a candidate of kind sealed cannot join a pool of kind open"
    )


def test_a_kind_that_cannot_merge() -> None:
    changes = draft(None, [Carrier(SEALED, number=1)])
    assert refusal(changes, "update", 1, {"A": 1}) == "a candidate of kind sealed is replaced whole: give another one"
    changes.make(("update", 1, Carrier(SEALED, number=1, A=1)), "")
    assert changes.rows[0].A == 1
