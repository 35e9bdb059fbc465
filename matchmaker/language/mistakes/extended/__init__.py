"""What is wrong with a text of the extended dialect: mistakes that people make, recognised and explained."""

from __future__ import annotations

from collections.abc import Iterable

from matchmaker.diagnostics import Diagnostic
from matchmaker.language.lexemes import Lexeme, Unparsable
from matchmaker.language.mistakes.extended import brackets, characters, operands, operators
from matchmaker.language.mistakes.extended.situation import Rule, Situation
from matchmaker.language.mistakes.situation import quoted
from matchmaker.source import Source

RULES: tuple[Rule, ...] = (
    characters.unpaired_quote,
    characters.other_quotes,
    operators.symbol,
    characters.name_or_number,
    characters.foreign_sign,
    characters.no_token,
    operators.not_in,
    operators.without_list,
    operators.odd_number,
    operators.wrong_case,
    operators.word,
    brackets.nothing_inside,
    brackets.unclosed,
    brackets.surplus,
    brackets.list_elsewhere,
    brackets.choice,
    brackets.comma,
    operands.chained,
    operands.nothing_on_the_right,
    operands.nothing_on_the_left,
    operands.negated_operand,
    operands.nothing_between,
)
"""The mistakes that are recognised; the first one that fits explains the error."""


def explain(source: Source, error: Unparsable, tokens: Iterable[Lexeme]) -> Diagnostic:
    """Return what the first rule that fits says about a syntax error, or what was expected.

    Parameters
    ----------
    source : Source
        The text with the error.
    error : Unparsable
        What the parser said.
    tokens : iterable of Lexeme
        All tokens of the text.
    """
    s = Situation(source, error, tokens)
    for rule in RULES:
        diagnostic = rule(s)
        if diagnostic is not None:
            return diagnostic
    if s.kind == "$END":
        return s.error("MM101", s.token, "the text ends too early")
    return s.error("MM101", s.token, f"{quoted(s.token.value)} cannot stand here")
