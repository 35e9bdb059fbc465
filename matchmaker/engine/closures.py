"""A tree compiled to nested Python closures: the definition that every other engine agrees with.

One closure per node, constants bound when compiling, no dispatch when running, short-circuit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from matchmaker.attributes.lookup import Kind
from matchmaker.attributes.numbers import float32
from matchmaker.attributes.values import rank_reading
from matchmaker.engine.arithmetic import OPERATIONS
from matchmaker.engine.clauses import Clause
from matchmaker.language.nodes import Attribute, Blank, Chain, Comparison, Float, Integer, Negative, Node, Not

Predicate = Callable[[Any], bool]
"""A requirement at work: a candidate in, whether it matches out."""
Measure = Callable[[Any], float]
"""A rank at work: a candidate in, a float32 out."""


def compile_predicate(tree: Node, kind: Kind, clauses: Iterator[Clause]) -> Predicate:
    """Compile a requirement for candidates of a kind; the tree must not be too deep to recurse on.

    Parameters
    ----------
    tree : Node
        A requirement's tree.
    kind : Kind
        Resolves the names.
    clauses : iterator of Clause
        The compiled comparisons of the tree, in text order.
    """
    if isinstance(tree, Comparison):
        return clause_predicate(next(clauses), kind)
    if isinstance(tree, Not):
        operand = compile_predicate(tree.operand, kind, clauses)
        return lambda candidate: not operand(candidate)
    if isinstance(tree, Chain):
        first = compile_predicate(tree.first, kind, clauses)
        rest = [(operator, compile_predicate(operand, kind, clauses)) for operator, operand in tree.rest]
        return _logical_chain(first, rest)
    return lambda candidate: True


def compile_measure(tree: Node, kind: Kind) -> Measure:
    """Compile a rank for candidates of a kind; the tree must not be too deep to recurse on."""
    if isinstance(tree, Attribute | Integer | Float | Blank):
        return term(tree, kind)
    if isinstance(tree, Negative):
        operand = compile_measure(tree.operand, kind)
        return lambda candidate: -operand(candidate)
    assert isinstance(tree, Chain)
    first = compile_measure(tree.first, kind)
    rest = [(OPERATIONS[operator], compile_measure(operand, kind)) for operator, operand in tree.rest]
    if len(rest) == 1:
        ((operation, second),) = rest
        return lambda candidate: operation(first(candidate), second(candidate))

    def chain(candidate: Any) -> float:
        number = first(candidate)
        for operation, operand in rest:
            number = operation(number, operand(candidate))
        return number

    return chain


def clause_predicate(clause: Clause, kind: Kind) -> Predicate:
    """Compile the lookup in front of one comparison."""
    lookup, test = kind.lookup(clause.comparison.attribute.name), clause.test
    return lambda candidate: test(lookup(candidate))


def term(leaf: Node, kind: Kind) -> Measure:
    """Compile one operand of a rank."""
    if isinstance(leaf, Attribute):
        name, lookup = leaf.name, kind.lookup(leaf.name)
        return lambda candidate: rank_reading(lookup(candidate), name)
    number = constant(leaf)
    return lambda candidate: number


def constant(leaf: Node) -> float:
    """Return the float32 that a literal, or an empty rank, stands for."""
    return float32(leaf.value) if isinstance(leaf, Integer | Float) else 0.0


def _logical_chain(first: Predicate, rest: list[tuple[str, Predicate]]) -> Predicate:
    operators = {operator for operator, _ in rest}
    predicates = (first, *(predicate for _, predicate in rest))
    if operators == {"&"}:

        def every(candidate: Any) -> bool:
            for predicate in predicates:
                if not predicate(candidate):
                    return False
            return True

        return every
    if operators == {"|"}:

        def some(candidate: Any) -> bool:
            for predicate in predicates:
                if predicate(candidate):
                    return True
            return False

        return some

    def mixed(candidate: Any) -> bool:
        verdict = first(candidate)
        for operator, predicate in rest:
            if verdict == (operator == "&"):
                verdict = predicate(candidate)
        return verdict

    return mixed
