"""The engines give the answers of the extended dialect's description, on trees that texts mean and on others."""

from __future__ import annotations

import math
import pickle
from collections.abc import Callable, Sequence
from functools import partial
from types import MappingProxyType
from typing import Any, get_args

from hypothesis import example, given
from hypothesis import strategies as st

from matchmaker import CandidateError, Pool, Rank, Requirement, match, match_many
from matchmaker.attributes.lookup import MAPPING, PLAIN
from matchmaker.engine import closures, stack
from matchmaker.engine.binding import request_attributes
from matchmaker.engine.clauses import compile_clause
from matchmaker.engine.meanings import EXTENDED
from matchmaker.engine.programs import RankProgram, RequirementProgram, comparisons_in
from matchmaker.language.nodes import (
    Attribute,
    Blank,
    Call,
    Chain,
    Choice,
    Comparison,
    Membership,
    Negative,
    Node,
    Not,
    Number,
    Relation,
    RequestAttribute,
    Text,
)
from matchmaker.matching.choosing import Engine
from matchmaker.testing import ranks, requirements
from matchmaker.testing.strategies import values
from tests.property import naive_extended as naive
from tests.property.engines import promoted

_LITERALS = (0.0, 1.0, 2.0, 5.0, 0.1, 0.5, 1e308, 5e-324, 9007199254740993.0, 3e9)
_PATTERNS = ("", "*", "kvm", "k*", "5", "5.0", "[0-9]*", "YES", "?")
_NUMERIC = ("=", "!=", "<", "<=", ">", ">=")

_numbers = st.sampled_from(_LITERALS).map(Number) | st.floats(0, allow_nan=False, allow_infinity=False).map(Number)
_texts = st.sampled_from(_PATTERNS).map(Text)
_names = st.sampled_from("ABC")
_bound = st.one_of(
    st.none(), st.sampled_from(("5", "kvm", "", "1e3x")), st.tuples(st.sampled_from(("x", "2")), st.just("5"))
)
_request = st.builds(RequestAttribute, st.sampled_from("RS"), _bound)
_attributes = st.builds(Attribute, _names)
_terms = st.one_of(_attributes, _attributes, _numbers, _request)
_comparisons = st.one_of(
    st.builds(Comparison, _attributes, st.sampled_from((*_NUMERIC, "@>")), _numbers),
    st.builds(Comparison, _attributes, st.sampled_from(("=", "!=", "==", "@>")), _texts),
    st.builds(Relation, _request, st.sampled_from(("=", "!=", "==")), _texts),
    st.builds(lambda each: Call("exists", (each,)), _attributes | _request),
)


def _chains(operands: st.SearchStrategy[Node], operators: str) -> st.SearchStrategy[Node]:
    links = st.lists(st.tuples(st.sampled_from(operators), operands), min_size=1, max_size=3)
    return st.builds(lambda first, rest: Chain(first, tuple(rest)), operands, links)


def _conditions(depth: int) -> st.SearchStrategy[Node]:
    if not depth:
        return _comparisons
    inner, number = st.deferred(lambda: _conditions(depth - 1)), st.deferred(lambda: _measures(depth - 1))
    literals = st.lists(_numbers | _texts, min_size=1, max_size=3)
    return st.one_of(
        _comparisons,
        inner.map(Not),
        _chains(inner, "&"),
        _chains(inner, "|"),
        st.builds(Choice, inner, inner, inner),
        st.builds(Relation, number, st.sampled_from(_NUMERIC), number),
        st.builds(lambda each, items: Membership(each, tuple(items)), _attributes | _request, literals),
        st.builds(lambda each, items: Membership(each, tuple(items)), number, st.lists(number, min_size=1, max_size=3)),
        st.builds(lambda each, items, more: Membership(each, (*items, more)), _attributes | _request, literals, number),
    )


def _measures(depth: int) -> st.SearchStrategy[Node]:
    if not depth:
        return _terms
    inner, condition = st.deferred(lambda: _measures(depth - 1)), st.deferred(lambda: _conditions(depth - 1))
    several = st.lists(inner, min_size=1, max_size=3).map(tuple)
    return st.one_of(
        _terms,
        inner.map(Negative),
        _chains(inner, "+-"),
        _chains(inner, "*/"),
        condition,
        st.builds(Choice, condition, inner, inner),
        st.builds(Call, st.sampled_from(("min", "max")), several),
        st.builds(lambda function, each: Call(function, (each,)), st.sampled_from(("abs", "round")), inner),
        st.builds(lambda one, other: Call("default", (one, other)), inner, inner),
    )


