"""Tree to text, with no more parentheses than needed: `parse(print(tree))` is the tree again."""

from __future__ import annotations

from decimal import Decimal

from matchmaker.attributes.lookup import IDENTIFIER
from matchmaker.attributes.numbers import float32
from matchmaker.language.nodes import Attribute, Chain, Comparison, Float, Integer, Negative, Node, Not, Text


def print_tree(tree: Node) -> str:
    """Return the canonical text of a tree."""
    parts: list[str] = []
    pending: list[Node | str] = [tree]
    while pending:
        item = pending.pop()
        if isinstance(item, str):
            parts.append(item)
        else:
            pending.extend(reversed(_pieces(item)))
    return "".join(parts)


def _pieces(node: Node) -> list[Node | str]:
    if isinstance(node, Comparison):
        return [print_name(node.attribute.name), f" {node.operator} ", _literal(node.literal)]
    if isinstance(node, Attribute):
        return [print_name(node.name)]
    if isinstance(node, Integer | Float | Text):
        return [_literal(node)]
    if isinstance(node, Not):
        return ["!", *_enclosed(node.operand, isinstance(node.operand, Chain))]
    if isinstance(node, Negative):
        return ["- ", *_enclosed(node.operand, isinstance(node.operand, Chain) and node.operand.level == 1)]
    if isinstance(node, Chain):
        pieces = _enclosed(node.first, _needs_parentheses(node.first, node.level, last=False, first=True))
        for place, (operator, operand) in enumerate(node.rest, 1):
            last = place == len(node.rest)
            pieces.append(f" {operator} ")
            pieces.extend(_enclosed(operand, _needs_parentheses(operand, node.level, last=last, first=False)))
        return pieces
    return []


def _needs_parentheses(operand: Node, level: int, *, first: bool, last: bool) -> bool:
    """Tell whether an operand of a chain would be read otherwise without parentheses.

    A unary minus takes the whole product behind it, so that in a product it stands bare only at the end.
    """
    if isinstance(operand, Chain):
        return operand.level <= level
    return isinstance(operand, Negative) and level == 2 and (first or not last)


def _enclosed(node: Node, parentheses: bool) -> list[Node | str]:
    return ["(", node, ")"] if parentheses else [node]


def print_name(name: str) -> str:
    """Return an attribute's name as it stands in an expression, quoted where needed."""
    return name if IDENTIFIER.fullmatch(name) else f'"{name}"'


def _literal(literal: Node) -> str:
    if isinstance(literal, Integer):
        return str(literal.value)
    if isinstance(literal, Float):
        return _decimal(literal.value)
    assert isinstance(literal, Text)
    return f'"{literal.value}"'


def _decimal(number: float) -> str:
    """Return the shortest decimal that reads as this float32."""
    if number in (float("inf"), float("-inf")):
        return ("-" if number < 0 else "") + "1" + "0" * 39 + ".0"
    digits = next(text for precision in range(17) if float32(float(text := f"{number:.{precision}e}")) == number)
    text = format(Decimal(digits), "f")
    return text if "." in text else text + ".0"
