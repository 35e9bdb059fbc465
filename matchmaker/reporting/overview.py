"""The part of the page that needs no script: what was asked, what each clause admits, and what would help."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from matchmaker.reporting.embedding import NOUNS, STATES, column_word, columns
from matchmaker.reporting.markup import bar, code, counted, escaped, icon

_LOOSE = " \t\n()"
_LONGEST_EXPRESSION = 20_000
"""How many characters of a whole expression are shown."""
_MOST_HINTS = 20
"""How many changes, and how many unknown names and texts, are shown."""
_MOST_SEEN = 8
"""How many of an attribute's values a hint shows."""
_LONGEST_SEEN = 100
"""How many characters of them."""


def counts(explanation: Mapping[str, Any]) -> str:
    """Return the numbers at the top of the page."""
    noun = NOUNS[explanation["kind"]]
    numbers = [(noun[explanation["considered"] != 1] + " considered", explanation["considered"])]
    numbers.append(("matching", explanation["matching"]))
    if explanation["unscored"]:
        numbers.append(("without a score", explanation["unscored"]))
    shown = columns(explanation)
    numbers.append((column_word(explanation) + "s" * (len(shown) != 1), len(shown)))
    return "".join(f"<div><dt>{label}</dt><dd>{number:,}</dd></div>" for label, number in numbers)


def expressions(explanation: Mapping[str, Any]) -> str:
    """Return the requirement and the rank, with the numbers of their clauses and terms where they begin."""
    shown = [("Requirement", explanation["requirement"], columns(explanation))]
    if explanation["rank"] is not None:
        shown.append(("Rank", explanation["rank"], explanation["terms"]))
    return "".join(
        f"<div><dt>{label}</dt><dd><pre><code>{_with_numbers(text, pieces)}</code></pre></dd></div>"
        if text
        else f'<div><dt>{label}</dt><dd class="nothing">none</dd></div>'
        for label, text, pieces in shown
    )


def _with_numbers(text: str, pieces: Sequence[Mapping[str, Any]]) -> str:
    """Return an expression with a number before each piece that is found in it; a piece may be printed otherwise."""
    text = text[:_LONGEST_EXPRESSION] + "..." * (len(text) > _LONGEST_EXPRESSION)
    numbers = dict(_beginnings(text, pieces))
    ends = [*numbers, len(text)][1:]
    shown = []
    for (begin, number), end in zip(numbers.items(), ends, strict=True):
        badge = f'<span class="badge" aria-hidden="true">{number}</span>'
        shown.append(f'<span class="piece">{badge}{escaped(text[begin:end], len(text))}</span>')
    return escaped(text[: min(numbers, default=len(text))], len(text)) + "".join(shown)


def _beginnings(text: str, pieces: Sequence[Mapping[str, Any]]) -> Iterator[tuple[int, int]]:
    """Yield where pieces begin, and their numbers. Blanks and parentheses do not count: they are printed otherwise."""
    places = [place for place, character in enumerate(text) if character not in _LOOSE]
    bare, done = _bare(text), 0
    for piece in pieces:
        wanted = _bare(piece["text"])
        found = bare.find(wanted, done) if wanted else -1
        if found >= 0:
            done = found + 1
            before = text[: places[found]]
            opened = before.find("(", len(before.rstrip(_LOOSE)))
            yield (places[found] if opened < 0 else opened), piece["number"]


def _bare(text: str) -> str:
    return text.translate(dict.fromkeys(map(ord, _LOOSE)))


def clause_table(explanation: Mapping[str, Any]) -> str:
    """Return a row for each clause: who passes, alone and in turn, who fails and why, and the literals nearby."""
    shown, considered = columns(explanation), explanation["considered"]
    if not shown:
        return '<p class="nothing">There is no requirement: every candidate matches.</p>'
    labels = {"passing": "Passing alone"}
    if shown is explanation["clauses"]:
        labels |= {"passing_so_far": "Passing so far", "only_obstacle": "Only obstacle for"}
    labels["why"] = "Why the others fail"
    if any(clause["nearest"] for clause in shown):
        labels["nearest"] = "Nearest literals"
    title = column_word(explanation).capitalize()
    heads = "".join(f'<th scope="col" role="columnheader">{label}</th>' for label in (title, *labels.values()))
    rows = "".join(_clause_row(index, clause, considered, labels) for index, clause in enumerate(shown))
    # The roles are those that the elements have: browsers forget them where the style sheet turns rows into cards.
    return (
        f'<table class="clauses" role="table"><thead role="rowgroup"><tr role="row">{heads}</tr></thead>'
        f'<tbody role="rowgroup">{rows}</tbody></table>'
    )


