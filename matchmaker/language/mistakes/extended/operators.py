"""Mistakes with operators and words of other languages."""

from __future__ import annotations

import re
from itertools import takewhile

from matchmaker.diagnostics import Diagnostic, shorten
from matchmaker.language.lexemes import Lexeme
from matchmaker.language.mistakes.extended.characters import NUMBERS_ARE, foreign
from matchmaker.language.mistakes.extended.situation import (
    ATTRIBUTES,
    OPERANDS,
    Situation,
    across,
    clause,
    touch,
)
from matchmaker.language.mistakes.situation import in_quotes, quoted
from matchmaker.language.mistakes.words import COMPARING
from matchmaker.source import Span

_SYMBOLS = {
    "===": "=", "= =": "=", "<>": "!=", "><": "!=", "!==": "!=", "=!": "!=", "! =": "!=", "=>": ">=", "> =": ">=",
    "=<": "<=", "< =": "<=", ":=": "=", "& &": "&", "| |": "|",
}  # fmt: skip
"""Operators of other languages, and those with a blank inside, and what stands for them."""
_CALCULATING = {"mod": "", "div": "/", "times": "*", "plus": "+", "minus": "-"}
_WORDS = ("and", "or", "not", "in")
_CHOOSING = ("if", "then", "else", "when", "case", "unless")
_MISSING = ("null", "none", "nil", "missing", "undefined")
_UNIT = re.compile(r"[kKmMgGtTpP]i?[bB]?|%")
_OTHER_BASE = re.compile(r"0(?:[xX][0-9a-fA-F]{1,16}|[oO][0-7]{1,20}|[bB][01]{1,60})")
_POWERS = {"k": 0, "m": 1, "g": 2, "t": 3, "p": 4}
"""How often 1024 makes the unit out of KiB."""


def symbol(s: Situation) -> Diagnostic | None:
    """Recognise `<>`, `===`, `> =`, `**`, `//` and their like."""
    for first, second, left, right in (
        (s.before(), s.token, s.before(2), s.after()),
        (s.token, s.after(), s.before(), s.after(2)),
    ):
        between = s.text[first.end_pos : second.start_pos]
        if "$END" in (first.type, second.type) or (between and not between.isspace()):
            continue
        written, span = f"{first.value}{' ' if between else ''}{second.value}", across(first, second)
        if written in _SYMBOLS:
            meant = _SYMBOLS[written]
            comparison = left.type in OPERANDS and right.type in OPERANDS and meant not in "&|"
            return foreign(s, span, f"write `{clause(left, meant, right.value) if comparison else meant}`")
        if written in ("!>", "!<", "!>=", "!<=") and s.token is first:
            comparison = left.type in OPERANDS and right.type in OPERANDS
            hints = (f"write `!({clause(left, second.value, right.value)})`",) if comparison else ()
            return foreign(s, span, *hints)
        if written == "!~":
            return foreign(s, span, "`!=` takes patterns, but no regular expressions")
        if written == "**":
            return foreign(s, span, "there are no powers")
        if written == "//":
            return foreign(s, span, "write `/`", "a comment begins with `#`")
        if written == "/*":
            return s.error(
                "MM122", span, "a comment begins with `#`", "write `# ...`, up to the end of the line", label=""
            )
        if written in ("??", "?:"):
            return foreign(s, span, "for a value where one is missing, write `default(A, B)`")
    return None


def not_in(s: Situation) -> Diagnostic | None:
    """Recognise `A not in [1, 2]`."""
    if s.operand or s.token.value.lower() not in ("not", "!") or s.after().value.lower() != "in":
        return None
    hint = f"write `!({shorten(s.before().value, 30)} in {_list(s, 2)})`"
    span = across(s.token, s.after())
    return s.error("MM104", span, f"{quoted(s.text[span.start : span.end])} is not an operator", hint, label="")


def _list(s: Situation, place: int) -> str:
    """Return the list that stands so many places behind the offending token, or what looks like one."""
    tokens = [s.after(number) for number in range(place, place + 9)]
    items = [
        token.value for token in takewhile(lambda token: token.type not in _ENDS, tokens) if token.type in OPERANDS
    ]
    shown = [shorten(item, 16) for item in items[:3]] + ["..."] * (len(items) > 3)
    return f"[{', '.join(shown)}]" if items else "[...]"


_ENDS = frozenset({"CLOSE", "CLOSE_LIST", "AND", "OR", "$END"})


def without_list(s: Situation) -> Diagnostic | None:
    """Recognise `A in (1, 2)` and `A in 5`."""
    if s.expected != {"OPEN_LIST"}:
        return None
    attribute = s.before(2)
    listed = f"{shorten(attribute.value, 30)} in {_list(s, 0)}" if attribute.type in OPERANDS else f"in {_list(s, 0)}"
    return s.error("MM130", s.token, "`in` needs a list in brackets", f"write `{listed}`")


