"""The trees of the extended dialect, built while its grammar is parsed."""

from __future__ import annotations

from typing import Any

from matchmaker.language.nodes import (
    LEVELS,
    Attribute,
    Blank,
    Call,
    Chain,
    Choice,
    Comparison,
    Membership,
    Negative,
    Node,
    Not,
    Number,
    Relation,
    RequestAttribute,
    Text,
)
from matchmaker.source import Span

_SYMBOLS = {"&&": "&", "and": "&", "||": "|", "or": "|"}
"""Operators with several spellings, and how they are stored."""
_MIRRORED = {"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
"""The operators when the sides are exchanged."""


class _Part:
    """Something that is no node yet: it may still grow, or it stands in parentheses."""

    __slots__ = ("end", "start")

    def __init__(self, start: int, end: int) -> None:
        self.start = start
        self.end = end


class _Group(_Part):
    """What stands in parentheses, and where these stand."""

    __slots__ = ("inside",)

    def __init__(self, start: int, end: int, inside: Any) -> None:
        super().__init__(start, end)
        self.inside = inside


class _Link(_Part):
    """A chain that is still growing; it becomes a `Chain` once nothing can follow it."""

    __slots__ = ("first", "rest")

    def __init__(self, start: int, end: int, first: Node) -> None:
        super().__init__(start, end)
        self.first = first
        self.rest: list[tuple[str, Node]] = []


class _Negation(_Part):
    """A negation, whose operand another one in front would set free again."""

    __slots__ = ("operand", "operator")

    def __init__(self, start: int, end: int, operator: str, operand: Any) -> None:
        super().__init__(start, end)
        self.operator = operator
        self.operand = operand


class TreeBuilder:
    """What the parser calls for each rule; children are tokens and what these methods returned."""

    def blank(self, children: list[Any]) -> Node:
        return Blank()

    def start(self, children: list[Any]) -> Any:
        return _finished(children[0])

    def attribute(self, children: list[Any]) -> Node:
        return Attribute(children[0].value, _place(children[0]))

    def quoted(self, children: list[Any]) -> Node:
        return Text(children[0].value[1:-1], _place(children[0]))

    def request(self, children: list[Any]) -> Node:
        return RequestAttribute(children[0].value.partition(".")[2], None, _place(children[0]))

    def number(self, children: list[Any]) -> Node:
        return Number(float(children[0].value), _place(children[0]))

    def group(self, children: list[Any]) -> _Group:
        opening, inside, closing = children
        return _Group(opening.start_pos, closing.end_pos, _inside(inside))

    def negate(self, children: list[Any]) -> Any:
        operator, operand = children
        symbol = "-" if operator.value == "-" else "!"
        start, end = operator.start_pos, _end(operand)
        operand = _inside(operand)
        if type(operand) is _Negation and operand.operator == symbol:
            return _Group(start, end, operand.operand)
        if symbol == "-" and type(operand) is Number and operand.value:
            return Number(-operand.value, Span(start, end))
        if type(operand) is _Negation:
            operand = _finished(operand)
        return _Negation(start, end, symbol, operand)

    def link(self, children: list[Any]) -> _Link:
        first, operator, operand = children
        symbol = _SYMBOLS.get(operator.value, operator.value)
        start, link = _start(first), _inside(first)
        if type(link) is not _Link or not _continues(link.rest[0][0], symbol):
            link = _Link(start, start, _finished(link))
        link.start = start
        link.rest.append((symbol, _finished(operand)))
        link.end = _end(operand)
        return link

    def compare(self, children: list[Any]) -> Node:
        operator = children[1].value
        span = Span(_start(children[0]), _end(children[2]))
        left, right = _finished(children[0]), children[2]
        if type(right) is Text:
            return (Comparison if type(left) is Attribute else Relation)(left, operator, right, span)
        right = _finished(right)
        if operator == "==":
            operator = "="
        if type(left) is Attribute and type(right) is Number:
            return Comparison(left, operator, right, span)
        if type(left) is Number and type(right) is Attribute and operator in _MIRRORED:
            return Comparison(right, _MIRRORED[operator], left, span)
        return Relation(left, operator, right, span)

    def member(self, children: list[Any]) -> Node:
        operand, items = children[0], [each if type(each) is Text else _finished(each) for each in children[3]]
        return Membership(_finished(operand), tuple(items), Span(_start(operand), children[4].end_pos))

    def choose(self, children: list[Any]) -> Node:
        condition, _, then, _, otherwise = children
        span = Span(_start(condition), _end(otherwise))
        return Choice(_finished(condition), _finished(then), _finished(otherwise), span)

    def call(self, children: list[Any]) -> Node:
        arguments = tuple(map(_finished, children[2])) if len(children) == 4 else ()
        return Call(children[0].value, arguments, Span(children[0].start_pos, children[-1].end_pos))

    def item(self, children: list[Any]) -> list[Any]:
        if len(children) == 1:
            return [children[0]]
        items: list[Any] = children[0]
        items.append(children[2])
        return items


def _continues(symbol: str, other: str) -> bool:
    """Tell whether a chain of one operator goes on with another: `&` and `|` do not mix, other operators of a level do."""
    return symbol == other or LEVELS[symbol] == LEVELS[other] > 0


def _place(token: Any) -> Span:
    return Span(token.start_pos, token.end_pos)


def _start(part: Any) -> int:
    return part.start if isinstance(part, _Part) else part.span[0]


def _end(part: Any) -> int:
    return part.end if isinstance(part, _Part) else part.span[1]


def _inside(part: Any) -> Any:
    """Return what stands in parentheses, where a quoted text is an attribute."""
    if type(part) is _Group:
        part = part.inside
    return Attribute(part.value, part.span) if type(part) is Text else part


def _finished(part: Any) -> Any:
    """Return the node of a part that grows no more."""
    part = _inside(part)
    kind = type(part)
    if kind is _Link:
        return Chain(part.first, tuple(part.rest), Span(part.start, part.end))
    if kind is _Negation:
        return (Negative if part.operator == "-" else Not)(_finished(part.operand), Span(part.start, part.end))
    return part
