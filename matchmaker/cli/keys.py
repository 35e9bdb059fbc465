"""Finding the candidate that a key on the command line names."""

from __future__ import annotations

from itertools import islice

from matchmaker.cli.expressions import shortened
from matchmaker.cli.terminal import Refusal
from matchmaker.matching.pool import Pool

_KEYS_SHOWN = 5


def position_of(pool: Pool, key: str) -> int:
    """Return the position of the candidate whose key is written so.

    Raises
    ------
    Refusal
        If there is none.
    """
    for position, known in enumerate(pool.keys):
        if str(known) == key:
            return position
    raise Refusal(f"no candidate has the key `{shortened(key)}`; {first_keys(pool)}")


def first_keys(pool: Pool) -> str:
    """Return what the first keys of a pool are, in words."""
    keys = ", ".join(shortened(str(key)) for key in islice(pool.keys, _KEYS_SHOWN))
    return f"the keys are {keys}" + (", ..." if len(pool) > _KEYS_SHOWN else "")
