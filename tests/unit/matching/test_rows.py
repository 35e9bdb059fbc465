"""Rows: what changed lies over what was there, and neither is copied."""

from __future__ import annotations

import pickle
import random
from typing import Any

import pytest

from matchmaker.matching.rows import GONE, Rows

CHUNK = 512


def test_rows_that_nothing_changed_are_their_base() -> None:
    base = ["a", "b", "c"]
    rows = Rows(base)
    assert rows.untouched
    assert not rows.worn
    assert rows.base is base
    assert (len(rows), list(rows), rows[1]) == (3, base, "b")
    assert list(Rows(())) == []
    assert rows.with_changes({}).untouched


def test_changes_make_other_rows() -> None:
    rows = Rows(["a", "b", "c"])
    changed = rows.with_changes({1: "B", 3: "d"})
    again = changed.with_changes({1: GONE, 4: "e"})
    assert list(rows) == ["a", "b", "c"]
    assert list(changed) == ["a", "B", "c", "d"]
    assert list(again) == ["a", GONE, "c", "d", "e"]
    assert [len(each) for each in (rows, changed, again)] == [3, 4, 5]
    assert [changed[slot] for slot in range(4)] == ["a", "B", "c", "d"]
    assert again[1] is GONE
    assert not changed.untouched
    assert rows.base is changed.base is again.base


@pytest.mark.parametrize("slot", [4, 512, 10_000])
def test_there_is_nothing_behind_the_last(slot: int) -> None:
    with pytest.raises(IndexError):
        Rows(["a", "b", "c"]).with_changes({1: "B", 3: "d"})[slot]


@pytest.mark.parametrize("length", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 5])
@pytest.mark.parametrize("size", [CHUNK, 2 * CHUNK])
def test_over_the_borders_of_chunks(length: int, size: int) -> None:
    base = list(range(length))
    edges = [slot for slot in (0, CHUNK - 1, CHUNK, 2 * CHUNK - 1, 2 * CHUNK, length - 1) if 0 <= slot < length]
    added = range(length, length + CHUNK + 3)
    expected = [-slot if slot in edges else slot for slot in range(length)] + [f"n{slot}" for slot in added]
    rows = Rows(base).with_changes({slot: -slot for slot in edges} | {slot: f"n{slot}" for slot in added})
    assert list(rows) == expected
    assert [rows[slot] for slot in range(len(rows))] == expected
    runs = list(rows.chunks(size))
    assert [row for run in runs for row in run] == expected
    assert {len(run) for run in runs[:-1]} <= {size}
    assert 0 < len(runs[-1]) <= size
    assert base == list(range(length))


def test_what_nothing_changed_is_not_copied_into_runs() -> None:
    class Base(list[int]):
        """Says when it is gone through one by one."""

        def __iter__(self) -> None:  # type: ignore[override]
            raise AssertionError

    rows = Rows(Base(range(3 * CHUNK))).with_changes({CHUNK: -1})
    runs = list(rows.chunks(CHUNK))
    assert [run[0] for run in runs] == [0, -1, 2 * CHUNK]


def test_many_changes_wear_a_base_out() -> None:
    rows = Rows(["a"] * 10)
    for turn in range(100):
        rows = rows.with_changes(dict.fromkeys(range(10), turn))
    assert not rows.worn  # the same ten again and again
    for slot in range(10, CHUNK + 11):
        assert not rows.worn
        rows = rows.with_changes({slot: slot})
    assert rows.worn
    assert not Rows(list(rows)).worn


def test_many_versions() -> None:
    chance = random.Random(5)
    plain: list[Any] = list(range(700))
    rows = Rows(tuple(plain))
    versions = [(rows, list(plain))]
    for turn in range(300):
        changes = {chance.randrange(len(plain)): (turn, "changed") for _ in range(chance.randrange(4))}
        changes |= {len(plain) + place: (turn, "new") for place in range(chance.randrange(4))}
        for slot in sorted(changes):
            plain[slot : slot + 1] = [changes[slot]]
        rows = rows.with_changes(changes)
        versions.append((rows, list(plain)))
    for version, expected in versions[::10]:
        assert list(version) == expected
        assert [version[slot] for slot in range(len(version))] == expected


def test_what_changed() -> None:
    rows = Rows(["a", "b", "c"])
    assert (list(rows.changes()), rows.gone(), rows.framed) == ([], [], False)
    after = rows.with_changes({1: GONE, 3: "d"}).with_changes({0: "A"})
    assert dict(after.changes()) == {0: "A", 1: GONE, 3: "d"}
    assert after.gone() == [1]
    assert list(after.taken([3, 0, 2])) == ["d", "A", "c"]
    assert after.renewed().gone() == [1]
    again = pickle.loads(pickle.dumps(after.with_changes({1: "B"})))
    assert list(again) == ["A", "B", "c", "d"]
    assert not again.framed
