"""Diagnostics are rendered with their source line and a caret under the right character."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from matchmaker.diagnostics import Diagnostic, printable, render_all, shorten
from matchmaker.source import Source, Span


def render(text: str, start: int, end: int, label: str = "here", name: str = "expression") -> str:
    return Diagnostic("MM101", "error", Span(start, end), "message", label).render(Source(text, name))


def shown(text: str, start: int, end: int, label: str = "here") -> list[str]:
    """Return the lines with the text and the caret, without the gutter."""
    return [line.partition(" |")[2][1:] for line in render(text, start, end, label).split("\n")[3:]]


def test_the_shape() -> None:
    diagnostic = Diagnostic(
        "MM103",
        "error",
        Span(33, 35),
        "`>=` is not an operator of the opennebula dialect",
        "expected `=`, `!=`, `>`, `<` or `@>`",
        ("on whole numbers `FREE_MEMORY > 2097151` means the same",),
    )
    source = Source('HYPERVISOR = "kvm" & FREE_MEMORY >= 2097152', "SCHED_REQUIREMENTS")
    assert diagnostic.render(source) == (
        """\
error[MM103]: `>=` is not an operator of the opennebula dialect
 --> SCHED_REQUIREMENTS:1:34
  |
1 | HYPERVISOR = "kvm" & FREE_MEMORY >= 2097152
  |                                  ^^ expected `=`, `!=`, `>`, `<` or `@>`
  = hint: on whole numbers `FREE_MEMORY > 2097151` means the same"""
    )


def test_the_gutter_is_as_wide_as_the_line_number() -> None:
    assert render("\n" * 99 + "A B", 101, 102) == (
        """\
error[MM101]: message
   --> expression:100:3
    |
100 | A B
    |   ^ here"""
    )


def test_without_label_and_with_two_hints() -> None:
    diagnostic = Diagnostic("MM201", "warning", Span(0, 1), "message", "", ("one", "two"))
    assert diagnostic.render(Source("A")).split("\n") == [
        "warning[MM201]: message",
        " --> expression:1:1",
        "  |",
        "1 | A",
        "  | ^",
        "  = hint: one",
        "  = hint: two",
    ]


@pytest.mark.parametrize(
    ("text", "start", "end", "line", "caret"),
    [
        ("", 0, 0, "", "^ here"),
        ("A = ", 4, 4, "A =", "    ^ here"),
        ("A\n", 2, 2, "", "^ here"),
        ("A\nB", 1, 2, "A", " ^ here"),
        ("AB\nCD", 1, 5, "AB", " ^ here"),
        ("AB\nCD", 3, 5, "CD", "^^ here"),
        ("A\tB\x00C\x7fD", 6, 7, "A B\N{REPLACEMENT CHARACTER}C\N{REPLACEMENT CHARACTER}D", "      ^ here"),
        ("A\r\nB", 1, 2, "A\N{REPLACEMENT CHARACTER}", " ^ here"),
        ("\ud800 = 5", 0, 1, "\N{REPLACEMENT CHARACTER} = 5", "^ here"),
        ("日本 = 5", 1, 2, "日本 = 5", "  ^^ here"),
        ("日本 = 5", 3, 4, "日本 = 5", "     ^ here"),
        ("e\N{COMBINING ACUTE ACCENT}x = 5", 2, 3, "e\N{COMBINING ACUTE ACCENT}x = 5", " ^ here"),
        ("e\N{COMBINING ACUTE ACCENT}x", 1, 2, "e\N{COMBINING ACUTE ACCENT}x", " ^ here"),
        ("A", 7, 9, "A", " ^ here"),
    ],
)
def test_the_caret_is_under_its_character(text: str, start: int, end: int, line: str, caret: str) -> None:
    assert shown(text, start, end) == [line, caret]


def test_long_lines_are_cut_around_the_span() -> None:
    text = "".join(f"A{number:03} " for number in range(200))
    assert shown(text, 0, 4) == [text[:73] + "...", "^^^^ here"]
    line, caret = shown(text, 500, 504)
    assert line.startswith("...")
    assert line.endswith("...")
    assert len(line) == 76
    assert line[caret.index("^") :].startswith("A100 ")
    line, caret = shown(text, 995, 999)
    assert line.endswith("A199")
    assert line[caret.index("^") :].startswith("A199")


def test_a_span_longer_than_the_line() -> None:
    text = "x" * 1000
    assert shown(text, 0, 1000) == ["x" * 73 + "...", "^" * 70 + " here"]
    assert shown(text, 500, 1000) == ["..." + "x" * 70 + "...", "   " + "^" * 70, "   here"]


def test_a_long_label_has_its_own_line_or_moves_the_window() -> None:
    label = "l" * 60
    assert shown("x" * 30, 20, 21, label) == ["x" * 30, " " * 20 + "^", " " * 16 + label]
    line, caret = shown("x" * 500, 250, 251, label)
    assert (len(line), len(caret)) == (76, 76 - 3)


def test_many_lines_and_one_long_line() -> None:
    size = 2**20
    assert render("\n" * size, size, size).split("\n")[1].endswith(f":{size + 1}:1")
    assert render("x" * size, size - 1, size).split("\n")[1].endswith(f":1:{size}")


def test_names_of_sources_are_printable() -> None:
    assert " --> a\N{REPLACEMENT CHARACTER}b:1:1" in render("A", 0, 1, name="a\nb")


def test_printable_and_shorten() -> None:
    assert printable("a\tb\nc") == "a b\N{REPLACEMENT CHARACTER}c"
    assert shorten("x" * 40) == "x" * 40
    assert shorten("x" * 41) == "x" * 37 + "..."
    assert shorten("日" * 6, 10) == "日日日..."
    assert shorten("日" * 5, 10) == "日" * 5


def test_render_all_shows_the_errors_first_when_there_are_too_many() -> None:
    source = Source("A B C")
    warnings = [Diagnostic("MM201", "warning", Span(place, place + 1), f"warning {place}") for place in range(5)]
    error = Diagnostic("MM101", "error", Span(4, 5), "error")
    assert render_all([], source) == ""
    assert render_all(warnings[:2], source) == "\n\n".join(each.render(source) for each in warnings[:2])
    shortened = render_all([*warnings, error], source, most=2)
    assert shortened == "\n\n".join([warnings[0].render(source), error.render(source), "and 4 more"])


CHARACTERS = st.text(
    st.sampled_from("A =&|\t\n\r\0é日\N{COMBINING ACUTE ACCENT}\ud800\u200b\N{GRINNING FACE}") | st.characters()
)


@given(CHARACTERS, st.integers(0, 300), st.integers(0, 300), st.text("label ", max_size=70), st.integers(1, 8))
@example("x" * 200, 100, 300, "", 1)
def test_any_text_and_span_can_be_rendered(text: str, start: int, length: int, label: str, times: int) -> None:
    text *= times
    start = min(start, len(text))
    end = min(start + length, len(text))
    rendered = Diagnostic("MM101", "error", Span(start, end), "message", label.strip()).render(Source(text))
    rendered.encode()
    lines = rendered.split("\n")
    assert 5 <= len(lines) <= 6
    assert all(line.isprintable() for line in lines)
    assert len(lines[4]) <= 80
    if text.isascii():
        assert all(len(line) <= 80 for line in lines)
        marked = printable(text[start:end].partition("\n")[0])
        first, last = lines[4].index("^"), lines[4].rindex("^") + 1
        under = lines[3].ljust(80)[first:last]
        assert marked.startswith(under) or not marked
