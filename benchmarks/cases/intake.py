"""From dicts to columns, what columns take, and a pool so small that calls count more than candidates."""

from __future__ import annotations

import marshal
from collections.abc import Callable, Iterator
from importlib import import_module
from operator import itemgetter
from typing import Any

import numpy as np

from benchmarks.columns import NAMES, TEXTS, answer, columns, crowd, wide
from benchmarks.data import K2, R2, Host, as_texts, pool
from benchmarks.peers import lambda_requirement
from benchmarks.report import Row, duration
from benchmarks.settings import Settings, check
from benchmarks.timing import Subject, Times, measure
from benchmarks.variants import unseen
from matchmaker import Pool, Rank, Requirement, match

CALLS = 50
POOL = 300


def intake(settings: Settings) -> list[Row]:
    """Make a pool of new dicts and ask it for R2's and K2's best ten: nearly all of that is reading the dicts."""
    count = 2_000 if settings.quick else 100_000
    kinds = {
        "dicts of 7 attributes": columns(count).hosts(),
        "dicts of 27 attributes": wide(count),
        "dicts of 27 attributes, all texts": as_texts(wide(count)),
    }
    requirement, rank = Requirement(R2), Rank(K2)
    subjects = []
    for name, hosts in kinds.items():
        numbers = [{**host, **{key: int(host[key]) for key in NAMES if key not in TEXTS}} for host in hosts]
        wanted = [position for _, position in answer(numbers)[:10]]
        del numbers

        def read(fresh: list[Host]) -> list[int]:
            return [found.key for found in match(Pool(fresh), requirement, rank, limit=10, engine="columnar")]

        check(name, read(hosts), wanted)
        subjects.append(Subject(name, read, count, _copies(hosts), warm=0))
    hosts = kinds["dicts of 7 attributes"]
    subjects.append(Subject("a loop per attribute", _by_hand, count, _copies(hosts), warm=0))
    frames = _frames(import_module)
    subjects += [Subject(name, make, count, _copies(hosts), warm=0) for name, make in frames.items()]
    times = measure(subjects, settings.rounds(7))
    rows = [
        Row(
            f"`match(Pool(hosts), R2, K2, limit=10)`, {name}",
            times.median(name),
            target="" if name.endswith("texts") else "at most 550 ns",
            reached=None if name.endswith("texts") else times.median(name) <= 550e-9,
        )
        for name in kinds
    ]
    others = ["a loop per attribute", *frames]
    notes = {"a loop per attribute": "`numpy.fromiter` for numbers, a dictionary for texts; the dicts of 7 attributes"}
    return rows + [
        _beside(name, times, name, "dicts of 7 attributes", notes.get(name, "the dicts of 7 attributes"))
        for name in others
    ]


def memory(settings: Settings) -> list[Row]:
    """What a pool keeps beside its candidates after R2 and K2."""
    count = 10_000 if settings.quick else 1_000_000
    what = f"columns, clauses and orders of {count:,} hosts for R2 and K2"
    crowded = Pool(crowd(count).hosts)
    for _ in range(3):
        len(match(crowded, R2, K2, engine="columnar"))
        match(crowded, R2, K2, limit=10, engine="columnar")
    if not hasattr(crowded, "stats"):
        return [Row(what, None, note="this version does not tell")]
    stats = crowded.stats()
    parts = {"columns": stats.column_bytes, f"{stats.clauses} clauses": stats.clause_bytes, "orders": stats.order_bytes}
    total = sum(parts.values())
    shown = ", ".join(f"{name} {size / 1e6:.1f} MB" for name, size in parts.items())
    row = Row(
        what,
        None,
        amount=f"{total / 1e6:.1f} MB",
        compared=shown,
        target="under 64 MB",
        reached=total < 64e6,
        note=f"{total / count:.1f} bytes per host, told by `pool.stats()`",
    )
    return [row]


