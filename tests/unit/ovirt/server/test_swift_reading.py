"""The quick reader reads what the careful one reads, or leaves it to that."""

from __future__ import annotations

import re
import xmlrpc.client
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchmaker.ovirt.server.messages import Fault, MethodCall
from matchmaker.ovirt.server.reading import read_carefully
from matchmaker.ovirt.server.swift_reading import read_swiftly

RECORDED = Path(__file__).parents[3] / "data" / "ovirt"

texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8)
values = st.recursive(
    texts | st.integers(-(2**31), 2**31 - 1) | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=12,
)
PIECES = [
    *(
        "<value>",
        "</value>",
        "<string>",
        "</string>",
        "<i4>",
        "</i4>",
        "<array><data>",
        "</data></array>",
        "<int>5</int>",
    ),
    *("<struct>", "</struct>", "<member><name>x</name>", "</member>", "<param>", "</param>", "<params>", "</params>"),
    *(
        "<nil/>",
        "<ex:nil/>",
        "<double>1.5</double>",
        "<boolean>1</boolean>",
        "<i8>7</i8>",
        "<data/>",
        "<!-- x -->",
        "<![CDATA[x]]>",
    ),
    *(
        "&lt;",
        "&#65;",
        "&x;",
        " ",
        "\n",
        "x",
        "<!DOCTYPE x>",
        "<?xml version='1.0'?>",
        "<?pi x?>",
        "<methodName>y</methodName>",
    ),
]


def carefully(body: bytes) -> MethodCall | None:
    try:
        return read_carefully(body)
    except Fault:
        return None


def agree(body: bytes) -> bool:
    """Check that the quick reader agrees, and tell whether it read the call."""
    swift = read_swiftly(body)
    if swift is not None:
        assert repr(swift) == repr(carefully(body))  # 1 is equal to True
    return swift is not None


@given(st.lists(values, max_size=4), st.sampled_from(["discover", "runFilters", " x "]))
def test_calls_of_another_client(parameters: list[object], name: str) -> None:
    body = xmlrpc.client.dumps(tuple(parameters), name, allow_none=True).encode()
    agree(body)
    agree(body.replace(b"<string>", b"").replace(b"</string>", b""))
    agree(re.sub(rb"\s*\n\s*", b"", body))


@given(st.lists(values, max_size=3), st.lists(st.tuples(st.integers(0, 10**4), st.sampled_from(PIECES)), max_size=3))
def test_calls_with_something_else_in_them(parameters: list[object], pieces: list[tuple[int, str]]) -> None:
    body = xmlrpc.client.dumps(tuple(parameters), "x").encode()
    for place, piece in pieces:
        place %= len(body)
        body = body[:place] + piece.encode() + body[place:]
    agree(body)


@given(st.lists(st.sampled_from(PIECES), max_size=12))
def test_pieces_of_calls(pieces: list[str]) -> None:
    agree(f"<methodCall><methodName>x</methodName><params>{''.join(pieces)}</params></methodCall>".encode())
    agree(f"<methodCall>{''.join(pieces)}</methodCall>".encode())


@pytest.mark.parametrize("name", ["discover", "run_filters", "run_cost_functions", "run_load_balancing"])
def test_what_the_engine_sends_is_read_quickly(name: str) -> None:
    assert agree((RECORDED / f"{name}.http").read_bytes().partition(b"\r\n\r\n")[2])


def test_another_clients_call_is_read_quickly() -> None:
    assert agree(xmlrpc.client.dumps((["a b", "<&>"], [["x", 5]], "", {"k": "v"}), "x").encode())


PLAIN = (
    "<methodCall><methodName>x</methodName><params><param><value>\N{EURO SIGN}</value></param></params></methodCall>"
)


@pytest.mark.parametrize(
    "body",
    [
        PLAIN.encode("utf-16"),
        PLAIN.encode("utf-16-le"),
        b"\xef\xbb\xbf" + PLAIN.encode(),
        b"<?xml version='1.0' encoding='UTF-16'?>" + PLAIN.encode(),
        b"<?xml version='1.0' encoding='iso-8859-15'?>" + PLAIN.encode("iso-8859-15"),
        b"<?xml version='1.0'?>" + PLAIN.encode("iso-8859-15"),
        b"<?xml version='1.0' standalone='no'?>" + PLAIN.encode(),
        b"<!DOCTYPE x [<!ENTITY e 'x'>]>" + PLAIN.encode(),
        ("<!DOCTYPE x [<!ENTITY e 'x'>]>" + PLAIN).encode("utf-16"),
        ("<?xml version='1.0' encoding='UTF-16'?><!DOCTYPE x [<!ENTITY e 'x'>]>" + PLAIN).encode("utf-16"),
        ("+ADwAIQ-DOCTYPE x+AD4-" + PLAIN).encode(),
        b"<?xml version='1.0' encoding='UTF-7'?>+ADwAIQ-DOCTYPE x+AD4-" + PLAIN.encode(),
        PLAIN.replace("\N{EURO SIGN}", "<!-- -->").encode(),
        PLAIN.replace("\N{EURO SIGN}", "x" * 300_000).encode(),
        PLAIN.replace("\N{EURO SIGN}", "<array><data><value>" * 9 + "</value></data></array>" * 9).encode(),
        b"",
        b"<methodCall",
    ],
)
def test_what_is_left_to_the_careful_reader(body: bytes) -> None:
    assert not agree(body)


def test_plain_bodies_with_a_declaration() -> None:
    for declaration in ('<?xml version="1.0"?>', '<?xml version="1.0" encoding="utf-8"?>\n', ""):
        assert agree((declaration + PLAIN).encode())
