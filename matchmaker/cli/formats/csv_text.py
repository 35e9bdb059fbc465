"""CSV: a row of names, then a row for each candidate; an empty cell is a missing attribute."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from typing import Any, BinaryIO

from matchmaker.cli.formats.encoding import text_lines
from matchmaker.errors import DocumentError

LONGEST_CELL = 16 * 1024 * 1024
"""In characters; what is longer is rather a quote that nobody closed."""


def read_csv(stream: BinaryIO, name: str) -> Iterator[dict[str, Any]]:
    """Yield the rows of a CSV text as mappings of the names in its first row to texts.

    Commas separate the cells; semicolons or tabs do when they are in the first row and commas are not.

    Parameters
    ----------
    stream : BinaryIO
        The bytes.
    name : str
        What messages call them.

    Raises
    ------
    DocumentError
        If a column has no name, or two have the same, a row has too many or too few cells, or a quote is misplaced.
    """
    lines = _without_nul(text_lines(stream, name), name)
    start: list[str] = []
    for line in lines:
        start.append(line)
        if line.strip():
            break
    with _long_cells():
        reader = csv.reader(chain(start, lines), delimiter=delimiter(start[-1] if start else ""), strict=True)
        rows = _rows(reader, name)
        _, header = next(rows, (1, []))
        names = _names(header, f"{name}:{reader.line_num}")
        for number, row in rows:
            if len(row) != len(names):
                raise DocumentError(f"{name}:{number}: {_cells(len(row))} instead of {len(names)} as in the first row")
            yield {column: cell for column, cell in zip(names, row, strict=True) if cell}


def delimiter(first_line: str) -> str:
    """Return what separates cells, judged by the first line: a comma where there is one, else a semicolon or tab."""
    outside = "".join(first_line.split('"')[::2])
    present = [mark for mark in ",;\t" if mark in outside]
    return "," if "," in present or len(present) != 1 else present[0]


def _rows(reader: Any, name: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that are not blank, each with the number of the line it begins on."""
    while True:
        number = reader.line_num + 1
        try:
            row = next(reader, None)
        except csv.Error as error:
            raise DocumentError(f"{name}:{number}: {_reason(error)}") from None
        if row is None:
            return
        if row:
            yield number, row


def _reason(error: csv.Error) -> str:
    reason = str(error)
    if reason == "unexpected end of data":
        return 'a quote (") opens in this row and is never closed'
    if reason.startswith("field larger than"):
        return f'a cell of this row is longer than {LONGEST_CELL} characters; is a quote (") not closed?'
    if reason.startswith("new-line character"):
        return "a carriage return stands in a cell without quotes"
    return reason.replace("'\"'", 'a quote (")')


def _names(header: list[str], place: str) -> list[str]:
    names: dict[str, int] = {}
    for number, cell in enumerate(header, 1):
        name = cell.strip(" \t")
        if not name:
            raise DocumentError(f"{place}: column {number} has no name")
        if name in names:
            raise DocumentError(f"{place}: two columns are named `{name}`: {names[name]} and {number}")
        names[name] = number
    return list(names)


def _cells(number: int) -> str:
    return "1 cell" if number == 1 else f"{number} cells"


def _without_nul(lines: Iterator[str], name: str) -> Iterator[str]:
    for number, line in enumerate(lines, 1):
        if "\0" in line:
            raise DocumentError(f"{name}:{number}:{line.index(chr(0)) + 1}: a NUL stands in the text")
        yield line


@contextmanager
def _long_cells() -> Iterator[None]:
    """Raise the limit of the csv module, which is global, and set it back."""
    usual = csv.field_size_limit(LONGEST_CELL)
    try:
        yield
    finally:
        csv.field_size_limit(usual)
