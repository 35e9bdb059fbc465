"""Repairs of what parsing met, where there is no doubt about what is meant.

What is skipped is left out where nothing else can have been meant: a line end, or quotes around a word. A comma between digits
or the point of `.5` stay, as the number that was meant is another one. An operator of another language is replaced where its
meaning is the same; `&&` and `or` are not where `A or B and C` would then be read otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from matchmaker.attributes.numbers import INT32_MAX, INT32_MIN
from matchmaker.diagnostics import Diagnostic, Edit, Repair
from matchmaker.language.mistakes.characters import QUOTES
from matchmaker.source import Span

_SAME = {"==": "=", "===": "=", "<>": "!=", "!==": "!="}
_BOUNDS = {">=": (">", -1), "<=": ("<", 1)}
_JOINERS = {"&&": "&", "||": "|", "and": "&", "or": "|"}
_WORD = re.compile(rf"[{QUOTES}]([A-Za-z][0-9A-Za-z_]*)[{QUOTES}]")
_QUOTED = re.compile(rf"([{QUOTES}])([^\"{QUOTES}\n]*)([{QUOTES}])")
_PAIRS = {"'": "'", "`": "`", "\u2018": "\u2019", "\u201c": "\u201d", "\u201e": "\u201c", "\u00ab": "\u00bb"}
_INTEGER = re.compile(r"[ \t]*(-?[0-9]{1,10})(?![0-9A-Za-z_.]|[ \t]*[*+/^-])")
_BEFORE_NOT = re.compile(r"(?:\A|[(&|!])[ \t]*\Z")
_BEFORE_TEXT = re.compile(r"[=>][ \t]*\Z")
_TOKENS = re.compile(r'"[^"]*"|[()]|&&?|\|\|?|[A-Za-z][0-9A-Za-z_]*')
_AT_THE_END = re.compile(r"[ \t]*(?:\0|\Z)")
_REACH = 200
"""So many characters before a mistake are looked at."""

_Rule = Callable[[str, Span], "Sequence[Edit]"]
"""Returns what to change in a text about a mistake with such a span; nothing where that is not certain."""


def with_repairs(diagnostics: Sequence[Diagnostic], text: str, expression: str) -> list[Diagnostic]:
    """Return diagnostics of parsing, with their repairs.

    Parameters
    ----------
    diagnostics : sequence of Diagnostic
        What was met.
    text : str
        The expression.
    expression : {"requirement", "rank"}
        What it should be.
    """
    repaired: list[Diagnostic] = []
    for diagnostic in diagnostics:
        rule = _RULES.get((expression, diagnostic.code)) or _RULES.get(("", diagnostic.code))
        edits = rule(text, diagnostic.span) if rule is not None else ()
        repaired.append(replace(diagnostic, repair=Repair(tuple(edits))) if edits else diagnostic)
    return repaired


def _skipped(text: str, span: Span) -> Sequence[Edit]:
    run = text[slice(*span)]
    before, after = text[max(0, span.start - 1) : span.start], text[span.end : span.end + 1]
    at_an_end = _AT_THE_END.match(text, span.end) is not None or _begins(text) >= span.start
    if all(each.isspace() or not each.isprintable() or (at_an_end and each in ";,.") for each in run):
        joins = before not in ("", " ", "\t") and after not in ("", " ", "\t", "\0")
        return (Edit(span, " " if joins else ""),)
    if run == "$" and after.isalpha() and after.isascii():
        return (Edit(span, ""),)
    return _quoted_word(text, span.start) if len(run) == 1 and run in QUOTES else ()


def _begins(text: str) -> int:
    """Return how many blanks a text begins with."""
    return len(text[:_REACH]) - len(text[:_REACH].lstrip(" \t"))


def _quoted_word(text: str, place: int) -> Sequence[Edit]:
    """Return the double quotes for a word in other ones, of which one stands at a place."""
    opening = _WORD.match(text, place)
    if opening is None:
        start = max(0, place - _REACH)
        opening = re.search(_WORD.pattern + r"\Z", text[start : place + 1])
        if opening is None:
            return ()
        span = Span(start + opening.start(), start + opening.end())
    else:
        span = Span(*opening.span())
    return (Edit(span, f'"{opening[1]}"'),)


def _behind_nul(text: str, span: Span) -> Sequence[Edit]:
    return (Edit(Span(span.start, len(text)), ""),)


def _symbol(text: str, span: Span) -> Sequence[Edit]:
    symbol = re.sub(r"[ \t]", "", text[slice(*span)])
    if symbol in _SAME:
        return [Edit(span, _SAME[symbol]), *(Edit(other, _SAME[symbol]) for other in _behind(text, span, symbol))]
    if symbol in _BOUNDS:
        bounds = [_bound(text, each, symbol) for each in (span, *_behind(text, span, symbol))]
        return [bound for bound in bounds if bound is not None] if bounds[0] is not None else ()
    return _joiner(text, span)


def _bound(text: str, span: Span, symbol: str) -> Edit | None:
    """Return what says the same as `>=` or `<=` before a whole number, None for other numbers and for texts."""
    operator, beyond = _BOUNDS[symbol]
    number = _INTEGER.match(text, span.end)
    if number is None:
        return None
    bound = int(number[1]) + beyond
    if not (INT32_MIN <= int(number[1]) <= INT32_MAX and INT32_MIN <= bound <= INT32_MAX):
        return None
    return Edit(Span(span.start, number.end()), f"{operator}{text[span.end : number.start(1)]}{bound}")


def _joiner(text: str, span: Span) -> Sequence[Edit]:
    written = text[slice(*span)]
    symbol = _JOINERS.get(written.lower())
    if symbol is None or _mixes(text):
        return ()
    return [Edit(span, symbol), *(Edit(other, symbol) for other in _behind(text, span, written))]


def _behind(text: str, span: Span, symbol: str) -> Iterator[Span]:
    """Yield where the same operator stands once more behind a mistake, as it is a mistake there, too."""
    if symbol.isalpha():  # a word may also be a text or a name: not between two operands
        pattern = rf"(?<![=<>0-9A-Za-z_])(?<![=<>] )(?P<symbol>{symbol})(?![0-9A-Za-z_])(?![ \t]*(?:[=<>@]|!=))"
    else:
        pattern = rf"(?P<symbol>(?<![=<>!&|]){re.escape(symbol)}(?![=<>&|]))"
    for found in re.finditer(rf'"[^"]*"|{pattern}', text[span.end :]):
        if found["symbol"]:
            yield Span(span.end + found.start("symbol"), span.end + found.end("symbol"))


def _word(text: str, span: Span) -> Sequence[Edit]:
    if text[slice(*span)].lower() != "not":
        return _joiner(text, span)
    if not _BEFORE_NOT.search(text, max(0, span.start - _REACH), span.start):
        return ()
    end = span.end
    while text[end : end + 1] in (" ", "\t"):
        end += 1
    return (Edit(Span(span.start, end), "!"),)


def _mixes(text: str) -> bool:
    """Tell whether an `and` follows an `or` among the same operands, however they are written."""
    groups = [False]
    for found in _TOKENS.finditer(text):
        symbol = found[0]
        if symbol == "(":
            groups.append(False)
        elif symbol == ")":
            if len(groups) > 1:
                groups.pop()
        else:
            meaning = _JOINERS.get(symbol.lower(), symbol)
            if meaning == "|":
                groups[-1] = True
            elif meaning == "&" and groups[-1]:
                return True
    return False


def _minus_in_rank(text: str, span: Span) -> Sequence[Edit]:
    if text[span.start] != "-":
        return ()
    blank = "" if text[span.start - 1 : span.start] in ("", " ", "\t") else " "
    return (Edit(span, f"{blank}- {text[span.start + 1 : span.end]}"),)


def _sign(text: str, span: Span) -> Sequence[Edit]:
    """Return how to write a number behind `- ` or `+`."""
    sign, end = text[span.start], span.end
    while text[end : end + 1] in (" ", "\t"):
        end += 1
    if sign not in "+-" or not text[end : end + 1].isdigit():
        return ()
    return (Edit(Span(span.start, end), sign.replace("+", "")),)


def _other_quotes(text: str, span: Span) -> Sequence[Edit]:
    found = _QUOTED.fullmatch(text, *span)
    if found is None or _PAIRS.get(found[1]) != found[3]:
        return ()
    if not _BEFORE_TEXT.search(text, max(0, span.start - _REACH), span.start):
        return ()
    return (Edit(span, f'"{found[2]}"'),)


_RULES: dict[tuple[str, str], _Rule] = {
    ("", "MM201"): _skipped,
    ("", "MM208"): _behind_nul,
    ("requirement", "MM103"): _symbol,
    ("requirement", "MM104"): _word,
    ("requirement", "MM105"): _sign,
    ("rank", "MM105"): _minus_in_rank,
    ("requirement", "MM121"): _other_quotes,
}
"""The rules by expression and code; under an empty text those for both."""
