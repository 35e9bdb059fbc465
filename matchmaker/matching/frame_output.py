"""Rankings as data frames: a column of keys and one of scores, made by the library that is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np

from matchmaker.errors import MatchmakerError, PoolError

BACKENDS = ("pandas", "polars", "pyarrow")
"""The libraries that frames are made with."""

_TYPES: dict[type, Any] = {str: nw.String, int: nw.Int64, float: nw.Float64, bool: nw.Boolean}
"""The columns of keys when there are none: Python's type to the frame's."""


class BackendMissing(MatchmakerError, ImportError):
    """The library that a frame is to be made with is not installed."""


def key_score_frame(keys: Any, scores: Any, backend: Any, *, doubles: bool = False, example: object = None) -> Any:
    """Make a frame of keys and scores.

    Parameters
    ----------
    keys : sequence or array
        The keys, in order; arrays are not gone through one by one.
    scores : sequence or array of int, or None
        The scores in the same order, each of 32 bits; None when all are 0.
    doubles : bool
        Whether the scores are doubles instead, NaN where there is none; in the frame that is a null.
    backend : {"pandas", "polars", "pyarrow"}
        The library to make the frame with; also its module, or what else Narwhals knows it by.
    example : object
        A key that tells the column's type when there are no keys.

    Returns
    -------
    pandas.DataFrame, polars.DataFrame or pyarrow.Table
        The frame, with the columns `key` and `score`.

    Raises
    ------
    ValueError
        If no library has that name.
    BackendMissing
        If the library is not installed.
    PoolError
        If it has no type for the keys.
    """
    implementation: Any = _implementation(backend)
    numbers: Any = (
        np.zeros(len(keys), np.int32) if scores is None else np.asarray(scores, np.float64 if doubles else np.int32)
    )
    schema = None
    if not len(keys):
        kind = nw.Int64 if isinstance(keys, np.ndarray) else _TYPES.get(type(example), nw.String)
        keys, schema = [], {"key": kind, "score": nw.Float64 if doubles else nw.Int32}
    try:
        frame = nw.from_dict({"key": keys, "score": numbers}, schema, backend=implementation)
    except ImportError:
        name = implementation.value
        raise BackendMissing(f"a frame of `{name}` needs that library: pip install {name}") from None
    except Exception as error:  # each library has its own for values that do not go together
        raise PoolError(f"the keys do not make a column of `{implementation.value}`: {error}") from None
    if doubles:
        frame = frame.with_columns(nw.col("score").fill_nan(None))
    return frame.to_native()


def taken_keys(keys: Sequence[Any], slots: Sequence[int]) -> Any:
    """Return the keys of some slots, as an array where they are the slots' positions."""
    if isinstance(keys, range):
        return np.asarray(slots, np.int64) * keys.step + keys.start
    return list(map(keys.__getitem__, slots))


def _implementation(backend: Any) -> nw.Implementation:
    """Return what Narwhals calls a library."""
    with suppress(Exception):  # whatever it says about a backend that is none
        found = nw.Implementation.from_backend(backend)
        if found.value in (*BACKENDS, "modin", "cudf"):
            return found
    names = ", ".join(map(repr, BACKENDS))
    raise ValueError(f"a frame is made by one of {names}, not by {backend!r}")
