"""`R2` and `K2` with other constants: what is new to a pool, and what is put together anew of what it knows."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, product

from benchmarks.data import SEED, Host
from benchmarks.peers import exact_rank


@dataclass(frozen=True)
class Variant:
    """`R2` and `K2`, or with other constants something of the same form.

    Parameters
    ----------
    hypervisor, cluster, tier, memory, rack, machines
        The constants of R2's clauses; `tier` and `rack` are what the patterns begin with.
    weight, divisor
        The constants of K2.
    """

    hypervisor: str = "kvm"
    cluster: int = 3
    tier: str = "gold"
    memory: int = 4_000_000
    rack: int = 1
    machines: int = 20
    weight: int = 50
    divisor: int = 1024

    @property
    def requirement(self) -> str:
        """The requirement's text."""
        return (
            f'(HYPERVISOR = "{self.hypervisor}" & CLUSTER_ID = {self.cluster} | QOS = "{self.tier}*")'
            f' & FREE_MEM > {self.memory} & !(RACK = "r{self.rack}?") & RUNNING_VMS < {self.machines}'
        )

    @property
    def rank(self) -> str:
        """The rank's text."""
        return f"-(RUNNING_VMS * {self.weight} + FREE_CPU) + FREE_MEM / {self.divisor}"

    def holds(self, host: Host) -> bool:
        """Return what the requirement says of a host, by hand."""
        return bool(
            (
                (host["HYPERVISOR"] == self.hypervisor and host["CLUSTER_ID"] == self.cluster)
                or host["QOS"].startswith(self.tier)
            )
            and host["FREE_MEM"] > self.memory
            and not (len(host["RACK"]) == 3 and host["RACK"].startswith(f"r{self.rack}"))
            and host["RUNNING_VMS"] < self.machines
        )

    def score(self, host: Host) -> int:
        """Return what the rank says of a host, by hand."""
        return exact_rank(host, self.weight, self.divisor)


PREPARING = Variant("lxc", 5, "silver", 1_000_000, 2, 10, 60, 1000)
"""Reads what R2 and K2 read and shares no clause and no rank with them: it makes a pool's columns, and nothing else."""

_CLUSTERS, _RACKS, _MACHINES = range(8), range(4), (19, 20, 21)
_MEMORIES = tuple(4_000_000 + 1_000 * step for step in range(16))

KNOWN = [
    Variant(cluster=step % 8, memory=_MEMORIES[step], rack=step % 4, machines=_MACHINES[step % 3]) for step in range(16)
]
"""All clauses that `recombined` puts together, each at least once."""


def recombined() -> Iterator[Variant]:
    """Yield requirements that a pool which was asked `KNOWN` has not seen, made of clauses it has; never the same twice.

    Each keeps about as many hosts as R2 does. There are about 1,500.
    """
    every = [
        Variant(cluster=cluster, memory=memory, rack=rack, machines=machines)
        for cluster, memory, rack, machines in product(_CLUSTERS, _MEMORIES, _RACKS, _MACHINES)
    ]
    random.Random(SEED).shuffle(every)
    seen = set(KNOWN)
    return (variant for variant in every if variant not in seen)


_fresh: Iterator[int] = count(1)


def unseen() -> Variant:
    """Return a variant with constants of its own in requirement and rank, which nothing in this process has met."""
    number = next(_fresh)
    return Variant(
        cluster=number % 8,
        memory=4_100_000 + number,
        rack=number % 4,
        machines=19 + number % 3,
        weight=51 + number % 97,
        divisor=1025 + number // 97,
    )
