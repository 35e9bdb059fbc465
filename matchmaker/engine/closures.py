"""A tree compiled to nested Python closures: the definition that every other engine agrees with.

One closure per node, constants bound when compiling, no dispatch when running, short-circuit: what cannot change an answer
of `&`, `|`, a choice, `in` or `default` is not read. Arithmetic and relations read all their operands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from matchmaker.attributes.lookup import Kind
from matchmaker.attributes.numbers import RELATIONS, float32
from matchmaker.engine.arithmetic import FOLDS, FUNCTIONS
from matchmaker.engine.clauses import Clause
from matchmaker.engine.conditions import alternatives, compile_test, request_value, subject_of
from matchmaker.engine.meanings import OPENNEBULA, Meaning
from matchmaker.language.nodes import (
    Attribute,
    Blank,
    Call,
    Chain,
    Choice,
    Comparison,
    Float,
    Integer,
    Membership,
    Negative,
    Node,
    Not,
    Number,
    Relation,
    RequestAttribute,
)

Predicate = Callable[[Any], bool]
"""A requirement at work: a candidate in, whether it matches out."""
Measure = Callable[[Any], Any]
"""A rank at work: a candidate in, a number of its dialect out."""
Operation = Callable[[Any, Any], Any]
"""Makes one number of two."""

NO_CLAUSES: Iterator[Clause] = iter(())
"""For trees that compare nothing."""
TERMS = (Attribute, Integer, Float, Number, RequestAttribute, Blank)
"""The nodes that are numbers by themselves."""


def compile_predicate(tree: Node, kind: Kind, clauses: Iterator[Clause], meaning: Meaning = OPENNEBULA) -> Predicate:
    """Compile a condition for candidates of a kind; the tree must not be too deep to recurse on.

    Parameters
    ----------
    tree : Node
        A requirement's tree.
    kind : Kind
        Resolves the names.
    clauses : iterator of Clause
        The compiled comparisons of the tree, in text order.
    meaning : Meaning
        What the dialect makes of it.
    """
    if isinstance(tree, Comparison):
        return clause_predicate(next(clauses), kind)
    if isinstance(tree, Not):
        operand = compile_predicate(tree.operand, kind, clauses, meaning)
        return lambda candidate: not operand(candidate)
    if isinstance(tree, Chain):
        first = compile_predicate(tree.first, kind, clauses, meaning)
        rest = [(operator, compile_predicate(operand, kind, clauses, meaning)) for operator, operand in tree.rest]
        return _logical_chain(first, rest)
    if isinstance(tree, Blank):
        return lambda candidate: True
    if isinstance(tree, Choice):
        condition = compile_predicate(tree.condition, kind, clauses, meaning)
        then = compile_predicate(tree.then, kind, clauses, meaning)
        otherwise = compile_predicate(tree.otherwise, kind, clauses, meaning)
        return lambda candidate: then(candidate) if condition(candidate) else otherwise(candidate)
    if subject_of(tree) is not None:
        return value_predicate(tree, kind, meaning)
    if isinstance(tree, Membership):
        if isinstance(tree.operand, Attribute | RequestAttribute):
            return compile_predicate(alternatives(tree), kind, clauses, meaning)
        number = compile_measure(tree.operand, kind, clauses, meaning)
        return _membership(number, [compile_measure(item, kind, clauses, meaning) for item in tree.items])
    assert isinstance(tree, Relation)
    left = compile_measure(tree.left, kind, clauses, meaning)
    right = compile_measure(tree.right, kind, clauses, meaning)
    holds = relation(tree.operator)
    return lambda candidate: holds(left(candidate), right(candidate))


def compile_measure(
    tree: Node, kind: Kind, clauses: Iterator[Clause] = NO_CLAUSES, meaning: Meaning = OPENNEBULA
) -> Measure:
    """Compile a number, or a condition that stands for one; see `compile_predicate`."""
    if isinstance(tree, TERMS):
        return term(tree, kind, meaning)
    if isinstance(tree, Chain) and tree.level:
        first = compile_measure(tree.first, kind, clauses, meaning)
        rest = [
            (meaning.operations[operator], compile_measure(operand, kind, clauses, meaning))
            for operator, operand in tree.rest
        ]
        return _numerical_chain(first, rest)
    if isinstance(tree, Negative):
        operand = compile_measure(tree.operand, kind, clauses, meaning)
        if meaning is OPENNEBULA:  # where no call is needed
            return lambda candidate: -operand(candidate)
        negate = meaning.negate
        return lambda candidate: negate(operand(candidate))
    if isinstance(tree, Choice):
        condition = compile_predicate(tree.condition, kind, clauses, meaning)
        then = compile_measure(tree.then, kind, clauses, meaning)
        otherwise = compile_measure(tree.otherwise, kind, clauses, meaning)
        return lambda candidate: then(candidate) if condition(candidate) else otherwise(candidate)
    if isinstance(tree, Call) and tree.function != "exists":
        return _call(tree.function, [compile_measure(each, kind, clauses, meaning) for each in tree.arguments])
    predicate = compile_predicate(tree, kind, clauses, meaning)
    return lambda candidate: 1.0 if predicate(candidate) else 0.0


def clause_predicate(clause: Clause, kind: Kind) -> Predicate:
    """Compile the lookup in front of one comparison."""
    lookup, test = kind.lookup(clause.comparison.attribute.name), clause.test
    return lambda candidate: test(lookup(candidate))


def value_predicate(condition: Node, kind: Kind, meaning: Meaning) -> Predicate:
    """Compile a condition on the value of one attribute, which may be the request's."""
    subject, test = subject_of(condition), compile_test(condition, meaning)
    if isinstance(subject, RequestAttribute):
        verdict = test(request_value(subject))
        return lambda candidate: verdict
    assert subject is not None
    lookup = kind.lookup(subject.name)
    return lambda candidate: test(lookup(candidate))


