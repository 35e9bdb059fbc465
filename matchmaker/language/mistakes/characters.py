"""What to say about characters that the lexer skips."""

from __future__ import annotations

import re
from functools import lru_cache

from matchmaker.diagnostics import shorten

QUOTES = "'`\N{ACUTE ACCENT}\u2018\u2019\u201a\u201c\u201d\u201e\u00ab\u00bb"
"""Characters that quote texts elsewhere."""
SIGNS = {
    "\N{GREATER-THAN OR EQUAL TO}": ">=",
    "\N{LESS-THAN OR EQUAL TO}": "<=",
    "\N{NOT EQUAL TO}": "!=",
    "\N{LOGICAL AND}": "&",
    "\N{LOGICAL OR}": "|",
    "\N{NOT SIGN}": "!",
    "\N{MINUS SIGN}": "-",
    "\N{EN DASH}": "-",
    "\N{EM DASH}": "-",
    "\N{MULTIPLICATION SIGN}": "*",
    "\N{MIDDLE DOT}": "*",
    "\N{DIVISION SIGN}": "/",
}
"""Signs that stand for operators elsewhere, and their spelling in ASCII."""

_OPENS = re.compile(rf"[{QUOTES}]([^\"{QUOTES}\n]{{1,30}})[{QUOTES}]")
_CLOSES = re.compile(rf"[{QUOTES}]([^\"{QUOTES}\n]{{1,30}})\Z")
_UNDERSCORED = re.compile(r"_+([0-9A-Za-z][0-9A-Za-z_]{0,30})")
_DIGITS = re.compile(r"[0-9]{1,30}")
_FIXED = {
    '"': 'this `"` has no partner, so that it quotes nothing',
    "\n": "write the expression on one line",
    "\r": "write the expression on one line",
    ";": "leave it out, or write an operator",
    "#": "there are no comments: leave it out",
    "~": '`=` already takes patterns, such as `"node*"`',
    "?": 'a pattern stands in double quotes: `"node?"`',
    "$": "leave it out: a name stands for itself",
    "{": "group with `(` and `)`",
    "}": "group with `(` and `)`",
    "[": 'group with `(` and `)`; a path stands in double quotes: `"A[B=1]/C"`',
    "]": 'group with `(` and `)`; a path stands in double quotes: `"A[B=1]/C"`',
    ":": "a text or name with `:` in it stands in double quotes",
    "\\": "a pattern stands in double quotes",
}
_ONE_LINE = {"\n": "a line end", "\r\n": "a line end"}


@lru_cache(256)
def about(left: str, run: str, right: str) -> tuple[str, tuple[str, ...]]:
    """Return message and hints about a run of skipped characters.

    Parameters
    ----------
    left, right : str
        Some characters before and behind it.
    run : str
        The run, or the beginning of a long one.
    """
    if run in _ONE_LINE:
        named = _ONE_LINE[run]
    elif len(run) == 1 and not run.isprintable():
        named = f"U+{ord(run):04X}"
    else:
        named = f"`{shorten(run, 16)}`"
    hints: dict[str, None] = {}
    for place, character in enumerate(run):
        hint = _hint(left + run[:place], character, run[place + 1 :] + right)
        if hint:
            hints[hint] = None
    return f"{named} is skipped: it is no part of the language", tuple(hints)[:2] or ("leave it out",)


def _hint(left: str, character: str, right: str) -> str:
    """Return what to write instead of a character, or an empty text."""
    if character in _FIXED:
        return _FIXED[character]
    if character in QUOTES:
        quoted = _CLOSES.search(left) if left[-1:].isalnum() else _OPENS.match(character + right)
        return f'write `"{shorten(quoted[1])}"`' if quoted else "only double quotes quote"
    digits = _DIGITS.match(right)
    if character in ",._" and left[-1:].isdigit() and digits:
        return "digits are not grouped" if character in ",_" else "a number has one point"
    if character == ".":
        if digits and not left[-1:].isalnum():
            return f"this reads as `{digits[0]}`; write `0.{digits[0]}`"
        return "a text or name with `.` in it stands in double quotes" if right[:1].isalpha() else "leave it out"
    if character == "_":
        name = _UNDERSCORED.match(character + right)
        return f'this reads as `{name[1]}`; write `"{name[0]}"`' if name else "a name begins with a letter"
    if character == "%":
        if left[-1:].isdigit():
            return "a number has no unit"
        return "there is no remainder; in patterns `*` stands for any text"
    if character == ",":
        return _FIXED[";"]
    if character in SIGNS:
        return f"it stands for no operator; `{SIGNS[character]}` is written in ASCII"
    if character.isspace() or not character.isprintable():
        return "only the space and the tab separate words"
    return "a text or name with such letters stands in double quotes" if character.isalpha() else ""
