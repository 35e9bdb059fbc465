"""Python text, of version 2 or 3, cut into statements.

Python's own tokenizer reads version 3 alone, and differs from release to release in what it makes of anything else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_TOKEN = re.compile(
    r"""
      (?P<space>  [ \t\f]+ | \\\r?\n | \#[^\r\n]* )
    | (?P<end>    \r\n | \r | \n )
    | (?P<string> [A-Za-z]{0,2} (?: \"{3} (?:[^\\]|\\.)*? \"{3} | '{3} (?:[^\\]|\\.)*? '{3}
                                  | \" (?:[^\\\r\n"]|\\.)* \"   | ' (?:[^\\\r\n']|\\.)* ' ) )
    | (?P<number> \d\w* (?: \.\w* )? | \.\d\w* )
    | (?P<name>   [^\W\d]\w* )
    | (?P<sign>   <> | >> | . )
    """,
    re.VERBOSE | re.DOTALL,
)


class Token(NamedTuple):
    """A piece of Python text.

    Attributes
    ----------
    kind : {"string", "number", "name", "sign"}
        What it is.
    text : str
        How it is written.
    start, end : int
        Where it begins and ends in the whole text.
    depth : int
        How many brackets are open around it; a bracket counts as being inside of itself.
    """

    kind: str
    text: str
    start: int
    end: int
    depth: int


def statements(text: str) -> Iterator[list[Token]]:
    """Yield the tokens of each simple statement, and of each compound one's head up to its colon.

    Parameters
    ----------
    text : str
        A file's text; it need not be valid.
    """
    statement: list[Token] = []
    depth = 0
    for match in _TOKEN.finditer(text):
        kind, word = str(match.lastgroup), match[0]
        if kind == "space":
            continue
        if word in "([{" and kind == "sign":
            depth += 1
        if kind != "end":
            statement.append(Token(kind, word, match.start(), match.end(), depth))
        if word in ")]}" and kind == "sign":
            depth = max(0, depth - 1)
        if not depth and (kind == "end" or word in ":;"):
            if statement:
                yield statement
            statement = []
    if statement:
        yield statement
