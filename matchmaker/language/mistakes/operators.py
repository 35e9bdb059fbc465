"""Mistakes with operators: those of other languages, those of the other kind of expression, and parentheses."""

from __future__ import annotations

import re
from math import prod

from matchmaker.attributes.numbers import INT32_MAX, INT32_MIN
from matchmaker.diagnostics import Diagnostic, shorten
from matchmaker.language.mistakes.characters import SIGNS
from matchmaker.language.mistakes.situation import (
    CALCULATION_EXPECTED,
    CALCULATORS,
    COMPARATORS,
    JOINERS,
    LITERALS,
    NAMES,
    NUMBERS,
    OPERATORS_EXPECTED,
    Piece,
    Situation,
    clause,
    quoted,
)
from matchmaker.source import Span

_SAME = {"==": "=", "===": "=", "<>": "!=", "!==": "!=", "=!": "!=", "><": "!=", "@=": "@>", "@>=": "@>"}
"""Operators of comparison that have another spelling here."""
_BOUNDS = {">=": ">", "=>": ">", "<=": "<", "=<": "<"}
"""Operators that include the bound."""
_TWICE = {"&&": "&", "||": "|"}
_OTHERS = ("**", "//", ">>", "<<", "<=>", "!>", "!<")
SYMBOLS = sorted((*_SAME, *_BOUNDS, *_TWICE, *_OTHERS), key=len, reverse=True)
"""Operators of other languages, the longest first."""

_SUM = re.compile(r"[0-9]{1,9}(?:[ \t]*[*+][ \t]*[0-9]{1,9}){1,6}(?![ \t]*[*/+0-9A-Za-z-])")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_RANK_NAMES = ("RANK", "SCHED_RANK", "SCHED_DS_RANK")


def unclosed(s: Situation) -> Diagnostic | None:
    """Recognise `(A = 1` at the end of the text."""
    if s.token.kind != "$END" or "CLOSE" not in s.expected:
        return None
    opening = s.open_parenthesis()
    if opening is None:
        return None
    return s.error("MM110", opening.span, "this `(` is never closed", "add a `)` where its part ends", label="")


def surplus(s: Situation) -> Diagnostic | None:
    """Recognise `A = 1)` and `()`."""
    if s.token.kind != "CLOSE":
        return None
    if s.before().kind == "OPEN":
        span = Span(s.before().start, s.token.end)
        return s.error("MM110", span, "there is nothing between these parentheses", "leave them out, or fill them")
    if s.place == "joint" and "CLOSE" not in s.expected:
        return s.error(
            "MM110", s.token.span, "this `)` closes no `(`", "leave it out, or add a `(` before it", label=""
        )
    return None


def comparison_in_rank(s: Situation) -> Diagnostic | None:
    """Recognise `A > 5` and `A & B` as a rank."""
    if not s.rank or s.token.kind not in COMPARATORS | JOINERS:
        return None
    name = s.before()
    if s.token.kind == "EQUAL" and name.text in _RANK_NAMES and s.before(2).kind == "$END":
        hint = f"leave out `{name.text} =`: a rank is what stands behind it"
    else:
        hint = "to filter candidates, write it as a requirement"
    message = f"`{s.token.text}` has no place in a rank, which only calculates"
    return s.error("MM117", s.token.span, message, hint)


def foreign_symbol(s: Situation) -> Diagnostic | None:
    """Recognise `>=`, `==`, `&&` and their like, also where a blank stands in them."""
    for symbol in SYMBOLS:
        for offset in range(len(symbol)):
            pieces = [s.near(place - offset) for place in range(len(symbol))]
            if "".join(piece.text for piece in pieces) != symbol:
                continue
            span = Span(pieces[0].start, pieces[-1].end)
            if symbol in _OTHERS and span.end - span.start != len(symbol):
                continue
            left, right = s.near(-offset - 1), s.near(len(symbol) - offset)
            return _foreign(s, symbol, span, _symbol_hints(symbol, left, right))
    return None


def _symbol_hints(symbol: str, left: Piece, right: Piece) -> tuple[str, ...]:
    comparison = left.kind in NAMES and right.kind in LITERALS
    if symbol in _SAME:
        return (f"write {clause(left, _SAME[symbol], right.text)}" if comparison else f"write `{_SAME[symbol]}`",)
    if symbol in _TWICE:
        return (f"write `{_TWICE[symbol]}`",)
    if symbol in _BOUNDS:
        return bounds(left, symbol, right) if comparison else (f"write `{_BOUNDS[symbol]}`",)
    if symbol in ("!>", "!<"):
        return (f"write `!({clause(left, symbol[1], right.text)[1:-1]})`",) if comparison else ()
    if symbol == "**" and left.kind == "NAME" and right.text == "2":
        return (f"write `{shorten(left.text, 30)} * {shorten(left.text, 30)}`",)
    if symbol == "//":
        return ("write `/`; only the result of a rank is cut to a whole number", "there are no comments")
    return ()


def bounds(name: Piece, operator: str, literal: Piece) -> tuple[str, ...]:
    """Return the hint what to write instead of `>=` or `<=`."""
    meant = bounded(name, operator, literal)
    return (meant[1].format(f"`{meant[0]}`") if meant else "texts have no order: `>` and `<` take numbers",)


