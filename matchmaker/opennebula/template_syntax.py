r"""VM template files: `NAME = "value"`, `NAME = value`, `VEC = [ A = "b", C = d ]`, as OpenNebula reads them.

The rules are those of OpenNebula's own lexer and grammar (`template_parser.l`, `template_syntax.y`) and template reference:

- Names are ASCII letters, digits and `_`, upper-cased; namesakes are all kept, in order. Of namesakes in one vector the first
  counts.
- A value in double quotes may span lines; `\"` in it is a quote, and no other escape exists. A bare value is a run of
  characters other than `=`, `#`, `[`, `]`, `,` and white space, and a `\"` in it is a quote too. The longest reading wins:
  `"a"b` is a bare value with two quotes in it. A quote that nothing closes is part of a bare value.
- `NAME =` and a line end is an empty text. A vector holds at least one value, none of which is left out.
- A line end may stand before `=`, after `[` and around `,` and `]`, but not between `=` and its value.
- `#` begins a comment, also behind a value and within brackets. Characters that begin nothing, such as `$`, are skipped.
- `]]>` on the line where a value begins, unless the value goes on beyond that line, is an error.

Differences, on purpose: a CRLF is a line end and not part of a bare value, a comment or `NAME =` may end the text without a
line end, and where a value is expected nothing is skipped (OpenNebula reads `CPU = # set later` as if CPU were `set`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from matchmaker.diagnostics import Diagnostic, shorten
from matchmaker.errors import MatchmakerError
from matchmaker.source import Source, Span

_LINE_END = ",\n"
_SKIPPED = re.compile(r"(?:[^0-9A-Za-z_=,\]#]+|#[^\n]*)*")
"""White space, comments, and characters that begin nothing."""
_NAME = re.compile(r"[0-9A-Za-z_]+")
_BLANKS = re.compile(r"[ \t]*")
_BARE = re.compile(r"[^=# \t\n,\[\]]+")
_EDGE = re.compile(r'(?<!\\)"')
"""A quote that closes a value."""


class TemplateError(MatchmakerError, ValueError):
    """A text is no template, or a template holds what cannot be used.

    Parameters
    ----------
    message : str
        What is wrong; where a text cannot be read, what was expected.
    source : Source or None
        The text that was read.
    offset : int
        The character of it where reading stopped.
    """

    def __init__(self, message: str, source: Source | None = None, offset: int = 0) -> None:
        super().__init__(message, source, offset)
        self.message = message
        self.source = source
        self.offset = offset

    @property
    def position(self) -> tuple[int, int] | None:
        """The line and the column, both counted from 1, where there is a text."""
        return None if self.source is None else self.source.position(self.offset)

    def __str__(self) -> str:
        if self.source is None:
            return self.message
        span = Span(self.offset, self.offset + 1)
        return Diagnostic("", "error", span, self.message).render(self.source).replace("error[]", "error", 1)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Vector(Mapping[str, str]):
    """The values of a vector attribute by name, in the order of the text; equal to any mapping with the same values.

    Parameters
    ----------
    pairs : tuple of (str, str)
        The names, in capitals and each there once, with their values.
    """

    pairs: tuple[tuple[str, str], ...] = ()

    def __getitem__(self, name: str) -> str:
        for known, value in self.pairs:
            if known == name:
                return value
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter([name for name, _ in self.pairs])

    def __len__(self) -> int:
        return len(self.pairs)

    def __hash__(self) -> int:
        return hash(frozenset(self.pairs))

    def __repr__(self) -> str:
        return f"Vector({dict(self.pairs)!r})"


Attributes = tuple[tuple[str, str | Vector], ...]
"""The names and values of a template, in order."""


def read_attributes(text: str) -> Attributes:
    """Read the attributes in a text.

    Raises
    ------
    TemplateError
        If it is no template; it says where, and what was expected.
    """
    return tuple(Reader(text.replace("\r\n", "\n")).attributes())


def write_attributes(attributes: Attributes) -> str:
    """Return the text that holds these attributes.

    Raises
    ------
    TemplateError
        If the syntax has no way to write a name or a value.
    """
    lines = []
    for name, value in attributes:
        if isinstance(value, str):
            lines.append(f"{_checked(name)} = {_written(name, value)}\n")
        else:
            inner = [f"  {_checked(key)} = {_written(f'{name}/{key}', text)}" for key, text in value.pairs]
            if not inner:
                raise TemplateError(
                    f"`{shorten(name)}` cannot be written in a template: a vector holds at least one value"
                )
            lines.append(f"{_checked(name)} = [\n{_LINE_END.join(inner)} ]\n")
    return "".join(lines)


class Reader:
    """Goes through a text once.

    Parameters
    ----------
    text : str
        The template; lines end in LF.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._place = 0
        self._line_end = self._cdata = -1

    def attributes(self) -> Iterator[tuple[str, str | Vector]]:
        """Yield the attributes, in order."""
        if "\0" in self._text:
            raise self._at(self._text.index("\0"), "expected a text without NUL characters")
        while self._goes_on():
            name = self._name()
            yield name, self._value(inside=False)

    def _value(self, *, inside: bool) -> Any:
        """Read what stands behind a name: `=` and a value, which outside of a vector may be one or nothing."""
        if not self._goes_on() or self._text[self._place] != "=":
            raise self._error("expected `=`")
        self._place = self._after_blanks(self._place + 1)
        if not inside and self._text[self._place : self._place + 1] in ("", "\n"):
            return ""
        if not inside and self._text[self._place] == "[" and not self._stops_here(self._place + 1):
            self._place += 1
            return Vector(tuple(self._pairs().items()))
        return self._text_value()

    def _text_value(self) -> str:
        """Read a value, in quotes or bare."""
        bare, quoted_end = _BARE.match(self._text, self._place), self._quoted_end()
        end = max(quoted_end, bare.end() if bare else 0)
        if end <= self._place:
            raise self._error("expected a value")
        if self._stops_here(end):
            raise self._at(self._cdata, "expected a value without `]]>`")
        value = self._text[self._place + 1 : end - 1] if end == quoted_end else self._text[self._place : end]
        self._place = end
        return value.replace('\\"', '"')

    def _pairs(self) -> dict[str, str]:
        found: dict[str, str] = {}
        while True:
            self._goes_on()
            name = self._name()
            found.setdefault(name, self._value(inside=True))
            following = self._text[self._place] if self._goes_on() else ""
            if following not in (",", "]"):
                raise self._error("expected `,` or `]`")
            self._place += 1
            if following == "]":
                return found

    def _name(self) -> str:
        found = _NAME.match(self._text, self._place)
        if found is None:
            raise self._error("expected the name of an attribute")
        self._place = found.end()
        return found[0].upper()

    def _goes_on(self) -> bool:
        found = _SKIPPED.match(self._text, self._place)
        assert found is not None
        self._place = found.end()
        return self._place < len(self._text)

    def _after_blanks(self, place: int) -> int:
        found = _BLANKS.match(self._text, place)
        assert found is not None
        return found.end()

    def _quoted_end(self) -> int:
        """Return where a value in quotes that begins here ends; 0 when there is none."""
        if not self._text.startswith('"', self._place):
            return 0
        closing = _EDGE.search(self._text, self._place + 1)
        return (closing.start() if closing else self._text.rfind('"', self._place + 1)) + 1

    def _stops_here(self, end: int) -> bool:
        """Tell whether `]]>` on this line takes the place of what begins here and ends there; the longer one does."""
        if self._line_end < self._place:
            self._line_end = self._text.find("\n", self._place) % (len(self._text) + 1)
        if self._cdata < self._place:
            self._cdata = self._text.find("]]>", self._place) % (len(self._text) + 1)
        return max(end, self._cdata + 3) <= self._line_end

    def _error(self, expected: str) -> TemplateError:
        found = self._text[self._place : self._place + 1]
        what = "the end of the text" if not found else "the end of the line" if found == "\n" else f"`{shorten(found)}`"
        return self._at(self._place, f"{expected}, not {what}")

    def _at(self, place: int, message: str) -> TemplateError:
        return TemplateError(message, Source(self._text, "template"), place)


def _checked(name: str) -> str:
    if _NAME.fullmatch(name) is None or name != name.upper():
        raise TemplateError(f"`{shorten(name)}` is no name that can be written in a template")
    return name


def _written(name: str, value: str) -> str:
    """Return a value as it stands behind `=`, at the end of a line."""
    escaped = value.replace('"', '\\"')
    bare = _BARE.fullmatch(escaped) is not None
    if "\r\n" in value or "\0" in value or "]]>" in value.partition("\n")[0] or (value.endswith("\\") and not bare):
        raise TemplateError(f"the value of `{name}` cannot be written in a template")
    return escaped if value.endswith("\\") else f'"{escaped}"'
