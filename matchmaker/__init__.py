"""Matchmaking expressions: a requirement filters candidates, a rank sorts them."""

from typing import TYPE_CHECKING as _TYPE_CHECKING

from matchmaker.diagnostics import Diagnostic
from matchmaker.errors import (
    BindingError,
    CandidateError,
    DialectError,
    DocumentError,
    ExpressionError,
    ExtraMissing,
    LimitError,
    MatchmakerError,
    PoolError,
    RankError,
    TranslationError,
)
from matchmaker.expressions import Rank, Requirement
from matchmaker.limits import Limits
from matchmaker.matching.matcher import match, match_many
from matchmaker.matching.pool import Pool
from matchmaker.matching.ranking import Match, Ranking
from matchmaker.source import Source, Span

__version__: str

if _TYPE_CHECKING:
    from matchmaker.checking import check
    from matchmaker.matching.explain import Explanation, explain
    from matchmaker.opennebula import policies

__all__ = [
    "BindingError",
    "CandidateError",
    "Diagnostic",
    "DialectError",
    "DocumentError",
    "Explanation",
    "ExpressionError",
    "ExtraMissing",
    "LimitError",
    "Limits",
    "Match",
    "MatchmakerError",
    "Pool",
    "PoolError",
    "Rank",
    "RankError",
    "Ranking",
    "Requirement",
    "Source",
    "Span",
    "TranslationError",
    "check",
    "explain",
    "match",
    "match_many",
    "policies",
]


def __getattr__(name: str) -> object:
    """Import what not every program needs when it is first asked for: importing the package is to take no time."""
    if name == "__version__":
        from importlib.metadata import version

        return version("matchmaking-expressions")
    if name == "check":
        from matchmaker.checking import check

        return check
    if name in ("Explanation", "explain"):
        from matchmaker.matching import explain

        return getattr(explain, name)
    if name == "policies":
        from matchmaker.opennebula import policies

        return policies
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
