"""Asking a clause about values: on columns, and one by one as the closures do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Literal

import numpy as np

from matchmaker import Requirement
from matchmaker.attributes.globs import Glob
from matchmaker.attributes.numbers import float32
from matchmaker.attributes.values import SpecialValue, rank_reading
from matchmaker.engine import bitmaps
from matchmaker.engine.building import build
from matchmaker.engine.clauses import compile_clause
from matchmaker.engine.columns import Need, View
from matchmaker.engine.verdicts import ColumnClause
from matchmaker.errors import CandidateError
from matchmaker.language.nodes import Comparison

Answer = bool | Literal["refused"]


class Computed(SpecialValue):
    """A number with rules of its own: it has no text, and nothing differs from it."""

    def __init__(self, number: float) -> None:
        self._number = number

    def compare(self, operator: str, literal: int | float | Glob) -> bool:
        """Tell whether it compares so with a literal."""
        if isinstance(literal, Glob) or operator == "!=":
            return False
        return self._number > literal if operator == ">" else self._number == literal

    def number(self) -> float:
        """Return what ranks read."""
        return float32(self._number)


def comparison(text: str) -> Comparison:
    """Return the tree of a requirement that is one comparison."""
    tree = Requirement(text).tree
    assert isinstance(tree, Comparison)
    return tree


def in_runs(values: Sequence[Any], length: int) -> Iterator[dict[str, Sequence[Any]]]:
    for start in range(0, len(values), length):
        yield {"A": values[start : start + length]}


def view_of(values: Sequence[Any], reading: Any = "integers", *, several: bool = False, run: int = 1_024) -> View:
    """Return a view of values that are all of `A`."""
    need = Need("A", reading, several)
    return build([need], in_runs(values, run))[need]


def on_columns(text: str, values: Sequence[Any], *, run: int = 1_024) -> list[Answer]:
    """Ask a view of the values."""
    clause = ColumnClause(comparison(text))
    return of_view(clause, build([clause.need], in_runs(values, run))[clause.need], len(values))


def of_view(clause: ColumnClause, view: View, length: int) -> list[Answer]:
    """Ask a view."""
    words = clause.verdicts(view)
    assert len(words) == (length + 63) // 64
    verdicts: list[bool] = bitmaps.unpacked(words, length).tolist()
    return ["refused" if slot in view.refused else verdict for slot, verdict in enumerate(verdicts)]


def one_by_one(text: str, values: Sequence[Any]) -> list[Answer]:
    """Ask the closures; what `@>` does not come to in a list is read all the same, as a view has to."""
    tree = comparison(text)
    test = compile_clause(tree).test

    def answer(value: Any) -> Answer:
        try:
            verdict = test(value)
            if tree.operator == "@>" and isinstance(value, list):
                for element in value:
                    test([element])
        except CandidateError:
            return "refused"
        return verdict

    return list(map(answer, values))


def numbers_of(values: Sequence[Any], *, run: int = 1_024) -> list[float]:
    """Return what ranks read of a view."""
    numbers: list[float] = view_of(values, "floats", run=run).loaded("A").astype(np.float32).tolist()
    return numbers


def rank_readings(values: Sequence[Any]) -> list[float]:
    """Return what ranks read of the values; 0 where it is an error."""
    readings = []
    for value in values:
        try:
            readings.append(rank_reading(value, "A"))
        except CandidateError:
            readings.append(0.0)
    return readings
