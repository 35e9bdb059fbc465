"""The closures: lookups happen only where they can change the verdict."""

from __future__ import annotations

import math
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from matchmaker import Rank, Requirement
from matchmaker.attributes.lookup import PLAIN
from matchmaker.engine import closures, stack
from matchmaker.engine.clauses import compile_clause
from matchmaker.language.nodes import Comparison, walk

ENGINES = pytest.mark.parametrize("engine", [closures, stack], ids=lambda engine: engine.__name__.rpartition(".")[2])


class Noted:
    """A kind whose lookups note the names that are read."""

    name = "noted"

    def __init__(self) -> None:
        self.read: list[str] = []

    def lookup(self, name: str) -> Callable[[Any], Any]:
        def read(candidate: dict[str, Any]) -> Any:
            self.read.append(name)
            return candidate.get(name)

        return read

    def key(self, candidate: Any) -> object:
        return None


@ENGINES
@pytest.mark.parametrize(
    ("text", "verdict", "read"),
    [
        ("", True, ""),
        ("A = 1", True, "A"),
        ("!A = 1", False, "A"),
        ("A = 1 & B = 1 & C = 1", False, "AB"),
        ("B = 1 | A = 1 | C = 1", True, "BA"),
        ("A = 1 | B = 1 & C = 1", True, "AC"),
        ("A = 1 | B = 1 & B = 1 | C = 1", True, "ABC"),
        ("B = 1 & (A = 1 | C = 1)", False, "B"),
        ("!(B = 1 & A = 1) & C = 1", True, "BC"),
        ("A = 1 & !(C = 1 | A = 1) | B = 1", False, "ACB"),
    ],
)
def test_requirements(engine: ModuleType, text: str, verdict: bool, read: str) -> None:
    tree, kind = Requirement(text).tree, Noted()
    clauses = (compile_clause(node) for node in walk(tree) if isinstance(node, Comparison))
    predicate = engine.compile_predicate(tree, kind, clauses)
    assert predicate({"A": 1, "B": 0, "C": "1"}) is verdict
    assert "".join(kind.read) == read


@ENGINES
@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("", 0.0),
        ("5", 5.0),
        ("16777217", 16777216.0),
        ("A", 8.0),
        ("- A", -8.0),
        ("A - B - 1", 4.0),
        ("A / B / 2", 4 / 3),
        ("A + B * 2", 14.0),
        ("(A + B) * 2", 22.0),
        ("- A * B", -24.0),
        ("MISSING + TEXT", 0.0),
        ("A / MISSING", math.inf),
        ("- A / 0", -math.inf),
        ("A * 0.1", 0.800000011920929),
    ],
)
def test_ranks(engine: ModuleType, text: str, number: float) -> None:
    measure = engine.compile_measure(Rank(text).tree, PLAIN)
    assert measure({"A": 8, "B": "3 cores", "TEXT": "x"}) == pytest.approx(number, rel=1e-7)
    assert type(measure({})) is float


@ENGINES
def test_nan_is_kept(engine: ModuleType) -> None:
    assert math.isnan(engine.compile_measure(Rank("A / A - A").tree, PLAIN)({}))
