from __future__ import annotations

import pytest

from matchmaker.reporting.markup import bar, counted, escaped, printable, prose


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("café 😀 שלום", "café 😀 שלום"),
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
        ("\0\x1b[31m\x7f\r", r"\x00\x1b[31m\x7f\r"),
        ("\u202egold\u2066\u200b\u2028", r"\u202egold\u2066\u200b\u2028"),
        ("half \ud83d of a pair", r"half \ud83d of a pair"),
        ("", ""),
    ],
)
def test_what_is_not_seen_is_escaped(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_a_long_text_is_cut_and_says_so() -> None:
    assert printable("a" * 1_000) == "a" * 1_000
    assert printable("a" * 3_500) == "a" * 1_000 + "... (2,500 more characters)"
    assert escaped("<" * 5, longest=2) == "&lt;&lt;... (3 more characters)"


def test_markup_is_escaped_in_texts_and_in_quoted_values() -> None:
    assert escaped("<script> & \"'") == "&lt;script&gt; &amp; &quot;&#x27;"
    assert escaped(7) == "7"


def test_bars_and_counts() -> None:
    assert 'width="25.00%"' in bar(10, 40, "alone")
    assert 'width="0.00%"' in bar(0, 0, "alone")
    assert [counted(number, "host", "hosts") for number in (0, 1, 2_500)] == ["0 hosts", "1 host", "2,500 hosts"]


def test_what_stands_in_backticks_is_code() -> None:
    assert prose("with `A > 1` & more") == "with <code>A &gt; 1</code> &amp; more"
    assert prose("a ` too many, `<b>`") == "a ` too many, `&lt;b&gt;`"