class Odd:
    """Something that stands for nothing."""

    def __repr__(self) -> str:
        return "Odd()"


_held = st.one_of(values, values, st.sampled_from((Odd(), [5, Odd()], ["x", Odd()], {})))
candidates = st.fixed_dictionaries({}, optional=dict.fromkeys("ABC", _held))
pools = st.lists(candidates, min_size=1, max_size=4)


def answered(ask: Callable[[Any], Any], candidate: Any) -> Any:
    """Return an answer, so that equal ones mean the same: its type, and a sign that zero has too."""
    try:
        answer = ask(candidate)
    except (CandidateError, naive.Refused):
        return "refused"
    return repr(answer)


def everybody(tree: Node, pool: Sequence[Any], compile_with: str, program: Callable[..., Any]) -> list[list[Any]]:
    """Return what each engine says of each candidate."""
    found = []
    for kind, seen in ((PLAIN, pool), (MAPPING, [MappingProxyType(each) for each in pool])):
        for engine in (closures, stack):
            clauses = [compile_clause(each, EXTENDED) for each in comparisons_in(tree)]
            function = getattr(engine, compile_with)(tree, kind, iter(clauses), EXTENDED)
            found.append([answered(function, each) for each in seen])
        ask = program(tree, kind)
        found.append([answered(ask, each) for each in seen])
        with promoted():
            ask = program(tree, kind)
            found += [[answered(ask, each) for each in seen] for _ in range(2)]
    return found


def positions_of(tree: Node, kind: Any) -> Callable[[Any], bool]:
    program = RequirementProgram(tree, kind, EXTENDED)
    return lambda each: bool(program.positions([each]))


@given(_conditions(3), pools)
@example(Comparison(Attribute("A"), "=", Text("")), [{"A": ""}, {"A": [""]}, {"A": ["x", ""]}, {"A": 0}, {}])
@example(Comparison(Attribute("A"), "!=", Text("")), [{"A": ""}, {"A": "x"}, {"A": []}, {}])
@example(Comparison(Attribute("A"), "==", Text("*")), [{"A": "*"}, {"A": "x"}, {"A": ["x", "*"]}, {}])
@example(
    Comparison(Attribute("A"), "!=", Number(5.0)), [{"A": "nan"}, {"A": math.nan}, {"A": 10**400}, {"A": "5e"}, {}]
)
def test_requirements(tree: Node, pool: list[dict[str, Any]]) -> None:
    expected = [answered(lambda each: naive.matches(tree, each), each) for each in pool]
    for answers in everybody(tree, pool, "compile_predicate", positions_of):
        assert answers == expected


@given(_measures(3), pools)
@example(Attribute("A"), [{"A": text} for text in ("5.e3", ".", "-.5e+", "1e400", " \v-0", "1e-400", "+1.5E2x", "٣")])
@example(Call("round", (Attribute("A"),)), [{"A": number} for number in (0.5, 1.5, -0.4, 2.5, 1e300, "-0")])
@example(Chain(Number(1.0), (("/", Call("min", (Attribute("A"), Attribute("B")))),)), [{"A": 0.0, "B": -0.0}])
@example(Call("max", (Attribute("A"), Chain(Number(0.0), (("/", Number(0.0)),)))), [{"A": 1}, {}])
@example(Call("min", (Number(1.0), Chain(Number(0.0), (("/", Number(0.0)),)))), [{}])
@example(Chain(Number(1.0), (("/", Call("max", (Attribute("A"), Attribute("B")))),)), [{"A": -0.0, "B": 0.0}])
@example(Blank(), [{}])
def test_ranks(tree: Node, pool: list[dict[str, Any]]) -> None:
    expected = [answered(lambda each: naive.score(tree, each), each) for each in pool]
    for answers in everybody(tree, pool, "compile_measure", lambda tree, kind: RankProgram(tree, kind, EXTENDED).score):
        # What a measure returns may be NaN, which is no score.
        assert ["None" if each == "nan" else each for each in answers] == expected


