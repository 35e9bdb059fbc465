"""A requirement as numbered clauses, each with the part of the request that it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple, TypeAlias, get_args

from matchmaker.engine.meanings import MEANINGS, Meaning
from matchmaker.errors import MatchmakerError
from matchmaker.expressions import Requirement
from matchmaker.language.nodes import Blank, Chain, Node
from matchmaker.source import Span

Part = Literal["user", "automatic", "affinity", "policy", "capacity"]
"""Where a clause comes from: what the user asks for, or what the scheduler adds."""
PARTS: tuple[Part, ...] = get_args(Part)
Wanted: TypeAlias = Requirement | str | Mapping[Part, Requirement | str] | None
"""What is to be explained: a requirement, or several by the part that they come from, all of which must be met."""

MOST_CLAUSES = 500
"""A longer chain has its last operands in one clause together, so that memory stays bounded."""


class NumberedClause(NamedTuple):
    """A clause to be explained.

    Parameters
    ----------
    number : int
        Its number, from 1.
    part : Part
        Where it comes from.
    meaning : Meaning
        Its dialect's.
    tree : Node
        The clause.
    alternatives : tuple of Node
        The operands of its top-level `|` chain, if it is one.
    """

    number: int
    part: Part
    meaning: Meaning
    tree: Node
    alternatives: tuple[Node, ...]


def by_part(wanted: Wanted) -> dict[Part, Requirement]:
    """Return the requirements by the part that they come from, blank ones left out.

    Raises
    ------
    ExpressionError
        If a text is not a requirement.
    MatchmakerError
        If there is no part of that name.
    """
    if wanted is None:
        return {}
    parts: Mapping[Part, Requirement | str] = wanted if isinstance(wanted, Mapping) else {"user": wanted}
    for part in parts:
        if part not in PARTS:
            raise MatchmakerError(f"a part of a request is one of {', '.join(PARTS)}, not {part!r}")
    constructed = {
        part: each if isinstance(each, Requirement) else Requirement(each, origin=_origin(part, wanted))
        for part, each in parts.items()
    }
    return {part: each for part, each in constructed.items() if not isinstance(each.tree, Blank)}


def _origin(part: Part, wanted: Wanted) -> str | None:
    return f"{part} requirement" if isinstance(wanted, Mapping) else None


def numbered(parts: Mapping[Part, Requirement]) -> tuple[NumberedClause, ...]:
    """Return the operands of the top-level `&` chain of each part, in text order."""
    clauses: list[NumberedClause] = []
    room = MOST_CLAUSES  # for alternatives, of all clauses together
    for part, requirement in parts.items():
        for tree in _bounded(operands(requirement.tree, "&")):
            alternatives = operands(tree, "|")
            several = alternatives if 1 < len(alternatives) <= room else ()
            room -= len(several)
            meaning = MEANINGS[requirement.dialect]
            clauses.append(NumberedClause(len(clauses) + 1, part, meaning, tree, several))
    return tuple(clauses)


def operands(tree: Node, operator: str) -> tuple[Node, ...]:
    """Return what an operator joins at the top of a tree; the tree alone when another one does.

    A chain may mix operators, read from the left: `A | B & C` is `(A | B) & C`, so that its top is a `&`.
    """
    if not isinstance(tree, Chain) or tree.rest[-1][0] != operator:
        return (tree,)
    begin = len(tree.rest)
    while begin and tree.rest[begin - 1][0] == operator:
        begin -= 1
    return (_beginning(tree, begin), *(operand for _, operand in tree.rest[begin:]))


def _beginning(chain: Chain, length: int) -> Node:
    """Return the first operand of a chain, with so many of the others."""
    if not length:
        return chain.first
    rest = chain.rest[:length]
    return Chain(chain.first, rest, Span(chain.span.start, rest[-1][1].span.end))


def _bounded(clauses: tuple[Node, ...]) -> tuple[Node, ...]:
    if len(clauses) <= MOST_CLAUSES:
        return clauses
    first, *others = clauses[MOST_CLAUSES - 1 :]
    last = Chain(first, tuple(("&", other) for other in others), Span(first.span.start, others[-1].span.end))
    return (*clauses[: MOST_CLAUSES - 1], last)
