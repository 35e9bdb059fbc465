"""What a candidate costs in pools of a hundred to ten million: the lines of the plots."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

from benchmarks.cases.scale import informed, prepared, scored
from benchmarks.columnar_peers import COLUMN_PEERS, NUMPY, STRINGS
from benchmarks.columns import TEXTS, Columns, answer, columns
from benchmarks.data import K2, R2, Host
from benchmarks.report import Row, duration
from benchmarks.settings import Settings, check, progress
from benchmarks.timing import Subject, Times, measure
from benchmarks.variants import Variant, recombined
from matchmaker import Pool, Rank, Ranking, Requirement, match

CLOSURES, FIRST, KNOWN = "closures", "columnar, first time", "columnar, known clauses"
LISTED = 1_000_000
"""Pools up to this size are made of dicts, larger ones of a data frame."""
WORK = 20_000
"""Small pools are asked so often that a run looks at about as many candidates."""


def how_many(settings: Settings) -> list[Row]:
    """`len(match(pool, requirement))`."""
    return _lines(settings, "count", lambda ranking: len(ranking), None, None)


def best_ten(settings: Settings) -> list[Row]:
    """`match(pool, requirement, rank, limit=10)`."""
    return _lines(settings, "best", scored, Rank(K2), 10)


def _lines(
    settings: Settings, question: str, look: Callable[[Ranking], object], rank: Rank | None, limit: int | None
) -> list[Row]:
    sizes = [100, 2_000] if settings.quick else [100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000]
    curves: dict[str, list[tuple[int, float]]] = {}
    for size in sizes:
        times = _at(
            settings, columns(size), question, lambda *asked, **how: look(match(*asked, rank, limit=limit, **how))
        )
        for name in () if times is None else times.rounds:
            curves.setdefault(name, []).append((size, times.median(name)))
        progress(f"  {size:,} candidates")
    return [_row(name, curve) for name, curve in curves.items()]


def _at(settings: Settings, arrays: Columns, question: str, ask: Callable[..., object]) -> Times | None:
    """Time everything on a pool of one size; None when there is no way to make so large a pool."""
    size, requirement = len(arrays), Requirement(R2)
    hosts = arrays.hosts() if size <= LISTED else None
    make = _from_dicts(hosts) if hosts is not None else _from_frame(arrays)
    if make is None:
        return None
    calls = max(1, min(20, WORK // size))
    known, variants = informed(make()), recombined()

    def first(pools: list[Pool]) -> None:
        for pool in pools:
            ask(pool, requirement, engine="columnar")

    def again(wishes: list[Requirement]) -> None:
        for wish in wishes:
            ask(known, wish, engine="columnar")

    subjects = [
        Subject(FIRST, first, size * calls, lambda: [prepared(make()) for _ in range(calls)], warm=0),
        Subject(KNOWN, again, size * 5, lambda: _next(variants, 5), warm=1),
    ]
    if hosts is not None:
        plain = Pool(hosts)
        asked = _repeated(lambda: ask(plain, requirement, engine="closures"), calls)
        subjects.append(Subject(CLOSURES, asked, size * calls, warm=1 if size < LISTED else 0))
    peers = {peer.name: peer.load(arrays) for peer in COLUMN_PEERS if peer.name in (NUMPY, STRINGS)}
    found = ask(prepared(make()), requirement, engine="columnar")
    if hosts is not None:
        wanted = answer(hosts)
        check("columnar", found, len(wanted) if question == "count" else wanted[:10])
        check("closures", ask(plain, requirement, engine="closures"), found)
    for name, answers in peers.items():
        if answers is not None:
            run = getattr(answers, question)
            check(name, run(), found)
            subjects.append(Subject(name, _repeated(run, calls), size * calls, warm=1))
    return measure(subjects, settings.rounds(5 if size >= LISTED else 9))


def _next(variants: Iterator[Variant], count: int) -> list[Requirement]:
    return [Requirement(next(variants).requirement) for _ in range(count)]


def _repeated(run: Callable[[], object], calls: int) -> Callable[[], None]:
    def often() -> None:
        for _ in range(calls):
            run()

    return often


def _from_dicts(hosts: list[Host]) -> Callable[[], Pool]:
    return lambda: Pool(hosts)


def _from_frame(arrays: Columns) -> Callable[[], Pool] | None:
    make: Any = getattr(Pool, "from_frame", None)
    try:
        pl = import_module("polars")
    except ImportError:
        return None
    if make is None:
        return None
    texts = {name: pl.Series(TEXTS[name]).gather(arrays.arrays[name]) for name in TEXTS}
    frame = pl.DataFrame({**arrays.arrays, **texts})
    return lambda: make(frame)  # type: ignore[no-any-return]


def _row(name: str, curve: list[tuple[int, float]]) -> Row:
    size, seconds = curve[-1]
    smaller = ", ".join(f"{count:,}: {duration(time)}" for count, time in curve[:-1])
    return Row(f"{name}, {size:,} candidates", seconds, compared=smaller, curve=tuple(curve))
