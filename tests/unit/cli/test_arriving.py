from __future__ import annotations

import codecs
import io

import pytest

from matchmaker.cli.formats import arriving
from matchmaker.cli.formats.arriving import Line, arriving_lines
from matchmaker.errors import DocumentError


class Pieces(io.BytesIO):
    """Hands out what arrives, piece by piece, as a pipe does."""

    def __init__(self, *pieces: bytes) -> None:
        super().__init__()
        self._pieces = list(pieces)

    def read1(self, size: int | None = -1) -> bytes:
        return self._pieces.pop(0) if self._pieces else b""


def test_lines_that_arrive_together_come_together() -> None:
    assert list(arriving_lines(Pieces(b"a\n\nb", b"c\r\nd\n", b"e", b"f"), "x")) == [
        [Line(1, b"a", 2), Line(2, b"", 3)],
        [Line(3, b"bc\r", 7), Line(4, b"d", 9)],
        [Line(5, b"ef", 11)],
    ]


def test_a_last_line_with_and_without_an_end() -> None:
    assert list(arriving_lines(io.BytesIO(b"a\nb"), "x")) == [[Line(1, b"a", 2)], [Line(2, b"b", 3)]]
    assert list(arriving_lines(io.BytesIO(b"a\nb\n"), "x")) == [[Line(1, b"a", 2), Line(2, b"b", 4)]]
    assert list(arriving_lines(io.BytesIO(b""), "x")) == []


def test_of_a_line_that_is_too_long_nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arriving, "LONGEST", 4)
    pieces = Pieces(b"1234\n12345\n12", b"34", b"5", b"678\nok\n", b"12345")
    assert list(arriving_lines(pieces, "x")) == [
        [Line(1, b"1234", 5), Line(2, None, 11)],
        [Line(3, None, 20), Line(4, b"ok", 23)],
        [Line(5, None, 28)],
    ]


def test_a_byte_order_mark() -> None:
    data = codecs.BOM_UTF8 + b"a\n" + codecs.BOM_UTF8
    assert list(arriving_lines(io.BytesIO(data), "x")) == [[Line(1, b"a", 5)], [Line(2, codecs.BOM_UTF8, 8)]]
    with pytest.raises(DocumentError, match=r"^x: requests are UTF-8, but the byte order mark says UTF-16-LE$"):
        list(arriving_lines(io.BytesIO(codecs.BOM_UTF16_LE + "{}\n".encode("utf-16-le")), "x"))
