"""Rows of hosts' weights, kept by weigher: there are thousands of them in an answer, and hosts are the same for each weigher."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple


class Weighed(NamedTuple):
    """What a weigher gives.

    Attributes
    ----------
    hosts : sequence of str
        The hosts' ids.
    weights : sequence of int
        Their weights.
    unit : str
        The weigher's name.
    """

    hosts: Sequence[str]
    weights: Sequence[int]
    unit: str


class WeightRows:
    """Rows `[host, weight, unit]`.

    Parameters
    ----------
    blocks : sequence of Weighed
        The weights, weigher by weigher.
    """

    __slots__ = ("blocks",)

    def __init__(self, blocks: Sequence[Weighed]) -> None:
        self.blocks = blocks

    def __iter__(self) -> Iterator[tuple[str, int, str]]:
        for hosts, weights, unit in self.blocks:
            for host, weight in zip(hosts, weights, strict=True):
                yield host, weight, unit
