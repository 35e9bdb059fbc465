"""Lines and columns."""

from __future__ import annotations

import pytest

from matchmaker import Source, Span


@pytest.mark.parametrize(
    ("offset", "position"), [(0, (1, 1)), (1, (1, 2)), (2, (1, 3)), (3, (2, 1)), (4, (3, 1)), (6, (3, 3)), (7, (4, 1))]
)
def test_positions_are_counted_from_one(offset: int, position: tuple[int, int]) -> None:
    assert Source("ab\n\ncd\n").position(offset) == position


def test_lines_are_counted_from_one_and_come_without_their_ends() -> None:
    source = Source("ab\n\ncd\n")
    assert [source.line(number) for number in (1, 2, 3, 4)] == ["ab", "", "cd", ""]


def test_only_a_newline_ends_a_line() -> None:
    source = Source("a\rb\u2028c\nd")
    assert source.line(1) == "a\rb\u2028c"
    assert source.position(6) == (2, 1)


def test_a_span_is_a_pair() -> None:
    start, end = Span(2, 5)
    assert "abcdefg"[start:end] == "cde"
