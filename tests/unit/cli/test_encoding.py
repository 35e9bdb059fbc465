from __future__ import annotations

import codecs
import io

import pytest

from matchmaker.cli.formats.encoding import text_lines, whole_text
from matchmaker.errors import DocumentError

TEXT = "a\r\n\xe9\n\u2028\n\nlast"


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (b"", "utf-8"),
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
    ],
)
def test_the_mark_says_the_encoding(mark: bytes, encoding: str) -> None:
    data = mark + TEXT.encode(encoding)
    assert whole_text(io.BytesIO(data), "x") == TEXT
    assert list(text_lines(io.BytesIO(data), "x")) == ["a\r\n", "\xe9\n", "\u2028\n", "\n", "last"]


@pytest.mark.parametrize("data", [b"ab\n\xc3\xa9\xff\n", codecs.BOM_UTF8 + b"ab\n\xc3\xa9\xff\n"])
def test_a_bad_byte_is_named(data: bytes) -> None:
    for read in (whole_text, lambda stream, name: list(text_lines(stream, name))):
        with pytest.raises(DocumentError, match=r"^x:2:2: this byte is not UTF-8$"):
            read(io.BytesIO(data), "x")


def test_a_bad_byte_of_another_encoding_is_named() -> None:
    data = codecs.BOM_UTF16_LE + "ab\nc".encode("utf-16-le") + b"\x00\xd8"
    for read in (whole_text, lambda stream, name: list(text_lines(stream, name))):
        with pytest.raises(DocumentError, match=r"^x:2:2: this byte is not UTF-16-LE$"):
            read(io.BytesIO(data), "x")


def test_nothing() -> None:
    assert whole_text(io.BytesIO(b""), "x") == ""
    assert list(text_lines(io.BytesIO(b""), "x")) == []
