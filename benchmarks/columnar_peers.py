"""Each peer's way to answer `R2` and `K2` on a pool of columns: how many, the best ten, all in order.

As in `benchmarks.peers`: nothing that can be done in advance is timed, and everything is said in the way that was found to be
fastest there. All of them run on one thread. Scores are computed in float32 steps, as the language does.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, NamedTuple

import numpy as np

from benchmarks.by_hand import BLOCK, NumpyByHand, prefixed
from benchmarks.columns import TEXTS, Columns, Scored
from benchmarks.data import R2
from benchmarks.variants import Variant

os.environ.setdefault("POLARS_MAX_THREADS", "1")  # read when Polars is imported


class Answers(NamedTuple):
    """What a peer can be asked about one pool."""

    count: Callable[[], int]
    best: Callable[[], list[Scored]] | None = None
    order: Callable[[], Sequence[int]] | None = None


def _numpy(pool: Columns) -> Answers:
    by_hand = NumpyByHand(pool)
    return Answers(by_hand.count, by_hand.best, by_hand.order)


def _numpy_tables(pool: Columns) -> Answers:
    by_hand = NumpyByHand(pool, tables=True)
    return Answers(by_hand.count, by_hand.best, by_hand.order)


def _polars_strings(pool: Columns) -> Answers:
    pl = import_module("polars")
    texts = {name: pl.Series(TEXTS[name]).gather(pool.arrays[name]) for name in TEXTS}
    rack, tier = pl.col("RACK").str, pl.col("QOS").str.starts_with("gold")
    return _polars(pl, pool, texts, "kvm", tier, rack.starts_with("r1") & (rack.len_bytes() == 3))


def _polars_codes(pool: Columns) -> Answers:
    pl = import_module("polars")
    (gold, behind), (first, last) = prefixed("QOS", "gold"), prefixed("RACK", "r1")
    rack = pl.col("RACK").is_between(first, last, closed="left")
    return _polars(pl, pool, {}, 0, pl.col("QOS").is_between(gold, behind, closed="left"), rack)


def _polars(pl: Any, pool: Columns, texts: dict[str, Any], kvm: object, gold: Any, rack: Any) -> Answers:
    column = pl.col
    places = pl.int_range(len(pool), dtype=pl.UInt32).alias("position")
    frame = pl.DataFrame({**pool.arrays, **texts}).with_columns(places).rechunk()
    kind = (column("HYPERVISOR") == kvm) & (column("CLUSTER_ID") == 3) | gold
    meets = kind & (column("FREE_MEM") > 4_000_000) & ~rack & (column("RUNNING_VMS") < 20)

    def number(value: Any) -> Any:
        return value.cast(pl.Float32)

    busy = number(column("RUNNING_VMS")) * number(pl.lit(50)) + number(column("FREE_CPU"))
    score = (number(column("FREE_MEM")) / number(pl.lit(1024)) - busy).cast(pl.Int32).alias("score")
    scored = frame.lazy().filter(meets).select(score, "position")
    both = ["score", "position"]
    return Answers(
        lambda: frame.select(meets.sum()).item(),
        lambda: scored.top_k(10, by=both).sort(both, descending=True).collect().rows(),
        lambda: scored.sort(both, descending=True).collect()["position"].to_numpy(),
    )


_DUCKDB_SCORE = (
    "CAST(trunc(FREE_MEM::FLOAT / 1024::FLOAT - (RUNNING_VMS::FLOAT * 50::FLOAT + FREE_CPU::FLOAT)) AS INTEGER)"
)


def _duckdb(pool: Columns) -> Answers:
    duckdb, pa = import_module("duckdb"), import_module("pyarrow")
    database = duckdb.connect()
    database.execute("SET threads = 1")
    data = {name: pa.array(array) for name, array in pool.arrays.items()}
    data |= {
        name: pa.DictionaryArray.from_arrays(pa.array(pool.arrays[name]), TEXTS[name]).cast("string") for name in TEXTS
    }
    database.register("given", pa.table({**data, "POSITION": np.arange(len(pool), dtype=np.uint32)}))
    for name, texts in TEXTS.items():
        database.execute(f"CREATE TYPE {name}_text AS ENUM ({_listed(texts)})")
    casts = ", ".join(f"{name}::{name}_text AS {name}" for name in TEXTS)
    database.execute(f"CREATE TABLE hosts AS SELECT * REPLACE ({casts}) FROM given")
    database.unregister("given")
    tiers, racks = (TEXTS[name][slice(*prefixed(name, prefix))] for name, prefix in (("QOS", "gold"), ("RACK", "r1")))
    meets = (
        f"(HYPERVISOR = 'kvm' AND CLUSTER_ID = 3 OR QOS IN ({_listed(tiers)})) AND FREE_MEM > 4000000"
        f" AND RACK NOT IN ({_listed(racks)}) AND RUNNING_VMS < 20"
    )
    scored = f"SELECT {_DUCKDB_SCORE} AS score, POSITION FROM hosts WHERE {meets} ORDER BY score DESC, POSITION DESC"
    return Answers(
        lambda: database.execute(f"SELECT count(*) FROM hosts WHERE {meets}").fetchone()[0],
        lambda: database.execute(f"{scored} LIMIT 10").fetchall(),
        lambda: database.execute(scored).fetchnumpy()["POSITION"],
    )


def _listed(texts: Sequence[str]) -> str:
    return ", ".join(f"'{text}'" for text in texts)


def _pandas(pool: Columns) -> Answers:
    pd = import_module("pandas")
    texts = {name: pd.Categorical.from_codes(pool.arrays[name], TEXTS[name]) for name in TEXTS}
    numbers = {name: pool.arrays[name].astype(np.float32) for name in ("RUNNING_VMS", "FREE_CPU", "FREE_MEM")}
    frame = pd.DataFrame({**pool.arrays, **texts, **{f"{name}_F": array for name, array in numbers.items()}})
    meets = (
        "((HYPERVISOR == 'kvm' and CLUSTER_ID == 3) or QOS.str.startswith('gold')) and FREE_MEM > 4000000"
        " and not RACK.str.fullmatch('r1.') and RUNNING_VMS < 20"
    )

    def ordered() -> Any:
        found = frame.query(meets)
        busy = found["RUNNING_VMS_F"] * np.float32(50) + found["FREE_CPU_F"]
        scores = (found["FREE_MEM_F"] / np.float32(1024) - busy).astype(np.int32)
        return scores.iloc[::-1]

    def best() -> list[Scored]:
        return [(int(score), int(place)) for place, score in ordered().nlargest(10, keep="first").items()]

    def order() -> Any:
        return ordered().sort_values(ascending=False, kind="stable").index.to_numpy()

    return Answers(lambda: len(frame.query(meets)), best, order)


@dataclass(frozen=True)
class ColumnPeer:
    """One way to answer `R2` and `K2` on columns.

    Parameters
    ----------
    name : str
        What reports call it.
    package : str
        The distribution.
    module : str
        What to import.
    prepare : callable
        Brings a pool into the form that is fastest, untimed, and returns what can be asked.
    note : str
        How it is used.
    """

    name: str
    package: str
    module: str
    prepare: Callable[[Columns], Answers]
    note: str = ""

    def load(self, pool: Columns) -> Answers | None:
        """Return what can be asked about a pool, or None when the package is not installed."""
        try:
            import_module(self.module)
        except ImportError:
            return None
        return self.prepare(pool)


NUMPY, TABLES, STRINGS = "numpy by hand", "numpy by hand, tables", "Polars, strings"

COLUMN_PEERS = [
    ColumnPeer(
        NUMPY,
        "numpy",
        "numpy",
        _numpy,
        f"written for expressions of this form: narrow types, {BLOCK:,} candidates at a time, nothing allocated; texts are"
        " numbers in the texts' order, so that both patterns are ranges",
    ),
    ColumnPeer(
        TABLES,
        "numpy",
        "numpy",
        _numpy_tables,
        "the same, patterns as tables of verdicts by number, which fits any pattern",
    ),
    ColumnPeer(STRINGS, "polars", "polars", _polars_strings, "numbers of the narrowest types, texts as strings"),
    ColumnPeer("Polars, codes", "polars", "polars", _polars_codes, "texts as numbers, patterns as ranges of them"),
    ColumnPeer("DuckDB", "duckdb", "duckdb", _duckdb, "texts as enumerations, patterns as lists of their members"),
    ColumnPeer("pandas", "pandas", "pandas", _pandas, "`query`, texts as categories"),
]

assert Variant().requirement == R2
