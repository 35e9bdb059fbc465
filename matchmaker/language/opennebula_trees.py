"""The trees of the opennebula dialect, built while its grammars are parsed."""

from __future__ import annotations

from typing import Any

from matchmaker.attributes.numbers import float32
from matchmaker.language.nodes import (
    LEVELS,
    Attribute,
    Blank,
    Chain,
    Comparison,
    Float,
    Integer,
    Literal,
    Negative,
    Node,
    Not,
    Text,
)
from matchmaker.source import Span


class _Link:
    """A chain that is still growing; it becomes a `Chain` once nothing can follow it."""

    __slots__ = ("first", "level", "rest")

    def __init__(self, first: Any, level: int) -> None:
        self.first = first
        self.level = level
        self.rest: list[tuple[str, Node]] = []


class _Negation:
    """A negation whose operand may still be growing: another one in front would set it free again."""

    __slots__ = ("operand", "start")

    def __init__(self, start: int, operand: Any) -> None:
        self.start = start
        self.operand = operand


class _Minus(_Negation):
    """A unary minus."""

    __slots__ = ()


def _finished(node: Any) -> Any:
    kind = type(node)
    if kind is _Link:
        return Chain(node.first, tuple(node.rest), Span(node.first.span[0], node.rest[-1][1].span[1]))
    if kind is _Negation or kind is _Minus:
        operand = _finished(node.operand)
        return (Negative if kind is _Minus else Not)(operand, Span(node.start, operand.span[1]))
    return node


class TreeBuilder:
    """What the parser calls for each rule; children are tokens and what these methods returned."""

    def blank(self, children: list[Any]) -> Node:
        return Blank()

    def start(self, children: list[Any]) -> Any:
        return _finished(children[0])

    def chain(self, children: list[Any]) -> Any:
        return children[0]

    sum = product = chain

    def group(self, children: list[Any]) -> Any:
        return children[1]

    def link(self, children: list[Any]) -> Any:
        first, operator, operand = children
        symbol = operator.value
        level = LEVELS[symbol]
        if type(first) is not _Link or first.level != level:
            first = _Link(_finished(first), level)
        first.rest.append((symbol, _finished(operand)))
        return first

    def negate(self, children: list[Any]) -> Any:
        operator, operand = children
        if isinstance(operand, _Negation):
            return operand.operand
        return (_Negation if operator.type == "BANG" else _Minus)(operator.start_pos, operand)

    def attribute(self, children: list[Any]) -> Node:
        return _attribute(children[0])

    def number(self, children: list[Any]) -> Any:
        literal = _literal(children[0])
        if children[0].type == "FLOAT" and literal.value == 0.0 and children[0].value[0] == "-":
            return _Minus(children[0].start_pos, literal)  # dividing by it gives the other infinity
        return literal

    def compare(self, children: list[Any]) -> Node:
        name, literal = children[0], children[-1]
        operator = children[1].value if len(children) == 3 else children[1].value + children[2].value
        return Comparison(_attribute(name), operator, _literal(literal), Span(name.start_pos, literal.end_pos))


def _attribute(token: Any) -> Attribute:
    text = token.value
    return Attribute(text[1:-1] if text[0] == '"' else text, Span(token.start_pos, token.end_pos))


def _literal(token: Any) -> Literal:
    text, kind, span = token.value, token.type, Span(token.start_pos, token.end_pos)
    if kind == "INTEGER":
        return Integer(wrapped(text), span)
    if kind == "FLOAT":
        return Float(float32(float(text)) + 0.0, span)  # -0.0 becomes 0.0, which compares alike
    return Text(text[1:-1] if kind == "STRING" else text, span)


def wrapped(digits: str) -> int:
    """Return what upstream makes of an integer literal: a 64-bit saturating parse cut to its low 32 bits, signed."""
    if len(digits) <= 9:
        return int(digits)
    magnitude = digits.lstrip("-").lstrip("0")[:20]  # enough to saturate; int() refuses very long texts
    value = -int(magnitude or "0") if digits[0] == "-" else int(magnitude or "0")
    value = max(-(2**63), min(2**63 - 1, value))
    return (value + 2**31) % 2**32 - 2**31
