"""What OpenNebula's commands print as JSON, as candidates."""

import json
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchmaker import DocumentError, MatchmakerError, PoolError, Requirement, match
from matchmaker.opennebula import DATASTORE, HOST, NETWORK, Document, candidate, is_pool, read_json
from matchmaker.opennebula.parsing import DEEPEST

HOSTS: dict[str, Any] = {
    "HOST_POOL": {
        "HOST": [
            {
                "ID": "0",
                "NAME": "a",
                "HOST_SHARE": {"FREE_CPU": "100", "DATASTORES": {"DS": [{"ID": "0", "FREE_MB": "5"}, {"ID": "1"}]}},
                "VMS": {"ID": ["3", "4"]},
                "TEMPLATE": {"A": ["x", "y"], "E": {}, "N": None, "L": []},
            },
            {"ID": "1", "HOST_SHARE": {"FREE_CPU": "300"}, "VMS": {}},
        ]
    }
}


def value(document: Document, name: str) -> Any:
    return document.kind.lookup(name)(document)


def one(**content: Any) -> Document:
    pool = read_json({"HOST": {"ID": 0} | content})
    assert pool is not None
    return pool[0]


def test_a_pool() -> None:
    pool = read_json(HOSTS)
    assert pool is not None
    assert (list(pool.keys), pool.kind) == ([0, 1], HOST)
    assert [found.key for found in match(pool, "FREE_CPU > 50", "FREE_CPU")] == [1, 0]
    assert Requirement('CURRENT_VMS = 3 & A @> "y" & "DS[ID=0]/FREE_MB" = 5 & "/HOST/VMS/ID" @> 4').matches(pool[0])
    assert [value(pool[0], name) for name in ("E", "N", "L", "MISSING")] == ["", "", "", None]
    assert value(pickle.loads(pickle.dumps(pool[0])), "A") == ["x", "y"]


def test_numbers_and_booleans() -> None:
    host = one(TEMPLATE={"A": 5, "B": 1e21, "C": 0.00001, "D": True, "E": [False, 7, None], "F": -0.0})
    assert [value(host, name) for name in "ABCDEF"] == [
        "5",
        "1000000000000000000000.0",
        "0.00001",
        "YES",
        ["NO", "7", ""],
        "-0.0",
    ]


def test_document_order() -> None:
    host = one(A="1", TEMPLATE={"A": ["2", "3"], "X": {"A": "no"}}, HOST_SHARE={"DATASTORES": {"A": "4"}, "A": "5"})
    assert value(host, "A") == ["1", "2", "3", "4", "5"]
    same = candidate(
        "<HOST><ID>0</ID><A>1</A><TEMPLATE><A>2</A><A>3</A><X><A>no</A></X></TEMPLATE>"
        "<HOST_SHARE><DATASTORES><A>4</A></DATASTORES><A>5</A></HOST_SHARE></HOST>"
    )
    assert value(host, "//A") == value(same, "//A")


@pytest.mark.parametrize(
    ("data", "keys", "kind"),
    [
        ({"HOST_POOL": {"HOST": {"ID": "7"}}}, [7], HOST),
        ({"HOST": {"ID": 7}}, [7], HOST),
        ({"DATASTORE_POOL": {"DATASTORE": [{"ID": "7"}, {"ID": "8"}]}}, [7, 8], DATASTORE),
        ({"DATASTORE": {"ID": "7"}}, [7], DATASTORE),
        ({"VNET_POOL": {"VNET": [{"ID": "7"}]}}, [7], NETWORK),
        ({"VNET": {"ID": "7"}}, [7], NETWORK),
    ],
)
def test_shapes(data: Any, keys: list[int], kind: object) -> None:
    assert is_pool(data)
    pool = read_json(data)
    assert pool is not None
    assert (list(pool.keys), pool.kind) == (keys, kind)


@pytest.mark.parametrize("content", [{}, None, [], "", {"HOST": []}])
def test_empty_pools(content: Any) -> None:
    pool = read_json({"HOST_POOL": content})
    assert pool is not None
    assert len(pool) == 0


@pytest.mark.parametrize(
    "data",
    [
        None,
        5,
        "HOST",
        [],
        [{"HOST": {"ID": 1}}],
        {},
        {"NAME": "a"},
        {"HOST": "node1"},
        {"HOST": ["node1"]},
        {"HOST": {"ID": 1}, "NAME": "a"},
        {"HOST_POOL": 5},
        {"HOST_POOL": "gold"},
        {"VM_POOL": {"VM": []}},
        {5: {}},
    ],
)
def test_other_shapes(data: Any) -> None:
    assert not is_pool(data)
    assert read_json(data) is None


@pytest.mark.parametrize(
    "content",
    [
        {"A B": "1"},
        {"": "1"},
        {"{urn:x}A": "1"},
        {"x:A": "1"},
        {"<A>": "1"},
        {"1A": "1"},
        {5: "1"},
        {"A": "a\0b"},
        {"A": "\x01"},
        {"A": "\ud800"},
        {"A": [["1"]]},
        {"A": {"B": ["1", ["2"]]}},
        {"A": object()},
        {"A": 10**5_000},
    ],
)
def test_what_no_document_holds(content: Any) -> None:
    with pytest.raises(DocumentError):
        read_json({"HOST": {"ID": 1} | content})


@pytest.mark.parametrize(
    "data", [{"HOST_POOL": {"VM": {}}}, {"HOST_POOL": {"HOST": "a"}}, {"HOST_POOL": {"HOST": [None]}}]
)
def test_pools_of_something_else(data: Any) -> None:
    with pytest.raises(DocumentError):
        read_json(data)


def test_ids() -> None:
    with pytest.raises(PoolError):
        read_json({"HOST": {"NAME": "a"}})
    with pytest.raises(PoolError):
        read_json({"HOST_POOL": {"HOST": [{"ID": "1"}, {"ID": "1"}]}})


def test_nesting() -> None:
    def nested(depth: int) -> Any:
        inside: Any = {}
        for _ in range(depth):
            inside = {"A": inside}
        return {"HOST": {"ID": 1} | inside}

    pool = read_json(nested(DEEPEST - 1))
    assert pool is not None
    assert value(pickle.loads(pickle.dumps(pool[1])), "A") == ""
    for depth in (DEEPEST, 5_000):
        with pytest.raises(DocumentError, match="nested"):
            read_json(nested(depth))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
        lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.sampled_from(["A", "ID", "é", "a b"]), inside),
    )
)
def test_any_content(content: Any) -> None:
    for data in ({"HOST": content}, {"HOST_POOL": content}, {"HOST_POOL": {"HOST": content}}, content):
        try:
            pool = read_json(json.loads(json.dumps(data)))
        except MatchmakerError:
            continue
        for document in pool or ():
            assert value(pickle.loads(pickle.dumps(document)), "A") == value(document, "A")
