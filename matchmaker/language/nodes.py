"""The tree of an expression: dumb, frozen nodes.

The tree is all that passes between the language and the engines. Nothing here evaluates or looks anything up, and nothing
recurses: a tree may be as deep as its text, and comparing, hashing, printing and pickling it are loops.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from matchmaker.source import Span

NOWHERE = Span(0, 0)
"""The span of a node that no text was read for."""

LEVELS = {"&": 0, "|": 0, "+": 1, "-": 1, "*": 2, "/": 2}
"""The precedence level of each operator that a `Chain` may hold; a higher one binds tighter."""


class Node:
    """The base of all nodes; spans take no part in comparison."""

    __slots__ = ()
    span: Span

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Node):
            return NotImplemented
        return self is other or _flatten(self) == _flatten(other)

    def __hash__(self) -> int:
        return hash(tuple(_flatten(self)))

    def __repr__(self) -> str:
        from matchmaker.language.printer import print_tree

        return f"<{type(self).__name__} {print_tree(self)}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (_flatten(self, spans=True),)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Blank(Node):
    """An empty expression: true as a requirement, 0 as a rank."""

    span: Span = NOWHERE


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Attribute(Node):
    """The value of an attribute; `name` is without quotes."""

    name: str
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Integer(Node):
    """A whole number, cut to a signed 32-bit one as upstream does."""

    value: int
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Float(Node):
    """A number with a fraction; `value` is a float32, held in a Python float."""

    value: float
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Text(Node):
    """A text on the right side of a comparison: a glob pattern."""

    value: str
    span: Span = NOWHERE


Literal = Integer | Float | Text


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Comparison(Node):
    """An attribute compared with a literal; `operator` is one of `=`, `!=`, `@>`, `>` and `<`."""

    attribute: Attribute
    operator: str
    literal: Literal
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Not(Node):
    """The opposite of a requirement."""

    operand: Node
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Negative(Node):
    """A unary minus."""

    operand: Node
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Chain(Node):
    """Operands joined from left to right by operators of one level: `A & B | C` is `(A & B) | C`.

    A chain in front of another of the same level is the beginning of it, so `first` is never such a chain.
    """

    first: Node
    rest: tuple[tuple[str, Node], ...]
    span: Span = NOWHERE

    @property
    def level(self) -> int:
        """The precedence level that its operators share."""
        return LEVELS[self.rest[0][0]]

    @property
    def operands(self) -> tuple[Node, ...]:
        """The operands, in text order."""
        return (self.first, *(operand for _, operand in self.rest))


def children(node: Node) -> tuple[Node, ...]:
    """Return the nodes directly below a node, in text order."""
    if isinstance(node, Chain):
        return node.operands
    if isinstance(node, Not | Negative):
        return (node.operand,)
    if isinstance(node, Comparison):
        return (node.attribute, node.literal)
    return ()


def walk(tree: Node) -> Iterator[Node]:
    """Yield a node and everything below it, in text order."""
    pending = [tree]
    while pending:
        node = pending.pop()
        yield node
        pending.extend(reversed(children(node)))


def leaves(tree: Node) -> Iterator[Node]:
    """Yield the comparisons, attributes and numbers that a tree joins, in text order."""
    pending = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, Chain):
            pending.extend(reversed(node.operands))
        elif isinstance(node, Not | Negative):
            pending.append(node.operand)
        else:
            yield node


def depth(tree: Node) -> int:
    """Return how many nodes the longest way from the root to a leaf passes."""
    level, deepest = [tree], 0
    while level:
        deepest += 1
        level = [child for node in level for child in children(node)]
    return deepest


def _flatten(tree: Node, *, spans: bool = False) -> list[Any]:
    """Write a tree as a flat list: per node, children first, its class, what it holds, and the number of its children."""
    flat: list[Any] = []
    pending = [tree]
    while pending:
        node = pending.pop()
        below = children(node)
        held: Any = None
        if isinstance(node, Chain):
            held = tuple(operator for operator, _ in node.rest)
        elif isinstance(node, Comparison):
            held = node.operator
        elif isinstance(node, Attribute):
            held = node.name
        elif isinstance(node, Integer | Float | Text):
            held = node.value
        flat.append((type(node), held, len(below), tuple(node.span) if spans else None))
        pending.extend(below)
    flat.reverse()
    return flat


def _rebuild(flat: list[Any]) -> Node:
    """Make the tree again that `_flatten` wrote with its spans."""
    built: list[Node] = []
    for cls, held, count, place in flat:
        below = [built.pop() for _ in range(count)]
        below.reverse()
        span = Span(*place)
        if cls is Chain:
            built.append(Chain(below[0], tuple(zip(held, below[1:], strict=True)), span))
        elif cls is Comparison:
            built.append(Comparison(below[0], held, below[1], span))  # type: ignore[arg-type]
        elif below:
            built.append(cls(below[0], span))
        elif cls is Blank:
            built.append(Blank(span))
        else:
            built.append(cls(held, span))
    return built[0]
