"""Pools made of data frames, and rankings as data frames, with each library."""

from __future__ import annotations

import copy
import math
import pickle
import sys
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.compute
import pytest

from matchmaker import CandidateError, ExtraMissing, MatchmakerError, Pool, PoolError, Rank, Ranking, match, match_many
from matchmaker.attributes.lookup import MAPPING
from matchmaker.engine.columns import Need
from matchmaker.matching import frame_output
from matchmaker.matching.frame_output import key_score_frame
from matchmaker.matching.frames import FrameRows, Row
from matchmaker.matching.selection import table_of

LIBRARIES: dict[str, Any] = {"pandas": pd.DataFrame, "polars": pl.DataFrame, "pyarrow": pa.table}
HOSTS = {"NAME": ["a", "b", "c"], "ID": [3, 1, 2], "CPU": [400.5, 40.0, 800.0], "GPU": [True, False, True]}

each_library = pytest.mark.parametrize("library", LIBRARIES)


def made(library: str, columns: Mapping[str, Any] = HOSTS) -> Any:
    return LIBRARIES[library](dict(columns))


def columns_of(frame: Any) -> dict[str, list[Any]]:
    return nw.from_native(frame, eager_only=True).to_dict(as_series=False)


def keys(ranking: Ranking) -> list[Any]:
    return [found.key for found in ranking]


@each_library
def test_rows_are_read_only_mappings(library: str) -> None:
    pool = Pool.from_frame(made(library), key="NAME")
    assert (len(pool), list(pool.keys), pool.kind, pool.version) == (3, ["a", "b", "c"], MAPPING, 0)
    row = match(pool, "CPU > 500")[0].candidate
    assert isinstance(row, Row)
    assert isinstance(row, Mapping)
    assert row == pool["c"] == {"NAME": "c", "ID": 2, "CPU": 800.0, "GPU": True}
    assert [type(value) for value in row.values()] == [str, int, float, bool]
    assert (list(row), len(row), "CPU" in row, "RAM" in row, row.get("RAM")) == ([*HOSTS], 4, True, False, None)
    with pytest.raises(KeyError):
        row["RAM"]
    with pytest.raises(TypeError):
        row["CPU"] = 5  # type: ignore[index]
    with pytest.raises(TypeError):
        hash(row)
    assert repr(row) == "Row({'NAME': 'c', 'ID': 2, 'CPU': 800.0, 'GPU': True})"
    for made_again in (pickle.loads(pickle.dumps(row)), copy.copy(row), copy.deepcopy(row)):
        assert (type(made_again), made_again) == (Row, row)


@each_library
def test_candidates_are_a_sequence(library: str) -> None:
    pool = Pool.from_frame(made(library, {"A": list(range(3_000))}))
    rows = pool.candidates
    assert isinstance(rows, FrameRows)
    assert len(rows) == 3_000
    assert [row["A"] for row in rows] == list(range(3_000))
    assert [row["A"] for row in rows[1_000:2_500]] == list(range(1_000, 2_500))
    assert [row["A"] for row in rows[::-700]] == list(range(3_000))[::-700]
    assert rows[5:3] == []
    assert (rows[-1]["A"], rows[np.int64(7)]["A"]) == (2_999, 7)
    assert [row["A"] for row in rows.picked([3, 1_024, 2_999])] == [3, 1_024, 2_999]
    assert [row["A"] for row in rows.taken([2_999, 3, 3])] == [2_999, 3, 3]
    for place in (3_000, -3_001):
        with pytest.raises(IndexError):
            rows[place]


@each_library
@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("NAME", ["a", "b", "c"]),
        ("ID", [3, 1, 2]),
        ("CPU", [400.5, 40.0, 800.0]),
        (lambda row: (row["ID"], row["NAME"]), [(3, "a"), (1, "b"), (2, "c")]),
        (None, [0, 1, 2]),
    ],
)
def test_keys(library: str, key: Any, expected: list[Any]) -> None:
    pool = Pool.from_frame(made(library), key=key)
    assert list(pool.keys) == expected
    assert list(map(type, pool.keys)) == list(map(type, expected))
    assert [pool[each]["NAME"] for each in expected] == ["a", "b", "c"]
    assert keys(match(pool, rank="CPU")) == [expected[place] for place in (2, 0, 1)]


