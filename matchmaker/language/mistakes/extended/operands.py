"""Mistakes with operands: one that is missing, one too many, or nothing between two of them."""

from __future__ import annotations

from matchmaker.diagnostics import Diagnostic, shorten
from matchmaker.language.mistakes.extended.situation import (
    ATTRIBUTES,
    BINARY,
    OPERANDS,
    Situation,
    across,
    clause,
    touch,
)
from matchmaker.language.mistakes.situation import in_quotes, quoted

_ENDS = frozenset({"$END", "CLOSE", "CLOSE_LIST", "COMMA", "COLON"})
_JOIN = "write `&` where both must hold, `|` where one must"


def chained(s: Situation) -> Diagnostic | None:
    """Recognise `1 < A < 5`."""
    if s.operand or s.kind not in ("COMPARATOR", "IN"):
        return None
    left, operator, middle = s.before(3), s.before(2), s.before()
    hint = "join two comparisons with `&`"
    if operator.type == "COMPARATOR" and {left.type, middle.type, s.after().type} <= OPERANDS:
        shared = middle if left.type == "NUMBER" else left
        second = clause(shared, s.token.value, s.after().value)
        hint = f"write `{clause(left, operator.value, middle.value)} & {second}`"
    return s.error("MM124", s.token, "comparisons are not chained", hint, label="expected `&` or `|`")


def nothing_on_the_right(s: Situation) -> Diagnostic | None:
    """Recognise `A = `, `A = & B = 1`, `A +` and `min(A,)`."""
    operator, left = s.before(), s.before(2)
    ends = _ENDS | {"AND", "OR", "QUESTION"} if operator.type == "COMPARATOR" else _ENDS
    if not s.operand or s.kind not in ends:
        return None
    if operator.type in ("OPEN", "OPEN_LIST") and s.kind == "$END":
        return s.error("MM102", s.token, f"the text ends behind a `{operator.value}`")
    if operator.type == "$END" or (s.kind == "COMMA" and operator.type in ("OPEN", "OPEN_LIST", "COMMA")):
        return s.error("MM119", s.token, f"`{s.token.value}` has nothing on its left side")
    hints: tuple[str, ...] = ()
    if operator.type == "COMPARATOR" and left.type in ATTRIBUTES:
        hints = (f"to ask only whether it is there: `exists({shorten(left.value, 30)})`",)
    elif operator.value == "*" and left.type == "NAME" and touch(left, operator) and s.before(3).type == "COMPARATOR":
        pattern = clause(s.before(4), s.before(3).value, in_quotes(f"{left.value}*"))
        hints = (f"a pattern stands in quotes: `{pattern}`",)
    return s.error("MM102", s.token, f"`{operator.value}` has nothing on its right side", *hints)


def nothing_on_the_left(s: Situation) -> Diagnostic | None:
    """Recognise `= 5`, `A = 1 & | B = 2`, `+5` and `and = 5`."""
    token, before = s.token, s.before()
    if not s.operand or s.kind not in BINARY | {"QUESTION"}:
        return None
    if s.kind == "PLUS":
        return s.error("MM119", token, "a number or attribute has no `+` before it", "leave the `+` out")
    hints = (f'an attribute of this name stands in quotes: `"{token.value}"`',) if token.value.isalpha() else ()
    if hints and before.type == "COMPARATOR":
        hints = (f'a text stands in quotes: `"{token.value}"`',)
    if before.type in BINARY | {"BANG", "QUESTION", "COLON"}:
        message = f"`{token.value}` follows `{before.value}`, with nothing between them"
        return s.error("MM119", token, message, *hints, *(() if hints else ("leave one of them out",)))
    return s.error("MM119", token, f"`{token.value}` has nothing on its left side", *hints)


def negated_operand(s: Situation) -> Diagnostic | None:
    """Recognise `A = !B` and `-!A`."""
    if not s.operand or s.kind != "BANG":
        return None
    hint = f"a condition stands in parentheses here: `({s.token.value}{' ' * s.token.value.isalpha()}...)`"
    return s.error("MM101", s.token, f"`{s.token.value}` takes the whole comparison behind it", hint)


def nothing_between(s: Situation) -> Diagnostic | None:
    """Recognise `A = 1 B = 2`, `A "x"` and `A = two words`."""
    token, before = s.token, s.before()
    if s.operand or s.kind not in OPERANDS | {"OPEN", "BANG"}:
        return None
    message = f"an operator is missing between {quoted(before.value, 24)} and {quoted(token.value, 24)}"
    operator, left = s.before(2), s.before(3)
    if before.type in ATTRIBUTES and s.kind in ("STRING", "NUMBER") and operator.type != "COMPARATOR":
        return s.error("MM123", token, message, f"write `{clause(before, '=', token.value)}`")
    hints = [f"lines do not join: {_JOIN}" if "\n" in s.gap else _JOIN]
    if operator.type == "COMPARATOR" and before.type == s.kind == "NAME" and s.after().type not in ("COMPARATOR", "IN"):
        words = across(before, token)
        text = " ".join(s.text[words.start : words.end].split())
        hints.insert(0, f"a text stands in quotes: `{clause(left, operator.value, in_quotes(text))}`")
    return s.error("MM123", token, message, *hints)
