"""The surroundings of a syntax error in the extended dialect."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice

from matchmaker.diagnostics import Diagnostic, shorten
from matchmaker.language.lexemes import Lexeme, Unparsable
from matchmaker.limits import tick
from matchmaker.source import Source, Span

_NEAR = 12
"""So many tokens before an error, and behind it, are looked at."""
_CLOSES = {"CLOSE": "OPEN", "CLOSE_LIST": "OPEN_LIST", "COLON": "QUESTION"}
_CLOSED_BY = {"OPEN": "`)`", "OPEN_LIST": "`]`", "QUESTION": "`:`"}

OPERANDS = frozenset({"NAME", "STRING", "NUMBER", "REQUEST"})
"""The tokens that are operands by themselves."""
ATTRIBUTES = frozenset({"NAME", "STRING", "REQUEST"})
"""Those of them that are attributes, or may be."""
BINARY = frozenset({"AND", "OR", "IN", "COMPARATOR", "PLUS", "MINUS", "TIMES", "DIVIDE"})
"""The operators between two operands."""


class Situation:
    """A syntax error and its surroundings.

    Parameters
    ----------
    source : Source
        The text with the error.
    error : Unparsable
        What the parser said about it.
    tokens : iterable of Lexeme
        All tokens of the text.

    Attributes
    ----------
    text : str
        The text.
    token : Lexeme
        The offending token; of type `$END` where the text ends too early.
    kind : str
        Its type.
    opened : list of Lexeme
        The brackets and `?` before it that nothing closes, the innermost last.
    unpaired : bool
        Whether a `"` without a partner stands behind it.
    """

    def __init__(self, source: Source, error: Unparsable, tokens: Iterable[Lexeme]) -> None:
        self.text = source.text
        self.token = error.token
        self.kind = error.token.type
        self.expected = error.expected
        self.opened: list[Lexeme] = []
        self._past: deque[Lexeme] = deque(maxlen=_NEAR)
        iterator = _watched(tokens)
        for token in iterator:
            if token.start_pos >= self.token.start_pos:
                break
            self._past.append(token)
            if token.type in _CLOSED_BY:
                self.opened.append(token)
            elif self.opened and self.opened[-1].type == _CLOSES.get(token.type):
                self.opened.pop()
        self._future = list(islice(iterator, _NEAR))
        self.unpaired = any(token.value == '"' for token in chain(self._future, iterator))

    @property
    def operand(self) -> bool:
        """Whether an operand could have stood there; else an operator, or what closes a bracket."""
        return "NUMBER" in self.expected

    @property
    def gap(self) -> str:
        """The blanks and comments between the offending token and the one before."""
        return self.text[self.before().end_pos : self.token.start_pos]

    def before(self, count: int = 1) -> Lexeme:
        """Return the token so many places before the offending one, of type `$END` where there is none."""
        return self._past[-count] if count <= len(self._past) else Lexeme("$END", "", 0, 0)

    def after(self, count: int = 1) -> Lexeme:
        """Return the token so many places behind the offending one, which is 0 places behind itself."""
        if count == 0:
            return self.token
        end = len(self.text)
        return self._future[count - 1] if count <= len(self._future) else Lexeme("$END", "", end, end)

    def error(
        self, code: str, marked: Lexeme | Span, message: str, *hints: str, label: str | None = None
    ) -> Diagnostic:
        """Return a diagnostic; without a label it says what could have stood there."""
        span = marked if isinstance(marked, Span) else Span(marked.start_pos, marked.end_pos)
        return Diagnostic(code, "error", span, message, self.expectation() if label is None else label, hints)

    def expectation(self) -> str:
        """Return what could have stood there, in words."""
        if self.expected == {"OPEN_LIST"}:
            return "expected `[`"
        if not self.operand:
            closing = f" or {_CLOSED_BY[self.opened[-1].type]}" if self.opened else ""
            return f"expected an operator{closing}"
        if self.before().type in ("COMPARATOR", "OPEN_LIST"):
            return "expected a number, a text or an attribute"
        return f"expected an attribute, a number, {'`-`, `!`' if 'BANG' in self.expected else '`-`'} or `(`"


def _watched(tokens: Iterable[Lexeme]) -> Iterator[Lexeme]:
    """Yield tokens, and look at the CPU time now and then."""
    for count, token in enumerate(tokens):
        if not count & 0xFF:
            tick()
        yield token


Rule = Callable[[Situation], "Diagnostic | None"]
"""Recognises one mistake."""


def touch(one: Lexeme, other: Lexeme) -> bool:
    """Tell whether a token follows another with nothing between them."""
    return one.end_pos == other.start_pos and "$END" not in (one.type, other.type)


def across(first: Lexeme, last: Lexeme) -> Span:
    """Return the place from one token to another."""
    return Span(first.start_pos, last.end_pos)


def clause(left: Lexeme, operator: str, right: str) -> str:
    """Return a comparison as it could be written, without backticks."""
    return f"{shorten(left.value, 30)} {operator} {shorten(right, 30)}"
