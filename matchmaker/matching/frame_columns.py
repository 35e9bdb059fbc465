"""Views made of a frame's columns, without a Python object per row where the type allows.

Whole numbers and decimals are numpy arrays already. Of texts, of everything that is read as text, and of categories only the
distinct values become Python objects: these are read as any values are, and the rows get what their code leads to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt

from matchmaker.attributes.lookup import steps_of
from matchmaker.attributes.numbers import INT32_MAX, INT32_MIN
from matchmaker.attributes.values import texts
from matchmaker.engine.bitmaps import Array, pack, unpacked
from matchmaker.engine.building import Numbers, build, decimals, settled, whole
from matchmaker.engine.columns import LIMITS, Need, View
from matchmaker.matching.frames import Column, python_values

if TYPE_CHECKING:
    from matchmaker.matching.frames import FrameRows

_RUN = 65_536
"""How many values are Python objects at a time, where they have to be."""
_SPAN = 1 << 20
"""So far apart whole numbers may be to be told apart by a table instead of by sorting."""

Flags = npt.NDArray[np.bool_]


class Distinct(NamedTuple):
    """Distinct values of a column, or what they are as texts.

    Attributes
    ----------
    values : list
        The values; of which some may be the same, or None.
    codes : array of int, shape (rows,)
        Of each row the place of its value and one, 0 where it is missing.
    ordered : bool
        Whether the values are texts, in ascending order and each there once.
    """

    values: list[Any]
    codes: Array
    ordered: bool = False


def views(rows: FrameRows, needs: Iterable[Need]) -> dict[Need, View]:
    """Build views from the columns of a frame.

    Parameters
    ----------
    rows : FrameRows
        The frame.
    needs : iterable of Need
        Which views.

    Returns
    -------
    dict of Need to View
        Those views that need no row: what leads through nested values is left out.
    """
    by_name: dict[str, list[Need]] = {}
    for need in needs:
        by_name.setdefault(need.name, []).append(need)
    built: dict[Need, View] = {}
    for name, wanted in by_name.items():
        steps = steps_of(name)
        if steps is not None and steps[0] in rows.columns and not _is_flat(rows.columns[steps[0]]):
            continue
        column = rows.columns.get(name)
        built |= _missing_views(rows, wanted) if column is None else _column_views(rows, column, wanted)
    return built


def _missing_views(rows: FrameRows, needs: Sequence[Need]) -> dict[Need, View]:
    """Build views of a column that is not there; changes may bring values, even several for a row."""
    missing = Distinct([], np.zeros(len(rows), np.intp))
    several = [need for need in needs if need.several]
    nothing = ({need.name: [None] * len(rows)} for need in several[:1])
    return build(several, nothing) | {need: _spread(need, missing) for need in needs if not need.several}


def _is_flat(column: Column) -> bool:
    """Tell whether no cell can hold other cells."""
    dtype = column.dtype
    return (dtype.is_numeric() or dtype.is_temporal() or dtype in (nw.Boolean, nw.String)) and not _is_object(column)


def _column_views(rows: FrameRows, column: Column, needs: Sequence[Need]) -> dict[Need, View]:
    dtype = column.dtype
    built: dict[Need, View] = {}
    distinct: Distinct | None = None
    for need in needs:
        view = None
        if not need.several:
            if need.reading == "presence" and (dtype.is_integer() or dtype.is_float()):
                view = _presence(column)
            elif dtype.is_integer() and need.reading != "texts":
                view = _whole_numbers(column, need)
            elif dtype.is_float() and need.reading != "texts":
                view = _decimals(column, need)
            else:
                distinct = distinct or _distinct(column)
                view = None if distinct is None else _spread(need, distinct)
        if view is not None and not view.refused:
            built[need] = view
    others = [need for need in needs if need not in built]
    if others:
        built |= build(others, _runs(rows, column.name))
    return built


def _runs(rows: FrameRows, name: str) -> Iterator[Mapping[str, list[Any]]]:
    for start in range(0, len(rows), _RUN):
        yield {name: rows.values(name, start, min(start + _RUN, len(rows)))}


def _presence(column: Column) -> View | None:
    """Build a view of where a column of numbers has any; NaN, which in pandas stands for a missing value, is one in others."""
    absent = column.is_null().to_numpy().astype(np.bool_)
    if column.dtype.is_float() and column.implementation.is_pandas_like():
        numbers = column.to_numpy()
        if numbers.dtype.kind != "f":
            return None
        absent |= np.isnan(numbers)
    return View((~absent).view(np.uint8), pack(~absent))


def _whole_numbers(column: Column, need: Need) -> View | None:
    read = _integers(column)
    if read is None:
        return None
    numbers, present = read
    if present is None and numbers.dtype in LIMITS and numbers.flags.c_contiguous:
        # Narrower types would be quicker to compare, but these numbers need neither time nor memory.
        return View(numbers, pure=True, lent=not numbers.flags.owndata)
    lowest, highest = (int(numbers.min()), int(numbers.max())) if len(numbers) else (0, 0)
    array, words = settled(whole(numbers, present, need), need.reading)
    return View(array, words, pure=lowest >= INT32_MIN and highest <= INT32_MAX)


def _integers(column: Column) -> Numbers | None:
    """Return a column of whole numbers; None when its library does not give them as an array."""
    present = None
    if column.null_count():
        present = ~column.is_null().to_numpy().astype(np.bool_)
        column = column.fill_null(0)
    try:
        numbers = column.to_numpy()
    except Exception:  # Polars has integers of 128 bits, numpy has not
        return None
    return Numbers(numbers, present) if numbers.dtype.kind in "iu" else None


def _decimals(column: Column, need: Need) -> View | None:
    numbers = column.to_numpy()  # with NaN for null, which is no number either
    if numbers.dtype.kind != "f" or numbers.dtype.itemsize > 8:
        return None
    if need.reading == "doubles" or (need.reading == "floats" and numbers.dtype == np.float32):
        # Doubles stand for themselves, and the shortest decimal of a double that is a float32 is read as that float32.
        if numbers.dtype.itemsize < 4:
            numbers = numbers.astype(np.float32)
        finite = np.isfinite(numbers)
        if finite.all() and numbers.flags.c_contiguous:
            return View(numbers, lent=not numbers.flags.owndata)
        return View(np.where(finite, numbers, numbers.dtype.type(0)), None if finite.all() else pack(finite))
    parts = [decimals(numbers[start : start + _RUN].astype(np.float64), need) for start in range(0, len(numbers), _RUN)]
    # What floats are read as is a float32, held in a double.
    held = np.float32 if need.reading == "floats" else np.float64
    arrays = [part.array.astype(held) for part in parts]
    flags = [part.present for part in parts if part.present is not None]
    array, words = settled(
        Numbers(np.concatenate(arrays), np.concatenate(flags)) if parts else Numbers(np.zeros(0), None)
    )
    return View(array, words)


def _distinct(column: Column) -> Distinct | None:
    """Return the distinct values; None when they are found sooner by looking at all."""
    dtype = column.dtype
    if dtype.is_integer():
        integers = _integers(column)
        return None if integers is None else _distinct_integers(*integers)
    if dtype.is_float():
        return _distinct_decimals(column)
    if dtype == nw.Boolean and not _is_object(column):
        truths = column.fill_null(False).to_numpy().astype(np.uint8)
        return Distinct([False, True], np.where(column.is_null().to_numpy(), 0, truths + np.uint8(1)))
    if dtype in (nw.String, nw.Categorical, nw.Enum):
        try:
            return _distinct_texts(column)
        except Exception:  # what its library cannot do with a type can be done one by one
            return None
    return None


def _distinct_integers(numbers: Array, present: Flags | None) -> Distinct:
    lowest, highest = (int(numbers.min()), int(numbers.max())) if len(numbers) else (0, 0)
    if highest - lowest < _SPAN and numbers.dtype != np.uint64:
        offsets = numbers.astype(np.int64) - lowest
        seen = np.zeros(highest - lowest + 1, np.intp)
        seen[offsets] = 1
        uniques = np.flatnonzero(seen) + lowest
        codes = seen.cumsum().take(offsets)
    else:
        uniques, codes = np.unique(numbers, return_inverse=True)
        codes = codes + 1
    values = list(map(str, uniques.tolist()))
    return Distinct(values, codes if present is None else np.where(present, codes, 0))


def _distinct_decimals(column: Column) -> Distinct | None:
    numbers = column.to_numpy()
    if numbers.dtype.kind != "f" or numbers.dtype.itemsize > 8:
        return None
    # By their bits: 0.0 and -0.0 are different texts, and NaN is one as well.
    uniques, codes = np.unique(numbers.astype(np.float64).view(np.int64), return_inverse=True)
    values: list[str | None] = list(texts(uniques.view(np.float64).tolist(), column.name))
    if column.implementation.is_pandas_like():
        values = [None if value == "nan" else value for value in values]
    if not column.null_count():
        return Distinct(values, codes + 1)
    return Distinct(values, np.where(column.is_null().to_numpy(), 0, codes + 1))


def _distinct_texts(column: Column) -> Distinct | None:
    """Return the distinct texts or categories, found by the column's own library."""
    implementation, native = column.implementation, column.to_native()
    if implementation.is_polars():
        polars = implementation.to_native_namespace()
        strings = native.cast(polars.String)
        uniques = strings.drop_nulls().unique().sort()  # by their bytes, which is the order of Python's texts
        codes = strings.cast(polars.Enum(uniques)).to_physical().cast(polars.UInt32) + 1
        return Distinct(uniques.to_list(), codes.fill_null(0).to_numpy(), ordered=True)
    if implementation.is_pyarrow():
        if column.dtype == nw.String:
            native = native.dictionary_encode()
        encoded = native.unify_dictionaries().combine_chunks()
        if hasattr(encoded, "chunks"):  # of no rows, it is still in chunks
            return None
        codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False) + np.int64(1)
        uniques = encoded.dictionary
        if column.dtype != nw.String:
            return Distinct(python_values(_series(uniques, column)), codes)
        order = implementation.to_native_namespace().compute.array_sort_indices(uniques)
        return _ordered(uniques.take(order).to_pylist(), codes, order.to_numpy())
    if not implementation.is_pandas() or _is_object(column):
        return None
    if column.dtype == nw.String:
        codes, uniques = native.factorize()
        strings = uniques.tolist()
        order = sorted(range(len(strings)), key=strings.__getitem__)
        return _ordered([strings[place] for place in order], codes + 1, np.array(order, np.int64))
    codes, uniques = native.cat.codes.to_numpy(), native.cat.categories
    return Distinct(python_values(_series(uniques.to_series(), column)), codes.astype(np.int64) + 1)


