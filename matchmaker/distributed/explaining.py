"""Explaining a pool of several shards: each counts, and the counts are added up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matchmaker.distributed.cluster import Shards
from matchmaker.expressions import Rank, Requirement
from matchmaker.matching.choosing import Engine
from matchmaker.matching.explain import Explanation, of_parts
from matchmaker.matching.explain.clauses import Part


def explanation(
    shards: Shards,
    marks: Sequence[int],
    parts: Mapping[Part, Requirement],
    rank: Rank | None,
    engine: Engine | None,
) -> Explanation:
    """Explain the version of a pool that has these versions of its shards.

    Parameters
    ----------
    shards : Shards
        Where the candidates are.
    marks : sequence of int
        The version of each shard.
    parts : mapping of Part to Requirement
        What candidates must meet.
    rank : Rank or None
        What sorts them.
    engine : {"closures", "columnar"} or None
        What to run on.
    """
    return of_parts(parts, rank, shards.kind, shards.ask(marks, "tally", parts, rank, engine))
