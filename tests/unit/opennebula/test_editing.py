"""Documents with other values: changed copies, and pools of documents that are kept up to date."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from typing import Any

import pytest
from lxml import etree

from matchmaker import CandidateError, MatchmakerError, Pool, PoolError, Requirement, match
from matchmaker.matching.choosing import Engine
from matchmaker.opennebula import DATASTORE, HOST, NETWORK, Document, candidate, read_pool
from matchmaker.opennebula.editing import edited

POOL = b"""<HOST_POOL>
  <HOST><ID>7</ID><NAME>seven</NAME><TEMPLATE><RACK>r1</RACK></TEMPLATE>
    <HOST_SHARE><FREE_CPU>100</FREE_CPU></HOST_SHARE><VMS><ID>3</ID></VMS></HOST>
  <HOST><ID>5</ID><NAME>five</NAME><TEMPLATE/><HOST_SHARE><FREE_CPU>200</FREE_CPU></HOST_SHARE></HOST>
</HOST_POOL>"""


def host(inside: str) -> Document:
    return candidate(f"<HOST>{inside}</HOST>")


def xml(document: Document) -> str:
    return etree.tostring(document.element, encoding="unicode", with_tail=False)


def value(document: Document, name: str) -> Any:
    return document.kind.lookup(name)(document)


def changed(inside: str, attributes: Mapping[str, Any]) -> str:
    """Return what is in a host after a change; the host is not changed."""
    before = host(inside)
    unchanged = xml(before)
    after = before.kind.merged(before, attributes)
    assert xml(before) == unchanged
    return xml(after).removeprefix("<HOST>").removesuffix("</HOST>")


@pytest.mark.parametrize(
    ("inside", "attributes", "expected"),
    [
        ("<A>1</A>", {}, "<A>1</A>"),
        ("<A>1</A><B>2</B>", {"A": "5"}, "<A>5</A><B>2</B>"),
        ("<TEMPLATE><A>1</A></TEMPLATE>", {"A": "5"}, "<TEMPLATE><A>5</A></TEMPLATE>"),
        # The first in the document gets the value, wherever it is, and the others go.
        (
            "<HOST_SHARE><A>1</A></HOST_SHARE><TEMPLATE><A>2</A><A>3</A></TEMPLATE><A>4</A>",
            {"A": "5"},
            "<HOST_SHARE><A>5</A></HOST_SHARE><TEMPLATE/>",
        ),
        ("<MONITORING><SYSTEM><A>1</A></SYSTEM></MONITORING>", {"A": 5}, "<MONITORING><SYSTEM><A>5</A></SYSTEM></MONITORING>"),
        ("<HOST_SHARE><DATASTORES><A>1</A></DATASTORES></HOST_SHARE>", {"A": 5}, "<HOST_SHARE><DATASTORES><A>5</A></DATASTORES></HOST_SHARE>"),
        # What is elsewhere is not that attribute.
        ("<X><A>1</A></X>", {"A": "5"}, "<X><A>1</A></X><TEMPLATE><A>5</A></TEMPLATE>"),
        ("<X><A>1</A></X>", {"A": None}, "<X><A>1</A></X>"),
        ("<a>1</a>", {"A": None}, "<a>1</a>"),
        # Several values.
        ("<A>1</A><B>2</B>", {"A": ["5", 6, 7.5]}, "<A>5</A><A>6</A><A>7.5</A><B>2</B>"),
        ("<A>1</A><B>2</B><A>3</A>", {"A": ["5", "6"]}, "<A>5</A><A>6</A><B>2</B>"),
        ("<TEMPLATE><B/></TEMPLATE>", {"A": ["5", "6"]}, "<TEMPLATE><B/><A>5</A><A>6</A></TEMPLATE>"),
        ("<A>1</A>", {"A": [None, "5", None]}, "<A>5</A>"),
        # Removed.
        ("<A>1</A><TEMPLATE><A>2</A><B/></TEMPLATE>", {"A": None}, "<TEMPLATE><B/></TEMPLATE>"),
        ("<A>1</A><B/>", {"A": []}, "<B/>"),
        ("<A>1</A><B/>", {"A": [None]}, "<B/>"),
        # Nowhere yet: in TEMPLATE, which is made.
        ("<TEMPLATE/><TEMPLATE/>", {"A": "5"}, "<TEMPLATE><A>5</A></TEMPLATE><TEMPLATE/>"),
        ("<ID>1</ID>", {"A": "5", "B": "6"}, "<ID>1</ID><TEMPLATE><A>5</A><B>6</B></TEMPLATE>"),
        ("<ID>1</ID>", {"A": None}, "<ID>1</ID>"),
        # What values stand for.
        ("<A>1</A>", {"A": True}, "<A>YES</A>"),
        ("<A>1</A>", {"A": False}, "<A>NO</A>"),
        ("<A>1</A>", {"A": -(10**20)}, "<A>-100000000000000000000</A>"),
        ("<A>1</A>", {"A": 3.0}, "<A>3.0</A>"),
        ("<A>1</A>", {"A": 1e-7}, "<A>0.0000001</A>"),
        ("<A>1</A>", {"A": ""}, "<A></A>"),
        ("<A>1</A>", {"A": "a<b>&é\n"}, "<A>a&lt;b&gt;&amp;é\n</A>"),
        # All of an element is replaced, and nothing around it.
        ("<A x='1'>1<!-- --><B>2</B>3</A>", {"A": "5"}, "<A>5</A>"),
        ("a<A>1</A>b<B/>c<A>2</A>d", {"A": "5"}, "a<A>5</A>b<B/>cd"),
        ("a<A>1</A>b<B/>c<A>2</A>d", {"A": None}, "ab<B/>cd"),
        ("<A>1</A>b", {"A": [5, 6]}, "<A>5</A>b<A>6</A>"),
        ("<B/><VMS><ID>3</ID></VMS>", {"VMS": None}, "<B/>"),
    ],
)  # fmt: skip
def test_changes(inside: str, attributes: dict[str, Any], expected: str) -> None:
    assert changed(inside, attributes) == expected


@pytest.mark.parametrize(("root", "kind"), [("HOST", HOST), ("DATASTORE", DATASTORE), ("VNET", NETWORK)])
def test_all_kinds(root: str, kind: Any) -> None:
    before = candidate(
        f"<{root}><ID>1</ID><TEMPLATE><A>1</A></TEMPLATE><CLUSTER_TEMPLATE><A>2</A></CLUSTER_TEMPLATE></{root}>"
    )
    after = kind.merged(before, {"A": 5, "B": [6, 7]})
    assert after.kind is kind
    assert (value(after, "A"), value(after, "B"), value(after, "ID")) == ("5", ["6", "7"], "1")
    assert value(before, "A") == (["1", "2"] if root == "HOST" else "1")
    assert value(after, "./A") == "5"
    assert value(after, f"/{root}/CLUSTER_TEMPLATE/A") == (None if root == "HOST" else "2")


def test_what_was_read_before_is_not_remembered() -> None:
    before = host("<A>1</A><VMS><ID>3</ID></VMS>")
    assert (value(before, "A"), value(before, "//A"), before.vms) == ("1", "1", frozenset({3}))
    after = before.with_attributes({"A": "5"})
    assert (value(after, "A"), value(after, "//A"), after.vms) == ("5", "5", frozenset({3}))
    assert (value(before, "A"), value(before, "//A")) == ("1", "1")
    again = after.with_attributes({"A": "6"}).with_attributes({"B": "7"})
    assert [value(each, "A") for each in (before, after, again)] == ["1", "5", "6"]


def test_current_vms_stays_computed() -> None:
    before = host("<VMS><ID>3</ID></VMS>").with_vms([8])
    after = before.with_attributes({"A": 1, "CURRENT_VMS": [9, 10]})
    assert after.vms == {3, 8}
    assert Requirement("CURRENT_VMS = 3 & CURRENT_VMS = 8 & CURRENT_VMS != 9").matches(after)
    assert Requirement("CURRENT_VMS @> 10").matches(after)  # which reads an ordinary attribute
    assert before.with_attributes({"VMS": None}).vms == {8}
    assert pickle.loads(pickle.dumps(after)).vms == {3, 8}


@pytest.mark.parametrize(
    ("attributes", "message"),
    [
        ({"A/B": 1}, "attribute `A/B`: only a plain name can be changed in a document, of letters, digits and `_`"),
        ({"/HOST/A": 1}, "only a plain name"),
        ({"": 1}, "only a plain name"),
        ({"A B": 1}, "only a plain name"),
        ({"_A": 1}, "only a plain name"),
        ({"A:B": None}, "only a plain name"),
        ({"É": 1}, "only a plain name"),
        ({"A\n": 1}, "only a plain name"),
        ({"TEMPLATE": None}, "attribute `TEMPLATE`: it holds other attributes and cannot be changed as one"),
        ({"HOST_SHARE": 1}, "it holds other attributes"),
        ({"DATASTORES": 1}, "it holds other attributes"),
        ({"MONITORING": 1}, "it holds other attributes"),
        ({"CLUSTER_TEMPLATE": 1}, "it holds other attributes"),
        ({"A": object()}, "attribute `A`: a value of type `object` stands for nothing"),
        ({"A": [[1]]}, "a value of type `list` stands for nothing"),
        ({"A": {"B": 1}}, "a value of type `dict` stands for nothing"),
        ({"A": 10**5000}, "a whole number of so many digits has no text"),
        ({"A": "\0"}, "attribute `A`: a text with a control character, or half of a surrogate pair, cannot stand in"),
        ({"A": "a\x1bb"}, "a text with a control character"),
        ({"A": "\ud800"}, "half of a surrogate pair"),
        ({"A": ["x", "\udfff"]}, "half of a surrogate pair"),
        ({"A": "\uffff"}, "a text with a control character"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("inside", ["", "<A>1</A><TEMPLATE><A>2</A></TEMPLATE>"])
def test_refusals(attributes: dict[str, Any], message: str, inside: str) -> None:
    document = host(f"<ID>1</ID>{inside}")
    before = xml(document)
    with pytest.raises(CandidateError) as caught:
        document.with_attributes({"B": 1, **attributes})
    assert message in str(caught.value)
    assert xml(document) == before
    pool = Pool([document])
    with pytest.raises(PoolError) as refused:
        pool.update(1, {"B": 1, **attributes})
    assert message in str(refused.value)
    assert pool[1] is document
    assert pool.version == 0


def test_names_of_search_places_of_other_kinds() -> None:
    datastore = candidate("<DATASTORE><ID>1</ID></DATASTORE>").with_attributes({"HOST_SHARE": 5})
    assert value(datastore, "HOST_SHARE") == "5"
    assert value(host("").with_attributes({"CAPACITY": 5, "SYSTEM": 6}), "SYSTEM") == "6"


def test_only_one_document_is_copied() -> None:
    pool = read_pool(POOL)
    siblings = pool[7].element.getparent()
    copied = edited(pool[7].element, HOST.places, {"RACK": "r2"})
    assert copied.getparent() is None
    assert copied.tail is None
    assert len(copied.getroottree().getroot()) == len(pool[7].element)
    assert len(siblings) == 2
    assert siblings[0] is pool[7].element


def test_comments_and_instructions_stay() -> None:
    document = candidate("<HOST><!-- a --><?b c?><A>1<!-- d --></A><!-- e --><TEMPLATE><!-- f --></TEMPLATE></HOST>")
    after = document.with_attributes({"A": 2, "B": 3})
    assert xml(after) == ("<HOST><!-- a --><?b c?><A>2</A><!-- e --><TEMPLATE><!-- f --><B>3</B></TEMPLATE></HOST>")


def keys(pool: Pool, requirement: str, rank: str | None = None, engine: Engine | None = None) -> list[Any]:
    return [found.key for found in match(pool, requirement, rank, engine=engine)]


@pytest.mark.parametrize("engine", ["closures", "columnar"])
def test_a_pool_of_documents_is_kept_up_to_date(engine: Engine) -> None:
    pool = read_pool(POOL)
    first = pool[7]
    taken = match(pool, "FREE_CPU > 50", "FREE_CPU", engine=engine)
    assert keys(pool, "FREE_CPU > 50", "FREE_CPU", engine) == [5, 7]
    assert keys(pool, "RACK = r1", None, engine) == [7]
    pool.update(7, {"FREE_CPU": 400, "RACK": None})
    assert keys(pool, "FREE_CPU > 50", "FREE_CPU", engine) == [7, 5]
    assert keys(pool, 'RACK = "*"', None, engine) == []
    pool.update(5, {"RACK": ["r2", "r3"]})
    assert keys(pool, "RACK @> r3", None, engine) == [5]
    assert keys(pool, '"../RACK" @> r3 | "/HOST/TEMPLATE/RACK" @> r3', None, engine) == [5]
    assert keys(pool, "CURRENT_VMS = 3", None, engine) == [7]
    pool.update(7, pool[7].with_vms([9]))
    pool.update(7, {"FREE_CPU": 10})
    assert keys(pool, "CURRENT_VMS = 9", None, engine) == [7]
    other = candidate("<HOST><ID>7</ID><TEMPLATE><RACK>r9</RACK></TEMPLATE></HOST>")
    pool.update(7, other)
    assert pool[7] is other
    assert keys(pool, "RACK = r9", None, engine) == [7]
    assert keys(pool, "CURRENT_VMS = 9", None, engine) == []
    pool.add(8, candidate("<HOST><ID>8</ID><TEMPLATE><RACK>r9</RACK></TEMPLATE></HOST>"))
    assert keys(pool, "RACK = r9", "ID", engine) == [8, 7]
    pool.remove(7)
    assert keys(pool, "RACK = r9", "ID", engine) == [8]
    assert pool.version == 7
    assert [(found.key, found.score) for found in taken] == [(5, 200), (7, 100)]
    assert taken[1].candidate is first


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("update", 7, {"ID": 9}), "an update cannot change the key 7: remove the candidate and add it again"),
        (("update", 7, {"ID": None}), "an update cannot change the key 7"),
        (("update", 7, {"ID": "seven"}), "an update cannot change the key 7"),
        (("update", 7, candidate("<HOST><ID>9</ID></HOST>")), "an update cannot change the key 7"),
        (("update", 7, candidate("<VNET><ID>7</ID></VNET>")), "a candidate of kind network cannot join a pool of kind host"),
        (("update", 9, {}), "no candidate has the key 9"),
        (("add", 7, candidate("<HOST><ID>7</ID></HOST>")), "a candidate has the key 7 already"),
        (("add", 9, candidate("<HOST><ID>8</ID></HOST>")), "the candidate's key is 8, not 9"),
        (("add", 9, candidate("<HOST/>")), "the candidate's key is missing, not 9"),
        (("add", 9, {"ID": 9}), "a candidate of kind plain cannot join a pool of kind host"),
        (("add", 9, "<HOST><ID>9</ID></HOST>"), "not a value of type `str`"),
    ],
)  # fmt: skip
def test_impossible_changes_of_a_pool(change: Any, message: str) -> None:
    pool = read_pool(POOL)
    before = list(pool)
    with pytest.raises(PoolError) as caught:
        pool.apply([("update", 5, {"FREE_CPU": 1}), change])
    assert str(caught.value).startswith("change 1: ")
    assert message in str(caught.value)
    assert list(pool) == before
    assert pool.version == 0


def test_the_same_key_written_otherwise() -> None:
    pool = read_pool(POOL)
    pool.update(7, {"ID": " 07 "})
    assert list(pool.keys) == [7, 5]
    assert pool[7].kind.key(pool[7]) == 7


def test_a_pool_by_name() -> None:
    pool = Pool(read_pool(POOL), key="NAME")
    pool.update("seven", {"RACK": "r5", "ID": 70})
    assert keys(pool, "RACK = r5 & ID = 70") == ["seven"]
    with pytest.raises(PoolError, match="an update cannot change the key 'seven'"):
        pool.update("seven", {"NAME": "eight"})
    pool.add("nine", candidate("<HOST><NAME>nine</NAME></HOST>"))
    assert list(pool.keys) == ["seven", "five", "nine"]


def test_a_changed_pool_pickles() -> None:
    pool = read_pool(POOL)
    pool.update(7, {"A": "\r\n é", "RACK": [1, 2.5, True]})
    loaded = pickle.loads(pickle.dumps(pool))
    assert value(loaded[7], "A") == value(pool[7], "A") == "\r\n é"
    assert value(loaded[7], "RACK") == ["1", "2.5", "YES"]
    assert loaded.version == 1


def test_an_empty_pool_of_documents_fills() -> None:
    pool = read_pool(b"<HOST_POOL/>")
    pool.add(3, candidate("<HOST><ID>3</ID></HOST>"))
    pool.update(3, {"A": 5})
    assert keys(pool, "A = 5") == [3]


def test_hostile_values() -> None:
    class Shout(str):
        """A text that lies."""

        __slots__ = ()

        def __str__(self) -> str:
            return "LIE"

        def encode(self, *_: Any) -> bytes:
            raise RuntimeError("not to be called")

    assert changed("", {"A": Shout("kvm")}) == "<TEMPLATE><A>kvm</A></TEMPLATE>"
    with pytest.raises(MatchmakerError):
        changed("", {"A": "\ud800" * 1000})
