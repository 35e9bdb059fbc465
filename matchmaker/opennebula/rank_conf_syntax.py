"""The syntax of `rank.conf`: statements `NAME = value` and `NAME = [ KEY = value, ... ]`, as OpenNebula's own lexer splits them.

At each place the longest token counts. Behind a `=` a value is looked for, elsewhere names and signs; a character that begins
none is skipped. Each character is looked at a bounded number of times. Unlike `template_syntax`, this mends nothing but CRLF, which
the caller turns into newlines: the same file means the same to both schedulers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from matchmaker.diagnostics import shorten
from matchmaker.errors import MatchmakerError

_OUTSIDE = re.compile(
    r"""(?P<comment>[ \t]*\#[^\n]*\n)
      | (?P<unended>[ \t]*\#)
      | [ \t\n]*(?P<comma>,)[ \t\n]*
      | [ \t\n]*(?P<close>\])[ \t\n]*
      | [ \t]*(?P<empty>=)[ \t]*\n
      | [ \t]*(?P<equal>=)[ \t]*
      | (?P<name>[0-9A-Za-z_]+)
      | (?P<blank>[ \t\n]+)""",
    re.VERBOSE,
)
"""The tokens where no value is due; they never overlap, but for a longer one that stands first."""
_OPEN = re.compile(r"[ \t]*(\[)[ \t\n]*")
_BARE = re.compile(r"[^=#\[\], \t\n]+")
_SIGNS = {
    "empty": "`=` without a value",
    "equal": "`=`",
    "comma": "`,`",
    "close": "`]`",
    "open": "`[`",
    "stop": "`]]>`",
}

_Kind = Literal["name", "equal", "empty", "comma", "close", "open", "value", "stop", "end"]


class StatementError(MatchmakerError, ValueError):
    """A text is no list of statements.

    Parameters
    ----------
    message : str
        What is wrong.
    place : int
        The character where it shows, counted from 0.
    """

    def __init__(self, message: str, place: int) -> None:
        super().__init__(message, place)
        self.message = message
        self.place = place

    def __str__(self) -> str:
        return self.message


@dataclass(frozen=True, slots=True, kw_only=True)
class Statements:
    """What a text says.

    Parameters
    ----------
    values : dict
        By name in capitals: a text, or texts by key in capitals. Of namesakes the first.
    places : dict
        The character where each of these statements begins.
    skipped : int
        How many characters mean nothing.
    first_skipped : int
        The first of them.
    """

    values: dict[str, str | dict[str, str]] = field(default_factory=dict)
    places: dict[str, int] = field(default_factory=dict)
    skipped: int = 0
    first_skipped: int = 0


def read_statements(text: str) -> Statements:
    """Read statements; what stands behind a value with `]]>` in its line is not read.

    Parameters
    ----------
    text : str
        The file, its lines parted by newlines.

    Raises
    ------
    StatementError
        If the syntax is wrong.
    """
    return _Reading(text).statements()


class _Token(NamedTuple):
    kind: _Kind
    text: str
    place: int

    @property
    def shown(self) -> str:
        """The token in a message."""
        if self.kind == "end":
            return "the end of the file"
        shown = _SIGNS.get(self.kind) or f"`{shorten(self.text)}`"
        return shown.encode("ascii", "backslashreplace").decode("ascii")


class _Reading:
    """One reading of one text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._skipped = self._first_skipped = 0
        self._line_end = self._stop = -1
        self._tokens = self._split()

    def statements(self) -> Statements:
        values: dict[str, str | dict[str, str]] = {}
        places: dict[str, int] = {}
        for name in self._tokens:
            if name.kind == "end":
                break
            self._expect(name, "name", "a name")
            value = self._value(name.text)
            if value is None:
                break
            key = name.text.upper()
            if key not in values:
                values[key] = value
                places[key] = name.place
        return Statements(values=values, places=places, skipped=self._skipped, first_skipped=self._first_skipped)

    def _value(self, name: str) -> str | dict[str, str] | None:
        """Read from behind a statement's name to its end; None where the reading stops."""
        sign = next(self._tokens)
        if sign.kind == "empty":
            return ""
        self._expect(sign, "equal", f"`=` behind `{shorten(name)}`")
        value = next(self._tokens)
        if value.kind == "stop":
            return None
        if value.kind == "open":
            return self._vector()
        self._expect(value, "value", f"a value of `{shorten(name)}`")
        return value.text

    def _vector(self) -> dict[str, str]:
        values: dict[str, str] = {}
        key = next(self._tokens)
        if key.kind == "close":
            return values
        while True:
            self._expect(key, "name", "a key")
            shown = shorten(key.text)
            self._expect(next(self._tokens), "equal", f"`=` and a value in the same line behind `{shown}`")
            value = next(self._tokens)
            self._expect(value, "value", f"a value of `{shown}`")
            values.setdefault(key.text.upper(), value.text)
            end = next(self._tokens)
            if end.kind == "close":
                return values
            self._expect(end, "comma", "`,` or `]`")
            key = next(self._tokens)

    def _expect(self, token: _Token, kind: _Kind, what: str) -> None:
        if token.kind != kind:
            raise StatementError(f"expected {what}, not {token.shown}", token.place)

    def _split(self) -> Iterator[_Token]:
        text, place = self._text, 0
        while place < len(text):
            found = _OUTSIDE.match(text, place)
            if found is None:
                self._skip(place)
                place += 1
                continue
            kind, place = found.lastgroup, found.end()
            if kind == "unended":
                raise StatementError("a comment needs a newline behind it, on the last line too", place - 1)
            if kind not in ("comment", "blank"):
                assert kind is not None
                yield _Token(kind, found[kind], found.start(kind))  # type: ignore[arg-type]
            if kind == "equal":
                token, place = self._due(place)
                yield token
        yield _Token("end", "", len(text))

    def _due(self, place: int) -> tuple[_Token, int]:
        """Return the token behind a `=`, and where it ends."""
        text = self._text
        while place < len(text):
            line_end = self._end_of_line(place)
            stop = self._next_stop(place)
            bare = _BARE.match(text, place)
            ends = (
                line_end if 0 <= stop < line_end else -1,
                self._end_of_quoted(place) if text[place] == '"' else -1,
                -1 if bare is None else bare.end(),
            )
            end = max(ends)
            if end < 0:
                opened = _OPEN.match(text, place)
                if opened is not None:
                    return _Token("open", "[", opened.start(1)), opened.end()
                self._skip(place)
                place += 1
                continue
            if ends[0] == end:
                return _Token("stop", "]]>", stop), end
            value = text[place + 1 : end - 1] if ends[1] == end else text[place:end]
            return _Token("value", value.replace('\\"', '"'), place), end
        return _Token("end", "", place), place

    def _end_of_line(self, place: int) -> int:
        if self._line_end < place:
            found = self._text.find("\n", place)
            self._line_end = len(self._text) if found < 0 else found
        return self._line_end

    def _next_stop(self, place: int) -> int:
        """Return where `]]>` stands next, or the text's end."""
        if self._stop < place:
            found = self._text.find("]]>", place)
            self._stop = len(self._text) if found < 0 else found
        return self._stop

    def _end_of_quoted(self, start: int) -> int:
        """Return the end of a quoted text: the first quote without a backslash, else the last one with; -1 without any."""
        end = -1
        quote = self._text.find('"', start + 1)
        while quote >= 0:
            end = quote + 1
            if self._text[quote - 1] != "\\":
                break
            quote = self._text.find('"', end)
        return end

    def _skip(self, place: int) -> None:
        if not self._skipped:
            self._first_skipped = place
        self._skipped += 1
