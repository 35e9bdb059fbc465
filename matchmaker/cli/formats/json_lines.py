"""JSON Lines: an object on each line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from matchmaker.cli.formats.json_text import parse, type_name
from matchmaker.errors import DocumentError


def read_json_lines(lines: Iterable[str], name: str) -> Iterator[dict[str, Any]]:
    """Yield the objects of JSON Lines, one after another; blank lines are passed over.

    Parameters
    ----------
    lines : iterable of str
        The lines, with or without their ends.
    name : str
        What messages call the document.

    Raises
    ------
    DocumentError
        If a line is not an object; it names the line.
    """
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        value = parse(line.rstrip("\n"), name, first_line=number)
        if not isinstance(value, dict):
            raise DocumentError(f"{name}:{number}: each line is an object, not {type_name(value)}")
        yield value
