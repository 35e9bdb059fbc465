"""An explanation as text: readable in 80 columns, without colours."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from matchmaker.diagnostics import columns_of, shorten
from matchmaker.engine.tracing import written
from matchmaker.matching.explain.report import (
    Alternative,
    Clause,
    ExplainedCandidate,
    Reading,
    UnknownText,
    key_text,
)

if TYPE_CHECKING:
    from matchmaker.matching.explain.explanation import Explanation

_MOST_CHANGES = 5
_MOST_UNKNOWN = 10
_MOST_CLAUSES = 100
_LEAST = 20
"""How narrow a column of texts may become."""


def of_counts(explanation: Explanation, width: int) -> str:
    """Return what is counted, as text."""
    sections = [
        textwrap.fill(explanation.paragraph, width, break_long_words=True, break_on_hyphens=False),
        "\n".join(_clauses(explanation, width)),
        "\n".join(_changes(explanation, width)),
        "\n".join(_unknown(explanation, width)),
        "\n".join(_best(explanation, width)),
    ]
    return "\n\n".join(section for section in sections if section)


def _clauses(explanation: Explanation, width: int) -> Iterator[str]:
    if not explanation.clauses:
        return
    shown = explanation.clauses[:_MOST_CLAUSES]
    several = len({clause.part for clause in explanation.clauses}) > 1
    numbers = [str(clause.number) for clause in shown]
    counts = [_counts(clause) for clause in shown]
    titles = ["pass", "so far", "only"]
    widths = [max(len(title), *(len(row[place]) for row in counts)) for place, title in enumerate(titles)]
    digits = max(map(len, numbers))
    head = digits + (11 if several else 0)
    room = width - head - sum(widths) - 2 * len(widths) - 2
    narrow = room < _LEAST  # then the counts stand below the clauses
    if narrow:
        head, room = digits, width - digits - 2
    room = min(room, max(len("clause"), *(columns_of(clause.text) for clause in shown)))
    parts = several and not narrow
    if not narrow:
        yield (
            f"{'#'.rjust(digits)}{'  part     ' if parts else ''}  {_fit('clause', room)}  "
            + "  ".join(title.rjust(each) for title, each in zip(titles, widths, strict=True))
        )
    for clause, number, row in zip(shown, numbers, counts, strict=True):
        start = number.rjust(digits) + (f"  {clause.part:9}" if parts else "")
        if narrow:
            yield f"{start}  {_fit(clause.text, room)}".rstrip()
            said = [f"{title} {cell}" for title, cell in zip(titles, row, strict=True)]
            yield from _wrapped(", ".join([clause.part, *said] if several else said), head + 4, width)
        else:
            cells = "  ".join(cell.rjust(each) for cell, each in zip(row, widths, strict=True))
            yield f"{start}  {_fit(clause.text, room)}  {cells}"
        yield from _indented(_remarks(clause), head + 4, width)
        for alternative in clause.alternatives[:_MOST_CLAUSES]:
            label = f"{clause.number}.{alternative.number}"
            free = room - 2 - len(label) - (widths[0] + 2 if narrow else 0)
            text = _fit(alternative.text, max(_LEAST, free))
            yield f"{' ' * head}  {label}  {text}  {f'{alternative.passing:,}'.rjust(widths[0])}"
            yield from _indented(_remarks(alternative), head + 6 + len(label), width)
    if len(explanation.clauses) > len(shown):
        yield f"and {len(explanation.clauses) - len(shown)} more clauses"
    yield from _wrapped("pass: alone; so far: with all clauses before it; only: fail nothing else", 0, width)


def _counts(clause: Clause) -> list[str]:
    return [f"{clause.passing:,}", f"{clause.passing_so_far:,}", f"{clause.only_obstacle:,}"]


def _remarks(counted: Clause | Alternative) -> Iterator[str]:
    """Yield why candidates fail, where it is not that the condition is false, and the nearest literals."""
    reasons = [
        f"{words} on {count:,}"
        for words, count in (
            ("missing", counted.missing),
            ("unconverted", counted.unconverted),
            ("unreadable", counted.unreadable),
        )
        if count
    ]
    if reasons:
        yield ", ".join(reasons)
    if counted.nearest:
        literals = dict.fromkeys(f"{shorten(found.literal, 60)} for {found.matching:,}" for found in counted.nearest)
        yield "nearest literals: " + ", ".join(literals)
    elif isinstance(counted, Clause) and counted.extreme is not None:
        yield f"the nearest value is {counted.extreme}"


def _changes(explanation: Explanation, width: int) -> Iterator[str]:
    if not explanation.changes or len(explanation.clauses) < 2:
        return
    yield "smallest changes that help"
    for change in explanation.changes[:_MOST_CHANGES]:
        numbers = ", ".join(map(str, change.clauses))
        clauses = "clause" if len(change.clauses) == 1 else "clauses"
        verb = "matches" if change.admits == 1 else "match"
        yield from _wrapped(f"without {clauses} {numbers}: {change.admits:,} {verb}", 2, width)
    left = len(explanation.changes) - _MOST_CHANGES
    if left > 0:
        yield f"  and {left} more of that size" + ("" if explanation.complete else ", and others")


def _unknown(explanation: Explanation, width: int) -> Iterator[str]:
    keeping = {clause.number for clause in explanation.clauses if clause.passing < explanation.considered}
    told = [found for found in explanation.unknown if found.clause in keeping]
    if not told:
        return
    yield "not found on any candidate"
    for found in told[:_MOST_UNKNOWN]:
        near = f" (is `{shorten(found.nearest, 40)}` meant?)" if found.nearest else ""
        if isinstance(found, UnknownText):
            seen = ", ".join(f"{shorten(value, 30)!r} ({count:,})" for value, count in found.seen)
            more = ", ..." if found.distinct > len(found.seen) else ""
            text = f"clause {found.clause}: {shorten(found.attribute, 40)} {shorten(found.text, 40)!r}{near}; there is {seen}{more}"
        else:
            text = f"clause {found.clause}: attribute {shorten(found.attribute, 40)}{near}"
        yield from _wrapped(text, 2, width)


def _best(explanation: Explanation, width: int) -> Iterator[str]:
    if not explanation.best or not explanation.terms:
        return
    yield "best"
    for found in explanation.best:
        yield from _wrapped(f"{found.place}. {_name(found)}: {_scored(explanation, found)}", 2, width)
        if found.ahead_of is not None:
            text = f"before {shorten(found.ahead_of.label, 40)}: {found.ahead_of.precedence.why}"
            yield from _wrapped(text, 5, width)


def of_candidate(explanation: Explanation, found: ExplainedCandidate, width: int) -> str:
    """Return what there is to say about one candidate, as text."""
    if found.matches:
        head = f"{_name(found)} matches, place {found.place} of {explanation.matching}"
    elif found.failing:
        clauses = "clause" if len(found.failing) == 1 else "clauses"
        head = f"{_name(found)} does not match: it fails {clauses} {', '.join(map(str, found.failing))}"
    else:
        head = f"{_name(found)} does not match"
    lines = [*textwrap.wrap(head, width), *_verdicts(explanation, found, width)]
    if found.matches and explanation.terms:
        lines += ["", *_wrapped(f"score {_scored(explanation, found)}", 0, width)]
        if found.ahead_of is not None:
            text = f"before {shorten(found.ahead_of.label, 40)}: {found.ahead_of.precedence.why}"
            lines += _wrapped(text, 0, width)
    return "\n".join(lines)


def _verdicts(explanation: Explanation, found: ExplainedCandidate, width: int) -> Iterator[str]:
    """Yield a line per comparison: what it is, what came of it, and the value that it saw."""
    several = explanation.has_alternatives
    owners: Sequence[Clause | Alternative] = explanation.clauses[0].alternatives if several else explanation.clauses
    rows: list[tuple[str, str, str, str]] = []
    for owner, verdict in zip(owners, found.verdicts, strict=True):
        label, state, readings = f"1.{owner.number}" if several else str(owner.number), verdict.state, verdict.readings
        if len(readings) == 1 and readings[0].comparison == owner.text:
            rows.append((label, state, owner.text, _value(readings[0])))
        else:
            rows.append((label, state, owner.text, ""))
            rows += [("", each.state, f"  {each.comparison}", _value(each)) for each in readings]
    if not rows:
        return
    labels, states = (max(len(row[place]) for row in rows) for place in (0, 1))
    room = width - labels - states - 6
    longest = max(columns_of(row[2]) for row in rows)
    narrow = room < 2 * _LEAST  # then the values stand below the comparisons
    clauses = min(longest, room + 2) if narrow else min(longest, max(_LEAST, room * 3 // 5))
    for label, shown, clause, value in rows:
        start = f"{label.rjust(labels)}  {shown.ljust(states)}  {_fit(clause, clauses)}"
        if narrow:
            yield start.rstrip()
            yield from _wrapped(value, labels + 4, width)
        else:
            first, *others = textwrap.wrap(value, room - clauses, break_on_hyphens=False) or [""]
            yield f"{start}  {first}".rstrip()
            yield from (" " * (labels + states + clauses + 6) + line for line in others)


def _value(reading: Reading) -> str:
    value = "-" if reading.value is None else shorten(reading.value, 100)
    return f"{value} ({reading.note})" if reading.note else value


def _name(found: ExplainedCandidate) -> str:
    key = shorten(key_text(found.key), 40)
    return key if found.name in (None, key) else f"{shorten(str(found.name), 40)} ({key})"


def _scored(explanation: Explanation, found: ExplainedCandidate) -> str:
    total = "none" if found.score is None else written(found.score)
    if len(explanation.terms) < 2:
        return total
    parts = [
        f"{shorten(term.text, 40)} is {'missing' if number is None else written(number)}"
        for term, number in zip(explanation.terms, found.contributions, strict=True)
    ]
    return f"{total}; {', '.join(parts)}"


def _fit(text: str, room: int) -> str:
    cut = shorten(text, room)
    return cut + " " * (room - columns_of(cut))


def _indented(texts: Iterator[str], indent: int, width: int) -> Iterator[str]:
    for text in texts:
        yield from _wrapped(text, indent, width)


def _wrapped(text: str, indent: int, width: int) -> list[str]:
    return textwrap.wrap(
        text,
        max(width, indent + _LEAST),
        initial_indent=" " * indent,
        subsequent_indent=" " * (indent + 2),
        break_on_hyphens=False,
    )
