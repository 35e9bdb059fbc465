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
        from matchmaker.language.flat import flatten

        return self is other or flatten(self) == flatten(other)

    def __hash__(self) -> int:
        from matchmaker.language.flat import flatten

        return hash(tuple(flatten(self)))

    def __repr__(self) -> str:
        from matchmaker.language.printer import print_tree

        return f"<{type(self).__name__} {print_tree(self)}>"

    def __reduce__(self) -> tuple[Any, ...]:
        from matchmaker.language.flat import flatten, rebuild

        return rebuild, (flatten(self, spans=True),)


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


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Number(Node):
    """A number of the extended dialect, a finite double."""

    value: float
    span: Span = NOWHERE


Literal = Integer | Float | Number | Text


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class RequestAttribute(Node):
    """The value of one of the request's own attributes, in the extended dialect; None while it is not bound, or missing.

    `value` is a str, int, float, bool, None or a tuple of these.
    """

    name: str
    value: Any = None
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Comparison(Node):
    """An attribute compared with a literal; `operator` is one of `=`, `!=`, `@>`, `>` and `<`.

    In the extended dialect numbers are compared by `>=` and `<=` as well, and `==` stands before a text that is to be the same.
    """

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

    A chain in front of another of the same level is the beginning of it, so `first` is never such a chain. In the extended
    dialect `&` and `|` do not mix in one chain: what is `A & B | C` has a chain with `&` as its first operand.
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


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Relation(Node):
    """Two arithmetic expressions compared, in the extended dialect; or a `RequestAttribute` compared with a `Text`.

    `operator` is one of `=`, `!=`, `<`, `<=`, `>` and `>=`, before a text `=`, `!=` or `==`. An attribute and a literal make a
    `Comparison` instead.
    """

    left: Node
    operator: str
    right: Node
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Membership(Node):
    """`A in [1, "b*"]` of the extended dialect: whether one of the items is equal.

    Texts stand there only behind an attribute of the candidate or the request.
    """

    operand: Node
    items: tuple[Node, ...]
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Choice(Node):
    """`A ? B : C` of the extended dialect."""

    condition: Node
    then: Node
    otherwise: Node
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Call(Node):
    """A function of the extended dialect: `exists`, which is a condition, or `default`, `min`, `max`, `abs` or `round`."""

    function: str
    arguments: tuple[Node, ...]
    span: Span = NOWHERE


_LEAVES = frozenset((Attribute, Integer, Float, Number, Text, RequestAttribute, Blank))


def children(node: Node) -> tuple[Node, ...]:
    """Return the nodes directly below a node, in text order."""
    if type(node) in _LEAVES:  # which most are
        return ()
    if isinstance(node, Chain):
        return node.operands
    if isinstance(node, Not | Negative):
        return (node.operand,)
    if isinstance(node, Comparison):
        return (node.attribute, node.literal)
    if isinstance(node, Relation):
        return (node.left, node.right)
    if isinstance(node, Membership):
        return (node.operand, *node.items)
    if isinstance(node, Choice):
        return (node.condition, node.then, node.otherwise)
    if isinstance(node, Call):
        return node.arguments
    return ()


def is_condition(node: Node) -> bool:
    """Tell whether a node is true or false rather than a number; a choice is when both that it chooses from are."""
    pending = [node]
    while pending:
        node = pending.pop()
        if isinstance(node, Choice):
            pending.extend((node.otherwise, node.then))
        elif isinstance(node, Chain):
            if node.level:
                return False
        elif isinstance(node, Call):
            if node.function != "exists":
                return False
        elif not isinstance(node, Comparison | Relation | Membership | Not | Blank):
            return False
    return True


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
        below = () if isinstance(node, Comparison) else children(node)
        if below:
            pending.extend(reversed(below))
        else:
            yield node


def at_level(tree: Node, level: int) -> Iterator[Node]:
    """Yield the nodes that are so many levels deep, in text order; the root's level is 1."""
    nodes = [tree]
    for _ in range(level - 1):
        nodes = [child for node in nodes for child in children(node)]
        if not nodes:
            return
    yield from nodes


def depth(tree: Node) -> int:
    """Return how many nodes the longest way from the root to a leaf passes."""
    level, deepest = [tree], 0
    while level:
        deepest += 1
        level = [child for node in level for child in children(node)]
    return deepest
