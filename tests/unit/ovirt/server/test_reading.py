"""Calls, from bytes to values."""

from __future__ import annotations

import re
import xmlrpc.client

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchmaker.ovirt.server.messages import Fault, MethodCall
from matchmaker.ovirt.server.reading import read_call

EXTENSIONS = "http://ws.apache.org/xmlrpc/namespaces/extensions"


def call_of(value: str, *, encoding: str = "utf-8", declaration: str = "") -> bytes:
    """Return a call with one parameter, which is given as XML."""
    return (
        f'{declaration}<methodCall xmlns:ex="{EXTENSIONS}"><methodName>m</methodName>'
        f"<params><param><value>{value}</value></param></params></methodCall>"
    ).encode(encoding)


def refused(body: bytes) -> tuple[int, str]:
    with pytest.raises(Fault) as caught:
        read_call(body)
    return int(caught.value.code), caught.value.message


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("plain", "plain"),
        ("", ""),
        ("  kept \n ", "  kept \n "),
        ("a &lt; b &amp;&#x41; <![CDATA[<c>]]>", "a < b &A <c>"),
        ("be<!-- a comment -->fore", "before"),
        ("<string>with a tag</string>", "with a tag"),
        ("\n <string> kept </string> \n", " kept "),
        ("<string/>", ""),
        ("<i4>-2147483648</i4>", -(2**31)),
        ("<int> +2147483647\n</int>", 2**31 - 1),
        ("<i8>9223372036854775807</i8>", 2**63 - 1),
        ("<ex:i8>-9223372036854775808</ex:i8>", -(2**63)),
        ("<boolean>1</boolean>", True),
        ("<boolean> 0 </boolean>", False),
        ("<array><data/></array>", []),
        ("<struct/>", {}),
        (
            "<array> <data>\n<value>a</value> <value><array><data><value><i4>1</i4></value></data></array></value></data></array>",
            ["a", [1]],
        ),
        (
            "<struct> <member>\n<name>a b</name> <value>c</value></member>"
            "<member><name/><value><struct/></value></member></struct>",
            {"a b": "c", "": {}},
        ),
    ],
)
def test_values_are_read(value: str, expected: object) -> None:
    assert read_call(call_of(value)) == ("m", (expected,))


def test_a_call_may_have_no_parameters() -> None:
    expected = MethodCall("discover", ())
    for rest in ("", "<params/>", " <params>\n</params> "):
        assert read_call(f"<methodCall><methodName> discover\n</methodName>{rest}</methodCall>".encode()) == expected


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [("utf-8", None), ("utf-8-sig", None), ("utf-16", None), ("utf-16", "UTF-16"), ("iso-8859-1", "ISO-8859-1")],
)
def test_encodings_that_xml_declares_are_read(encoding: str, declared: str | None) -> None:
    declaration = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    text = "schön" if "8859" in encoding else "schön \U0001f600"
    assert read_call(call_of(text, encoding=encoding, declaration=declaration)).parameters == (text,)


@pytest.mark.parametrize(
    ("value", "tag"),
    [
        ("<double>1.5</double>", "double"),
        ("<nil/>", "nil"),
        ("<ex:nil/>", "ex:nil"),
        ("<dateTime.iso8601>20250101T00:00:00</dateTime.iso8601>", "dateTime.iso8601"),
        ("<base64>YQ==</base64>", "base64"),
        ("<ex:serializable>YQ==</ex:serializable>", "ex:serializable"),
        ("<b>bold</b>", "b"),
    ],
)
def test_other_types_are_refused_by_name(value: str, tag: str) -> None:
    code, message = refused(call_of(value))
    assert code == -32602
    assert message.startswith(f"parameter 1: the type `<{tag}>` is not read here")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("<i4>2147483648</i4>", "`<i4>` holds 2147483648, which does not fit in 32 bits"),
        ("<int>-2147483649</int>", "`<int>` holds -2147483649, which does not fit in 32 bits"),
        ("<ex:i8>9223372036854775808</ex:i8>", "`<ex:i8>` holds 9223372036854775808, which does not fit in 64 bits"),
        ("<i4>1.0</i4>", "`<i4>` holds `1.0`, which is no whole number"),
        ("<i4/>", "`<i4>` holds ``, which is no whole number"),
        ("<i4>1 2</i4>", "`<i4>` holds `1 2`, which is no whole number"),
        ("<i4>1_0</i4>", "`<i4>` holds `1_0`, which is no whole number"),
        ("<i4>\u0661</i4>", "`<i4>` holds `\u0661`, which is no whole number"),
        ("<boolean>true</boolean>", "`<boolean>` holds `true`, neither 0 nor 1"),
    ],
)
def test_values_that_are_none_of_their_type_are_refused(value: str, message: str) -> None:
    assert refused(call_of(value)) == (-32602, f"parameter 1: {message}")


