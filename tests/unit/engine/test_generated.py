"""Generated functions: which trees become some, and what is in them; that they agree is in tests/property/test_engines.py."""

from __future__ import annotations

import pytest

from matchmaker import Rank, Requirement
from matchmaker.attributes.lookup import PLAIN
from matchmaker.engine import generated
from matchmaker.engine.clauses import compile_clause
from matchmaker.language.nodes import Comparison, Not, walk


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("", True),
        ("A = 1", True),
        (" & ".join(["A = 1"] * 49), True),
        (" & ".join(["A = 1"] * 51), False),
        ("!(A = 1 | " * 18 + "A = 1" + ")" * 18, True),
        ("!(A = 1 | " * 20 + "A = 1" + ")" * 20, False),
    ],
)
def test_small_trees_fit(text: str, fits: bool) -> None:
    assert generated.fits(Requirement(text).tree) is fits


@pytest.mark.parametrize(
    "text",
    [
        " & ".join(["A = 1", "B = 2"] * 24),
        "".join(f"{'&|'[number % 2]} A = {number}" for number in range(49))[1:],
        "!(A = 1 | !(B = 2 & " * 9 + "A = 1" + "))" * 9,
        "A = 1 & (B = 2 | " * 18 + "A = 1" + ")" * 18,
    ],
)
def test_the_largest_that_fit_compile(text: str) -> None:
    """Python's own parser has limits of its own: on nesting, and on the depth of its stack."""
    tree = Requirement(text).tree
    assert generated.fits(tree)
    clauses = [compile_clause(node) for node in walk(tree) if isinstance(node, Comparison)]
    assert generated.predicate(tree, PLAIN, clauses)({"A": 1, "B": 2}) in (True, False)


@pytest.mark.parametrize(
    "text", ["A + " * 70 + "B", "A * (B + " * 15 + "1" + ")" * 15, "- (A - " * 15 + "B" + ")" * 15, "A / " * 70 + "B"]
)
def test_the_largest_ranks_that_fit_compile(text: str) -> None:
    tree = Rank(text).tree
    assert generated.fits(tree)
    assert len(generated.scorer(tree, PLAIN)([{"A": 1, "B": 2}, {}])) == 2


def test_a_name_like_python_code_is_only_a_value() -> None:
    name = 'c.clear() or __import__("os")'.replace('"', "'")
    tree = Requirement(f'"{name}" = 5').tree
    clauses = [compile_clause(node) for node in walk(tree) if isinstance(node, Comparison)]
    assert generated.predicate(tree, PLAIN, clauses)({name: 5}) is True


def test_not_is_kept_apart_from_its_neighbours() -> None:
    tree = Requirement("!(A = 1) & !(B = 1 | C = 1)").tree
    assert isinstance(next(iter(walk(tree))).first, Not)  # type: ignore[attr-defined]
    clauses = [compile_clause(node) for node in walk(tree) if isinstance(node, Comparison)]
    run = generated.predicate(tree, PLAIN, clauses)
    found = [run({"A": a, "B": b, "C": c}) for a in (0, 1) for b in (0, 1) for c in (0, 1)]
    assert found == [True, False, False, False, False, False, False, False]