@each_library
def test_bad_keys(library: str) -> None:
    def refused(columns: Mapping[str, Any], key: Any) -> str:
        with pytest.raises(PoolError) as caught:
            Pool.from_frame(made(library, columns), key=key)
        return str(caught.value)

    plain = [{"A": "x"}, {"A": "y"}, {"A": "x"}]
    with pytest.raises(PoolError) as caught:
        Pool(plain, key="A")
    assert refused({"A": ["x", "y", "x"]}, "A") == str(caught.value)
    assert refused({"A": [1, 2, 1]}, "A") == "two candidates have the key 1: those at positions 0 and 2"
    assert refused({"A": ["x", None]}, "A") == "the candidate at position 1 has no key: `A` is missing"
    assert refused({"A/B": ["x", None]}, "A/B") == "a value of type `list` at position 1 cannot be a key"
    assert refused({"A": ["x"]}, "B") == "the candidate at position 0 has no key: `B` is missing"
    assert refused({"A": ["x"]}, lambda row: None) == "the candidate at position 0 has no key: `<lambda>` is missing"
    assert refused({"A": [[1], [2]]}, "A") == "a value of type `list` at position 0 cannot be a key"
    assert len(Pool.from_frame(made(library, {"A": []}), key="B")) == 0


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        ([{"A": 1}], "a value of type `list` is no frame: use a DataFrame of pandas or Polars, or a Table of PyArrow"),
        (pd.Series([1]), "a value of type `Series` is no frame"),
        (None, "a value of type `NoneType` is no frame"),
        (pl.LazyFrame({"A": [1]}), "a `LazyFrame` has no rows yet: collect it first"),
        (pd.DataFrame([[1, 2]], columns=["A", "A"]), "two columns of the frame have one name"),
        (pa.table([[1], [2]], names=["A", "A"]), "two columns of the frame have one name"),
        (pd.DataFrame([[1, 2]]), "a column's name is a str, not a value of type `int`"),
    ],
)
def test_what_is_no_frame(frame: Any, message: str) -> None:
    with pytest.raises(PoolError, match=message.replace("`", ".")):
        Pool.from_frame(frame)


def test_a_frame_of_narwhals_is_one() -> None:
    assert list(Pool.from_frame(nw.from_native(pl.DataFrame({"A": [1]})))) == [{"A": 1}]


@each_library
@pytest.mark.parametrize("engine", ["closures", "columnar", None])
def test_frames_without_rows_or_columns(library: str, engine: Any) -> None:
    for columns in ({}, {"A": []}):
        pool = Pool.from_frame(made(library, columns))
        ranking = match(pool, "A = 1", "A", engine=engine)
        assert (list(ranking), ranking.considered) == ([], 0)
        assert columns_of(ranking.to_frame(library)) == {"key": [], "score": []}
        pool.add("x", {"A": 1})
        assert keys(match(pool, "A = 1", "A", engine=engine)) == ["x"]


@each_library
@pytest.mark.parametrize("engine", ["closures", "columnar"])
def test_nan_is_a_null_in_pandas_only(library: str, engine: Any) -> None:
    pool = Pool.from_frame(made(library, {"A": [math.nan, 1.0]}))
    assert repr(pool[0]["A"]) == ("None" if library == "pandas" else "nan")
    assert keys(match(pool, 'A = "nan"', engine=engine)) == ([] if library == "pandas" else [0])
    assert keys(match(pool, "A != 5.0", engine=engine)) == [1]