def test_a_number_of_millions_of_digits_is_refused() -> None:
    code, message = refused(call_of(f"<i8>{'9' * 3_000_000}</i8>"))
    assert code == -32602
    assert len(message) < 200


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("a<i4>1</i4>", "the text `a` stands where only elements belong"),
        ("<i4>1</i4>b", "the text `b` stands where only elements belong"),
        ("<i4>1</i4><i4>2</i4>", "`<i4>` stands in `<value>`, where no element belongs"),
        ("<string><b/></string>", "`<b>` stands in `<string>`, where no element belongs"),
        ("<array/>", "`<array>` has no `<data>`"),
        ("<array><data/><data/></array>", "`<data>` stands in `<array>`, where no element belongs"),
        ("<array><data>x</data></array>", "the text `x` stands where only elements belong"),
        ("<array><data><i4>1</i4></data></array>", "`<i4>` stands in `<data>`, where `<value>` belongs"),
        ("<struct><value/></struct>", "`<value>` stands in `<struct>`, where `<member>` belongs"),
    ],
)
def test_elements_out_of_place_are_refused(value: str, message: str) -> None:
    assert refused(call_of(value)) == (-32600, f"parameter 1: {message}")


def test_messages_say_where_it_is() -> None:
    inner = "<array><data><value>x</value><value><double>1</double></value></data></array>"
    body = call_of(f"<struct><member><name>some\nname</name><value>{inner}</value></member></struct>")
    second = body.replace(b"<params>", b"<params><param><value>first</value></param>")
    code, message = refused(second)
    assert code == -32602
    assert message.startswith("parameter 2, member `some\N{REPLACEMENT CHARACTER}name`, item 2: the type `<double>`")


@pytest.mark.parametrize(
    ("member", "message"),
    [
        ("<name>a</name>", "parameter 1, member `a`: `<member>` has no `<value>`"),
        ("", "parameter 1, a member: `<member>` has no `<name>`"),
        ("<value/><name/>", "parameter 1, a member: `<value>` stands in `<member>`, where `<name>` belongs"),
        (
            "<name>a</name><value/></member><member><name>a</name><value/>",
            "parameter 1, a member: the member `a` is there twice",
        ),
    ],
)
def test_members_have_a_name_of_their_own_and_a_value(member: str, message: str) -> None:
    assert refused(call_of(f"<struct><member>{member}</member></struct>")) == (-32600, message)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("<html/>", "`<html>` stands at the top, where `<methodCall>` belongs"),
        ("<methodResponse/>", "`<methodResponse>` stands at the top, where `<methodCall>` belongs"),
        ("<methodCall/>", "`<methodCall>` has no `<methodName>`"),
        ("<methodCall><params/></methodCall>", "`<params>` stands in `<methodCall>`, where `<methodName>` belongs"),
        (
            "<methodCall><methodName>a</methodName><params><param/></params></methodCall>",
            "parameter 1: `<param>` has no `<value>`",
        ),
        (
            "<methodCall><methodName>a</methodName><params><value/></params></methodCall>",
            "`<value>` stands in `<params>`, where `<param>` belongs",
        ),
    ],
)
def test_what_is_no_call_is_refused(body: str, message: str) -> None:
    assert refused(body.encode()) == (-32600, message)


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (b"", "no element found, line 1, column 1"),
        (b"hello", "syntax error, line 1, column 1"),
        (b"<methodCall>\n<methodName>", "no element found, line 2, column 13"),
        (b"<methodCall></methodName>", "mismatched tag, line 1, column 15"),
        (b"<methodCall>\0</methodCall>", "not well-formed (invalid token), line 1, column 13"),
        (b"<methodCall>\xff</methodCall>", "not well-formed (invalid token), line 1, column 13"),
        (b"<methodCall><ex:nil", "unclosed token, line 1, column 13"),
        (b"<methodCall><methodName>&undefined;</methodName></methodCall>", "undefined entity, line 1, column 25"),
        (b"<methodCall><methodName/></methodCall><a/>", "junk after document element, line 1, column 39"),
    ],
)
def test_what_is_no_xml_is_refused(body: bytes, what: str) -> None:
    assert refused(body) == (-32700, f"the body is no XML: {what}")


