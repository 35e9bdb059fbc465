"""Weights and scores, and how weights are combined.

Of weights, which oVirt reads, lower is better, of scores, which rules give, higher. Here, and nowhere else, scores become weights. The combinations are those of oVirt's selectors RankSelector and BasicWeighting.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

SMALLEST, LARGEST = -(2**31), 2**31 - 1
"""Weights are signed integers of 32 bits: the engine's client knows no others."""


def weights_of_scores(scores: Iterable[tuple[str, float | None]]) -> list[tuple[str, int]]:
    """Return the weights of hosts: the highest of the scores minus the host's own, rounded down.

    Parameters
    ----------
    scores : iterable of (str, float or None)
        Hosts and their scores, higher is better; those without a score, or with NaN, are left out.
    """
    pairs = [(host, score) for host, score in scores if score is not None and score == score]
    if not pairs:
        return []
    values = [score for _, score in pairs]
    lowest, highest = min(values), max(values)
    if lowest > -LARGEST and highest < LARGEST and highest - lowest < LARGEST:  # nearly always
        return [(host, math.floor(highest - score)) for host, score in pairs]
    # Infinite scores: the best is 0 from the best, whatever it is, and all others are as far from it as can be.
    return [(host, 0 if score == highest else _distance(highest, score)) for host, score in pairs]


def _distance(highest: float, score: float) -> int:
    try:
        return whole_weight(highest - score)
    except OverflowError:  # a whole number beyond all floats, and a float
        return LARGEST


def whole_weight(weight: float) -> int:
    """Return a weight as the whole number of 32 bits that oVirt can read: rounded down, and no further than that goes."""
    if weight >= LARGEST:
        return LARGEST
    return SMALLEST if weight <= SMALLEST else math.floor(weight)


def added_up(hosts: Sequence[str], weights: Iterable[tuple[str, int]]) -> list[int]:
    """Return the weight of each host: the sum of all that a weigher gave it, 0 for a host that it left out."""
    sums = dict.fromkeys(hosts, 0)
    for host, weight in weights:
        if host in sums:
            sums[host] += weight
    return [sums[host] for host in hosts]


def ranks_of(weights: Sequence[int]) -> list[int]:
    """Return the rank of each host of a weigher: (n - 1) minus the number of hosts with strictly lower weight.

    The best has n - 1; equal weights have equal ranks.
    """
    lower: dict[int, int] = {}
    for place, weight in enumerate(sorted(weights)):
        lower.setdefault(weight, place)
    return [len(weights) - 1 - lower[weight] for weight in weights]
