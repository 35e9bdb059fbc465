"""The variants of the language: a dialect is data, and a grammar file for each kind of expression."""

from __future__ import annotations

from dataclasses import dataclass

from matchmaker.errors import DialectError
from matchmaker.language import extended_trees, opennebula_trees


@dataclass(frozen=True, slots=True)
class Dialect:
    """A variant of the language.

    Parameters
    ----------
    name : str
        What users call it.
    requirement_grammar, rank_grammar : str
        Its grammar files.
    build : type
        The class whose methods make a node of each rule's children.
    upstream : bool
        Whether OpenNebula reads it as well. Then a NUL ends a text, and a wrong rank counts as far as it is complete.
    deepest : int or None
        How many levels a tree may have; None where the parser's stack is all that limits it.
    """

    name: str
    requirement_grammar: str
    rank_grammar: str
    build: type
    upstream: bool = True
    deepest: int | None = None


_OPENNEBULA = Dialect("opennebula", "requirement.lark", "rank.lark", opennebula_trees.TreeBuilder)
_EXTENDED = Dialect(
    "extended", "extended.lark", "extended.lark", extended_trees.TreeBuilder, upstream=False, deepest=100
)

DIALECTS = {dialect.name: dialect for dialect in (_OPENNEBULA, _EXTENDED)}
"""All dialects, by name."""


def dialect_named(name: str) -> Dialect:
    """Return the dialect of a name.

    Raises
    ------
    DialectError
        If there is none.
    """
    try:
        return DIALECTS[name]
    except (KeyError, TypeError):
        raise DialectError(f"no dialect is named {name!r}; there is {', '.join(DIALECTS)}") from None
