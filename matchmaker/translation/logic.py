"""Conditions joined to conditions: what is decided already leaves no trace in the tree."""

from __future__ import annotations

from collections.abc import Sequence

from matchmaker.language.nodes import Chain, Node, Not

Said = Node | bool | None
"""What became of a condition: a tree of the opennebula dialect, whether it always holds, or None where it cannot be said."""


def joined(operator: str, parts: Sequence[Said]) -> Said:
    """Join conditions by `&` or `|`; chains of the same operator become one."""
    decisive = operator == "|"
    if any(part is decisive for part in parts):
        return decisive
    operands: list[Node] = []
    for part in parts:
        if part is None:
            return None
        if isinstance(part, Chain) and part.rest[0][0] == operator:
            operands.extend(part.operands)
        elif isinstance(part, Node):
            operands.append(part)
    if not operands:
        return not decisive
    first, *rest = operands
    return Chain(first, tuple((operator, operand) for operand in rest)) if rest else first


def opposite(part: Said) -> Said:
    """Return the opposite of a condition."""
    if isinstance(part, bool):
        return not part
    if isinstance(part, Not):
        return part.operand
    return None if part is None else Not(part)


def chosen(condition: Said, then: Said, otherwise: Said) -> Said:
    """Return what `condition ? then : otherwise` comes to."""
    if then is True:
        return joined("|", (condition, otherwise))
    if otherwise is True:
        return joined("|", (opposite(condition), then))
    return joined("|", (joined("&", (condition, then)), joined("&", (opposite(condition), otherwise))))
