"""Matching on columns, against closures: walking an order, sorting, and looking at changed candidates one by one."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest

from matchmaker import CandidateError, LimitError, Match, Pool, Rank, Requirement, match, match_many
from matchmaker.attributes import globs
from matchmaker.matching import matcher, selection
from matchmaker.matching.choosing import Engine
from matchmaker.matching.selection import Selected, select, table_of

SIZE = 1_000
REQUIREMENTS = (None, "A > 30", "A = 7", "A < 1", "A != 7 & B = 1", "A @> 7 | C = kvm", "A > 200")
RANKS = ("A", "- B", "A * B / 7", "C", "A - A")
LIMITS = (0, 1, 3, 40, 999, 2_000, None)


def pool(size: int = SIZE) -> Pool:
    chance = random.Random(size)
    return Pool([{"A": chance.randrange(100), "B": chance.randrange(3), "C": "kvm"} for _ in range(size)])


def check(asked: Pool, requirement: str | None, rank: str | None, limits: Sequence[int | None] = LIMITS) -> None:
    for limit in limits:
        expected = match(asked, requirement, rank, limit=limit, engine="closures")
        ranking = match(asked, requirement, rank, limit=limit, engine="columnar")
        assert list(ranking[:2]) == list(expected[:2])
        assert list(ranking) == list(expected)
        assert (ranking.considered, ranking.rejected) == (expected.considered, expected.rejected)


def check_all(asked: Pool, *, turns: int = 2, limits: Sequence[int | None] = LIMITS) -> None:
    for _ in range(turns):
        for requirement in REQUIREMENTS:
            check(asked, requirement, None, limits)
            for rank in RANKS:
                check(asked, requirement, rank, limits)


@pytest.fixture(params=[True, False, None], ids=["walking", "sorting", "as it pays"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool | None:
    """Force that the order of all slots is walked, or that those that match are sorted."""
    if request.param is not None:
        monkeypatch.setattr(Selected, "_is_near", lambda self, count: request.param)
    return request.param  # type: ignore[no-any-return]


@pytest.fixture(params=[0, 1, 64], ids=lambda most: f"{most} changes beside")
def most(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """Let so many changes be beside a table."""
    monkeypatch.setattr(selection, "MOST", request.param)
    return request.param  # type: ignore[no-any-return]


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("size", [0, 1, 2, 64, 65, SIZE])
def test_walking_and_sorting_agree(size: int) -> None:
    check_all(pool(size), turns=3 if size < 100 else 2)


@pytest.mark.usefixtures("way", "most")
def test_with_changes() -> None:
    asked = pool(300)
    limits = (0, 2, 30, None)
    check_all(asked, limits=limits)
    changes: list[tuple[str, int, Any]] = [
        ("update", 5, {"A": 500}),
        ("update", 6, {"A": None, "B": 2}),
        ("remove", 7, None),
        ("add", 900, {"A": 500, "B": -1, "C": "xen"}),
        ("update", 900, {"A": 7}),
        ("update", 8, {"C": 9}),
        ("add", 901, {}),
        ("remove", 900, None),
        ("update", 9, {"A": [1, 7]}),
        ("add", 902, {"A": 99, "B": 1}),
        ("remove", 5, None),
        ("update", 10, {"OTHER": 1}),
    ]
    for change in changes:
        asked.apply([change])
        check_all(asked, turns=1, limits=limits)
    asked.apply([("update", number, {"A": number}) for number in range(100, 200)])
    check_all(asked, limits=limits)


@pytest.mark.usefixtures("way", "most")
def test_an_empty_pool_that_grows() -> None:
    asked = pool(0)
    check_all(asked, limits=(1, None))
    for number in range(5):
        asked.add(number, {"A": number * 9, "B": number % 2})
        check_all(asked, limits=(0, 1, 3, None))
    for number in range(5):
        asked.remove(number)
        check_all(asked, turns=1, limits=(1, None))
    asked.add("last", {"A": 7})
    check_all(asked, limits=(1, None))


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("memory", [0, 500, 2_000])
def test_with_little_memory(memory: int) -> None:
    asked = Pool(list(pool(100)), memory=memory)
    check_all(asked, limits=(3, None))
    asked.update(5, {"A": 500})
    check_all(asked, limits=(3, None))
    stats = asked.stats()
    assert stats.column_bytes + stats.clause_bytes + stats.order_bytes <= memory


def table(asked: Pool, *, exact: bool = False) -> selection.Table:
    return table_of(asked.snapshot, asked.memory, exact=exact)


def test_a_table_takes_changes_in_when_there_are_many() -> None:
    asked = pool()
    first = table(asked)
    assert table(asked) is table(asked, exact=True) is first
    for number in range(selection.MOST):
        asked.update(number, {"A": 5})
    assert table(asked) is first
    asked.update(0, {"A": 6})
    second = table(asked)
    assert second is not first
    assert second.current == asked.snapshot.logged
    assert table(asked) is second


def test_a_table_of_this_very_version() -> None:
    asked = pool()
    first = table(asked)
    asked.update(0, {"A": 6})
    assert table(asked) is first
    assert table(asked, exact=True).current == 1
    assert table(asked).current == 1


def test_a_table_takes_changes_in_when_they_were_looked_at_often() -> None:
    asked = pool()
    asked.update(0, {"A": 6})
    first = table(asked)
    asked.update(0, {"A": 7})
    matches = 0
    while table(asked) is first:
        assert [found.key for found in match(asked, "A > 100 | A = 7", engine="columnar") if found.key == 0] == [0]
        matches += 1
        assert matches < 1_000
    assert matches > 3


def test_a_table_takes_changes_in_when_the_log_does_not_reach_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matchmaker.matching.snapshots.ChangeLog.LARGEST", 4)
    asked = pool()
    first = table(asked)
    for number in range(6):
        asked.update(number, {"A": 500 + number})
    assert table(asked) is not first
    check(asked, "A > 499", "A")


def test_changes_of_other_attributes_are_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = pool()
    now = table(asked)
    asked.update(0, {"B": 5})
    monkeypatch.setattr(Requirement, "matches", lambda self, candidate: pytest.fail("looked at"))
    monkeypatch.setattr(Rank, "score", lambda self, candidate: pytest.fail("looked at"))
    found = select(asked.snapshot, now, Requirement("A > 30"), Rank("A"))
    assert found.count == sum(each["A"] > 30 for each in asked)


def test_what_is_selected() -> None:
    asked = pool()
    selected = select(asked.snapshot, table(asked), Requirement("A > 30"), Rank("A"))
    expected = list(match(asked, "A > 30", "A", engine="closures"))
    assert selected.count == len(expected)
    for count in (0, 1, 5, 500, SIZE, 2 * SIZE):
        slots, scores = selected.first(count)
        assert scores is not None
        assert len(slots) >= min(count, len(expected))
        assert list(slots)[:count] == [each.key for each in expected[:count]]
        assert list(scores)[:count] == [each.score for each in expected[:count]]
    unranked = select(asked.snapshot, table(asked), None, None)
    assert unranked.first(3) == ([0, 1, 2], None)


def test_no_numbers_of_numpy_come_out() -> None:
    for size in (10, 5_000):
        for rank in (None, "A"):
            ranking = match([{"A": number} for number in range(size)], "A > 1", rank, engine="columnar")
            assert {type(part) for found in ranking for part in found[:2]} == {int}
            assert type(ranking[-1].key) is int
            assert {type(each) for each in (len(ranking), ranking.considered, ranking.rejected)} == {int}
            assert isinstance(ranking[0], Match)


def test_a_mask_of_one_ranking_does_not_change_another() -> None:
    asked = pool()
    for requirement in (None, "", "A > 30", "A @> 7"):
        ranking = match(asked, requirement, engine="columnar")
        expected = [found.key for found in match(asked, requirement, engine="closures")]
        for other in ("A > 30 & B = 1", "!(A > 30)", "A @> 7 | B = 1", "A > 30"):
            match(asked, other, "A", engine="columnar", limit=5)
        asked.update(0, {"A": 500})
        match(asked, requirement, engine="columnar")
        asked.update(0, {"A": asked[1]["A"]})
        assert [found.key for found in ranking] == expected


def error_of(asked: Pool, requirement: str | None, rank: str | None, engine: Engine) -> tuple[Any, ...]:
    with pytest.raises(CandidateError) as caught:
        list(match(asked, requirement, rank, engine=engine))
    return type(caught.value), caught.value.key, caught.value.attribute, caught.value.message


BAD: tuple[Any, ...] = (object(), b"5", np.int64(5), (5,), [object()], [5, object()], {"A": 5}, [10**5000, b"5"])


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: type(bad).__name__)
@pytest.mark.parametrize("late", [False, True], ids=["from the beginning", "since a change"])
def test_errors_are_those_of_the_closures(bad: Any, late: bool, most: int) -> None:
    """Also when the value is not read, as another clause decides before."""
    asked = Pool([{"A": number % 10, "B": number % 2} for number in range(200)])
    changes = [("update", 70, {"A": bad}), ("update", 65, {"A": bad}), ("update", 100, {"B": object()})]
    if not late:
        asked.apply(changes)
    for _ in range(2):
        for requirement in (None, "B = 1 & A = 5", "B = 1 | A @> 5", "A = kvm", "A @> kvm & A < 5", "A > 2 | B = 0"):
            for rank in (None, "A", "B + A"):
                try:
                    expected = list(match(asked, requirement, rank, engine="closures"))
                except CandidateError:
                    closures = error_of(asked, requirement, rank, "closures")
                    assert error_of(asked, requirement, rank, "columnar") == closures
                else:
                    assert list(match(asked, requirement, rank, engine="columnar")) == expected
        if late:
            asked.apply(changes)
            late = False


def test_values_that_are_not_read_may_be_bad() -> None:
    asked = Pool([{"A": number % 10, "B": number % 2} for number in range(100)])
    asked.apply([("update", 4, {"A": object()}), ("update", 6, {"A": [5, object()]})])
    for requirement in ("B = 1 & A = 5", "B = 0 | A = 5", "B = 1 & A @> 9", "B = 0 | A @> 9"):
        check(asked, requirement, None)
        check(asked, requirement, "B")
    check(asked, "B = 1", "A")
    asked.update(4, {"A": 5})
    check(asked, "A = 5", "A")


@pytest.fixture
def contrived(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, str]]:
    """A glob and a text that together take more than the budget."""
    monkeypatch.setattr(globs, "BUDGET", 1_000)
    yield f'"*{"?a" * 500}[bc]*"', "a" * 2_000


def test_a_glob_that_takes_too_long_on_a_value_that_is_not_read(contrived: tuple[str, str]) -> None:
    glob, text = contrived
    asked = Pool([{"A": number % 5, "B": "kvm"} for number in range(100)])
    asked.update(7, {"B": text})
    for _ in range(2):
        check(asked, f"A = 1 & B = {glob}", "A")
        check(asked, f"A = 2 | B = {glob}", None)
        for engine in ("closures", "columnar"):
            with pytest.raises(LimitError):
                match(asked, f"A = 2 & B = {glob}", "A", engine=engine)  # type: ignore[arg-type]
        asked.update(8, {"A": 1})
    asked.update(7, {"B": "kvm"})
    check(asked, f"B != {glob}", "A")


@pytest.mark.parametrize("held", [0, 1, 2, 1_024])
def test_rankings_of_a_batch_that_come_again(held: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matcher, "_REPEATED", held)
    asked = pool(200)
    wishes: list[tuple[str | None, str | None]] = [
        (f"A > {number % 7}", "A" if number % 2 else None) for number in range(50)
    ]
    rankings = list(match_many(asked, [*wishes, *reversed(wishes)], limit=5, engine="columnar"))
    singly = [list(match(asked, *wish, limit=5, engine="closures")) for wish in wishes]
    assert [list(ranking) for ranking in rankings] == [*singly, *reversed(singly)]


def test_the_same_requests_of_a_batch_are_answered_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, made = pool(200), []
    monkeypatch.setattr(selection, "select", lambda *given, make=select: made.append(given) or make(*given))
    wishes = [("A > 5", "A"), ("A > 6", "A"), ("A > 5", "A"), ("A > 5", "B"), ("A > 6", "A"), ("A > 5", "A")]
    first, _, third, _, _, last = match_many(asked, wishes, engine="columnar")
    assert first is third is last
    assert len(made) == 3


def test_positions_of_changed_slots_behind_the_table() -> None:
    """More are added than the words of the table's masks have room for."""
    asked = pool(60)
    before = table(asked)
    asked.apply([("add", 1_000 + number, {"A": 500 + number, "B": 0}) for number in range(60)])
    assert select(asked.snapshot, before, Requirement("A > 499"), None).count == 60
    for limit in (1, 59, 60, 61, None):
        check(asked, "A > 90", "A", (limit,))
        check(asked, None, "A", (limit,))
        check(asked, "B = 0", None, (limit,))
