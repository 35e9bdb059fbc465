from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchmaker.cli import terminal
from matchmaker.cli.terminal import Refusal, is_coloured, paint, printable, printable_lines, write

FULL = Path("/dev/full")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")


def test_printable() -> None:
    text = "a\x1b[31m\r\n\t\x00\x7f\x9b\u202e\ud800\u200b é日"
    assert printable(text) == r"a\x1b[31m\r\n\t\x00\x7f\x9b\u202e\ud800\u200b é日"
    assert printable_lines("a\n\x1bb") == "a\n\\x1bb"


@given(st.text(st.characters()))
def test_what_is_printable_obeys(text: str) -> None:
    assert printable(text).isprintable()


def test_colours_are_for_terminals(monkeypatch: pytest.MonkeyPatch) -> None:
    assert is_coloured(Terminal())
    assert not is_coloured(io.StringIO())
    assert not is_coloured(None)
    monkeypatch.setenv("NO_COLOR", "")
    assert is_coloured(Terminal())
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert is_coloured(io.StringIO())
    monkeypatch.setenv("NO_COLOR", "1")
    assert not is_coloured(Terminal())


def test_a_dumb_terminal_has_no_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    assert not is_coloured(Terminal())


def test_paint() -> None:
    assert paint("x", "error", coloured=True) == "\x1b[1;31mx\x1b[0m"
    assert paint("x", "error", coloured=False) == "x"
    assert paint("", "error", coloured=True) == ""


def test_width(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "123")
    assert terminal.width() == 123
    monkeypatch.setenv("COLUMNS", "3")
    assert terminal.width() == 20


def test_characters_that_an_encoding_lacks_are_escaped(monkeypatch: pytest.MonkeyPatch) -> None:
    held = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(held, "latin-1"))
    write("é日\n")
    assert held.getvalue() == b"\xe9\\u65e5\n"


@pytest.mark.skipif(not FULL.exists(), reason="needs /dev/full")
def test_output_that_cannot_be_written_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with FULL.open("w") as full:
        monkeypatch.setattr("sys.stdout", full)
        with pytest.raises(Refusal, match="cannot write to standard output: No space left on device"):
            write("x")


def test_a_closed_output_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout", None)
    with pytest.raises(Refusal, match="standard output is closed"):
        write("x")
