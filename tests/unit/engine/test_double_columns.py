"""What arithmetic and `exists` of the extended dialect read of columns, against reading one value at a time."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from matchmaker.attributes.values import double, is_there
from matchmaker.engine import bitmaps
from matchmaker.engine.columns import Need, View
from matchmaker.errors import CandidateError
from tests.unit.engine.asking import Computed, view_of
from tests.unit.engine.test_columns import COLUMNS, NEW

DOUBLES, PRESENCE = Need("A", "doubles"), Need("A", "presence")
KINDS: dict[str, tuple[list[Any], str]] = {
    "small": ([0, 255, None], "u1"),
    "negative": ([-1, 127.0], "i1"),
    "of 32 bits": ([2**31 - 1, "7 GB"], "i4"),
    "larger": ([2**31, 5], "f8"),
    "beyond what doubles hold": ([2**53 + 1, 2**60 + 1, -(2**63)], "f8"),
    "beyond 64 bits": ([2**64, 10**400, 5], "f8"),
    "fractions": ([0.5, "2.5"], "f8"),
    "negative zero": ([-0.0, 1], "f8"),
    "digits": (["9007199254740993", "18014398509481987"], "f8"),
    "texts": (["5e", "0x10", "1e3", "", "nan", None, "-5"], "i2"),
    "nothing": ([None, "x", math.nan, [], True], "u1"),
    "infinities": ([math.inf, 1.5, -math.inf], "f8"),
}


def read(view: View) -> list[str]:
    """Return what arithmetic reads."""
    length = len(view.array)
    present = [True] * length if view.present is None else bitmaps.unpacked(view.present, length).tolist()
    numbers = view.array.astype(np.float64).tolist()
    return [
        "refused" if slot in view.refused else repr(number if there else None)
        for slot, (number, there) in enumerate(zip(numbers, present, strict=True))
    ]


def one_by_one(values: Sequence[Any]) -> list[str]:
    def answer(value: Any) -> str:
        try:
            if isinstance(value, CandidateError):
                raise value
            return repr(double(value, "A"))
        except CandidateError:
            return "refused"

    return list(map(answer, values))


def there(view: View) -> list[Any]:
    """Return where there is anything; computed values say so themselves."""
    assert view.present is not None
    flags: list[Any] = bitmaps.unpacked(view.present, len(view.array)).tolist()
    for slot, value in view.odd.items():
        flags[slot] = is_there(value, "A")
    return ["refused" if slot in view.refused else flag for slot, flag in enumerate(flags)]


def each_there(values: Sequence[Any]) -> list[Any]:
    def answer(value: Any) -> Any:
        try:
            if isinstance(value, CandidateError):
                raise value
            return is_there(value, "A")
        except CandidateError:
            return "refused"

    return list(map(answer, values))


@pytest.mark.parametrize(("values", "kind"), KINDS.values(), ids=KINDS)
def test_numbers_in_the_narrowest_type_that_holds_them(values: list[Any], kind: str) -> None:
    view = view_of(values, "doubles")
    assert view.array.dtype == np.dtype(kind)
    assert read(view) == one_by_one(values)
    assert there(view_of(values, "presence")) == each_there(values)
    for run in (1, 2):  # all of one sort, and then all of another
        assert read(view_of([*values, *COLUMNS["all sorts"]], "doubles", run=run)) == one_by_one(
            [*values, *COLUMNS["all sorts"]]
        )


@pytest.mark.parametrize("values", COLUMNS.values(), ids=COLUMNS)
def test_other_values_and_more_of_them(values: list[Any]) -> None:
    chance = random.Random(len(values))
    numbers, presence, now = view_of(values, "doubles"), view_of(values, "presence"), list(values)
    for turn in range(12):
        before, kept = list(now), numbers
        changed = {slot: chance.choice(NEW) for slot in chance.sample(range(len(now)), min(len(now), 5))}
        changed |= {len(now) + number: chance.choice(NEW) for number in range(turn % 3 * 31)}
        now += [None] * (turn % 3 * 31)
        for slot, value in changed.items():
            now[slot] = value
        numbers, presence = numbers.changed(DOUBLES, changed, len(now)), presence.changed(PRESENCE, changed, len(now))
        assert read(numbers) == one_by_one(now)
        assert there(presence) == each_there(now)
        assert read(kept) == one_by_one(before)  # nothing of it changed


@pytest.mark.parametrize("new", NEW, ids=lambda new: type(new).__name__)
def test_each_new_value_among_others(new: Any) -> None:
    for values in COLUMNS.values():
        numbers, presence, size = view_of(values, "doubles"), view_of(values, "presence"), len(values)
        assert read(numbers.changed(DOUBLES, {size: new}, size + 1)) == one_by_one([*values, new])
        assert there(presence.changed(PRESENCE, {size: new}, size + 1)) == each_there([*values, new])
        if values:
            back = numbers.changed(DOUBLES, {1: new}, size).changed(DOUBLES, {1: None}, size)
            assert read(back) == one_by_one([values[0], None, *values[2:]])


def test_all_numbers_are_in_the_array_and_only_computed_values_beside_it() -> None:
    """Formulas look nowhere else."""
    view = view_of([1, 2, 3], "doubles").changed(DOUBLES, {0: 2.5, 1: Computed(7.0), 2: [10**12, 4]}, 3)
    assert view.array.tolist() == [2.5, 7.0, 1e12]
    assert set(view.odd) == {1}
    lent = View(np.array([1, 2], np.float32), lent=True).changed(DOUBLES, {0: 0.1}, 2)
    assert (lent.array.tolist(), lent.array.dtype, lent.lent) == ([0.1, 2.0], np.float64, False)
    fits = View(np.array([1, 2], np.float32), lent=True).changed(DOUBLES, {0: 0.5}, 2)
    assert (fits.array.tolist(), fits.array.dtype) == ([0.5, 2.0], np.float32)