def _clause_row(index: int, clause: Mapping[str, Any], considered: int, labels: Mapping[str, str]) -> str:
    part = clause.get("part", "user")
    tag = "" if part == "user" else f' <span class="tag">{escaped(part)}</span>'
    head = f'<span class="badge">{clause["number"]}</span>{code(clause["text"])}{tag}'
    cells = {
        "passing": _measure(clause["passing"], considered, "alone"),
        "why": "".join(_tally(index, state, clause[state]) for state in STATES if state != "pass"),
        "nearest": _nearest(clause),
    }
    if "only_obstacle" in labels:
        cells["passing_so_far"] = _measure(clause["passing_so_far"], considered, "so-far")
        cells["only_obstacle"] = _shortcut(index, "only", clause["only_obstacle"], f"{clause['only_obstacle']:,}")
    shown = "".join(
        f'<td role="cell" class="{name}" data-label="{label}">{cells[name]}</td>' for name, label in labels.items()
    )
    return f'<tr role="row"><th scope="row" role="rowheader">{head}</th>{shown}</tr>'


def _measure(count: int, considered: int, style: str) -> str:
    return f'<div class="measure"><span>{count:,}</span>{bar(count, considered, style)}</div>'


def _tally(index: int, state: str, count: int) -> str:
    if not count:
        return ""
    return _shortcut(index, state, count, f"{icon(state)}{count:,} {STATES[state]}", f" tally {state}")


def _shortcut(index: int, state: str, count: int, shown: str, style: str = "") -> str:
    """Return HTML of which the script makes a button that shows these candidates; 0 of them need none."""
    if not count:
        return shown
    return f'<span class="shortcut{style}" data-column="{index}" data-state="{state}">{shown}</span>'


def _nearest(clause: Mapping[str, Any]) -> str:
    """Return the literals nearby, and how many match with each; where a clause is more than a comparison, all of it."""
    shown = []
    for each in clause["nearest"]:
        before = each["text"].removesuffix(each["literal"])
        alone = clause["text"].startswith(before) and " " not in clause["text"][len(before) :]
        shown.append(f"<span>{code(each['literal' if alone else 'text'])} lets {each['matching']:,} match</span>")
    return "".join(shown)


def help_section(explanation: Mapping[str, Any]) -> str:
    """Return what would help: clauses to drop, names and texts that were perhaps meant; empty when there is nothing."""
    unknown = explanation["unknown"]
    lines = [*_changes(explanation), *map(_unknown, unknown[:_MOST_HINTS])]
    if not lines:
        return ""
    if len(unknown) > _MOST_HINTS:
        lines.append(f"And {len(unknown) - _MOST_HINTS:,} more names and texts that no candidate has.")
    items = "".join(f"<li>{line}</li>" for line in lines)
    heading = '<h2 id="help">What would help</h2>'
    return f'<section class="card" aria-labelledby="help">{heading}<ul class="advice">{items}</ul></section>'


def _changes(explanation: Mapping[str, Any]) -> list[str]:
    # To drop the only clause there is would be no help.
    sets = explanation["changes"]["sets"] if len(explanation["clauses"]) > 1 else []
    one, many = NOUNS[explanation["kind"]]
    lines = []
    for each in sets[:_MOST_HINTS]:
        numbers = [f"<strong>{number}</strong>" for number in each["clauses"]]
        listed = f"{', '.join(numbers[:-1])} and {numbers[-1]}" if len(numbers) > 1 else numbers[0]
        clauses = "clauses" if len(numbers) > 1 else "clause"
        lines.append(f"Without {clauses} {listed}, {counted(each['admits'], one, many)} would match.")
    if len(sets) > _MOST_HINTS:
        lines.append(f"And {len(sets) - _MOST_HINTS:,} more changes as small as these.")
    if sets and not explanation["changes"]["complete"]:
        lines.append("There may be other changes as small as these; not all were tried.")
    return lines


def _unknown(unknown: Mapping[str, Any]) -> str:
    attribute, nearest = code(unknown["attribute"], _LONGEST_SEEN), unknown["nearest"]
    line = f"Clause {unknown['clause']:,}: "
    if "text" not in unknown:
        line += f"no candidate has {attribute}."
    else:
        line += f"{attribute} is nowhere {code(unknown['text'], _LONGEST_SEEN)}."
    if nearest is not None:
        line += f" Did you mean {code(nearest, _LONGEST_SEEN)}?"
    seen = [
        f"{code(each['value'], _LONGEST_SEEN)} ({each['count']:,})" for each in unknown.get("seen", ())[:_MOST_SEEN]
    ]
    if seen:
        line += f" What there is: {', '.join(seen)}"
        others = unknown["distinct"] - len(seen)
        line += f" and {counted(others, 'other value', 'other values')}." if others > 0 else "."
    return line
