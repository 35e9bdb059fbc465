"""Help for tests: assertions that say why they fail, and hypothesis strategies for expressions and candidates.

The strategies need the extra `testing`; the assertions do not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from matchmaker.errors import ExtraMissing
from matchmaker.testing.assertions import assert_matches, assert_ranking

if TYPE_CHECKING:
    from matchmaker.testing.strategies import candidates, ranks, requirements

__all__ = ["assert_matches", "assert_ranking", "candidates", "ranks", "requirements"]


def __getattr__(name: str) -> Any:
    """Return a strategy; hypothesis is imported now, not before."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        from matchmaker.testing import strategies
    except ModuleNotFoundError as error:
        if error.name != "hypothesis":
            raise
        raise ExtraMissing("testing", f"`matchmaker.testing.{name}`") from None
    return getattr(strategies, name)
