"""Trees too deep to recurse on, compiled to a flat list of steps; the answers are those of the closures.

A program has a value, a verdict or a number, and a stack of numbers that wait for their right operand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import not_
from typing import Any, Final, NamedTuple

from matchmaker.attributes.lookup import Kind
from matchmaker.engine.arithmetic import FOLDS, FUNCTIONS
from matchmaker.engine.clauses import Clause
from matchmaker.engine.closures import (
    NO_CLAUSES,
    TERMS,
    Measure,
    Operation,
    Predicate,
    clause_predicate,
    relation,
    term,
    value_predicate,
)
from matchmaker.engine.conditions import alternatives, subject_of
from matchmaker.engine.meanings import OPENNEBULA, Meaning
from matchmaker.language.nodes import (
    Attribute,
    Call,
    Chain,
    Choice,
    Comparison,
    Membership,
    Negative,
    Node,
    Not,
    Relation,
    RequestAttribute,
)

PUSH: Final = "push"
"""Put the value on the stack."""
APPLY: Final = "apply"
"""Make the value of the top of the stack, which goes, and the value."""
APPLY_TERM: Final = "apply term"
"""Make the value of the value, and a number that needs no computing."""
MATCH: Final = "match"
"""Make the value of the top of the stack, which stays, and the value."""
DROP: Final = "drop"
"""Take the top off the stack."""
CHANGE: Final = "change"
"""Make the value of the value."""
JUMP: Final = "jump"
"""Go on elsewhere."""
JUMP_UNLESS_MISSING: Final = "jump unless missing"
"""Go on elsewhere if the value is a number."""

_PUSH = (PUSH, None)
_NEGATION = (CHANGE, not_)


class _Label:
    """A place in a program that jumps lead to; known once the program is written that far."""

    place = -1


class _Part(NamedTuple):
    """Part of a tree that is to be compiled, to a number or to a verdict."""

    node: Node
    numerical: bool


_Step = tuple[Any, Any]
"""What to do, and with what; True and False are jumps to a label if that is the verdict."""
_Item = _Part | _Step | _Label | Callable[[Any], Any]


def compile_predicate(tree: Node, kind: Kind, clauses: Iterator[Clause], meaning: Meaning = OPENNEBULA) -> Predicate:
    """Compile a requirement of any depth; see `matchmaker.engine.closures.compile_predicate`."""
    return _Compiler(kind, clauses, meaning).compile(_Part(tree, numerical=False))


def compile_measure(
    tree: Node, kind: Kind, clauses: Iterator[Clause] = NO_CLAUSES, meaning: Meaning = OPENNEBULA
) -> Measure:
    """Compile a rank of any depth; see `matchmaker.engine.closures.compile_measure`."""
    return _Compiler(kind, clauses, meaning).compile(_Part(tree, numerical=True))


class _Compiler:
    """Writes the steps of a tree."""

    def __init__(self, kind: Kind, clauses: Iterator[Clause], meaning: Meaning) -> None:
        self._kind = kind
        self._clauses = clauses
        self._meaning = meaning

    def compile(self, tree: _Part) -> Callable[[Any], Any]:
        """Return the function of a candidate that takes all steps."""
        steps: list[_Step | Callable[[Any], Any]] = []
        pending: list[_Item] = [tree]
        while pending:
            item = pending.pop()
            if isinstance(item, _Part):
                pending.extend(reversed(self._numerical(item.node) if item.numerical else self._logical(item.node)))
            elif isinstance(item, _Label):
                item.place = len(steps)
            else:
                steps.append(item)
        program = [_landed(step) for step in steps]
        plain = all(type(step) is not tuple or step == _NEGATION for step in program)
        return _verdict_runner(program) if plain else _runner(program)

    def _logical(self, node: Node) -> list[_Item]:
        """Return what a condition consists of, in order."""
        if isinstance(node, Comparison):
            return [clause_predicate(next(self._clauses), self._kind)]
        if isinstance(node, Not):
            return [_Part(node.operand, numerical=False), _NEGATION]
        if isinstance(node, Chain):
            parts: list[_Item] = [_Part(node.first, numerical=False)]
            for operator, operand in node.rest:
                behind = _Label()
                parts += ((operator == "|", behind), _Part(operand, numerical=False), behind)
            return parts
        if isinstance(node, Choice):
            return _choice(node, numerical=False)
        if subject_of(node) is not None:
            return [value_predicate(node, self._kind, self._meaning)]
        if isinstance(node, Membership):
            if isinstance(node.operand, Attribute | RequestAttribute):
                return [_Part(alternatives(node), numerical=False)]
            return _membership(node)
        if isinstance(node, Relation):
            return self._applied(node.left, [(relation(node.operator), node.right)])
        return [lambda candidate: True]

    def _numerical(self, node: Node) -> list[_Item]:
        """Return what a number consists of, in order."""
        if isinstance(node, TERMS):
            return [term(node, self._kind, self._meaning)]
        if isinstance(node, Chain) and node.level:
            operations = self._meaning.operations
            return self._applied(node.first, [(operations[operator], operand) for operator, operand in node.rest])
        if isinstance(node, Negative):
            return [_Part(node.operand, numerical=True), (CHANGE, self._meaning.negate)]
        if isinstance(node, Choice):
            return _choice(node, numerical=True)
        if isinstance(node, Call) and node.function == "default":
            first, fallback = node.arguments
            end = _Label()
            return [
                _Part(first, numerical=True),
                (JUMP_UNLESS_MISSING, end),
                _Part(fallback, numerical=True),
                end,
            ]
        if isinstance(node, Call) and node.function in FOLDS:
            first, *others = node.arguments
            return self._applied(first, [(FOLDS[node.function], other) for other in others])
        if isinstance(node, Call) and node.function in FUNCTIONS:
            return [_Part(node.arguments[0], numerical=True), (CHANGE, FUNCTIONS[node.function])]
        return [_Part(node, numerical=False), (CHANGE, float)]

    def _applied(self, first: Node, rest: Iterable[tuple[Operation, Node]]) -> list[_Item]:
        """Return what makes one value of numbers, from left to right."""
        parts: list[_Item] = [_Part(first, numerical=True)]
        for operation, operand in rest:
            if isinstance(operand, TERMS):
                parts.append((APPLY_TERM, (operation, term(operand, self._kind, self._meaning))))
            else:
                parts += (_PUSH, _Part(operand, numerical=True), (APPLY, operation))
        return parts


def _landed(step: _Step | Callable[[Any], Any]) -> Any:
    """Return a step with the place of its label, if it has one; one that depends on the verdict is that number alone."""
    if not isinstance(step, tuple) or not isinstance(step[1], _Label):
        return step
    action, label = step
    if isinstance(action, bool):
        return label.place if action else -label.place
    return action, label.place


def _choice(node: Choice, *, numerical: bool) -> list[_Item]:
    otherwise, end = _Label(), _Label()
    return [
        _Part(node.condition, numerical=False),
        (False, otherwise),
        _Part(node.then, numerical=numerical),
        (JUMP, end),
        otherwise,
        _Part(node.otherwise, numerical=numerical),
        end,
    ]


def _membership(node: Membership) -> list[_Item]:
    end, equal = _Label(), relation("=")
    parts: list[_Item] = [_Part(node.operand, numerical=True), _PUSH]
    for item in node.items:
        parts += (_Part(item, numerical=True), (MATCH, equal), (True, end))
    return [*parts, end, (DROP, None)]


def _verdict_runner(program: Sequence[Any]) -> Predicate:
    """Return the function that runs a program which only joins and negates verdicts, and so needs no stack."""
    steps = [None if step == _NEGATION else step for step in program]
    end = len(steps)

    def run(candidate: Any) -> bool:
        verdict, place = True, 0
        while place < end:
            step = steps[place]
            place += 1
            if step is None:
                verdict = not verdict
            elif type(step) is int:
                if verdict is (step > 0):
                    place = abs(step)
            else:
                verdict = step(candidate)
        return verdict

    return run


def _runner(program: Sequence[Any]) -> Callable[[Any], Any]:
    """Return the function that runs a program."""
    end = len(program)

    def run(candidate: Any) -> Any:
        value: Any = True
        waiting: list[Any] = []
        place = 0
        while place < end:
            step = program[place]
            place += 1
            if type(step) is not tuple:
                if type(step) is not int:
                    value = step(candidate)
                elif value is (step > 0):
                    place = abs(step)
                continue
            action, argument = step
            if action is CHANGE:
                value = argument(value)
            elif action is APPLY_TERM:
                operation, operand = argument
                value = operation(value, operand(candidate))
            elif action is PUSH:
                waiting.append(value)
            elif action is APPLY:
                value = argument(waiting.pop(), value)
            elif action is JUMP:
                place = argument
            elif action is JUMP_UNLESS_MISSING:
                if value is not None:
                    place = argument
            elif action is MATCH:
                value = argument(waiting[-1], value)
            else:
                waiting.pop()
        return value

    return run
