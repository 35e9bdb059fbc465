"""One version of a pool, and what changed since another."""

from __future__ import annotations

from typing import Any

from matchmaker.attributes.lookup import PLAIN
from matchmaker.matching.rows import GONE, Rows
from matchmaker.matching.snapshots import Change, ChangeLog, Snapshot


def changes(*slots: int) -> list[Change]:
    return [Change(slot, None) for slot in slots]


def snapshot(candidates: list[Any]) -> Snapshot:
    return Snapshot(
        Rows(candidates),
        [f"k{slot}" for slot in range(len(candidates))],
        PLAIN,
        count=len(candidates),
        version=0,
        log=ChangeLog(),
    )


def test_a_log_says_what_changed_between_two_numbers() -> None:
    log = ChangeLog()
    assert (log.end, log.between(0, 0)) == (0, [])
    assert log.extended(changes(5, 6)) is log
    assert log.extended([Change(7, frozenset({"A"}))]) is log
    assert log.end == 3
    assert log.between(0, 2) == changes(5, 6)
    assert log.between(2, 3) == [Change(7, frozenset({"A"}))]
    assert log.between(3, 3) == []


def test_a_log_forgets_the_oldest_half_and_keeps_its_numbers() -> None:
    most = ChangeLog.LARGEST
    first = ChangeLog().extended(changes(*range(most)))
    second = first.extended(changes(most))
    assert second is not first
    assert first.end == second.end == most + 1
    start = second.end - most // 2
    assert second.between(start - 1, second.end) is None
    assert second.between(0, 1) is None
    kept = second.between(start, second.end)
    assert kept is not None
    assert [change.slot for change in kept] == list(range(start, most + 1))
    assert first.between(0, 2) == changes(0, 1)  # who reads an older version may still use what it knows
    assert second.extended(changes(1)).between(most + 1, most + 2) == changes(1)


def test_one_call_with_more_than_a_log_holds() -> None:
    many = 3 * ChangeLog.LARGEST
    log = ChangeLog().extended(changes(*range(many)))
    assert log.end == many
    assert log.between(many - 2, many) == changes(many - 2, many - 1)
    assert log.between(0, many) is None


def test_versions_follow_each_other() -> None:
    first = snapshot(["a", "b"])
    second = first.following({1: "B"}, [Change(1, frozenset({"A"}))], 2)
    first.keys.append("k2")  # type: ignore[attr-defined]
    third = second.following({0: GONE, 2: "c"}, changes(0, 2), 2)
    assert [each.version for each in (first, second, third)] == [0, 1, 2]
    assert [each.logged for each in (first, second, third)] == [0, 1, 3]
    assert [each.count for each in (first, second, third)] == [2, 2, 2]
    assert (list(first.rows), list(second.rows), list(third.rows)) == (["a", "b"], ["a", "B"], [GONE, "B", "c"])
    assert third.log.between(first.logged, third.logged) == [Change(1, frozenset({"A"})), *changes(0, 2)]
    assert first.kind is second.kind is third.kind is PLAIN


def test_candidates_are_listed_with_their_slots() -> None:
    candidates = ["a", "b", "c"]
    first = snapshot(candidates)
    assert first.listed() == (candidates, range(3))
    assert first.listed()[0] is candidates
    second = first.following({1: "B"}, changes(1), 3)
    assert second.listed() == (["a", "B", "c"], range(3))
    third = second.following({0: GONE}, changes(0), 2)
    assert third.listed() == (["B", "c"], [1, 2])
    assert third.listed() is third.listed()
    none = third.following({1: GONE, 2: GONE}, changes(1, 2), 0)
    assert none.listed() == ([], [])


def test_a_worn_base_is_replaced() -> None:
    last = snapshot(["a"])
    for slot in range(1, 1_300):
        last = last.following({slot: slot}, changes(slot), slot + 1)
    assert len(last.rows.base) > 500
    assert list(last.rows) == ["a", *range(1, 1_300)]
    assert last.version == 1_299


def test_gaps_close_up() -> None:
    gappy = snapshot(["a", "b", "c", "d"]).following({0: GONE, 2: GONE}, changes(0, 2), 2)
    closed = gappy.closed_up()
    assert (list(closed.rows), list(closed.keys), closed.count) == (["b", "d"], ["k1", "k3"], 2)
    assert closed.version == gappy.version == 1
    assert closed.listed() == (["b", "d"], range(2))
    assert closed.log is not gappy.log
    assert closed.keys is not gappy.keys
    assert gappy.listed() == (["b", "d"], [1, 3])
    assert list(gappy.keys) == ["k0", "k1", "k2", "k3"]
