"""Which engine runs, and when another takes its place."""

from __future__ import annotations

from typing import Any

import pytest

from matchmaker import Rank, Requirement
from matchmaker.attributes.lookup import MAPPING, PLAIN
from matchmaker.engine import closures, generated, programs, stack
from matchmaker.engine.programs import RankProgram, RequirementProgram

POOL = [{"A": number, "B": f"b{number % 5}"} for number in range(100)] + [{"A": None}, {}]
TEXT = 'A > 10 & B = "b[12]"'
EXPECTED = [number for number in range(11, 100) if number % 5 in (1, 2)]


@pytest.fixture
def promotion(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "PROMOTION", 150)


def count_calls(monkeypatch: pytest.MonkeyPatch, module: Any, name: str) -> list[int]:
    calls = [0]
    original = getattr(module, name)

    def counting(*arguments: Any, **options: Any) -> Any:
        calls[0] += 1
        return original(*arguments, **options)

    monkeypatch.setattr(module, name, counting)
    return calls


@pytest.mark.usefixtures("promotion")
@pytest.mark.parametrize("kind", [PLAIN, MAPPING], ids=["plain", "mapping"])
def test_loops_are_generated_once_they_pay(monkeypatch: pytest.MonkeyPatch, kind: Any) -> None:
    made = count_calls(monkeypatch, generated, "sieve")
    program = RequirementProgram(Requirement(TEXT).tree, kind)
    assert program.positions(POOL) == EXPECTED
    assert made == [0]
    for _ in range(3):
        assert program.positions(POOL) == EXPECTED
        assert made == [1]
        assert program.filter(POOL) == [POOL[position] for position in EXPECTED]
        made[0] = 1


@pytest.mark.usefixtures("promotion")
@pytest.mark.parametrize("kind", [PLAIN, MAPPING], ids=["plain", "mapping"])
def test_a_function_of_one_candidate_is_generated_once_it_pays(monkeypatch: pytest.MonkeyPatch, kind: Any) -> None:
    careful, swift = (count_calls(monkeypatch, generated, name) for name in ("predicate", "swift_predicate"))
    program = RequirementProgram(Requirement(TEXT).tree, kind)
    for _ in range(3):
        assert [position for position, each in enumerate(POOL) if program.matches(each)] == EXPECTED
    assert (swift, careful) == (([1], [0]) if kind is PLAIN else ([0], [1]))


@pytest.mark.usefixtures("promotion")
def test_a_swift_function_gives_way_when_too_many_candidates_are_unusual(monkeypatch: pytest.MonkeyPatch) -> None:
    careful = count_calls(monkeypatch, generated, "predicate")
    program = RequirementProgram(Requirement("A = 1 | B = 2").tree, PLAIN)
    for turn in range(400 + programs.PATIENCE):
        assert program.matches({"B": 2}) is True, turn
    assert careful == [1]


@pytest.mark.parametrize(("levels", "engine"), [(40, closures), (60, stack)])
def test_deep_trees_run_on_the_explicit_stack(monkeypatch: pytest.MonkeyPatch, levels: int, engine: Any) -> None:
    used = count_calls(monkeypatch, engine, "compile_predicate")
    program = RequirementProgram(Requirement("!(A = 1 | " * levels + "A = 2" + ")" * levels).tree, PLAIN)
    assert program.matches({"A": 2}) is True
    assert used[0] >= 1
    used = count_calls(monkeypatch, engine, "compile_measure")
    assert RankProgram(Rank("- (A + " * levels + "B" + ")" * levels).tree, PLAIN).score({"A": 2}) == 0
    assert used[0] >= 1


@pytest.mark.parametrize("text", ["!(A = 1 | " * 60 + "A = 2" + ")" * 60, " | ".join(["A = 2"] * 100)])
@pytest.mark.usefixtures("promotion")
def test_large_trees_are_never_generated(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(generated, "_make", None)
    program = RequirementProgram(Requirement(text).tree, PLAIN)
    for _ in range(3):
        assert program.positions([{"A": 2}] * 100) == list(range(100))
        assert all(program.matches({"A": 2}) for _ in range(100))


def test_what_does_not_fit_is_not_generated_though_another_thread_counted_past_the_threshold() -> None:
    levels = 60
    program = RequirementProgram(Requirement("!(A = 1 | " * levels + "A = 2" + ")" * levels).tree, PLAIN)
    program._seen = programs.PROMOTION
    assert program.matches({"A": 2}) is True
    assert program.positions([{"A": 2}]) == [0]


@pytest.mark.parametrize("patience", [1, 0, -1])
def test_threads_that_count_at_once_do_not_keep_the_swift_function_for_ever(
    monkeypatch: pytest.MonkeyPatch, patience: int
) -> None:
    careful = count_calls(monkeypatch, generated, "predicate")
    program = RequirementProgram(Requirement("A = 1").tree, PLAIN)
    program._seen, program._patience = programs.PROMOTION, patience
    assert not program.matches({})  # promotes
    assert not program.matches({})
    assert careful == [1]


@pytest.mark.usefixtures("promotion")
def test_scorers_are_generated_once_they_pay(monkeypatch: pytest.MonkeyPatch) -> None:
    made = count_calls(monkeypatch, generated, "scorer")
    program = RankProgram(Rank("A * 2 - B").tree, PLAIN)
    expected = [number * 2 for number in range(100)] + [0, 0]
    assert program.scores(POOL) == expected
    assert made == [0]
    for _ in range(3):
        assert program.scores(POOL) == expected
        assert [program.score(each) for each in POOL] == expected
    assert made == [1]


@pytest.mark.parametrize("candidates", [[], [{}], [{"A": 11, "B": "b1"}]])
@pytest.mark.usefixtures("promotion")
def test_small_pools(candidates: list[Any]) -> None:
    program = RequirementProgram(Requirement(TEXT).tree, PLAIN)
    for _ in range(200):
        assert program.positions(candidates) == [position for position, each in enumerate(candidates) if each]
        assert program.filter(candidates) == [each for each in candidates if each]
