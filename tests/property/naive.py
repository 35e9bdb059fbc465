"""A second opinion: the language evaluated naively, written from its description and sharing no code with the engines.

Slow and recursive. Numbers are exact fractions that are rounded once; globs are libc's own.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import math
import platform
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

import pytest

from matchmaker.language.nodes import Attribute, Blank, Chain, Comparison, Float, Integer, Negative, Node, Not, Text

INT_MIN, INT_MAX = -(2**31), 2**31 - 1
WHITE = " \t\n\v\f\r"
DIGITS = "0123456789"


def matches(tree: Node, candidate: Mapping[str, Any]) -> bool:
    """Evaluate a requirement."""
    if isinstance(tree, Blank):
        return True
    if isinstance(tree, Not):
        return not matches(tree.operand, candidate)
    if isinstance(tree, Chain):
        verdict = matches(tree.first, candidate)
        for operator, operand in tree.rest:
            other = matches(operand, candidate)
            verdict = (verdict and other) if operator == "&" else (verdict or other)
        return verdict
    assert isinstance(tree, Comparison)
    found = list(texts(candidate, tree.attribute.name))
    literal = tree.literal
    if isinstance(literal, Text):
        if literal.value == "":
            return False
        verdicts = [fnmatch(literal.value, text) != (tree.operator == "!=") for text in found]
    else:
        read = integer if isinstance(literal, Integer) else single
        numbers = [number for number in map(read, found) if number is not None]
        verdicts = [compare(number, tree.operator, literal.value) for number in numbers]
    return any(verdicts) if tree.operator == "@>" else bool(verdicts) and verdicts[0]


def compare(left: float, operator: str, right: float) -> bool:
    if operator in ("=", "@>"):
        return left == right
    if operator == "!=":
        return left != right
    return left > right if operator == ">" else left < right


def score(tree: Node, candidate: Mapping[str, Any]) -> int:
    """Evaluate a rank."""
    number = measure(tree, candidate)
    if math.isnan(number) or math.isinf(number):
        return INT_MIN
    whole = int(number)
    return whole if INT_MIN <= whole <= INT_MAX else INT_MIN


def measure(tree: Node, candidate: Mapping[str, Any]) -> float:
    if isinstance(tree, Blank):
        return 0.0
    if isinstance(tree, Attribute):
        readings = (single(text) for text in texts(candidate, tree.name))
        return next((reading for reading in readings if reading is not None), 0.0)
    if isinstance(tree, Integer):
        return rounded(Fraction(tree.value))
    if isinstance(tree, Float):
        return tree.value
    if isinstance(tree, Negative):
        return -measure(tree.operand, candidate)
    assert isinstance(tree, Chain)
    number = measure(tree.first, candidate)
    for operator, operand in tree.rest:
        number = arithmetic(number, operator, measure(operand, candidate))
    return number


def arithmetic(left: float, operator: str, right: float) -> float:
    """Compute exactly and round once; the hardware's rules where there is no exact result."""
    if not (math.isfinite(left) and math.isfinite(right)):
        return special(left, operator, right)
    one, other = Fraction(left), Fraction(right)
    if operator == "+":
        return rounded(one + other)
    if operator == "-":
        return rounded(one - other)
    sign = math.copysign(1, left) * math.copysign(1, right)
    if operator == "*":
        return math.copysign(rounded(one * other), sign)
    if other == 0:
        return math.nan if one == 0 else math.copysign(math.inf, sign)
    return math.copysign(rounded(one / other), sign)


def special(left: float, operator: str, right: float) -> float:
    if operator == "+":
        return left + right
    if operator == "-":
        return left - right
    if operator == "*":
        return left * right
    if right == 0:
        return math.copysign(left, math.copysign(1, left) * math.copysign(1, right))
    return left / right


def rounded(number: Fraction) -> float:
    """Round to the nearest float32, half to even; an infinity when it is too large."""
    if number == 0:
        return 0.0
    size = abs(number)
    exponent = size.numerator.bit_length() - size.denominator.bit_length()
    if size < Fraction(2) ** exponent:
        exponent -= 1
    unit = Fraction(2) ** (max(exponent, -126) - 23)
    nearest = round(size / unit) * unit
    if nearest >= 2**128:
        return math.inf if number > 0 else -math.inf
    return float(nearest) if number > 0 else -float(nearest)


