"""The rows of a data frame as candidates: mappings that read a cell when they are asked for it.

Narwhals reads pandas, Polars and PyArrow alike. What a cell stands for is decided here, in one place, so that closures, which
read rows, and the columnar engine, which reads columns, find the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from operator import index
from typing import Any

import narwhals
import narwhals.stable.v2 as nw
import numpy as np

from matchmaker.attributes.lookup import IDENTIFIER, MAPPING
from matchmaker.engine.columns import Need, View
from matchmaker.errors import PoolError
from matchmaker.matching.keys import key_of
from matchmaker.matching.rows import ColumnRows

Column = nw.Series[Any]

_RUN = 1_024
"""How many rows that are read one after the other share what they read."""
_DEEPEST = 8
"""How far down the values of lists and structs are converted."""
_MOST_DIGITS = 1_000
_PLAIN: set[type] = {str, int, bool, type(None)}


class Unreadable:
    """Stands for a cell that the frame's library cannot make a Python object of; to read it is an error."""

    def __repr__(self) -> str:
        return "<unreadable>"


class FrameRows(ColumnRows):
    """The rows of a frame.

    Parameters
    ----------
    frame : nw.DataFrame
        The frame; its columns are not copied.

    Attributes
    ----------
    columns : dict of str to Column
        Its columns by name.
    """

    __slots__ = ("_frame", "_length", "columns")

    def __init__(self, frame: nw.DataFrame[Any]) -> None:
        self._frame = frame
        self._length = len(frame)
        self.columns: dict[str, Column] = {name: frame.get_column(name) for name in frame.columns}

    def __reduce__(self) -> tuple[Any, ...]:
        return _load_rows, (self._frame.to_native(),)

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, slot: Any) -> Any:
        if isinstance(slot, slice):
            numbers = range(*slot.indices(self._length))
            if numbers.step == 1:
                return list(self._run(numbers.start, max(numbers.start, numbers.stop)))
            return [self[number] for number in numbers]
        number = index(slot)  # not one of numpy's, which the libraries do not take
        number += self._length if number < 0 else 0
        if not 0 <= number < self._length:
            raise IndexError("row index out of range")
        return Row(Block(self.columns, number, number + 1), 0)

    def __iter__(self) -> Iterator[Row]:
        return self._run(0, self._length)

    def _run(self, start: int, stop: int) -> Iterator[Row]:
        for begin in range(start, stop, _RUN):
            end = min(begin + _RUN, stop)
            block = Block(self.columns, begin, end)
            yield from (Row(block, place) for place in range(end - begin))

    def picked(self, slots: Iterable[int]) -> list[Row]:
        """Return the rows of some slots in ascending order; neighbours share what they read."""
        blocks: dict[int, Block] = {}
        rows = []
        for slot in slots:
            number = slot // _RUN
            block = blocks.get(number)
            if block is None:
                start = number * _RUN
                block = blocks[number] = Block(self.columns, start, min(start + _RUN, self._length))
            rows.append(Row(block, slot - block.start))
        return rows

    def values(self, name: str, start: int, stop: int) -> list[Any]:
        """Return the values of a column, in some rows.

        Raises
        ------
        KeyError
            If there is no such column.
        """
        column = self.columns[name]
        return python_values(column if stop - start == self._length else column[start:stop])

    def taken(self, slots: Sequence[int]) -> FrameRows:
        """Return some of the rows, in this order."""
        return FrameRows(self._frame[np.asarray(slots, np.int64), :])

    def views(self, needs: Iterable[Need]) -> dict[Need, View]:
        """Build views from the columns; those that have to be read row by row are left out."""
        from matchmaker.matching.frame_columns import views

        return views(self, needs)


class Block:
    """Some neighbouring rows, whose values are read a column at a time when one of them is asked for."""

    __slots__ = ("columns", "read", "start", "stop")

    def __init__(self, columns: Mapping[str, Column | None], start: int, stop: int) -> None:
        self.columns = columns
        self.start = start
        self.stop = stop
        self.read: dict[str, list[Any]] = {}

    def values(self, name: str) -> list[Any]:
        """Return the values of a column; a `KeyError` if there is no such column."""
        values = self.read.get(name)
        if values is None:
            column = self.columns[name]
            assert column is not None
            values = self.read[name] = python_values(column[self.start : self.stop])
        return values


class Row(Mapping[str, Any]):
    """A row of a frame, read-only: columns by name, None where nothing is. It pickles as its values."""

    __slots__ = ("_block", "_place")

    def __init__(self, block: Block, place: int) -> None:
        self._block = block
        self._place = place

    def __reduce__(self) -> tuple[Any, ...]:
        return _load_row, (dict(self),)

    def __getitem__(self, name: str) -> Any:
        return self._block.values(name)[self._place]

    def __iter__(self) -> Iterator[str]:
        return iter(self._block.columns)

    def __len__(self) -> int:
        return len(self._block.columns)

    def __contains__(self, name: object) -> bool:
        return name in self._block.columns

    def __repr__(self) -> str:
        return f"Row({dict(self)})"


