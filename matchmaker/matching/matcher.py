"""Filter a pool by a requirement and sort what is left by a rank."""

from __future__ import annotations

import heapq
import math
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from matchmaker.collector import paused
from matchmaker.engine.arithmetic import Score
from matchmaker.errors import CandidateError, LimitError
from matchmaker.expressions import Rank, Requirement
from matchmaker.matching.choosing import Engine, runs_on_columns
from matchmaker.matching.pool import Pool
from matchmaker.matching.ranking import Found, Listed, Ranking
from matchmaker.matching.rows import ColumnRows
from matchmaker.matching.snapshots import Snapshot

if TYPE_CHECKING:
    from matchmaker.matching.explain import Explanation

Wish = tuple[Requirement | str | None, Rank | str | None]
"""What one entry of a batch asks for."""
E = TypeVar("E", Requirement, Rank)
_NODES = 20
"""About how many parts an expression has."""
_REPEATED = 1_024
"""So many rankings of a batch are held until their requests come again."""


def match(
    pool: Pool | Iterable[Any],
    requirement: Requirement | str | None = None,
    rank: Rank | str | None = None,
    *,
    limit: int | None = None,
    engine: Engine | None = None,
) -> Ranking:
    """Find the candidates that meet a requirement, best first.

    Parameters
    ----------
    pool : Pool or iterable of candidates
        Where to look; of an iterable, positions are the keys.
    requirement : Requirement, str or None
        What candidates must meet; None lets all pass.
    rank : Rank, str or None
        The score to sort by, highest first, among equals the one later in the pool first; None keeps the pool's order.
    limit : int or None
        The most matches to return.
    engine : {"closures", "columnar"} or None
        What to run on; None chooses what is faster. The answers are the same.

    Returns
    -------
    Ranking
        The matches in order.

    Raises
    ------
    ExpressionError
        If an expression's text is not valid.
    CandidateError
        If a value that is read is of an unsupported type; it names the candidate's key and the attribute.
    ValueError
        If `limit` is negative, or no engine has that name.
    ExtraMissing
        If the columnar engine is asked for and numpy is not installed.
    """
    if _matches_itself(pool):
        return pool.match(requirement, rank, limit=limit, engine=engine)  # type: ignore[no-any-return, union-attr]
    _check(limit, engine)
    wanted = requirement if isinstance(requirement, Requirement | None) else Requirement(requirement)
    order = rank if isinstance(rank, Rank | None) else Rank(rank)
    searched = pool if isinstance(pool, Pool) else Pool(pool)
    return _ranking(searched, searched.snapshot, wanted, order, limit, runs_on_columns(searched, wanted, order, engine))


def match_many(
    pool: Pool, requests: Iterable[Wish], *, limit: int | None = None, engine: Engine | None = None
) -> Iterator[Ranking]:
    """Match many requests against one version of a pool.

    Parameters
    ----------
    pool : Pool
        Where to look.
    requests : iterable of (requirement, rank)
        What each asks for, as for `match`.
    limit : int or None
        The most matches to return for each.
    engine : {"closures", "columnar"} or None
        What to run on, as for `match`.

    Yields
    ------
    Ranking
        One per request, in order.

    Raises
    ------
    ExpressionError
        If a text is not valid, before anything is yielded.
    CandidateError
        As `match` does, when its turn comes.
    ValueError
        If `limit` is negative, or no engine has that name.
    ExtraMissing
        If the columnar engine is asked for and numpy is not installed.
    """
    if _matches_itself(pool):
        yield from pool.match_many(requests, limit=limit, engine=engine)  # type: ignore[attr-defined]
        return
    _check(limit, engine)
    snapshot = pool.snapshot
    compiled = _compiled(requests)
    columnar = bool(compiled) and runs_on_columns(pool, *compiled[0], engine, requests=len(compiled))
    again = Counter(map(_identity, compiled))
    repeated: dict[tuple[int, int], Ranking] = {}
    if columnar:
        from matchmaker.matching.selection import table_of

        table_of(snapshot, pool.memory, exact=True)
    compiled.reverse()
    while compiled:
        pair = compiled.pop()  # what was compiled for it alone can go
        identity = _identity(pair)
        ranking = repeated.pop(identity, None)
        if ranking is None:
            ranking = _ranking(pool, snapshot, *pair, limit, columnar)
        again[identity] -= 1
        if again[identity]:
            repeated[identity] = ranking
            if len(repeated) > _REPEATED:
                del repeated[next(iter(repeated))]
        yield ranking


def _identity(pair: tuple[object, object]) -> tuple[int, int]:
    return id(pair[0]), id(pair[1])


def _matches_itself(pool: object) -> bool:
    """Tell whether a pool has its candidates elsewhere, as `matchmaker.distributed` has them on workers."""
    return not isinstance(pool, Pool) and hasattr(pool, "match_many")


