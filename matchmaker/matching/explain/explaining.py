"""From a pool and expressions to an explanation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import reduce
from itertools import chain
from operator import and_
from typing import Any, NamedTuple

from matchmaker.attributes.lookup import Kind
from matchmaker.collector import paused
from matchmaker.engine.arithmetic import Score
from matchmaker.errors import CandidateError, LimitError
from matchmaker.expressions import Rank, Requirement
from matchmaker.matching.choosing import Engine, runs_on_columns
from matchmaker.matching.explain import bits, findings
from matchmaker.matching.explain.clauses import NumberedClause, Part, Wanted, by_part, numbered
from matchmaker.matching.explain.details import Details, Ranked
from matchmaker.matching.explain.explanation import Explanation
from matchmaker.matching.explain.names import known_names
from matchmaker.matching.explain.read_conditions import ReadConditions
from matchmaker.matching.explain.tally import Evidence, Tally, added, gathered
from matchmaker.matching.explain.terms import Term, terms_of
from matchmaker.matching.explain.verdicts import Remembered
from matchmaker.matching.matcher import match
from matchmaker.matching.pool import Pool
from matchmaker.matching.snapshots import Snapshot

BEST = 5
"""So many of the best matches are part of what is printed."""


class PoolCounts(NamedTuple):
    """What is counted of a pool, or of a part of one.

    Parameters
    ----------
    tally : Tally
        How many candidates do what.
    unscored : int
        How many matches have no score.
    names : sequence of str
        The names of attributes that candidates have.
    """

    tally: Tally
    unscored: int
    names: Sequence[str]


def explain(
    pool: Pool | Iterable[Any],
    requirement: Wanted = None,
    rank: Rank | str | None = None,
    *,
    engine: Engine | None = None,
) -> Explanation:
    """Explain which candidates match, which do not and why, what would help, and why the matches come in their order.

    Parameters
    ----------
    pool : Pool or iterable of candidates
        Where to look; of an iterable, positions are the keys.
    requirement : Requirement, str, mapping or None
        What candidates must meet; a mapping holds several requirements, all to be met, by the part of the request that
        they come from: `user`, `automatic`, `affinity`, `policy` or `capacity`.
    rank : Rank, str or None
        What sorts them.
    engine : {"closures", "columnar"} or None
        What to run on; None chooses what is faster. The answers are the same.

    Returns
    -------
    Explanation
        Of the pool's present version.

    Raises
    ------
    ExpressionError
        If an expression's text is not valid.
    LimitError
        When a glob takes too many steps.
    MatchmakerError
        If a part has another name.
    ValueError
        If no engine has that name.
    ExtraMissing
        If the columnar engine is asked for and numpy is not installed.

    Examples
    --------
    >>> hosts = [{"FREE_CPU": 100}, {"FREE_CPU": 250}]
    >>> explanation = explain(hosts, "FREE_CPU > 400")
    >>> explanation.clauses[0].nearest[0].text
    'FREE_CPU > 249'
    """
    match((), limit=0, engine=engine)  # raises when the engine is not right
    parts = by_part(requirement)
    order = rank if isinstance(rank, Rank | None) else Rank(rank)
    if not isinstance(pool, Pool) and hasattr(pool, "explain"):
        return pool.explain(requirement, order, engine=engine)  # type: ignore[no-any-return]
    searched = pool if isinstance(pool, Pool) else Pool(pool)
    columnar = runs_on_columns(searched, joined(parts), order, engine)
    return explained(searched.snapshot, searched.memory, parts, order, columnar=columnar)


def joined(parts: Mapping[Part, Requirement]) -> Requirement | None:
    """Return the requirements of all parts as one; None when there is none, or they are of several dialects."""
    dialects = {requirement.dialect for requirement in parts.values()}
    return reduce(and_, parts.values()) if len(dialects) == 1 else None


def explained(
    snapshot: Snapshot, memory: int, parts: Mapping[Part, Requirement], rank: Rank | None, *, columnar: bool
) -> Explanation:
    """Explain one version of a pool; see `explain`."""
    clauses = numbered(parts)
    with paused(snapshot.count):
        evidence = evidence_of(snapshot, memory, clauses, columnar=columnar)
        ranking = ranked_matches(snapshot, evidence, rank)
        details = Details(snapshot, clauses, evidence, ranking, terms_of(rank, snapshot.kind))
        names = known_names(snapshot.listed()[0], snapshot.kind)
        counts = of_parts(parts, rank, snapshot.kind, [PoolCounts(evidence.tally, ranking.unscored, names)])
        return replace(counts, best=tuple(details.first(BEST)), candidates=details)


def counted(
    pool: Pool, parts: Mapping[Part, Requirement], rank: Rank | None, *, engine: Engine | None = None
) -> PoolCounts:
    """Count what an explanation needs of a part of a pool; see `of_parts`."""
    columnar = runs_on_columns(pool, joined(parts), rank, engine)
    snapshot = pool.snapshot
    evidence = evidence_of(snapshot, pool.memory, numbered(parts), columnar=columnar)
    unscored = 0 if rank is None else ranked_matches(snapshot, evidence, rank).unscored
    return PoolCounts(evidence.tally, unscored, known_names(snapshot.listed()[0], snapshot.kind))


def of_parts(
    parts: Mapping[Part, Requirement], rank: Rank | None, kind: Kind, pools: Sequence[PoolCounts]
) -> Explanation:
    """Return an explanation of what was counted of the parts of a pool; it says nothing about single candidates.

    Parameters
    ----------
    parts : mapping of Part to Requirement
        What candidates must meet.
    rank : Rank or None
        What sorts them.
    kind : Kind
        Their kind.
    pools : sequence of PoolCounts
        What was counted.
    """
    clauses = numbered(parts)
    tally = added(clauses, [each.tally for each in pools])
    names = list(dict.fromkeys(chain.from_iterable(each.names for each in pools)))
    return Explanation(
        requirement=written(parts),
        rank=None if rank is None else str(rank),
        dialect=dialect_of(parts, rank),
        kind=kind.name,
        considered=tally.considered,
        matching=tally.matching,
        unscored=sum(each.unscored for each in pools),
        clauses=findings.clauses(clauses, tally),
        changes=findings.changes(tally),
        complete=tally.complete,
        unknown=findings.unknown(clauses, tally, names),
        terms=tuple(Term(term.number, term.text) for term in terms_of(rank, kind)),
        best=(),
        candidates=(),
    )


def written(parts: Mapping[Part, Requirement]) -> str:
    """Return the requirements of all parts as a text for people."""
    texts = [str(requirement) for requirement in parts.values()]
    return " & ".join(f"({text})" for text in texts) if len(texts) > 1 else "".join(texts)


def dialect_of(parts: Mapping[Part, Requirement], rank: Rank | None) -> str:
    """Return the dialect of what is explained: the user's, where there are several."""
    if "user" in parts:
        return parts["user"].dialect
    others = [requirement.dialect for requirement in parts.values()]
    return others[0] if others else "opennebula" if rank is None else rank.dialect