def _load_rows(native: Any) -> FrameRows:
    return FrameRows(nw.from_native(native, eager_only=True))


def _load_row(values: dict[str, Any]) -> Row:
    block = Block(dict.fromkeys(values), 0, 1)
    block.read = {name: [value] for name, value in values.items()}
    return Row(block, 0)


def rows_of(frame: Any) -> FrameRows:
    """Return the rows of a frame.

    Parameters
    ----------
    frame : pandas.DataFrame, polars.DataFrame, pyarrow.Table or another eager frame that Narwhals knows
        The frame.

    Raises
    ------
    PoolError
        If it is no such frame, or its columns have no names of their own.
    """
    try:
        read = nw.from_native(narwhals.to_native(frame, pass_through=True), pass_through=True)
    except narwhals.exceptions.DuplicateError:
        raise PoolError("two columns of the frame have one name: an attribute is found by its name") from None
    except Exception as error:  # whatever a library says about an object of its own
        raise PoolError(f"a value of type `{type(frame).__name__}` cannot be read as a frame: {error}") from None
    if isinstance(read, nw.LazyFrame):
        raise PoolError(f"a `{type(frame).__name__}` has no rows yet: collect it first, and give what that returns")
    if not isinstance(read, nw.DataFrame):
        raise PoolError(
            f"a value of type `{type(frame).__name__}` is no frame: "
            "use a DataFrame of pandas or Polars, or a Table of PyArrow"
        )
    for name in read.columns:
        if type(name) is not str:
            raise PoolError(f"a column's name is a str, not a value of type `{type(name).__name__}`")
    if (
        read.implementation.is_pandas()
    ):  # whose frames can change: this one shares the data, but not the list of columns
        read = nw.from_native(read.to_native().copy(deep=False), eager_only=True)
    return FrameRows(read)


def keys_of(rows: FrameRows, key: str | Callable[[Any], Any] | None) -> Sequence[Any]:
    """Return the keys of all rows: the positions, the values of a column, or what a function returns.

    Raises
    ------
    PoolError
        If one is missing.
    """
    if key is None:
        return range(len(rows))
    if isinstance(key, str) and key in rows.columns:
        values = rows.values(key, 0, len(rows))
        missing = next((position for position, value in enumerate(values) if value is None), None)
        if missing is None:
            return values
        if IDENTIFIER.fullmatch(key):
            raise PoolError(f"the candidate at position {missing} has no key: `{key}` is missing")
    return [key_of(row, key, MAPPING, position) for position, row in enumerate(rows)]


def python_values(column: Column) -> list[Any]:
    """Return a column's values as candidates have them: None for a null, and of pandas, where NaN is a null, for NaN."""
    try:
        values = column.to_list()
    except Exception:  # dates that Python does not have, texts that are not UTF-8: the other cells can be read
        values = [_cell(column, place) for place in range(len(column))]
    kinds = set(map(type, values))
    if kinds <= _PLAIN:
        return values
    is_null = column.implementation.is_pandas_like()
    if kinds <= _PLAIN | {float}:
        return [None if value != value else value for value in values] if is_null else values
    return [_converted(value, is_null, _DEEPEST) for value in values]


def _cell(column: Column, place: int) -> Any:
    try:
        return column[place : place + 1].to_list()[0]
    except Exception:
        return Unreadable()


def _converted(value: Any, nan_is_null: bool, depth: int) -> Any:
    """Return what a cell stands for: numpy's numbers as Python's, decimals as texts; of other types the object itself.

    Parameters
    ----------
    value : object
        The cell.
    nan_is_null : bool
        Whether NaN, as in pandas, stands for a missing value.
    depth : int
        How far down to go.
    """
    kind = type(value)
    if kind in _PLAIN:
        return value
    if isinstance(value, float | np.floating) and kind is not np.longdouble:
        number = float(value)
        return None if nan_is_null and number != number else number
    if isinstance(value, np.integer) and kind is not np.timedelta64:
        return int(value)
    if isinstance(value, np.bool_):
        return bool(value)
    if isinstance(value, Decimal):
        if nan_is_null and value.is_nan():
            return None
        # A text, which keeps all digits; one that would be out of all proportion stands for nothing.
        return format(value, "f") if not value.is_finite() or abs(value.adjusted()) < _MOST_DIGITS else value
    if isinstance(value, np.ndarray) and depth:
        value = value.tolist()
        kind = list
    if kind is list and depth:
        return [_converted(element, nan_is_null, depth - 1) for element in value]
    if kind is dict and depth:
        return {name: _converted(element, nan_is_null, depth - 1) for name, element in value.items()}
    if kind.__name__ in ("NAType", "NaTType") and kind.__module__.startswith("pandas."):
        return None
    return value
