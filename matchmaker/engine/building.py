"""Building views from values: of usual types in bulk, of all others one by one, as the closures read them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from operator import itemgetter
from typing import Any, NamedTuple, cast

import numpy as np
import numpy.typing as npt

from matchmaker.attributes.numbers import INT32_MAX, INT32_MIN, LARGEST_FLOAT32
from matchmaker.attributes.values import DOUBLES, FLOATS, INTEGERS, SpecialValue, Value, floats
from matchmaker.engine.bitmaps import Array, Words, pack
from matchmaker.engine.columns import Need, Reading, View, narrowest, readings
from matchmaker.errors import CandidateError

Run = Mapping[str, Sequence[Value]]
"""Some neighbouring candidates: their values by attribute, a `CandidateError` where reading failed."""

_NONE = type(None)
_OF_TEXTS = {"integers": INTEGERS, "floats": FLOATS, "doubles": DOUBLES}
_NEVER_EMPTY = {str, int, float, bool, _NONE}
"""The types of values that are there unless they are None."""


class Numbers(NamedTuple):
    """Numbers, anything where there is none, and where there are some; None when everywhere."""

    array: Array
    present: npt.NDArray[np.bool_] | None


def build(needs: Iterable[Need], runs: Iterable[Run]) -> dict[Need, View]:
    """Build views in one pass over the candidates.

    Parameters
    ----------
    needs : iterable of Need
        Which views.
    runs : iterable of Run
        All candidates, in order, some thousands at a time: what was just read is still in the cache then.
    """
    building = {need: _maker(need) for need in needs}
    for run in runs:
        for need, maker in building.items():
            maker.feed(run[need.name])
    return {need: maker.finish() for need, maker in building.items()}


def _maker(need: Need) -> _Maker:
    if need.several:
        return _Several(need)
    if need.reading == "presence":
        return _Presence(need)
    return _Texts(need) if need.reading == "texts" else _Numbers(need)


class _Maker(ABC):
    """Makes one view."""

    def __init__(self, need: Need) -> None:
        self._need = need
        self._length = 0
        self._odd: dict[int, Value] = {}
        self._refused: set[int] = set()
        self._lists = False

    @abstractmethod
    def feed(self, values: Sequence[Value]) -> None:
        """Take the values of the next candidates."""

    @abstractmethod
    def finish(self) -> View:
        """Return the view."""

    def _readings(self, slot: int, value: Value) -> list[Any]:
        """Read one value; what cannot be in the array is set aside."""
        self._lists = self._lists or isinstance(value, list)
        if isinstance(value, SpecialValue):
            self._odd[slot] = value
        try:
            return readings(value, self._need)
        except CandidateError:
            self._refused.add(slot)
            return []

    def _first_readings(self, values: Sequence[Value]) -> list[Any]:
        """Read values one by one; None where there is nothing for the array."""
        return [next(iter(self._readings(slot, value)), None) for slot, value in enumerate(values, self._length)]

    def _view(self, array: Array, present: Words | None = None, texts: list[str] | None = None) -> View:
        return View(array, present, texts, None, self._odd, frozenset(self._refused), self._lists)


class _Numbers(_Maker):
    """Makes a view of numbers: whole ones as long as all are."""

    def __init__(self, need: Need) -> None:
        super().__init__(need)
        self._parts: list[Numbers] = []
        self._pure = True

    def feed(self, values: Sequence[Value]) -> None:
        part = self._read(values)
        self._parts.append(part)
        self._length += len(values)

    def _read(self, values: Sequence[Value]) -> Numbers:
        types = [*map(type, values)]
        kinds = {int} if types.count(int) == len(types) else set(types)
        if kinds <= {int, _NONE}:
            with suppress(OverflowError):
                return self._whole(
                    values, None if kinds == {int} else np.array([value is not None for value in values])
                )
        elif kinds == {str} and _only_digits(values):
            with suppress(OverflowError, ValueError):  # the latter of too many digits
                return self._whole(list(map(int, values)), None)
        self._pure = False
        if kinds == {float}:
            return decimals(np.array(values), self._need)
        if kinds <= {str, _NONE}:
            read = _OF_TEXTS[self._need.reading]
            numbers = np.array([read("" if text is None else text) for text in values])
        else:
            first = self._first_readings(values)
            numbers = np.array([np.nan if reading is None else reading for reading in first], np.float64)
        return Numbers(numbers, ~np.isnan(numbers))

    def _whole(self, values: Sequence[Value], present: npt.NDArray[np.bool_] | None) -> Numbers:
        given = values if present is None else [value or 0 for value in values]
        part = whole(np.fromiter(given, np.int64, len(values)), present, self._need)
        self._pure = self._pure and part.array.dtype.kind == "i"
        return part

    def finish(self) -> View:
        array = np.concatenate([part.array for part in self._parts]) if self._parts else np.zeros(0)
        present = None
        if any(part.present is not None for part in self._parts):
            present = np.concatenate(
                [np.ones(len(part.array), np.bool_) if part.present is None else part.present for part in self._parts]
            )
        array, words = settled(Numbers(array, present), self._need.reading)
        return replace(self._view(array, words), pure=self._pure and array.dtype.kind in "iu")


def _only_digits(texts: Sequence[str]) -> bool:
    """Tell whether texts are nothing but ASCII digits: then all literals read them as whole numbers."""
    joined = "".join(texts)
    return joined.isascii() and joined.isdigit() and all(texts)


def whole(numbers: Array, present: npt.NDArray[np.bool_] | None, need: Need) -> Numbers:
    """Return whole numbers as a literal reads them."""
    if not len(numbers) or INT32_MIN <= numbers.min() <= numbers.max() <= INT32_MAX:
        return Numbers(numbers, present)
    if need.reading == "floats":  # at once: doubles, to which others may be joined, would make it two roundings
        return Numbers(numbers.astype(np.float32), present)
    if need.reading == "doubles":
        return Numbers(numbers.astype(np.float64), present)
    fits = (numbers >= INT32_MIN) & (numbers <= INT32_MAX)
    return Numbers(numbers.astype(np.float64), fits if present is None else fits & present)


def decimals(doubles: npt.NDArray[np.float64], need: Need) -> Numbers:
    """Return doubles, which but for the doubles of literals stand for their shortest decimals, as a literal reads them."""
    if need.reading == "integers":
        present = (doubles > INT32_MIN - 1) & (doubles < INT32_MAX + 1)
        return Numbers(np.trunc(np.where(present, doubles, 0.0)) + 0.0, present)
    present = np.isfinite(doubles)
    if need.reading == "doubles":
        return Numbers(doubles, present)
    with np.errstate(all="ignore"):
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
    return Numbers(singles, present)


def settled(read: Numbers, reading: Reading = "floats") -> tuple[Array, Words | None]:
    """Return numbers in the narrowest type, with 0 where there is none, and where there are some unless everywhere."""
    numbers, present = read
    if present is not None and present.all():
        present = None
    if present is not None:
        numbers = np.where(present, numbers, numbers.dtype.type(0))
    if numbers.dtype.kind == "f":
        integral = (numbers == np.trunc(numbers)) & (numbers >= INT32_MIN) & (numbers <= INT32_MAX)
        if (integral & ~(np.signbit(numbers) & (numbers == 0))).all():
            numbers = numbers.astype(np.int64)
    if numbers.dtype.kind != "f":
        numbers = narrowest(numbers)
    if numbers.dtype.itemsize > 4 and reading != "doubles":
        numbers = numbers.astype(np.float32)
    return numbers, None if present is None else pack(present)


class _Presence(_Maker):
    """Makes a view of what is there."""

    def __init__(self, need: Need) -> None:
        super().__init__(need)
        self._parts: list[npt.NDArray[np.bool_]] = []

    def feed(self, values: Sequence[Value]) -> None:
        read = values if _NEVER_EMPTY.issuperset(map(type, values)) else self._first_readings(values)
        self._parts.append(np.array([value is not None for value in read], np.bool_))
        self._length += len(values)

    def finish(self) -> View:
        there = np.concatenate(self._parts) if self._parts else np.zeros(0, np.bool_)
        return self._view(there.view(np.uint8), pack(there))


class _Texts(_Maker):
    """Makes a view of texts."""

    def __init__(self, need: Need) -> None:
        super().__init__(need)
        self._codes: dict[str | None, int] = {None: 0}
        self._parts: list[Array] = []

    def feed(self, values: Sequence[Value]) -> None:
        self._parts.append(self._coded(values))
        self._length += len(values)

    def _coded(self, values: Sequence[Value]) -> Array:
        codes, texts = self._codes, self._texts(values)
        if len(codes) <= 256 and len(texts) > 1:
            with suppress(KeyError):  # of a new text
                return np.frombuffer(bytes(itemgetter(*texts)(codes)), np.uint8)
        for text in set(texts):
            codes.setdefault(text, len(codes))
        return np.fromiter(map(codes.__getitem__, texts), np.uint32, len(texts))

    def _texts(self, values: Sequence[Value]) -> Sequence[str | None]:
        """Return the first text of each value."""
        types = [*map(type, values)]  # what equals a text may be none, or another one
        kinds = {str} if types.count(str) == len(types) else set(types)
        if kinds <= {str, _NONE}:
            return values
        if kinds == {int}:
            with suppress(ValueError):  # of too many digits
                return list(map(str, values))
        return self._first_readings(values)

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

    def feed(self, values: Sequence[Value]) -> None:
        for slot, value in enumerate(values, self._length):
            found = self._readings(slot, value)
            self._flat.extend(found)
            self._counts.append(len(found))
        self._length += len(values)

    def finish(self) -> View:
        inner = (_Texts if self._need.reading == "texts" else _Numbers)(self._need._replace(several=False))
        inner.feed(self._flat)
        flat = inner.finish()
        offsets = narrowest(np.concatenate(([0], np.cumsum(self._counts, dtype=np.int64))))
        return View(flat.array, flat.present, flat.texts, offsets, self._odd, frozenset(self._refused), True)
