"""Repairs, applied to an expression until nothing is left that can be repaired without a doubt."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable
from dataclasses import dataclass

from matchmaker.checking.checks import bounded, examined
from matchmaker.checking.edits import edited
from matchmaker.diagnostics import Diagnostic, Edit
from matchmaker.errors import ExpressionError
from matchmaker.limits import DEFAULT_LIMITS, Limits
from matchmaker.source import Source

WORK = 5_000_000
"""So many characters are read at most: a text with very many mistakes is read once for every one."""
MOST_ROUNDS = 1_000
"""So many rounds there are at most."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """A repaired expression.

    Parameters
    ----------
    text : str
        The text, repaired.
    repaired : tuple of (Source, Diagnostic)
        What was repaired, each with the text that it was about at that time.
    remaining : tuple of Diagnostic
        What `check` finds in the repaired text.
    """

    text: str
    repaired: tuple[tuple[Source, Diagnostic], ...]
    remaining: tuple[Diagnostic, ...]


def fixed(
    text: str,
    *,
    expression: str = "requirement",
    kind: str = "plain",
    dialect: str = "opennebula",
    limits: Limits = DEFAULT_LIMITS,
    origin: str | None = None,
) -> Fixed:
    """Repair an expression as far as there is no doubt about what is meant.

    The repairs of a valid expression change none of its answers: what parsing skips, what stands behind a NUL, and clauses that
    only repeat others are left out, and parentheses show how `&` and `|` are read. A mistake is repaired where the intention is
    plain: `==`, `&&`, `and`, `FREE_CPU -1`, `'kvm'`, or `>=` before a whole number.

    Parameters
    ----------
    text : str
        The expression.
    expression, kind, dialect, limits, origin
        As for `check`.

    Raises
    ------
    ExpressionError
        If it is no text.
    ValueError
        If `expression` or `kind` is none of those of `check`.
    DialectError
        If there is no such dialect.

    Examples
    --------
    >>> fixed("FREE_CPU >= 50 && HYPERVISOR == 'kvm'").text
    'FREE_CPU > 49 & HYPERVISOR = "kvm"'
    """
    name = expression if origin is None else origin

    def found_in(text: object) -> list[Diagnostic]:
        return examined(
            text,
            expression=expression,
            kind=kind,
            dialect=dialect,
            limits=limits,
            origin=origin,
            schema=None,
            pool=None,
        )

    found = found_in(text)
    if not issubclass(type(text), str):
        raise ExpressionError(Source("", name), tuple(found))
    text = str.__str__(text)
    repaired: list[tuple[Source, Diagnostic]] = []
    left = WORK
    for _ in range(MOST_ROUNDS):
        chosen, edits = compatible(found)
        left -= len(text)
        if not chosen or left < 0:
            break
        source = Source(text, name)
        repaired += ((source, diagnostic) for diagnostic in chosen)
        text = edited(text, edits)
        found = found_in(text)
    return Fixed(text, tuple(repaired), bounded(found))


def compatible(found: Iterable[Diagnostic]) -> tuple[list[Diagnostic], list[Edit]]:
    """Return diagnostics whose repairs can be applied together, and what these change, in text order."""
    chosen: list[Diagnostic] = []
    taken: list[Edit] = []
    known: set[tuple[Edit, ...]] = set()
    for diagnostic in found:
        if diagnostic.repair is None:
            continue
        edits = diagnostic.repair.edits
        if edits not in known:
            if any(_is_in_the_way(taken, edit) for edit in edits):
                continue
            for edit in edits:
                insort(taken, edit)
            known.add(edits)
        chosen.append(diagnostic)
    return chosen, taken


def _is_in_the_way(taken: list[Edit], edit: Edit) -> bool:
    """Tell whether an edit overlaps with one of those that are taken; where something is inserted, touching counts too."""
    place = bisect_left(taken, edit)
    for other in taken[max(0, place - 1) : place + 1]:
        start, end = max(edit.span.start, other.span.start), min(edit.span.end, other.span.end)
        if start < end or (start == end and (edit.span.start == edit.span.end or other.span.start == other.span.end)):
            return True
    return False
