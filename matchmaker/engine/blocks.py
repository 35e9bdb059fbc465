"""Doubles and verdicts of some slots at a time: what formulas of the extended dialect are computed of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from matchmaker.engine.bitmaps import Array, Words, at
from matchmaker.engine.columns import Need, View
from matchmaker.engine.verdicts import AttributeClause, ClauseKey

_MOST_HELD = 64 * 1024 * 1024
"""How many bytes of verdicts are held: an expression may have very many clauses."""

Flags = npt.NDArray[np.bool_]
"""A verdict per slot of a block, or one for all."""
Slots = npt.NDArray[np.intp]


class Doubles(NamedTuple):
    """Numbers of a block's slots, or one for all; `present` tells where there are any, None everywhere.

    Where there is none the number may be any.
    """

    values: Any
    present: Any = None


class Sources:
    """What a formula reads of all slots, held while it runs.

    Parameters
    ----------
    view : callable
        Returns a view.
    verdicts : callable
        Returns the verdicts of a clause on all slots, in an array that is not to be changed.
    """

    __slots__ = ("_held", "_room", "_verdicts", "_view", "_views")

    def __init__(self, view: Callable[[Need], View], verdicts: Callable[[AttributeClause], Words]) -> None:
        self._view = view
        self._verdicts = verdicts
        self._views: dict[Need, View] = {}
        self._held: dict[ClauseKey, Words] = {}
        self._room = _MOST_HELD

    def view(self, need: Need) -> View:
        """Return a view."""
        view = self._views.get(need)
        if view is None:
            view = self._views[need] = self._view(need)
        return view

    def verdicts(self, clause: AttributeClause) -> Words:
        """Return the verdicts of a clause."""
        words = self._held.get(clause.key)
        if words is None:
            words = self._verdicts(clause)
            self._room -= words.nbytes
            if self._room >= 0:
                self._held[clause.key] = words
        return words


class Block:
    """Some neighbouring slots, or a selection of slots. Nothing is kept of what is read: an expression may read very much.

    Parameters
    ----------
    sources : Sources
        Where to read.
    slots : slice or array of int
        Which slots; a slice begins with a multiple of 8.
    """

    __slots__ = ("_slots", "_sources")

    def __init__(self, sources: Sources, slots: slice | Slots) -> None:
        self._sources = sources
        self._slots = slots

    def numbers(self, need: Need) -> Doubles:
        """Return the numbers of an attribute, not to be changed."""
        view = self._sources.view(need)
        array: Array = view.array[self._slots]
        return Doubles(
            array.astype(np.float64, copy=False), None if view.present is None else self._unpacked(view.present)
        )

    def verdicts(self, clause: AttributeClause) -> Flags:
        """Return the verdicts of a clause, in an array of its own."""
        return self._unpacked(self._sources.verdicts(clause))

    def _unpacked(self, words: Words) -> Flags:
        slots = self._slots
        if not isinstance(slots, slice):
            return at(words, slots)
        octets = words.view(np.uint8)[slots.start >> 3 : (slots.stop + 7) >> 3]
        return np.unpackbits(octets, count=slots.stop - slots.start, bitorder="little").view(np.bool_)