@pytest.mark.parametrize("encoding", ["utf-7", "shift_jis", "rot13", "idna", "undefined", "none-such"])
def test_other_encodings_are_refused(encoding: str) -> None:
    code, message = refused(f'<?xml version="1.0" encoding="{encoding}"?><methodCall/>'.encode())
    assert code == -32700
    assert message == "the body is in an encoding that is not read here; send it in UTF-8"


def test_surrogates_without_their_other_half_are_refused() -> None:
    assert refused(b"<methodCall><methodName>\xed\xa0\x80</methodName></methodCall>")[0] == -32700
    body = "<methodCall><methodName>\ud800</methodName></methodCall>".encode("utf-16", "surrogatepass")
    assert refused(body)[0] == -32700


LAUGHS = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    "declarations",
    [
        "<!DOCTYPE methodCall>",
        '<!DOCTYPE methodCall SYSTEM "file:///etc/passwd">',
        '<!DOCTYPE methodCall [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE methodCall [<!ENTITY % x SYSTEM "http://127.0.0.1:9/">%x;]>',
        f'<!DOCTYPE methodCall [<!ENTITY a0 "lol">{LAUGHS}]>',
        f"<!-- {'x' * 200_000} --><!DOCTYPE methodCall [<!ENTITY a0 'lol'>{LAUGHS}]>",
    ],
)
def test_document_types_and_entities_are_refused(declarations: str) -> None:
    for encoding in ("utf-8", "utf-16"):
        body = f"{declarations}<methodCall><methodName>&a9;&x;</methodName></methodCall>".encode(encoding)
        expected = "the body has a document type definition or an entity; these are refused"
        assert refused(body) == (-32600, expected)


def test_nesting_is_bounded() -> None:
    def nested(depth: int) -> bytes:
        pairs = ("<array><data><value>", "</value></data></array>") * depth
        return call_of("".join(pairs[::2]) + "".join(pairs[1::2]))

    value = read_call(nested(16)).parameters[0]
    for _ in range(16):
        assert isinstance(value, list)
        (value,) = value
    assert value == ""
    code, message = refused(nested(17))
    assert code == -32600
    assert message.endswith("arrays and structs are nested more than 16 deep")
    assert refused(nested(100_000))[0] == -32600
    assert refused(b"<a>" * 1_000_000)[0] == -32600


def readable(text: str) -> str:
    """Return a text as a parser of XML hands it on: without what XML does not have, and with its own line ends."""
    text = re.sub("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", text)
    return text.replace("\r\n", "\n").replace("\r", "\n")


TEXTS = st.text().map(readable)
VALUES = st.recursive(
    TEXTS | st.integers(-(2**31), 2**31 - 1) | st.booleans(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@given(st.lists(VALUES, max_size=4))
def test_what_pythons_client_writes_is_read(parameters: list[object]) -> None:
    body = xmlrpc.client.dumps(tuple(parameters), "a.method").encode()
    assert read_call(body) == ("a.method", tuple(parameters))


@given(st.text("<>/&;!?-[]aDOCTYPEmethodCallvaluei4 \n\"'", max_size=60), st.integers(0, 200))
def test_whatever_is_sent_is_read_or_refused(junk: str, place: int) -> None:
    body = call_of("<array><data><value>a</value><value><i4>1</i4></value></data></array>")
    try:
        read_call(body[:place] + junk.encode() + body[place:])
    except Fault as fault:
        assert fault.message.isprintable()