def _check(limit: int | None, engine: Engine | None) -> None:
    if limit is not None and limit < 0:
        raise ValueError(f"limit is at least 0, not {limit}")
    if engine not in (None, "closures", "columnar"):
        raise ValueError(f"an engine is closures or columnar, not {engine!r}")


def _compiled(requests: Iterable[Wish]) -> list[tuple[Requirement | None, Rank | None]]:
    """Compile the texts of a batch, each once."""
    requirements: dict[str, Requirement] = {}
    ranks: dict[str, Rank] = {}
    compiled: list[tuple[Requirement | None, Rank | None]] = []
    listed = list(requests)
    with paused(_NODES * len(listed)):
        for wanted, order in listed:
            if not isinstance(wanted, Requirement | None):
                wanted = _constructed(Requirement, wanted, requirements)
            if not isinstance(order, Rank | None):
                order = _constructed(Rank, order, ranks)
            compiled.append((wanted, order))
    return compiled


def _constructed(expression: type[E], text: Any, known: dict[str, E]) -> E:
    if type(text) is not str:  # it may have no hash; constructing says what is wrong with it
        return expression(text)
    return known.get(text) or known.setdefault(text, expression(text))


def _ranking(
    pool: Pool, snapshot: Snapshot, wanted: Requirement | None, order: Rank | None, limit: int | None, columnar: bool
) -> Ranking:
    ranking = _selected(pool, snapshot, wanted, order, limit) if columnar else None
    if ranking is None:
        ranking = _listed(snapshot, wanted, order, limit)
    ranking.explainer = partial(_explanation, snapshot, pool.memory, wanted, order, columnar)
    return ranking


def _selected(
    pool: Pool, snapshot: Snapshot, wanted: Requirement | None, order: Rank | None, limit: int | None
) -> Ranking | None:
    from matchmaker.matching.selection import select, table_of

    try:
        return Ranking(snapshot, select(snapshot, table_of(snapshot, pool.memory), wanted, order), limit)
    except (CandidateError, LimitError):
        # A value stands for nothing, or takes a glob too long: whether it is read at all, the closures know.
        return None


def _explanation(
    snapshot: Snapshot, memory: int, wanted: Requirement | None, order: Rank | None, columnar: bool
) -> Explanation:
    from matchmaker.matching.explain import by_part, explained  # what nobody asks for needs not be imported

    return explained(snapshot, memory, by_part(wanted), order, columnar=columnar)


def _listed(snapshot: Snapshot, wanted: Requirement | None, order: Rank | None, limit: int | None) -> Ranking:
    candidates, slots = snapshot.listed()
    kind = snapshot.kind
    try:
        positions = range(len(candidates)) if wanted is None else wanted.positions(candidates, kind)
        if order is None:
            found = Found([slots[position] for position in positions[:limit]], None)
            return Ranking(snapshot, Listed(found, len(positions)), limit)
        if isinstance(candidates, ColumnRows):
            chosen = candidates.picked(positions)
        else:
            chosen = [candidates[position] for position in positions]
        scores = order.scores(chosen, kind)
    except CandidateError as error:
        raise _named(error, snapshot, wanted, order) from None
    matching = [slots[position] for position in positions]
    listed = (_listed_doubles if order.dialect == "extended" else _listed_integers)(scores, matching, limit)
    return Ranking(snapshot, listed, limit)


def _listed_integers(scores: list[Score], slots: list[int], limit: int | None) -> Listed:
    best = _best(zip(scores, slots, strict=True), limit)
    return Listed(Found([slot for _, slot in best], [score for score, _ in best]), len(slots))


def _listed_doubles(scores: list[Score], slots: list[int], limit: int | None) -> Listed:
    """List what has a score, and then what has none."""
    best = _best((pair for pair in zip(scores, slots, strict=True) if pair[0] is not None), limit)
    others = [slot for score, slot in zip(scores, slots, strict=True) if score is None]
    last = others[::-1][: None if limit is None else limit - len(best)]
    given = array("d", [score for score, _ in best] + [math.nan] * len(last))
    return Listed(Found([slot for _, slot in best] + last, given), len(slots), len(others))


def _best(scored: Iterable[tuple[Score, int]], limit: int | None) -> list[tuple[Score, int]]:
    """Return the best of candidates with scores, of equals the later first."""
    return sorted(scored, reverse=True) if limit is None else heapq.nlargest(limit, scored)


def _named(error: CandidateError, snapshot: Snapshot, wanted: Requirement | None, rank: Rank | None) -> CandidateError:
    """Return the error with the key of the first candidate that causes it."""
    for candidate, slot in zip(*snapshot.listed(), strict=True):
        try:
            if (wanted is None or wanted.matches(candidate)) and rank is not None:
                rank.score(candidate)
        except CandidateError as found:
            return CandidateError(found.message, attribute=found.attribute, key=snapshot.keys[slot])
    return error
