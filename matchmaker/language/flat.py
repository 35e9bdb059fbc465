"""Trees as flat lists, by which they are compared, hashed and pickled without recursion."""

from __future__ import annotations

from typing import Any

from matchmaker.language.nodes import (
    Attribute,
    Blank,
    Call,
    Chain,
    Comparison,
    Float,
    Integer,
    Membership,
    Node,
    Number,
    Relation,
    RequestAttribute,
    Text,
    children,
)
from matchmaker.source import Span


def flatten(tree: Node, *, spans: bool = False) -> list[Any]:
    """Write a tree as a flat list: per node, children first, its class, what it holds, and the number of its children."""
    flat: list[Any] = []
    pending = [tree]
    while pending:
        node = pending.pop()
        below = children(node)
        held: Any = None
        if isinstance(node, Chain):
            held = tuple(operator for operator, _ in node.rest)
        elif isinstance(node, Comparison | Relation):
            held = node.operator
        elif isinstance(node, Call):
            held = node.function
        elif isinstance(node, Attribute):
            held = node.name
        elif isinstance(node, RequestAttribute):
            held = (node.name, node.value)
        elif isinstance(node, Integer | Float | Number | Text):
            held = node.value
        flat.append((type(node), held, len(below), tuple(node.span) if spans else None))
        pending.extend(below)
    flat.reverse()
    return flat


def rebuild(flat: list[Any]) -> Node:
    """Make the tree again that `flatten` wrote with its spans."""
    built: list[Node] = []
    for cls, held, count, place in flat:
        below = [built.pop() for _ in range(count)]
        below.reverse()
        built.append(cls(*_fields(cls, held, below), Span(*place)))
    return built[0]


def _fields(cls: type[Node], held: Any, below: list[Node]) -> tuple[Any, ...]:
    """Return the fields of a node, but for its span, by what it holds and its children."""
    if cls is Chain:
        return below[0], tuple(zip(held, below[1:], strict=True))
    if cls in (Comparison, Relation):
        return below[0], held, below[1]
    if cls is Membership:
        return below[0], tuple(below[1:])
    if cls is Call:
        return held, tuple(below)
    if cls is RequestAttribute:
        return tuple(held)
    if cls is Blank:
        return ()
    return tuple(below) or (held,)
