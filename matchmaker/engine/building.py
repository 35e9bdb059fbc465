"""Building views from values: of usual types in bulk, of all others one by one, as the closures read them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from matchmaker.attributes.numbers import INT32_MAX, INT32_MIN, LARGEST_FLOAT32
from matchmaker.attributes.values import FLOATS, INTEGERS, SpecialValue, Value, floats
from matchmaker.engine.bitmaps import Words, pack
from matchmaker.engine.columns import READERS, Array, Need, View, first_reading, narrowest
from matchmaker.errors import CandidateError

Run = Mapping[str, Sequence[Value]]
"""Some neighbouring candidates: their values by attribute, a `CandidateError` where reading failed."""

_NONE = type(None)


def build(needs: Iterable[Need], runs: Iterable[Run]) -> dict[Need, View]:
    """Build views in one pass over the candidates.

    Parameters
    ----------
    needs : iterable of Need
        Which views.
    runs : iterable of Run
        All candidates, in order, some thousands at a time: what was just read is still in the cache then.
    """
    makers: dict[Need, Callable[[Need], _Maker]] = {"integers": _Numbers, "floats": _Numbers, "texts": _Texts}  # type: ignore[dict-item]
    building = {need: _Several(need) if need.several else makers[need.reading](need) for need in needs}  # type: ignore[index]
    types: dict[str, set[type]] = {}
    for run in runs:
        for name, values in run.items():
            types[name] = set(map(type, values))
        for need, maker in building.items():
            maker.feed(run[need.name], types[need.name])
    return {need: maker.finish() for need, maker in building.items()}


class _Maker:
    """Makes one view."""

    def __init__(self, need: Need) -> None:
        self._need = need
        self._length = 0
        self._odd: dict[int, Value] = {}
        self._refused: set[int] = set()
        self._lists = False

    def feed(self, values: Sequence[Value], types: set[type]) -> None:
        """Take the values of the next candidates, and of which types they are."""
        raise NotImplementedError

    def finish(self) -> View:
        """Return the view."""
        raise NotImplementedError

    def _first_readings(self, values: Sequence[Value]) -> list[Any]:
        """Read values one by one; what cannot be in the array is None there, and set aside."""
        readings = []
        for slot, value in enumerate(values, self._length):
            reading = None
            try:
                reading = first_reading(value, self._need)
            except CandidateError:
                self._refused.add(slot)
            else:
                if isinstance(value, SpecialValue):
                    self._odd[slot] = value
                self._lists = self._lists or isinstance(value, list)
            readings.append(reading)
        return readings

    def _view(self, array: Array, present: Words | None = None, texts: list[str] | None = None) -> View:
        return View(array, present, texts, None, self._odd, frozenset(self._refused), self._lists)


class _Numbers(_Maker):
    """Makes a view of numbers: whole ones as long as all are."""

    def __init__(self, need: Need) -> None:
        super().__init__(need)
        self._parts: list[Array] = []
        self._present: list[npt.NDArray[np.bool_]] = []
        self._pure = True

    def feed(self, values: Sequence[Value], types: set[type]) -> None:
        part, present = self._read(values, types)
        self._pure = self._pure and types <= {int, _NONE} and part.dtype.kind == "i"
        self._parts.append(part)
        self._present.append(present)
        self._length += len(values)

    def _read(self, values: Sequence[Value], types: set[type]) -> tuple[Array, npt.NDArray[np.bool_]]:
        """Return numbers, anything where there is none, and where there are some."""
        if types <= {int, _NONE}:
            try:
                return self._whole(values, types)
            except OverflowError:
                pass
        elif types == {float}:
            return decimals(np.array(values), self._need)
        elif types <= {str, _NONE}:
            read = INTEGERS if self._need.reading == "integers" else FLOATS
            values = [read("" if text is None else text) for text in values]
            numbers = np.array(values)
            return numbers, ~np.isnan(numbers)
        numbers = np.array([np.nan if reading is None else reading for reading in self._first_readings(values)])
        return numbers, ~np.isnan(numbers)

    def _whole(self, values: Sequence[Value], types: set[type]) -> tuple[Array, npt.NDArray[np.bool_]]:
        if _NONE in types:
            present = np.array([value is not None for value in values])
            numbers = np.array([value or 0 for value in values], np.int64)
        else:
            present = np.ones(len(values), np.bool_)
            numbers = np.array(values, np.int64)
        return whole(numbers, present, self._need)

    def finish(self) -> View:
        numbers = np.concatenate(self._parts) if self._parts else np.zeros(0)
        present = np.concatenate(self._present) if self._present else np.ones(0, np.bool_)
        array, given = settled(numbers, present)
        return replace(self._view(array, given), pure=self._pure and array.dtype.kind in "iu")


def whole(numbers: Array, present: npt.NDArray[np.bool_], need: Need) -> tuple[Array, npt.NDArray[np.bool_]]:
    """Return whole numbers of Python's or 64 bits as a literal reads them."""
    if need.reading == "integers" and len(numbers) and not INT32_MIN <= numbers.min() <= numbers.max() <= INT32_MAX:
        return numbers.astype(np.float64), present & (numbers >= INT32_MIN) & (numbers <= INT32_MAX)
    return numbers, present


