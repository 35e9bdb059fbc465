"""The names of attributes that candidates have, and which of them may be meant by another."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from itertools import islice
from typing import Any

from matchmaker.attributes.lookup import Kind

_MOST_CANDIDATES = 100
_MOST_NAMES = 1_000
"""How many candidates are asked for the names they have, and how many names are of interest."""
_LONGEST = 64
"""Longer names and texts are compared with nothing: it takes time with the square of their length."""


def known_names(candidates: Iterable[Any], kind: Kind) -> list[str]:
    """Return the names that expressions can read without quotes from the first of some candidates, as they come."""
    known: dict[str, None] = {}
    names_of = getattr(kind, "names", None)
    for candidate in islice(candidates, _MOST_CANDIDATES):
        if isinstance(candidate, Mapping):
            with suppress(Exception):  # whatever a stranger's mapping does
                known.update(
                    {name: None for name in candidate if isinstance(name, str) and candidate[name] is not None}
                )
        elif names_of is not None:
            known.update(dict.fromkeys(names_of(candidate)))
    return list(known)[:_MOST_NAMES]


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the word that may be meant by another one, upper and lower case being alike; None when none is near."""
    if len(word) > _LONGEST:
        return None
    by_case = {each.casefold(): each for each in reversed([*known]) if len(each) <= _LONGEST and each != word}
    if word.casefold() in by_case:
        return by_case[word.casefold()]
    near = difflib.get_close_matches(word.casefold(), by_case, n=1, cutoff=0.75)
    return by_case[near[0]] if near else None
