"""Which part of a requirement a candidate does not meet."""

from __future__ import annotations

import pytest

import matchmaker as mm
from matchmaker.cli import unmet
from matchmaker.cli.unmet import UnmetParts

POOL = mm.Pool(
    [{"NAME": "a", "CPU": 1, "RACK": "x"}, {"NAME": "b", "CPU": 3}, {"NAME": "c", "CPU": 5, "RACK": "y"}], key="NAME"
)


def test_the_first_part_that_is_not_met() -> None:
    requirements = mm.Requirement("CPU > 2"), mm.Requirement('RACK = "x" & CPU < 9')
    assert UnmetParts(POOL).of(requirements) == {"a": "CPU > 2", "b": 'RACK = "x"', "c": 'RACK = "x"'}


def test_what_is_no_conjunction_is_one_part() -> None:
    assert UnmetParts(POOL).of([mm.Requirement("CPU = 1 | RACK = y")]) == {"b": 'CPU = 1 | RACK = "y"'}
    assert UnmetParts(POOL).of([mm.Requirement("CPU > 0")]) == {}
    assert UnmetParts(POOL).of([]) == {}


def test_a_part_is_shortened() -> None:
    (text,) = set(UnmetParts(POOL).of([mm.Requirement(f"A = {'x' * 500}")]).values())
    assert text.startswith('A = "xxx')
    assert len(text) <= 60


def test_a_part_that_many_have_is_evaluated_once() -> None:
    asked = 0

    class Counting(dict[str, int]):
        def __getitem__(self, name: str) -> int:
            nonlocal asked
            asked += name == "CPU"
            return super().__getitem__(name)

        def get(self, name: str, default: object = None) -> object:  # type: ignore[override]
            nonlocal asked
            asked += name == "CPU"
            return super().get(name, default)

    parts = UnmetParts(mm.Pool([Counting(CPU=1)]))
    for _ in range(5):
        assert parts.of([mm.Requirement("CPU > 2")]) == {0: "CPU > 2"}
    assert asked == 1


def test_what_fails_or_takes_too_long_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    odd = mm.Pool([{"CPU": 1, "ODD": {}}])
    assert UnmetParts(odd).of([mm.Requirement("CPU > 2 & ODD = 1")]) == {0: "CPU > 2"}
    assert UnmetParts(odd).of([mm.Requirement("ODD = 1 & CPU > 2")]) == {}
    monkeypatch.setattr(unmet, "PATIENCE", 0.0)
    assert UnmetParts(POOL).of([mm.Requirement("CPU > 2")]) == {}
