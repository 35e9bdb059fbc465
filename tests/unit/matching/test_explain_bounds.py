"""Explanations of what nobody should ask: they are an answer or a `MatchmakerError`, and stay small."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from typing import Any, get_args

import pytest

from matchmaker import MatchmakerError, Pool, Requirement, explain
from matchmaker.matching.choosing import Engine
from matchmaker.matching.explain import Explanation
from tests.property.hostile import Broken, Crowd, Generous, Mask, Shout, Trap, knot, ring

ENGINES: tuple[Engine, ...] = get_args(Engine)
everywhere = pytest.mark.parametrize("engine", ENGINES)
POOL = [{"A": number % 7, "B": f"x{number % 3}", "NAME": f"n{number}"} for number in range(8)]


def looked_at(explanation: Explanation) -> Explanation:
    """Look at all that an explanation tells, in all forms."""
    assert len(explanation.summary) <= 100
    assert explanation.summary.isprintable()
    told = explanation.to_json()
    assert json.loads(json.dumps(told, allow_nan=False)) == json.loads(json.dumps(told))
    for width in (40, 80):
        for text in (explanation.render(width=width), explanation.render(width=width, candidates=_keys(explanation))):
            assert all(line.isprintable() for line in text.split("\n"))
            assert all(len(line) <= width for line in text.split("\n") if line.isascii())
    assert repr(explanation) == f"<Explanation: {explanation.summary}>"
    assert len(list(explanation.candidates)) == explanation.considered
    return explanation


def _keys(explanation: Explanation) -> list[Any]:
    return [each.key for each in explanation.candidates][:3]


@everywhere
@pytest.mark.parametrize(
    "text",
    {
        "thresholds": " & ".join(f"A > {number}" for number in range(5_000)),
        "names": " & ".join(f"A{number} > 1" for number in range(5_000)),
        "texts": " & ".join(f'B = "{number}"' for number in range(5_000)),
    }.values(),
    ids=["thresholds", "names", "texts"],
)
def test_thousands_of_clauses(engine: Engine, text: str) -> None:
    explanation = looked_at(explain(POOL[:2], text, engine=engine))
    assert len(explanation.clauses) == 500
    assert explanation.clauses[-1].text.endswith("...")
    assert len(explanation.candidates[0].verdicts[-1].readings) == 50


@everywhere
@pytest.mark.parametrize("count", [200, 5_000])
def test_hundreds_of_alternatives(engine: Engine, count: int) -> None:
    explanation = looked_at(explain(POOL, " | ".join(f"A > {10 + number}" for number in range(count)), engine=engine))
    assert len(explanation.clauses) == 1
    assert len(explanation.clauses[0].alternatives) == (200 if count == 200 else 0)
    assert explanation.has_alternatives == (count == 200)


@everywhere
def test_more_changes_than_are_looked_for(engine: Engine) -> None:
    hosts = [{f"A{place}": number >> place & 1 for place in range(9)} for number in range(512)]
    text = " & ".join(f"A{place} = 1 & A{place} = 0" for place in range(9))
    explanation = explain(hosts, text, engine=engine)
    assert len(explanation.changes) == 256
    assert not explanation.complete
    assert {(len(change.clauses), change.admits) for change in explanation.changes} == {(9, 1)}


@pytest.mark.parametrize(
    ("text", "rank"),
    [
        ("A" * 50_000 + " = 5", "A" * 50_000),
        (f'B = "{"x" * 50_000}"', f'"{"x" * 200}"'),
        (f'B = "{"*a" * 3_000}*b"', None),
        ("!(" * 300 + "A > 3" + ")" * 300, "- (" * 300 + "A" + ")" * 300),
        ("(" * 9_000 + "A > 3" + ")" * 9_000, "(A + " * 1_000 + "A" + ")" * 1_000),
        ("!(A > 3 & " * 1_000 + "A > 3" + ")" * 1_000, " + ".join(["A"] * 5_000)),
        ('A = "\x1b[31m\n" & "\u202e" = 5 & B = "\ud800" & "\ud801" = 5 & B = "\t"', '"\x1b[31m"'),
        ("A > 3 & A > 3 & A > 9 & A > 9", "A"),
        ("", ""),
        (" \t", " "),
    ],
    ids=["long name", "long text", "long glob", "deep", "parentheses", "nested", "control", "twice", "none", "blank"],
)
@everywhere
def test_expressions_of_every_sort(engine: Engine, text: str, rank: str | None) -> None:
    for pool in (POOL, POOL[:1], []):
        explanation = looked_at(explain(pool, text, rank, engine=engine))
        assert explanation.considered == len(pool)
        assert all(len(clause.text) <= 2_000 for clause in explanation.clauses)
        assert len(explanation.terms) <= 100


@everywhere
@pytest.mark.parametrize(
    "value",
    [
        Trap(),
        knot(),
        ring(),
        Crowd([1, 2]),
        Mask(str),
        Mask(list),
        Mask(type(None)),
        10**5000,
        Shout("k"),
        "a" * 50_000,
    ],
    ids=["trap", "knot", "ring", "crowd", "text mask", "list mask", "none mask", "huge", "shout", "long"],
)
def test_values_of_every_sort(engine: Engine, value: Any) -> None:
    texts = (
        'A > 9 & A = "k" & A > 0.5 & A @> 7 & A != 3',
        'A = "" & A != "" & !(A = "")',
        '"A/B" = 5 | NAME = "k*"',
        "",
    )
    wide = 'A = "" & exists(A) & !(A in [1, "2"]) and A + 1 > 2 & A == "x" & default(A, 1) > 3'
    for wanted in (*texts, Requirement(wide, dialect="extended")):
        looked_at(explain([{"A": value, "NAME": value}, {"A": 1}], wanted, "A", engine=engine))


@everywhere
@pytest.mark.parametrize("error", [KeyError, RuntimeError, RecursionError])
def test_mappings_of_every_sort(engine: Engine, error: type[Exception]) -> None:
    for candidate in (Broken(error), Generous(A=5), {None: 1, 5: 2, "A": 1}, {}):
        explanation = looked_at(explain([candidate], 'AA > 5 & A = "x"', "A", engine=engine))
        assert explanation.considered == 1
    assert explain([Broken(RuntimeError)], "A = 5", engine=engine).clauses[0].unreadable == 1


class Nameless:
    """A key that has no text."""

    def __repr__(self) -> str:
        raise RuntimeError("not to be called")


@pytest.mark.parametrize(
    "key",
    [
        lambda: 10**5000,
        lambda: 2**70,
        Nameless,
        lambda: b"\x00",
        lambda: float("nan"),
        lambda: "k\n" * 5_000,
        lambda: True,
        lambda: (1, "a"),
        lambda: Mask(int),
        lambda: "\ud800",
    ],
)
def test_keys_of_every_sort(key: Callable[[], Any]) -> None:
    for text in ("A > 5", "A > 50"):
        looked_at(explain(Pool([{"A": 9}], key=lambda _: key()), text, "A"))


def test_an_explanation_can_be_sent_elsewhere() -> None:
    pool = Pool(POOL, key="NAME")
    explanation = explain(pool, 'A > 3 & B = "x*"', "A - 2")
    again = pickle.loads(pickle.dumps(explanation))
    pool.remove("n4")
    assert again == explanation
    assert again.to_json() == explanation.to_json()
    assert again.candidate("n4") == explanation.candidate("n4")
    assert again.render(candidates=["n4"]) == explanation.render(candidates=["n4"])


@pytest.mark.parametrize(
    "wanted", [5, b"A > 1", ["A > 1"], {"users": "A > 1"}, {5: "A"}, {"user": None}, {"user": "A >= 1"}, "A >", "\x01("]
)
def test_what_is_no_requirement_is_refused(wanted: Any) -> None:
    with pytest.raises(MatchmakerError):
        explain(POOL, wanted)


def test_what_is_no_engine_is_refused() -> None:
    with pytest.raises(ValueError, match="engine"):
        explain(POOL, "A > 1", engine="fast")  # type: ignore[arg-type]
