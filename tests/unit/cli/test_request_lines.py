from __future__ import annotations

import json
from typing import Any

import pytest

from matchmaker.cli.formats.arriving import Line
from matchmaker.cli.request_lines import BadRequest, Request, Usual, read_request
from matchmaker.expressions import Rank, Requirement

FREE = Rank("FREE_CPU")


def read(text: str | bytes | None, *, rank: Rank | None = FREE, limit: int | None = 3) -> Request | BadRequest | None:
    data = text.encode() if isinstance(text, str) else text
    return read_request(Line(7, data, 0), "x", Usual(rank, limit))


def test_what_a_line_does_not_say_holds_for_all() -> None:
    assert read("{}") == Request(7, None, None, FREE, 3, [])
    assert read('{"requirement": null, "rank": null, "limit": null, "id": null}') == read("{}")
    assert read('{"requirement": "A = 1", "rank": "B", "limit": 0, "id": "a"}\r') == Request(
        7, "a", Requirement("A = 1"), Rank("B"), 0, []
    )


def test_an_empty_rank_is_a_rank() -> None:
    found = read('{"rank": ""}')
    assert isinstance(found, Request)
    assert found.rank == Rank("")


@pytest.mark.parametrize("text", ["", "\r", " \t"])
def test_a_blank_line_is_no_request(text: str) -> None:
    assert read(text) is None


@pytest.mark.parametrize("called", ["a", "\0", 5, 1.5, None])
def test_an_id_is_repeated(called: Any) -> None:
    found = read(json.dumps({"id": called}))
    assert isinstance(found, Request)
    assert found.id == called


@pytest.mark.parametrize(
    ("text", "called", "message"),
    [
        (None, None, "x:7: the line is longer than 8 MiB"),
        (b'{"id": "\xc3\xa9\xff"}', None, "x:7:10: this byte is not UTF-8"),
        ("\0", None, "x:7:1: expecting value"),
        ('{"id": 1', None, "x:7:9: expecting ',' delimiter"),
        ('{"id": 1, "id": 2}', None, "x:7:11: the key `id` is there twice in one object"),
        ('{"limit": NaN}', None, "x:7:11: NaN is no JSON number"),
        ('{"id": "\\ud800"}', None, "x:7:8: half of a surrogate pair stands for no character"),
        ("{} {}", None, "x:7:4: there is more behind the end of the JSON value; in JSON Lines each object has one line of its own"),
        ("[]", None, "x:7: a request is an object, not a list"),
        ("null", None, "x:7: a request is an object, not null"),
        ('{"id": 1, "requirement": 5}', 1, "x:7: `requirement` is a text, not a number"),
        ('{"rank": ["A"], "id": 1}', 1, "x:7: `rank` is a text, not a list"),
        ('{"limit": -1}', None, "x:7: `limit` is a whole number of at least 0, not -1"),
        ('{"limit": 2.0}', None, "x:7: `limit` is a whole number of at least 0, not 2.0"),
        ('{"limit": true}', None, "x:7: `limit` is a whole number of at least 0, not true"),
        ('{"limit": "2"}', None, "x:7: `limit` is a whole number of at least 0, not a text"),
        ('{"id": [1]}', None, "x:7: `id` is a text or a number, not a list"),
        ('{"id": false}', None, "x:7: `id` is a text or a number, not false"),
        (
            '{"id": 1, "\\u001b[2J": 2}',
            1,
            "x:7: `\\x1b[2J` is no member of a request: there are `requirement`, `rank`, `dialect`, `request`, `limit` and `id`",
        ),
    ],
)  # fmt: skip
def test_what_is_no_request(text: str | bytes | None, called: Any, message: str) -> None:
    assert read(text) == BadRequest(7, called, message)


def test_long_and_deep_values_are_not_repeated() -> None:
    found = read(json.dumps({"limit": -int("9" * 4000)}))
    assert isinstance(found, BadRequest)
    assert found.message == "x:7: `limit` is a whole number of at least 0, not -" + "9" * 56 + "..."
    for depth in (100, 900, 100_000):
        found = read('{"id": ' + "[" * depth + "]" * depth + "}")
        assert isinstance(found, BadRequest)
        assert found.id is None


def test_both_expressions_are_reported() -> None:
    found = read('{"id": 1, "requirement": "\'A >= 1", "rank": "B -1"}')
    assert isinstance(found, BadRequest)
    assert (found.id, found.code) == (1, "MM103")
    assert found.message == "`>=` is not an operator of the opennebula dialect"
    assert [(each["expression"], each["code"], each["start"]) for each in found.diagnostics] == [
        ("requirement", "MM201", 0),
        ("requirement", "MM103", 3),
        ("rank", "MM105", 2),
    ]


def test_very_many_warnings_are_not_all_told() -> None:
    found = read(json.dumps({"requirement": "HYPERVISOR = " + "' " * 100 + "kvm"}))
    assert isinstance(found, Request)
    assert [each["code"] for each in found.diagnostics] == ["MM201"] * 10
    found = read(json.dumps({"requirement": "HYPERVISOR == " + "' " * 100 + "kvm"}))
    assert isinstance(found, BadRequest)
    assert [each["severity"] for each in found.diagnostics].count("error") == 1