def _ordered(strings: list[str], codes: Array, order: Array) -> Distinct:
    """Return texts in order, with the codes that they had before."""
    places = np.zeros(len(strings) + 1, np.uint32)
    places[order.astype(np.int64) + 1] = np.arange(1, len(strings) + 1)
    return Distinct(strings, places.take(codes), ordered=True)


def _series(native: Any, like: Column) -> Column:
    """Wrap a native array."""
    if like.implementation.is_pyarrow():
        native = like.implementation.to_native_namespace().chunked_array([native])
    return nw.from_native(native, series_only=True)


def _is_object(column: Column) -> bool:
    """Tell whether the cells are Python objects, of any types."""
    return column.implementation.is_pandas_like() and str(column.to_native().dtype) == "object"


def _spread(need: Need, distinct: Distinct) -> View:
    """Build a view of the distinct values, and give each row what its code leads to."""
    if distinct.ordered and need.reading == "texts":
        top = len(distinct.values)
        kind = np.uint8 if top < 256 else np.uint16 if top < 65_536 else np.uint32
        return View(distinct.codes.astype(kind), texts=distinct.values)
    (view,) = build([need], [{need.name: [None, *distinct.values]}]).values()
    array = view.array.take(distinct.codes)
    present = None
    if view.texts is None and view.present is not None:
        there = unpacked(view.present, len(view.array)).take(distinct.codes)
        present = None if there.all() else pack(there)
    return replace(view, array=array, present=present)
