"""Mistakes with words: operators and functions that other languages have."""

from __future__ import annotations

from itertools import takewhile

from matchmaker.diagnostics import Diagnostic, shorten
from matchmaker.language.mistakes.operators import bounded
from matchmaker.language.mistakes.situation import (
    ANYTHING,
    JOINERS,
    LITERALS,
    NAMES,
    NUMBERS,
    Piece,
    Situation,
    clause,
    quoted,
)
from matchmaker.source import Span

JOINING = {"and": "&", "or": "|"}
"""Words between two requirements, and what stands for them."""
COMPARING = {
    "eq": "=", "equals": "=", "is": "=", "ne": "!=", "neq": "!=", "isnt": "!=", "gt": ">", "lt": "<", "contains": "@>",
    "has": "@>", "includes": "@>", "ge": ">=", "gte": ">=", "le": "<=", "lte": "<=", "like": "=", "ilike": "=",
    "glob": "=", "matches": "=", "match": "=", "regexp": "=", "rlike": "=", "in": "in", "between": "between", "not": "not",
}  # fmt: skip
"""Words between an attribute and a value, and what stands for them."""
CALCULATING = {"mod": "", "div": "/", "times": "*", "plus": "+", "minus": "-"}
"""Words between two parts of a rank."""


def word_operator(s: Situation) -> Diagnostic | None:
    """Recognise `and`, `or`, `in`, `like` and their like."""
    if s.token.kind != "NAME" or s.place not in ("joint", "operator"):
        return None
    if s.place == "operator":
        known = COMPARING
    else:
        known = {**JOINING, **CALCULATING} if s.rank else JOINING
    word = s.token.text.lower()
    if word not in known:
        return _misspelt(s, known)
    if s.place == "operator":
        hints = _comparing_hints(s, word)
    elif s.rank and word in JOINING:
        hints = ("to filter candidates, write it as a requirement",)
    else:
        hints = (f"write `{known[word]}`",) if known[word] else ()
    return s.error(
        "MM104", s.token.span, f"{quoted(s.token.text)} is not an operator of the {s.dialect} dialect", *hints
    )


def _misspelt(s: Situation, known: dict[str, str]) -> Diagnostic | None:
    """Recognise `adn`; the word must stand between two operands."""
    if s.rank or len(s.token.text) > 12 or s.after().kind not in LITERALS | {"OPEN", "BANG"}:
        return None
    from difflib import get_close_matches

    near = get_close_matches(s.token.text.lower(), known, 1, 0.65)
    if not near:
        return None
    meaning = known[near[0]]
    hint = f"if it is meant as `{near[0]}`: " + (
        f"write `{meaning}`" if not meaning.isalpha() else "it is no operator either"
    )
    return s.error("MM104", s.token.span, f"{quoted(s.token.text)} is not an operator of the {s.dialect} dialect", hint)


def _comparing_hints(s: Situation, word: str) -> tuple[str, ...]:
    name, value = s.before(), s.after()
    opposite = word == "not" or value.text.lower() == "not"
    if opposite:
        word = value.text.lower() if word == "not" else word
        value = s.after(2)
    if word == "is" and value.text.lower() in ("null", "none", "nil", "missing"):
        there = clause(name, "=", ANYTHING)[1:-1]
        return (f"write `{there}`" if opposite else f"write `!({there})`",)
    hint = _comparing_hint(s, name, word, value)
    if opposite and hint:
        hint = hint if hint.startswith("(") else f"({hint})"
        hint = f"!{hint}"
    return (f"write `{hint}`",) if hint else ()


def _comparing_hint(s: Situation, name: Piece, word: str, value: Piece) -> str:
    """Return the comparison that is meant, or an empty text."""
    left = shorten(name.text, 20)
    if word == "in":
        listed = takewhile(_in_list, (piece for piece in s.pieces if piece.start >= value.start))
        values = [shorten(piece.text, 12) for piece in listed if piece.kind in LITERALS]
        comparisons = [f"{left} = {each}" for each in values[:3]] + ["..."] * (len(values) > 3)
        return f"({' | '.join(comparisons)})" if values else ""
    if value.kind not in LITERALS:
        return ""
    right = shorten(value.text, 24)
    if word == "between":
        upper = next((piece for piece in s.pieces if piece.start > value.end and piece.kind in NUMBERS), None)
        if (
            value.kind == "INTEGER"
            and upper is not None
            and upper.kind == "INTEGER"
            and len(value.text + upper.text) < 19
        ):
            return f"{left} > {int(value.text) - 1} & {left} < {int(upper.text) + 1}"
        return ""
    symbol = COMPARING.get(word, "")
    if symbol in (">=", "<="):
        meant = bounded(name, symbol, value)
        return meant[0] if meant else ""
    if word in ("like", "ilike"):
        right = right.replace("%", "*")
    return f"{left} {symbol} {right}" if symbol and not symbol.isalpha() else ""


def _in_list(piece: Piece) -> bool:
    """Tell whether a list of values goes on here."""
    return piece.kind not in {"CLOSE"} | JOINERS and not (piece.kind == "SKIPPED" and "]" in piece.text)


def word_before(s: Situation) -> Diagnostic | None:
    """Recognise `not A = 1` and `NOT (A = 1)`."""
    word = s.before()
    if s.rank or s.place != "operator" or word.kind != "NAME" or word.text.lower() != "not":
        return None
    hint = "write `!(...)`"
    for length in (2, 3):
        operator = "".join(s.after(place).text for place in range(1, length))
        value = s.after(length)
        if s.token.kind in NAMES and operator in ("=", "!=", "@>", ">", "<") and value.kind in LITERALS:
            hint = f"write `!({clause(s.token, operator, value.text)[1:-1]})`"
    message = f"{quoted(word.text)} is not an operator of the {s.dialect} dialect"
    return s.error("MM104", word.span, message, hint, label="expected `!`")


def function(s: Situation) -> Diagnostic | None:
    """Recognise `max(A, B)`."""
    name = s.before()
    if s.token.kind != "OPEN" or name.kind != "NAME":
        return None
    called = s.place == "operator" or (s.place == "joint" and (s.rank or (s.glued and s.comparator(1) is not None)))
    if not called:
        return None
    span = Span(name.start, s.token.end)
    message = f"there are no functions in the {s.dialect} dialect"
    argument = s.after()
    hints: tuple[str, ...] = ()
    if (
        not s.rank
        and name.text.lower() in ("defined", "exists", "isset", "isdefined", "has")
        and argument.kind in NAMES
    ):
        hints = (f"to ask whether it is there: {clause(argument, '=', ANYTHING)}",)
    return s.error("MM118", span, message, *hints)
