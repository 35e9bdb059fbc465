"""What a table computes and keeps: the verdicts of a clause, and the scores of a rank."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from matchmaker.engine import bitmaps, orders
from matchmaker.engine.arithmetic import Score
from matchmaker.engine.bitmaps import Words
from matchmaker.errors import CandidateError


class Truth(NamedTuple):
    """The verdicts of a clause, and the slots where reading the attribute is an error."""

    words: Words
    refused: frozenset[int]

    @property
    def nbytes(self) -> int:
        """How many bytes it takes."""
        return self.words.nbytes + 60 * len(self.refused) + 300

    def changed(self, values: Mapping[int, Any], test: Callable[[Any], bool], length: int) -> Truth:
        """Return the verdicts on so many slots, of which some hold something else.

        Parameters
        ----------
        values : mapping of int to object
            What is tested there, by slot; a `CandidateError` where reading failed.
        test : callable
            Tells whether the clause is true of it.
        length : int
            How many slots there are.
        """
        verdicts, refused, octets = {}, self.refused, self.words.view(np.uint8)
        for slot, value in values.items():
            try:
                if isinstance(value, CandidateError):
                    raise value
                verdict = test(value)
                if refused:
                    refused -= {slot}
            except CandidateError:
                verdict = False
                refused |= {slot}
            if slot >> 3 >= len(octets) or bool(octets[slot >> 3] >> (slot & 7) & 1) != verdict:
                verdicts[slot] = verdict
        if not verdicts and refused == self.refused and length <= 8 * len(octets):
            return self
        return Truth(bitmaps.with_verdicts(self.words, verdicts, length), refused)


@dataclass(frozen=True, slots=True)
class Scored:
    """The scores of a rank.

    Parameters
    ----------
    scores : array of int32 or float64, shape (slots,)
        The scores, of the extended dialect as doubles, NaN for None; there may be fewer than slots.
    order : array of int32 or None
        The slots by score, once that pays.
    others : mapping of int to number
        Scores by slot that came later: the arrays do not know of them.
    refused : frozenset of int
        The slots where reading an attribute is an error.
    unscored : Words or None
        Where the scores are None; None when nowhere.
    """

    scores: orders.Scores
    order: npt.NDArray[np.int32] | None
    others: Mapping[int, float]
    refused: frozenset[int]
    unscored: Words | None = None

    @property
    def nbytes(self) -> int:
        """How many bytes it takes."""
        order = 0 if self.order is None else self.order.nbytes
        unscored = 0 if self.unscored is None else self.unscored.nbytes
        return self.scores.nbytes + order + unscored + 100 * len(self.others) + 60 * len(self.refused) + 300

    def settled(self, length: int) -> Scored:
        """Return the same with all scores of so many slots in the arrays."""
        scores = np.zeros(length, self.scores.dtype)
        scores[: len(self.scores)] = self.scores
        for slot, score in self.others.items():
            scores[slot] = score
        order = None if self.order is None else orders.moved(self.order, self.scores, self.others)
        return replace(self, scores=scores, order=order, others={}, unscored=unscored_in(scores))


def stored(score: Score) -> float:
    """Return a score as an array holds it."""
    return math.nan if score is None else score


def unscored_in(scores: orders.Scores) -> Words | None:
    """Return where scores are None; None when nowhere, as in the opennebula dialect."""
    if scores.dtype.kind != "f":
        return None
    flags = np.isnan(scores)
    return bitmaps.pack(flags) if flags.any() else None
