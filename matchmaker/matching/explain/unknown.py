"""Names and texts of a requirement that no candidate has: they may be typing errors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import NamedTuple

from matchmaker.engine.meanings import Meaning
from matchmaker.language.nodes import Attribute, Comparison, Node, Text, leaves
from matchmaker.matching.explain.verdicts import Conditions

MOST_LEAVES = 50
"""So many comparisons of a clause are looked at."""
MOST_TEXTS = 1_000
"""So many different texts of an attribute are remembered, those that most candidates have."""


class Sighting(NamedTuple):
    """What one comparison of a clause asks for.

    Parameters
    ----------
    attribute : str
        The name that it reads.
    text : str or None
        The text that it compares with, if it is one.
    found : bool
        Whether some candidate has the attribute.
    matched : bool
        Whether some candidate has a value that the text matches.
    texts : tuple of (str, int)
        Where none does, the texts that there are, and how many candidates have each.
    distinct : int
        How many different texts there are.
    """

    attribute: str
    text: str | None
    found: bool
    matched: bool
    texts: tuple[tuple[str, int], ...] = ()
    distinct: int = 0


def sightings(clause: Node, conditions: Conditions, meaning: Meaning) -> tuple[Sighting, ...]:
    """Return what the comparisons of a clause ask for, of each attribute and text once."""
    seen: dict[tuple[str, str | None], Sighting] = {}
    for leaf in islice(leaves(clause), MOST_LEAVES):
        if isinstance(leaf, Comparison):
            text = leaf.literal.value if isinstance(leaf.literal, Text) else None
            key = (leaf.attribute.name, text)
            if key not in seen:
                seen[key] = _sighting(leaf, text, conditions, meaning)
        elif isinstance(leaf, Attribute):
            seen.setdefault((leaf.name, None), Sighting(leaf.name, None, _is_found(leaf.name, conditions), True))
    return tuple(seen.values())


def _sighting(comparison: Comparison, text: str | None, conditions: Conditions, meaning: Meaning) -> Sighting:
    name = comparison.attribute.name
    passing, missing, _, unreadable = conditions.verdicts(comparison, meaning)
    found = bool(conditions.alive & ~missing)
    if text is None or not found or (not text and meaning.null_text):
        return Sighting(name, text, found or not conditions.alive, True)
    if comparison.operator == "!=":
        matched = bool(conditions.alive & ~passing & ~missing & ~unreadable)
    else:
        matched = bool(passing)
    if matched:
        return Sighting(name, text, True, True)
    counted = conditions.texts(name, several=comparison.operator == "@>")
    return Sighting(name, text, True, not counted, tuple(_most_common(counted)), len(counted))


def _is_found(name: str, conditions: Conditions) -> bool:
    return not conditions.alive or bool(conditions.found(name))


def added(parts: Sequence[Sighting]) -> Sighting:
    """Add up what was seen of the parts of a pool."""
    counted: Counter[str] = Counter()
    for part in parts:
        counted.update(dict(part.texts))
    first, matched = parts[0], any(part.found and part.matched and not part.texts for part in parts)
    distinct = max(len(counted), *(part.distinct for part in parts)) if len(parts) > 1 else first.distinct
    return Sighting(
        first.attribute,
        first.text,
        any(part.found for part in parts),
        matched or not counted,
        () if matched else tuple(_most_common(counted)),
        0 if matched else distinct,
    )


def _most_common(counted: Counter[str]) -> Iterable[tuple[str, int]]:
    return sorted(counted.items(), key=lambda each: (-each[1], each[0]))[:MOST_TEXTS]
