"""What the assertions say when they fail: clause for clause, what a candidate has and what was wanted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from matchmaker.attributes.lookup import Kind, kind_of
from matchmaker.attributes.values import SpecialValue, floats, integers, texts
from matchmaker.engine.clauses import compile_clause
from matchmaker.errors import MatchmakerError
from matchmaker.expressions import Rank, Requirement
from matchmaker.language.nodes import Attribute, Comparison, Float, Integer, walk
from matchmaker.language.printer import print_tree

_MOST_LINES = 40
"""How many clauses a report shows."""
_WIDEST = 100
"""How many characters of a value or a clause it shows."""


def clauses(requirement: Requirement, candidate: Any) -> list[str]:
    """Return a line for each comparison: its verdict, its text, and what the candidate has.

    The literal is the end of the text. A comparison under `!` is shown with its own verdict, not with the opposite.
    """
    kind = kind_of(candidate)
    comparisons = [node for node in walk(requirement.tree) if isinstance(node, Comparison)]
    rows = [(*_verdict(node, kind, candidate), print_tree(node)) for node in comparisons[:_MOST_LINES]]
    width = max((len(text) for _, _, text in rows if len(text) <= _WIDEST // 2), default=0)
    lines = [f"  {verdict:<5}  {short(text):<{width}}  {found}" for verdict, found, text in rows]
    if len(comparisons) > _MOST_LINES:
        lines.append(f"  ... and {len(comparisons) - _MOST_LINES} more")
    return lines


def terms(rank: Rank, candidate: Any) -> str:
    """Return what the candidate has for each attribute of a rank, on one line."""
    kind = kind_of(candidate)
    names = dict.fromkeys(node.name for node in walk(rank.tree) if isinstance(node, Attribute))
    shown = [f"{name}: {_found(kind, candidate, name, None)}" for name in list(names)[:_MOST_LINES]]
    return ", ".join(shown)


def short(text: str, width: int = _WIDEST) -> str:
    """Return a text, cut where it is too long to show."""
    return text if len(text) <= width else text[: width - 3] + "..."


def _verdict(comparison: Comparison, kind: Kind, candidate: Any) -> tuple[str, str]:
    """Return a comparison's verdict and what the candidate has for it."""
    name = comparison.attribute.name
    try:
        holds = compile_clause(comparison).test(kind.lookup(name)(candidate))
    except MatchmakerError as error:
        return "error", str(error)
    return ("true" if holds else "false"), _found(kind, candidate, name, comparison)


def _found(kind: Kind, candidate: Any, name: str, comparison: Comparison | None) -> str:
    """Return what a candidate has for a name, and whether it converts for the literal, or for a rank."""
    try:
        value = kind.lookup(name)(candidate)
        if isinstance(value, SpecialValue):
            return short(repr(value))
        elements = list(texts(value, name))
        readings = list(_readings(value, name, comparison))
    except MatchmakerError as error:
        return str(error)
    if not elements:
        return "missing"
    shown = short(repr(value))
    if readings:
        return shown
    wanted = "a 32-bit integer" if comparison and isinstance(comparison.literal, Integer) else "a number"
    return f"{shown}, which does not convert to {wanted}"


def _readings(value: Any, name: str, comparison: Comparison | None) -> Iterator[object]:
    if comparison is None or isinstance(comparison.literal, Float):
        return floats(value, name)
    if isinstance(comparison.literal, Integer):
        return integers(value, name)
    return texts(value, name)