def evidence_of(snapshot: Snapshot, memory: int, clauses: tuple[NumberedClause, ...], *, columnar: bool) -> Evidence:
    """Gather the verdicts of all clauses on all candidates of one version of a pool."""
    if columnar:
        from matchmaker.matching.explain.column_conditions import ColumnConditions
        from matchmaker.matching.selection import table_of

        # A glob that takes too long on all texts may be quick on those of the candidates alone.
        with suppress(LimitError):
            table = table_of(snapshot, memory, exact=True)
            return gathered(clauses, Remembered(ColumnConditions(snapshot, table, clauses)))
    return gathered(clauses, Remembered(ReadConditions(snapshot)))


def ranked_matches(
    snapshot: Snapshot,
    evidence: Evidence,
    rank: Rank | None,
) -> Ranked:
    """Return the matches in order; where a value of one cannot be read for the rank, it has no score."""
    slots = list(bits.slots_of(evidence.matching))
    if rank is None:
        return Ranked(slots, None)
    rows = [snapshot.rows[slot] for slot in slots]
    try:
        scores = rank.scores(rows, snapshot.kind)
    except CandidateError:
        scores = [_score(rank, row) for row in rows]
    order = sorted(zip(scores, slots, strict=True), key=_best_first)
    return Ranked([slot for _, slot in order], [score for score, _ in order])


def _score(rank: Rank, row: Any) -> Score:
    try:
        return rank.score(row)
    except CandidateError:
        return None


def _best_first(scored: tuple[Score, int]) -> tuple[bool, float, int]:
    score, slot = scored
    return score is None, 0 if score is None else -score, -slot
