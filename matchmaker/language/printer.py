"""Tree to text: `parse(print(tree))` is the tree again, in each dialect that has a text for it.

There are no more parentheses than some dialect needs, except that chains which mix `&` and `|` show how they are read: readers
may not know what a dialect makes of `A | B & C`.
"""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

from matchmaker.attributes.lookup import IDENTIFIER
from matchmaker.attributes.numbers import float32
from matchmaker.language.nodes import (
    Attribute,
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
    Text,
)

RESERVED = frozenset({"and", "or", "not", "in"})
"""Names that are operators in some dialect."""
MOST_SWITCHES = 40
"""A chain that changes more often between `&` and `|` is left as the opennebula dialect reads it."""
MOST_SHOWN = 100
"""So many pairs of parentheses that the opennebula dialect does not need stand inside each other: its parser's stack has an end.
In the extended dialect, whose trees have no more levels than that, there are never more."""

_CHOICE, _LOGICAL, _NOT, _COMPARISON, _SUM, _PRODUCT, _SIGN, _OPERAND = range(8)
"""How tight operators bind."""


class _Shown(str):
    """A parenthesis that the opennebula dialect does not need."""

    __slots__ = ()


_OPENING, _CLOSING = _Shown("("), _Shown(")")


def print_tree(tree: Node) -> str:
    """Return the canonical text of a tree."""
    parts: list[str] = []
    pending: list[Node | str] = [tree]
    shown = 0
    while pending:
        item = pending.pop()
        if isinstance(item, str):
            parts.append(item)
            if type(item) is _Shown:
                shown += 1 if item is _OPENING else -1
        else:
            pending.extend(reversed(_pieces(item, MOST_SHOWN - shown)))
    return "".join(parts)


def _pieces(node: Node, room: int) -> list[Node | str]:
    """Return what a node is made of, with at most `room` pairs of parentheses that the opennebula dialect does not need."""
    if isinstance(node, Comparison):
        return [print_name(node.attribute.name), f" {node.operator} ", _literal(node.literal)]
    if isinstance(node, Attribute):
        return [print_name(node.name)]
    if isinstance(node, Integer | Float | Number | Text):
        return [_literal(node)]
    if isinstance(node, Chain):
        return _chain(node, room)
    if isinstance(node, Not):
        if room and _binding(node.operand) == _COMPARISON:
            return ["!", _OPENING, node.operand, _CLOSING]
        return ["!", *_enclosed(node.operand, _binding(node.operand) < _NOT)]
    if isinstance(node, Negative):
        if room and _binding(node.operand) == _PRODUCT:
            return ["- ", _OPENING, node.operand, _CLOSING]
        return ["- ", *_enclosed(node.operand, _binding(node.operand) < _PRODUCT)]
    return _extended_pieces(node)


def _extended_pieces(node: Node) -> list[Node | str]:
    """Return what a node is made of that only the extended dialect has."""
    if isinstance(node, RequestAttribute):
        return [f"REQUEST.{node.name}"]
    if isinstance(node, Relation):
        return [*_side(node.left), f" {node.operator} ", *_item(node.right, needed=_binding(node.right) < _SUM)]
    if isinstance(node, Membership):
        items = [_item(item) for item in node.items]
        return [*_side(node.operand), " in [", *_listed(items), "]"]
    if isinstance(node, Choice):
        condition = _enclosed(node.condition, isinstance(node.condition, Choice))
        then = _enclosed(node.then, isinstance(node.then, Choice))
        return [*condition, " ? ", *then, " : ", node.otherwise]
    if isinstance(node, Call):
        return [f"{node.function}(", *_listed([[argument] for argument in node.arguments]), ")"]
    return []


def _chain(node: Chain, room: int) -> list[Node | str]:
    switches = sum(one != other for (one, _), (other, _) in pairwise(node.rest)) if node.level == 0 else 0
    shown = switches <= min(room, MOST_SWITCHES)
    pieces: list[Node | str] = [_OPENING] * (switches if shown else 0)
    pieces.extend(_enclosed(node.first, _needs_parentheses(node.first, node.level, last=False, first=True)))
    previous = node.rest[0][0]
    for place, (operator, operand) in enumerate(node.rest, 1):
        if shown and switches and operator != previous:
            pieces.append(_CLOSING)
        previous = operator
        pieces.append(f" {operator} ")
        last = place == len(node.rest)
        pieces.extend(_enclosed(operand, _needs_parentheses(operand, node.level, last=last, first=False)))
    return pieces


def _needs_parentheses(operand: Node, level: int, *, first: bool, last: bool) -> bool:
    """Tell whether an operand of a chain would be read otherwise without parentheses.

    A unary minus of the opennebula dialect takes the whole product behind it, so that in a product it stands bare only at the
    end.
    """
    if isinstance(operand, Chain):
        return operand.level <= level
    if isinstance(operand, Negative):
        return level == 2 and (first or not last)
    return _binding(operand) < (_SUM if level else _NOT)


def _binding(node: Node) -> int:
    """Return how tight the outermost operator of a node binds."""
    if isinstance(node, Chain):
        return (_LOGICAL, _SUM, _PRODUCT)[node.level]
    if isinstance(node, Comparison | Relation | Membership):
        return _COMPARISON
    if isinstance(node, Not):
        return _NOT
    if isinstance(node, Negative):
        return _SIGN
    return _CHOICE if isinstance(node, Choice) else _OPERAND


def _side(node: Node) -> list[Node | str]:
    """Return the pieces of the left side of a comparison."""
    return _enclosed(node, _binding(node) < _SUM)


def _item(node: Node, *, needed: bool = False) -> list[Node | str]:
    """Return the pieces of what would be a text if it were an attribute in bare quotes."""
    return _enclosed(node, needed or (isinstance(node, Attribute) and print_name(node.name)[0] == '"'))


def _listed(items: list[list[Node | str]]) -> list[Node | str]:
    """Return the pieces of several items, with commas between these."""
    return [piece for place, item in enumerate(items) for piece in ([", ", *item] if place else item)]


def _enclosed(node: Node, parentheses: bool) -> list[Node | str]:
    return ["(", node, ")"] if parentheses else [node]


def print_name(name: str) -> str:
    """Return an attribute's name as it stands in an expression, quoted where needed."""
    return name if IDENTIFIER.fullmatch(name) and name not in RESERVED else f'"{name}"'


def _literal(literal: Node) -> str:
    if isinstance(literal, Integer):
        return str(literal.value)
    if isinstance(literal, Float):
        return _decimal(literal.value)
    if isinstance(literal, Number):
        return repr(literal.value).removesuffix(".0")
    assert isinstance(literal, Text)
    return f'"{literal.value}"'


def _decimal(number: float) -> str:
    """Return the shortest decimal that reads as this float32."""
    if number in (float("inf"), float("-inf")):
        return ("-" if number < 0 else "") + "1" + "0" * 39 + ".0"
    digits = next(text for precision in range(17) if float32(float(text := f"{number:.{precision}e}")) == number)
    text = format(Decimal(digits), "f")
    return text if "." in text else text + ".0"