def test_what_the_cells_of_objects_stand_for() -> None:
    when = pd.Timestamp("2026-01-02")
    cells: list[Any] = [
        *(np.int8(5), np.float32(0.1), np.bool_(True), np.str_("kvm"), np.array([1, 2]), Decimal("2.50")),
        *(None, math.nan, np.float64("nan"), pd.NA, pd.NaT, Decimal("nan"), [np.int16(1), [Decimal(1)]]),
        *({"B": np.int8(1)}, when, b"x", np.timedelta64(5, "s"), np.longdouble(1), Decimal("1e5000"), (1, 2)),
    ]
    pool = Pool.from_frame(pd.DataFrame({"A": pd.Series(cells, dtype=object)}))
    values = [row["A"] for row in pool]
    assert values[:6] == [5, float(np.float32(0.1)), True, "kvm", [1, 2], "2.50"]
    assert list(map(type, values[:3])) == [int, float, bool]
    assert values[6:12] == [None] * 6
    assert values[12:14] == [[1, ["1"]], {"B": 1}]
    assert [left is right for left, right in zip(values[14:], cells[14:], strict=True)] == [True] * 6
    for engine in ("closures", "columnar"):
        assert keys(match(pool, '"A/B" = 1', engine=engine)) == [13]
        with pytest.raises(CandidateError, match="of type `dict`") as caught:
            match(pool, "A = 5", engine=engine)
        assert (caught.value.key, caught.value.attribute) == (12, "A") or caught.value.key == 13


@pytest.mark.parametrize("engine", ["closures", "columnar"])
def test_what_its_library_cannot_read_stands_for_nothing(engine: Any) -> None:
    broken = pa.Array.from_buffers(pa.string(), 2, [*pa.array(["ok", "xy"]).buffers()[:2], pa.py_buffer(b"ok\xff\xfe")])
    pool = Pool.from_frame(pa.table({"A": broken, "B": [1, 2]}))
    assert keys(match(pool, "B = 1 & A = ok", engine=engine)) == [0]
    with pytest.raises(CandidateError, match="of type `Unreadable` stands for nothing") as caught:
        match(pool, "A = ok", engine=engine)
    assert (caught.value.key, caught.value.attribute) == (1, "A")
    assert repr(pool[1]["A"]) == "<unreadable>"


@pytest.mark.parametrize("engine", ["closures", "columnar"])
def test_nested_columns_are_walked(engine: Any) -> None:
    rows = [{"PCI": [{"ID": 1}, {"ID": 7}], "A/B": None, "A": {"B": 5}}, {"PCI": None, "A/B": 6, "A": {"B": 4}}]
    for frame in (pa.Table.from_pylist(rows), pl.DataFrame(rows), pd.DataFrame(rows)):
        pool = Pool.from_frame(frame)
        assert keys(match(pool, '"PCI/ID" @> 7', engine=engine)) == [0]
        assert keys(match(pool, '"A/B" > 4', engine=engine)) == [0, 1]
        assert keys(match(pool, '"X/B" = 4', engine=engine)) == []


def test_columns_are_not_copied_where_their_type_allows() -> None:
    numbers, floats = np.arange(500, dtype=np.int32), np.arange(500, dtype=np.float32) / 8
    frame = pd.DataFrame({"I": numbers, "F": floats, "L": numbers.astype(np.int64)}, copy=False)
    for each in (frame, pa.table({"I": pa.array(numbers), "F": pa.array(floats), "L": pa.array(numbers.astype("i8"))})):
        pool = Pool.from_frame(each)
        table = table_of(pool.snapshot, pool.memory)
        whole, single = table.view(Need("I", "integers")), table.view(Need("F", "floats"))
        assert table.view(Need("I", "floats")) is whole
        assert (whole.array.dtype, single.array.dtype) == (np.int32, np.float32)
        for view, array in ((whole, numbers), (single, floats)):
            assert np.shares_memory(view.array, array)
            assert view.lent
            assert view.nbytes < 500
        assert table.view(Need("L", "integers")).array.dtype == np.uint16  # 64 bits are narrowed
        pool.update(7, {"I": -1, "F": "kvm"})
        assert keys(match(pool, "I < 0")) == [7]
        assert numbers[7] == 7
        assert not table_of(pool.snapshot, pool.memory, exact=True).view(Need("I", "integers")).lent


