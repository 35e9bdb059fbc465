"""Which format a document is in: its first characters say it, seldom its name."""

from __future__ import annotations

import codecs
from enum import StrEnum
from pathlib import PurePath

from matchmaker.cli.formats.csv_text import delimiter
from matchmaker.cli.formats.encoding import encoding_of
from matchmaker.errors import DocumentError

BLANKS = " \t\r\n"


class Format(StrEnum):
    """The formats that candidates come in."""

    XML = "xml"
    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"


_ENDINGS = {".jsonl": Format.JSONL, ".ndjson": Format.JSONL, ".csv": Format.CSV, ".tsv": Format.CSV}


def recognise(head: bytes, name: str) -> Format:
    """Return the format of a document.

    JSON Lines may pass for JSON here, as nobody knows yet what follows the first line.

    Parameters
    ----------
    head : bytes
        Its beginning, the more the better.
    name : str
        What it is called; an ending counts where the content leaves a doubt.

    Raises
    ------
    DocumentError
        If it is empty or in none of the formats.
    """
    encoding, skipped = encoding_of(head[:4])
    decoder = codecs.getincrementaldecoder(encoding)("replace")  # the last character may be cut off
    text = decoder.decode(head[skipped:]).lstrip(BLANKS)
    ending = _ENDINGS.get(PurePath(name).suffix.lower())
    if text.startswith("<"):
        return Format.XML
    if text.startswith(("{", "[")):
        return Format.JSONL if ending is Format.JSONL and text.startswith("{") else Format.JSON
    if ending is Format.CSV:
        return Format.CSV
    if not text:
        raise DocumentError(f"{name}: there is nothing in it")
    first = text.splitlines()[0]
    readable = "\0" not in first and "\N{REPLACEMENT CHARACTER}" not in first
    if readable and ("," in first or delimiter(first) != ","):
        return Format.CSV
    hint = f"; it begins with `{first[:20]}` (a CSV file of one column needs --format csv)" if readable else ""
    raise DocumentError(f"{name}: neither OpenNebula XML, JSON, JSON Lines nor CSV{hint}")
