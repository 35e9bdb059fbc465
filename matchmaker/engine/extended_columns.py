"""Ranks and conditions of the extended dialect over columns: a formula, run on a block of slots after the other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from matchmaker.attributes.lookup import Kind
from matchmaker.engine.bitmaps import Words, nothing
from matchmaker.engine.blocks import Block, Slots, Sources
from matchmaker.engine.clauses import compile_clause
from matchmaker.engine.closures import Predicate, compile_predicate
from matchmaker.engine.columns import Need
from matchmaker.engine.formulas import compile_numbers, compile_verdicts
from matchmaker.engine.meanings import EXTENDED
from matchmaker.language.nodes import Comparison, Node, RequestAttribute, depth, leaves, walk
from matchmaker.language.printer import print_tree

BLOCK = 32_768
"""How many slots are computed at a time: a few arrays of doubles stay in the second-level cache."""
_USUAL = 10
"""How deep a tree may be before its blocks get smaller, so that what waits stays bounded."""


class _Formula:
    """What ranks and conditions have in common.

    Attributes
    ----------
    key : str
        What tells it from others: its text, and what it knows of the request.
    needs : frozenset of Need
        The views that it reads.
    names : frozenset of str
        The attributes that it reads.
    """

    __slots__ = ("_size", "_tree", "key", "names", "needs")

    def __init__(self, tree: Node, needs: set[Need]) -> None:
        bound = [node.value for node in walk(tree) if isinstance(node, RequestAttribute)]
        self.key = f"extended {bound} {print_tree(tree)}"
        self.needs = frozenset(needs)
        self.names = frozenset(need.name for need in needs)
        self._tree = tree
        self._size = max(512, BLOCK * _USUAL // max(_USUAL, depth(tree)) // 64 * 64)

    def _runs(self, length: int) -> Iterator[slice]:
        for start in range(0, length, self._size):
            yield slice(start, min(start + self._size, length))


class ColumnCondition(_Formula):
    """A condition that looks at several attributes, or computes something, ready to run over columns."""

    __slots__ = ("_predicates", "_verdicts")

    def __init__(self, tree: Node) -> None:
        needs: set[Need] = set()
        self._verdicts = compile_verdicts(tree, needs)
        self._predicates: dict[Kind, Predicate] = {}
        super().__init__(tree, needs)

    def matches(self, candidate: Any, kind: Kind) -> bool:
        """Tell whether one candidate meets it, as the closures do."""
        predicate = self._predicates.get(kind)
        if predicate is None:
            comparisons = (leaf for leaf in leaves(self._tree) if isinstance(leaf, Comparison))
            clauses = [compile_clause(comparison, EXTENDED) for comparison in comparisons]
            predicate = compile_predicate(self._tree, kind, iter(clauses), EXTENDED)
            self._predicates[kind] = predicate
        return predicate(candidate)

    def verdicts(self, sources: Sources, length: int) -> Words:
        """Return the verdicts on all slots; those of refused slots mean nothing.

        Raises
        ------
        LimitError
            When a glob takes too many steps.
        """
        words = nothing(length)
        octets = words.view(np.uint8)
        with np.errstate(all="ignore"):
            for run in self._runs(length):
                verdicts = np.broadcast_to(self._verdicts(Block(sources, run)), run.stop - run.start)
                packed = np.packbits(verdicts, bitorder="little")
                octets[run.start // 8 : run.start // 8 + len(packed)] = packed
        return words


class DoubleRankColumns(_Formula):
    """A rank of the extended dialect, compiled for columns."""

    __slots__ = ("_numbers",)

    def __init__(self, tree: Node) -> None:
        needs: set[Need] = set()
        self._numbers = compile_numbers(tree, needs)
        super().__init__(tree, needs)

    def scores(self, sources: Sources, length: int, slots: Slots | None = None) -> npt.NDArray[np.float64]:
        """Return the scores of all slots, or of so many given ones; NaN where there is none.

        Raises
        ------
        LimitError
            When a glob takes too many steps.
        """
        scores = np.empty(length)
        with np.errstate(all="ignore"):
            for run in self._runs(length):
                values, present = self._numbers(Block(sources, run if slots is None else slots[run]))
                scores[run] = values
                if present is not None:
                    np.copyto(scores[run], np.nan, where=~present)
        return scores