def test_strided_chunked_and_foreign_arrays() -> None:
    block = np.arange(60, dtype=np.int32).reshape(20, 3)
    strided = pd.DataFrame(block, columns=["A", "B", "C"])
    foreign = pd.DataFrame({"A": block[:, 0].astype(">i4")})
    chunked = pa.chunked_array([block[:7, 0].copy(), block[7:, 0].copy()])
    for frame in (
        strided,
        foreign,
        pa.table({"A": chunked}),
        pa.table({"A": chunked.cast(pa.string()).dictionary_encode()}),
    ):
        pool = Pool.from_frame(frame)
        for engine in ("closures", "columnar"):
            assert keys(match(pool, "A > 50 | A = 3", "A", engine=engine)) == [19, 18, 17, 1]  # type: ignore[arg-type]


def test_categories() -> None:
    texts = ["kvm", None, "xen", "kvm"]
    for column in (
        pd.DataFrame({"A": pd.Categorical(texts, categories=["xen", "unused", "kvm"], ordered=True)}),
        pd.DataFrame({"A": pd.array(texts, dtype=pd.ArrowDtype(pa.dictionary(pa.int8(), pa.string())))}),
        pl.DataFrame({"A": pl.Series(texts, dtype=pl.Categorical)}),
        pl.DataFrame({"A": pl.Series(texts, dtype=pl.Enum(["xen", "unused", "kvm"]))}),
        pa.table({"A": pa.array(texts).dictionary_encode()}),
    ):
        pool = Pool.from_frame(column)
        for engine in ("closures", "columnar"):
            assert keys(match(pool, "A = kvm", engine=engine)) == [0, 3]  # type: ignore[arg-type]
            assert keys(match(pool, 'A != "k*"', engine=engine)) == [2]  # type: ignore[arg-type]
    for other in (
        pd.DataFrame({"A": pd.Categorical([5, None, 2.5])}),
        pa.table({"A": pa.array([5.0, None, 2.5]).dictionary_encode()}),
    ):
        pool = Pool.from_frame(other)
        for engine in ("closures", "columnar"):
            assert keys(match(pool, "A > 2.0", "A", engine=engine)) == [0, 2]  # type: ignore[arg-type]
            assert keys(match(pool, 'A = "5.0"', engine=engine)) == [0]  # type: ignore[arg-type]
    dates = Pool.from_frame(pd.DataFrame({"A": pd.Categorical([datetime(2026, 1, 2), None])}))
    for engine in ("closures", "columnar"):
        with pytest.raises(CandidateError, match="of type `Timestamp`"):
            match(dates, "A = 5", engine=engine)  # type: ignore[arg-type]


def test_integers_of_128_bits() -> None:
    pool = Pool.from_frame(pl.DataFrame({"A": pl.Series([2**100, 5, None], dtype=pl.Int128)}))
    for engine in ("closures", "columnar"):
        assert keys(match(pool, 'A = "12676*"', "A", engine=engine)) == [0]  # type: ignore[arg-type]
        assert keys(match(pool, "A > 0", engine=engine)) == [1]  # type: ignore[arg-type]
        assert keys(match(pool, "A > 0.0", engine=engine)) == [0, 1]  # type: ignore[arg-type]


@each_library
def test_a_frame_runs_on_columns_from_the_first_match_on(library: str) -> None:
    pool = Pool.from_frame(made(library))
    assert keys(match(pool, "CPU > 50", engine="closures")) == [0, 2]
    assert pool.snapshot.table is None
    assert keys(match(pool, "CPU > 50")) == [0, 2]
    assert pool.snapshot.table is not None
    assert [keys(ranking) for ranking in match_many(pool, [("CPU > 50", None), ("GPU = NO", None)])] == [[0, 2], [1]]


