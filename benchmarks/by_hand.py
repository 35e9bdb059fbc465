"""What an expert would write with numpy for expressions of the form of `R2` and `K2`, and for nothing else."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.columns import TEXTS, Columns, Scored
from benchmarks.variants import Variant

BLOCK = 131_072
"""How many candidates at a time: temporaries of this size stay in a core's own cache, and calls are few."""


class NumpyByHand:
    """Functions as an expert would write them for expressions of the form of `R2` and `K2`, and for nothing else.

    Texts are numbers into sorted lists, so that both patterns, which are prefixes, are ranges of numbers.

    Parameters
    ----------
    pool : Columns
        The candidates.
    tables : bool
        Look each text's number up in a table of verdicts instead, as any pattern can be done.
    """

    def __init__(self, pool: Columns, *, tables: bool = False) -> None:
        self._arrays = [pool.arrays[name] for name in ("HYPERVISOR", "CLUSTER_ID", "QOS", "FREE_MEM", "RACK")]
        self._vms, self._cpu = pool.arrays["RUNNING_VMS"], pool.arrays["FREE_CPU"]
        self._length = len(pool)
        self._tables = tables
        size = min(BLOCK, self._length)
        self._mask, self._clause = np.empty(size, bool), np.empty(size, bool)
        self._bytes = np.empty(size, np.uint8)

    def count(self, variant: Variant = Variant()) -> int:  # noqa: B008  it is frozen
        """Return how many match."""
        passing = self._passing(variant)
        return sum(int(np.count_nonzero(passing(start))) for start in range(0, self._length, BLOCK))

    def best(self, variant: Variant = Variant(), limit: int = 10) -> list[Scored]:  # noqa: B008
        """Return the best; block by block, and only what is no worse than the worst of those so far."""
        passing = self._passing(variant)
        best = np.empty(0, np.int64)
        for start in range(0, self._length, BLOCK):
            places = np.flatnonzero(passing(start)) + start
            packed = self._packed(places, variant)
            if len(best) == limit:
                packed = packed[packed > best[0]]
            best = np.concatenate((best, packed))
            if len(best) > limit:
                best = np.partition(best, -limit)[-limit:]
            best.sort()
        return [(int(one) >> 32, int(one) & 0xFFFF_FFFF) for one in best[::-1]]

    def order(self, variant: Variant = Variant()) -> Any:  # noqa: B008
        """Return the positions of all that match, best first."""
        passing = self._passing(variant)
        starts = range(0, self._length, BLOCK)
        packed = np.concatenate(
            [self._packed(np.flatnonzero(passing(start)) + start, variant) for start in starts] or [np.empty(0, int)]
        )
        packed.sort()
        return packed[::-1] & 0xFFFF_FFFF

    def _packed(self, places: Any, variant: Variant) -> Any:
        """Return scores and positions as one number each, which sort as they do."""
        busy = self._vms[places].astype(np.float32) * np.float32(variant.weight) + self._cpu[places].astype(np.float32)
        free = self._arrays[3][places].astype(np.float32) / np.float32(variant.divisor)
        scores = (free - busy).astype(np.int32)
        return (scores.astype(np.int64) << 32) | places

    def _passing(self, variant: Variant) -> Callable[[int], Any]:
        """Return a function that gives the mask of the block at a start; it is valid until the next call."""
        hypervisor, cluster, tier, memory, rack = self._arrays
        vms = self._vms
        kind = TEXTS["HYPERVISOR"].index(variant.hypervisor)
        tiers, racks = prefixed("QOS", variant.tier), prefixed("RACK", f"r{variant.rack}")
        tier_table, rack_table = _table(tiers), _table(racks, of=False)

        def within(codes: Any, bounds: tuple[int, int], inside: Any, out: Any, spare: Any) -> None:
            np.subtract(codes, np.uint8(bounds[0]), out=spare)
            inside(spare, np.uint8(bounds[1] - bounds[0]), out=out)

        def passing(start: int) -> Any:
            stop = min(start + BLOCK, self._length)
            mask, clause, spare = (one[: stop - start] for one in (self._mask, self._clause, self._bytes))
            np.equal(hypervisor[start:stop], kind, out=mask)
            np.equal(cluster[start:stop], variant.cluster, out=clause)
            mask &= clause
            if self._tables:
                mask |= np.frombuffer(tier[start:stop].tobytes().translate(tier_table), bool)
                mask &= np.frombuffer(rack[start:stop].tobytes().translate(rack_table), bool)
            else:
                within(tier[start:stop], tiers, np.less, clause, spare)
                mask |= clause
                within(rack[start:stop], racks, np.greater_equal, clause, spare)
                mask &= clause
            np.greater(memory[start:stop], variant.memory, out=clause)
            mask &= clause
            np.less(vms[start:stop], variant.machines, out=clause)
            mask &= clause
            return mask

        return passing


def prefixed(name: str, prefix: str) -> tuple[int, int]:
    """Return the first number of the texts with a prefix, and the first behind them."""
    return bisect_left(TEXTS[name], prefix), bisect_left(TEXTS[name], prefix + "\x7f")


def _table(bounds: tuple[int, int], *, of: bool = True) -> bytes:
    """Return the verdicts on all numbers: one byte each, for `bytes.translate`, the fastest look-up numpy can share."""
    return bytes((bounds[0] <= number < bounds[1]) is of for number in range(256))
