"""An explanation in a line, and in some sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matchmaker.diagnostics import shorten
from matchmaker.engine.tracing import written
from matchmaker.matching.explain.report import NearestLiteral, UnknownName, UnknownText

if TYPE_CHECKING:
    from matchmaker.matching.explain.explanation import Explanation

LONGEST = 100
"""What OpenNebula shows of a VM's SCHED_MESSAGE."""
_SHORT = 34
"""How much of a clause stands in the line."""
_CHANGES = 2
"""How many changes are told in sentences."""
_TEXTS = 4
"""How many texts that candidates have are told in a sentence."""
_SHOWN = 60
"""How much of a clause stands in a sentence."""


def noun(kind: str, count: int) -> str:
    """Return what candidates of a kind are called."""
    name = "candidate" if kind == "plain" else kind
    return name if count == 1 else name + "s"


def in_short(explanation: Explanation) -> str:
    """Return the answer in at most 100 characters: as many of the most helpful remarks as there is room for."""
    if not explanation.considered:
        return f"there are no {noun(explanation.kind, 0)}"
    verb = "matches" if 1 in (explanation.matching, explanation.considered) else "match"
    line = f"{explanation.matching} of {explanation.considered} {noun(explanation.kind, explanation.considered)} {verb}"
    if explanation.matching:
        return line if not explanation.best else line + _best(explanation, LONGEST - len(line))
    for remark in _remarks(explanation):
        if len(line) + 2 + len(remark) <= LONGEST:
            line = f"{line}; {remark}"
    return line


def _best(explanation: Explanation, room: int) -> str:
    first = explanation.best[0]
    if not explanation.terms or first.score is None:
        return ""
    best = f"; {shorten(first.label, _SHORT)} is best with {written(first.score)}"
    return best if len(best) <= room else ""


def _remarks(explanation: Explanation) -> list[str]:
    """Return what helps, the most helpful first."""
    remarks: list[str] = []
    hopeless = {clause.number for clause in explanation.clauses if not clause.passing}
    for found in explanation.unknown:
        if found.clause in hopeless:
            near = f" ({shorten(found.nearest, _SHORT)}?)" if found.nearest else ""
            what = found.attribute if isinstance(found, UnknownName) else f'{found.attribute} "{found.text}"'
            remarks.append(f"none has {shorten(what, _SHORT)}{near}")
    if explanation.changes and len(explanation.clauses) > 1:
        first = explanation.changes[0]
        texts = " and ".join(shorten(explanation.clauses[number - 1].text, _SHORT) for number in first.clauses)
        named = texts if len(texts) < LONGEST // 2 else f"clauses {', '.join(map(str, first.clauses))}"
        remarks.append(f"{first.admits} without {named}")
    literal = _most_helpful(explanation)
    if literal is not None:
        remarks.append(f"{literal.matching} with {shorten(literal.text, _SHORT)}")
    return remarks


def _most_helpful(explanation: Explanation) -> NearestLiteral | None:
    """Return the first literal that lets something match: of the clause that keeps the most from matching."""
    best: tuple[int, NearestLiteral] | None = None
    for clause in explanation.clauses:
        several = clause.nearest or tuple(each for other in clause.alternatives for each in other.nearest)
        if several and (best is None or clause.only_obstacle > best[0]):
            best = clause.only_obstacle, several[0]
    return None if best is None else best[1]


def in_sentences(explanation: Explanation) -> str:
    """Return the answer in some sentences."""
    phrases = [_answer(explanation), *advice(explanation)]
    return " ".join(f"{phrase[0].upper()}{phrase[1:]}." for phrase in phrases)


def _answer(explanation: Explanation) -> str:
    count, matching = explanation.considered, explanation.matching
    name = noun(explanation.kind, count)
    if not count:
        return f"there are no {name}"
    if not matching:
        return (
            f"the only {name} does not meet the requirement"
            if count == 1
            else f"none of the {count:,} {name} meets the requirement"
        )
    if not explanation.clauses:
        whom = f"the only {name} matches" if count == 1 else f"all {count:,} {name} match"
        return f"nothing is required, so that {whom}"
    return f"{matching:,} of {count:,} {name} {'meets' if matching == 1 else 'meet'} the requirement"


def advice(explanation: Explanation) -> list[str]:
    """Return what else there is to say, the most helpful first, as the beginnings of sentences."""
    if not explanation.considered:
        return []
    if explanation.matching:
        return [*_about_best(explanation), *_about_obstacles(explanation)]
    return [*_about_unknown(explanation), *_about_changes(explanation), *_about_literal(explanation)]


def _about_best(explanation: Explanation) -> list[str]:
    if not explanation.best or not explanation.terms:
        return []
    first = explanation.best[0]
    if first.score is None:
        return ["none of them has a score"]
    phrases = [f"the best is {shorten(first.label, _SHOWN)} with a score of {written(first.score)}"]
    if explanation.unscored:
        phrases.append(f"{explanation.unscored:,} without a score come{'s' * (explanation.unscored == 1)} last")
    if first.ahead_of is not None:
        phrases.append(f"it is before {shorten(first.ahead_of.label, _SHOWN)}: {first.ahead_of.precedence.why}")
    return phrases


def _about_obstacles(explanation: Explanation) -> list[str]:
    worst = max(explanation.clauses, key=lambda clause: clause.only_obstacle, default=None)
    if worst is None or not worst.only_obstacle:
        return []
    return [f"`{shorten(worst.text, _SHOWN)}` alone keeps {worst.only_obstacle:,} more from matching"]


def _about_unknown(explanation: Explanation) -> list[str]:
    phrases: list[str] = []
    hopeless = {clause.number for clause in explanation.clauses if not clause.passing}
    for found in [each for each in explanation.unknown if each.clause in hopeless][:3]:
        near = f" (is `{shorten(found.nearest, _SHOWN)}` meant?)" if found.nearest else ""
        name = shorten(found.attribute, _SHOWN)
        if isinstance(found, UnknownText):
            if not near:
                seen = ", ".join(f"`{shorten(value, _SHORT)}`" for value, _ in found.seen[:_TEXTS])
                near = f" (there is {seen}{', ...' if found.distinct > _TEXTS else ''})"
            phrases.append(f"none has `{shorten(found.text, _SHOWN)}` as `{name}`{near}")
        else:
            phrases.append(f"none has an attribute `{name}`{near}")
    return phrases


def _about_changes(explanation: Explanation) -> list[str]:
    if not explanation.changes or len(explanation.clauses) < 2:
        return []
    phrases: list[str] = []
    for change in explanation.changes[:_CHANGES]:
        texts = [f"`{shorten(explanation.clauses[number - 1].text, _SHOWN)}`" for number in change.clauses[:5]]
        more = f" and {len(change.clauses) - 5} more clauses" if len(change.clauses) > 5 else ""
        phrases.append(f"without {' and '.join(texts)}{more}, {_would(change.admits)}")
    others = len(explanation.changes) - _CHANGES
    if others > 0:
        least = "" if explanation.complete else "at least "
        phrases.append(f"{least}{others:,} other {'change' if others == 1 else 'changes'} of that size would help, too")
    return phrases


def _about_literal(explanation: Explanation) -> list[str]:
    literal = _most_helpful(explanation)
    return [] if literal is None else [f"with `{shorten(literal.text, _SHOWN)}`, {_would(literal.matching)}"]


def _would(count: int) -> str:
    return "one would match" if count == 1 else f"{count:,} would match"