def small(settings: Settings) -> list[Row]:
    """One query on a pool of 300: the same again, one that nothing has met, and one on a new pool."""
    hosts, requirement, rank = pool(POOL), Requirement(R2), Rank(K2)
    wanted = answer(hosts)
    standing = {name: Pool(hosts) for name in ("count", "best", "count, new", "best, new", "closures")}
    for _ in range(5):
        check("a small pool, count", len(match(standing["count"], requirement)), len(wanted))
        found = [(one.score, one.key) for one in match(standing["best"], requirement, rank, limit=10)]
        check("a small pool, best", found, wanted[:10])
        for name in ("count, new", "best, new"):
            variant = unseen()
            right = answer(hosts, variant.holds, variant.score)
            found = [(one.score, one.key) for one in match(standing[name], variant.requirement, variant.rank, limit=10)]
            check("a small pool, new constants", found, right[:10])

    def count_again(name: str, **options: Any) -> Callable[[], None]:
        return lambda: [len(match(standing[name], requirement, **options)) for _ in range(CALLS)] and None

    def best_again() -> None:
        for _ in range(CALLS):
            list(match(standing["best"], requirement, rank, limit=10))

    def wishes() -> list[tuple[Requirement, Rank]]:
        return [(Requirement(one.requirement), Rank(one.rank)) for one in (unseen() for _ in range(CALLS))]

    def count_new(asked: list[tuple[Requirement, Rank]]) -> None:
        for wish, _ in asked:
            len(match(standing["count, new"], wish))

    def best_new(asked: list[tuple[Requirement, Rank]]) -> None:
        for wish, order in asked:
            list(match(standing["best, new"], wish, order, limit=10))

    def on_new_pools(pools: list[Pool]) -> None:
        for one in pools:
            list(match(one, requirement, rank, limit=10))

    judged = {
        "`len(match(pool, R2))`, asked before": Subject("count", count_again("count"), CALLS),
        "`len(match(pool, requirement))`, new constants": Subject("count, new", count_new, CALLS, wishes),
        "`match(pool, R2, K2, limit=10)`, asked before": Subject("best", best_again, CALLS),
        "`match(pool, requirement, rank, limit=10)`, new constants": Subject("best, new", best_new, CALLS, wishes),
    }
    others = {
        "`match(Pool(hosts), R2, K2, limit=10)`, the pool made in advance": Subject(
            "new pools", on_new_pools, CALLS, lambda: [Pool(hosts) for _ in range(CALLS)]
        ),
        '`len(match(pool, R2, engine="closures"))`': Subject(
            "closures", count_again("closures", engine="closures"), CALLS
        ),
        "lambda, how many": Subject(
            "lambda", lambda: [sum(map(bool, map(lambda_requirement, hosts))) for _ in range(CALLS)], CALLS
        ),
    }
    times = measure([*judged.values(), *others.values()], settings.rounds(21))
    rows = []
    for what, subject in judged.items():
        time = times.median(subject.name)
        rows.append(Row(what, time, "query", target="at most 60 us", reached=time <= 60e-6))
    return rows + [Row(what, times.median(subject.name), "query") for what, subject in others.items()]


def _copies(hosts: list[Host]) -> Callable[[], list[Host]]:
    """Return what makes the same dicts anew, as a program that has just read them has them: no text's hash is known yet."""
    packed = marshal.dumps(hosts)
    return lambda: marshal.loads(packed)  # our own bytes


def _by_hand(hosts: list[Host]) -> list[Any]:
    arrays = []
    for name in NAMES:
        values: Iterator[Any] = map(itemgetter(name), hosts)
        if name in TEXTS:
            numbers: dict[str, int] = {}
            arrays.append(
                np.fromiter((numbers.setdefault(value, len(numbers)) for value in values), np.uint8, len(hosts))
            )
        else:
            arrays.append(np.fromiter(values, np.int32, len(hosts)))
    return arrays


def _frames(load: Callable[[str], Any]) -> dict[str, Callable[[list[Host]], object]]:
    frames = {}
    for name, module in (("polars.DataFrame(hosts)", "polars"), ("pandas.DataFrame(hosts)", "pandas")):
        try:
            frames[f"`{name}`"] = load(module).DataFrame
        except ImportError:
            continue
    return frames


def _beside(what: str, times: Times, name: str, reference: str, note: str) -> Row:
    compared = f"`match`, {duration(times.median(reference))}"
    return Row(what, times.median(name), compared=compared, ratio=times.ratio(name, reference), note=note)
