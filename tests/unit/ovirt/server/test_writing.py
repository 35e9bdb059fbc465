"""Answers, from values to bytes; Python's own client reads them."""

from __future__ import annotations

import re
import xmlrpc.client
from enum import IntEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchmaker.ovirt.server.messages import Fault, FaultCode
from matchmaker.ovirt.server.writing import write_answer, write_fault


def read(body: bytes) -> object:
    return xmlrpc.client.loads(body)[0][0]


def test_an_answer_is_written_as_xml_rpc_has_it() -> None:
    assert write_answer({"a": [1, "x", True], "b": {}}) == (
        b'<?xml version="1.0" encoding="UTF-8"?><methodResponse><params><param><value><struct>'
        b"<member><name>a</name><value><array><data><value><int>1</int></value><value><string>x</string></value>"
        b"<value><boolean>1</boolean></value></data></array></value></member>"
        b"<member><name>b</name><value><struct></struct></value></member>"
        b"</struct></value></param></params></methodResponse>"
    )


def test_a_fault_is_written_as_xml_rpc_has_it() -> None:
    with pytest.raises(xmlrpc.client.Fault) as caught:
        read(write_fault(Fault(FaultCode.UNKNOWN_METHOD, "no <such> method\N{SNOWMAN}")))
    assert (caught.value.faultCode, caught.value.faultString) == (-32601, "no <such> method\N{SNOWMAN}")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a < b > c & d ]]> \"'", "a < b > c & d ]]> \"'"),
        ("line\r\nend\rs\n\t", "line\r\nend\rs\n\t"),
        ("nul\0 escape\x1b", "nul\ufffd escape\ufffd"),
        ("half \ud800 and \ufffe\uffff", "half \ufffd and \ufffd\ufffd"),
        ("\x7f\x85\u2028 \U0001f600", "\x7f\x85\u2028 \U0001f600"),
    ],
)
def test_texts_arrive_but_for_what_xml_does_not_have(text: str, expected: str) -> None:
    assert read(write_answer(text)) == expected
    assert read(write_answer({text: [text]})) == {expected: [expected]}


class Number(IntEnum):
    SEVEN = 7


def test_whole_numbers_have_32_bits() -> None:
    assert read(write_answer([-(2**31), 2**31 - 1, Number.SEVEN])) == [-(2**31), 2**31 - 1, 7]
    for number in (2**31, -(2**31) - 1, 10**6_000):
        with pytest.raises(ValueError, match="which 32 bits do not hold"):
            write_answer([number])


@pytest.mark.parametrize("value", [1.5, None, b"bytes", {1, 2}, object()])
def test_other_types_are_refused(value: object) -> None:
    with pytest.raises(TypeError, match="which is no text, whole number, truth value, list or dict"):
        write_answer([value])


def test_names_are_texts() -> None:
    with pytest.raises(TypeError, match="a struct with the name 1, which is no text"):
        write_answer({1: "a"})


TEXTS = st.text(st.characters(exclude_categories=())).map(
    lambda text: re.sub("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\ufffd", text)
)
VALUES = st.recursive(
    TEXTS | st.integers(-(2**31), 2**31 - 1) | st.booleans(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_what_is_written_is_what_pythons_client_reads(value: object) -> None:
    assert read(write_answer(value)) == value


@given(st.text(st.characters(exclude_categories=())))
def test_any_text_gives_an_answer_that_can_be_read(text: str) -> None:
    answer = read(write_answer(text))
    assert isinstance(answer, str)
    assert len(answer) == len(text)


@given(st.lists(st.tuples(TEXTS, st.integers(-(2**31), 2**31 - 1), TEXTS)))
def test_tuples_arrive_as_arrays(rows: list[tuple[str, int, str]]) -> None:
    assert read(write_answer(rows)) == [list(row) for row in rows]
