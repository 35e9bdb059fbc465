"""Views that change: they answer as one built anew would."""

from __future__ import annotations

import random
from typing import Any, get_args

import numpy as np
import pytest

from matchmaker.engine import bitmaps
from matchmaker.engine.columns import Need, Reading, View, narrowest, readings
from matchmaker.engine.verdicts import ColumnClause
from matchmaker.errors import CandidateError
from tests.unit.engine.asking import Computed, comparison, of_view, one_by_one, rank_readings, view_of

COLUMNS: dict[str, list[Any]] = {
    "of bytes": [5, 0, 255, 7] * 20,
    "negative": [-5, 0, 127] * 20,
    "with missing": [5, None, 7] * 20,
    "of 32 bits": [5, 2**31 - 1, -(2**31)] * 20,
    "decimals": [5.9, 5.0, -0.0] * 20,
    "texts": ["kvm", "xen", "5", "5.9"] * 20,
    "lists": [[5, 6], [], ["kvm", 5.9], 5] * 20,
    "all sorts": [5, "5.9", None, Computed(5.0), object(), [6, 5]] * 10,
    "nothing": [],
}
NEW: list[Any] = [
    *(5, 0, 6, 300, -1, 2**31 - 1, 2**31, -(2**31), 10**400, None, 5.9, 5.0, -0.0, 1e39, float("nan"), True),
    *("kvm", "new", "", "5", "-0.0", "\U0010ffff", [], [5], [6, 5], ["kvm", None], [5, object()], [object(), 5]),
    *(Computed(5.0), Computed(-0.0), object(), b"kvm", CandidateError("it cannot be read"), np.int64(5), [10**5000]),
]
CLAUSES = ("A = 5", "A != 5", "A > 5", "A < 0", "A @> 5", "A @> 6", "A = 5.9", "A != 5.0", "A < 300.0", "A @> 5.9")
TEXT_CLAUSES = ('A = "kvm"', 'A != "kvm"', 'A @> "5"', 'A = "*"', 'A = "n*"', 'A @> "*[5v]*"')


def check(view: View, need: Need, values: list[Any]) -> None:
    for text in (*CLAUSES, *TEXT_CLAUSES):
        clause = ColumnClause(comparison(text))
        if clause.need == need:
            found = of_view(clause, view, len(values))
            # Where single values are read, a list's later ones are not, and `@>` is not asked.
            assert found == one_by_one(text, values), text
    if need.reading == "floats" and not need.several:
        assert list(map(repr, view.loaded("A").astype(np.float32).tolist())) == list(map(repr, rank_readings(values)))


def needs() -> list[Need]:
    return [Need("A", reading, several) for reading in get_args(Reading) for several in (False, True)]


@pytest.mark.parametrize("need", needs(), ids=str)
@pytest.mark.parametrize("values", COLUMNS.values(), ids=COLUMNS)
def test_other_values_and_more_of_them(values: list[Any], need: Need) -> None:
    chance = random.Random(len(values))
    view = view_of(values, need.reading, several=need.several)
    now = list(values)
    for turn in range(12):
        before, kept = list(now), view
        arrays = [array.copy() for array in (kept.array, kept.offsets) if array is not None]
        changed = {slot: chance.choice(NEW) for slot in chance.sample(range(len(now)), min(len(now), 5))}
        changed |= {len(now) + number: chance.choice(NEW) for number in range(turn % 3 * 31)}
        now += [None] * (turn % 3 * 31)
        for slot, value in changed.items():
            now[slot] = value
        view = view.changed(need, changed, len(now))
        check(view, need, now)
        check(kept, need, before)  # nothing of it changed
        for array, copy in zip((a for a in (kept.array, kept.offsets) if a is not None), arrays, strict=True):
            assert (array == copy).all()


@pytest.mark.parametrize("need", needs(), ids=str)
@pytest.mark.parametrize("new", NEW, ids=lambda new: type(new).__name__)
def test_each_new_value_among_others(new: Any, need: Need) -> None:
    for values in COLUMNS.values():
        view = view_of(values, need.reading, several=need.several)
        size = len(values)
        check(view.changed(need, {size: new}, size + 1), need, [*values, new])
        if values:
            check(view.changed(need, {1: new}, size), need, [values[0], new, *values[2:]])
            back = view.changed(need, {1: new}, size).changed(need, {1: None}, size)
            check(back, need, [values[0], None, *values[2:]])


def test_of_several_values_none_are_left_when_they_are_removed() -> None:
    need = Need("A", "integers", several=True)
    for before in ([6, 7], [object()], 6):
        view = view_of([before, [6]], several=True).changed(need, {0: None}, 2)
        check(view, need, [None, [6]])


def test_a_view_without_lists_notes_that_it_got_one() -> None:
    """Otherwise it would be taken for one of all values."""
    need = Need("A", "integers")
    view = view_of([5, 6])
    assert not view.changed(need, {0: 7}, 2).lists
    assert view.changed(need, {0: [7, 8]}, 2).lists
    assert view.changed(need, {0: [7, 8]}, 2).changed(need, {0: 7}, 2).lists


