"""What is counted of clauses, and what helps, where it is easily got wrong."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from matchmaker import Pool, Requirement, explain
from matchmaker.matching.choosing import Engine
from matchmaker.matching.explain import Explanation

ENGINES: tuple[Engine, ...] = get_args(Engine)
everywhere = pytest.mark.parametrize("engine", ENGINES)


def counts(explanation: Explanation, number: int = 1) -> tuple[int, int, int, int, int]:
    clause = explanation.clauses[number - 1]
    return clause.passing, clause.missing, clause.unconverted, clause.false, clause.unreadable


def literals(explanation: Explanation, number: int = 1) -> list[tuple[int, int, str]]:
    return [(each.admits, each.matching, each.text) for each in explanation.clauses[number - 1].nearest]


@everywhere
def test_reasons_are_kept_apart(engine: Engine) -> None:
    values: list[Any] = [500, "8 cores", 3_000_000_000, "abc", "", None, [], {}, ["x", 7], [5, {}], ["x", {}]]
    hosts = [{}, *({"FREE_CPU": value} for value in values)]
    explanation = explain(hosts, "FREE_CPU > 400", engine=engine)
    assert counts(explanation) == (1, 3, 3, 3, 2)
    states = [each.verdicts[0].state for each in explanation.candidates]
    assert states == [
        *("missing", "pass", "false", "unconverted", "unconverted", "unconverted", "missing", "missing"),
        *("unreadable", "false", "false", "unreadable"),
    ]


@everywhere
def test_what_several_operands_fail_for_is_the_reason_of_the_whole(engine: Engine) -> None:
    hosts = [{"A": "x"}, {"A": "x", "B": "y"}, {}, {"A": 1, "B": 1}]
    assert counts(explain(hosts, "(A > 5 | B > 5)", engine=engine)) == (0, 1, 1, 2, 0)
    assert counts(explain(hosts, "!(A > 0)", engine=engine)) == (3, 0, 0, 1, 0)


@everywhere
def test_nearest_literals_admit_so_many(engine: Engine) -> None:
    hosts = [{"FREE_CPU": number} for number in (100, 251, 251, 300, "350 of 400", 399.5, None)]
    assert literals(explain(hosts, "FREE_CPU > 400", engine=engine)) == [
        (1, 1, "FREE_CPU > 398"),
        (3, 3, "FREE_CPU > 299"),
    ]
    assert literals(explain(hosts, "FREE_CPU > 350", engine=engine)) == [(3, 3, "FREE_CPU > 299")]
    assert literals(explain(hosts, "!(FREE_CPU < 400)", engine=engine)) == [(3, 3, "!(FREE_CPU < 350)")]
    wide = Requirement("FREE_CPU >= 400", dialect="extended")
    assert literals(explain(hosts, wide, engine=engine)) == [(1, 1, "FREE_CPU >= 399.5"), (3, 3, "FREE_CPU >= 300")]


@everywhere
def test_nearest_literals_are_those_of_what_fails_nothing_else(engine: Engine) -> None:
    hosts = [{"A": 9, "B": 1}, {"A": 3, "B": 2}, {"A": 8, "B": 3}]
    explanation = explain(hosts, "A > 10 & B > 1", engine=engine)
    assert literals(explanation, 1) == [(1, 1, "A > 7")]
    assert literals(explanation, 2) == []


@everywhere
@pytest.mark.parametrize(
    ("text", "value"),
    [("A > 5", -(2**31)), ("A < 5", 2**31 - 1), ("A < 5.0", 3.4028234663852886e38), ("A > 5.0", "-3.5e38")],
)
def test_where_no_literal_does_it_none_is_named(engine: Engine, text: str, value: Any) -> None:
    assert literals(explain([{"A": value}], text, engine=engine)) == []


@everywhere
def test_floats_and_doubles_move_by_the_least_there_is(engine: Engine) -> None:
    assert literals(explain([{"A": 0}], "A > 0.5", engine=engine))[0][2].startswith("A > -0.000")
    assert literals(explain([{"A": 16777217}], "A < 0.5", engine=engine)) == [(1, 1, "A < 16777218.0")]
    double = explain([{"A": 16777217}], Requirement("A < 0.5", dialect="extended"), engine=engine)
    assert literals(double) == [(1, 1, "A < 16777217.000000004")]


@everywhere
def test_an_alternative_behind_an_unreadable_one_is_not_reached(engine: Engine) -> None:
    hosts = [{"A": {}, "B": 3}]
    first, second = explain(hosts, "A > 5 | B > 5", engine=engine).clauses[0].alternatives
    assert first.nearest == second.nearest == ()
    first, second = explain(hosts, "B > 5 | A > 5", engine=engine).clauses[0].alternatives
    assert [each.text for each in first.nearest] == ["B > 2"]


@everywhere
def test_changes_are_the_smallest_sets_of_clauses(engine: Engine) -> None:
    hosts = [{"A": 1, "B": 1, "C": 0}, {"A": 0, "B": 1, "C": 0}, {"A": 1, "B": 0, "C": 0}, {"C": {}}]
    explanation = explain(hosts, "A = 1 & B = 1 & C = 1 & C = 1", engine=engine)
    assert [(each.clauses, each.admits) for each in explanation.changes] == [((3, 4), 1)]
    assert explanation.complete
    assert explain(hosts, "A = 1 & B = 1", engine=engine).changes == ()


@everywhere
def test_names_and_texts_that_no_candidate_has(engine: Engine) -> None:
    hosts = [{"HYPERVISOR": "kvm", "FREE_CPU": 5, "FREE_CPUS": None}, {"HYPERVISOR": ["xen", "kvm"]}, {"GPU": {}}]
    explanation = explain(hosts, 'HYPERVISOR = kvmm & FREECPU > 5 & GPU = "x" & HYPERVISOR @> "ken"', engine=engine)
    found = [explanation.to_json()["unknown"][place] for place in range(3)]
    assert found[0] == {
        "clause": 1,
        "attribute": "HYPERVISOR",
        "text": "kvmm",
        "nearest": "kvm",
        "distinct": 2,
        "seen": [{"value": "kvm", "count": 1}, {"value": "xen", "count": 1}],
    }
    assert found[1] == {"clause": 2, "attribute": "FREECPU", "nearest": "FREE_CPU"}
    assert found[2]["seen"] == [{"value": "kvm", "count": 2}, {"value": "xen", "count": 1}]
    assert len(explanation.unknown) == 3
    assert explain([], "A = 1", engine=engine).unknown == ()


@everywhere
def test_parts_of_a_request_are_numbered_through(engine: Engine) -> None:
    parts: Any = {"automatic": "A > 1 & B = 2", "user": "", "policy": Requirement("A >= 3", dialect="extended")}
    explanation = explain([{"A": 2, "B": 2}], parts, engine=engine)
    assert [(each.number, each.part, each.text, each.passing_so_far) for each in explanation.clauses] == [
        (1, "automatic", "A > 1", 1),
        (2, "automatic", "B = 2", 1),
        (3, "policy", "A >= 3", 0),
    ]
    assert explanation.requirement == "(A > 1 & B = 2) & (A >= 3)"


@pytest.mark.parametrize("first", [0, [0, 1]], ids=["one value", "several"])
def test_columns_know_what_came_later(first: Any) -> None:
    pool = Pool([{"A": first}, *({"A": number} for number in range(1, 5))])
    assert explain(pool, "A @> 9", engine="columnar").clauses[0].false == 5
    pool.apply([("update", 1, {"A": 3_000_000_000}), ("update", 2, {"A": [5, {}]}), ("remove", 4, None)])
    for text in ("A @> 5", "A > 9", "A = x", "A > 9.5"):
        columnar, closures = (explain(pool, text, engine=engine).to_json() for engine in ("columnar", "closures"))
        assert columnar == closures
    assert counts(explain(pool, "A @> 5", engine="columnar")) == (1, 0, 1, 2, 0)


def test_all_is_written_within_the_width() -> None:
    hosts = [{"NAME": f"n{number}", "A": number, "B": "a value that is rather long " * 5} for number in range(20)]
    parts: Any = {"user": 'A > 100 | B = "*nowhere*" | NONE_OF_THEM = 3', "automatic": "A < 4 & A > 16.5 & C = 2"}
    for explanation in (
        explain(hosts, parts, "A - 2 * A + 5"),
        explain(hosts, parts["user"]),
        explain(hosts, "A > 3", "A"),
    ):
        for width in (40, 60, 80, 120):
            for text in (explanation.render(width=width), explanation.render(width=width, candidates=[0, 19])):
                assert max(map(len, text.splitlines())) <= width
