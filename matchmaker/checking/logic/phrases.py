"""The words for what follows from a requirement."""

from __future__ import annotations

from bisect import bisect_right

from matchmaker.checking.logic.extents import Extents
from matchmaker.checking.logic.facts import Fact
from matchmaker.checking.logic.groups import Clause
from matchmaker.checking.logic.reasoning import Conclusion, Repetition
from matchmaker.diagnostics import Diagnostic, shorten
from matchmaker.language.nodes import Comparison
from matchmaker.source import Source, Span

_MOST_NAMED = 3
_WIDTH = 32


class Phrases:
    """Makes a diagnostic of each thing that follows.

    Parameters
    ----------
    source : Source
        The requirement.
    extents : Extents
        Where its parentheses are.
    """

    def __init__(self, source: Source, extents: Extents) -> None:
        self._text = source.text
        self._extents = extents
        self._line_ends = [place for place, character in enumerate(source.text) if character == "\n"]

    def conclusion(self, conclusion: Conclusion) -> Diagnostic:
        """Return what is to be said about a clause."""
        clause, facts = conclusion.clause, conclusion.facts
        conjunctive, held = conclusion.group.operator == "&", facts[0].holds
        if any(each.holds != held for each in facts):
            return self._given(conclusion)
        if conclusion.decides and not held and not conjunctive:
            return self._one_of_them(conclusion)
        if conclusion.decides == conjunctive and held:
            return self._contradiction(clause, facts)
        if not conclusion.decides and held == conjunctive and clause.constraint == facts[0].clause.constraint:
            return self._repeated(clause, facts[0].clause)
        return self._adds_nothing(conclusion)

    def alone(self, clause: Clause) -> Diagnostic:
        """Return what is to be said about a clause that is always or never true by itself."""
        always = clause.constraint.always
        message = f"`{self._clause(clause)}` is {'always' if always else 'never'} true"
        return _warning("MM215" if always else "MM214", self._span(clause), message)

    def repetition(self, repetition: Repetition) -> Diagnostic:
        """Return what is to be said about a group that stands beside an equal one."""
        span = repetition.group.span
        message = f"`{shorten(self._text[slice(*span)], _WIDTH)}` stands here twice"
        return _warning("MM216", span, message, f"the same as {self._at(repetition.first.span)}", "leave it out")

    def whole(self, span: Span, what: str, *, always: bool) -> Diagnostic:
        """Return that a requirement or condition is always or never true, for several reasons."""
        if always:
            return _warning("MM215", span, f"the whole {what} is always true", "nothing can make it false")
        return _warning("MM214", span, f"the whole {what} is never true", "all that could make it true is ruled out")

    def consequence(self, what: str, *, always: bool) -> str:
        """Return the hint that something decides a whole requirement or condition."""
        return f"so the whole {what} is {'always' if always else 'never'} true"

    def _contradiction(self, clause: Clause, facts: tuple[Fact, ...]) -> Diagnostic:
        message = f"`{self._clause(clause)}` contradicts {self._names(facts)}"
        label = f"never true where {self._they(facts)}"
        return _warning("MM213", self._span(clause), message, label)

    def _adds_nothing(self, conclusion: Conclusion) -> Diagnostic:
        clause, facts = conclusion.clause, conclusion.facts
        conjunctive = conclusion.group.operator == "&"
        message = f"`{self._clause(clause)}` adds nothing to {self._names(facts)}"
        if not conclusion.decides and conjunctive and not facts[0].holds:
            return _warning(
                "MM217", self._span(clause), message, f"always true where `{self._clause(facts[0].clause)}` is not"
            )
        label = f"true {'wherever' if facts[0].holds else 'only where'} {self._they(facts)}"
        hint = "leave it out"
        if conclusion.decides:
            hint = (
                "nor does what is joined to it by `&`"
                if conjunctive
                else "so what is joined to it by `|` never matters"
            )
        return _warning("MM217", self._span(clause), message, label, hint)

    def _repeated(self, clause: Clause, first: Clause) -> Diagnostic:
        shown, other = self._clause(clause), self._clause(first)
        message = f"`{shown}` stands here twice" if shown == other else f"`{shown}` says the same as `{other}`"
        return _warning(
            "MM216", self._span(clause), message, f"the same as {self._at(first.node.span)}", "leave it out"
        )

    def _one_of_them(self, conclusion: Conclusion) -> Diagnostic:
        clause, facts = conclusion.clause, conclusion.facts
        shown = self._clause(clause)
        if not conclusion.but_missing:
            message = f"one of {self._names(facts)} and `{shown}` is always true"
            return _warning("MM215", self._span(clause), message, "they leave nothing out")
        name, reading = clause.subject
        named = f"`{shorten(name, 24)}`"
        there = f"{named} is there" if reading == "text" else f"{named} is a number"
        message = f"one of {self._names(facts)} and `{shown}` is true wherever {there}"
        label = f"only a missing {named} makes both false"
        other = facts[0].clause
        hints: tuple[str, ...] = ()
        if all(isinstance(each.node, Comparison) and each.node.operator == "!=" for each in (clause, other)):
            hints = (f"neither of both: `{self._clause(other)} & {shown}`",)
        return _warning("MM220", self._span(clause), message, label, *hints)

    def _given(self, conclusion: Conclusion) -> Diagnostic:
        """Return what follows from clauses of which some are taken to be true, and some to be false."""
        always = conclusion.group.operator == "|"
        message = f"`{self._clause(conclusion.clause)}` is {'always' if always else 'never'} true here"
        facts = [self._clause(each.clause, opposite=not each.holds) for each in conclusion.facts]
        label = "because of " + _listed(facts)
        return _warning("MM215" if always else "MM214", self._span(conclusion.clause), message, label)

    def _names(self, facts: tuple[Fact, ...]) -> str:
        return _listed([self._clause(each.clause) for each in facts])

    def _they(self, facts: tuple[Fact, ...]) -> str:
        """Return `that is` of a fact, or of several that hold, or do not, together."""
        if len(facts) == 1:
            return f"`{self._clause(facts[0].clause)}` is"
        return "all of these are" if facts[0].holds else "one of these is"

    def _clause(self, clause: Clause, *, opposite: bool = False) -> str:
        """Return a clause as it is written, or its opposite."""
        node = clause.node
        if isinstance(node, Comparison) and node.span == node.literal.span:  # an item of a list
            shown = f"{self._piece(node.attribute.span)} {node.operator} {self._piece(node.span)}"
        else:
            shown = self._piece(node.span)
        return f"!({shown})" if clause.negated != opposite else shown

    def _piece(self, span: Span) -> str:
        return shorten(self._text[slice(*span)], _WIDTH)

    def _span(self, clause: Clause) -> Span:
        if clause.negated and clause.slot is not None:
            return self._extents.around(clause.slot.operand.span)
        return clause.node.span

    def _at(self, span: Span) -> str:
        line = bisect_right(self._line_ends, span.start - 1)
        column = span.start - (self._line_ends[line - 1] + 1 if line else 0) + 1
        return f"in column {column}" if not self._line_ends else f"in line {line + 1}, column {column}"


def _warning(code: str, span: Span, message: str, label: str = "", *hints: str) -> Diagnostic:
    return Diagnostic(code, "warning", span, message, label, hints)


def _listed(words: list[str]) -> str:
    shown = [f"`{word}`" for word in words[:_MOST_NAMED]]
    if len(words) > _MOST_NAMED:
        return ", ".join(shown) + " and others"
    return " and ".join(part for part in (", ".join(shown[:-1]), shown[-1]) if part)
