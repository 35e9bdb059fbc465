"""The variants of the language: a dialect is data, and a grammar file for each kind of expression."""

from __future__ import annotations

from dataclasses import dataclass

from matchmaker.errors import DialectError


@dataclass(frozen=True, slots=True)
class Dialect:
    """A variant of the language.

    Parameters
    ----------
    name : str
        What users call it.
    requirement_grammar, rank_grammar : str
        Its grammar files.
    """

    name: str
    requirement_grammar: str
    rank_grammar: str


DIALECTS = {dialect.name: dialect for dialect in (Dialect("opennebula", "requirement.lark", "rank.lark"),)}
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
