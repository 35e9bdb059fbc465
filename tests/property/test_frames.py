"""A pool made of a frame answers as one made of dicts with the same values would, on every engine and with every library."""

from __future__ import annotations

import math
import pickle
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple, get_args

import narwhals as nw
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from matchmaker import CandidateError, Pool, Rank, Ranking, Requirement, match
from matchmaker.matching.choosing import Engine
from matchmaker.testing import ranks, requirements

NAMES = ("A", "B", "C")
ENGINES: tuple[Engine, ...] = get_args(Engine)
BORDERS = sorted(
    {
        sign * 2**power + step
        for power in (0, 7, 8, 15, 16, 24, 25, 31, 32, 53, 63, 64)
        for sign in (-1, 1)
        for step in (-1, 0, 1)
    }
)
FLOATS = (
    *(0.0, -0.0, 1.0, 2.5, -3.0, 1e-7, 1e22, 1e-50, 3.4028235e38, 3.4028236e38, 1e300, 2147483647.0, 2147483648.0),
    *(
        -2147483648.5,
        -2147483649.0,
        16777217.0,
        16777219.0,
        5e-324,
        1.401298464324817e-45,
        math.inf,
        -math.inf,
        math.nan,
    ),
    *(1.00000005960464477539, 1.0000001788139343, 0.1, 8.5, 7.038531e-26),
)
SINGLES = tuple(float(np.float32(number)) for number in FLOATS if not 3.4028235e38 < abs(number) < math.inf)
TEXTS = ("", "kvm", "xen", "7", "8 cores", "é", "日本", "\U0001f600", "\uffff", "nan", "YES", "2.50", "-0", "1e3")


class Kind(NamedTuple):
    """A type of columns: what PyArrow calls it, and its values."""

    type: pa.DataType
    values: st.SearchStrategy[Any]


def whole(name: str) -> Kind:
    lowest, highest = int(np.iinfo(name).min), int(np.iinfo(name).max)
    borders = [number for number in BORDERS if lowest <= number <= highest]
    return Kind(getattr(pa, name)(), st.sampled_from(borders) | st.integers(0, 9))


