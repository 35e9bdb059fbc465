"""Why candidates match or do not: everything that is counted, and what there is to say about each of them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from matchmaker.diagnostics import shown
from matchmaker.errors import PoolError
from matchmaker.matching.explain import summary, text
from matchmaker.matching.explain.details import Details
from matchmaker.matching.explain.report import Change, Clause, ExplainedCandidate, UnknownName, UnknownText, key_text
from matchmaker.matching.explain.terms import Precedence, Term, precedence


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Explanation:
    """Why candidates of a pool match or do not.

    Counts are made at once; what concerns single candidates, when it is asked for.

    Parameters
    ----------
    requirement : str
        What they must meet; empty when there is nothing.
    rank : str or None
        What sorts them.
    dialect : str
        The dialect of the user's requirement, else of the others, else of the rank.
    kind : str
        The kind of the candidates, such as `host`.
    considered, matching : int
        How many candidates were looked at, and how many of them match.
    unscored : int
        How many matches have no score.
    clauses : tuple of Clause
        The requirement as numbered clauses, all of which must be met.
    changes : tuple of Change
        The smallest sets of clauses without which something matches, the most helpful first; none when something does.
    complete : bool
        Whether these are all of that size: at most 256 are looked for.
    unknown : tuple of UnknownName or UnknownText
        Names and texts that no candidate has.
    terms : tuple of Term
        The terms of the rank.
    best : tuple of ExplainedCandidate
        The first five matches.
    candidates : sequence of ExplainedCandidate
        All candidates, in the pool's order; none where a cluster was asked for its counts.
    """

    requirement: str
    rank: str | None
    dialect: str
    kind: str
    considered: int
    matching: int
    unscored: int
    clauses: tuple[Clause, ...]
    changes: tuple[Change, ...]
    complete: bool
    unknown: tuple[UnknownName | UnknownText, ...]
    terms: tuple[Term, ...]
    best: tuple[ExplainedCandidate, ...]
    candidates: Sequence[ExplainedCandidate] = field(compare=False)

    def __repr__(self) -> str:
        return f"<Explanation: {self.summary}>"

    @property
    def has_alternatives(self) -> bool:
        """Whether the requirement is one clause with alternatives, so that candidates have a verdict for each of these."""
        return len(self.clauses) == 1 and bool(self.clauses[0].alternatives)

    @property
    def summary(self) -> str:
        """The answer in at most 100 characters, made for OpenNebula's SCHED_MESSAGE."""
        return summary.in_short(self)

    @property
    def paragraph(self) -> str:
        """The answer in some sentences."""
        return summary.in_sentences(self)

    @property
    def advice(self) -> tuple[str, ...]:
        """The sentences after the first, without a capital and a full stop: what helps, the most helpful first."""
        return tuple(summary.advice(self))

    def candidate(self, key: Any) -> ExplainedCandidate:
        """Return what there is to say about one candidate.

        Raises
        ------
        PoolError
            If no candidate has the key, or the explanation holds nothing but counts.
        """
        if isinstance(self.candidates, Details):
            position = self.candidates.position(key)
        else:
            places = (place for place, each in enumerate(self.candidates) if each.key == key)
            position = next(places, None)
        if position is None:
            counted = self.considered and not len(self.candidates)
            why = ": the explanation holds counts alone" if counted else ""
            raise PoolError(f"no candidate has the key {shown(key)}{why}")
        return self.candidates[position]

    def why_before(self, first: Any, second: Any) -> Precedence:
        """Tell why one match is before another one in the ranking.

        Parameters
        ----------
        first, second : object
            Their keys.

        Raises
        ------
        PoolError
            If one of them does not match, or the first is not before the second.
        """
        chosen = self.candidate(first), self.candidate(second)
        for each in chosen:
            if each.place is None:
                raise PoolError(f"candidate {shown(each.key)} does not match, so that it has no place in the ranking")
        before, behind = chosen
        if before.place >= behind.place:  # type: ignore[operator]
            raise PoolError(f"candidate {shown(first)} is not before {shown(second)} in the ranking")
        return precedence(self.terms, (before.score, behind.score), (before.contributions, behind.contributions))

    def to_json(self, *, candidates: bool | Iterable[Any] = True) -> dict[str, Any]:
        """Return all of it as dicts, lists, texts and numbers, ready for `json.dumps`.

        Parameters
        ----------
        candidates : bool or iterable of object
            Whether to tell of candidates, or the keys of those to tell of.
        """
        if isinstance(candidates, bool):
            chosen: Iterable[ExplainedCandidate] = self.candidates if candidates else ()
        else:
            chosen = [self.candidate(key) for key in candidates]
        return {
            "format": 1,
            "requirement": self.requirement,
            "rank": self.rank,
            "dialect": self.dialect,
            "kind": self.kind,
            "considered": self.considered,
            "matching": self.matching,
            "unscored": self.unscored,
            "summary": self.summary,
            "paragraph": self.paragraph,
            "joined_by": "|" if self.has_alternatives else "&",
            "clauses": [asdict(clause) for clause in self.clauses],
            "changes": {"complete": self.complete, "sets": [asdict(change) for change in self.changes]},
            "unknown": [_unknown(each) for each in self.unknown],
            "terms": [asdict(term) for term in self.terms],
            "candidates": [_candidate(each) for each in chosen],
        }

    def render(self, *, width: int = 80, candidates: Iterable[Any] = ()) -> str:
        """Return the explanation as text for people, without colours.

        Parameters
        ----------
        width : int
            How many columns there are, at least 40.
        candidates : iterable of object
            The keys of candidates to tell about, instead of the counts.

        Raises
        ------
        PoolError
            If no candidate has such a key.
        """
        chosen = [self.candidate(key) for key in candidates]
        if chosen:
            return "\n\n".join(text.of_candidate(self, each, max(40, width)) for each in chosen)
        return text.of_counts(self, max(40, width))


def _unknown(found: UnknownName | UnknownText) -> dict[str, Any]:
    entry = asdict(found)
    if isinstance(found, UnknownText):
        entry["seen"] = [{"value": value, "count": count} for value, count in found.seen]
    return entry


def _candidate(explained: ExplainedCandidate) -> dict[str, Any]:
    ahead_of = explained.ahead_of
    return {
        "key": _key(explained.key),
        "name": explained.name,
        "position": explained.position,
        "matches": explained.matches,
        "place": explained.place,
        "score": _number(explained.score),
        "failing": list(explained.failing),
        "verdicts": [
            {"state": verdict.state, "readings": [asdict(reading) for reading in verdict.readings]}
            for verdict in explained.verdicts
        ],
        "contributions": [_number(each) for each in explained.contributions],
        "ahead_of": None
        if ahead_of is None
        else {"key": _key(ahead_of.key), "name": ahead_of.name, **ahead_of.precedence._asdict()},
    }


def _key(key: Any) -> Any:
    kind = type(key)
    if issubclass(kind, str) or (issubclass(kind, int) and kind is not bool and int.bit_length(key) <= 64):
        return key
    return key_text(key)


def _number(number: Any) -> Any:
    """Return a number; as a text where JSON has none like it."""
    if isinstance(number, float) and not math.isfinite(number):
        return "NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity"
    return number
