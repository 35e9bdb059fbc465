"""How things are timed: every subject once per round, the order turning, medians over the rounds."""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from time import process_time
from typing import Any


@dataclass(frozen=True)
class Subject:
    """Something to time.

    Parameters
    ----------
    name : str
        What reports call it.
    run : callable
        One run; it gets what `prepare` returned, when there is one.
    count : int
        How many things (hosts, texts) one run handles; times are per thing.
    prepare : callable or None
        Makes what a run needs, before each run, untimed.
    warm : int
        How many untimed runs come before each timed one, to fill the processor's caches.
    clock : callable
        What measures: the process's own CPU time, which does not count while others have the processor, or
        `perf_counter` where other processes do the work.
    """

    name: str
    run: Callable[..., object]
    count: int = 1
    prepare: Callable[[], Any] | None = None
    warm: int = 3
    clock: Callable[[], float] = process_time


class Times:
    """Seconds per thing, by subject, one number per round."""

    def __init__(self, rounds: dict[str, list[float]]) -> None:
        self.rounds = rounds

    def median(self, name: str) -> float:
        """Return a subject's median."""
        return median(self.rounds[name])

    def ratio(self, name: str, reference: str) -> float:
        """Return the median of the ratios of two subjects in the same round: what slows both down cancels out."""
        pairs = zip(self.rounds[name], self.rounds[reference], strict=True)
        return median(one / other for one, other in pairs)

    def difference(self, name: str, reference: str) -> float:
        """Return the median of the differences of two subjects in the same round."""
        pairs = zip(self.rounds[name], self.rounds[reference], strict=True)
        return median(one - other for one, other in pairs)


def measure(subjects: Sequence[Subject], rounds: int) -> Times:
    """Time subjects, interleaved. The garbage collector stays on, as it is for users."""
    times: dict[str, list[float]] = {subject.name: [] for subject in subjects}
    gc.collect()
    for number in range(rounds):
        turn = number % len(subjects)
        for subject in (*subjects[turn:], *subjects[:turn]):
            for _ in range(subject.warm):
                _time(subject)
            times[subject.name].append(_time(subject) / subject.count)
    return Times(times)


def _time(subject: Subject) -> float:
    run, clock = subject.run, subject.clock
    if subject.prepare is None:
        begin = clock()
        run()
        return clock() - begin
    prepared = subject.prepare()
    begin = clock()
    run(prepared)
    return clock() - begin


def bandwidth(megabytes: int) -> float:
    """Return how many bytes per second numpy reads from an array that no cache holds: the best of sum, maximum and copy."""
    import numpy as np  # here: the processes of other cases import this module, and are timed

    array = np.ones(megabytes << 17, np.int64)
    other = np.zeros_like(array)
    subjects = [
        Subject("sum", array.sum, array.nbytes, warm=1),
        Subject("maximum", array.max, array.nbytes, warm=1),
        Subject("copy", lambda: np.copyto(other, array), 2 * array.nbytes, warm=1),
    ]
    times = measure(subjects, 5)
    return 1 / min(times.median(subject.name) for subject in subjects)
