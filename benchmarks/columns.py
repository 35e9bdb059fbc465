"""Large pools: only the attributes that `R2` and `K2` read, distributed as in `benchmarks.data`, made in seconds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from heapq import nlargest
from typing import Any

import numpy as np

from benchmarks.data import SEED, Host, pool
from benchmarks.peers import exact_rank, lambda_requirement

Scored = tuple[int, int]
"""A score and a position: as tuples, the greater one is the better match."""

TEXTS = {
    "HYPERVISOR": ["kvm", "lxc", "qemu"],
    "QOS": ["bronze", "gold", "gold-plus", "silver"],
    "RACK": [f"r{number:02d}" for number in range(40)],
}
"""The distinct texts of each attribute that has texts, sorted: a prefix is a range of their numbers."""
REQUIRED = ("HYPERVISOR", "CLUSTER_ID", "QOS", "FREE_MEM", "RACK", "RUNNING_VMS")
"""What `R2` reads."""
NAMES = (*REQUIRED, "FREE_CPU")
"""What `R2` and `K2` read."""


@dataclass(frozen=True)
class Columns:
    """A pool as arrays, each of the narrowest type; texts are numbers into `TEXTS`.

    Parameters
    ----------
    arrays : dict of str to ndarray
        The values by attribute.
    """

    arrays: dict[str, Any]

    def __len__(self) -> int:
        return len(self.arrays["FREE_MEM"])

    def texts(self, name: str) -> Any:
        """Return an attribute that has texts as an array of them."""
        return np.array(TEXTS[name], dtype=object)[self.arrays[name]]

    def hosts(self) -> list[Host]:
        """Return the same pool as dicts."""
        values = [self.texts(name).tolist() if name in TEXTS else array.tolist() for name, array in self.arrays.items()]
        return [dict(zip(NAMES, row, strict=True)) for row in zip(*values, strict=True)]


def columns(count: int, seed: int = SEED) -> Columns:
    """Make a pool of any size; about 15 % of it meets `R2`. The same each time."""
    rng = np.random.default_rng(seed)

    def left(totals: Sequence[int], least: int) -> Any:
        total = rng.choice(totals, count)
        return total - rng.integers(total // least if least else 0, total)

    return Columns(
        {
            "HYPERVISOR": rng.choice(3, count, p=[0.80, 0.15, 0.05]).astype(np.uint8),
            "CLUSTER_ID": rng.integers(0, 8, count, dtype=np.uint8),
            "QOS": rng.choice(4, count, p=[0.38, 0.14, 0.10, 0.38]).astype(np.uint8),
            "FREE_MEM": left([size * 1024 * 1024 for size in (16, 32, 64)], 4).astype(np.int32),
            "RACK": rng.integers(0, 40, count, dtype=np.uint8),
            "RUNNING_VMS": rng.integers(0, 25, count, dtype=np.uint8),
            "FREE_CPU": left([1600, 3200, 6400], 0).astype(np.int16),
        }
    )


@dataclass(frozen=True)
class Crowd:
    """A large pool in both forms."""

    columns: Columns
    hosts: list[Host]


@lru_cache(maxsize=1)
def crowd(count: int) -> Crowd:
    """Return a large pool; the last one is kept, for the next case."""
    made = columns(count)
    return Crowd(made, made.hosts())


@lru_cache(maxsize=1)
def wide(count: int) -> list[Host]:
    """Return hosts of 27 attributes; the last pool is kept, for the next case."""
    return pool(count)


def answer(
    hosts: Sequence[Host],
    requirement: Callable[[Host], object] = lambda_requirement,
    score: Callable[[Host], int] = exact_rank,
) -> list[Scored]:
    """Return the right answer, best first, by plain Python functions alone."""
    found = [(score(host), position) for position, host in enumerate(hosts) if requirement(host)]
    return sorted(found, reverse=True)


def best_of(
    hosts: Sequence[Host], requirement: Callable[[Host], object], score: Callable[[Host], int], limit: int = 10
) -> list[Scored]:
    """Return the beginning of the right answer."""
    return nlargest(limit, ((score(host), position) for position, host in enumerate(hosts) if requirement(host)))
