"""What the dialects make of the same trees, as data for the engines."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import neg
from typing import Any, NamedTuple

from matchmaker.attributes.numbers import int32
from matchmaker.attributes.values import Value, double, rank_reading
from matchmaker.engine.arithmetic import DOUBLE_OPERATIONS, OPERATIONS, Score, negative, score_of_double


class Meaning(NamedTuple):
    """What a dialect makes of values and numbers.

    Attributes
    ----------
    read : callable
        Reads an attribute's value as a number; the second argument is its name.
    operations : mapping of str to callable
        What the arithmetic operators do.
    negate : callable
        What the sign does.
    score : callable
        Makes a score of what a rank comes to.
    null_text : bool
        Whether an empty text on the right is upstream's null string, which nothing is equal to or different from.
    """

    read: Callable[[Value, str], Any]
    operations: Mapping[str, Callable[[Any, Any], Any]]
    negate: Callable[[Any], Any]
    score: Callable[[Any], Score]
    null_text: bool


OPENNEBULA = Meaning(rank_reading, OPERATIONS, neg, int32, null_text=True)
"""float32; what is missing is 0, and a score a signed 32-bit integer."""
EXTENDED = Meaning(double, DOUBLE_OPERATIONS, negative, score_of_double, null_text=False)
"""Doubles; what is missing is None."""

MEANINGS = {"opennebula": OPENNEBULA, "extended": EXTENDED}
"""What each dialect means, by its name."""
