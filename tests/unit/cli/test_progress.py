from __future__ import annotations

import io
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from matchmaker.cli import progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Slow(io.BytesIO):
    """Hands out a little at a time, and waits for a sign before the last piece."""

    def __init__(self, data: bytes, sign: Any = None) -> None:
        super().__init__(data)
        self._sign = sign

    def read(self, size: int | None = -1) -> bytes:
        piece = super().read(min(size or 1, 3))
        if not piece and self._sign is not None:
            deadline = time.monotonic() + 20
            while not self._sign() and time.monotonic() < deadline:
                time.sleep(0.01)
        return piece


def test_what_is_read_is_what_was_there() -> None:
    data = bytes(range(256)) * 1000
    with progress.watched(Slow(data), "x") as reader:
        assert reader.peek() == data[: 64 * 1024]
        assert reader.read() == data


def test_a_bar_appears_when_it_takes_long(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Terminal()
    monkeypatch.setattr("sys.stderr", screen)
    monkeypatch.setattr(progress, "PATIENCE", 0.0)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    with progress.watched(Slow(b"abc" * 10, lambda: "reading [red]x" in screen.getvalue()), "[red]x") as reader:
        assert reader.read() == b"abc" * 10
    assert "reading [red]x" in screen.getvalue()
    assert screen.getvalue().endswith("\x1b[2K")  # and goes away again


def test_no_bar_appears_when_it_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Terminal()
    monkeypatch.setattr("sys.stderr", screen)
    with progress.watched(io.BytesIO(b"abc"), "x") as reader:
        assert reader.read() == b"abc"
    assert screen.getvalue() == ""
    assert not [
        thread
        for thread in threading.enumerate()
        if isinstance(thread, threading.Timer) and not thread.finished.is_set()
    ]


@pytest.mark.parametrize("stderr", [io.StringIO(), None])
def test_no_bar_appears_where_nobody_sees_it(stderr: io.StringIO | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr", stderr)
    monkeypatch.setattr(progress, "PATIENCE", 0.0)
    with progress.watched(Slow(b"abc"), "x") as reader:
        time.sleep(0.05)
        assert reader.read() == b"abc"
    assert stderr is None or stderr.getvalue() == ""


@pytest.mark.parametrize("is_file", [True, False])
def test_the_bar_of_whoever_answers(is_file: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Terminal()
    monkeypatch.setattr("sys.stderr", screen)
    monkeypatch.setattr("sys.stdout", io.StringIO())
    monkeypatch.setattr(progress, "PATIENCE", 0.0)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    (tmp_path / "x").write_bytes(b"12345678")
    expected = "4/8 bytes" if is_file else "4/? bytes"
    stream = (tmp_path / "x").open("rb") if is_file else io.BytesIO()
    with stream, progress.metered(stream, "[red]x") as meter:
        meter.count = 4
        deadline = time.monotonic() + 20
        while expected not in screen.getvalue() and time.monotonic() < deadline:
            time.sleep(0.01)
        print("to where it belongs")
    assert "answering [red]x" in screen.getvalue()
    assert expected in screen.getvalue()
    assert "to where it belongs" not in screen.getvalue()


def test_no_bar_appears_where_answers_go_by(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Terminal()
    monkeypatch.setattr("sys.stderr", screen)
    monkeypatch.setattr("sys.stdout", screen)
    monkeypatch.setattr(progress, "PATIENCE", 0.0)
    with progress.metered(io.BytesIO(), "x"):
        time.sleep(0.05)
    assert screen.getvalue() == ""
