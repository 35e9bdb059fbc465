"""Expressions over columns: a requirement is a few operations on bitmaps, a rank float32 arithmetic on blocks of numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from matchmaker.engine.attribute_clauses import attribute_clause
from matchmaker.engine.bitmaps import Array, Words
from matchmaker.engine.closures import constant
from matchmaker.engine.columns import Need
from matchmaker.engine.conditions import subject_of
from matchmaker.engine.extended_columns import ColumnCondition, DoubleRankColumns
from matchmaker.engine.meanings import OPENNEBULA, Meaning
from matchmaker.engine.orders import Scores
from matchmaker.engine.verdicts import AttributeClause, column_clause
from matchmaker.language.nodes import Attribute, Blank, Chain, Comparison, Negative, Node, Not

BLOCK = 65_536
"""How many scores are computed at a time: a few float32 arrays of it stay in the second-level cache."""
_PENDING = 64
"""How deep an expression may nest before its blocks get smaller, so that what waits stays bounded."""
_BEYOND = np.float32(2147483648.0)
"""The smallest number above what fits into an int32."""

_NOT, _AND, _OR = -1, -2, -3
_LOGIC = {"&": _AND, "|": _OR}
_ARITHMETIC: dict[str, Any] = {"+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide}


AnyClause = AttributeClause | ColumnCondition
Verdicts = Callable[[AnyClause], Words]
"""Returns the verdicts of a clause on all slots, in an array that is not to be changed."""


class RequirementColumns:
    """A requirement, compiled for columns.

    Parameters
    ----------
    tree : Node
        Its tree.
    meaning : Meaning
        What the dialect makes of it.

    Attributes
    ----------
    clauses : tuple of AnyClause
        The conditions that `&`, `|` and `!` join, in text order: in the opennebula dialect its comparisons.
    needs : frozenset of Need
        The views that it reads.
    names : frozenset of str
        The attributes that it reads.
    """

    __slots__ = ("_deepest", "_steps", "clauses", "names", "needs")

    def __init__(self, tree: Node, meaning: Meaning = OPENNEBULA) -> None:
        clauses: list[AnyClause] = []
        steps: list[int] = []
        pending: list[Node | int] = [tree]
        waiting = self._deepest = 0
        while pending:
            item = pending.pop()
            if isinstance(item, int):
                steps.append(item)
                waiting -= item != _NOT
            elif isinstance(item, Not):
                pending.extend((_NOT, item.operand))
            elif isinstance(item, Chain):
                for operator, operand in reversed(item.rest):
                    pending.extend((_LOGIC[operator], operand))
                pending.append(item.first)
            elif not isinstance(item, Blank):
                steps.append(len(clauses))
                clauses.append(column_clause(item, meaning) if isinstance(item, Comparison) else _condition(item))
                waiting += 1
                self._deepest = max(self._deepest, waiting)
        self._steps = tuple(steps)
        self.clauses = tuple(clauses)
        self.needs = frozenset(need for clause in clauses for need in clause.needs)
        self.names = frozenset(need.name for need in self.needs)

    def mask(self, verdicts: Verdicts, alive: Words) -> Words:
        """Return which slots meet the requirement, in an array of its own.

        Parameters
        ----------
        verdicts : callable
            Returns the verdicts of a clause.
        alive : Words
            The slots that hold a candidate.
        """
        if self._deepest <= _PENDING:
            return self._combined(lambda place: verdicts(self.clauses[place]), alive)
        size = max(64, _PENDING * BLOCK // self._deepest)
        mask = np.empty_like(alive)
        for start in range(0, len(alive), size):
            piece = slice(start, start + size)
            # A copy, as what is not kept can go then.
            mask[piece] = self._combined(
                lambda place: verdicts(self.clauses[place])[piece].copy(),  # noqa: B023  called at once
                alive[piece],
            )
        return mask

    def _combined(self, words: Callable[[int], Words], alive: Words) -> Words:
        if not self._steps:
            return alive.copy()
        stack: list[tuple[Words, bool]] = []  # with whether it is ours to change
        for step in self._steps:
            if step >= 0:
                stack.append((words(step), False))
                continue
            right, owned = stack.pop()
            if step == _NOT:
                stack.append((np.invert(right, out=right if owned else None), True))
                continue
            left, left_owned = stack.pop()
            out = left if left_owned else right if owned else None
            operation = np.bitwise_and if step == _AND else np.bitwise_or
            stack.append((operation(left, right, out=out), True))
        mask, owned = stack.pop()
        return np.bitwise_and(mask, alive, out=mask if owned else None)


def _condition(tree: Node) -> AnyClause:
    """Return a condition of the extended dialect, ready to run over columns."""
    return attribute_clause(tree) if isinstance(subject_of(tree), Attribute) else ColumnCondition(tree)


class _Step(NamedTuple):
    """One step of a rank on a block: load an attribute, or compute.

    `left` and `right` are places of the stack, or constants; to load, `left` is the number of the attribute.
    """

    operation: Any
    left: Any
    right: Any
    place: int


class RankColumns:
    """A rank of the opennebula dialect, compiled for columns.

    Attributes
    ----------
    key : str
        What tells it from others: the same as text, operands before operators.
    needs : frozenset of Need
        The views that it reads.
    names : frozenset of str
        The attributes that it reads.
    """

    __slots__ = ("_deepest", "_names", "_result", "_steps", "key", "names", "needs")

    def __init__(self, tree: Node) -> None:
        self._names: dict[str, int] = {}
        self._steps: list[_Step] = []
        self._deepest = 0
        written: list[str] = []
        with np.errstate(all="ignore"):
            self._result = self._compile(tree, written)
        self.key = " ".join(written)
        self.names = frozenset(self._names)
        self.needs = frozenset(Need(name, "floats") for name in self._names)

    def _compile(self, tree: Node, written: list[str]) -> int | np.float32:
        """Write the steps, and return where the result is: a place of the stack, or the constant that it is."""
        stack: list[int | np.float32] = []
        pending: list[Any] = [tree]
        used = 0
        while pending:
            item = pending.pop()
            if isinstance(item, np.ufunc):
                written.append(item.__name__)
                operands = [stack.pop() for _ in range(item.nin)][::-1]
                places = [operand for operand in operands if isinstance(operand, int)]
                if places:
                    used -= len(places) - 1
                    self._steps.append(_Step(item, operands[0], operands[1] if item.nin == 2 else None, places[0]))
                    stack.append(places[0])
                else:
                    stack.append(item(*operands))
            elif isinstance(item, Chain):
                for operator, operand in reversed(item.rest):
                    pending.extend((_ARITHMETIC[operator], operand))
                pending.append(item.first)
            elif isinstance(item, Negative):
                pending.extend((np.negative, item.operand))
            elif isinstance(item, Attribute):
                written.append(f'"{item.name}"')
                number = self._names.setdefault(item.name, len(self._names))
                self._steps.append(_Step(None, number, None, used))
                stack.append(used)
                used += 1
                self._deepest = max(self._deepest, used)
            else:
                value = constant(item)
                written.append(repr(value))
                stack.append(np.float32(value))
        return stack[0]

    def scores(self, load: Callable[[str], Array], length: int) -> Scores:
        """Return the scores of all slots.

        Parameters
        ----------
        load : callable
            Returns the numbers of an attribute by slot, 0 where there is none.
        length : int
            How many slots there are.
        """
        arrays = [load(name) for name in self._names]
        size = min(length, BLOCK if self._deepest <= _PENDING else max(512, BLOCK * _PENDING // self._deepest))
        buffers = np.empty((self._deepest, size), np.float32)
        stack: list[Any] = [None] * self._deepest
        scores = np.empty(length, np.int32)
        with np.errstate(all="ignore"):
            for start in range(0, length, max(size, 1)):
                stop = min(start + size, length)
                self._run(stack, [array[start:stop] for array in arrays], buffers[:, : stop - start])
                _cut(stack[self._result] if isinstance(self._result, int) else self._result, scores[start:stop])
        return scores

    def _run(self, stack: list[Any], arrays: list[Array], buffers: Array) -> None:
        """Take all steps on a block."""
        for operation, left, right, place in self._steps:
            if operation is None:
                array = arrays[left]
                if array.dtype != np.float32:
                    buffer = buffers[place]
                    np.copyto(buffer, array, casting="same_kind")
                    array = buffer
                stack[place] = array
            elif right is None:
                stack[place] = operation(stack[left], out=buffers[place])
            else:
                one = stack[left] if type(left) is int else left
                other = stack[right] if type(right) is int else right
                stack[place] = operation(one, other, out=buffers[place])


def _cut(numbers: Any, scores: Scores) -> None:
    """Cut float32 numbers to integers toward zero; NaN and what does not fit are -2147483648."""
    if not (numbers.max() < _BEYOND and numbers.min() >= -_BEYOND):  # NaN compares as false
        numbers = np.where(np.abs(numbers) < _BEYOND, numbers, -_BEYOND)
    np.copyto(scores, numbers, casting="unsafe")


AnyRankColumns = RankColumns | DoubleRankColumns


def rank_columns(tree: Node, meaning: Meaning) -> AnyRankColumns:
    """Compile a rank for columns."""
    return RankColumns(tree) if meaning is OPENNEBULA else DoubleRankColumns(tree)