def term(leaf: Node, kind: Kind, meaning: Meaning = OPENNEBULA) -> Measure:
    """Compile a number that needs no computing."""
    if isinstance(leaf, Attribute):
        name, lookup, read = leaf.name, kind.lookup(leaf.name), meaning.read
        return lambda candidate: read(lookup(candidate), name)
    number = meaning.read(request_value(leaf), leaf.name) if isinstance(leaf, RequestAttribute) else constant(leaf)
    return lambda candidate: number


def constant(leaf: Node) -> float:
    """Return the number that a literal, or an empty rank, stands for."""
    if isinstance(leaf, Number):
        return leaf.value
    return float32(leaf.value) if isinstance(leaf, Integer | Float) else 0.0


def relation(operator: str) -> Callable[[Any, Any], bool]:
    """Return the function that compares two numbers, either of which may be missing."""
    holds = RELATIONS[operator]
    return lambda left, right: left is not None and right is not None and holds(left, right)


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


def _numerical_chain(first: Measure, rest: list[tuple[Operation, Measure]]) -> Measure:
    if len(rest) == 1:
        ((operation, second),) = rest
        return lambda candidate: operation(first(candidate), second(candidate))

    def chain(candidate: Any) -> Any:
        number = first(candidate)
        for operation, operand in rest:
            number = operation(number, operand(candidate))
        return number

    return chain


def _membership(operand: Measure, items: list[Measure]) -> Predicate:
    equal = relation("=")

    def among(candidate: Any) -> bool:
        number = operand(candidate)
        return any(equal(number, item(candidate)) for item in items)

    return among


def _call(function: str, arguments: list[Measure]) -> Measure:
    first, *others = arguments
    if function == "default":
        (fallback,) = others

        def default(candidate: Any) -> Any:
            number = first(candidate)
            return fallback(candidate) if number is None else number

        return default
    if function in FOLDS:
        fold = FOLDS[function]
        return _numerical_chain(first, [(fold, other) for other in others])
    compute = FUNCTIONS[function]
    return lambda candidate: compute(first(candidate))
