"""Bytes to text: UTF-8, or what a byte order mark says; a byte that is out of place is named."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from typing import BinaryIO

from matchmaker.errors import DocumentError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def encoding_of(head: bytes) -> tuple[str, int]:
    """Return the encoding that the first bytes announce, and the length of the byte order mark."""
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding, len(mark)
    return "utf-8", 0


def whole_text(stream: BinaryIO, name: str) -> str:
    """Return all of a stream as text.

    Parameters
    ----------
    stream : BinaryIO
        The bytes, from their beginning.
    name : str
        What messages call them.

    Raises
    ------
    DocumentError
        If they are not of their encoding; it names line and column.
    """
    data = stream.read()
    encoding, skipped = encoding_of(data[:4])
    try:
        return str(memoryview(data)[skipped:], encoding)
    except UnicodeDecodeError as error:
        before = str(memoryview(data)[skipped : skipped + error.start], encoding)
        raise _undecodable(name, before, 1, encoding) from None


def text_lines(stream: BinaryIO, name: str) -> Iterator[str]:
    """Yield the lines of a stream, with their ends, as they arrive.

    Parameters
    ----------
    stream : BinaryIO
        The bytes, from their beginning.
    name : str
        What messages call them.

    Raises
    ------
    DocumentError
        If they are not of their encoding; it names line and column.
    """
    first = stream.readline()
    encoding, skipped = encoding_of(first[:4])
    if encoding != "utf-8":
        text = whole_text(io.BytesIO(first + stream.read()), name)
        yield from io.StringIO(text, newline="\n")
        return
    number, line = 1, first[skipped:]
    while line:
        yield line_text(line, name, number)
        number, line = number + 1, stream.readline()


def line_text(line: bytes, name: str, number: int) -> str:
    """Return a line of UTF-8 as text.

    Parameters
    ----------
    line : bytes
        The line, without a byte order mark.
    name : str
        What messages call the document.
    number : int
        Which line it is.

    Raises
    ------
    DocumentError
        If it is not UTF-8; it names line and column.
    """
    try:
        return line.decode()
    except UnicodeDecodeError as error:
        raise _undecodable(name, line[: error.start].decode(), number, "utf-8") from None


def _undecodable(name: str, before: str, first_line: int, encoding: str) -> DocumentError:
    line = first_line + before.count("\n")
    column = len(before) - before.rfind("\n")
    return DocumentError(f"{name}:{line}:{column}: this byte is not {encoding.upper()}")
