"""Parquet files split into the sources of shards, without the client reading any of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matchmaker.distributed import pickling, sources
from matchmaker.distributed.sources import Inspected, KeyOf, Parquet, Piece
from matchmaker.distributed.workers import Workers
from matchmaker.errors import PoolError

_TRIES = 3
"""How many workers may die while files are inspected."""


def split(workers: Workers, paths: Sequence[str], shards: int, key: KeyOf, memory: int) -> list[Parquet]:
    """Return sources of about the same number of rows, in order.

    Parameters
    ----------
    workers : Workers
        Who looks into the files.
    paths : sequence of str
        The files, in order.
    shards : int
        How many sources to make at most.
    key, memory
        As for `Pool`.

    Raises
    ------
    PoolError
        If there are no files, or one cannot be read.
    """
    if not paths:
        raise PoolError("a pool of Parquet files needs at least one path")
    inspected = _inspected(workers, paths)
    total = sum(sum(file.rows) for file in inspected)
    runs: list[dict[tuple[str, str], list[int]]] = [{} for _ in range(shards)]
    starts = [total] * shards
    row = 0
    for path, file in zip(paths, inspected, strict=True):
        for group, rows in enumerate(file.rows):
            run = min(shards - 1, (2 * row + rows) * shards // max(1, 2 * total))  # where the middle of the group falls
            starts[run] = min(starts[run], row)
            runs[run].setdefault((path, file.fingerprint), []).append(group)
            row += rows
    made = [
        Parquet(tuple(Piece(path, tuple(groups), mark) for (path, mark), groups in run.items()), start, key, memory)
        for run, start in zip(runs, starts, strict=True)
        if run
    ]
    # Files without any row group: one shard without rows, so that there is a last one to add to.
    return made or [Parquet((Piece(paths[0], (), inspected[0].fingerprint),), 0, key, memory)]


def _inspected(workers: Workers, paths: Sequence[str]) -> list[Inspected]:
    for _ in range(_TRIES):
        found = workers.some("a pool needs workers")
        runs = [paths[number :: len(found)] for number in range(len(found))]
        started = [
            (address, workers.send(address, sources.inspect_all, pickling.dumps(run)))
            for address, run in zip(found, runs, strict=True)
            if run
        ]
        answers = [workers.result(future, address) for address, future in started]
        if None not in answers:
            inspected: list[Any] = [None] * len(paths)
            for number, answer in enumerate(answers):
                inspected[number :: len(found)] = answer
            for file in inspected:
                if isinstance(file, PoolError):
                    raise PoolError(str(file))
            return inspected
    raise PoolError(f"{_TRIES} workers were lost while they inspected Parquet files: their logs may tell why")
