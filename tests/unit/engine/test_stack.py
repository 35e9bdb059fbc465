"""The explicit stack: what is special to it is that depth does not matter. What it answers is in test_closures.py."""

from __future__ import annotations

import pytest

from matchmaker.attributes.lookup import PLAIN
from matchmaker.engine import stack
from matchmaker.engine.clauses import compile_clause
from matchmaker.language.nodes import Attribute, Chain, Comparison, Integer, Negative, Node, Not, walk

CLAUSE = Comparison(Attribute("A"), "=", Integer(1))


def nested(levels: int) -> Node:
    tree: Node = CLAUSE
    for level in range(levels):
        tree = Not(Chain(CLAUSE, (("&", tree),))) if level % 2 else Chain(tree, (("|", CLAUSE),))
    return tree


@pytest.mark.parametrize("levels", [1, 2, 3, 4, 20_000])
def test_deep_requirements(levels: int) -> None:
    tree = nested(levels)
    clauses = (compile_clause(node) for node in walk(tree) if isinstance(node, Comparison))
    predicate = stack.compile_predicate(tree, PLAIN, clauses)
    expected = {1: True, 0: False}
    for level in range(levels):
        for value in expected:
            expected[value] = not (value and expected[value]) if level % 2 else bool(expected[value] or value)
    assert {value: predicate({"A": value}) for value in expected} == expected


def test_deep_ranks() -> None:
    tree: Node = Attribute("A")
    for _ in range(20_000):
        tree = Negative(Chain(tree, (("+", Integer(1)),)))
    assert stack.compile_measure(tree, PLAIN)({"A": 5}) == 5.0
