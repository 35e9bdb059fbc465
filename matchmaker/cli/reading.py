"""From a file or standard input to a pool."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from matchmaker.cli.formats.csv_text import read_csv
from matchmaker.cli.formats.encoding import encoding_of, text_lines, whole_text
from matchmaker.cli.formats.json_lines import read_json_lines
from matchmaker.cli.formats.json_text import parse, type_name
from matchmaker.cli.formats.recognise import BLANKS, Format, recognise
from matchmaker.cli.progress import watched
from matchmaker.cli.terminal import Refusal, printable
from matchmaker.errors import DocumentError
from matchmaker.matching.pool import Pool

STANDARD_INPUT = "-"
_ROOTS = ("HOST", "DATASTORE", "VNET")
_NOT_BLANK = re.compile(r"\S")


def read_pool(path: Path, *, key: str | None = None, form: Format | None = None) -> Pool:
    """Read a pool.

    Parameters
    ----------
    path : Path
        The file, or `-` for standard input.
    key : str or None
        The attribute that identifies a candidate; None leaves it to the pool.
    form : Format or None
        The format; None has it recognised by the content.

    Returns
    -------
    Pool
        The candidates, in the order of the document.

    Raises
    ------
    Refusal
        If there is no reading from there.
    DocumentError
        If the document is not of its format; where possible it names line and column.
    PoolError
        If a key is missing or there twice.
    """
    with opened(path) as (stream, name), watched(stream, name) as reader:
        head = reader.peek()
        return _POOLS[form or recognise(head, name)](reader, name, key)


def read_bytes(path: Path) -> bytes:
    """Return what is in a file, or on standard input for `-`.

    Raises
    ------
    Refusal
        If there is no reading from there.
    """
    with opened(path) as (stream, name), watched(stream, name) as reader:
        return reader.read()


def read_standard_input() -> str:
    """Return the text on standard input, without the line end behind it, as a shell's `$(...)` does.

    Raises
    ------
    Refusal
        If there is no reading from there.
    DocumentError
        If it is no text.
    """
    with opened(Path(STANDARD_INPUT)) as (stream, name):
        return whole_text(stream, name).removesuffix("\n").removesuffix("\r")


@contextmanager
def opened(path: Path) -> Iterator[tuple[BinaryIO, str]]:
    """Open a file for reading, without a buffer of its own.

    Parameters
    ----------
    path : Path
        The file, or `-` for standard input.

    Yields
    ------
    tuple of BinaryIO, str
        Its bytes, and what messages call it.

    Raises
    ------
    Refusal
        If there is no reading from there, now or later.
    """
    name = "standard input" if str(path) == STANDARD_INPUT else printable(str(path))
    try:
        if str(path) != STANDARD_INPUT:
            with path.open("rb", buffering=0) as stream:
                yield stream, name
        elif sys.stdin is None:
            raise Refusal("standard input is closed")
        else:
            yield sys.stdin.buffer, name
    except OSError as error:
        raise Refusal(f"cannot read {name}: {error.strerror or error}") from None


def _xml(stream: io.BufferedReader, name: str, key: str | None) -> Pool:
    from matchmaker import opennebula

    _skip_blanks(stream)
    try:
        pool = opennebula.read_pool(stream)
    except DocumentError as error:
        raise DocumentError(f"{name}: {error}") from None
    return pool if key is None else Pool(pool, key=key)


def _skip_blanks(stream: io.BufferedReader) -> None:
    """Pass over white space, which an XML declaration must not have before it."""
    head = stream.peek()
    encoding, skipped = encoding_of(head[:4])
    if encoding == "utf-8":
        stream.read(len(head) - len(head[skipped:].lstrip(BLANKS.encode())))


def _json(stream: io.BufferedReader, name: str, key: str | None) -> Pool:
    text = whole_text(stream, name)
    end = text.find("\n")
    if end > 0 and _NOT_BLANK.search(text, end) and _is_complete(text[:end]):
        return _pool_of(list(read_json_lines(io.StringIO(text), name)), name, key)
    return _pool_of(parse(text, name), name, key)


def _is_complete(line: str) -> bool:
    try:
        parse(line, "")
    except DocumentError:
        return False
    return True


def _json_lines(stream: io.BufferedReader, name: str, key: str | None) -> Pool:
    return _pool_of(list(read_json_lines(text_lines(stream, name), name)), name, key)


def _csv(stream: io.BufferedReader, name: str, key: str | None) -> Pool:
    return Pool(read_csv(stream, name), key=key)


def _pool_of(value: Any, name: str, key: str | None) -> Pool:
    """Make a pool of what a JSON document holds."""
    from matchmaker import opennebula

    try:
        pool = opennebula.read_json(_together(value))
    except DocumentError as error:
        raise DocumentError(f"{name}: {error}") from None
    if pool is not None:
        return pool if key is None else Pool(pool, key=key)
    if isinstance(value, dict):
        root = next(iter(value), "") if len(value) == 1 else ""
        if root.endswith("_POOL"):
            raise DocumentError(f"{name}: `{printable(root[:40])}` is no pool of hosts, datastores or virtual networks")
        return Pool([value], key=key)
    if not isinstance(value, list):
        raise DocumentError(f"{name}: a pool is a list of objects, or one object, not {type_name(value)}")
    for place, each in enumerate(value):
        if not isinstance(each, dict):
            raise DocumentError(f"{name}: candidates are objects, but the one at position {place} is {type_name(each)}")
    return Pool(value, key=key)


def _together(value: Any) -> Any:
    """Return a list of OpenNebula's single documents, such as `{"HOST": {...}}`, as the pool that they would be."""
    if not isinstance(value, list) or not value or not all(isinstance(each, dict) and len(each) == 1 for each in value):
        return value
    root = next(iter(value[0]))
    if root not in _ROOTS or not all(isinstance(each.get(root), dict) for each in value):
        return value
    return {f"{root}_POOL": {root: [each[root] for each in value]}}


_POOLS = {Format.XML: _xml, Format.JSON: _json, Format.JSONL: _json_lines, Format.CSV: _csv}
