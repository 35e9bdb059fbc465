"""Every recorded answer of OpenNebula's own evaluator, on every engine and on every form of the candidates."""

import gzip
import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from lxml import etree

from matchmaker import ExpressionError, Pool, Rank, RankError, Requirement, match
from matchmaker.attributes.lookup import IDENTIFIER, PLAIN, Kind, kind_of
from matchmaker.attributes.numbers import int32
from matchmaker.diagnostics import Diagnostic
from matchmaker.engine import closures, generated, stack
from matchmaker.engine.clauses import compile_clause
from matchmaker.language.nodes import Comparison, walk
from matchmaker.opennebula import candidate

DATA = Path(__file__).parent / "data" / "opennebula-expressions"
SPARE = {
    "host": "<HOST><ID>-1</ID></HOST>",
    "datastore": "<DATASTORE><ID>-1</ID></DATASTORE>",
    "vnet": "<VNET><ID>-1</ID></VNET>",
}
"""Neighbours in a pool, which must not be seen."""


class Case(NamedTuple):
    """A vector and the expression of it, None where the text is refused."""

    vector: dict[str, Any]
    expression: Requirement | Rank | None
    error: ExpressionError | None


def lines(name: str) -> list[dict[str, Any]]:
    with gzip.open(DATA / f"{name}.jsonl.gz", "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


@cache
def documents() -> dict[str, dict[str, Any]]:
    return {document["doc"]: document for document in lines("documents")}


@cache
def cases() -> list[Case]:
    found = []
    for vector in lines("vectors"):
        make = Requirement if vector["kind"] == "requirement" else Rank
        try:
            found.append(Case(vector, make(vector["expr"]), None))
        except ExpressionError as error:
            found.append(Case(vector, None, error))
    return found


@cache
def candidates(form: str) -> dict[str, Any]:
    if form == "attributes":
        return {name: document["attrs"] for name, document in documents().items() if "attrs" in document}
    if form == "document":
        return {name: candidate(document["xml"]) for name, document in documents().items()}
    inside = {}
    for name, document in documents().items():
        spare = SPARE[document["object"]]
        tag = spare[1 : spare.index(">")]
        inside[name] = candidate(etree.fromstring(f"<{tag}_POOL>{spare}{document['xml']}{spare}</{tag}_POOL>")[1])
    return inside


# Engines, each with a function that makes one of an expression for candidates of a kind; None where it does not apply.


def closure(expression: Any, kind: Kind) -> Callable[[Any], Any]:
    return compiled(closures, expression, kind)


def explicit_stack(expression: Any, kind: Kind) -> Callable[[Any], Any]:
    return compiled(stack, expression, kind)


def compiled(engine: Any, expression: Any, kind: Kind) -> Callable[[Any], Any]:
    if isinstance(expression, Requirement):
        return engine.compile_predicate(expression.tree, kind, iter(clauses(expression)))
    measure = engine.compile_measure(expression.tree, kind)
    return lambda candidate: int32(measure(candidate))


def function(expression: Any, kind: Kind) -> Callable[[Any], Any] | None:
    if not generated.fits(expression.tree):
        return None
    if isinstance(expression, Requirement):
        return generated.predicate(expression.tree, kind, clauses(expression))
    scores = generated.scorer(expression.tree, kind)
    return lambda candidate: scores([candidate])[0]


def loop(expression: Any, kind: Kind) -> Callable[[Any], Any] | None:
    if not isinstance(expression, Requirement) or not generated.fits(expression.tree):
        return None
    return sifted(lambda numbered: generated.sieve(expression.tree, kind, clauses(expression), numbered=numbered))


def swift_function(expression: Any, kind: Kind) -> Callable[[Any], Any] | None:
    if kind is not PLAIN or not isinstance(expression, Requirement) or not generated.fits(expression.tree):
        return None
    made = clauses(expression)
    unusual = closures.compile_predicate(expression.tree, kind, iter(made))
    run = generated.swift_predicate(expression.tree, made, unusual)

    def matches(candidate: Any) -> bool:
        first = run(candidate)  # learns the verdicts on the candidate's texts, which the next call uses
        assert run(candidate) is first
        return first

    return matches


def swift_loop(expression: Any, kind: Kind) -> Callable[[Any], Any] | None:
    if kind is not PLAIN or not isinstance(expression, Requirement) or not generated.fits(expression.tree):
        return None
    made = clauses(expression)
    closure = closures.compile_predicate(expression.tree, kind, iter(made))

    def make(numbered: bool) -> Any:
        sieve = generated.swift_sieve(expression.tree, made, closure, numbered=numbered)
        return lambda candidates, select: sieve(candidates, select, 9)

    return sifted(make)


def sifted(make: Callable[[bool], Any]) -> Callable[[Any], bool]:
    """Return a function of one candidate that gives it twice to a loop of either sort."""
    numbering, handing_on = make(True), make(False)

    def matches(candidate: Any) -> bool:
        numbers: list[int] = []
        matching: list[Any] = []
        numbering(iter([(7, candidate), (8, candidate)]), numbers.append)
        handing_on(iter([candidate, candidate]), matching.append)
        assert (numbers, matching) in (([], []), ([7, 8], [candidate, candidate]))
        return bool(numbers)

    return matches


def as_used(expression: Any, kind: Kind) -> Callable[[Any], Any]:
    return expression.matches if isinstance(expression, Requirement) else expression.score


def clauses(expression: Requirement) -> list[Any]:
    return [compile_clause(node) for node in walk(expression.tree) if isinstance(node, Comparison)]


ENGINES = {
    engine.__name__: engine for engine in (closure, explicit_stack, function, loop, swift_function, swift_loop, as_used)
}


def relevant(form: str) -> Iterator[tuple[Case, Requirement | Rank, Any]]:
    """Yield what can be evaluated, with the value to expect; of refused ranks the partial ones."""
    known = candidates(form)
    for case in cases():
        if case.vector["doc"] not in known:
            continue
        expression = case.error.partial if isinstance(case.error, RankError) else case.expression
        if expression is None:
            continue
        if form == "attributes" and not all(map(IDENTIFIER.fullmatch, expression.attributes)):
            continue
        expected = case.vector["partial"] if case.expression is None else case.vector["expect"]
        yield case, expression, expected


@pytest.mark.parametrize("form", ["document", "pool", "attributes"])
@pytest.mark.parametrize("engine", ENGINES)
def test_answers(engine: str, form: str) -> None:
    known, wrong, count = candidates(form), [], 0
    for case, expression, expected in relevant(form):
        subject = known[case.vector["doc"]]
        run = ENGINES[engine](expression, kind_of(subject))
        if run is None:
            continue
        count += 1
        answer = run(subject)
        if answer != expected or type(answer) is not type(expected):
            wrong.append((case.vector["id"], case.vector["expr"], expected, answer))
    assert wrong == []
    assert count > 1_000 or ("swift" in engine and form != "attributes")


@pytest.mark.parametrize("form", ["document", "pool", "attributes"])
def test_answers_on_columns(form: str) -> None:
    """Each expression on all documents of the kind at once; where nothing is recorded, the closures say what is right."""
    known, wrong, count = candidates(form), [], 0
    pools = {}
    for sort in SPARE:
        names = [name for name in known if documents()[name]["object"] == sort]
        if names:
            pools[sort] = Pool.of([known[name] for name in names], names, kind_of(known[names[0]]))
    for case, expression, expected in relevant(form):
        pool = pools[case.vector["object"]]
        if isinstance(expression, Requirement):
            found = {each.key for each in match(pool, expression, engine="columnar")}
            answers = {key: key in found for key in pool.keys}
            others = {key: expression.matches(pool[key]) for key in pool.keys}
        else:
            answers = {each.key: each.score for each in match(pool, None, expression, engine="columnar")}
            others = {key: expression.score(pool[key]) for key in pool.keys}
        count += 1
        if answers != others or answers[case.vector["doc"]] != expected:
            wrong.append((case.vector["id"], case.vector["expr"], expected, answers, others))
    assert wrong == []
    assert count > 1_000


def test_refusals() -> None:
    wrong = [
        (case.vector["id"], case.vector["expr"], case.vector["expect"], case.error)
        for case in cases()
        if (case.expression is None) != (case.vector["expect"] == "error")
    ]
    assert wrong == []


def test_partial_ranks() -> None:
    """A refused rank has a partial one exactly where upstream had reached a value."""
    wrong = [
        (case.vector["id"], case.vector["expr"], case.vector.get("partial"), case.error.partial)
        for case in cases()
        if isinstance(case.error, RankError) and (case.error.partial is None) != ("partial" not in case.vector)
    ]
    assert wrong == []
    assert {type(case.error) for case in cases() if case.vector["kind"] == "rank"} == {type(None), RankError}


def test_skipped_characters() -> None:
    wrong = []
    for case in cases():
        found = case.error.diagnostics if case.expression is None else case.expression.diagnostics  # type: ignore[union-attr]
        skipped = under(found, case.vector["expr"])
        if skipped != case.vector.get("ignored", ""):
            wrong.append((case.vector["id"], case.vector["expr"], case.vector.get("ignored", ""), skipped))
    assert wrong == []


def under(diagnostics: tuple[Diagnostic, ...], text: str) -> str:
    spans = [diagnostic.span for diagnostic in diagnostics if diagnostic.code == "MM201"]
    return "".join(text[start:end] for start, end in spans)


def test_all_are_there() -> None:
    count: dict[str, int] = defaultdict(int)
    for case in cases():
        count[case.vector["object"]] += 1
    assert dict(count) == {"host": 4524, "datastore": 765, "vnet": 662}
    assert len(documents()) == 140
