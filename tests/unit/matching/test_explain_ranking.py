"""Why matches come in their order."""

from __future__ import annotations

import json
import math
from typing import Any, get_args

import pytest

from matchmaker import Pool, PoolError, Rank, explain, match
from matchmaker.matching.choosing import Engine
from matchmaker.matching.explain import Explanation

ENGINES: tuple[Engine, ...] = get_args(Engine)
everywhere = pytest.mark.parametrize("engine", ENGINES)
LOWEST = -(2**31)


def order(explanation: Explanation) -> list[tuple[Any, Any]]:
    matches = [each for each in explanation.candidates if each.place]
    return [(each.key, each.score) for each in sorted(matches, key=lambda each: each.place or 0)]


@everywhere
def test_the_term_that_differs_most_decides(engine: Engine) -> None:
    hosts = [{"A": 10, "B": 1}, {"A": 40, "B": 1}, {"A": 55, "B": 9}]
    explanation = explain(hosts, None, "A - 5 * B", engine=engine)
    assert [term.text for term in explanation.terms] == ["A", "- 5 * B"]
    assert order(explanation) == [(1, 35), (2, 10), (0, 5)]
    first = explanation.candidate(1)
    assert first.contributions == (40.0, -5.0)
    assert first.ahead_of is not None
    assert first.ahead_of.key == 2
    assert first.ahead_of.precedence[:3] == (2, 40.0, False)
    assert explanation.why_before(1, 0)[:3] == (1, 30.0, False)


@everywhere
def test_ties_are_named_as_ties(engine: Engine) -> None:
    explanation = explain([{"A": 2.5}, {"A": 2.7}], None, "A", engine=engine)
    assert order(explanation) == [(1, 2), (0, 2)]
    reason = explanation.why_before(1, 0)
    assert reason[:3] == (None, None, True)
    assert (
        reason.why == "a tie: both score 2 (2.7 and 2.5, cut to a whole number); the one later in the pool comes first"
    )


@everywhere
def test_no_rank_keeps_the_order_and_a_blank_one_does_not(engine: Engine) -> None:
    hosts = [{"A": 1}, {"A": 2}]
    without, blank = (explain(hosts, "", rank, engine=engine) for rank in (None, ""))
    assert order(without) == [(0, None), (1, None)]
    assert without.why_before(0, 1).why == "there is no rank: the order of the pool is kept"
    assert order(blank) == [(each.key, each.score) for each in match(hosts, None, "")] == [(1, 0), (0, 0)]
    assert blank.why_before(1, 0).why == "a tie: both score 0; the one later in the pool comes first"


@everywhere
@pytest.mark.parametrize(
    ("value", "what"),
    [(3e9, "3000000000, beyond 32 bits"), ("-4e9 x", "-4000000000, beyond 32 bits"), (0, "no number")],
)
def test_what_is_beyond_32_bits_scores_lowest(engine: Engine, value: Any, what: str) -> None:
    explanation = explain(
        [{"A": 5.0, "B": 1}, {"A": value, "B": 0}], None, "A / B" if value == 0 else "A", engine=engine
    )
    assert order(explanation) == [(0, 5), (1, LOWEST)]
    reason = explanation.why_before(0, 1)
    assert reason[:3] == (None, None, False)
    assert reason.why == f"the other comes to {what}, which scores lowest"


@everywhere
def test_infinities_that_cancel_out_are_a_tie(engine: Engine) -> None:
    explanation = explain([{"A": 1}, {"A": 2}], None, "A / 0 - A / 0", engine=engine)
    assert order(explanation) == [(1, LOWEST), (0, LOWEST)]
    assert explanation.why_before(1, 0).tie
    assert explanation.candidate(0).contributions == (math.inf, -math.inf)
    json.dumps(explanation.to_json(), allow_nan=False)


@everywhere
@pytest.mark.parametrize("dialect", ["opennebula", "extended"])
def test_what_cannot_be_read_has_no_score_and_comes_last(engine: Engine, dialect: str) -> None:
    hosts = [{"A": {}}, {"A": 5}, {"A": 7}]
    explanation = explain(hosts, None, Rank("A", dialect=dialect), engine=engine)
    assert order(explanation) == [(2, 7), (1, 5), (0, None)]
    assert explanation.unscored == 1
    assert explanation.candidate(0).contributions == (None,)
    assert explanation.why_before(1, 0)[:3] == (None, None, False)


@everywhere
def test_a_missing_term_leaves_no_score_in_the_extended_dialect(engine: Engine) -> None:
    hosts = [{"A": 1}, {"A": 5, "B": 1}, {}]
    explanation = explain(hosts, None, Rank("A + B", dialect="extended"), engine=engine)
    assert order(explanation) == [(1, 6.0), (2, None), (0, None)]
    assert explanation.unscored == 2
    assert explanation.candidate(0).contributions == (1.0, None)
    assert explanation.why_before(2, 0)[:3] == (None, None, True)


def test_sums_within_sums_are_taken_apart() -> None:
    explanation = explain([{"A": 1, "B": 2, "C": 3}], None, "A - (B - (C - - A)) + A * (B + C)")
    assert [term.text for term in explanation.terms] == ["A", "- B", "C", "A", "A * (B + C)"]
    assert explanation.candidate(0).contributions == (1.0, -2.0, 3.0, 1.0, 5.0)


def test_what_has_no_place_is_before_nothing() -> None:
    explanation = explain(Pool([{"A": 1, "K": "x"}, {"A": 9, "K": "y"}], key="K"), "A > 5", "A")
    for first, second in (("x", "y"), ("y", "x"), ("y", "y"), ("z", "y")):
        with pytest.raises(PoolError):
            explanation.why_before(first, second)
