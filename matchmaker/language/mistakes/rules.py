"""The mistakes that are recognised, in the order in which they are looked for: the first one that fits explains the error."""

from __future__ import annotations

from matchmaker.diagnostics import Diagnostic
from matchmaker.language.mistakes import numbers, operands, operators, texts, words
from matchmaker.language.mistakes.situation import Rule, Situation, quoted

RULES: tuple[Rule, ...] = (
    operators.unclosed,
    texts.unpaired_quote,
    texts.other_quotes,
    texts.comment,
    operators.surplus,
    texts.empty_name,
    operators.comparison_in_rank,
    operators.foreign_symbol,
    operators.foreign_sign,
    words.word_before,
    words.word_operator,
    words.function,
    operators.half,
    operators.power_or_remainder,
    texts.sides_exchanged,
    numbers.odd_number,
    operators.minus,
    texts.name_with_other_characters,
    texts.unquoted_text,
    operators.arithmetic_in_requirement,
    operands.chained,
    operands.several_values,
    texts.order_of_texts,
    texts.nothing_compared,
    operands.nothing_on_the_right,
    operands.nothing_on_the_left,
    operands.nothing_between,
)


def explain(s: Situation) -> Diagnostic:
    """Return what the first rule that fits says about a syntax error, or what was expected."""
    for rule in RULES:
        diagnostic = rule(s)
        if diagnostic is not None:
            return diagnostic
    if s.token.kind == "$END":
        return s.error("MM101", s.token.span, "the text ends too early")
    return s.error("MM101", s.token.span, f"{quoted(s.token.text)} cannot stand here")
