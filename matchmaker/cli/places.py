"""Places in a file: lines, columns, and what a finding shows of them."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace

from matchmaker.cli.rendering import render, render_note
from matchmaker.cli.terminal import paint, printable
from matchmaker.diagnostics import Diagnostic
from matchmaker.source import Source, Span

_AROUND = 400
"""How many characters before and behind a finding are looked at: more than a line on a screen has."""


class FilePlaces:
    """The lines of a file.

    Parameters
    ----------
    name : str
        What the file is called.
    text : str
        Its text.
    """

    def __init__(self, name: str, text: str) -> None:
        self.name = printable(name)
        self._text = text
        self._starts = [0, *(found.end() for found in re.finditer("\n", text))]

    def position(self, offset: int) -> tuple[int, int]:
        """Return the line and the column of a character, both counted from 1."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def block(self, diagnostic: Diagnostic, notes: Sequence[str], *, coloured: bool) -> str:
        """Return a finding as `file:line:column: error[...]: ...` with its line of the file and a caret.

        Parameters
        ----------
        diagnostic : Diagnostic
            The finding; its span points into the file.
        notes : sequence of str
            What else stands below it.
        coloured : bool
            Whether to use colours.
        """
        span = diagnostic.span
        line, column = self.position(span.start)
        start = max(self._starts[line - 1], span.start - _AROUND)
        end = self._starts[line] - 1 if line < len(self._starts) else len(self._text)
        shown = Source(self._text[start : min(end, span.end + _AROUND)].removesuffix("\r"), self.name)
        near = replace(diagnostic, span=Span(span.start - start, span.end - start))
        first, _, *rest = render(near, shown, coloured=coloured, first_line=line).split("\n")
        where = paint(f"{self.name}:{line}:{column}:", "strong", coloured=coloured)
        return "\n".join((f"{where} {first}", *rest, *(render_note(note, coloured=coloured) for note in notes)))
