"""What can be told of patterns for certain, and in bounded time."""

from __future__ import annotations

from matchmaker.attributes.globs import Glob

LONGEST = 200
"""Patterns and texts of more characters are not compared."""
WORK = 4_000_000
"""How much may be compared about one expression: the sum over all pairs of a pattern's length times a text's."""


class Patterns:
    """Compares patterns with texts and with each other, as long as there is work left to spend."""

    def __init__(self) -> None:
        self._left = WORK

    def match(self, pattern: str, text: str) -> bool | None:
        """Tell whether a text matches a pattern; None where that would cost too much."""
        if len(pattern) > LONGEST or len(text) > LONGEST:
            return None
        self._left -= (len(pattern) + 1) * (len(text) + 1)
        return None if self._left < 0 else Glob(pattern).matches(text)

    def narrower(self, pattern: str, other: str) -> bool:
        """Tell whether all that matches a pattern certainly matches another: they are equal, or begin so."""
        if pattern == other:
            return True
        prefix, wanted = Glob(pattern).prefix, Glob(other).prefix
        return prefix is not None and wanted is not None and prefix.startswith(wanted)

    def apart(self, pattern: str, other: str) -> bool:
        """Tell whether certainly nothing matches both patterns: they begin differently."""
        prefix, wanted = Glob(pattern).prefix, Glob(other).prefix
        if prefix is None or wanted is None:
            return False
        return not prefix.startswith(wanted) and not wanted.startswith(prefix)
