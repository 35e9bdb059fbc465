"""Sets of whole numbers in 32 bits, and how the opennebula dialect asks whether an attribute is in one."""

from __future__ import annotations

from math import ceil, floor

from matchmaker.attributes.numbers import INT32_MAX, INT32_MIN
from matchmaker.language.nodes import Attribute, Comparison, Float, Integer
from matchmaker.translation.logic import Said, joined, opposite

Pieces = tuple[tuple[int, int], ...]
"""A set: the first and the last number of each run, in order; two runs never touch."""

BEYOND = 3_000_000_000.0
"""More than any number in 32 bits, and a float32."""


def numbers_that_are(operator: str, number: float) -> Pieces:
    """Return the whole numbers that compare so with a finite number."""
    if operator == "=":
        return _between(ceil(number), floor(number))
    if operator == "!=":
        return others(_between(ceil(number), floor(number)))
    if operator[0] == ">":
        return _between(floor(number) + 1 if operator == ">" else ceil(number), INT32_MAX)
    return _between(INT32_MIN, ceil(number) - 1 if operator == "<" else floor(number))


def others(pieces: Pieces) -> Pieces:
    """Return the whole numbers in 32 bits that are not in a set."""
    starts = [INT32_MIN, *(last + 1 for _, last in pieces)]
    ends = [*(first - 1 for first, _ in pieces), INT32_MAX]
    return tuple((start, end) for start, end in zip(starts, ends, strict=True) if start <= end)


def asks(name: str, pieces: Pieces, *, missing: bool = False) -> Said:
    """Return what is true where an attribute is one of some whole numbers.

    Parameters
    ----------
    name : str
        The attribute.
    pieces : Pieces
        The numbers.
    missing : bool
        What it is to be where the attribute is missing, or no number.
    """
    gaps = others(pieces)
    if missing:
        return opposite(asks(name, gaps))
    if not pieces:
        return False
    attribute = Attribute(name)
    if not gaps:
        return Comparison(attribute, "<", Float(BEYOND))
    if len(gaps) < len(pieces) and all(first == last for first, last in gaps):
        return joined("&", [Comparison(attribute, "!=", Integer(gap)) for gap, _ in gaps])
    return joined("|", [_run(attribute, first, last) for first, last in pieces])


def _run(attribute: Attribute, first: int, last: int) -> Said:
    if first == last:
        return Comparison(attribute, "=", Integer(first))
    above = first == INT32_MIN or Comparison(attribute, ">", Integer(first - 1))
    below = last == INT32_MAX or Comparison(attribute, "<", Integer(last + 1))
    return joined("&", (above, below))


def _between(first: int, last: int) -> Pieces:
    first, last = max(first, INT32_MIN), min(last, INT32_MAX)
    return ((first, last),) if first <= last else ()
