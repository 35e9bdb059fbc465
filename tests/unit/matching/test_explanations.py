"""What explanations say where it is easily got wrong."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from matchmaker import MatchmakerError, Pool, Requirement, explain, match
from matchmaker.matching.choosing import Engine
from matchmaker.matching.explain import by_part, counted, of_parts
from matchmaker.opennebula import read_pool

HOSTS = Path(__file__).parents[3] / "examples" / "host_pool.xml"


def test_the_only_candidate() -> None:
    explanation = explain([{"A": 0}], "A > 5")
    assert explanation.paragraph == "The only candidate does not meet the requirement. With `A > -1`, one would match."
    assert explanation.summary == "0 of 1 candidate matches; 1 with A > -1"
    assert explain([{"A": 9}], "A > 5").paragraph == "1 of 1 candidate meets the requirement."


def test_a_mixed_chain_is_read_from_the_left() -> None:
    explanation = explain([{"A": 1, "B": 0, "C": 0}], "A = 1 | B = 2 & C = 3 & D = 4")
    assert [clause.text for clause in explanation.clauses] == ["A = 1 | B = 2", "C = 3", "D = 4"]
    assert not explanation.has_alternatives
    one = explain([{"A": 1}], "A = 2 & B = 2 | C = 3 | D = 4")
    assert [each.text for each in one.clauses[0].alternatives] == ["A = 2 & B = 2", "C = 3", "D = 4"]
    assert one.has_alternatives


@pytest.mark.parametrize(
    ("value", "literal", "note"),
    [
        ("8 cores", "9", "read as 8"),
        ("3.7GB", "9", "read as 3"),
        ("0x10", "9", "read as 0"),
        (3_000_000_000, "9", "beyond 32 bits, and so missing to a whole number"),
        ("abc", "9", "not a number"),
        (["abc", "x"], "9", "none of its values is a number"),
        (["abc", "5"], "9", "the first number of 2 values"),
        (["5", "7"], "9", "the first of 2 values"),
        ("16777217", "9.0", "read as 16777216"),
        ("7", "9", ""),
        (" 7", "9", ""),
    ],
)
def test_conversions_that_surprise(value: object, literal: str, note: str) -> None:
    assert explain([{"A": value}], f"A = {literal}").candidate(0).verdicts[0].readings[0].note == note


def test_values_that_nobody_reads_are_no_obstacle() -> None:
    hosts = read_pool(HOSTS)
    for text in (
        "!(CURRENT_VMS in [17871])",
        "CURRENT_VMS in [17871] | ID > 3",
        "!(CURRENT_VMS + 1 > 5)",
        "!(CURRENT_VMS > ID)",
    ):
        requirement = Requirement(text, dialect="extended")
        wanted = len(match(hosts, requirement))
        assert explain(hosts, requirement, engine="closures").matching == wanted
        assert explain(hosts, requirement, engine="columnar").matching == wanted


@pytest.mark.parametrize("engine", ["closures", "columnar"])
def test_what_a_request_wants_is_a_threshold(engine: Engine) -> None:
    fits = Requirement("FREE >= REQUEST.CPU * 100 & !(USED > REQUEST.CPU)", dialect="extended").bind({"CPU": 4})
    hosts = [{"FREE": free, "USED": 4} for free in (250, 300, "350 of 800", None)]
    explanation = explain(hosts, fits, engine=engine)
    assert [near.text for near in explanation.clauses[0].nearest] == ["FREE >= 350", "FREE >= 250"]
    assert [near.matching for near in explanation.clauses[0].nearest] == [1, 3]


def test_an_empty_part_of_a_pool_has_seen_nothing() -> None:
    parts = by_part('SS = "x" & S = "zz"')
    pools = [Pool([{"S": "a"}]), Pool([])]
    found = of_parts(parts, None, pools[0].kind, [counted(pool, parts, None) for pool in pools])
    assert found.unknown == explain(pools[0], 'SS = "x" & S = "zz"').unknown
    assert len(found.unknown) == 2


def test_the_most_helpful_changes_are_found_first() -> None:
    chance = random.Random(1)
    pairs = [chance.sample(range(40), 2) for _ in range(3000)] + [[38, 39]] * 51
    hosts = [{f"C{number}": int(number not in pair) for number in range(40)} for pair in pairs]
    explanation = explain(hosts, " & ".join(f"C{number} = 1" for number in range(40)))
    admitted = [change.admits for change in explanation.changes]
    assert explanation.changes[0].clauses == (39, 40)
    assert admitted[0] == sum(set(pair) == {38, 39} for pair in pairs)
    assert len(admitted) == 256
    assert admitted == sorted(admitted, reverse=True)
    assert not explanation.complete


def test_a_tie_that_whole_numbers_make() -> None:
    first = explain([{"A": 1}, {"A": 2}], None, "A / 3").best[0]
    assert first.ahead_of is not None
    assert first.ahead_of.precedence.tie
    assert "both score 0 (0.6666667 and 0.33333334, cut to a whole number)" in first.ahead_of.precedence.why


def test_what_is_asked_wrongly() -> None:
    with pytest.raises(ValueError, match="an engine is"):
        explain([], "A > 1", engine="x")  # type: ignore[arg-type]
    with pytest.raises(MatchmakerError, match="a part of a request is one of"):
        explain([], {"site": "A > 1"})  # type: ignore[dict-item]
