"""Expressions of the extended dialect in the opennebula dialect, as far as OpenNebula can say them: tree to tree."""

from __future__ import annotations

from matchmaker.diagnostics import Diagnostic
from matchmaker.errors import TranslationError
from matchmaker.language.nodes import Attribute, Blank, Comparison, Node, Text
from matchmaker.source import Source, Span
from matchmaker.translation.problems import Problems
from matchmaker.translation.ranks import translate_rank
from matchmaker.translation.requirements import RequirementTranslation

NEVER = Comparison(Attribute("ID"), "=", Text(""))
"""A requirement of the opennebula dialect that nothing meets."""


def translate(tree: Node, source: Source, expression: str, *, bound: bool) -> Node:
    """Return the tree of the opennebula dialect that says what a tree of the extended one says.

    Parameters
    ----------
    tree : Node
        What to translate; no deeper than its dialect allows.
    source : Source
        Its text.
    expression : {"requirement", "rank"}
        What it is.
    bound : bool
        Whether a request is bound to it.

    Raises
    ------
    TranslationError
        If OpenNebula cannot say it; it names every clause that is to blame.
    """
    problems = Problems(source)
    if expression == "rank":
        translated = translate_rank(tree, problems, bound=bound)
    else:
        said = RequirementTranslation(problems, bound=bound).condition(tree)
        translated = said if not isinstance(said, bool) else Blank() if said else NEVER
    if translated is None:
        found = sorted(dict.fromkeys(problems.found), key=lambda diagnostic: diagnostic.span)
        raise TranslationError(source, tuple(found))
    return translated


def refused(source: Source, code: str, message: str, hint: str) -> TranslationError:
    """Return the error about a whole expression."""
    return TranslationError(source, (Diagnostic(code, "error", Span(0, len(source.text)), message, "", (hint,)),))