def bounded(name: Piece, operator: str, literal: Piece) -> tuple[str, str] | None:
    """Return what means the same as `>=` or `<=`, and a hint with a place for it.

    Parameters
    ----------
    name, literal : Piece
        The two sides.
    operator : str
        What stands between them.
    """
    shown, sign, digits = shorten(name.text, 30), _BOUNDS[operator], literal.content
    if not _NUMBER.fullmatch(digits):
        return None
    number = shorten(digits, 30)
    if "." in digits:
        return f"({shown} {sign} {number} | {shown} = {number})", "{} means the same"
    if len(digits) > 11 or not INT32_MIN <= int(digits) <= INT32_MAX:
        return f"({shown} {sign} {number}.0 | {shown} = {number}.0)", f"beyond {INT32_MAX}, with a fraction: {{}}"
    beyond = int(digits) + (-1 if sign == ">" else 1)
    if not INT32_MIN <= beyond <= INT32_MAX:
        return f"({shown} {sign} {number} | {shown} = {number})", "{} means the same"
    return f"{shown} {sign} {beyond}", "on whole numbers {} means the same"


def half(s: Situation) -> Diagnostic | None:
    """Recognise `A ! 5`, `A @ 5` and `A !~ x`."""
    if s.place != "second half":
        return None
    first = s.before()
    whole = "!=" if first.text == "!" else "@>"
    hints = [f"write `{whole}`"]
    if s.before(2).kind in NAMES and s.token.kind in LITERALS:
        hints = [f"write {clause(s.before(2), whole, s.token.text)}"]
    if "~" in s.gap:
        hints.append("`!=` already takes patterns, but no regular expressions")
    span = Span(first.start, first.end + len(s.gap.rstrip()))
    return s.error(
        "MM103", span, f"{quoted(s.text[first.start : span.end])} is not an operator of the {s.dialect} dialect", *hints
    )


def foreign_sign(s: Situation) -> Diagnostic | None:
    """Recognise `A ≥ 5` and `A ÷ B`."""
    sign = s.gap.strip()
    meaning = SIGNS.get(sign)
    if meaning is None or s.place == "elsewhere":
        return None
    start = s.before().end + s.gap.index(sign)
    left, right = s.before(), s.token
    if meaning in _BOUNDS and left.kind in NAMES and right.kind in LITERALS:
        hints = bounds(left, meaning, right)
    elif meaning == "!=" and left.kind in NAMES and right.kind in LITERALS:
        hints = (f"write {clause(left, meaning, right.text)}",)
    else:
        hints = (f"write `{_BOUNDS.get(meaning, meaning)}`",)
    return s.error("MM103", Span(start, start + 1), f"`{sign}` is not an operator of the {s.dialect} dialect", *hints)


def power_or_remainder(s: Situation) -> Diagnostic | None:
    """Recognise `A ^ 2`, `A % B` and `A ? B : C`."""
    left = s.before()
    if s.token.kind == "POWER" and s.place in ("joint", "operator"):
        right = s.after()
        times = left.kind == "NAME" and right.text == "2" and s.rank
        hints = (f"write `{shorten(left.text, 30)} * {shorten(left.text, 30)}`",) if times else ()
        return _foreign(s, "^", s.token.span, hints)
    for symbol, hint in (("%", "there is no remainder"), ("?", "there is no choice between two values")):
        if s.place in ("joint", "operator") and s.gap.strip() == symbol:
            at = left.end + s.gap.index(symbol)
            return _foreign(s, symbol, Span(at, at + 1), (hint,))
    return None


def _foreign(s: Situation, symbol: str, span: Span, hints: tuple[str, ...]) -> Diagnostic:
    label = CALCULATION_EXPECTED if s.rank else OPERATORS_EXPECTED
    if not s.rank and symbol in _TWICE:
        label = f"expected `{_TWICE[symbol]}`"
    return s.error("MM103", span, f"`{symbol}` is not an operator of the {s.dialect} dialect", *hints, label=label)


def minus(s: Situation) -> Diagnostic | None:
    """Recognise `A -1` in a rank and `A = - 1` in a requirement."""
    token = s.token
    if s.rank and s.place == "joint" and token.kind in NUMBERS and token.text.startswith("-"):
        left = s.before()
        start = shorten(left.text, 30) + " " if left.kind in LITERALS else ""
        hint = f"put a blank behind it: `{start}- {shorten(token.text[1:], 30)}`"
        message = f"no operator stands before {quoted(token.text)}: the `-` belongs to the number"
        return s.error("MM105", token.span, message, hint)
    if s.place in ("literal", "number") and token.kind in ("MINUS", "PLUS") and s.after().kind in NUMBERS:
        sign = "-" if token.kind == "MINUS" and not s.after().text.startswith("-") else ""
        named = s.comparator()
        hint = f"write {clause(*named, sign + s.after().text)}" if named else f"write `{sign}{s.after().text}`"
        message = "a `-` must touch its number" if token.kind == "MINUS" else "numbers have no `+` before them"
        return s.error("MM105", token.span, message, hint)
    return None


def arithmetic_in_requirement(s: Situation) -> Diagnostic | None:
    """Recognise `FREE_CPU + 10 > 5` and `A > 4 * 1024`."""
    signed = s.token.kind in NUMBERS and s.token.text.startswith("-")
    if s.rank or s.place not in ("operator", "joint") or not (s.token.kind in CALCULATORS or signed):
        return None
    hints = ["compare an attribute with a number; only a rank calculates"]
    named = s.comparator(1)
    found = _SUM.match(s.text, s.before().start) if s.place == "joint" and named is not None else None
    if found is not None and named is not None and found.end() > s.token.start:
        total = sum(prod(map(int, part.split("*"))) for part in found[0].split("+"))
        hints = [f"write the result: {clause(*named, str(total))}"] if total <= INT32_MAX else []
    message = f"`{s.token.text[0]}` has no place in a requirement, which only compares"
    return s.error("MM116", Span(s.token.start, s.token.start + 1), message, *hints)
