"""Mistakes with operands: one that is missing, one too many, or nothing between two of them."""

from __future__ import annotations

from itertools import takewhile

from matchmaker.diagnostics import Diagnostic, shorten
from matchmaker.language.mistakes.situation import (
    ANYTHING,
    CALCULATORS,
    COMPARATORS,
    JOINERS,
    LITERALS,
    Situation,
    clause,
    in_quotes,
    quoted,
)

_REQUIREMENT_NAMES = ("REQUIREMENTS", "SCHED_REQUIREMENTS", "SCHED_DS_REQUIREMENTS")


def chained(s: Situation) -> Diagnostic | None:
    """Recognise `A > 1 < 5` and `SCHED_REQUIREMENTS = A = 1`."""
    if s.rank or s.place != "joint" or s.token.kind not in COMPARATORS:
        return None
    named = s.comparator(1)
    hint = "join two comparisons with `&`"
    if named is not None and named[0].text in _REQUIREMENT_NAMES:
        hint = f"leave out `{named[0].text} {named[1]}`: a requirement is what stands behind it"
    elif named is not None:
        second = s.after(2) if s.after().kind in COMPARATORS else s.after()
        operator = s.text[s.token.start : second.start].strip()
        if second.kind in LITERALS and operator in ("=", "!=", "@>", ">", "<"):
            first = f"{shorten(named[0].text, 20)} {named[1]} {shorten(s.before().text, 20)}"
            hint = f"write `{first} & {shorten(named[0].text, 20)} {operator} {shorten(second.text, 20)}`"
    return s.error("MM124", s.token.span, "a comparison ends here, and another begins without a name", hint)


def several_values(s: Situation) -> Diagnostic | None:
    """Recognise `A = (1 | 2)` and `A = x, y`."""
    if s.rank:
        return None
    if s.place in ("literal", "number") and s.token.kind == "OPEN":
        named = s.comparator()
        values = list(takewhile(lambda piece: piece.kind != "CLOSE", map(s.after, range(1, 6))))
        values = [piece for piece in values if piece.kind in LITERALS][:3]
    elif s.place == "joint" and s.gap.strip() == "," and s.token.kind in LITERALS and s.after().kind not in COMPARATORS:
        named = s.comparator(1)
        values = [s.before(), s.token]
    else:
        return None
    hints: tuple[str, ...] = ()
    if named is not None and named[1] in ("=", "!=", "@>") and values:
        comparisons = [f"{shorten(named[0].text, 20)} {named[1]} {shorten(value.text, 16)}" for value in values]
        joined = (" & " if named[1] == "!=" else " | ").join(comparisons)
        hints = (f"write `{joined}`" if len(values) == 1 else f"write `({joined})`",)
    message = "a comparison has one value on its right side"
    return s.error("MM125", s.token.span, message, *hints, label="" if s.place == "joint" else None)


def nothing_on_the_right(s: Situation) -> Diagnostic | None:
    """Recognise `CLUSTER_ID = `, `A = 1 &` and `A +`."""
    operator = s.before()
    ends = s.token.kind in {"$END", "CLOSE"} | JOINERS
    if s.place in ("literal", "number") and ends:
        named = s.comparator()
        hints: tuple[str, ...] = ()
        if named is not None and named[1] in ("=", "@>"):
            hints = (f"to ask only whether it is there: {clause(named[0], '=', ANYTHING)}",)
        if s.gap.strip() in ("*", "?"):
            hints = (f"a pattern needs double quotes: {clause(*named, in_quotes(s.gap.strip()))}",) if named else ()
        symbol = named[1] if named else operator.text
        return s.error("MM102", s.token.span, f"`{symbol}` has nothing on its right side", *hints)
    if s.place == "operand" and s.token.kind in ("$END", "CLOSE"):
        if operator.kind == "OPEN":
            return s.error("MM102", s.token.span, "the text ends behind a `(`")
        return s.error("MM102", s.token.span, f"{quoted(operator.text)} has nothing on its right side")
    return None


def nothing_on_the_left(s: Situation) -> Diagnostic | None:
    """Recognise `= 5`, `A = 1 & | B = 2` and `+5`."""
    token, before = s.token, s.before()
    if s.place != "operand" or token.kind not in COMPARATORS | CALCULATORS | JOINERS:
        return None
    if token.kind == "PLUS" and s.rank:
        return s.error("MM119", token.span, "a number or attribute has no `+` before it", "leave the `+` out")
    if before.kind in CALCULATORS | JOINERS:
        message = f"`{token.text}` follows `{before.text}`, with nothing between them"
        return s.error("MM119", token.span, message, "leave one of them out")
    return s.error("MM119", token.span, f"`{token.text}` has nothing on its left side")


def nothing_between(s: Situation) -> Diagnostic | None:
    """Recognise `A = 1 B = 2`, `A 5` and `A B` as a rank."""
    token, before = s.token, s.before()
    if s.place not in ("joint", "operator") or token.kind not in LITERALS | {"OPEN", "BANG"}:
        return None
    message = f"an operator is missing between {quoted(before.text, 24)} and {quoted(token.text, 24)}"
    if s.place == "operator":
        hints = (f"write {clause(before, '=', token.text)}",) if token.kind in LITERALS else ()
        return s.error("MM123", token.span, message, *hints)
    if s.rank:
        return s.error("MM123", token.span, message)
    separator = s.gap.strip(" \t")
    if "\n" in separator and not separator.strip():
        wrong = "lines do not join: "
    else:
        wrong = f"{quoted(separator)} joins nothing: " if separator else ""
    return s.error("MM123", token.span, message, f"{wrong}write `&` where both must hold, `|` where one must")