def decimals(doubles: npt.NDArray[np.float64], need: Need) -> tuple[Array, npt.NDArray[np.bool_]]:
    """Return doubles, which stand for their shortest decimals, as a literal reads them."""
    if need.reading == "integers":
        present = (doubles > INT32_MIN - 1) & (doubles < INT32_MAX + 1)
        return np.trunc(np.where(present, doubles, 0.0)) + 0.0, present
    present = np.isfinite(doubles)
    with np.errstate(over="ignore", invalid="ignore"):
        singles = doubles.astype(np.float32).astype(np.float64)
        # Exactly between two float32 the shortest decimal decides, which may not be the double; see `float_reading`.
        beside = np.nextafter(
            singles.astype(np.float32), np.where(doubles > singles, np.float32(np.inf), np.float32(-np.inf))
        )
        between = (singles != doubles) & ((singles + beside.astype(np.float64)) / 2 == doubles)
    for slot in np.flatnonzero(present & (between | (np.abs(doubles) > LARGEST_FLOAT32))).tolist():
        reading = next(floats(float(doubles[slot]), need.name), None)
        present[slot] = reading is not None
        singles[slot] = 0.0 if reading is None else reading
    return singles, present


def settled(numbers: Array, present: npt.NDArray[np.bool_]) -> tuple[Array, Words | None]:
    """Return numbers in the narrowest type, with 0 where there is none, and where there are some unless everywhere."""
    absent = None if present.all() else ~present
    if absent is not None:
        numbers = np.where(absent, numbers.dtype.type(0), numbers)
    if numbers.dtype.kind == "f":
        integral = (numbers == np.trunc(numbers)) & (numbers >= INT32_MIN) & (numbers <= INT32_MAX)
        if (integral & ~(np.signbit(numbers) & (numbers == 0))).all():
            numbers = numbers.astype(np.int64)
    if numbers.dtype.kind != "f":
        numbers = narrowest(numbers)
    if numbers.dtype.itemsize > 4:
        numbers = numbers.astype(np.float32)
    return numbers, None if absent is None else pack(present)


class _Texts(_Maker):
    """Makes a view of texts."""

    def __init__(self, need: Need) -> None:
        super().__init__(need)
        self._codes: dict[str | None, int] = {None: 0}
        self._parts: list[Array] = []

    def feed(self, values: Sequence[Value], types: set[type]) -> None:
        if types == {int}:
            try:
                values = list(map(str, values))
            except ValueError:  # of too many digits
                values = self._first_readings(values)
        elif not types <= {str, _NONE}:
            values = self._first_readings(values)
        codes = self._codes
        try:
            part = np.fromiter(map(codes.__getitem__, values), np.uint32, len(values))
        except KeyError:
            for text in set(values):
                codes.setdefault(text, len(codes))
            part = np.fromiter(map(codes.__getitem__, values), np.uint32, len(values))
        self._parts.append(part.astype(np.uint8) if len(codes) <= 256 else part)
        self._length += len(values)

    def finish(self) -> View:
        parts = self._parts or [np.zeros(0, np.uint8)]
        known = cast("dict[str, int]", {text: code for text, code in self._codes.items() if text is not None})
        texts = sorted(known)
        final = np.zeros(len(self._codes), np.int64)
        final[[known[text] for text in texts]] = np.arange(1, len(texts) + 1)
        final = narrowest(final) if len(texts) < 65_536 else final.astype(np.uint32)
        return self._view(np.concatenate([final.take(part) for part in parts]), None, texts)


class _Several(_Maker):
    """Makes a view of all the values that slots have."""

    def __init__(self, need: Need) -> None:
        super().__init__(need)
        self._counts: list[int] = []
        self._flat: list[Any] = []

    def feed(self, values: Sequence[Value], types: set[type]) -> None:
        read = READERS[self._need.reading]
        for slot, value in enumerate(values, self._length):
            readings: list[Any] = []
            try:
                first_reading(value, self._need)
                if isinstance(value, SpecialValue):
                    self._odd[slot] = value
                else:
                    readings.extend(read(value, self._need.name))
            except CandidateError:
                self._refused.add(slot)
            self._flat.extend(readings)
            self._counts.append(len(readings))
        self._length += len(values)

    def finish(self) -> View:
        inner = (_Texts if self._need.reading == "texts" else _Numbers)(self._need._replace(several=False))
        inner.feed(self._flat, set(map(type, self._flat)))
        flat = inner.finish()
        offsets = narrowest(np.concatenate(([0], np.cumsum(self._counts, dtype=np.int64))))
        return View(flat.array, flat.present, flat.texts, offsets, self._odd, frozenset(self._refused), True)
