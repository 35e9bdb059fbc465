"""`A | B & C` without parentheses, which reads otherwise here than elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from matchmaker.checking.edits import edited
from matchmaker.diagnostics import Diagnostic, Edit, Repair, shorten
from matchmaker.source import Source, Span

MOST_PAIRS = 40
"""So many pairs of parentheses are proposed at most: they stand inside each other, and a parser's stack ends somewhere."""
_LONGEST = 400
"""Readings that are longer are not shown whole."""
_TOKENS = re.compile(r'"[^"]*"|[()&|]')

_Operators = Sequence[tuple[str, int]]
"""The operators between the operands of a group, with their places."""


def precedence_findings(source: Source) -> Iterator[Diagnostic]:
    """Yield a warning for each group of operands where a `&` follows a `|`.

    The tree cannot tell: it is the same for `A | B & C` and for `(A | B) & C`.

    Parameters
    ----------
    source : Source
        A valid requirement.
    """
    text = source.text.partition("\0")[0]
    groups: list[tuple[int, list[tuple[str, int]]]] = [(0, [])]
    for found in _TOKENS.finditer(text):
        symbol, place = found[0], found.start()
        if symbol == "(":
            groups.append((place + 1, []))
        elif symbol == ")":
            start, operators = groups.pop()
            yield from _finding(text, start, operators, place)
        elif symbol in "&|":
            groups[-1][1].append((symbol, place))
    yield from _finding(text, *groups[0], len(text))


def _finding(text: str, start: int, operators: _Operators, end: int) -> Iterator[Diagnostic]:
    """Yield the warning about a group from `start` to `end`."""
    switches = [place for (before, _), (after, place) in pairwise(operators) if before + after == "|&"]
    if not switches:
        return
    start, end = _without_blanks(text, start, end)
    repair = None
    if len(switches) <= MOST_PAIRS:
        opening = Edit(Span(start, start), "(" * len(switches))
        repair = Repair((opening, *(_closing(text, place) for place in switches)))
    yield Diagnostic(
        "MM205",
        "warning",
        Span(switches[0], switches[0] + 1),
        "`&` binds no tighter than `|`, so that the parentheses matter here",
        "takes all on its left",
        _readings(text, start, operators, end, repair),
        repair,
    )


def _readings(text: str, start: int, operators: _Operators, end: int, repair: Repair | None) -> tuple[str, ...]:
    """Return how a group reads here, and how most languages would read it, each as it could be written here."""
    if repair is None or end - start > _LONGEST:
        return _beginning(text, start, operators, end)
    here = _within(text, start, end, repair.edits)
    elsewhere = _within(text, start, end, _elsewhere(text, operators, end))
    return f"here it reads       `{here}`", f"elsewhere it reads  `{elsewhere}`"


def _elsewhere(text: str, operators: _Operators, end: int) -> list[Edit]:
    """Return the parentheses around the operands that `&` joins, but for those at the beginning, which need none."""
    edits: list[Edit] = []
    closed = True
    for (before, left), (after, right) in pairwise((*operators, ("|", end))):
        if before + after == "|&":
            behind = _without_blanks(text, left + 1, right)[0]
            edits.append(Edit(Span(behind, behind), "("))
            closed = False
        elif before + after == "&|" and not closed:
            edits.append(_closing(text, right))
            closed = True
    return edits


def _beginning(text: str, start: int, operators: _Operators, end: int) -> tuple[str, ...]:
    """Return the readings of the first `&` behind a `|`, without what is long."""
    place = next(place for place, (one, other) in enumerate(pairwise(operators)) if one[0] + other[0] == "|&")
    last, conjunction = operators[place][1], operators[place + 1][1]
    end = operators[place + 2][1] if place + 2 < len(operators) else end
    before, left = _part(text, start, last), _part(text, last + 1, conjunction)
    right = _part(text, conjunction + 1, end)
    return (
        f"here it reads       `({before} | {left}) & {right}`",
        f"elsewhere it reads  `{before} | ({left} & {right})`",
    )


def _part(text: str, start: int, end: int) -> str:
    """Return an operand for a hint; a long one is left out, since its beginning alone may open a parenthesis."""
    part = text[start : min(end, start + 80)].strip()
    return shorten(part) if len(part) <= 24 else "..."


def _within(text: str, start: int, end: int, edits: Sequence[Edit]) -> str:
    moved = [Edit(Span(edit.span.start - start, edit.span.end - start), edit.text) for edit in edits]
    return shorten(edited(text[start:end], moved), 2 * _LONGEST)


def _closing(text: str, place: int) -> Edit:
    """Return the parenthesis that closes behind the operand before an operator."""
    while text[place - 1] in " \t":
        place -= 1
    return Edit(Span(place, place), ")")


def _without_blanks(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start] in " \t":
        start += 1
    while end > start and text[end - 1] in " \t":
        end -= 1
    return start, end
