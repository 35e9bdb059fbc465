"""Trees of the extended dialect on columns: what closures say of one candidate, numpy says of a block of slots.

Numbers are doubles, with where they are; conditions are verdicts. A tree is no deeper than its dialect allows, so that it is
compiled to nested functions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from matchmaker.engine.attribute_clauses import attribute_clause
from matchmaker.engine.blocks import Block, Doubles, Flags
from matchmaker.engine.closures import constant
from matchmaker.engine.columns import Need
from matchmaker.engine.conditions import compile_test, request_value, subject_of
from matchmaker.engine.meanings import EXTENDED
from matchmaker.engine.verdicts import COMPARE
from matchmaker.language.nodes import (
    Attribute,
    Blank,
    Call,
    Chain,
    Choice,
    Membership,
    Negative,
    Node,
    Not,
    Number,
    Relation,
    RequestAttribute,
    Text,
    is_condition,
)

Numbers = Callable[[Block], Doubles]
"""Returns the numbers of a block, not to be changed."""
Verdicts = Callable[[Block], Any]
"""Returns a verdict per slot, in an array that the caller may change, or one for all."""

_ARITHMETIC: dict[str, Any] = {"+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide}
_LOGIC: dict[str, Any] = {"&": np.logical_and, "|": np.logical_or}
_FUNCTIONS: dict[str, Any] = {"abs": np.abs, "round": np.rint}
_BETTER: dict[str, Any] = {"min": np.less, "max": np.greater}


def compile_verdicts(tree: Node, needs: set[Need]) -> Verdicts:
    """Compile a condition.

    Parameters
    ----------
    tree : Node
        The condition.
    needs : set of Need
        Gets the views that it reads.
    """
    subject = subject_of(tree)
    if isinstance(subject, Attribute):
        clause = attribute_clause(tree)
        needs.update(clause.needs)
        return lambda block: block.verdicts(clause)
    if isinstance(subject, RequestAttribute):
        return _constant(compile_test(tree, EXTENDED)(request_value(subject)))
    if isinstance(tree, Not):
        operand = compile_verdicts(tree.operand, needs)
        return lambda block: np.logical_not(operand(block))
    if isinstance(tree, Chain):
        first = compile_verdicts(tree.first, needs)
        return _joined(first, [(_LOGIC[operator], compile_verdicts(operand, needs)) for operator, operand in tree.rest])
    if isinstance(tree, Choice):
        condition = compile_verdicts(tree.condition, needs)
        then, otherwise = compile_verdicts(tree.then, needs), compile_verdicts(tree.otherwise, needs)
        return lambda block: np.where(condition(block), then(block), otherwise(block))
    if isinstance(tree, Membership):
        return _membership(tree, needs)
    if isinstance(tree, Relation):
        left, right = compile_numbers(tree.left, needs), compile_numbers(tree.right, needs)
        compare = COMPARE[tree.operator]
        return lambda block: _compared(compare, left(block), right(block))
    assert isinstance(tree, Blank)
    return _constant(True)


def compile_numbers(tree: Node, needs: set[Need]) -> Numbers:
    """Compile a number, or a condition that stands for one; see `compile_verdicts`."""
    if isinstance(tree, Attribute):
        need = Need(tree.name, "doubles")
        needs.add(need)
        return lambda block: block.numbers(need)
    if isinstance(tree, Number | Blank | RequestAttribute):
        return _same_everywhere(tree)
    if isinstance(tree, Chain) and tree.level:
        first = compile_numbers(tree.first, needs)
        rest = [(_ARITHMETIC[operator], compile_numbers(operand, needs)) for operator, operand in tree.rest]
        return _computed(first, rest)
    if isinstance(tree, Negative):
        return _of_one(np.negative, compile_numbers(tree.operand, needs))
    if isinstance(tree, Choice) and not is_condition(tree):
        condition = compile_verdicts(tree.condition, needs)
        then, otherwise = compile_numbers(tree.then, needs), compile_numbers(tree.otherwise, needs)
        return lambda block: _chosen(condition(block), then(block), otherwise(block))
    if isinstance(tree, Call) and tree.function != "exists":
        return _call(tree.function, [compile_numbers(argument, needs) for argument in tree.arguments])
    verdicts = compile_verdicts(tree, needs)
    return lambda block: Doubles(verdicts(block).astype(np.float64))


def _constant(verdict: bool) -> Verdicts:
    flag = np.bool_(verdict)
    return lambda block: flag


def _same_everywhere(leaf: Node) -> Numbers:
    number = EXTENDED.read(request_value(leaf), leaf.name) if isinstance(leaf, RequestAttribute) else constant(leaf)
    numbers = Doubles(np.float64(0.0), np.bool_(False)) if number is None else Doubles(np.float64(number))
    return lambda block: numbers


def _own(array: Any) -> Any:
    """Return an array to write results into; None where there is one value for all slots."""
    return array if isinstance(array, np.ndarray) and array.ndim else None


def _both(one: Flags | None, other: Flags | None) -> Flags | None:
    """Return where two numbers are both there."""
    if one is None or other is None:
        return other if one is None else one
    return np.logical_and(one, other)


def _joined(first: Verdicts, rest: Sequence[tuple[Any, Verdicts]]) -> Verdicts:
    def joined(block: Block) -> Any:
        verdicts = first(block)
        for operation, operand in rest:
            verdicts = operation(verdicts, operand(block), out=_own(verdicts))
        return verdicts

    return joined


def _membership(tree: Membership, needs: set[Need]) -> Verdicts:
    """Compile `in` where something has to be computed: the number, or some of the items."""
    literals: list[Node] = []
    computed: list[Numbers] = []
    for item in tree.items:
        if isinstance(tree.operand, Attribute | RequestAttribute) and isinstance(item, Number | Text):
            literals.append(item)
        else:
            computed.append(compile_numbers(item, needs))
    known = compile_verdicts(Membership(tree.operand, tuple(literals)), needs) if literals else _constant(False)
    operand = compile_numbers(tree.operand, needs)

    def among(block: Block) -> Any:
        verdicts, number = known(block), operand(block)
        for item in computed:
            verdicts = np.logical_or(verdicts, _compared(np.equal, number, item(block)), out=_own(verdicts))
        return verdicts

    return among


def _compared(compare: Any, left: Doubles, right: Doubles) -> Any:
    verdicts, present = compare(left.values, right.values), _both(left.present, right.present)
    return verdicts if present is None else np.logical_and(verdicts, present, out=_own(verdicts))


def _of_one(operation: Any, operand: Numbers) -> Numbers:
    def computed(block: Block) -> Doubles:
        values, present = operand(block)
        return Doubles(operation(values), present)

    return computed


def _computed(first: Numbers, rest: Sequence[tuple[Any, Numbers]]) -> Numbers:
    def computed(block: Block) -> Doubles:
        values, present = first(block)
        own = None
        for operation, operand in rest:
            right = operand(block)
            values = operation(values, right.values, out=own)
            present = _both(present, right.present)
            own = _own(values)
        return Doubles(values, present)

    return computed


def _best(better: Any, first: Numbers, rest: Sequence[Numbers]) -> Numbers:
    def best(block: Block) -> Doubles:
        values, present = first(block)
        for operand in rest:
            right = operand(block)
            values = np.where(better(right.values, values) | np.isnan(right.values), right.values, values)
            present = _both(present, right.present)
        return Doubles(values, present)

    return best


def _chosen(condition: Any, then: Doubles, otherwise: Doubles) -> Doubles:
    values = np.where(condition, then.values, otherwise.values)
    if then.present is None and otherwise.present is None:
        return Doubles(values)
    one, other = (True if each.present is None else each.present for each in (then, otherwise))
    return Doubles(values, np.where(condition, one, other))


def _call(function: str, arguments: list[Numbers]) -> Numbers:
    first, *others = arguments
    if function == "default":
        (fallback,) = others
        return lambda block: _defaulted(first(block), fallback(block))
    if function in _BETTER:
        return _best(_BETTER[function], first, others)
    return _of_one(_FUNCTIONS[function], first)


def _defaulted(number: Doubles, fallback: Doubles) -> Doubles:
    return number if number.present is None else _chosen(number.present, Doubles(number.values), fallback)
