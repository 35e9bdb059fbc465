"""The sign of life while something takes long."""

from __future__ import annotations

import io
import sys
import threading

import pytest

from matchmaker.cli import waiting
from matchmaker.cli.waiting import patiently


class Terminal(io.StringIO):
    """A standard error that is a terminal, and knows when something is written to it."""

    def __init__(self) -> None:
        super().__init__()
        self.written = threading.Event()

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        count = super().write(text)
        if "placing [VMs]" in self.getvalue():
            self.written.set()
        return count


def test_long_work_is_told_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(waiting, "PATIENCE", 0.0)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    with patiently("placing [VMs]"):
        assert terminal.written.wait(30)


def test_nothing_is_told_of_short_work(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(waiting, "PATIENCE", 3600.0)
    with patiently("placing [VMs]"):
        pass
    assert terminal.getvalue() == ""


def test_nothing_is_told_where_nobody_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    before = threading.active_count()
    for stream in (io.StringIO(), None):
        monkeypatch.setattr(sys, "stderr", stream)
        with patiently("placing"):
            assert threading.active_count() == before
