"""Mistakes with parentheses, lists and choices."""

from __future__ import annotations

import re

from matchmaker.diagnostics import Diagnostic, shorten
from matchmaker.language.mistakes.extended.situation import (
    ATTRIBUTES,
    OPERANDS,
    Situation,
    across,
    clause,
    touch,
)
from matchmaker.language.mistakes.situation import in_quotes, quoted
from matchmaker.source import Span

_OPENED_BY = {"CLOSE": ("OPEN", "("), "CLOSE_LIST": ("OPEN_LIST", "[")}
_CLOSED_BY = {"OPEN": ")", "OPEN_LIST": "]"}
_PATH = re.compile(r"[A-Za-z][^\s\"&|<>!]{1,100}\][^\s\"&|<>!=)]{0,100}")
_TEXT = re.compile(r"[^\s\"&|()<>=!]{1,100}")


def nothing_inside(s: Situation) -> Diagnostic | None:
    """Recognise `()` and `A in []`."""
    if s.kind == "CLOSE" and s.before().type == "OPEN":
        span = across(s.before(), s.token)
        return s.error("MM110", span, "there is nothing between these parentheses", "leave them out, or fill them")
    if s.kind == "CLOSE_LIST" and s.before().type == "OPEN_LIST":
        return s.error("MM130", across(s.before(), s.token), "there is nothing in this list")
    return None


def unclosed(s: Situation) -> Diagnostic | None:
    """Recognise `(A = 1`, `A in [1` and `A ? B`."""
    if s.operand or not s.opened or s.kind not in ("$END", "CLOSE", "CLOSE_LIST"):
        return None
    opening = s.opened[-1]
    if opening.type == "QUESTION":
        hint = "a choice is written `A ? B : C`"
        return s.error("MM129", opening, "this `?` has no `:`", hint, label="")
    closing = _CLOSED_BY[opening.type]
    if s.kind == "$END":
        hint = f"add a `{closing}` where its part ends"
        return s.error("MM110", opening, f"this `{opening.value}` is never closed", hint, label="")
    if _OPENED_BY[s.kind][0] != opening.type:
        message = f"this `{s.token.value}` stands where a `{closing}` is to close the `{opening.value}`"
        return s.error("MM110", s.token, message, label="")
    return None


def surplus(s: Situation) -> Diagnostic | None:
    """Recognise `A = 1)`."""
    if s.kind not in _OPENED_BY or (s.operand and s.before().type != "$END"):
        return None
    kind, opening = _OPENED_BY[s.kind]
    if any(token.type == kind for token in s.opened):
        return None
    message, hint = f"this `{s.token.value}` closes no `{opening}`", f"leave it out, or add a `{opening}` before it"
    return s.error("MM110", s.token, message, hint, label="")


def list_elsewhere(s: Situation) -> Diagnostic | None:
    """Recognise `A = [1, 2]` and `A[1] = 5`."""
    if s.kind != "OPEN_LIST":
        return None
    operator, left = s.before(), s.before(2)
    if operator.type == "COMPARATOR" and operator.value in ("=", "==", "!=", "@>") and left.type in OPERANDS:
        end = s.text.find("]", s.token.end_pos, s.token.end_pos + 60)
        listed = f"{shorten(left.value, 20)} in {shorten(s.text[s.token.start_pos : end + 1]) if end > 0 else '[...]'}"
        hint = f"write `{f'!({listed})' if operator.value == '!=' else listed}`"
        return s.error("MM125", s.token, "a comparison has one value on its right side", hint)
    path = _PATH.match(s.text, operator.start_pos)
    if operator.type == "NAME" and touch(operator, s.token) and path is not None:
        hint = f'a path stands in quotes: `"{shorten(path[0])}"`'
        return s.error("MM106", Span(*path.span()), f"{quoted(path[0])} is not a name", hint, label="")
    return s.error("MM130", s.token, "a list stands only behind `in`")


def choice(s: Situation) -> Diagnostic | None:
    """Recognise `A : B`, `A = a:b` and `A = ?`."""
    operator, left = s.before(), s.before(2)
    if s.kind == "COLON" and not s.operand:
        run = _TEXT.match(s.text, operator.start_pos)
        if operator.type in OPERANDS and touch(operator, s.token) and touch(s.token, s.after()) and run is not None:
            return _needs_quotes(s, Span(*run.span()), 1)
        return s.error("MM129", s.token, "this `:` belongs to no `?`", "a choice is written `A ? B : C`", label="")
    if s.kind in ("QUESTION", "TIMES") and operator.type == "COMPARATOR" and left.type in ATTRIBUTES:
        run = _TEXT.match(s.text, s.token.start_pos)
        return _needs_quotes(s, Span(*run.span()), 0) if run is not None else None
    return None


def _needs_quotes(s: Situation, span: Span, behind: int) -> Diagnostic:
    """Say that a text needs quotes; it begins so many tokens before the offending one."""
    written = s.text[span.start : span.end]
    operator, left = s.before(behind + 1), s.before(behind + 2)
    whole = in_quotes(written)
    if operator.type == "COMPARATOR" and left.type in ATTRIBUTES:
        whole = clause(left, operator.value, whole)
    return s.error("MM121", span, f"{quoted(written)} needs quotes", f"write `{whole}`", label="")


def comma(s: Situation) -> Diagnostic | None:
    """Recognise `A = 1, B = 2` and `A = x, y`."""
    if s.kind != "COMMA" or s.operand:
        return None
    operator, left = s.before(2), s.before(3)
    two = left.type in OPERANDS and s.after().type in OPERANDS and s.after(2).type not in ("COMPARATOR", "IN")
    if operator.value in ("=", "==", "!=") and two:
        listed = f"{shorten(left.value, 20)} in [{shorten(s.before().value, 16)}, {shorten(s.after().value, 16)}]"
        hint = f"write `{f'!({listed})' if operator.value == '!=' else listed}`"
        return s.error("MM125", s.after(), "a comparison has one value on its right side", hint, label="")
    return s.error("MM123", s.token, "`,` joins nothing", "write `&` where both must hold, `|` where one must")
