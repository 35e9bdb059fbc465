"""Comparisons held against a pool: what none of its candidates meets, or all do, and silence in between."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from matchmaker import Pool, Requirement
from matchmaker.checking import HOSTS, Schema, check
from matchmaker.opennebula import read_pool

POOL = Pool(
    [
        {"CPU": 100, "MEMORY": "4096 MB", "RACK": "r1", "TAGS": ["a", "b"], "SPEED": "2.5", "MIXED": "many"},
        {"CPU": 800, "MEMORY": "8192", "RACK": "r2", "TAGS": ["c"], "SPEED": 3},
        {"CPU": 400, "RACK": "r10"},
    ]
)


def told(text: str, pool: Pool = POOL, **options: Any) -> list[tuple[str, str, str]]:
    return [
        (text[slice(*each.span)], each.message, each.label)
        for each in check(text, pool=pool, **options)
        if each.code == "MM218"
    ]


@pytest.mark.parametrize(
    "text",
    [
        "CPU > 100",
        "CPU > 799",
        "CPU < 101",
        "CPU = 400",
        "CPU != 400",
        "CPU > 399.5",
        'RACK = "r1"',
        'RACK = "r1*" & RACK != "r2"',
        "TAGS @> a",
        "TAGS @> b",
        "TAGS = a",
        "MEMORY > 4096",
        'MIXED = "many"',
        "SPEED > 2",
        "CPU > 100 | CPU < 300",
        'RACK = "*"',
    ],
)
def test_nothing_to_say(text: str) -> None:
    assert told(text) == []


@pytest.mark.parametrize(
    ("clause", "message", "label"),
    [
        ("CPU > 800", "no candidate of the pool meets `CPU > 800`", "`CPU` goes from 100 to 800 there"),
        ("CPU > 9000", "no candidate of the pool meets `CPU > 9000`", "`CPU` goes from 100 to 800 there"),
        ("CPU < 100", "no candidate of the pool meets `CPU < 100`", "`CPU` goes from 100 to 800 there"),
        ("CPU = 500", "no candidate of the pool meets `CPU = 500`", "`CPU` goes from 100 to 800 there"),
        ("CPU > 50", "every candidate of the pool that has `CPU` meets `CPU > 50`", "`CPU` goes from 100 to 800 there"),
        (
            "CPU < 900",
            "every candidate of the pool that has `CPU` meets `CPU < 900`",
            "`CPU` goes from 100 to 800 there",
        ),
        ("CPU != 7", "every candidate of the pool that has `CPU` meets `CPU != 7`", "`CPU` goes from 100 to 800 there"),
        ("SPEED > 3.5", "no candidate of the pool meets `SPEED > 3.5`", "`SPEED` goes from 2.5 to 3 there"),
        ("MEMORY > 9999", "no candidate of the pool meets `MEMORY > 9999`", "`MEMORY` goes from 4096 to 8192 there"),
        ("MIXED > 5", "no candidate of the pool meets `MIXED > 5`", "`MIXED` is no number there"),
        ('RACK = "r3"', 'no candidate of the pool meets `RACK = "r3"`', "`RACK` is `r1`, `r10`, `r2` there"),
        ('RACK = "x*"', 'no candidate of the pool meets `RACK = "x*"`', "`RACK` is `r1`, `r10`, `r2` there"),
        ('RACK != "r*"', 'no candidate of the pool meets `RACK != "r*"`', "`RACK` is `r1`, `r10`, `r2` there"),
        (
            'RACK != "r7"',
            '`RACK != "r7"` leaves out no candidate of the pool that has it',
            "`RACK` is `r1`, `r10`, `r2` there",
        ),
        ("TAGS = b", "no candidate of the pool meets `TAGS = b`", "`TAGS` is `a`, `c` there"),
        ("TAGS @> d", "no candidate of the pool meets `TAGS @> d`", "`TAGS` is `a`, `b`, `c` there"),
    ],
)
def test_values_outside_of_the_pool(clause: str, message: str, label: str) -> None:
    assert told(clause) == [(clause, message, label)]
    assert told(f"!({clause}) | A_TAG_OF_NOBODY = 1")[0] == (clause, message, label)
    met = [Requirement(clause).matches(candidate) for candidate in POOL]
    if message.startswith("no candidate"):
        assert not any(met)


def test_an_attribute_that_nobody_has() -> None:
    (found,) = check("RACKS = 5", pool=POOL)
    assert (found.span, found.message) == ((0, 5), "no candidate of the pool has `RACKS`")
    assert found.hints == ("did you mean `RACK`?",)
    (found,) = check("RACKS + CPU", pool=POOL, expression="rank")
    assert found.message == "no candidate of the pool has `RACKS`"
    found_both = check("RACKS = 5", pool=POOL, schema=Schema(["RACK", "CPU"]))
    assert [each.code for each in found_both] == ["MM219"]


def test_units_of_the_schema() -> None:
    pool = Pool([{"FREE_MEMORY": 30_000_000}, {"FREE_MEMORY": 60_000_000}])
    assert told("FREE_MEMORY > 4096", pool, schema=HOSTS) == [
        (
            "FREE_MEMORY > 4096",
            "every candidate of the pool that has `FREE_MEMORY` meets `FREE_MEMORY > 4096`",
            "`FREE_MEMORY` goes from 30000000 to 60000000 KiB there",
        )
    ]


def test_numbers_are_read_as_the_literal_reads_them() -> None:
    pool = Pool([{"A": 3_000_000_000}, {"A": 5}])
    assert told("A > 5", pool) == [("A > 5", "no candidate of the pool meets `A > 5`", "`A` is 5 there")]
    assert told("A > 5.0", pool) == []


def test_the_extended_dialect() -> None:
    assert told("CPU >= 800", dialect="extended") == []
    assert [message for _, message, _ in told("CPU >= 801", dialect="extended")] == [
        "no candidate of the pool meets `CPU >= 801`"
    ]
    assert [mark for mark, _, _ in told('RACK in ["r1", "r9"]', dialect="extended")] == ['"r9"']
    assert [mark for mark, _, _ in told('RACK == "r*"', dialect="extended")] == ['RACK == "r*"']


def test_pools_about_which_nothing_can_be_told() -> None:
    assert told("A > 5", Pool([])) == []
    assert told("A > 5", Pool([{"A": {"nested": 1}}])) == []
    hosts = read_pool(Path(__file__).parents[3] / "examples" / "host_pool.xml")
    assert told("CURRENT_VMS = 999999", hosts, kind="host") == []
