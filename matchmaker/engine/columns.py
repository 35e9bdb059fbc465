"""Attributes as columns: one view of an attribute's values per way in which expressions read them.

A view holds of all candidates, by slot, what one sort of literal sees: the int32, the float32 or the double reading with
what is missing, or the text as a code into a sorted dictionary. Each is in the narrowest type that holds it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any, Literal, NamedTuple

import numpy as np

from matchmaker.attributes.numbers import float32
from matchmaker.attributes.values import SpecialValue, Value, doubles, floats, integers, is_there, rank_reading, texts
from matchmaker.engine.bitmaps import Array, Words, everything, with_verdicts
from matchmaker.errors import CandidateError

Reading = Literal["integers", "floats", "doubles", "texts", "presence"]
"""How a literal reads values; ranks read `floats`, arithmetic of the extended dialect `doubles`, `exists` `presence`."""

LIMITS: dict[np.dtype[Any], tuple[int, int]] = {
    np.dtype(kind): (int(np.iinfo(kind).min), int(np.iinfo(kind).max)) for kind in ("u1", "i1", "u2", "i2", "i4")
}
"""The types of whole numbers, the narrowest first, and what they hold."""
READERS: dict[Reading, Any] = {
    "integers": integers,
    "floats": floats,
    "doubles": doubles,
    "texts": texts,
    "presence": lambda value, attribute: iter((1,) if is_there(value, attribute) else ()),
}


class Need(NamedTuple):
    """A view that an expression reads.

    Parameters
    ----------
    name : str
        The attribute.
    reading : {"integers", "floats", "doubles", "texts", "presence"}
        How its values are read.
    several : bool
        Whether all values of a candidate count, as for `@>`, and not only the first that converts.
    """

    name: str
    reading: Reading
    several: bool = False


@dataclass(frozen=True, slots=True)
class View:
    """One reading of an attribute's values.

    Parameters
    ----------
    array : array, shape (slots,)
        Numbers, 0 where there is none; or for texts codes, 0 for none and else the place in `texts` and one; or ones where
        there is anything. With `offsets`, it holds one element per value.
    present : Words or None
        Where there is a number; None when everywhere, and for texts.
    texts : list of str or None
        The distinct texts, sorted.
    offsets : array, shape (slots + 1,), or None
        Where the values of each slot begin, when slots have several.
    odd : dict of int to Value
        Values by slot that the array does not hold: computed ones, and later ones that do not fit into it.
    refused : frozenset of int
        Slots whose value stands for nothing, so that reading it is an error.
    lists : bool
        Whether slots have several values, of which this view has the first.
    pure : bool
        Whether all values are whole numbers of 32 bits, so that integers and floats are read alike.
    lent : bool
        Whether the array is somebody else's memory, such as a frame's.
    """

    array: Array
    present: Words | None = None
    texts: list[str] | None = None
    offsets: Array | None = None
    odd: dict[int, Value] = field(default_factory=dict)
    refused: frozenset[int] = frozenset()
    lists: bool = False
    pure: bool = False
    lent: bool = False

    @property
    def nbytes(self) -> int:
        """How many bytes it takes, with its dictionary, and without what is lent."""
        arrays = (None if self.lent else self.array, self.present, self.offsets)
        taken = sum(array.nbytes for array in arrays if array is not None)
        if self.texts is not None:
            taken += sum(8 + text.__sizeof__() for text in self.texts)
        return taken + 100 * len(self.odd) + 60 * len(self.refused) + 200

    def loaded(self, name: str) -> Array:
        """Return the numbers as ranks read them, 0 where there is none; of any type that becomes float32 in one step."""
        if not self.odd:
            return self.array
        numbers = self.array.astype(np.float32)
        for slot, value in self.odd.items():
            numbers[slot] = rank_reading(value, name)
        return numbers

    def changed(self, need: Need, values: Mapping[int, Value], length: int) -> View:
        """Return a view of so many slots, in which some have other values.

        Parameters
        ----------
        need : Need
            What this is a view of.
        values : dict of int to Value
            The values by slot, of all that are new among them; a `CandidateError` where reading failed.
        length : int
            How many slots there are.
        """
        odd, refused = dict(self.odd), set(self.refused)
        elements: dict[int, Any] = {}
        for slot, value in values.items():
            odd.pop(slot, None)
            refused.discard(slot)
            try:
                found = readings(value, need)
            except CandidateError:
                refused.add(slot)
                continue
            fits = found and self.offsets is None and not (isinstance(value, list) and need.several)
            element = self._fit(found[0]) if fits else None
            if fits and element is None and need.reading == "doubles":  # whose arrays hold all numbers
                return replace(self, array=self.array.astype(np.float64), lent=False).changed(need, values, length)
            if element is not None:
                elements[slot] = element
            elif value is not None or self.offsets is not None:  # what the slot had before stays in the array
                odd[slot] = value
            if isinstance(value, SpecialValue):
                odd[slot] = value
        pure = self.pure and all(
            value is None or (type(value) is int and abs(value) < 2**31) for value in values.values()
        )
        lists = self.lists or any(isinstance(value, list) for value in values.values())
        made = replace(self, odd=odd, refused=frozenset(refused), lists=lists, pure=pure)
        return made._with_slots(length) if self.offsets is not None else made._with_elements(values, elements, length)

    def _fit(self, reading: Any) -> Any:
        """Return the element that stands for what was read; None when there is none in this array."""
        if self.texts is not None:
            place = bisect_left(self.texts, reading)
            return place + 1 if place < len(self.texts) and self.texts[place] == reading else None
        if self.array.dtype.kind == "f":
            return reading if self.array.dtype == np.float64 or float32(reading) == reading else None
        lowest, highest = LIMITS[self.array.dtype]
        whole = int(reading)
        fits = whole == reading and lowest <= whole <= highest and str(reading)[:2] != "-0"
        return whole if fits else None

    def _with_slots(self, length: int) -> View:
        offsets = self.offsets
        assert offsets is not None
        added = np.full(length + 1 - len(offsets), offsets[-1])
        return replace(self, offsets=np.concatenate((offsets, added.astype(offsets.dtype))))

    def _with_elements(self, values: Mapping[int, Value], elements: Mapping[int, Any], length: int) -> View:
        array = np.zeros(length, self.array.dtype)
        array[: len(self.array)] = self.array
        for slot in values:
            array[slot] = elements.get(slot, 0)
        present = self.present
        if self.texts is None and (present is not None or len(elements) < len(values)):
            before = everything(len(self.array)) if present is None else present
            present = with_verdicts(before, {slot: slot in elements for slot in values}, length)
        return replace(self, array=array, present=present, lent=False)


def readings(value: Value, need: Need) -> list[Any]:
    """Return what those of a value's elements that count were read as: the first that converts, or all of several.

    Of computed values, which have rules of their own, there are none but the double that arithmetic reads.

    Raises
    ------
    CandidateError
        If the value is one, or stands for nothing.
    """
    if isinstance(value, CandidateError):
        raise value
    if isinstance(value, SpecialValue):
        number = value.double() if need.reading == "doubles" and not need.several else None
        return [] if number is None else [number]
    found = READERS[need.reading](value, need.name)
    return list(found if need.several else islice(found, 1))


def narrowest(numbers: Array) -> Array:
    """Return whole numbers in the smallest type that holds them all."""
    lowest, highest = (int(numbers.min()), int(numbers.max())) if len(numbers) else (0, 0)
    for kind, (least, most) in LIMITS.items():
        if least <= lowest and highest <= most:
            return numbers.astype(kind)
    return numbers
