"""What is remembered is bounded, whatever strangers write."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from random import Random
from unittest.mock import patch

import pytest

from matchmaker import Rank, Requirement
from matchmaker.attributes import values
from matchmaker.engine import clauses, generated, programs
from matchmaker.expressions import expression, kept
from matchmaker.language.nodes import Comparison
from matchmaker.testing.trees import NAMES


@pytest.fixture(autouse=True)
def an_empty_cache() -> Iterator[None]:
    with patch.object(expression, "_cache", kept.Cache()):
        yield


def test_kept_expressions_are_bounded_in_bytes() -> None:
    cache = expression._cache
    with patch.object(kept, "KEPT_BYTES", 1_000_000):
        for number in range(300):
            Requirement(f"A = {number}")
            Requirement(f'A = "{number}{"x" * number * 10}"')
            Rank(f"A + {number}")
            assert cache._bytes <= 1_000_000
        held = cache._kept
        assert cache._bytes == sum(cache._weight(key) for key in held)
        assert 0 < len(held) <= 1_000_000 // kept.OVERHEAD
        assert (Rank, "A + 299", "opennebula") in held
        assert (Rank, "A + 0", "opennebula") not in held


def test_a_kept_expression_weighs_what_it_takes() -> None:
    texts = ["&".join([f"A{number}=5"] * 200) for number in range(20)] + [
        f'A="*{number}"|' * 40 + "B=1" for number in range(20)
    ]
    cache = expression._cache
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        for text in texts:
            Requirement(text).matches({"A": "x"})
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(cache._kept) == len(texts)
    assert after - before < 1.2 * cache._bytes


def test_a_large_expression_is_not_kept() -> None:
    text = 'A = "' + "x" * 100_000 + '"'
    Requirement(text)
    assert not expression._cache._kept


@pytest.mark.parametrize("readings", [values.INTEGERS, values.FLOATS, values.DOUBLES])
def test_readings_are_bounded(readings: values.Readings) -> None:
    with patch.object(values.Readings, "LARGEST", 100), patch.object(readings, "known", {}):
        for number in range(1_000):
            assert readings(str(number)) == number
            assert len(readings.known) <= 100
        for length in range(200):
            assert readings("1" + " " * length) == 1
        assert max(map(len, readings.known)) <= values.Readings.LONGEST


def test_the_verdicts_of_a_clause_are_bounded() -> None:
    with patch.object(clauses, "LARGEST_KNOWN", 100):
        clause = text_clause('A = "*5"')
        assert clause.known is not None
        for number in range(1_000):
            assert clause.test(str(number)) is (number % 10 == 5)
            assert len(clause.known) <= 100
        clause.known.clear()
        for length in range(0, 1_000, 10):
            assert clause.test("x" * length) is False
        assert max(map(len, clause.known)) <= clauses.LONGEST_KNOWN


def test_the_verdicts_of_all_clauses_together_are_bounded() -> None:
    with (
        patch.object(clauses, "LARGEST_KNOWN", 100),
        patch.object(clauses, "MOST_KNOWN", 500),
        patch.object(clauses, "_memory", clauses._Memory()),
    ):
        many = [text_clause(f'A = "*{number}"') for number in range(50)]
        for turn in range(3):
            for number in range(150):
                for place, clause in enumerate(many):
                    assert clause.test(str(number)) is str(number).endswith(str(place)), turn
                assert sum(len(clause.known or ()) for clause in many) <= 500
                assert len(clauses._memory._tables) <= len(many)


def text_clause(text: str) -> clauses.Clause:
    tree = Requirement(text).tree
    assert isinstance(tree, Comparison)
    return clauses.compile_clause(tree)


def test_generated_code_is_bounded() -> None:
    chance = Random(1)
    with patch.object(generated, "KEPT_SHAPES", 20), patch.object(programs, "PROMOTION", 1):
        for number in range(100):
            operators = [chance.choice("&|") for _ in range(10)]
            text = "A = 1" + "".join(f" {operator} B = {number}" for operator in operators)
            assert Requirement(text).filter([{"A": 1, "B": number}]) == [{"A": 1, "B": number}]
            assert len(generated._codes) <= 20
        assert generated._codes


def test_generated_code_holds_nothing_that_a_user_wrote() -> None:
    secret = "Zq9"
    with patch.object(programs, "PROMOTION", 1), patch.object(generated, "_codes", {}) as codes:
        requirement = Requirement(
            f'{secret} = "{secret}" & !({secret} > 987654 | {secret} @> 0.9876) & "{secret} {secret}" != 5'
        )
        requirement.filter([{secret: secret}, {secret: 5}])
        requirement.matches({secret: secret})
        requirement.matches({secret: secret})
        Rank(f"- {secret} * 987654 + 0.9876").score({secret: 5})
        assert codes
        for shape in codes:
            assert secret not in shape
            assert "9876" not in shape


def test_known_shapes_share_code() -> None:
    with patch.object(programs, "PROMOTION", 1), patch.object(generated, "_codes", {}) as codes:
        for number in range(50):
            requirement = Requirement(f'{NAMES[number % 4]} = {number} & B = "{number}*" | C > {number}.5')
            requirement.filter([{"A": number, "B": str(number), "C": number}])
        assert len(codes) <= 2
