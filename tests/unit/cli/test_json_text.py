from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchmaker.cli.formats.json_text import parse, type_name
from matchmaker.errors import DocumentError


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[{"A": 1,\n "A": 2}]', "2:2: the key `A` is there twice in one object"),
        ('{"a": 1, "\\u0061": 2}', "1:10: the key `a` is there twice in one object"),
        ('{"a": {"b": 1}, "b": {"b": 1, "c": [{"b": 1}], "b": 2}}', "1:48: the key `b` is there twice in one object"),
        ('{"A": "NaN",\n "B": NaN}', "2:7: NaN is no JSON number"),
        ("[-Infinity]", "1:2: -Infinity is no JSON number"),
        ('["1e999", 1e999]', "1:11: the number is too large"),
        ("[1e310e", "1:2: the number is too large"),
        (f'["{"9" * 5000}", -{"9" * 5000}]', "1:5006: a whole number of 5000 digits is too long"),
        ('["\\\\ud800", "\\ud800"]', "1:13: half of a surrogate pair stands for no character"),
        ('{"\\udc00\\ud800": 1}', "1:2: half of a surrogate pair stands for no character"),
        ("[" * 100_000, "1:100000: nested too deep, 100000 levels"),
        ('[{"A":' * 50_000 + "1" + "}]" * 50_000, "1:299996: nested too deep, 100000 levels"),
        ("", "1:1: the JSON text ends too early"),
        ('[{"A": 1},\n', "2:1: the JSON text ends too early"),
        ('{"A": 1\n "B": 2}', "2:2: expecting ',' delimiter"),
        ('{"A": "x', "1:7: unterminated string"),
        ('{"A": "x\ny"}', "1:9: invalid control character"),
        (
            '{"A": 1}\n{"A": 2}',
            "2:1: there is more behind the end of the JSON value; in JSON Lines each object has one line of its own",
        ),
    ],
)
def test_refusals_name_line_and_column(text: str, message: str) -> None:
    with pytest.raises(DocumentError) as error:
        parse(text, "pool.json")
    assert str(error.value) == f"pool.json:{message}"


def test_lines_are_counted_from_the_first() -> None:
    with pytest.raises(DocumentError, match=r"^x:8:2: "):
        parse("\n[NaN]", "x", first_line=7)


def test_numbers_keep_their_type() -> None:
    value = parse("[1, -0, 1.0, 1e2, 1e-999, 123456789012345678901234567890]", "x")
    assert [(type(each), each) for each in value] == [
        (int, 1),
        (int, 0),
        (float, 1.0),
        (float, 100.0),
        (float, 0.0),
        (int, 123456789012345678901234567890),
    ]


def test_a_surrogate_pair_is_a_character() -> None:
    assert parse('["\\ud83d\\ude00", "\\\\ud800"]', "x") == ["\N{GRINNING FACE}", "\\ud800"]


def test_type_names() -> None:
    assert [type_name(value) for value in ({}, [], "", 1, 1.5, True, None)] == [
        "an object",
        "a list",
        "a text",
        "a number",
        "a number",
        "true",
        "null",
    ]


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda below: st.lists(below) | st.dictionaries(st.text(), below),
    max_leaves=20,
)


@given(values)
def test_what_python_writes_is_read(value: object) -> None:
    assert parse(json.dumps(value), "x") == value
    assert parse(json.dumps(value, ensure_ascii=False), "x") == value


@given(st.text() | st.text(alphabet='[]{}",:\\ud8019eE+-.NaInfity \n'))
def test_any_text_is_a_value_or_refused(text: str) -> None:
    try:
        parse(text, "x")
    except DocumentError as error:
        assert str(error).startswith("x:")