@each_library
def test_a_frame_can_be_changed(library: str) -> None:
    pool = Pool.from_frame(made(library), key="NAME")
    before = match(pool, rank="CPU")
    pool.update("b", {"CPU": 900, "ID": None})
    pool.add("d", {"CPU": 1})
    pool.remove("a")
    assert [dict(row) for row in pool] == [
        {"NAME": "b", "CPU": 900, "GPU": False},
        {"NAME": "c", "ID": 2, "CPU": 800.0, "GPU": True},
        {"CPU": 1, "NAME": "d"},
    ]
    for engine in ("closures", "columnar"):
        assert keys(match(pool, rank="CPU", engine=engine)) == ["b", "c", "d"]  # type: ignore[arg-type]
        assert keys(match(pool, "ID > 0 | NAME = d", engine=engine)) == ["c", "d"]  # type: ignore[arg-type]
    assert keys(before) == ["c", "a", "b"]
    with pytest.raises(PoolError, match="an update cannot change the key"):
        pool.update("b", {"NAME": "x"})
    with pytest.raises(PoolError, match="the candidate's key is 'y', not 'x'"):
        pool.add("x", {"NAME": "y"})
    again = pickle.loads(pickle.dumps(pool))
    assert isinstance(again.snapshot.rows.base, FrameRows)
    assert (list(again), list(again.keys), again.version) == (list(pool), list(pool.keys), 3)
    assert keys(match(again, rank="CPU")) == ["b", "c", "d"]
    again.update("c", {"CPU": 0})
    assert keys(match(again, rank="CPU")) == ["b", "d", "c"]


@each_library
def test_many_changes(library: str) -> None:
    """Gaps close up, and what changed becomes a new base; it goes on matching on columns."""
    count = 5_000
    pool = Pool.from_frame(made(library, {"A": list(range(count)), "T": [str(number) for number in range(count)]}))
    wanted = {number: number for number in range(count)}
    assert len(match(pool, "A > 10")) == count - 11
    pool.apply([("remove", number) for number in range(0, count, 2)])
    wanted = {number: number for number in wanted if number % 2}
    pool.apply([("update", number, {"A": -number}) for number in range(1, count, 4)])
    wanted |= {number: -number for number in range(1, count, 4)}
    assert isinstance(pool.snapshot.rows.base, FrameRows)
    assert len(pool.snapshot.rows.base) == count // 2
    for _ in range(2):
        for engine in ("closures", "columnar", None):
            found = {found.key: found.score for found in match(pool, "A < 0 | T > 2500", "A", engine=engine)}  # type: ignore[arg-type]
            assert found == {key: value for key, value in wanted.items() if value < 0 or key > 2_500}
        copied = pickle.loads(pickle.dumps(pool))
        assert {key: row["A"] for key, row in zip(copied.keys, copied, strict=True)} == wanted
        pool.apply([("update", number, {"A": number + 1}) for number in wanted])
        wanted = {number: number + 1 for number in wanted}
        pool.apply([("add", count + number, {"A": number, "T": "x"}) for number in range(2_000)])
        wanted |= {count + number: number for number in range(2_000)}
        assert len(pool) == len(wanted)
        pool.apply([("remove", count + number) for number in range(2_000)])
        wanted = {number: value for number, value in wanted.items() if number < count}
    assert pool.snapshot.rows.framed
    match(pool, "A > 0")
    assert pool.snapshot.table is not None


def test_new_columns_of_a_data_frame_are_not_seen() -> None:
    frame = pd.DataFrame({"A": [1, 2]})
    pool = Pool.from_frame(frame)
    frame["B"] = 5
    del frame["A"]
    assert list(pool) == [{"A": 1}, {"A": 2}]
    assert keys(match(pool, "A > 1")) == [1]
    assert list(pickle.loads(pickle.dumps(pool))) == [{"A": 1}, {"A": 2}]


