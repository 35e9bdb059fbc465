"""Findings in a file: the line, the column, and a line of it that fits on a screen."""

from __future__ import annotations

import pytest

from matchmaker.cli.places import FilePlaces
from matchmaker.diagnostics import Diagnostic
from matchmaker.source import Span


def block(text: str, start: int, end: int, *notes: str) -> list[str]:
    found = Diagnostic("MM103", "error", Span(start, end), "wrong", "a label", ("a hint",))
    return FilePlaces("a.tmpl", text).block(found, notes, coloured=False).split("\n")


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_finding_on_a_line_of_its_own(line_end: str) -> None:
    text = line_end.join(["one", "two = xyz", "three", ""])
    assert block(text, text.index("xyz"), text.index("xyz") + 2, "a note") == [
        "a.tmpl:2:7: error[MM103]: wrong",
        "  |",
        "2 | two = xyz",
        "  |       ^^ a label",
        "  = hint: a hint",
        "  = note: a note",
    ]


def test_positions() -> None:
    places = FilePlaces("a", "é\nb\n\nc")
    assert [places.position(offset) for offset in range(6)] == [(1, 1), (1, 2), (2, 1), (2, 2), (3, 1), (4, 1)]


def test_a_long_line_is_cut_on_both_sides() -> None:
    text = "x" * 1000 + "HERE" + "y" * 1000
    first, _, line, pointer, _ = block(text, 1000, 1004)
    assert first == "a.tmpl:1:1001: error[MM103]: wrong"
    assert line.startswith("1 | ...x")
    assert line.endswith("y...")
    assert len(line) <= 80
    assert line.index("HERE") == pointer.index("^^^^")


def test_the_gutter_is_as_wide_as_the_number() -> None:
    text = "\n" * 9_999 + "A == 1"
    assert block(text, 10_001, 10_003)[1:4] == ["      |", "10000 | A == 1", "      |   ^^ a label"]