def wrong_case(s: Situation) -> Diagnostic | None:
    """Recognise `A = 1 AND B = 2` and `NOT A = 1`."""
    if s.operand:
        return None
    for token in (s.token, s.before()):
        word = token.value.lower()
        if token.type == "NAME" and word in _WORDS and (word == "not") == (token is not s.token):
            return _word(s, token, f"write `{word}`")
    return None


def word(s: Situation) -> Diagnostic | None:
    """Recognise `is`, `like`, `between`, `mod` and their like, and `adn`."""
    if s.kind != "NAME" or s.operand:
        return None
    written = s.token.value.lower()
    if written in _CHOOSING or s.before().value.lower() in _CHOOSING:
        marked = s.token if written in _CHOOSING else s.before()
        return _word(s, marked, "a choice is written `A ? B : C`")
    if written in _CALCULATING:
        sign = _CALCULATING[written]
        return _word(s, s.token, f"write `{sign}`" if sign else "there is no remainder")
    if written in COMPARING and s.before().type in OPERANDS:
        return _word(s, s.token, *_compared(s, written))
    if len(written) <= 12 and s.after().type in {*OPERANDS, "OPEN", "BANG", "OPEN_LIST"}:
        from difflib import get_close_matches

        near = get_close_matches(written, ("and", "or", "in"), 1, 0.65)
        if near:
            return _word(s, s.token, f"if it is meant as `{near[0]}`: write `{near[0]}`")
    return None


def _word(s: Situation, marked: Lexeme, *hints: str) -> Diagnostic:
    return s.error(
        "MM104", marked, f"{quoted(marked.value)} is not an operator of the extended dialect", *hints, label=""
    )


def _compared(s: Situation, written: str) -> tuple[str, ...]:
    """Return the hint what to write for a word between an attribute and a value."""
    left, right = s.before(), s.after()
    opposite = right.value.lower() == "not"
    if opposite:
        right = s.after(2)
    if written == "is" and right.value.lower() in _MISSING:
        there = f"exists({shorten(left.value, 30)})"
        return (f"write `{there if opposite else f'!{there}'}`",)
    if right.type not in OPERANDS:
        return ()
    if written == "between":
        upper = s.after(3)
        limits = f"{clause(left, '>=', right.value)} & {clause(left, '<=', upper.value)}"
        return (f"write `{limits}`",) if upper.type in OPERANDS else ()
    value = right.value.replace("%", "*") if written in ("like", "ilike") else right.value
    meant = clause(left, COMPARING[written], value)
    return (f"write `{f'!({meant})' if opposite else meant}`",)


def odd_number(s: Situation) -> Diagnostic | None:
    """Recognise `4G`, `0x10`, `1,000` and `1.2.3`."""
    number = s.before()
    if s.operand or number.type != "NUMBER" or not (touch(number, s.token) or s.kind == "NAME"):
        return None
    written, span = number.value + s.token.value, across(number, s.token)
    if s.kind == "NAME" and _UNIT.fullmatch(s.token.value):
        kibibytes = float(number.value) * 1024 ** _POWERS[s.token.value[0].lower()]
        hint = f"write it in the attribute's own unit: `{kibibytes:.15g}` KiB or `{kibibytes / 1024:.15g}` MiB"
        return s.error("MM120", span, f"a number has no unit: {quoted(s.text[span.start : span.end])}", hint, label="")
    if not touch(number, s.token):
        return None
    if s.kind == "NAME" and _OTHER_BASE.fullmatch(written):
        hint = f"write `{int(written, 0)}`"
    elif s.kind == "COMMA" and re.fullmatch("[0-9]{3}", s.after().value) and touch(s.token, s.after()):
        written, span = written + s.after().value, across(number, s.after())
        hint = f"write `{written.replace(',', '')}`"
    elif s.kind == "NUMBER":
        run = re.compile(r"[0-9A-Za-z_.:-]{1,100}").match(s.text, number.start_pos)
        assert run is not None
        left, operator = s.before(3), s.before(2)
        whole = in_quotes(run[0])
        if operator.type == "COMPARATOR" and left.type in ATTRIBUTES:
            whole = clause(left, operator.value, whole)
        return s.error("MM121", Span(*run.span()), f"{quoted(run[0])} needs quotes", f"write `{whole}`", label="")
    elif s.kind == "NAME":
        hint = NUMBERS_ARE
        quotes = f'a text or a name that begins with a digit stands in quotes: `"{shorten(written, 30)}"`'
        return s.error("MM106", span, f"{quoted(written)} is neither a number nor a name", quotes, label="")
    else:
        return None
    return s.error("MM120", span, f"a number is not written {quoted(written)}", hint, label="")
