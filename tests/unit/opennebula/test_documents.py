"""OpenNebula documents as candidates: what names mean on them, and pools of them."""

import copy
import io
import pickle
import threading
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from matchmaker import DocumentError, Pool, PoolError, Rank, Requirement, match
from matchmaker.attributes.lookup import Kind, kind_of
from matchmaker.opennebula import DATASTORE, HOST, NETWORK, Document, DocumentKind, candidate, read_pool
from matchmaker.opennebula.document_values import Attributes

KINDS = (HOST, DATASTORE, NETWORK)


def value(document: Document, name: str) -> Any:
    return document.kind.lookup(name)(document)


def host(inside: str) -> Document:
    return candidate(f"<HOST>{inside}</HOST>")


@pytest.mark.parametrize(
    "place",
    [
        "TEMPLATE",
        "HOST_SHARE",
        "HOST_SHARE/DATASTORES",
        "MONITORING/CAPACITY",
        "MONITORING/SYSTEM",
        "",
        "CLUSTER_TEMPLATE",
    ],
)
def test_search_places_of_hosts(place: str) -> None:
    tags = place.split("/") if place else []
    inside = "".join(f"<{tag}>" for tag in tags) + "<A>1</A>" + "".join(f"</{tag}>" for tag in reversed(tags))
    assert value(host(inside), "A") == "1"
    assert value(host(f"<X>{inside}</X>"), "A") is None


@pytest.mark.parametrize("root", ["DATASTORE", "VNET"])
def test_search_places_of_datastores_and_networks(root: str) -> None:
    document = candidate(
        f"<{root}><A>1</A><TEMPLATE><A>2</A><B>3</B></TEMPLATE><HOST_SHARE><B>4</B></HOST_SHARE></{root}>"
    )
    assert value(document, "A") == ["1", "2"]
    assert value(document, "B") == "3"


def test_search_places_that_are_there_twice() -> None:
    document = host(
        "<TEMPLATE><A>1</A></TEMPLATE><MONITORING><SYSTEM><A>2</A></SYSTEM></MONITORING><TEMPLATE><A>3</A></TEMPLATE>"
    )
    assert value(document, "A") == ["1", "2", "3"]


def test_document_order() -> None:
    document = host(
        "<A>1</A><CLUSTER_TEMPLATE><A>2</A></CLUSTER_TEMPLATE><A>3</A>"
        "<HOST_SHARE><A>4</A><DATASTORES><A>5</A><X><A>no</A></X></DATASTORES><A>6</A></HOST_SHARE>"
        "<TEMPLATE><X><A>no</A></X><A>7</A></TEMPLATE><A>8</A>"
    )
    assert value(document, "A") == list("12345678")


def test_a_search_place_is_an_attribute_too() -> None:
    document = host("<TEMPLATE>a<A>b</A>c</TEMPLATE><HOST_SHARE><TEMPLATE>d</TEMPLATE></HOST_SHARE>")
    assert value(document, "TEMPLATE") == ["abc", "d"]
    assert value(document, "HOST") is None


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        ("<A/>", ""),
        ("<A></A>", ""),
        ("<A> a\n</A>", " a\n"),
        ("<A>a<![CDATA[<b>]]>c</A>", "a<b>c"),
        ("<A>a<!-- no -->b<?no no?>c</A>", "abc"),
        ("<A><!-- no --></A>", ""),
        ("<A>a<B>b<C>c</C>d</B>e</A>f", "abcde"),
        ("<A>&lt;&#233;&amp;</A>", "<é&"),
        ("<a>no</a>", None),
        ("<X:A xmlns:X='urn:x'>no</X:A>", None),
    ],
)
def test_the_text_of_an_element(inside: str, expected: str | None) -> None:
    assert value(host(inside), "A") == expected
    assert value(host(inside), "./A") == expected


def test_all_readings_of_values() -> None:
    document = host("<TEMPLATE><A>abc</A><A>5</A></TEMPLATE>")
    assert Requirement('A = 5 & A = "abc" & !(A = "5") & A @> "5"').matches(document)
    assert Rank("A").score(document) == 5
    assert not Requirement("MISSING != 5").matches(document)


def test_kinds() -> None:
    assert [kind.name for kind in KINDS] == ["host", "datastore", "network"]
    for kind, root in zip(KINDS, ("HOST", "DATASTORE", "VNET"), strict=True):
        document = candidate(f"<{root}/>")
        assert isinstance(kind, Kind)
        assert document.kind is kind_of(document) is kind
        assert pickle.loads(pickle.dumps(kind)) is copy.deepcopy(kind) is kind
        assert hash(kind) == hash(copy.copy(kind))
        with pytest.raises(AttributeError):
            kind.name = "other"  # type: ignore[misc]


