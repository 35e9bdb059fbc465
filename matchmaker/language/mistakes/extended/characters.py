"""Mistakes with characters that are no token of the extended dialect."""

from __future__ import annotations

import re

from matchmaker.diagnostics import Diagnostic, shorten
from matchmaker.language.lexemes import Lexeme
from matchmaker.language.mistakes.characters import QUOTES, SIGNS
from matchmaker.language.mistakes.extended.situation import ATTRIBUTES, Situation, clause, touch
from matchmaker.language.mistakes.situation import in_quotes, quoted
from matchmaker.source import Span

NUMBERS_ARE = "a number is digits, if need be with a fraction and an exponent, such as `5`, `2.5` or `1e6`"
"""What to say to those who write numbers in other ways."""

_LINE = re.compile(r"[^\n]{0,200}")
_QUOTED = re.compile(rf"[{QUOTES}]([^\"{QUOTES}\n]{{1,60}})[{QUOTES}]")
_RUN = re.compile(r"[\w.$]{0,100}")
_RUN_BEFORE = re.compile(r"[\w.$]{0,100}\Z")
_HINTS = {
    ";": "write `&` where both must hold, `|` where one must",
    "{": "group with `(` and `)`",
    "}": "group with `(` and `)`",
    "\\": "a pattern stands in double quotes",
    "`": "only double quotes quote",
}


def unpaired_quote(s: Situation) -> Diagnostic | None:
    """Recognise `A = "two words` and `A = "x & B = "y"`."""
    if s.token.value == '"':
        line = _LINE.match(s.text, s.token.end_pos)
        words = re.split("[&|)]", line[0])[0].strip() if line is not None else ""
        hints = (f'write `"{shorten(words)}"`',) if words else ()
        return s.error("MM121", s.token, 'this `"` has no partner', *hints, label="")
    for token in (s.before(), s.token):
        if token.type == "STRING" and s.unpaired and touch(s.before(), s.token):
            message = f'a `"` is missing somewhere: {quoted(token.value)} is taken as one text'
            return s.error("MM121", token, message, label="")
    return None


def other_quotes(s: Situation) -> Diagnostic | None:
    """Recognise `A = 'two words'`."""
    if s.kind != "UNKNOWN" or s.token.value not in QUOTES:
        return None
    found = _QUOTED.match(s.text, s.token.start_pos)
    span = Span(*found.span()) if found is not None else Span(s.token.start_pos, s.token.end_pos)
    hint = "texts stand in double quotes"
    if found is not None:
        hint = f"write `{_compared(s, in_quotes(found[1]))}`"
    return s.error("MM121", span, f"`{s.token.value}` quotes nothing; only double quotes do", hint, label="")


def _compared(s: Situation, right: str) -> str:
    """Return the comparison that a text is the right side of, or the text alone."""
    left, operator = s.before(2), s.before()
    if operator.type == "COMPARATOR" and left.type in ATTRIBUTES:
        return clause(left, operator.value, right)
    return shorten(right)


def name_or_number(s: Situation) -> Diagnostic | None:
    """Recognise `A.B`, `größe`, `_A`, `$A`, `1_000` and `5.`, and a point with blanks beside it."""
    if s.kind != "UNKNOWN" or not re.fullmatch(r"[\w.$]", s.token.value):
        return None
    start, before = s.token.start_pos, s.before()
    left, right = _RUN_BEFORE.search(s.text, max(0, start - 100), start), _RUN.match(s.text, start)
    assert left is not None
    assert right is not None
    written, span = left[0] + right[0], Span(left.start(), right.end())
    if before.value.lower() == "request" and s.token.value == ".":
        name = re.match(r"[\s.]*([0-9A-Za-z_]{1,60})?", s.text[start : start + 100])
        named = name[1] if name is not None and name[1] else "MEMORY"
        hint = f"the request's attributes are written as `REQUEST.{named}`, without blanks"
        return s.error(
            "MM106", Span(before.start_pos, s.token.end_pos), "a point needs a name beside it", hint, label=""
        )
    if re.fullmatch(r"[0-9][0-9_.]*", written):
        plain = written.replace("_", "").strip(".")
        hint = f"write `{shorten(plain, 30)}`" if plain.count(".") < 2 else NUMBERS_ARE
        return s.error("MM120", span, f"a number is not written {quoted(written)}", hint, label="")
    if not any(map(str.isalpha, written)):
        return None
    hint = f'a name with other characters stands in quotes: `"{shorten(written, 30)}"`'
    if "." in written.strip("."):
        hint = f'a path stands in quotes, with slashes: `"{shorten(written.strip(".").replace(".", "/"), 30)}"`'
    elif written.startswith("$"):
        hint = f"a name stands for itself: `{shorten(written.strip('$'), 30)}`"
    return s.error("MM106", span, f"{quoted(written)} is not a name", hint, label="")


def foreign_sign(s: Situation) -> Diagnostic | None:
    """Recognise `A ≥ 5`, `A ^ 2`, `A % B`, `A @ 5` and `A =~ x`."""
    sign, left, right = s.token.value, s.before(), s.after()
    if s.kind != "UNKNOWN":
        return None
    if sign in SIGNS:
        return foreign(s, s.token, f"write `{SIGNS[sign]}`")
    if sign == "^":
        squared = left.type in ("NAME", "REQUEST") and right.value == "2"
        hint = f"write `{shorten(left.value, 30)} * {shorten(left.value, 30)}`" if squared else "there are no powers"
        return foreign(s, s.token, hint)
    if sign == "%":
        if left.type == "NUMBER" and touch(left, s.token):
            return s.error("MM120", s.token, "a number has no unit", label="")
        return foreign(s, s.token, "there is no remainder; in patterns `*` stands for any text")
    if sign == "@":
        return foreign(s, s.token, "write `@>`, with nothing between the two")
    if sign == "~":
        beside = left if left.type in ("COMPARATOR", "BANG") else right
        pair = sorted((s.token, beside), key=lambda token: token.start_pos)
        span = Span(pair[0].start_pos, pair[1].end_pos) if touch(*pair) else s.token
        if s.operand and beside.type not in ("COMPARATOR", "BANG"):
            return foreign(s, s.token, "write `!`")
        return foreign(s, span, '`=` and `!=` take patterns, such as `"node*"`, but no regular expressions')
    return None


def foreign(s: Situation, marked: Lexeme | Span, *hints: str) -> Diagnostic:
    """Return the diagnostic of an operator that other languages have."""
    span = marked if isinstance(marked, Span) else Span(marked.start_pos, marked.end_pos)
    message = f"{quoted(s.text[span.start : span.end])} is not an operator of the extended dialect"
    return s.error("MM103", span, message, *hints, label="")


def no_token(s: Situation) -> Diagnostic | None:
    """Recognise all other characters that are no part of the language."""
    if s.kind != "UNKNOWN":
        return None
    character = s.token.value
    named = f"`{character}`" if character.isprintable() else f"U+{ord(character):04X}"
    hint = _HINTS.get(character, "leave it out")
    if character.isspace() or not character.isprintable():
        hint = "only blanks, tabs and line ends separate words"
    return s.error("MM126", s.token, f"{named} is no part of the language", hint, label="")