@given(requirements(names="ABC", dialect="extended"), ranks(names="ABC", dialect="extended"), pools, st.data())
def test_texts(requirement: Requirement, rank: Rank, pool: list[dict[str, Any]], data: st.DataObject) -> None:
    for expression, ask in ((requirement, naive.matches), (rank, naive.score)):
        names = sorted(request_attributes(expression.tree))
        bound = expression.bind(data.draw(st.fixed_dictionaries({}, optional=dict.fromkeys(names, values))))
        for each in (expression, bound, pickle.loads(pickle.dumps(bound))):
            expected = [answered(partial(ask, each.tree), candidate) for candidate in pool]
            say = each.matches if isinstance(each, Requirement) else each.score
            assert [answered(say, candidate) for candidate in pool] == expected
            if isinstance(each, Requirement) and "refused" not in expected:
                assert each.filter(pool) == [
                    candidate for candidate, answer in zip(pool, expected, strict=True) if answer == "True"
                ]


@given(st.lists(requirements(names="ABC", dialect="extended", max_depth=2), min_size=2, max_size=4), pools, st.data())
def test_joining(parts: list[Requirement], pool: list[dict[str, Any]], data: st.DataObject) -> None:
    joined, expected = parts[0], [answered(parts[0].matches, each) for each in pool]
    for part in parts[1:]:
        word = data.draw(st.sampled_from("&|"))
        joined = joined & part if word == "&" else joined | part
        for place, candidate in enumerate(pool):
            if expected[place] == str(word == "&"):
                expected[place] = answered(part.matches, candidate)
        if word == "|" and isinstance(part.tree, Blank):  # which nothing else needs to be read for
            expected = ["True"] * len(pool)
        assert [answered(joined.matches, each) for each in pool] == expected
        assert Requirement(str(joined), dialect="extended").tree == joined.tree
        if data.draw(st.booleans()):
            joined = ~joined
            expected = [{"True": "False", "False": "True"}.get(each, each) for each in expected]


_ranks = st.sampled_from(
    ("A", "- A", "A / B", "default(A, B)", "A > 1 ? B : C", "0 * A", "A in [1, 2]", "REQUEST.R", "")
)
_requirements = st.none() | st.sampled_from(("A < 2", "exists(B)", "A = REQUEST.R | !exists(C)", 'A = "" | B = B', ""))
_few = st.fixed_dictionaries({}, optional=dict.fromkeys("ABC", st.sampled_from((0, 1, 2, 2.5, "1x", "x", -0.0, "inf"))))


@given(
    st.lists(_few | st.fixed_dictionaries({}, optional=dict.fromkeys("ABC", values)), max_size=12),
    _requirements,
    _ranks,
    st.fixed_dictionaries({}, optional={"R": st.sampled_from((1, "2.5", [None, "x", 2]))}),
    st.none() | st.integers(0, 13),
    st.sampled_from(get_args(Engine)),
)
def test_rankings(
    pool: list[dict[str, Any]],
    requirement: str | None,
    rank: str,
    request: dict[str, Any],
    limit: int | None,
    engine: Engine,
) -> None:
    wanted = None if requirement is None else Requirement(requirement, dialect="extended").bind(request)
    order = Rank(rank, dialect="extended").bind(request)
    passed = [place for place, each in enumerate(pool) if wanted is None or naive.matches(wanted.tree, each)]
    scored = [(place, naive.score(order.tree, pool[place])) for place in passed]
    first = [pair for pair in scored if pair[1] is not None]
    last = [pair for pair in scored if pair[1] is None]
    expected = sorted(first, key=lambda pair: (-(pair[1] or 0.0), -pair[0])) + last[::-1]
    keyed = Pool(pool)
    for _ in range(2):
        ranking = match(keyed, wanted, order, limit=limit, engine=engine)
        assert [(each.key, repr(each.score)) for each in ranking] == [
            (key, repr(score)) for key, score in expected[:limit]
        ]
        assert (ranking.considered, ranking.rejected, ranking.unscored) == (
            len(pool),
            len(pool) - len(passed),
            len(last),
        )
        again = pickle.loads(pickle.dumps(ranking))
        assert (list(map(repr, again)), again.unscored) == (list(map(repr, ranking)), ranking.unscored)
        (batched,) = match_many(keyed, [(wanted, order)], limit=limit, engine=engine)
        assert list(map(repr, batched)) == list(map(repr, ranking))
