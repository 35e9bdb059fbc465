"""What workers do with a shard. The first parameter is always the shard, the rest comes from the client."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from matchmaker.distributed import pickling
from matchmaker.distributed.digests import digest
from matchmaker.distributed.messages import Entry, Part
from matchmaker.errors import MatchmakerError, PoolError
from matchmaker.expressions import Rank, Requirement
from matchmaker.matching.choosing import Engine
from matchmaker.matching.explain import PoolCounts, counted
from matchmaker.matching.explain.clauses import Part as RequestPart
from matchmaker.matching.matcher import match, match_many
from matchmaker.matching.ranking import Ranking
from matchmaker.matching.stats import Stats

if TYPE_CHECKING:
    import numpy as np

    from matchmaker.distributed.worker import View

Request = tuple[Requirement | None, Rank | None]


def compiled(requirement: Requirement | str | None, rank: Rank | str | None) -> Request:
    """Return a request with its texts compiled; the client does that, so that a bad one is not sent at all."""
    return (
        requirement if isinstance(requirement, Requirement | None) else Requirement(requirement),
        rank if isinstance(rank, Rank | None) else Rank(rank),
    )


def load(view: View) -> int:
    """Make the shard, and return how many candidates it has."""
    return len(view.pool)


def rank(view: View, names: Sequence[str], requests: Sequence[Request], options: dict[str, Any]) -> list[Part]:
    """Match one request or several.

    Parameters
    ----------
    view : View
        The shard.
    names : sequence of str
        What to keep the rankings by, which are read in pages later; unused with a limit.
    requests : sequence of (requirement, rank)
        What to match.
    options : dict
        `limit` and `engine`, as for `match`.

    Returns
    -------
    list of Part
        One per request, fewer if one of them fails: then the last one says why.
    """
    limited = options["limit"] is not None
    pool = view.pool
    parts: list[Part] = []
    try:
        for name, ranking in zip(names, match_many(pool, requests, **options), strict=True):
            matching = ranking.considered - ranking.rejected
            parts.append(Part(matching, _entries(ranking) if limited else None, unscored=ranking.unscored))
            if not limited:
                view.shard.rankings.put(name, ranking)
    except MatchmakerError as error:
        parts.append(Part(0, None, error))
    return parts


def batch(
    view: View, name: str, last: bool, names: Sequence[str], requests: Sequence[Request], options: dict[str, Any]
) -> list[Part]:
    """Match the next requests of a batch, on the version that the first ones were matched on."""
    view.use(view.shard.batches.get(name))
    parts = rank(view, names, requests, options)
    if last:
        view.shard.batches.drop(name)
    else:
        view.shard.batches.put(name, view.pool)
    return parts


def page(view: View, name: str, start: int, stop: int, request: Request, engine: Engine | None) -> list[Entry]:
    """Return the matches between two places of a shard's ranking; one that is not kept any more is made again."""
    ranking = view.shard.rankings.get(name)
    if ranking is None:
        ranking = match(view.pool, *request, engine=engine)
        view.shard.rankings.put(name, ranking)
    return _entries(ranking[start:stop])


def tally(view: View, parts: Mapping[RequestPart, Requirement], rank: Rank | None, engine: Engine | None) -> PoolCounts:
    """Count what an explanation needs."""
    return counted(view.pool, parts, rank, engine=engine)


def find(view: View, keys: Sequence[bytes]) -> dict[int, Any]:
    """Return which of the pickled keys are there, in the newest version that the worker knows: candidates by place."""
    pool = view.newest
    found: dict[int, Any] = {}
    for place, key in enumerate(keys):
        with contextlib.suppress(PoolError):  # it is not there, or not any more
            found[place] = pool[pickling.loads(key)]
    return found


def rows(view: View, start: int, stop: int) -> list[Any]:
    """Return candidates by position in the shard."""
    return list(view.pool.candidates[start:stop])


def stats(view: View) -> Stats:
    """Return what the shard holds."""
    return view.pool.stats()


def digests(view: View, bucket: int, buckets: int) -> np.ndarray[Any, Any]:
    """Return a digest of each key that falls into a bucket, as unsigned 64-bit integers in order of position."""
    import numpy as np

    pool = view.pool
    kept = view.shard.digests
    if kept is None:
        kept = np.fromiter(map(digest, pool.keys), np.uint64, len(pool))
    view.shard.digests = kept if bucket + 1 < buckets else None
    chosen: np.ndarray[Any, Any] = kept[kept % np.uint64(buckets) == bucket]
    return chosen


def with_digests(view: View, wanted: Sequence[int]) -> list[tuple[int, Any]]:
    """Return position and key of the candidates whose keys have one of the digests."""
    those = frozenset(wanted)
    return [(position, key) for position, key in enumerate(view.pool.keys) if digest(key) in those]


def _entries(matches: Sequence[Any] | Ranking) -> list[Entry]:
    return [(key, score, candidate) for key, score, candidate in matches]
