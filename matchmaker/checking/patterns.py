"""Patterns that cannot match what they seem to."""

from __future__ import annotations

import re

from matchmaker.attributes.globs import Glob

CLASSES = (
    "alnum", "alpha", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space", "upper", "xdigit",
)  # fmt: skip
"""The classes of characters that a set may name."""

_LONGEST = 200
_TRAILING = re.compile(r"(?<!\\)(?:\\\\)*\\\Z")
_CLASS = re.compile(r"[^\[\\]*\[[!^]?\[:([a-y]+):\]")
_BARE_CLASS = re.compile(r"[^\[\\]*(\[:([a-y]+):\])")


def trap(pattern: str) -> tuple[str, str] | None:
    """Return what is wrong with a pattern, and what to do about it.

    Parameters
    ----------
    pattern : str
        The right side of a comparison.

    Returns
    -------
    tuple of str and str, or None
        None also for patterns where it is not certain.
    """
    if len(pattern) > _LONGEST or not ("[" in pattern or pattern.endswith("\\")):
        return None
    if "[" not in pattern:
        if not _TRAILING.search(pattern):
            return None
        return "a `\\` at the end of a pattern never matches", "for the character itself write `\\\\`"
    named = _CLASS.match(pattern)
    if named is not None and named[1] not in CLASSES:
        return f"no class of characters is named `{named[1]}`, so that this never matches", _suggestion(named[1])
    bare = _BARE_CLASS.match(pattern)
    if bare is not None and bare[2] in CLASSES:
        return f"`{bare[1]}` is a set of single characters, not a class", f"a class stands in a set: `[{bare[1]}]`"
    # An unterminated `[` is plain, and then the pattern matches itself; only a range without an end spoils it.
    if "\\" not in pattern and "]" not in pattern and pattern.count("[") == 1 and not Glob(pattern).matches(pattern):
        return "a set that no `]` closes and a range without an end never match", "close the set with `]`"
    return None


def _suggestion(name: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, CLASSES, 1)
    return f"did you mean `[:{near[0]}:]`" if near else "the classes are " + ", ".join(CLASSES)
