"""What a pool tells of itself."""

from __future__ import annotations

from typing import NamedTuple


class Stats(NamedTuple):
    """What a pool holds beside its candidates.

    Attributes
    ----------
    candidates : int
        How many candidates there are.
    column_bytes : int
        What the columns take, with their dictionaries.
    clauses : int
        How many clauses' verdicts are kept.
    clause_bytes : int
        What these take.
    order_bytes : int
        What the kept scores and orders of ranks take.
    version : int
        The pool's version.
    """

    candidates: int
    column_bytes: int
    clauses: int
    clause_bytes: int
    order_bytes: int
    version: int