@each_library
@pytest.mark.parametrize("engine", ["closures", "columnar"])
def test_rankings_as_frames(library: str, engine: Any) -> None:
    named = Pool(
        [{"NAME": name, "CPU": cpu} for name, cpu in zip(HOSTS["NAME"], HOSTS["CPU"], strict=True)], key="NAME"
    )
    numbered = Pool.of(list(named), range(10, 40, 10), named.kind)
    for pool in (named, numbered, Pool.from_frame(made(library), key="NAME")):
        for limit in (None, 2, 0):
            for rank in (None, "CPU"):
                ranking = match(pool, "CPU > 50", rank, limit=limit, engine=engine)
                for each in (ranking, pickle.loads(pickle.dumps(ranking))):
                    frame = each.to_frame(library)
                    assert type(frame) is type(made(library))
                    assert columns_of(frame) == {"key": keys(ranking), "score": [found.score for found in ranking]}
                    schema = nw.from_native(frame, eager_only=True).schema
                    assert schema["score"] == nw.Int32
                    if len(ranking) or each is ranking:
                        assert schema["key"] == (nw.Int64 if pool is numbered else nw.String)


@each_library
@pytest.mark.parametrize("engine", ["closures", "columnar"])
def test_scores_of_the_extended_dialect_are_doubles_or_null(library: str, engine: Any) -> None:
    pool = Pool([{"A": 0.1}, {}, {"A": 5}, {"A": "x"}])
    for rank in ("A", "1 / A", "B"):
        order = Rank(rank, dialect="extended")
        for wanted in (None, "A < 4", "A < 0"):
            for limit in (None, 0, 3):
                ranking = match(pool, wanted, order, limit=limit, engine=engine)
                for each in (ranking, pickle.loads(pickle.dumps(ranking))):
                    frame = each.to_frame(library)
                    scores = nw.from_native(frame, eager_only=True)["score"]
                    assert scores.dtype == nw.Float64
                    assert [None if null else score for null, score in zip(scores.is_null(), scores, strict=True)] == [
                        found.score for found in ranking
                    ]


@each_library
def test_a_pickled_ranking_holds_its_own_rows_alone(library: str) -> None:
    pool = Pool.from_frame(made(library, {"A": list(range(5_000))}))
    pool.update(7, {"A": 9_999})
    ranking = match(pool, "A > 4997", "A")
    pickled = pickle.dumps(ranking)
    assert len(pickled) < 8_000
    assert list(pickle.loads(pickled)) == list(ranking)
    assert next(iter(ranking)) == (7, 9_999, {"A": 9_999})


def test_keys_and_scores_as_a_frame() -> None:
    frame = key_score_frame(np.array([5, 7]), [1, 2], pl)
    assert frame.to_dict(as_series=False) == {"key": [5, 7], "score": [1, 2]}
    assert key_score_frame(["a"], None, "pyarrow").to_pydict() == {"key": ["a"], "score": [0]}
    assert key_score_frame([], [], "polars", example=2.5).schema == {"key": pl.Float64, "score": pl.Int32}
    for backend in ("polars", "pyarrow"):
        with pytest.raises(PoolError, match=f"the keys do not make a column of `{backend}`"):
            key_score_frame(["a", 5, (1, 2)], None, backend)


@pytest.mark.parametrize("backend", ["numpy", "dask", None, 5, np])
def test_unknown_backends(backend: Any) -> None:
    with pytest.raises(ValueError, match="a frame is made by one of 'pandas', 'polars', 'pyarrow', not by"):
        match([{"A": 1}]).to_frame(backend)


def test_what_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    ranking = match([{"A": 1}])

    def missing_module(*args: object, **options: object) -> None:
        raise ModuleNotFoundError("No module named 'polars'")

    with monkeypatch.context() as patch:
        patch.setattr(frame_output.nw, "from_dict", missing_module)
        with pytest.raises(
            MatchmakerError, match="a frame of `polars` needs that library: pip install polars"
        ) as caught:
            ranking.to_frame("polars")
    assert isinstance(caught.value, ImportError)
    for module in ("frames", "frame_output"):
        monkeypatch.delitem(sys.modules, f"matchmaker.matching.{module}", raising=False)
    for name in [name for name in sys.modules if name.partition(".")[0] == "narwhals"]:
        monkeypatch.setitem(sys.modules, name, None)  # type: ignore[misc]
    for ask in (lambda: Pool.from_frame(pd.DataFrame({"A": [1]})), lambda: ranking.to_frame("pandas")):
        with pytest.raises(ExtraMissing) as missing:
            ask()
        assert missing.value.extra == "frames"