def test_one_expression_works_on_all_kinds() -> None:
    requirement, rank = Requirement('A = "1" | "/*/B" = 2'), Rank("A * 2")
    documents = [candidate(f"<{kind.root}><A>1</A></{kind.root}>") for kind in KINDS]
    assert [requirement.matches(each) for each in [*documents, {"A": 1}]] == [True] * 4
    assert [rank.score(each) for each in [*documents, {"A": 1}]] == [2] * 4


def test_documents_do_not_change() -> None:
    document = host("<ID>1</ID>")
    for name in ("kind", "element", "other"):
        with pytest.raises(AttributeError):
            setattr(document, name, None)
        with pytest.raises(AttributeError):
            delattr(document, name)
    assert document == document
    assert document != host("<ID>1</ID>")
    assert len({document, document, host("<ID>1</ID>")}) == 2


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ("<HOST><ID>7</ID></HOST>", "<Document of a host with ID 7>"),
        ("<VNET/>", "<Document of a network>"),
        (f"<DATASTORE><ID>{'9' * 10_000}</ID></DATASTORE>", "<Document of a datastore>"),
    ],
)
def test_repr(document: str, expected: str) -> None:
    assert repr(candidate(document)) == expected


def test_pickling() -> None:
    xml = "<HOST><ID>1</ID><A> é&amp;\r\n<!-- --><![CDATA[<>]]></A><A B='1'/></HOST>"
    pool = etree.fromstring(f"<HOST_POOL>{xml}tail<HOST><ID>2</ID></HOST></HOST_POOL>")
    for document in (candidate(xml), candidate(pool[0])):
        loaded = pickle.loads(pickle.dumps(document))
        assert value(loaded, "A") == value(document, "A") == [" é&\n<>", ""]
        assert value(loaded, "/HOST/ID") == "1"
        assert loaded.kind is HOST
        assert b"tail" not in pickle.dumps(document)


def test_what_is_read_is_remembered_within_bounds() -> None:
    document = host("<A>1</A>")
    first = value(document, "A")
    for number in range(2 * Attributes.ROOM // Attributes.OVERHEAD):
        assert value(document, f"B{number}") is None
    assert len(document.attributes) <= Attributes.ROOM // Attributes.OVERHEAD
    assert value(document, "A") == first


def test_large_results_of_xpaths_are_not_piled_up() -> None:
    document = host(f"<A>{'x' * 30_000}</A>" + "<B>1</B>" * 300)
    for number in range(20):
        assert len(value(document, f"/HOST/A[{number}={number}]")) == 30_000
        assert len(value(document, f"/HOST/B[{number}={number}]")) == 300
        held = sum(len(each) if isinstance(each, str) else 100 * len(each) for each in document.attributes.values())
        assert held <= Attributes.ROOM
    huge = host(f"<A>{'x' * 100_000}</A>")
    assert len(value(huge, "/HOST/A")) == len(value(huge, "A")) == 100_000
    assert list(huge.attributes) == ["A"]


POOL = b"""<HOST_POOL><!-- -->
    <HOST><ID>3</ID><A>1</A></HOST>
    <HOST><ID> 1 </ID><A>2</A><TEMPLATE><B>4</B></TEMPLATE></HOST>
    <HOST><ID>2</ID><A>3</A></HOST>
</HOST_POOL>"""


def test_pool() -> None:
    pool = read_pool(POOL)
    assert (len(pool), list(pool.keys), pool.kind) == (3, [3, 1, 2], HOST)
    assert value(pool[1], "A") == "2"
    assert [found.key for found in match(pool, "A > 1", "A")] == [2, 1]
    assert list(Pool(list(pool), key="A").keys) == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("A", "2"),
        ("/HOST/A", "2"),
        ("//A", "2"),
        ("/HOST/TEMPLATE/../A", "2"),
        ("../../HOST/A", "2"),
        ("../../../HOST/A", None),
        ("/HOST_POOL/HOST/A", None),
        ("/HOST/../HOST/A", "2"),
        ("B/ancestor::*", [" 1 24", "4"]),
        ("/HOST/preceding-sibling::*", None),
        ("/HOST/following::*", None),
        ("/*/A", "2"),
    ],
)
def test_in_a_pool_a_candidate_is_a_document_of_its_own(name: str, expected: object) -> None:
    pooled = read_pool(POOL)[1]
    assert value(pooled, name) == expected
    assert value(pickle.loads(pickle.dumps(pooled)), name) == expected


def test_numbers_in_a_pool() -> None:
    assert Requirement('"/HOST/ID + count(//HOST)" = 2').matches(read_pool(POOL)[1])


