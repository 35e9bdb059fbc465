"""Which engine a match runs on."""

from __future__ import annotations

import builtins
import importlib.util
import sys
from typing import Any

import pytest

from matchmaker import ExtraMissing, Pool, Rank, Requirement, match, match_many
from matchmaker.attributes.lookup import MAPPING
from matchmaker.matching import choosing
from matchmaker.matching.choosing import IMPORT, LONGEST, SMALL, runs_on_columns
from matchmaker.matching.selection import table_of

WANTED, RANK = Requirement("A > 5"), Rank("A")


def pool(size: int = SMALL) -> Pool:
    return Pool([{"A": number} for number in range(size)])


def chosen(asked: Pool, **options: Any) -> bool:
    return runs_on_columns(asked, WANTED, RANK, None, **options)


@pytest.fixture
def no_numpy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let numpy be neither loaded nor installed."""
    find_spec = importlib.util.find_spec
    monkeypatch.delitem(sys.modules, "numpy")
    monkeypatch.setattr(choosing, "find_spec", lambda name: None if name == "numpy" else find_spec(name))


@pytest.fixture
def numpy_not_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "numpy")


def test_what_the_caller_says() -> None:
    asked = pool()
    for _ in range(5):
        assert not runs_on_columns(asked, WANTED, RANK, "closures")
    for other in (pool(0), pool(1), Pool.of([{}], [0], MAPPING)):
        assert runs_on_columns(other, WANTED, RANK, "columnar")
    assert runs_on_columns(asked, None, None, "columnar")


def test_the_first_match_runs_on_closures_and_later_ones_on_columns() -> None:
    asked = pool()
    assert [chosen(asked) for _ in range(4)] == [False, True, True, True]
    assert [runs_on_columns(pool(), None, None, None) for _ in range(3)] == [False] * 3


def test_many_requests_count_as_many_matches() -> None:
    assert not chosen(pool(), requests=1)
    assert chosen(pool(), requests=2)


def test_small_pools_stay_on_closures() -> None:
    asked = pool(SMALL - 1)
    assert [chosen(asked) for _ in range(4)] == [False] * 4
    assert not chosen(asked, requests=1_000)
    assert not chosen(pool(0), requests=1_000)


def test_mappings_that_run_any_code_stay_on_closures() -> None:
    asked = Pool.of([{"A": number} for number in range(SMALL)], range(SMALL), MAPPING)
    assert not chosen(asked, requests=1_000)


def test_long_expressions_stay_on_closures() -> None:
    asked = pool()
    long_requirement = Requirement(" " * LONGEST + "A=5")
    long_rank = Rank(" " * LONGEST + "A")
    for _ in range(3):
        assert not runs_on_columns(asked, long_requirement, RANK, None)
        assert not runs_on_columns(asked, WANTED, long_rank, None)
    chosen(asked)
    assert chosen(asked)


def test_columns_that_are_there_are_used() -> None:
    asked = pool()
    table_of(asked.snapshot, asked.memory)
    assert chosen(asked)
    asked.update(5, {"A": 7})
    assert chosen(asked)


@pytest.mark.usefixtures("numpy_not_loaded")
def test_numpy_is_imported_when_so_much_is_asked_for_that_it_pays() -> None:
    asked = pool()
    matches = IMPORT // SMALL
    assert not chosen(asked, requests=matches - 1)
    assert chosen(asked)


@pytest.mark.usefixtures("no_numpy")
def test_without_numpy() -> None:
    asked = pool()
    assert not chosen(asked, requests=10 * IMPORT)
    assert not runs_on_columns(asked, WANTED, RANK, "closures")
    with pytest.raises(ExtraMissing, match=r"matching on columns.*columnar"):
        runs_on_columns(asked, WANTED, RANK, "columnar")
    with pytest.raises(ExtraMissing):
        match(asked, "A > 5", engine="columnar")
    with pytest.raises(ExtraMissing):
        next(match_many(asked, [("A > 5", "A")], engine="columnar"))
    assert len(match(asked, "A > 5", "A")) == SMALL - 6


def test_numpy_whose_import_is_blocked(monkeypatch: pytest.MonkeyPatch) -> None:
    """As programs block it that must not load it."""
    monkeypatch.setitem(sys.modules, "numpy", None)
    asked = pool()
    assert not chosen(asked, requests=10 * IMPORT)
    with pytest.raises(ExtraMissing):
        runs_on_columns(asked, WANTED, RANK, "columnar")


def test_closures_do_not_import_numpy(monkeypatch: pytest.MonkeyPatch) -> None:
    imported: list[str] = []
    load = builtins.__import__

    def noted(name: str, *arguments: Any, **options: Any) -> Any:
        imported.append(name)
        return load(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", noted)
    assert len(match(pool(), "A > 5", "A", engine="closures")) == SMALL - 6
    assert not [name for name in imported if name.startswith("numpy")]
