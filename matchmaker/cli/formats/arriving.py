"""Bytes to lines, as they arrive and in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from matchmaker.cli.formats.encoding import encoding_of
from matchmaker.errors import DocumentError

LONGEST = 8 * 1024 * 1024
"""The longest line, in bytes: two expressions of the greatest length fit, with every letter beyond ASCII escaped."""
_PIECE = 256 * 1024


class Line(NamedTuple):
    """A line without its end.

    Attributes
    ----------
    number : int
        Which one it is, counted from 1.
    data : bytes or None
        What it says; None when it is longer than `LONGEST`.
    end : int
        How many bytes the stream has up to here, the line's end included.
    """

    number: int
    data: bytes | None
    end: int


def arriving_lines(stream: BinaryIO, name: str) -> Iterator[list[Line]]:
    """Yield the lines of a stream, those together that arrive together: who writes a line can wait for what comes of it.

    Parameters
    ----------
    stream : BinaryIO
        The bytes, UTF-8, from their beginning; a byte order mark is left out.
    name : str
        What messages call them.

    Raises
    ------
    DocumentError
        If a byte order mark announces another encoding.
    """
    read = getattr(stream, "read1", stream.read)  # what is there already, of a stream with a buffer too
    held: list[bytes] = []  # the parts of a line whose end has not arrived, none of them once it is too long
    number = size = end = 0
    while piece := read(_PIECE):
        *ended, rest = piece.split(b"\n")
        lines: list[Line] = []
        for part in ended:
            number, size = number + 1, size + len(part)
            end += size + 1
            lines.append(_line(number, [*held, part], size, end, name))
            held, size = [], 0
        size += len(rest)
        held = [] if size > LONGEST else [*held, rest]
        if lines:
            yield lines
    if size:
        yield [_line(number + 1, held, size, end + size, name)]


def _line(number: int, parts: list[bytes], size: int, end: int, name: str) -> Line:
    if size > LONGEST:
        return Line(number, None, end)
    data = b"".join(parts)
    return Line(number, _unmarked(data, name) if number == 1 else data, end)


def _unmarked(data: bytes, name: str) -> bytes:
    encoding, skipped = encoding_of(data[:4])
    if encoding != "utf-8":
        raise DocumentError(f"{name}: requests are UTF-8, but the byte order mark says {encoding.upper()}")
    return data[skipped:]
