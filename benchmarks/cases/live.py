"""A pool that changes while it is asked: what an update costs when much is kept of the pool.

The pool keeps 1,000 clauses and 20 orders, of which 100 and 5 read the three attributes that an update changes. Changes are taken
over when something that reads them is next used, so the call itself says little. What counts is the time that queries which use
everything kept take longer when an update comes before them than when none does.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.columns import best_of, wide
from benchmarks.data import SEED, Host
from benchmarks.report import Row, duration
from benchmarks.settings import Settings, check
from benchmarks.timing import Subject, measure
from matchmaker import Pool, Rank, Ranking, Requirement, match

CHANGING = {"FREE_MEM": 40_000_000, "FREE_CPU": 6_400, "RUNNING_VMS": 24}
"""What updates change, with about the largest value."""
STEADY = {"CPU_USAGE": 6_400, "MEM_USAGE": 40_000_000, "NETRX": 2**31, "FREE_DISK": 2_048_000, "USED_DISK": 2_048_000}
"""What else is read."""

QUERIES = 20
CHANGING_CLAUSES, CLAUSES = 100, 1_000
BURST = 16
"""How many updates come in a row, as from a monitor that reports several hosts at a time."""


@dataclass(frozen=True)
class Query:
    """Pairs of clauses, one of each pair at least must hold, and an attribute to rank by.

    Parameters
    ----------
    clauses : list of (str, int)
        Attributes, and what they must exceed.
    attribute, divisor
        The rank is the attribute divided by the divisor.
    """

    clauses: list[tuple[str, int]]
    attribute: str
    divisor: int

    @property
    def requirement(self) -> str:
        """The requirement's text."""
        texts = [f"{name} > {least}" for name, least in self.clauses]
        return " & ".join(f"({one} | {other})" for one, other in zip(texts[::2], texts[1::2], strict=True))

    @property
    def rank(self) -> str:
        """The rank's text."""
        return f"{self.attribute} / {self.divisor}"

    def holds(self, host: Host) -> bool:
        """Return what the requirement says of a host, by hand."""
        verdicts = [host[name] > least for name, least in self.clauses]
        return all(one or other for one, other in zip(verdicts[::2], verdicts[1::2], strict=True))

    def score(self, host: Host) -> int:
        """Return what the rank says of a host, by hand."""
        return int(np.float32(host[self.attribute]) / np.float32(self.divisor))


