"""What is to be said about all that follows from a requirement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from matchmaker.checking.logic.extents import Extents
from matchmaker.checking.logic.groups import Group, Grouping, Slot, conditions
from matchmaker.checking.logic.patterns import Patterns
from matchmaker.checking.logic.phrases import Phrases
from matchmaker.checking.logic.reasoning import Conclusion, Reasoning
from matchmaker.diagnostics import Diagnostic, Repair
from matchmaker.language.nodes import Blank, Node
from matchmaker.source import Source

_ALONE = ("MM202", "MM210", "MM211")
"""The codes of comparisons that are never true, whatever they are joined with."""


def logic_findings(
    source: Source, tree: Node, expression: str, kind: str, known: Sequence[Diagnostic], *, upstream: bool
) -> list[Diagnostic]:
    """Return what is known about the comparisons of an expression, and what these say about each other.

    Parameters
    ----------
    source : Source
        The text.
    tree : Node
        What it means.
    expression : {"requirement", "rank"}
        What it is.
    kind : str
        What sort of candidates it is for.
    known : sequence of Diagnostic
        What was found about its comparisons one by one; one that decides the whole gets a hint that says so.
    upstream : bool
        Whether the dialect is OpenNebula's.
    """
    roots = list(conditions(tree))
    if expression == "requirement" and not isinstance(tree, Blank) and (not roots or roots[0] is not tree):
        roots.insert(0, tree)
    grouping, patterns = Grouping(kind, upstream=upstream), Patterns()
    telling = _Telling(source, known, upstream=upstream)
    for root in roots:
        group = grouping.group(root)
        whole = "requirement" if root is tree and expression == "requirement" else "condition"
        telling.tell(Reasoning(group, patterns), group, whole)
    return telling.found


class _Telling:
    """Makes diagnostics of what follows, for one condition after the other."""

    def __init__(self, source: Source, known: Sequence[Diagnostic], *, upstream: bool) -> None:
        self.found = list(known)
        self._extents = Extents(source.text, upstream=upstream)
        self._phrases = Phrases(source, self._extents)
        self._alone = {each.span: place for place, each in enumerate(known) if each.code in _ALONE}

    def tell(self, reasoning: Reasoning, group: Group, whole: str) -> None:
        """Add the diagnostics of all that follows for a condition, and whether it is always or never true as a whole."""
        told: dict[int, int] = {}
        for clause in reasoning.alone:
            if clause.node.span not in self._alone:
                self._alone[clause.node.span] = len(self.found)
                self.found.append(self._phrases.alone(clause))
        for conclusion in reasoning.conclusions:
            told[id(conclusion)] = len(self.found)
            repair = self._repair(conclusion.clause.slot) if _is_repeated(conclusion) else None
            self.found.append(replace(self._phrases.conclusion(conclusion), repair=repair))
        for repetition in reasoning.repetitions:
            repair = self._repair(repetition.group.slot)
            self.found.append(replace(self._phrases.repetition(repetition), repair=repair))
        verdict = reasoning.verdict
        if verdict is None:
            return
        if verdict.cause is None:
            self.found.append(self._phrases.whole(self._extents.around(group.span), whole, always=verdict.always))
        elif isinstance(verdict.cause, Conclusion):
            self._add_hint(told[id(verdict.cause)], self._phrases.consequence(whole, always=verdict.always))
        elif group.members != [verdict.cause]:
            place = self._alone[verdict.cause.node.span]
            self._add_hint(place, self._phrases.consequence(whole, always=verdict.always))

    def _add_hint(self, place: int, hint: str) -> None:
        diagnostic = self.found[place]
        self.found[place] = replace(diagnostic, hints=(*diagnostic.hints, hint))

    def _repair(self, slot: Slot | None) -> Repair | None:
        """Return how to leave an operand out. The changes for the first two of a chain overlap, so that never all go at once."""
        return None if slot is None else Repair((self._extents.left_out(slot),))


def _is_repeated(conclusion: Conclusion) -> bool:
    """Tell whether a clause only says what another one, beside it or outside, says already."""
    return not conclusion.decides and conclusion.facts[0].holds == (conclusion.group.operator == "&")
