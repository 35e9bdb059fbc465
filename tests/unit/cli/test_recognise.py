from __future__ import annotations

import pytest

from matchmaker.cli.formats.recognise import Format, recognise
from matchmaker.errors import DocumentError


@pytest.mark.parametrize(
    ("head", "name", "form"),
    [
        (b"<HOST/>", "-", Format.XML),
        (b'\xef\xbb\xbf \n<?xml version="1.0"?>', "pool.csv", Format.XML),
        ("\ufeff<HOST/>".encode("utf-16-be"), "-", Format.XML),
        (b"\n [", "pool.csv", Format.JSON),
        (b"{", "-", Format.JSON),
        (b"{", "pool.JSONL", Format.JSONL),
        (b"{", "pool.ndjson", Format.JSONL),
        (b"[", "pool.jsonl", Format.JSON),
        (b"A,B\n1,2", "-", Format.CSV),
        (b"A;B", "pool.xml", Format.CSV),
        (b"A,B,caf\xc3", "-", Format.CSV),
        (b"A\tB", "-", Format.CSV),
        (b"A\n1\n", "pool.csv", Format.CSV),
        (b"", "pool.csv", Format.CSV),
    ],
)
def test_the_content_decides(head: bytes, name: str, form: Format) -> None:
    assert recognise(head, name) is form


@pytest.mark.parametrize(
    ("head", "message"),
    [
        (b"", "x: there is nothing in it"),
        (b"\xef\xbb\xbf \r\n\t", "x: there is nothing in it"),
        (b"\x1f\x8b\x08\x00,\x00", "x: neither OpenNebula XML, JSON, JSON Lines nor CSV"),
        (b"caf\xe9,1", "x: neither OpenNebula XML, JSON, JSON Lines nor CSV"),
        (
            b"connection refused",
            "x: neither OpenNebula XML, JSON, JSON Lines nor CSV; it begins with `connection refused` "
            "(a CSV file of one column needs --format csv)",
        ),
    ],
)
def test_what_is_none_of_them(head: bytes, message: str) -> None:
    with pytest.raises(DocumentError) as error:
        recognise(head, "x")
    assert str(error.value) == message
