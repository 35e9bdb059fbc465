"""The surroundings of a syntax error: what stands before and behind the offending token, and what could have stood there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Literal, NamedTuple

from matchmaker.diagnostics import Diagnostic, shorten
from matchmaker.language.lexemes import Unparsable
from matchmaker.source import Source, Span

_REACH = 512
"""How many characters before an error are looked at."""
_AHEAD = 24
"""How many tokens behind an error are looked at."""

_GAP = 200
"""How many characters between two tokens are looked at."""

_PIECES = re.compile(
    r"""(?P<NAME>[A-Za-z][0-9A-Za-z_]*)|(?P<STRING>"[^"]*")|(?P<FLOAT>-?[0-9]+\.[0-9]+)|(?P<INTEGER>-?[0-9]+)
    |(?P<AT>@)|(?P<BANG>!)|(?P<AND>&)|(?P<OR>\|)|(?P<EQUAL>=)|(?P<GREATER>>)|(?P<LESS><)|(?P<OPEN>\()|(?P<CLOSE>\))
    |(?P<TIMES>\*)|(?P<PLUS>\+)|(?P<DIVIDE>/)|(?P<POWER>\^)|(?P<MINUS>-)
    |[ \t]+|(?P<SKIPPED>"|[^0-9A-Za-z"@!&|=><()*+/^\- \t]+)""",
    re.VERBOSE,
)
_WORD_BEGINS = re.compile(r"(?<![0-9A-Za-z_.])(?=[0-9A-Za-z_])|[^0-9A-Za-z_.]")
_ENCLOSURE = re.compile(r'["()]')

COMPARATORS = frozenset({"EQUAL", "GREATER", "LESS", "BANG", "AT"})
"""The tokens that operators of comparison begin or end with."""
CALCULATORS = frozenset({"PLUS", "MINUS", "TIMES", "DIVIDE", "POWER"})
"""The operators of arithmetic, and what looks like one."""
JOINERS = frozenset({"AND", "OR"})
"""The operators between requirements."""
NUMBERS = frozenset({"INTEGER", "FLOAT"})
"""Literals that are numbers."""
NAMES = frozenset({"NAME", "STRING"})
"""What may stand on the left side of a comparison."""
OPERATORS = ("=", "!=", "@>", ">", "<")
"""The operators of comparison."""
LITERALS = frozenset({"INTEGER", "FLOAT", "NAME", "STRING"})
"""What may stand on the right side of a comparison."""

Place = Literal["operand", "operator", "literal", "number", "joint", "second half", "elsewhere"]


class Piece(NamedTuple):
    """A token, or a run of skipped characters; `kind` is the token's type, `SKIPPED`, or `$END` outside of the text."""

    kind: str
    text: str
    start: int
    end: int

    @property
    def span(self) -> Span:
        """Where it stands."""
        return Span(self.start, self.end)

    @property
    def content(self) -> str:
        """Its text, without quotes."""
        return self.text[1:-1] if self.kind == "STRING" else self.text


