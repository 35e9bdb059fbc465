"""Messages about an expression: a code, where it applies, what is wrong, and what to do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple
from unicodedata import category, east_asian_width

from matchmaker.source import Source, Span

Severity = Literal["error", "warning"]

_WIDTH = 80
"""How many columns a rendered line should have at most."""
_CUT = "..."
"""Stands for what is left out."""


class Edit(NamedTuple):
    """A piece of a text, and what is to stand in its place."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Repair:
    """How to mend what a diagnostic is about; no repair is given where another one could be meant.

    Parameters
    ----------
    edits : tuple of Edit
        What to change, in text order; no two of them overlap.
    """

    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One message about an expression.

    Parameters
    ----------
    code : str
        Its code, such as `MM103`: MM1xx syntax, MM2xx meaning, MM3xx evaluation, MM4xx integration.
    severity : {"error", "warning"}
        An error makes the expression unusable.
    span : Span
        The characters it is about.
    message : str
        What is wrong, in one line.
    label : str
        What stands beside the caret, such as what was expected; may be empty.
    hints : tuple of str
        What to write instead.
    repair : Repair or None
        The changes that do so, where there is no doubt what they should be.
    """

    code: str
    severity: Severity
    span: Span
    message: str
    label: str = ""
    hints: tuple[str, ...] = ()
    repair: Repair | None = None

    def render(self, source: Source, *, first_line: int = 1) -> str:
        """Return the message with its source line and a caret, as plain text.

        A line of the source that is too long is cut around the span. Characters that do not print are replaced, one for
        one, and a span that goes on over the end of its line is marked up to there.

        Parameters
        ----------
        source : Source
            The text that the span points into.
        first_line : int
            The number of its first line.

        Returns
        -------
        str
            Several lines, without a line end at the last one.
        """
        text = source.text
        start = max(0, min(self.span.start, len(text)))
        begin = text.rfind("\n", 0, start) + 1
        line_end = text.find("\n", start)
        end = len(text) if line_end < 0 else line_end
        number = str(first_line + (text.count("\n", 0, begin) if begin else 0))
        gutter = " " * len(number)
        room = _WIDTH - len(gutter) - 3
        shown, before, width = _window(text, begin, end, Span(start, self.span.end), room, self.label)
        return "\n".join(
            (
                f"{self.severity}[{self.code}]: {self.message}",
                f"{gutter}--> {printable(source.name)}:{number}:{start - begin + 1}",
                f"{gutter} |",
                f"{number} | {shown}".rstrip(),
                *(f"{gutter} | {pointer}" for pointer in _pointers(before, width, room, self.label)),
                *(f"{gutter} = hint: {hint}" for hint in self.hints),
            )
        )


def render_all(diagnostics: Sequence[Diagnostic], source: Source, *, most: int = 20) -> str:
    """Return several messages, with an empty line between two of them.

    Parameters
    ----------
    diagnostics : sequence of Diagnostic
        What to show, in this order.
    source : Source
        The text that they are about.
    most : int
        How many to show; of more, the errors come before the warnings, and the last line says how many are left out.

    Returns
    -------
    str
        Plain text, empty when there is nothing to show.
    """
    shown: Iterable[Diagnostic] = diagnostics
    if len(diagnostics) > most:
        urgent = sorted(range(len(diagnostics)), key=lambda place: diagnostics[place].severity != "error")
        shown = (diagnostics[place] for place in sorted(urgent[:most]))
    parts = [diagnostic.render(source) for diagnostic in shown]
    if len(diagnostics) > most:
        parts.append(f"and {len(diagnostics) - most:,} more")
    return "\n\n".join(parts)


def printable(text: str) -> str:
    """Return a text with a space for each tab, and U+FFFD for each other character that does not print."""
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() else " " if character == "\t" else "\N{REPLACEMENT CHARACTER}"
        for character in text
    )


def shorten(text: str, columns: int = 40) -> str:
    """Return a text as it is shown in a message: printable, and cut at the end when it is long.

    Parameters
    ----------
    text : str
        What a user wrote.
    columns : int
        How many columns it may take.
    """
    shown = printable(text[: columns + 1])
    if len(text) <= columns and columns_of(shown) <= columns:
        return shown
    return _fitting(shown, columns - len(_CUT)) + _CUT


def shown(value: object) -> str:
    """Return how a stranger's object is shown in a message: its repr, or its type where it has none to give.

    Parameters
    ----------
    value : object
        A key or an exception; its repr may fail, and a whole number of many digits has none.
    """
    try:
        return shorten(repr(value), 100)
    except Exception:
        return f"<{type(value).__name__}>"


def _pointers(before: int, width: int, room: int, label: str) -> tuple[str, ...]:
    """Return the line of the carets with its label, which has a line of its own where it does not fit beside them."""
    carets = " " * before + "^" * width
    if not label:
        return (carets,)
    if before + width + 1 + len(label) <= room:
        return (f"{carets} {label}",)
    return carets, " " * max(0, min(before, room - len(label))) + label


def _window(text: str, begin: int, end: int, span: Span, room: int, label: str) -> tuple[str, int, int]:
    """Cut the line from `begin` to `end` down to the surroundings of a span.

    Returns
    -------
    tuple of str, int and int
        What to show, how many columns lie before the span, and how many it takes, at least one.
    """
    marked_end = max(span.start, min(span.end, end, span.start + room))
    head = printable(text[max(begin, span.start - room) : span.start])
    body = printable(text[span.start : marked_end])
    tail = printable(text[marked_end : min(end, marked_end + room)])
    before, width, after = columns_of(head), columns_of(body), columns_of(tail)
    if end - begin <= room and before + width + after <= room:
        return head + body + tail, before, max(1, width)
    body = _fitting(body, room - 2 * len(_CUT))
    width = max(1, columns_of(body))
    wanted = max(min(after, room // 4), len(label) + 1 if label else 0)
    head = _fitting(head, max(0, room - 2 * len(_CUT) - width - wanted), last=True)
    left = _CUT if span.start - len(head) > begin else ""
    before = len(left) + columns_of(head)
    tail = _fitting(tail, room - before - width - len(_CUT))
    right = _CUT if span.start + len(body) + len(tail) < end else ""
    return left + head + body + tail + right, before, width


def columns_of(text: str) -> int:
    """Return how many columns a printable text takes on a terminal."""
    return len(text) if text.isascii() else sum(map(_column, text))


def _column(character: str) -> int:
    if category(character) in ("Mn", "Me"):
        return 0
    return 2 if east_asian_width(character) in "WF" else 1


def _fitting(text: str, columns: int, *, last: bool = False) -> str:
    """Return as much from the beginning of a printable text, or from its end, as so many columns hold."""
    if last:
        return _fitting(text[::-1], columns)[::-1]
    if text.isascii():
        return text[:columns]
    for place, character in enumerate(text):
        columns -= _column(character)
        if columns < 0:
            return text[:place]
    return text
