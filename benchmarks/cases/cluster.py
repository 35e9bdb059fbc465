"""A pool over several processes: the same requests with one worker and with two."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import numpy as np

from benchmarks.by_hand import NumpyByHand
from benchmarks.columns import NAMES, TEXTS, Columns, Scored, columns
from benchmarks.report import Row, duration
from benchmarks.settings import Settings, check
from benchmarks.timing import Subject, measure
from benchmarks.variants import Variant, unseen
from matchmaker import match_many

HOSTS, LIMIT, REQUESTS, FILES = 10_000_000, 10, 50, 8
WHAT = "`DaskPool`, {requests} requests with distinct constants over {count:,} hosts, "


def cluster(settings: Settings) -> list[Row]:
    """Requests to a `DaskPool` that was read from Parquet files. Wall clock time: other processes do the work."""
    count = 20_000 if settings.quick else HOSTS
    what = WHAT.format(requests=REQUESTS, count=count)
    try:
        make = import_module("matchmaker.distributed").DaskPool
        distributed, arrow = import_module("distributed"), import_module("pyarrow.parquet")
    except (ImportError, AttributeError):
        return [Row(what + "two workers", None, target="1.5 times faster than one", note="the extra is not installed")]
    pool = columns(count)
    with TemporaryDirectory() as folder, ExitStack() as stack:
        paths = write(pool, Path(folder), arrow)
        pools = {}
        for workers in (1, 2):
            # In a quick run, threads of this process: starting others takes longer than everything else.
            here = "127.0.0.1:0"
            options: dict[str, Any] = {"dashboard_address": here, "worker_dashboard_address": here}
            options |= {"processes": False} if settings.quick else {"host": "127.0.0.1"}
            local = distributed.LocalCluster(n_workers=workers, threads_per_worker=1, **options)
            client = distributed.Client(stack.enter_context(local))
            pools[workers] = make.from_parquet(stack.enter_context(client), paths, key="ID")
        _check(pools, pool)
        subjects = [
            Subject(f"{workers}", lambda variants, one=one: ask(one, variants), 1, _requests, 1, perf_counter)
            for workers, one in pools.items()
        ]
        times = measure(subjects, settings.rounds(5))
    one, two = times.median("1"), times.median("2")
    ratio = times.ratio("2", "1")
    return [
        Row(
            what + "two workers",
            two,
            "run",
            f"one, {duration(one)}",
            ratio,
            "at most 0.67 (1.5 times faster)",
            ratio <= 1 / 1.5,
        ),
        Row("one request of these, per host, two workers", two / REQUESTS / count),
        Row("the same, one worker", one / REQUESTS / count),
    ]


def write(pool: Columns, folder: Path, arrow: Any) -> list[str]:
    """Write a pool into Parquet files, and return their paths."""
    pa = import_module("pyarrow")
    arrays = {"ID": pa.array(np.arange(len(pool), dtype=np.int64))}
    for name in NAMES:
        numbers = pa.array(pool.arrays[name])
        arrays[name] = pa.DictionaryArray.from_arrays(numbers, TEXTS[name]) if name in TEXTS else numbers
    table = pa.table(arrays)
    paths = []
    size = -(-len(pool) // FILES)
    for number in range(FILES):
        path = folder / f"hosts-{number}.parquet"
        arrow.write_table(table.slice(number * size, size), path)
        paths.append(str(path))
    return paths


def ask(pool: Any, variants: Sequence[Variant]) -> list[list[Scored]]:
    """Return the best ten for each of some requests."""
    requests = [(one.requirement, one.rank) for one in variants]
    rankings = (
        pool.match_many(requests, limit=LIMIT)
        if hasattr(pool, "match_many")
        else match_many(pool, requests, limit=LIMIT)
    )
    return [[(found.score, found.key) for found in ranking] for ranking in rankings]


def _requests() -> list[Variant]:
    return [unseen() for _ in range(REQUESTS)]


def _check(pools: dict[int, Any], pool: Columns) -> None:
    asked, numpy = _requests()[:4], NumpyByHand(pool)
    wanted = [numpy.best(variant, LIMIT) for variant in asked]
    for workers, one in pools.items():
        check(f"{workers} workers", ask(one, asked), wanted)