def queries() -> list[Query]:
    """Return queries that share nothing, and together use every clause and every order once."""
    rng = random.Random(SEED)
    changing = _clauses({"FREE_MEM": 40, "FREE_CPU": 40, "RUNNING_VMS": 20}, CHANGING)
    others = CLAUSES - CHANGING_CLAUSES
    steady = _clauses(dict.fromkeys(STEADY, others // len(STEADY)), STEADY)
    rng.shuffle(changing)
    rng.shuffle(steady)
    ranks = [("FREE_MEM", 1024), ("FREE_MEM", 1000), ("FREE_CPU", 2), ("FREE_CPU", 3), ("RUNNING_VMS", 1)]
    ranks += [(name, divisor) for name in STEADY for divisor in (1, 2, 3)]
    rng.shuffle(ranks)
    made = []
    for number, (attribute, divisor) in enumerate(ranks):
        chosen = changing[number::QUERIES] + steady[number::QUERIES]
        rng.shuffle(chosen)
        made.append(Query(chosen, attribute, divisor))
    return made


def _clauses(counts: dict[str, int], largest: dict[str, int]) -> list[tuple[str, int]]:
    """Return thresholds in the lower part of each attribute's range, so that pairs of them mostly hold."""
    return [
        (name, step if name == "RUNNING_VMS" else largest[name] * step // (8 * count))
        for name, count in counts.items()
        for step in range(count)
    ]


def live(settings: Settings) -> list[Row]:
    """Update, and ask everything; the same questions without an update; and a new pool brought to the same state."""
    count, updates = (400, 16) if settings.quick else (100_000, 128)
    hosts, asked = wide(count), queries()
    wishes = [(Requirement(query.requirement), Rank(query.rank)) for query in asked]
    changing, still = Pool(hosts), Pool(hosts)
    changes = _changes(count)

    def ask(pool: Pool) -> list[list[Any]]:
        return [_listed(match(pool, *wish, limit=10, engine="columnar")) for wish in wishes]

    for pool in (changing, still):
        ask(pool)
        ask(pool)
    changing.apply([("update", *next(changes)) for _ in range(5)])
    answers = ask(changing)
    check("after updates", answers, ask(Pool(changing)))
    for query, found in list(zip(asked, answers, strict=True))[:: QUERIES // 4]:
        check("after updates", found, best_of(list(changing), query.holds, query.score))
    kept = changing.stats() if hasattr(changing, "stats") else None

    def batch(length: int = updates) -> Callable[[], list[tuple[int, Host]]]:
        return lambda: [next(changes) for _ in range(length)]

    def update(these: list[tuple[int, Host]]) -> None:
        for key, attributes in these:
            changing.update(key, attributes)

    def update_and_ask(these: list[tuple[int, Host]]) -> None:
        for key, attributes in these:
            changing.update(key, attributes)
            ask(changing)

    def only_ask() -> None:
        for _ in range(updates):
            ask(still)

    def update_and_ask_one(these: list[tuple[int, Host]]) -> None:
        for number, (key, attributes) in enumerate(these):
            changing.update(key, attributes)
            _listed(match(changing, *wishes[number % QUERIES], limit=10, engine="columnar"))

    def only_ask_one() -> None:
        for number in range(updates):
            _listed(match(still, *wishes[number % QUERIES], limit=10, engine="columnar"))

    def update_some_and_ask(these: list[tuple[int, Host]]) -> None:
        for start in range(0, len(these), BURST):
            update(these[start : start + BURST])
            ask(changing)

    def only_ask_after_some() -> None:
        for _ in range(0, updates, BURST):
            ask(still)

    subjects = [
        Subject("asked after each", update_and_ask, updates, batch(), warm=0),
        Subject("asked", only_ask, updates, warm=0),
        Subject("asked one after each", update_and_ask_one, updates, batch(), warm=0),
        Subject("asked one", only_ask_one, updates, warm=0),
        Subject("asked after some", update_some_and_ask, updates, batch(), warm=0),
        Subject("asked now and then", only_ask_after_some, updates, warm=0),
        Subject("update", update, updates, batch(), warm=0),
        Subject("rebuild", lambda listed: ask(Pool(listed)), prepare=lambda: list(changing), warm=0),
    ]
    times = measure(subjects, settings.rounds(7))
    check("after many updates", ask(changing), ask(Pool(changing)))

    some, rebuild = times.difference("asked after some", "asked now and then"), times.median("rebuild")
    what = f"an update of 3 attributes, {BURST} in a row, then {len(wishes)} queries use everything kept"
    told = "" if kept is None else f"the pool of {kept.candidates:,} keeps {kept.clauses:,} clauses"
    without = "the time beyond the same queries without updates"
    each, one = times.difference("asked after each", "asked"), times.difference("asked one after each", "asked one")
    note_each = f"{without}, {duration(times.median('asked'))}: all clauses are looked at again for one update"
    note_one = f"{without}, {duration(times.median('asked one'))}"
    return [
        Row(what, some, "update", target="at most 500 us", reached=some <= 500e-6, note=f"{without}; {told}"),
        Row(
            what,
            some,
            "update",
            f"a new pool brought there, {duration(rebuild)}",
            some / rebuild,
            "at most 0.002 (500 times faster)",
            some / rebuild <= 0.002,
        ),
        Row(f"the same, {len(wishes)} queries after each single one", each, "update", note=note_each),
        Row("the same, one of the queries after each, in turn", one, "update", note=note_one),
        Row("`pool.update(key, attributes)`, the call alone", times.median("update"), "update"),
        Row("a new pool, and the queries once", rebuild, "run"),
    ]


def _changes(count: int) -> Iterator[tuple[int, Host]]:
    """Yield a host's position and what is new of it, for ever."""
    rng = random.Random(SEED)
    while True:
        yield rng.randrange(count), {name: rng.randrange(largest) for name, largest in CHANGING.items()}


def _listed(ranking: Ranking) -> list[Any]:
    return [(found.score, found.key) for found in ranking]
