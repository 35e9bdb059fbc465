"""A table of columns, and the one that follows after changes: what they share, and that both stay right."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from matchmaker import Pool, Rank, Requirement, match_many
from matchmaker.engine import bitmaps, orders
from matchmaker.engine.columns import Need
from matchmaker.engine.extended_columns import ColumnCondition
from matchmaker.engine.verdicts import ColumnClause
from matchmaker.language.nodes import Comparison
from matchmaker.matching import table as tables
from matchmaker.matching.computed import stored
from matchmaker.matching.kept import Kept
from matchmaker.matching.pool import MEMORY
from matchmaker.matching.snapshots import ChangeLog
from matchmaker.matching.table import Table

INTEGERS, FLOATS, TEXTS = Need("A", "integers"), Need("A", "floats"), Need("A", "texts")
SEVERAL = Need("A", "integers", several=True)
CLAUSES = ("A = 5", "A != 5", "A > 5", "A > 5.9", 'A = "5*"', "A @> 5", "A @> kvm", "B = 1", '"S/F" = 7', '"S/F" @> 7')
RANKS = ("A", "B - A", "1 / A", '"S/F" + A', "5")


def pool(size: int = 100) -> Pool:
    return Pool([{"A": number % 9, "B": number % 3, "S": {"F": number % 11}} for number in range(size)])


def table(asked: Pool, memory: int = MEMORY) -> Table:
    return Table(asked.snapshot, Kept(memory))


def clause(text: str) -> ColumnClause:
    tree = Requirement(text).tree
    assert isinstance(tree, Comparison)
    return ColumnClause(tree)


def slots(asked: Table, text: str) -> list[int]:
    """Return the slots of the candidates that meet a requirement, and those where it is an error."""
    words, refused = asked.mask(Requirement(text).columns, ())
    assert refused == frozenset()
    found: list[int] = bitmaps.positions(words).tolist()
    return found


def check(asked: Table, changed: Pool) -> None:
    """Compare a table with the closures, on the pool as it is now."""
    rows = list(changed.snapshot.rows)
    there = [slot for slot in range(len(rows)) if bitmaps.at(asked.alive, np.array([slot]))[0]]
    assert [rows[slot] for slot in there] == list(changed)
    for text in CLAUSES:
        assert slots(asked, text) == [slot for slot in there if Requirement(text).matches(rows[slot])], text
    for text in RANKS:
        rank = Rank(text)
        expected = [rank.score(rows[slot]) for slot in there]
        scored = asked.ordered(rank)
        assert scored.order is not None
        settled = scored.settled(asked.length)
        assert settled.scores[there].tolist() == expected
        assert settled.order is not None
        assert settled.order.tolist() == orders.descending(settled.scores).tolist()
        assert asked.scores_of(rank, np.array(there, np.intp)).tolist() == expected


def test_a_table_answers_as_the_closures_do() -> None:
    for size in (0, 1, 63, 64, 65, 1_025):
        asked = pool(size)
        check(table(asked), asked)
        first = table(asked)
        for _ in range(2):
            check(first, asked)


@pytest.mark.parametrize("memory", [0, 300, 2_000, 20_000])
def test_with_little_memory(memory: int) -> None:
    asked = pool()
    now = table(asked, memory)
    for turn in range(4):
        check(now, asked)
        assert sum(now.usage()) - now.usage()[1] <= memory
        asked.update(turn, {"A": turn + 4})
        now = now.following(asked.snapshot)


def test_what_was_computed_is_kept() -> None:
    asked = table(pool())
    assert asked.truth(clause("A = 5")).words is asked.truth(clause("A=5")).words
    assert asked.view(INTEGERS) is asked.view(INTEGERS)
    assert asked.scored(Rank("A + 1")) is asked.scored(Rank("A+1"))
    assert asked.ordered(Rank("A + 1")) is asked.scored(Rank("A+1"))


def test_what_a_change_does_not_touch_is_shared() -> None:
    asked = pool()
    first = table(asked)
    check(first, asked)
    first.scored(Rank("B"))
    asked.update(5, {"A": 7})
    second = first.following(asked.snapshot)
    assert second.truth(clause("B = 1")).words is first.truth(clause("B = 1")).words
    assert second.view(Need("B", "floats")) is first.view(Need("B", "floats"))
    assert second.scored(Rank("B")) is first.scored(Rank("B"))
    for text in ("A = 7", '"S/F" = 7'):  # a path may lead anywhere
        before = first.truth(clause(text)).words.copy()
        second.truth(clause(text))
        assert (first.truth(clause(text)).words == before).all()
    assert slots(second, "A = 7") == sorted([*slots(first, "A = 7"), 5])
    check(second, asked)


@pytest.mark.parametrize("few", [0, 2, 64])
@pytest.mark.parametrize("many", [1, 3, 30, 90])
def test_what_changes_touch_is_brought_up_to_date(few: int, many: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """One by one, or anew when there are many."""
    monkeypatch.setattr(tables, "_FEW", few)
    asked = pool()
    now = table(asked)
    values = (7, 300, -1, None, "kvm", 5.9, [5, 6], [], -0.0, 2**31, True, "5")
    for turn in range(5):
        check(now, asked)
        changes: list[Any] = [
            ("update", (number * 7 + turn) % 100, {"A": values[(number + turn) % len(values)], "S": {"F": turn}})
            for number in range(many)
        ]
        if turn == 2:
            changes += [("add", 1_000 + number, {"A": 5, "B": number}) for number in range(many)]
        asked.apply(changes)
        now = now.following(asked.snapshot)
    check(now, asked)


def test_removed_candidates_leave_gaps() -> None:
    asked = pool(70)
    first = table(asked)
    check(first, asked)
    asked.apply([("remove", number) for number in (0, 5, 63, 64, 69)])
    asked.add("new", {"A": 5})
    second = first.following(asked.snapshot)
    assert (second.length, bitmaps.count(second.alive)) == (71, 66)
    check(second, asked)
    check(table(asked), asked)
    assert bitmaps.count(first.alive) == 70


def test_an_empty_table_that_grows() -> None:
    asked = pool(0)
    now = table(asked)
    for number in range(3):
        check(now, asked)
        asked.apply([("add", 100 * number + each, {"A": each, "S": {"F": 7}}) for each in range(10 * number + 1)])
        now = now.following(asked.snapshot)
    check(now, asked)


@pytest.mark.parametrize("largest", [2, 8, 50])
def test_when_the_log_does_not_reach_back(largest: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ChangeLog, "LARGEST", largest)
    asked = pool()
    now = table(asked)
    check(now, asked)
    for turn in range(3):
        for number in range(30):
            asked.update(number, {"A": number + turn})
        now = now.following(asked.snapshot)
        check(now, asked)


def test_an_earlier_table_stays_as_it_was() -> None:
    """Also where a later one finds that what it has is the same again."""
    asked = pool(10)
    first = table(asked)
    assert slots(first, "A = 5") == [5]
    asked.update(5, {"A": 7})
    second = first.following(asked.snapshot)
    asked.update(5, {"A": 5})
    third = second.following(asked.snapshot)
    assert slots(third, "A = 5") == [5]
    assert slots(second, "A = 5") == []
    assert slots(first, "A = 5") == [5]
    assert third.scored(Rank("A")).settled(10).scores[5] == 5
    assert second.scored(Rank("A")).settled(10).scores[5] == 7


def test_a_batch_goes_on_with_its_version_while_the_pool_changes_there_and_back() -> None:
    asked = pool(10)
    list(match_many(asked, [("A = 5", None)], engine="columnar"))
    asked.update(5, {"A": 7})
    earlier = match_many(asked, [("B = 1", None), ("A = 5", None)], engine="columnar")
    next(earlier)
    asked.update(5, {"A": 5})
    (later,) = match_many(asked, [("A = 5", None)], engine="columnar")
    assert [found.key for found in later] == [5]
    assert len(next(earlier)) == 0


def test_whole_numbers_are_read_once_for_both_sorts_of_literals() -> None:
    asked = table(pool())
    whole = asked.view(INTEGERS)
    assert asked.view(FLOATS) is whole
    other = Pool([{"A": 5.9}, {"A": 6}])
    assert table(other).view(FLOATS) is not table(other).view(INTEGERS)


def test_both_are_built_together() -> None:
    for values in ([5, 6], [5, 5.9], ["5", None]):
        asked = Pool([{"A": value} for value in values])
        now = table(asked)
        hint = {INTEGERS, FLOATS, TEXTS, SEVERAL}
        for need in (FLOATS, INTEGERS, TEXTS, SEVERAL):
            assert now.view(need, hint).array.tolist() == table(asked).view(need).array.tolist()


def test_single_values_are_read_once_for_all_operators() -> None:
    now = table(pool())
    assert now.view(SEVERAL) is now.view(INTEGERS)
    lists = table(Pool([{"A": [5, 6]}]))
    assert lists.view(SEVERAL).array.tolist() == [5, 6]
    assert lists.view(INTEGERS).array.tolist() == [5]


def test_when_a_list_comes_where_there_was_none() -> None:
    """`@>` needs all of it, other operators the first."""
    asked = pool(10)
    first = table(asked)
    assert slots(first, "A = 5 | A @> 6") == [5, 6]
    asked.update(0, {"A": [5, 6]})
    asked.update(1, {"A": [4, object()]})
    for now in (first.following(asked.snapshot), table(asked)):
        for text, found in (("A @> 5", [0, 5]), ("A @> 7", [7]), ("A = 8", [8])):
            truth = now.truth(clause(text))
            assert [slot for slot in bitmaps.positions(truth.words).tolist() if slot not in truth.refused] == found
            assert truth.refused == (frozenset({1}) if "@" in text else frozenset())


def test_a_view_is_built_anew_when_much_does_not_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "_FEW", 3)
    asked = pool()
    now = table(asked)
    now.view(INTEGERS)
    for number in range(10):
        asked.update(number, {"A": 1_000 + number})
        now = now.following(asked.snapshot)
        view = now.view(INTEGERS)
        assert len(view.odd) <= 4
    assert view.array.dtype == np.uint16


def test_refused_values() -> None:
    asked = pool(10)
    asked.update(3, {"A": object()})
    first = table(asked)
    assert first.mask(Requirement("A = 5 | B = 1").columns, ())[1] == {3}
    assert first.mask(Requirement("B = 1").columns, ())[1] == frozenset()
    assert first.refused(Rank("A + B")) == {3}
    assert first.refused(Rank("B")) == frozenset()
    assert first.scored(Rank("A")).refused == {3}
    asked.apply([("update", 3, {"A": 5}), ("update", 4, {"A": b"5"})])
    second = first.following(asked.snapshot)
    assert second.mask(Requirement("A = 5").columns, ())[1] == {4}
    assert second.refused(Rank("A + B")) == second.scored(Rank("A")).refused == {4}
    assert 3 in bitmaps.positions(second.truth(clause("A = 5")).words).tolist()
    asked.remove(4)
    assert second.following(asked.snapshot).refused(Rank("A")) == frozenset()


def test_ranks_that_were_asked_for_before() -> None:
    asked = pool()
    first = table(asked)
    assert [first.asked_before(Rank("A")) for _ in range(3)] == [False, True, True]
    assert not first.asked_before(Rank("B"))
    second = first.following(asked.snapshot)
    assert second.asked_before(Rank("A"))
    second.scored(Rank("- A"))
    assert second.asked_before(Rank("- A"))
    assert [table(asked, 0).asked_before(Rank("A")) for _ in range(2)] == [False, False]


def test_usage() -> None:
    now = table(pool(6_400))
    assert now.usage() == (0, 0, 0, 0)
    now.mask(Requirement("A = 5 & A > 3 & A = 5").columns, ())
    columns, clauses, clause_bytes, order_bytes = now.usage()
    assert columns > 6_400
    assert clauses == 2
    assert 2 * 800 < clause_bytes < 4 * 800
    assert order_bytes == 0
    now.ordered(Rank("A"))
    assert now.usage()[3] > 6_400 * 8


def test_what_a_stranger_wrote_counts() -> None:
    """Texts of any length come back as keys of what is kept."""
    asked = table(pool(), memory=1_000_000)
    for number in range(30):
        asked.mask(Requirement(f'A = "{number}{"x" * 100_000}"').columns, ())
        asked.asked_before(Rank(f"A + {'B' * 100_000}{number}"))
        asked.scored(Rank(f"A + {'C' * 100_000}{number}"))
        columns, clauses, clause_bytes, order_bytes = asked.usage()
        assert clause_bytes >= 100_000 * clauses
        assert columns + clause_bytes + order_bytes <= 1_000_000


EXTENDED = (
    *("A + B > 9", "A / 2 = B | exists(C)", 'A in [5, "7", B]', 'A = "" | A > 2.5', '"S/F" - A >= 2', "default(A, B) = 1"),
    *('(B = "1") * A > 3', "REQUEST.X = 5", "A @> 5"),
)  # fmt: skip
EXTENDED_RANKS = ("A / B", '"S/F" - A', "A > 4 ? B : 0 / 0", '(B = "1") * 2.5', "REQUEST.X")


def check_extended(asked: Table, changed: Pool) -> None:
    """Compare a table with the closures, on the pool as it is now."""
    rows = list(changed.snapshot.rows)
    there = [slot for slot in range(len(rows)) if bitmaps.at(asked.alive, np.array([slot]))[0]]
    for text in EXTENDED:
        wanted = Requirement(text, dialect="extended")
        words, refused = asked.mask(wanted.columns, ())
        assert not refused
        assert bitmaps.positions(words).tolist() == [slot for slot in there if wanted.matches(rows[slot])], text
    for text in EXTENDED_RANKS:
        rank = Rank(text, dialect="extended")
        expected = [repr(stored(rank.score(rows[slot]))) for slot in there]
        scored = asked.ordered(rank)
        assert scored.order is not None
        settled = scored.settled(asked.length)
        assert list(map(repr, settled.scores[there].tolist())) == expected
        assert settled.order is not None
        assert settled.order.tolist() == orders.descending(settled.scores).tolist()
        unscored = bitmaps.nothing(asked.length) if settled.unscored is None else settled.unscored
        assert bitmaps.positions(unscored).tolist() == np.flatnonzero(np.isnan(settled.scores)).tolist()
        assert list(map(repr, asked.scores_of(rank, np.array(there, np.intp)).tolist())) == expected


@pytest.mark.parametrize("memory", [MEMORY, 0, 2_000])
@pytest.mark.parametrize("few", [0, 64])
def test_the_extended_dialect(memory: int, few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "_FEW", few)
    asked = pool()
    now = table(asked, memory)
    values = (7, 300, -1, None, "kvm", 5.9, [5, 6], [], -0.0, 2**60, True, "5e", math.nan)
    for turn in range(4):
        for _ in range(2):
            check_extended(now, asked)
        changes: list[Any] = [
            ("update", (number * 7 + turn) % 90, {"A": values[(number + turn) % len(values)], "S": {"F": turn}})
            for number in range(3)
        ]
        if turn == 2:
            changes += [("add", 1_000 + number, {"A": 5, "B": number}) for number in range(3)]
            changes += [("remove", 95)]
        asked.apply(changes)
        now = now.following(asked.snapshot)
    check_extended(now, asked)


def test_a_condition_is_tested_again_only_where_its_attributes_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    tested: list[Any] = []
    matches = ColumnCondition.matches

    def noted(condition: ColumnCondition, candidate: Any, kind: Any) -> bool:
        tested.append(candidate)
        return matches(condition, candidate, kind)

    monkeypatch.setattr(ColumnCondition, "matches", noted)
    asked = pool()
    (condition,) = Requirement("A + B > 9", dialect="extended").columns.clauses
    first = table(asked)
    before = first.truth(condition)
    assert first.truth(condition) is before
    asked.apply([("update", 5, {"A": 50}), ("update", 6, {"C": 1}), ("update", 7, {"B": 0})])
    after = first.following(asked.snapshot).truth(condition)
    assert tested == [asked[5], asked[7]]
    assert bitmaps.at(before.words, np.array([5])).tolist() == [False]
    assert bitmaps.at(after.words, np.array([5])).tolist() == [True]
    assert table(asked).usage()[1] == 0
    assert first.usage()[1] == 1


def test_where_a_formula_cannot_be_read() -> None:
    asked = Pool([{"A": 1, "B": 5}, {"A": object(), "B": 5}, {"A": 1, "B": object()}, {"A": 1}])
    now = table(asked)
    assert now.mask(Requirement("A + B > 3", dialect="extended").columns, ())[1] == {1, 2}
    assert now.mask(Requirement('A in ["x"] | A in [1, B]', dialect="extended").columns, ())[1] == {1, 2}
    assert now.scored(Rank('A + (B = "5")', dialect="extended")).refused == {1, 2}
    asked.update(1, {"A": 2})
    following = now.following(asked.snapshot)
    assert following.mask(Requirement("A + B > 3", dialect="extended").columns, ())[1] == {2}


def test_scores_of_slots_that_came_later() -> None:
    """They get any, as whoever asks has others for them."""
    asked = pool(10)
    rank = Rank("A / 2 + exists(B)", dialect="extended")
    scores = table(asked).scores_of(rank, np.array([3, 10, 700], np.intp))
    assert (len(scores), scores[0]) == (3, rank.score(asked[3]))
