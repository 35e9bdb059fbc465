"""Text to tree."""

from __future__ import annotations

from matchmaker.language.dialects import Dialect
from matchmaker.language.lexemes import Reading, Unparsable
from matchmaker.language.nodes import Node


class Parsed:
    """A tree and what the lexer met on the way: skipped characters and integer literals that wrapped."""

    __slots__ = ("skipped", "tree")

    def __init__(self, tree: Node, skipped: list[tuple[int, int]]) -> None:
        self.tree = tree
        self.skipped = skipped


def parse(text: str, dialect: Dialect, expression: str, depth: int) -> Parsed:
    """Parse an expression.

    Parameters
    ----------
    text : str
        What to parse; a NUL ends it.
    dialect : Dialect
        Its dialect.
    expression : {"requirement", "rank"}
        What it is.
    depth : int
        How many symbols may wait on the parser's stack.

    Raises
    ------
    Unparsable
        If it is not in the language.
    """
    from matchmaker.language.grammar import parser  # here, since Lark takes longer to import than all the rest

    reading = Reading(text.partition("\0")[0] if dialect.upstream else text, depth)
    return Parsed(parser(dialect, expression)(reading), reading.skipped)


def complete_prefix(text: str, dialect: Dialect, expression: str, depth: int) -> str | None:
    """Return the text before the offending token when that much is a complete expression, else None.

    Parameters
    ----------
    text, dialect, expression, depth
        As for `parse`; a text with a syntax error. Of a dialect that is not upstream's nothing is complete.
    """
    if not dialect.upstream:
        return None
    try:
        parse(text, dialect, expression, depth)
    except Unparsable as error:
        if error.token.type == "$END":
            return None
        prefix = text[: error.token.start_pos]
    else:
        return None
    try:
        parse(prefix, dialect, expression, depth)
    except Unparsable:
        return None
    return prefix