@pytest.mark.parametrize("root", ["HOST", "DATASTORE", "VNET"])
def test_pools_of_all_kinds(root: str) -> None:
    one = f"<{root}><ID>0</ID></{root}>"
    for source in (
        one,
        f"<{root}_POOL>{one}</{root}_POOL>",
        f'<?xml version="1.0"?>\n<{root}_POOL>{one}</{root}_POOL>',
    ):
        pool = read_pool(source.encode())
        assert list(pool.keys) == [0]
        assert pool.kind.root == root
    assert len(read_pool(f"<{root}_POOL/>".encode())) == 0


@pytest.mark.parametrize(
    "keys",
    [
        "<A/>",
        "<ID/>",
        "<ID>a</ID>",
        "<ID>1.5</ID>",
        "<ID>1_0</ID>",
        f"<ID>{'1' * 5_000}</ID>",
        "<TEMPLATE><ID>1</ID></TEMPLATE>",
    ],
)
def test_a_pool_needs_integer_ids(keys: str) -> None:
    for hosts in (f"<HOST>{keys}</HOST>", f"<HOST><ID>0</ID></HOST><HOST>{keys}</HOST>"):
        with pytest.raises(PoolError, match="ID"):
            read_pool(f"<HOST_POOL>{hosts}</HOST_POOL>".encode())


def test_a_pool_needs_different_ids() -> None:
    with pytest.raises(PoolError, match="1"):
        read_pool(b"<HOST_POOL><HOST><ID>1</ID></HOST><HOST><ID>01</ID></HOST></HOST_POOL>")


@pytest.mark.parametrize(
    "source",
    [
        b"<VM_POOL/>",
        b"<VM/>",
        b"<POOL/>",
        b"<_POOL/>",
        b"<HOST_POOL><VM/></HOST_POOL>",
        b"<HOST_POOL><DATASTORE/></HOST_POOL>",
    ],
)
def test_other_pools(source: bytes) -> None:
    with pytest.raises(DocumentError):
        read_pool(source)


class Broken(io.BytesIO):
    def read(self, size: int | None = -1) -> bytes:
        raise OSError(5, "Input/output error")


def test_sources(tmp_path: Path) -> None:
    path = tmp_path / "pool.xml"
    path.write_bytes(POOL)
    with path.open("rb") as file:
        assert len(read_pool(file)) == 3
    assert len(read_pool(path)) == len(read_pool(io.BytesIO(POOL))) == 3
    closed = io.BytesIO(POOL)
    closed.close()
    for source, reason in (
        (tmp_path / "none.xml", "No such file"),
        (tmp_path, "Is a directory"),
        (Path("a\0b"), "null"),
        (Broken(), "Input/output error"),
        (closed, "closed"),
        (io.StringIO("<HOST_POOL/>"), "`str`"),
        (str(path), "`str`"),
        (None, "`NoneType`"),
    ):
        with pytest.raises(DocumentError, match=reason):
            read_pool(source)  # type: ignore[arg-type]


def test_many_threads() -> None:
    pool = read_pool(POOL)
    requirement = Requirement('"//B" = 4 & A = 2 & "../A" = 2 & "/HOST/ID" = 1')
    wrong: list[object] = []

    def work() -> None:
        for _ in range(200):
            for each in pool:
                each.attributes.clear()
                if requirement.matches(each) != (each.kind.key(each) == 1):
                    wrong.append(each)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@pytest.mark.parametrize(("tag", "kind"), [("HOST", HOST), ("DATASTORE", DATASTORE), ("VNET", NETWORK)])
def test_an_empty_pool_knows_what_it_is_a_pool_of(tag: str, kind: DocumentKind) -> None:
    assert read_pool(f"<{tag}_POOL/>".encode()).kind is kind


def test_what_is_computed_for_each_comparison_is_no_key() -> None:
    with pytest.raises(PoolError, match="cannot be a key"):
        Pool([candidate("<HOST><ID>1</ID></HOST>")], key="CURRENT_VMS")


@pytest.mark.parametrize("name", ["A", "B", "//B", "../A", "/HOST/ID", "C/D", "C[D]/D", "C", "MISSING", "count(//B)"])
def test_reading_ahead_changes_no_value(name: str) -> None:
    xml = (
        b"<HOST_POOL><HOST><ID>0</ID><TEMPLATE><A>other</A></TEMPLATE></HOST><HOST><A>1</A><TEMPLATE><A>2</A><B/><C><D>3</D>x</C>"
        b"</TEMPLATE><ID>1</ID><MONITORING><CAPACITY><B>4</B></CAPACITY></MONITORING></HOST></HOST_POOL>"
    )
    usual, ahead = (read_pool(xml)[1] for _ in range(2))
    ahead.attributes.read_ahead()
    assert repr(ahead.attributes[name]) == repr(usual.attributes[name])
    ahead.attributes.clear()
    assert repr(ahead.attributes[name]) == repr(usual.attributes[name])