def integer(text: str) -> int | None:
    """Read a text for an integer literal."""
    rest = text.lstrip(WHITE)
    sign, rest = (rest[0], rest[1:]) if rest[:1] in ("+", "-") else ("", rest)
    digits = leading_digits(rest)
    if not digits:
        return None
    magnitude = 0
    for digit in digits:
        magnitude = magnitude * 10 + DIGITS.index(digit)
        if magnitude > 2**32:
            return None
    value = -magnitude if sign == "-" else magnitude
    return value if INT_MIN <= value <= INT_MAX else None


def single(text: str) -> float | None:
    """Read a text for a float literal or a rank."""
    exact = decimal(text)
    if exact is None:
        return None
    number = rounded(exact)
    if math.isinf(number):
        return None
    negative = text.lstrip(WHITE).startswith("-")
    return -abs(number) if negative else number


def decimal(text: str) -> Fraction | None:
    """Return the exact number that a text begins with; a power of ten too large for any float32 is cut down."""
    rest = text.lstrip(WHITE)
    sign, rest = (-1 if rest[:1] == "-" else 1), rest[1:] if rest[:1] in ("+", "-") else rest
    whole = leading_digits(rest)
    rest = rest[len(whole) :]
    fraction = leading_digits(rest[1:]) if rest[:1] == "." else ""
    rest = rest[1 + len(fraction) :] if rest[:1] == "." else rest
    if not whole + fraction:
        return None
    exponent = 0
    if rest[:1] in ("e", "E"):
        rest = rest[1:]
        minus = rest[:1] == "-"
        digits = leading_digits(rest[1:] if rest[:1] in ("+", "-") else rest)
        if not digits:
            return None
        exponent = min(int(digits), 100_000) * (-1 if minus else 1)
    return sign * int(whole + fraction) * Fraction(10) ** (exponent - len(fraction))


def leading_digits(text: str) -> str:
    end = 0
    while end < len(text) and text[end] in DIGITS:
        end += 1
    return text[:end]


def texts(candidate: Mapping[str, Any], name: str) -> Iterator[str]:
    """Yield the texts that an attribute's values stand for."""
    found = candidate.get(name)
    values: list[Any]
    if found is not None or "/" not in name:
        values = found if isinstance(found, list) else [found]
    else:
        values = [candidate]
        for step in name.split("/"):
            below = [value[step] for value in values if isinstance(value, dict) and step in value]
            values = [one for value in below for one in (value if isinstance(value, list) else [value])]
    for value in values:
        if value is None:
            continue
        if value is True or value is False:
            yield "YES" if value else "NO"
        else:
            yield value if isinstance(value, str) else str(value) if isinstance(value, int) else plain(value)


def plain(number: float) -> str:
    """Write a float as its shortest decimal without exponent."""
    text = repr(number)
    mantissa, _, exponent = text.partition("e")
    if not exponent:
        return text
    sign, mantissa = ("-", mantissa[1:]) if mantissa[0] == "-" else ("", mantissa)
    whole, _, fraction = mantissa.partition(".")
    shift = int(exponent)
    if shift < 0:
        return f"{sign}0.{'0' * (-shift - len(whole))}{whole}{fraction}"
    return f"{sign}{whole}{fraction.ljust(shift, '0')}.0"


def fnmatch(pattern: str, text: str) -> bool:
    """Ask libc, in the C locale."""
    libc, locale = _libc()
    before = libc.uselocale(ctypes.c_void_p(locale))
    try:
        return bool(
            libc.fnmatch(pattern.encode("utf-8", "surrogatepass"), text.encode("utf-8", "surrogatepass"), 0) == 0
        )
    finally:
        libc.uselocale(ctypes.c_void_p(before))


def _libc() -> tuple[Any, int]:
    if not _kept:
        if platform.libc_ver()[0] != "glibc":
            pytest.skip("globs are compared with glibc's")
        libc = ctypes.CDLL(None)
        libc.newlocale.restype = libc.uselocale.restype = ctypes.c_void_p
        libc.newlocale.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p)
        _kept.append((libc, libc.newlocale(0x1FBF, b"C", None)))
    return _kept[0]


_kept: list[tuple[Any, int]] = []