KINDS = {
    **{name: whole(name) for name in ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")},
    "float64": Kind(pa.float64(), st.sampled_from(FLOATS) | st.floats()),
    "float32": Kind(pa.float32(), st.sampled_from(SINGLES) | st.floats(width=32)),
    "bool": Kind(pa.bool_(), st.booleans()),
    "string": Kind(pa.string(), st.sampled_from(TEXTS) | st.text(st.characters(exclude_categories=["Cs"]), max_size=3)),
    "large_string": Kind(pa.large_string(), st.sampled_from(TEXTS)),
    "category": Kind(pa.dictionary(pa.int8(), pa.string()), st.sampled_from(TEXTS)),
    "integers": Kind(pa.list_(pa.int64()), st.lists(st.none() | st.integers(0, 9), max_size=3)),
    "texts": Kind(pa.list_(pa.string()), st.lists(st.none() | st.sampled_from(TEXTS), max_size=3)),
    "null": Kind(pa.null(), st.none()),
    "decimal": Kind(pa.decimal128(8, 2), st.sampled_from([Decimal("2.50"), Decimal("7.00"), Decimal("-0.01")])),
    "date": Kind(pa.date32(), st.just(date(2026, 1, 2))),
    "struct": Kind(pa.struct({"B": pa.int64()}), st.fixed_dictionaries({"B": st.none() | st.integers(0, 9)})),
}


class Column(NamedTuple):
    """A column of some kind."""

    kind: str
    values: list[Any]

    def arrow(self) -> pa.Array:
        return pa.array(self.values, KINDS[self.kind].type)


Columns = dict[str, Column]


@st.composite
def frames(draw: Callable[[Any], Any]) -> Columns:
    length = draw(st.integers(0, 7))
    drawn = {}
    for name in draw(st.lists(st.sampled_from(NAMES), unique=True)):
        kind = draw(st.sampled_from(sorted(KINDS)))
        values = KINDS[kind].values if draw(st.booleans()) else st.none() | KINDS[kind].values
        drawn[name] = Column(kind, draw(st.lists(values, min_size=length, max_size=length)))
    return drawn


def length_of(columns: Columns) -> int:
    return max((len(column.values) for column in columns.values()), default=0)


def to_pyarrow(columns: Columns) -> pa.Table:
    table = pa.table({name: column.arrow() for name, column in columns.items()})
    half = len(table) // 2
    return pa.concat_tables([table[:half], table[half:]]) if half else table


def to_polars(columns: Columns) -> pl.DataFrame:
    return pl.DataFrame({name: pl.from_arrow(column.arrow()) for name, column in columns.items()})


def to_pandas(columns: Columns) -> pd.DataFrame:
    """Make each column of the type that pandas has for it, as far as that holds the same values."""
    return pd.DataFrame({name: _series(column) for name, column in columns.items()})


def _series(column: Column) -> Any:
    kind, values = column
    if "int" in kind and kind != "integers":
        missing = None in values
        return pd.Series(values, dtype=kind.replace("i", "I").replace("uI", "UI") if missing else kind)
    if kind.startswith("float"):
        return pd.Series([math.nan if value is None else value for value in values], dtype=kind)
    if kind == "bool":
        return pd.Series(values, dtype="boolean" if None in values else "bool")
    if kind in ("string", "large_string"):
        return pd.Series(values, dtype="str" if kind == "string" else "string")
    if kind == "category":
        return pd.Categorical(values, categories=sorted({value for value in values if value is not None}))
    series = pd.Series([None] * len(values), dtype=object)
    for place, value in enumerate(values):
        series.iat[place] = value
    return series


def to_pandas_on_arrow(columns: Columns) -> pd.DataFrame:
    return to_pyarrow(columns).to_pandas(types_mapper=pd.ArrowDtype)


LIBRARIES: dict[str, Callable[[Columns], Any]] = {
    "pandas": to_pandas,
    "pandas on arrow": to_pandas_on_arrow,
    "polars": to_polars,
    "pyarrow": to_pyarrow,
}


def stands_for(value: Any, library: str) -> Any:
    """Return what a cell is on a candidate."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, float) and value != value and library.startswith("pandas"):
        return None
    return value


def dicts(columns: Columns, library: str) -> list[dict[str, Any]]:
    return [
        {name: stands_for(column.values[place], library) for name, column in columns.items()}
        for place in range(length_of(columns))
    ]


def answer(ask: Callable[[], Ranking]) -> Any:
    """Return all that a ranking says, or all that the error says."""
    try:
        ranking = ask()
        return [(found.key, found.score) for found in ranking], ranking.considered, ranking.rejected
    except CandidateError as error:
        return error.key, error.attribute, error.message


wishes = st.one_of(
    st.tuples(
        st.sampled_from(
            (
                *("A > 3", "A = 7", "A != 7", "A = 2147483647", "A < 0", "A > 2.5", "A = 16777216.0", "A != 0.0"),
                *('A = "*"', 'A = "-*"', 'A = "nan"', 'A != "k*"', "A = YES", 'A = "*.0"', "A @> 7", 'A @> "k*"'),
                *('A = "[!0-9]*"', '"A/B" > 3', '"A/B" = "*"', '!("A/B" @> 7)', "A > 3 & B < 8 | C = kvm"),
            )
        ),
        st.sampled_from((None, "A", "A * 2 + B", "- A")),
    ),
    st.tuples(st.none() | requirements(names=NAMES, max_depth=2), st.none() | ranks(names=NAMES, max_depth=2)),
)
changes = st.lists(
    st.tuples(
        st.sampled_from(("update", "update", "add", "remove")),
        st.integers(0, 8),
        st.dictionaries(
            st.sampled_from(NAMES), st.sampled_from((None, 5, 300, -1, 2.5, -0.0, "kvm", "new", True, [7, "kvm"]))
        ),
    ),
    max_size=4,
)


def agree(pool: Pool, plain: Pool, wish: tuple[Any, Any]) -> None:
    wanted = answer(lambda: match(plain, *wish, engine="closures"))
    for engine in (None, *ENGINES, "columnar"):
        assert answer(lambda: match(pool, *wish, engine=engine)) == wanted, engine  # noqa: B023  called at once
    if isinstance(wanted[0], list):
        for made in ("pandas", "polars", "pyarrow"):
            frame = nw.from_native(match(pool, *wish).to_frame(made), eager_only=True)
            assert frame.rows() == wanted[0]
            assert not wanted[0] or frame.schema == {"key": nw.Int64, "score": nw.Int32}


@pytest.mark.parametrize("library", LIBRARIES)
@given(columns=frames(), wish=wishes)
@example(columns={}, wish=("A = 1", "A"))
@example(columns={"A": Column("uint64", [2**64 - 1, 2**63, 2**24 + 1, None])}, wish=("A > 0.5", "A / 100000000000"))
@example(columns={"A": Column("float64", [math.nan, None, -0.0, 0.0])}, wish=('A = "*"', None))
@example(columns={"A": Column("float64", [math.nan, None, -0.0, 0.0])}, wish=('A = "-0.0"', "A"))
@example(columns={"A": Column("float32", [math.inf, 1.0, None])}, wish=("A > 0.5", "A"))
@example(columns={"A": Column("struct", [{"B": 5}, None])}, wish=('"A/B" > 3', None))
@example(columns={"A": Column("date", [None, date(2026, 1, 2)])}, wish=("A = 1", None))
@example(columns={"A": Column("int64", [None, None])}, wish=("A = 0", "A"))
def test_a_frame_is_matched_like_its_rows(library: str, columns: Columns, wish: tuple[Any, Any]) -> None:
    rows = dicts(columns, library)
    pool = Pool.from_frame(LIBRARIES[library](columns))
    assert [repr(dict(row)) for row in pool] == list(map(repr, rows))
    assert [repr(dict(pool[key])) for key in pool.keys] == list(map(repr, rows))
    agree(pool, Pool(rows), wish)
    agree(pickle.loads(pickle.dumps(pool)), Pool(rows), wish)


@pytest.mark.parametrize("library", LIBRARIES)
@given(columns=frames(), several=st.lists(st.tuples(changes, wishes), min_size=1, max_size=3))
@example(columns={"B": Column("bool", [None])}, several=[([("update", 0, {"A": [7, "kvm"]})], ("A @> 7", None))])
@example(columns={"A": Column("int8", [1])}, several=[([("update", 0, {"A": [7, "kvm"]})], ("A @> 7", "A"))])
def test_a_frame_is_changed_like_its_rows(
    library: str, columns: Columns, several: list[tuple[list[Any], tuple[Any, Any]]]
) -> None:
    pool, plain = Pool.from_frame(LIBRARIES[library](columns)), Pool(dicts(columns, library))
    for drawn, wish in several:
        for verb, key, attributes in drawn:
            if (verb == "add") == (key in plain):
                continue
            for each in (pool, plain):
                each.apply([(verb, key, attributes)])
        assert list(pool.keys) == list(plain.keys)
        agree(pool, plain, wish)
        agree(pickle.loads(pickle.dumps(pool)), plain, wish)


@given(frames(), wishes)
def test_requirements_and_ranks_read_rows(columns: Columns, wish: tuple[Any, Any]) -> None:
    requirement, rank = (
        Requirement(wish[0] or "") if not isinstance(wish[0], Requirement) else wish[0],
        Rank(wish[1] or "") if not isinstance(wish[1], Rank) else wish[1],
    )
    for row, plain in zip(Pool.from_frame(to_polars(columns)), dicts(columns, "polars"), strict=True):
        assert isinstance(row, Mapping)
        for ask in (requirement.matches, rank.score):
            try:
                wanted: Any = ask(plain)
            except CandidateError as error:
                wanted = error.message
            try:
                found: Any = ask(row)
            except CandidateError as error:
                found = error.message
            assert found == wanted
