"""Matchmaking expressions: a requirement filters candidates, a rank sorts them."""

from matchmaker.checking import check
from matchmaker.diagnostics import Diagnostic
from matchmaker.errors import (
    CandidateError,
    DialectError,
    DocumentError,
    ExpressionError,
    ExtraMissing,
    LimitError,
    MatchmakerError,
    PoolError,
    RankError,
)
from matchmaker.expressions import Rank, Requirement
from matchmaker.limits import Limits
from matchmaker.matching.matcher import Match, Ranking, match
from matchmaker.matching.pool import Pool
from matchmaker.opennebula import policies
from matchmaker.source import Source, Span

__all__ = [
    "CandidateError",
    "Diagnostic",
    "DialectError",
    "DocumentError",
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
    "check",
    "match",
    "policies",
]


def __getattr__(name: str) -> str:
    """Return `__version__`, that of the installed distribution; looking it up takes milliseconds, so not at import."""
    if name == "__version__":
        from importlib.metadata import version

        return version("matchmaking-expressions")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
