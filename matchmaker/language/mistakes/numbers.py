"""Mistakes with numbers: ways to write them that other languages have."""

from __future__ import annotations

import re
from decimal import Decimal

from matchmaker.attributes.numbers import INT32_MAX
from matchmaker.diagnostics import Diagnostic
from matchmaker.language.mistakes.situation import NUMBERS, Situation, clause, quoted
from matchmaker.source import Span

_NUMBER_RUN = re.compile(r"-?[0-9](?:[0-9A-Za-z_.,:]|(?<=[eE])[+-]|-(?=[0-9])){0,60}")
_GROUPED = re.compile(r"-?[0-9]{1,3}(?:[,_][0-9]{3})+|-?[0-9]+(?:_[0-9]+)+")
_EXPONENT = re.compile(r"-?[0-9]+(?:\.[0-9]+)?[eE][+-]?[0-9]{1,2}")
_OTHER_BASE = re.compile(r"-?0(?:[xX][0-9a-fA-F]{1,16}|[oO][0-7]{1,20}|[bB][01]{1,60})")
_UNIT = re.compile(r"(-?[0-9]{1,12}(?:\.[0-9]{1,6})?)[ \t]?([kKmMgGtTpP])i?[bB]?(?![0-9A-Za-z_])")
_POWERS = {"k": 0, "m": 1, "g": 2, "t": 3, "p": 4}
"""How often 1024 makes the unit out of KiB."""


def odd_number(s: Situation) -> Diagnostic | None:
    """Recognise `4G`, `1e3`, `0x10` and `1,000`."""
    first = s.token if s.token.kind in NUMBERS and s.place == "operand" else s.before()
    if first.kind not in NUMBERS:
        return None
    run = _NUMBER_RUN.match(s.text, first.start)
    unit = _UNIT.match(s.text, first.start)
    if run is None or (s.token is not first and max(run.end(), unit.end() if unit else 0) <= s.token.start):
        return None
    written, span = run[0].rstrip(".,:"), run.span()
    if unit is not None and unit.end() >= run.end():
        kibibytes = Decimal(unit[1]) * 1024 ** _POWERS[unit[2].lower()]
        sizes = [(kibibytes, "KiB"), (kibibytes / 1024, "MiB")]
        fitting = [f"`{int(size)}` {name}" for size, name in sizes if size == int(size) <= INT32_MAX]
        hint = "write it in the attribute's own unit" + (": " if fitting else "") + " or ".join(fitting)
        return s.error("MM120", Span(*unit.span()), f"a number has no unit: {quoted(unit[0])}", hint, label="")
    if _GROUPED.fullmatch(written):
        plain = re.sub("[,_]", "", written)
    elif _EXPONENT.fullmatch(written):
        plain = _plain(Decimal(written))
    elif _OTHER_BASE.fullmatch(written):
        plain = str(int(written, 0))
    else:
        return None
    if "." not in plain and (len(plain) > 11 or abs(int(plain)) > INT32_MAX):
        plain += ".0"
    named = s.comparator(1) if s.token is not first else None
    hint = f"write {clause(*named, plain)}" if named is not None else f"write {quoted(plain)}"
    return s.error(
        "MM120", Span(span[0], span[0] + len(written)), f"a number is not written {quoted(written)}", hint, label=""
    )


def _plain(number: Decimal) -> str:
    digits = format(number, "f")
    return digits.rstrip("0").rstrip(".") if "." in digits else digits
