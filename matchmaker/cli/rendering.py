"""Diagnostics as the user sees them: the plain text of the library, with colours where there are any."""

from __future__ import annotations

import re
from typing import Any

from matchmaker.cli.terminal import paint, printable_lines
from matchmaker.diagnostics import Diagnostic
from matchmaker.source import Source

_GUTTER = re.compile(r"(\d+ \|| *(?:-->|\||= \w+:))(.*)", re.DOTALL)
_POINTER = 4
"""The line of a rendered diagnostic that holds the caret."""


def render(diagnostic: Diagnostic, source: Source, *, coloured: bool, first_line: int = 1) -> str:
    """Return a diagnostic with its source line and caret.

    Parameters
    ----------
    diagnostic : Diagnostic
        The message.
    source : Source
        The text that it is about.
    coloured : bool
        Whether to use colours; without them it is what `Diagnostic.render` returns.
    first_line : int
        The number of the text's first line.
    """
    plain = printable_lines(diagnostic.render(source, first_line=first_line))
    if not coloured:
        return plain
    first, *rest = plain.split("\n")
    head, colon, message = first.partition(":")
    lines = [paint(head, diagnostic.severity, coloured=True) + paint(colon + message, "strong", coloured=True)]
    for number, line in enumerate(rest, 1):
        found = _GUTTER.fullmatch(line)
        if found is None:
            lines.append(line)
            continue
        gutter, shown = found.groups()
        style = "hint" if gutter.endswith(":") else "frame"
        if number == _POINTER:
            shown = paint(shown, diagnostic.severity, coloured=True)
        lines.append(paint(gutter, style, coloured=True) + shown)
    return "\n".join(lines)


def as_entry(expression: str, diagnostic: Diagnostic, source: Source) -> dict[str, Any]:
    """Return a diagnostic for a JSON document.

    Parameters
    ----------
    expression : str
        What the text is: `requirement` or `rank`.
    diagnostic : Diagnostic
        The message.
    source : Source
        The text that it is about.
    """
    line, column = source.position(diagnostic.span.start)
    return {
        "expression": expression,
        "code": diagnostic.code,
        "severity": diagnostic.severity,
        "message": diagnostic.message,
        "label": diagnostic.label,
        "hints": diagnostic.hints,
        "start": diagnostic.span.start,
        "end": diagnostic.span.end,
        "line": line,
        "column": column,
    }


def render_note(text: str, *, coloured: bool) -> str:
    """Return a line to stand below a diagnostic."""
    return paint("  = note:", "hint", coloured=coloured) + f" {printable_lines(text)}"
