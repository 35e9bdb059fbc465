"""A million candidates: how many match, the best ten, all of them in order; beside columns by hand and data frames.

*First time* means that the pool's columns are there and nothing else: each run gets a pool of its own, which was asked about the
same attributes with other constants only. *Known* means that every clause was met before, and the order by the rank; each run
gets a requirement that the pool has not seen, put together of such clauses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from benchmarks.columnar_peers import COLUMN_PEERS, NUMPY, STRINGS, TABLES
from benchmarks.columns import REQUIRED, Columns, Scored, answer, crowd
from benchmarks.data import K2, R2, Host
from benchmarks.peers import PEERS, lambda_requirement
from benchmarks.report import Row, duration, significant
from benchmarks.settings import Settings, check
from benchmarks.timing import Subject, Times, bandwidth, measure
from benchmarks.variants import KNOWN, PREPARING, Variant, recombined
from matchmaker import Pool, Rank, Ranking, Requirement, match

FIRST, AGAIN, CLOSURES = "first time", "known clauses", "closures"
ROUNDS = 9


def counting(settings: Settings) -> list[Row]:
    """`len(match(pool, R2))`, and how far that is from reading the columns once."""
    everyone = crowd(_size(settings))
    hosts, count, requirement = everyone.hosts, len(everyone.hosts), Requirement(R2)
    wanted = sum(map(bool, map(lambda_requirement, hosts)))
    known, variants = informed(Pool(hosts)), recombined()
    check("match, first time", len(match(prepared(Pool(hosts)), requirement)), wanted)
    check("match, closures", len(match(Pool(hosts), requirement, engine="closures")), wanted)
    _check_recombined(known, hosts, next(variants))
    subjects = [
        Subject(FIRST, lambda pool: len(match(pool, requirement)), count, lambda: prepared(Pool(hosts)), warm=0),
        Subject(AGAIN, lambda wish: len(match(known, wish)), count, ready(variants)),
        Subject("text", lambda text: len(match(known, text)), count, lambda: next(variants).requirement),
        Subject(CLOSURES, lambda: len(match(Pool(hosts), requirement, engine="closures")), count, warm=0),
        *_peers(everyone.columns, "count", wanted, count),
    ]
    times = measure(subjects, settings.rounds(ROUNDS))
    first, again = "`len(match(pool, R2))`, first time", "`len(match(pool, requirement))`, known clauses"
    return [
        _within(first, times, FIRST, 2.2),
        *_compared(first, times, {NUMPY: 1.5, TABLES: 1.5, STRINGS: 0.1}),
        _within(again, times, AGAIN, 0.1),
        _beside("the same, given as a text", times, "text", AGAIN),
        _beside('`len(match(Pool(hosts), R2, engine="closures"))`', times, CLOSURES, FIRST),
        *_others(times),
        *_classads(settings, hosts, times.median(FIRST)),
        *_floor(settings, times, sum(everyone.columns.arrays[name].itemsize for name in REQUIRED)),
    ]


def best(settings: Settings) -> list[Row]:
    """`match(pool, R2, K2, limit=10)`."""
    everyone = crowd(_size(settings))
    hosts, count, requirement, rank = everyone.hosts, len(everyone.hosts), Requirement(R2), Rank(K2)
    wanted = answer(hosts)[:10]
    known, variants = informed(Pool(hosts)), recombined()

    def ask(pool: Pool) -> list[Scored]:
        return scored(match(pool, requirement, rank, limit=10))

    check("the best ten, first time", ask(prepared(Pool(hosts))), wanted)
    check("the best ten, known clauses", ask(known), wanted)
    _check_recombined(known, hosts, next(variants))
    subjects = [
        Subject(FIRST, ask, count, lambda: prepared(Pool(hosts)), warm=0),
        Subject(AGAIN, lambda wish: scored(match(known, wish, rank, limit=10)), count, ready(variants)),
        *_peers(everyone.columns, "best", wanted, count),
    ]
    times = measure(subjects, settings.rounds(ROUNDS))
    first, again = "`match(pool, R2, K2, limit=10)`, first time", "the same, known clauses and order"
    return [
        _within(first, times, FIRST, 5),
        *_compared(first, times, {NUMPY: None, STRINGS: None}),
        _within(again, times, AGAIN, 0.2),
        *_others(times),
    ]


def ordering(settings: Settings) -> list[Row]:
    """`match(pool, R2, K2)[-1]`: the last one is found when all are in order."""
    everyone = crowd(_size(settings))
    hosts, requirement, rank = everyone.hosts, Requirement(R2), Rank(K2)
    wanted = answer(hosts)
    count, last = len(wanted), wanted[-1][1]
    known, variants = informed(Pool(hosts)), recombined()
    check("in order, first time", scored(match(prepared(Pool(hosts)), requirement, rank)), wanted)
    check("in order, known clauses", scored(match(known, requirement, rank)), wanted)
    check("the last one", match(prepared(Pool(hosts)), requirement, rank)[-1].key, last)
    subjects = [
        Subject(FIRST, lambda pool: match(pool, requirement, rank)[-1], count, lambda: prepared(Pool(hosts)), warm=0),
        Subject(AGAIN, lambda wish: match(known, wish, rank)[-1], count, ready(variants)),
        Subject("listed", lambda: scored(match(known, requirement, rank)), count, warm=1),
        *_peers(everyone.columns, "order", [position for _, position in wanted], count),
    ]
    times = measure(subjects, settings.rounds(ROUNDS))
    first, per = "`match(pool, R2, K2)[-1]`, first time", "survivor"
    return [
        _within(first, times, FIRST, 40, per),
        *_compared(first, times, {NUMPY: None, STRINGS: None}, per),
        _within("the same, known clauses and order", times, AGAIN, 40, per),
        _beside("all of them listed, known clauses and order", times, "listed", AGAIN, per),
        *_others(times, per),
    ]


def prepared(pool: Pool) -> Pool:
    """Give a pool the columns for R2 and K2, and no clause or order of theirs."""
    requirement, rank = Requirement(PREPARING.requirement), Rank(PREPARING.rank)
    for _ in range(3):
        scored(match(pool, requirement, rank, limit=10, engine="columnar"))
    return pool


def informed(pool: Pool) -> Pool:
    """Let a pool know the clauses of `recombined`, and the order by K2."""
    for variant in KNOWN:
        len(match(pool, variant.requirement, engine="columnar"))
        scored(match(pool, variant.requirement, K2, limit=10, engine="columnar"))
    return pool


def scored(ranking: Ranking) -> list[Scored]:
    """Return the scores and keys of a ranking; the keys are positions."""
    return [(found.score, found.key) for found in ranking]


def ready(variants: Iterator[Variant]) -> Callable[[], Requirement]:
    """Return what makes the next requirement, compiled."""
    return lambda: Requirement(next(variants).requirement)


def _size(settings: Settings) -> int:
    return 10_000 if settings.quick else 1_000_000


def _check_recombined(known: Pool, hosts: list[Host], variant: Variant) -> None:
    wanted = answer(hosts, variant.holds)
    check("a recombined requirement", len(match(known, variant.requirement)), len(wanted))
    check(
        "a recombined requirement, the best ten", scored(match(known, variant.requirement, K2, limit=10)), wanted[:10]
    )


def _peers(columns: Columns, question: str, wanted: object, count: int) -> list[Subject]:
    """Return the peers that are installed, each with its way to answer a question, after it has answered."""
    subjects = []
    for peer in COLUMN_PEERS:
        answers = peer.load(columns)
        if answers is not None:
            run = getattr(answers, question)
            check(peer.name, np.asarray(run()).tolist(), np.asarray(wanted).tolist())
            subjects.append(Subject(peer.name, run, count))
    return subjects


def _within(what: str, times: Times, name: str, nanoseconds: float, per: str = "host") -> Row:
    time = times.median(name)
    return Row(what, time, per, target=f"at most {nanoseconds:g} ns", reached=time <= nanoseconds * 1e-9)


def _beside(what: str, times: Times, name: str, reference: str, per: str = "host", note: str = "") -> Row:
    compared = f"{reference}, {duration(times.median(reference))}"
    return Row(what, times.median(name), per, compared, times.ratio(name, reference), note=note)


def _compared(what: str, times: Times, most: dict[str, float | None], per: str = "host") -> list[Row]:
    """Return a row for each peer to compare the first time with, and how many times as long it may take."""
    rows = []
    for name, limit in most.items():
        if name not in times.rounds:
            continue
        ratio = times.ratio(FIRST, name)
        compared = f"{name}, {duration(times.median(name))}"
        if limit is None:
            rows.append(Row(what, times.median(FIRST), per, compared, ratio))
        else:
            target = f"at most {limit:g}" + (f" ({1 / limit:g} times faster)" if limit < 1 else "")
            rows.append(Row(what, times.median(FIRST), per, compared, ratio, target, ratio <= limit))
    return rows


def _others(times: Times, per: str = "host") -> list[Row]:
    rows = []
    for peer in COLUMN_PEERS:
        if peer.name in times.rounds:
            rows.append(_beside(peer.name, times, peer.name, FIRST, per, peer.note))
        else:
            rows.append(Row(peer.name, None, note=f"{peer.package} is not installed"))
    return rows


def _classads(settings: Settings, hosts: list[Host], ours: float) -> list[Row]:
    """Time ClassAds on some of the hosts: a million of them would not fit beside the rest."""
    rows = []
    for peer in PEERS:
        module = peer.load() if peer.module == "classad2" else None
        if module is None:
            continue
        verdict, ads = peer.ready(module, hosts)
        check(peer.name, sum(map(bool, map(verdict, ads))), sum(map(bool, map(lambda_requirement, hosts[: len(ads)]))))
        subject = Subject(
            peer.name, lambda verdict=verdict, ads=ads: sum(map(bool, map(verdict, ads))), len(ads), warm=1
        )
        time = measure([subject], settings.rounds(5)).median(peer.name)
        note = f"{peer.note}; on {len(ads):,} of the hosts, which have the seven attributes only"
        rows.append(Row(peer.name, time, compared=f"{FIRST}, {duration(ours)}", ratio=time / ours, note=note))
    return rows


def _floor(settings: Settings, times: Times, size: int) -> list[Row]:
    """Return how long the machine's memory takes to deliver what has to be read, and how far everything is from that."""
    speed = bandwidth(64 if settings.quick else 512)
    columns, bits = size / speed, 6 / 8 / speed
    memory = f"memory, {significant(speed / 1e9)} GB/s"
    note = f"the columns that R2 reads are {size} bytes per host, each value in the narrowest type; nothing is faster unless a cache holds them"
    return [
        Row("floor: R2's columns are read once", columns, compared=memory, note=note),
        *(_above(name, times, columns, "that floor") for name in (FIRST, NUMPY) if name in times.rounds),
        Row("floor: six bits are read", bits, compared=memory, note="one per host for each of R2's clauses"),
        _above(AGAIN, times, bits, "that floor"),
    ]


def _above(name: str, times: Times, floor: float, title: str) -> Row:
    time = times.median(name)
    return Row(name, time, compared=f"{title}, {duration(floor)}", ratio=time / floor)
