"""Budgets for expressions that come from untrusted users."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """What one expression may cost.

    Parameters
    ----------
    length : int
        The longest text, in bytes of UTF-8.
    nodes : int
        The largest number of comparisons, attributes, numbers and operators.
    depth : int
        The most symbols (open parentheses, operators and operands that wait) a parser may hold at once. Upstream's bison
        parser has 10,000 places, one for its start and one kept free: 9,995 open parentheses before `A=5` pass.
    """

    length: int = 1024 * 1024
    nodes: int = 1_000_000
    depth: int = 9_998

    def __post_init__(self) -> None:
        if any(type(limit) is not int or limit < 1 for limit in (self.length, self.nodes, self.depth)):
            raise ValueError("limits are whole numbers of at least 1")


DEFAULT_LIMITS = Limits()
