"""What a table computes and keeps: the verdicts of a clause, and the scores of a rank."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from matchmaker.engine import orders
from matchmaker.engine.bitmaps import Words


class Truth(NamedTuple):
    """The verdicts of a clause, and the slots where reading the attribute is an error."""

    words: Words
    refused: frozenset[int]

    @property
    def nbytes(self) -> int:
        """How many bytes it takes."""
        return self.words.nbytes + 60 * len(self.refused) + 300


@dataclass(frozen=True, slots=True)
class Scored:
    """The scores of a rank.

    Parameters
    ----------
    scores : array of int32, shape (slots,)
        The scores; there may be fewer than slots.
    order : array of int32 or None
        The slots by score, once that pays.
    others : mapping of int to int
        Scores by slot that came later: the arrays do not know of them.
    refused : frozenset of int
        The slots where reading an attribute is an error.
    """

    scores: orders.Scores
    order: npt.NDArray[np.int32] | None
    others: Mapping[int, int]
    refused: frozenset[int]

    @property
    def nbytes(self) -> int:
        """How many bytes it takes."""
        order = 0 if self.order is None else self.order.nbytes
        return self.scores.nbytes + order + 100 * len(self.others) + 60 * len(self.refused) + 300

    def settled(self, length: int) -> Scored:
        """Return the same with all scores of so many slots in the arrays."""
        scores = np.zeros(length, np.int32)
        scores[: len(self.scores)] = self.scores
        for slot, score in self.others.items():
            scores[slot] = score
        order = None if self.order is None else orders.moved(self.order, self.scores, self.others)
        return replace(self, scores=scores, order=order, others={})