def test_what_fits_goes_into_the_array() -> None:
    need, values = Need("A", "integers"), [5, 255, None]
    view = view_of(values).changed(need, {0: 200, 1: "7", 3: 8, 4: None}, 5)
    assert (view.array.dtype, view.array.tolist(), view.odd) == (np.uint8, [200, 7, 0, 8, 0], {})
    assert view.present is not None
    assert bitmaps.unpacked(view.present, 5).tolist() == [True, True, False, True, False]
    assert view.changed(need, {0: 256}, 5).odd == {0: 256}
    text = Need("A", "texts")
    texts = view_of(["b", "a"], "texts").changed(text, {0: "a", 2: "b", 3: "c"}, 4)
    assert (texts.array.tolist(), texts.odd) == ([1, 1, 2, 0], {3: "c"})
    floats = Need("A", "floats")
    for value, odd in ((6.0, {}), (-0.0, {0: -0.0}), (6.5, {0: 6.5}), ("-0", {0: "-0"})):
        assert view_of([5], "floats").changed(floats, {0: value}, 1).odd == odd


def test_numbers_are_missing_nowhere_until_one_is() -> None:
    need = Need("A", "integers")
    view = view_of([5, 6]).changed(need, {0: 7, 2: 8}, 3)
    assert view.present is None
    assert view.changed(need, {0: None}, 3).present is not None


def test_what_was_refused_is_not_any_more() -> None:
    for several in (False, True):
        need = Need("A", "integers", several)
        view = view_of([object(), 5], several=several)
        assert view.refused == {0}
        assert view.changed(need, {0: 6}, 2).refused == frozenset()
        assert view.changed(need, {1: object()}, 2).refused == {0, 1}


@pytest.mark.parametrize(
    ("value", "pure"),
    [
        (6, True),
        (None, True),
        (2**31 - 1, True),
        (2**31, False),
        (True, False),
        ("6", False),
        (6.0, False),
        ([6], False),
    ],
)
def test_what_is_whole_stays_whole_as_long_as_all_values_are(value: Any, pure: bool) -> None:
    for reading in ("integers", "floats"):
        view = view_of([5, 6], reading)
        assert view.changed(Need("A", reading), {0: value}, 2).pure is pure  # type: ignore[arg-type]
    assert not view_of([5, 5.9]).changed(Need("A", "integers"), {1: 6}, 2).pure


def test_what_a_view_takes() -> None:
    assert view_of([5] * 1_000).nbytes < view_of([5, None] * 500).nbytes < view_of([500, None] * 500).nbytes
    assert view_of(["kvm" * 1_000], "texts").nbytes > 3_000
    assert view_of([[5] * 1_000], several=True).nbytes > 1_000
    assert view_of([Computed(5.0)] * 100).nbytes > view_of([None] * 100).nbytes + 1_000
    assert view_of([object()] * 100).nbytes > view_of([None] * 100).nbytes + 1_000
    lent = View(np.zeros(1_000, np.int32), lent=True)
    assert lent.nbytes < 1_000
    changed = lent.changed(Need("A", "integers"), {0: 5}, 1_000)
    assert changed.nbytes > 4_000
    assert lent.array[0] == 0


@pytest.mark.parametrize(
    ("value", "first", "several"),
    [
        (5, [5], [5]),
        ("abc", [], []),
        (None, [], []),
        (["abc", "6 cores", 7, 2**40], [6], [6, 7]),
        (True, [], []),
        (5.9, [5], [5]),
        (Computed(5.0), [], []),
    ],
)
def test_readings(value: Any, first: list[int], several: list[int]) -> None:
    assert readings(value, Need("A", "integers")) == first
    assert readings(value, Need("A", "integers", several=True)) == several


def test_readings_of_what_stands_for_nothing() -> None:
    error = CandidateError("it cannot be read")
    with pytest.raises(CandidateError, match="it cannot be read"):
        readings(error, Need("A", "integers"))
    with pytest.raises(CandidateError, match="attribute `A`: a value of type `object`"):
        readings(object(), Need("A", "texts"))
    assert readings([5, object()], Need("A", "floats")) == [5.0]
    with pytest.raises(CandidateError, match="attribute `A`: a value of type `object`"):
        readings([5, object()], Need("A", "floats", several=True))


@pytest.mark.parametrize(
    ("numbers", "kind"),
    [
        ([], "u1"),
        ([255], "u1"),
        ([-1, 127], "i1"),
        ([-1, 128], "i2"),
        ([65_536], "i4"),
        ([2**31], "i8"),
        ([-(2**31) - 1], "i8"),
    ],
)
def test_the_narrowest_type(numbers: list[int], kind: str) -> None:
    array = narrowest(np.array(numbers, np.int64))
    assert (array.dtype, array.tolist()) == (np.dtype(kind), numbers)
