"""Tables that fit their terminal: numbers to the right, what is too long cut, what has no room left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TextIO

from rich.cells import cell_len, set_cell_size

from matchmaker.cli.terminal import paint
from matchmaker.cli.values import NUMBER

_WIDEST = 40
"""The most columns of the terminal that one column of the table takes."""
_NARROWEST = 10
"""What is wider than this is cut before a column of the table is left out."""
_LONGEST_NUMBER = 20
"""What is a number and has more digits than this may be cut too."""
_GAP = "  "
_MISSING = "-"


@dataclass
class Column:
    """A column of a table.

    Parameters
    ----------
    title : str
        What stands above it, printable.
    cells : sequence of str or None
        A printable text for each row; None is missing.
    kept : bool
        Whether it stays however narrow the terminal is.
    """

    title: str
    cells: Sequence[str | None]
    kept: bool = False
    width: int = field(init=False)
    least: int = field(init=False)
    is_number: bool = field(init=False)

    def __post_init__(self) -> None:
        present = [cell for cell in self.cells if cell is not None]
        self.is_number = bool(present) and all(NUMBER.fullmatch(cell) for cell in present)
        longest, title = max(map(cell_len, present), default=1), cell_len(self.title)
        self.width = min(max(title, longest), _WIDEST)
        # Numbers are cut only where they are absurd.
        digits = min(longest, _LONGEST_NUMBER) if self.is_number else 0
        self.least = min(self.width, max(digits, _NARROWEST))


@dataclass(frozen=True)
class Marks:
    """The characters that a table is drawn with."""

    rule: str = "\N{BOX DRAWINGS LIGHT HORIZONTAL}"
    ellipsis: str = "\N{HORIZONTAL ELLIPSIS}"


def marks_for(stream: TextIO) -> Marks:
    """Return the characters to draw with: plain ones where the encoding of a stream has no others."""
    try:
        (Marks.rule + Marks.ellipsis).encode(getattr(stream, "encoding", None) or "ascii")
    except (UnicodeEncodeError, LookupError):
        return Marks("-", "...")
    return Marks()


def fit(columns: Sequence[Column], room: int) -> tuple[list[Column], list[str]]:
    """Choose the columns that have room, and set their widths.

    Wide columns are narrowed first; if that is not enough, those at the end that need not be there are left out.

    Parameters
    ----------
    columns : sequence of Column
        What there is to show; the widths of those returned may have changed.
    room : int
        The columns of the terminal.

    Returns
    -------
    tuple of list of Column, list of str
        The columns to draw, and the titles of those that were left out.
    """
    shown = list(columns)
    dropped: list[str] = []
    while sum(column.least for column in shown) + len(_GAP) * (len(shown) - 1) > room:
        last = next((column for column in reversed(shown) if not column.kept), None)
        if last is None:
            break
        shown.remove(last)
        dropped.insert(0, last.title)
    excess = sum(column.width for column in shown) + len(_GAP) * (len(shown) - 1) - room
    while excess > 0:
        widest = max(shown, key=lambda column: column.width - column.least)
        if widest.width == widest.least:
            break
        widest.width -= 1
        excess -= 1
    return shown, dropped


def draw(columns: Sequence[Column], marks: Marks, *, coloured: bool) -> Iterator[str]:
    """Yield the lines of a table.

    Parameters
    ----------
    columns : sequence of Column
        Columns with equally many cells.
    marks : Marks
        What to draw with.
    coloured : bool
        Whether to use colours.
    """
    titles = [_cell(column.title, column, marks) for column in columns]
    yield _GAP.join(paint(title, "heading", coloured=coloured) for title in _trimmed(titles))
    yield paint(_GAP.join(marks.rule * column.width for column in columns), "faint", coloured=coloured)
    blank = [_cell(_MISSING, column, marks) for column in columns]
    faint = [paint(cell, "faint", coloured=coloured) for cell in blank]
    for row in zip(*(column.cells for column in columns), strict=True):
        cells = [faint[place] if cell is None else _cell(cell, columns[place], marks) for place, cell in enumerate(row)]
        yield _GAP.join(cells).rstrip()


def _cell(text: str, column: Column, marks: Marks) -> str:
    length = cell_len(text)
    if length > column.width:
        kept = max(0, column.width - len(marks.ellipsis))
        return set_cell_size(text, kept) + marks.ellipsis[: column.width]
    filling = " " * (column.width - length)
    return filling + text if column.is_number else text + filling


def _trimmed(cells: list[str]) -> list[str]:
    return [*cells[:-1], cells[-1].rstrip()]
