"""Numbers in texts: of ASCII digits; 32 bits and no double rounding, exactly as OpenNebula reads them, or doubles."""

from __future__ import annotations

import math
import operator
import re
import struct
from collections.abc import Callable
from decimal import Decimal
from typing import Any

INT32_MAX = 2**31 - 1
INT32_MIN = -(2**31)
LARGEST_FLOAT32 = float.fromhex("0x1.fffffep127")
_OVERFLOW = float.fromhex("0x1.ffffffp127")
"""Half way between the largest float32 and what would be the next one."""

_pack, _unpack = struct.Struct("f").pack, struct.Struct("f").unpack
_BITS = struct.Struct("i")
_INTEGER = re.compile(r"[ \t\n\v\f\r]*([+-]?)0*([0-9]+)")
_FLOAT = re.compile(r"[ \t\n\v\f\r]*([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]*)?)")
_DOUBLE = re.compile(r"[ \t\n\v\f\r]*([+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)")

RELATIONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "==": operator.eq,
    "@>": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
"""How doubles compare, by operator."""


def float32(number: float) -> float:
    """Round a double to the nearest float32; what is too large becomes an infinity.

    Parameters
    ----------
    number : float
        Any double.

    Returns
    -------
    float
        A Python float that holds a float32.
    """
    try:
        (single,) = _unpack(_pack(number))
    except OverflowError:
        return math.copysign(math.inf, number)
    return single  # type: ignore[no-any-return]


def int32(number: float) -> int:
    """Cut a float32 to a signed 32-bit integer, toward zero; NaN and what does not fit are -2147483648."""
    return int(number) if -2147483649.0 < number < 2147483648.0 else INT32_MIN


def integer_reading(text: str) -> int | None:
    """Read a text for an integer literal.

    Leading white space, a sign, digits; what follows is ignored.

    Returns
    -------
    int or None
        None when it does not begin with a number, or with one outside int32.
    """
    found = _INTEGER.match(text)
    if found is None:
        return None
    sign, digits = found.groups()
    if len(digits) > 10:
        return None
    number = -int(digits) if sign == "-" else int(digits)
    return number if INT32_MIN <= number <= INT32_MAX else None


def float_reading(text: str) -> float | None:
    """Read a text for a float literal or a rank.

    The longest decimal or exponent prefix, correctly rounded to float32 in one step.

    Returns
    -------
    float or None
        None when it does not begin with a number, when its exponent has no digits, or when it overflows.
    """
    found = _FLOAT.match(text)
    if found is None:
        return None
    digits = found[1]
    if digits[-1] in "eE+-":
        return None
    return _nearest(float(digits), digits)


def float_of_integer(number: int) -> float | None:
    """Round an integer to float32 in one step; None when it overflows."""
    if -16777216 <= number <= 16777216:
        return float(number)
    try:
        double = float(number)
    except OverflowError:
        return None
    return _nearest(double, number)


def double_reading(text: str) -> float | None:
    """Read a text as a double: the longest prefix that is a decimal number, whose fraction and exponent are complete.

    Returns
    -------
    float or None
        None when it does not begin with a number, or when that overflows.
    """
    found = _DOUBLE.match(text)
    if found is None:
        return None
    number = float(found[1])
    return number if math.isfinite(number) else None


def double_of_integer(number: int) -> float | None:
    """Return the double that is nearest to an integer; None when it overflows."""
    try:
        return float(number)
    except OverflowError:
        return None


def _nearest(double: float, exact: str | int) -> float | None:
    """Round to float32 what `double` is the nearest double of.

    Rounding twice goes wrong only where the double lies exactly between two float32 values: the exact number then decides.
    """
    magnitude = abs(double)
    if magnitude >= _OVERFLOW:
        if magnitude > _OVERFLOW or Decimal(exact).copy_abs() >= Decimal(_OVERFLOW):
            return None
        return math.copysign(LARGEST_FLOAT32, double)
    single = float32(double)
    if single == double:
        return single
    other = neighbour(single, up=double > single)
    if (single + other) / 2 != double:
        return single
    exactly = Decimal(exact)
    if exactly == Decimal(double):
        return single
    return max(single, other) if exactly > Decimal(double) else min(single, other)


def neighbour(single: float, *, up: bool) -> float:
    """Return the float32 next to another."""
    if single == 0.0:
        return math.copysign(2.0**-149, 1 if up else -1)
    bits = _BITS.unpack(_pack(single))[0]
    step = 1 if (single > 0) == up else -1
    return float(_unpack(_BITS.pack(bits + step))[0])
