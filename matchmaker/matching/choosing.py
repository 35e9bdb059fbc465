"""Which engine a match runs on.

The closures need nothing but the candidates. The columnar engine first reads the attributes of all candidates into columns,
which takes about as long as two matches with closures, and then is tens to hundreds of times as fast. So the first match on a pool
runs on closures, and later ones on columns.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec
from typing import Literal

from matchmaker.attributes.lookup import MAPPING
from matchmaker.errors import ExtraMissing
from matchmaker.expressions import Rank, Requirement
from matchmaker.matching.pool import Pool

Engine = Literal["closures", "columnar"]
"""What a match runs on."""

SMALL = 100
"""Fewer candidates than this are looked at one by one sooner than numpy is called."""
IMPORT = 300_000
"""So many candidates could be looked at while numpy is imported."""
LONGEST = 4_096
"""A requirement with a longer text may have thousands of clauses; closures stop at the first that decides."""


def runs_on_columns(
    pool: Pool, wanted: Requirement | None, rank: Rank | None, engine: Engine | None, *, requests: int = 1
) -> bool:
    """Tell whether matches run on the columnar engine.

    Parameters
    ----------
    pool : Pool
        What they look at; it is noted how much that is.
    wanted, rank : Requirement, Rank or None
        What the first of them asks for.
    engine : {"closures", "columnar"} or None
        What the caller asks for.
    requests : int
        How many matches there are.

    Raises
    ------
    ExtraMissing
        If the caller asks for columns and numpy is not installed.
    """
    if engine == "closures":
        return False
    loaded = sys.modules.get("numpy") is not None
    if engine == "columnar":
        if not loaded and find_spec("numpy") is None:
            raise ExtraMissing("columnar", "matching on columns")
        return True
    count = len(pool)
    if pool.snapshot.rows.framed:  # whose columns are there already, and whose rows are slow to read
        return count > 0
    if count < SMALL or pool.kind is MAPPING or max(len(str(wanted)), len(str(rank))) > LONGEST:
        return False
    if pool.snapshot.table is not None:
        return True
    pool.asked += requests * count
    return pool.asked >= 2 * count and (loaded or (pool.asked >= IMPORT and find_spec("numpy") is not None))
