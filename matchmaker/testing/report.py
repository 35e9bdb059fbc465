"""What the assertions say when they fail: clause for clause, what a candidate has and what was wanted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from matchmaker.attributes.lookup import Kind, kind_of
from matchmaker.attributes.values import SpecialValue, doubles, floats, integers, texts
from matchmaker.engine.meanings import MEANINGS
from matchmaker.engine.programs import RequirementProgram
from matchmaker.errors import MatchmakerError
from matchmaker.expressions import Rank, Requirement
from matchmaker.language.nodes import (
    Attribute,
    Call,
    Comparison,
    Integer,
    Membership,
    Node,
    Relation,
    Text,
    children,
    walk,
)
from matchmaker.language.printer import print_tree

_MOST_LINES = 40
"""How many clauses a report shows."""
_WIDEST = 100
"""How many characters of a value or a clause it shows."""


def clauses(requirement: Requirement, candidate: Any) -> list[str]:
    """Return a line for each comparison: its verdict, its text, and what the candidate has.

    The literal is the end of the text. A comparison under `!` is shown with its own verdict, not with the opposite.
    """
    kind, dialect = kind_of(candidate), requirement.dialect
    conditions = list(_conditions(requirement.tree))
    rows = [(*_verdict(node, kind, dialect, candidate), print_tree(node)) for node in conditions[:_MOST_LINES]]
    width = max((len(text) for _, _, text in rows if len(text) <= _WIDEST // 2), default=0)
    lines = [f"  {verdict:<5}  {short(text):<{width}}  {found}".rstrip() for verdict, found, text in rows]
    if len(conditions) > _MOST_LINES:
        lines.append(f"  ... and {len(conditions) - _MOST_LINES} more")
    return lines


def terms(rank: Rank, candidate: Any) -> str:
    """Return what the candidate has for each attribute of a rank, on one line."""
    kind = kind_of(candidate)
    shown = [f"{name}: {_found(kind, candidate, name, _number(rank.dialect))}" for name in _names(rank.tree)]
    return ", ".join(shown)


def short(text: str, width: int = _WIDEST) -> str:
    """Return a text, cut where it is too long to show."""
    return text if len(text) <= width else text[: width - 3] + "..."


def _conditions(tree: Node) -> Iterator[Node]:
    """Yield the comparisons and the like that a requirement joins, in text order."""
    pending = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, Comparison | Relation | Membership | Call):
            yield node
        else:
            pending.extend(reversed(children(node)))


def _names(tree: Node) -> list[str]:
    """Return the first names that a tree reads."""
    return list(dict.fromkeys(node.name for node in walk(tree) if isinstance(node, Attribute)))[:_MOST_LINES]


def _verdict(condition: Node, kind: Kind, dialect: str, candidate: Any) -> tuple[str, str]:
    """Return a condition's verdict and what the candidate has for it."""
    try:
        holds = RequirementProgram(condition, kind, MEANINGS[dialect]).matches(candidate)
    except MatchmakerError as error:
        return "error", str(error)
    found = [(name, _found(kind, candidate, name, _wanted(condition, dialect))) for name in _names(condition)]
    shown = [value for _, value in found] if len(found) == 1 else [f"{name}: {value}" for name, value in found]
    return ("true" if holds else "false"), ", ".join(shown)


Reading = Callable[[Any, str], Iterable[object]]


def _number(dialect: str) -> Reading:
    """Return what reads numbers in a dialect, where no literal says how."""
    return doubles if dialect == "extended" else floats


def _wanted(condition: Node, dialect: str) -> Reading:
    """Return what reads the values that a condition can do something with."""
    if isinstance(condition, Call) or any(isinstance(node, Text) for node in children(condition)):
        return texts
    if isinstance(condition, Comparison) and isinstance(condition.literal, Integer):
        return integers
    return _number(dialect)


def _found(kind: Kind, candidate: Any, name: str, wanted: Reading) -> str:
    """Return what a candidate has for a name, and whether it converts to what is wanted."""
    try:
        value = kind.lookup(name)(candidate)
        if isinstance(value, SpecialValue):
            return short(repr(value))
        elements = list(texts(value, name))
        readings = list(wanted(value, name))
    except MatchmakerError as error:
        return str(error)
    if not elements:
        return "missing"
    shown = short(repr(value))
    if readings:
        return shown
    return f"{shown}, which does not convert to {'a 32-bit integer' if wanted is integers else 'a number'}"
