"""One expression used by many threads, while it is promoted to generated code, gives the answers it gives alone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any
from unittest.mock import patch

import pytest

from matchmaker import Rank, Requirement, match
from matchmaker.attributes.lookup import PLAIN
from matchmaker.attributes.numbers import int32
from matchmaker.engine import clauses, closures, programs
from matchmaker.language.nodes import Comparison, Node, walk

pytestmark = pytest.mark.usefixtures("many_switches")

THREADS = 8
POOL: list[dict[str, Any]] = [
    {
        "NAME": f"node{number:03}",
        "HYPERVISOR": ("kvm", "lxc", "KVM", 5)[number % 4],
        "FREE_CPU": number * 37 % 400 if number % 7 else str(number),
        "RACK": [f"r{number % 30}", "spare"] if number % 5 == 0 else f"r{number % 30}",
        "COST": number / 8,
    }
    for number in range(300)
] + [{"NAME": "bare"}]
_unique = count()


def fresh(expression: type[Any], text: str) -> Any:
    """Return an expression that nobody has used yet."""
    return expression(text + " " * next(_unique))


def closure_verdicts(tree: Node) -> list[bool]:
    compiled = (clauses.compile_clause(node) for node in walk(tree) if isinstance(node, Comparison))
    predicate = closures.compile_predicate(tree, PLAIN, compiled)
    return [predicate(candidate) for candidate in POOL]


@pytest.mark.parametrize("patience", [programs.PATIENCE, 3])
def test_requirements_answer_all_threads_alike(patience: int) -> None:
    text = '(HYPERVISOR = "[kK]*" | RACK @> "r1?") & !(NAME = "node?1*") & FREE_CPU > 50 | COST < 2.5'
    with patch.object(programs, "PROMOTION", 500), patch.object(programs, "PATIENCE", patience):
        requirement = fresh(Requirement, text)
        expected = closure_verdicts(requirement.tree)
        kept = [candidate for candidate, passes in zip(POOL, expected, strict=True) if passes]

        def use(number: int) -> bool:
            for _ in range(5):
                if number % 2:
                    assert [requirement.matches(candidate) for candidate in POOL] == expected
                else:
                    assert requirement.filter(POOL) == kept
            return True

        with ThreadPoolExecutor(THREADS) as threads:
            assert all(threads.map(use, range(THREADS)))


def test_ranks_score_all_threads_alike() -> None:
    with patch.object(programs, "PROMOTION", 500):
        rank = fresh(Rank, "-(FREE_CPU * 50 + COST) / 3.7 - RACK + NAME")
        measure = closures.compile_measure(rank.tree, PLAIN)
        expected = [int32(measure(candidate)) for candidate in POOL]

        def use(number: int) -> bool:
            for _ in range(5):
                assert [rank.score(candidate) for candidate in POOL] == expected
                assert len(match(POOL, None, rank)) == len(POOL)
            return True

        with ThreadPoolExecutor(THREADS) as threads:
            assert all(threads.map(use, range(THREADS)))


def test_threads_that_construct_the_same_text_get_equal_expressions() -> None:
    texts = [f"A = {number % 10} & B = {number}" for number in range(200)]

    def construct(number: int) -> list[Requirement]:
        return [Requirement(text) for text in texts]

    with ThreadPoolExecutor(THREADS) as threads:
        first, *others = threads.map(construct, range(THREADS))
    assert all(each == first for each in others)
