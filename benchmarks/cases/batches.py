"""10,000 requests on one pool, the ten best for each, every match taken out: as a scheduler with a long queue asks.

Each run gets constants that nothing in the process has met, and a pool of its own that has no columns yet.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.by_hand import NumpyByHand
from benchmarks.columns import Columns, Scored, best_of, columns
from benchmarks.data import SEED
from benchmarks.report import Row, duration
from benchmarks.settings import Settings, check
from benchmarks.timing import Subject, measure
from benchmarks.variants import Variant, unseen
from matchmaker import Pool, Rank, Requirement, match_many

LIMIT = 10
CHECKED = 25


@dataclass(frozen=True)
class Queue:
    """Many requests.

    Parameters
    ----------
    variants : list of Variant
        What is asked for, each once.
    turns : list of int
        Which of them each request is.
    """

    variants: list[Variant]
    turns: list[int]

    @property
    def texts(self) -> list[tuple[str, str]]:
        """The requests as texts."""
        made = [(one.requirement, one.rank) for one in self.variants]
        return [made[turn] for turn in self.turns]

    @property
    def objects(self) -> list[tuple[Requirement, Rank]]:
        """The requests as compiled expressions."""
        made = [(Requirement(one.requirement), Rank(one.rank)) for one in self.variants]
        return [made[turn] for turn in self.turns]


def queue(length: int, distinct: int) -> Queue:
    """Return new requests; where there are fewer distinct ones than requests, each comes about equally often."""
    turns = [turn % distinct for turn in range(length)]
    random.Random(SEED).shuffle(turns)
    return Queue([unseen() for _ in range(distinct)], turns)


def batches(settings: Settings) -> list[Row]:
    """`match_many(pool, requests, limit=10)`: texts and compiled expressions, few distinct ones and all distinct."""
    length, distinct, count = (100, 20, 500) if settings.quick else (10_000, 200, 2_500)
    arrays = columns(count)
    hosts = arrays.hosts()

    def ask(requests: Sequence[Any], **options: Any) -> list[list[Scored]]:
        many = match_many(Pool(hosts), requests, limit=LIMIT, **options)
        return [[(found.score, found.key) for found in ranking] for ranking in many]

    for several in (distinct, length):
        asked = queue(length, several)
        got = ask(asked.texts)
        check("a batch of compiled expressions", ask(asked.objects), got)
        check("a batch on closures", ask(asked.objects[:CHECKED], engine="closures"), got[:CHECKED])
        for turn, answers in zip(asked.turns[:CHECKED], got, strict=False):
            variant = asked.variants[turn]
            check("a batch", answers, best_of(hosts, variant.holds, variant.score, LIMIT))
        check("numpy by hand, a batch", _by_hand(arrays)(asked), got)

    few = max(length // 50, 1)
    subjects = [
        Subject(f"{several} {form}", ask, prepare=_maker(length, several, form), warm=0)
        for several in (distinct, length)
        for form in ("texts", "objects")
    ]
    subjects += [
        Subject("by hand", _by_hand(arrays), prepare=lambda: queue(length, length), warm=0),
        Subject(
            "closures",
            lambda requests: ask(requests, engine="closures"),
            few,
            lambda: queue(few, few).objects,
            warm=0,
        ),
    ]
    times = measure(subjects, settings.rounds(3))
    rows = []
    for several, seconds in ((distinct, 0.5), (length, 2.5)):
        which = f"{length:,} requests x {count:,} hosts, {several:,} distinct"
        for form, given in (("texts", "texts"), ("objects", "compiled expressions")):
            time = times.median(f"{several} {form}")
            rows.append(Row(f"{which}, {given}", time, "run", target=f"at most {seconds:g} s", reached=time <= seconds))
    ours = times.median(f"{length} objects")
    compared, note = f"{length:,} distinct compiled expressions, {duration(ours)}", "one request after the other"
    by_hand = times.median("by hand")
    rows.append(Row("numpy by hand, all distinct", by_hand, "run", compared, by_hand / ours, note=note))
    each = f"{length:,} distinct compiled expressions, {duration(ours / length)}"
    closures = times.median("closures")
    note = f"on {few:,} of the requests"
    rows.append(Row("closures, all distinct", closures, "request", each, closures * length / ours, note=note))
    return rows


def _maker(length: int, distinct: int, form: str) -> Callable[[], list[Any]]:
    return lambda: getattr(queue(length, distinct), form)  # type: ignore[no-any-return]


def _by_hand(arrays: Columns) -> Callable[[Queue], list[list[Scored]]]:
    numpy = NumpyByHand(arrays)
    return lambda asked: [numpy.best(asked.variants[turn], LIMIT) for turn in asked.turns]