class Situation:
    """A syntax error and its surroundings.

    Parameters
    ----------
    source : Source
        The text with the error.
    error : Unparsable
        What the parser said about it.
    expression : {"requirement", "rank"}
        What the text should be.
    dialect : str
        The dialect's name.

    Attributes
    ----------
    text : str
        The text, up to a NUL.
    token : Piece
        The offending token; of kind `$END` where the text ends too early.
    gap : str
        The characters between the token before and the offending one.
    place : str
        What could have stood there: an `operand`, an `operator` of comparison, a `literal` of any sort, a `number`,
        an operator that joins (`joint`), or the `second half` of an operator of two characters.
    """

    __slots__ = ("_future", "_past", "dialect", "expected", "expression", "gap", "pieces", "place", "text", "token")

    def __init__(self, source: Source, error: Unparsable, expression: str, dialect: str) -> None:
        self.text = source.text.partition("\0")[0]
        self.expression = expression
        self.dialect = dialect
        self.expected = error.expected
        self.place = _place(error.expected)
        offending = error.token
        self.token = Piece(offending.type, offending.value, offending.start_pos, offending.end_pos)
        start = self._window(self.token.start, error.skipped)
        before = list(_pieces(self.text, start, self.token.start))
        after = list(islice(_pieces(self.text, self.token.end, len(self.text)), _AHEAD))
        self.pieces = [*before, self.token, *after]
        self._past = [piece for piece in before if piece.kind != "SKIPPED"]
        self._future = [piece for piece in after if piece.kind != "SKIPPED"]
        behind = self.before().end
        self.gap = self.text[behind : min(self.token.start, behind + _GAP)]

    @property
    def rank(self) -> bool:
        """Whether the text should be a rank."""
        return self.expression == "rank"

    def before(self, count: int = 1) -> Piece:
        """Return the token so many places before the offending one."""
        return self._past[-count] if count <= len(self._past) else Piece("$END", "", 0, 0)

    def after(self, count: int = 1) -> Piece:
        """Return the token so many places behind the offending one."""
        end = len(self.text)
        return self._future[count - 1] if count <= len(self._future) else Piece("$END", "", end, end)

    @property
    def glued(self) -> bool:
        """Whether no blank stands between the offending token and the one before."""
        return bool(self._past) and not any(character in " \t\n\r" for character in self.gap)

    def near(self, offset: int) -> Piece:
        """Return the token at an offset from the offending one, which has 0."""
        if offset == 0:
            return self.token
        return self.after(offset) if offset > 0 else self.before(-offset)

    def comparator(self, behind: int = 0) -> tuple[Piece, str] | None:
        """Return a name and the operator of comparison behind it.

        Parameters
        ----------
        behind : int
            How many tokens stand between the operator and the offending token.
        """
        for length in (2, 1):
            symbols = [self.before(behind + place) for place in range(length, 0, -1)]
            operator, name = "".join(symbol.text for symbol in symbols), self.before(behind + length + 1)
            if operator in OPERATORS and name.kind in NAMES:
                return name, operator
        return None

    def error(self, code: str, span: Span, message: str, *hints: str, label: str | None = None) -> Diagnostic:
        """Return a diagnostic; without a label it says what could have stood there."""
        return Diagnostic(code, "error", span, message, self.expectation() if label is None else label, hints)

    def expectation(self) -> str:
        """Return what could have stood there, in words."""
        if self.place == "elsewhere":
            return "expected " + _listed(sorted(f"`{kind}`" for kind in self.expected))
        if self.rank and self.place == "operand":
            return "expected an attribute, a number, `-` or `(`"
        if self.rank and self.place == "joint":
            return CALCULATION_EXPECTED
        return {
            "operand": "expected a comparison, `!` or `(`",
            "operator": OPERATORS_EXPECTED,
            "literal": "expected a number or a text",
            "number": "expected a number",
            "joint": "expected `&` or `|`",
            "second half": "expected `=`" if "EQUAL" in self.expected else "expected `>`",
        }[self.place]

    def open_parenthesis(self) -> Piece | None:
        """Return the last `(` that no `)` closes."""
        end, depth = len(self.text), 0
        quotes = self.text.count('"')
        ignored = self.text.rfind('"') if quotes % 2 else -1
        inside = False
        while end:
            start = max(0, end - 8192)
            for found in reversed([*_ENCLOSURE.finditer(self.text, start, end)]):
                character = found[0]
                if character == '"':
                    inside ^= found.start() != ignored
                elif not inside:
                    depth += 1 if character == "(" else -1
                    if depth > 0:
                        return Piece("OPEN", "(", found.start(), found.end())
            end = start
        return None

    def _window(self, end: int, skipped: list[tuple[int, int]]) -> int:
        """Return where to begin to read tokens, so that some of those before `end` are read, and read right."""
        text = self.text
        if skipped and skipped[-1][1] == _without_blanks(text, end):
            end = skipped[-1][0]
        end = _without_blanks(text, end)
        start = max(0, end - _REACH)
        if start and (found := _WORD_BEGINS.search(text, start, end)):
            start = found.start()
        if text.count('"', 0, start) % 2 and text.find('"', start) >= 0:
            start = text.rfind('"', 0, start)
        return start


CALCULATION_EXPECTED = "expected `+`, `-`, `*` or `/`"
"""What may follow a complete part of a rank."""
OPERATORS_EXPECTED = "expected `=`, `!=`, `>`, `<` or `@>`"
"""What may follow a name in a requirement."""

ANYTHING = '"*"'
"""The pattern that any value matches, also an empty one."""

Rule = Callable[[Situation], "Diagnostic | None"]
"""Recognises one mistake."""


def quoted(text: str, columns: int = 30) -> str:
    """Return a user's text as a message shows it, in backticks."""
    return f"`{shorten(text, columns)}`"


def in_quotes(text: str) -> str:
    """Return a text as a literal."""
    return f'"{text}"'


def clause(name: Piece, operator: str, literal: str) -> str:
    """Return a comparison as it could be written, in backticks."""
    return f"`{shorten(name.text, 30)} {operator} {shorten(literal, 30)}`"


def _place(expected: frozenset[str]) -> Place:
    if "OPEN" in expected:
        return "operand"
    if {"EQUAL", "LESS"} <= expected:
        return "operator"
    if "INTEGER" in expected:
        return "literal" if "STRING" in expected else "number"
    if "AND" in expected or "PLUS" in expected:
        return "joint"
    return "second half" if expected in (frozenset({"EQUAL"}), frozenset({"GREATER"})) else "elsewhere"


def _pieces(text: str, start: int, end: int) -> Iterator[Piece]:
    for found in _PIECES.finditer(text, start, end):
        if found.lastgroup is not None:
            yield Piece(found.lastgroup, found[0], found.start(), found.end())


def _without_blanks(text: str, end: int) -> int:
    """Return where the blanks begin that end at a position."""
    while end:
        start = max(0, end - 4096)
        kept = text[start:end].rstrip(" \t")
        end = start + len(kept)
        if kept:
            return end
    return 0


def _listed(words: list[str]) -> str:
    return " or ".join(part for part in (", ".join(words[:-1]), words[-1]) if part) if words else "nothing"
