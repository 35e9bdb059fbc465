"""What an explanation is made of: plain, immutable data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from matchmaker.diagnostics import shown
from matchmaker.engine.tracing import State
from matchmaker.matching.explain.clauses import Part
from matchmaker.matching.explain.terms import Precedence


def key_text(key: Any) -> str:
    """Return a key as text, whatever its class does: a whole number of thousands of digits has none."""
    try:
        return str(key)
    except Exception:
        return shown(key)


@dataclass(frozen=True, slots=True)
class NearestLiteral:
    """A literal that lets more candidates match, all else being as it is.

    Parameters
    ----------
    admits : int
        For how many matches it is: 1, 3 or 10.
    matching : int
        How many candidates match with it; more than `admits` when several have the same value.
    literal : str
        The literal.
    text : str
        The clause with it.
    """

    admits: int
    matching: int
    literal: str
    text: str


@dataclass(frozen=True, slots=True)
class Alternative:
    """One of several conditions of which one is enough.

    Parameters
    ----------
    number : int
        Its number within the clause, from 1.
    text : str
        The condition.
    passing : int
        How many candidates pass it.
    missing, unconverted, false, unreadable : int
        How many others fail since an attribute is missing, does not convert to a number, since the condition is false, or a
        value cannot be read.
    nearest : tuple of NearestLiteral
        If it is a threshold, the nearest literals that let 1, 3 and 10 candidates match.
    """

    number: int
    text: str
    passing: int
    missing: int
    unconverted: int
    false: int
    unreadable: int
    nearest: tuple[NearestLiteral, ...]


@dataclass(frozen=True, slots=True)
class Clause:
    """One of the conditions that must all be met.

    Parameters
    ----------
    number : int
        Its number, from 1.
    text : str
        The condition.
    part : {"user", "automatic", "affinity", "policy", "capacity"}
        Where it comes from.
    passing : int
        How many candidates pass it, whatever the others say.
    passing_so_far : int
        How many pass it and all clauses before it.
    only_obstacle : int
        How many fail it and nothing else.
    missing, unconverted, false, unreadable : int
        How many fail since an attribute is missing, does not convert to a number, since the condition is false, or a value
        cannot be read.
    alternatives : tuple of Alternative
        If the clause is a `|` chain, its operands.
    nearest : tuple of NearestLiteral
        If it is a threshold, the nearest literals that let 1, 3 and 10 candidates match.
    extreme : str or None
        If it is a threshold that nobody passes, the number that comes nearest to passing; None when there is none.
    """

    number: int
    text: str
    part: Part
    passing: int
    passing_so_far: int
    only_obstacle: int
    missing: int
    unconverted: int
    false: int
    unreadable: int
    alternatives: tuple[Alternative, ...]
    nearest: tuple[NearestLiteral, ...]
    extreme: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """Clauses without which candidates match.

    Parameters
    ----------
    clauses : tuple of int
        The numbers of the clauses to drop.
    admits : int
        How many candidates match without them.
    """

    clauses: tuple[int, ...]
    admits: int


@dataclass(frozen=True, slots=True)
class UnknownName:
    """An attribute that no candidate has.

    Parameters
    ----------
    clause : int
        The number of the clause that reads it.
    attribute : str
        The name.
    nearest : str or None
        The name of an attribute that may be meant.
    """

    clause: int
    attribute: str
    nearest: str | None


@dataclass(frozen=True, slots=True)
class UnknownText:
    """A text that no candidate has.

    Parameters
    ----------
    clause : int
        The number of the clause that compares with it.
    attribute : str
        The attribute.
    text : str
        The text, or pattern.
    nearest : str or None
        A text that may be meant.
    distinct : int
        How many different texts there are.
    seen : tuple of (str, int)
        Those that most candidates have, and how many do.
    """

    clause: int
    attribute: str
    text: str
    nearest: str | None
    distinct: int
    seen: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a comparison saw on a candidate.

    Parameters
    ----------
    comparison : str
        The comparison.
    attribute : str
        The attribute that it reads; several with commas between them for a condition that reads several.
    value : str or None
        The value as text, several joined by commas; None when it is missing.
    read_as : str or None
        What was compared.
    note : str
        What may surprise about it, such as `read as 8`; empty when nothing does.
    state : {"pass", "false", "missing", "unconverted", "unreadable"}
        What came of it.
    """

    comparison: str
    attribute: str
    value: str | None
    read_as: str | None
    note: str
    state: State


@dataclass(frozen=True, slots=True)
class ClauseVerdict:
    """What a clause says about a candidate.

    Parameters
    ----------
    state : {"pass", "false", "missing", "unconverted", "unreadable"}
        Whether it passes, and if not, why.
    readings : tuple of Reading
        What its comparisons saw, the first 50 of them.
    """

    state: State
    readings: tuple[Reading, ...]


@dataclass(frozen=True, slots=True)
class AheadOf:
    """Why a match is before the next one.

    Parameters
    ----------
    key : object
        The key of the next.
    name : str or None
        Its attribute NAME.
    precedence : Precedence
        The reason.
    """

    key: Any
    name: str | None
    precedence: Precedence

    @property
    def label(self) -> str:
        """What people know it by."""
        return key_text(self.key) if self.name is None else self.name


@dataclass(frozen=True, slots=True)
class ExplainedCandidate:
    """What there is to say about one candidate.

    Parameters
    ----------
    key : object
        Its key.
    name : str or None
        Its attribute NAME.
    position : int
        Its place in the pool, from 0.
    matches : bool
        Whether it meets everything.
    place : int or None
        Its place in the ranking, from 1.
    score : int or float or None
        Its score; None when it does not match, there is no rank, or the rank has no value.
    failing : tuple of int
        The numbers of the clauses that it fails.
    verdicts : tuple of ClauseVerdict
        Of each clause; of each alternative when the requirement is one clause with alternatives.
    contributions : tuple of float or None
        What each term of the rank adds to the score of a match; None where it is missing.
    ahead_of : AheadOf or None
        For a match, why it is before the next one.
    """

    key: Any
    name: str | None
    position: int
    matches: bool
    place: int | None
    score: Any
    failing: tuple[int, ...]
    verdicts: tuple[ClauseVerdict, ...]
    contributions: tuple[float | None, ...]
    ahead_of: AheadOf | None

    @property
    def label(self) -> str:
        """What people know it by."""
        return key_text(self.key) if self.name is None else self.name
