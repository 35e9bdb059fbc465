"""What one comparison says about one reading of its attribute: a set of values, exactly.

Three readings of an attribute are kept apart, as OpenNebula does: its first value that converts to an integer, its first value
that converts to a float32, and its first value as a text; the extended dialect reads doubles. A set says besides whether the
comparison, or its opposite, is true where that reading is missing. Numbers are held as integers in the same order, so that all
sets are closed intervals, perhaps with a hole in them.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from typing import NamedTuple

from matchmaker.attributes.globs import Glob
from matchmaker.attributes.numbers import INT32_MAX, INT32_MIN
from matchmaker.checking.logic.patterns import Patterns
from matchmaker.language.nodes import Comparison, Float, Integer, Number, Text

_SINGLE, _SINGLE_BITS = struct.Struct(">f"), struct.Struct(">i")
_DOUBLE, _DOUBLE_BITS = struct.Struct(">d"), struct.Struct(">q")


def place_of_single(number: float) -> int:
    """Return the place of a float32 among all float32, from the lowest to the highest."""
    bits: int = _SINGLE_BITS.unpack(_SINGLE.pack(number))[0]
    return bits if bits >= 0 else -(bits & 0x7FFFFFFF)


def place_of_double(number: float) -> int:
    """Return the place of a double among all doubles, from the lowest to the highest."""
    bits: int = _DOUBLE_BITS.unpack(_DOUBLE.pack(number))[0]
    return bits if bits >= 0 else -(bits & 0x7FFFFFFFFFFFFFFF)


class Domain(NamedTuple):
    """The numbers that a reading may be.

    Parameters
    ----------
    name : str
        What sort of numbers these are.
    low, high : int
        The places of the lowest and the highest.
    nan : bool
        Whether it may be NaN, as what an XPath computes may.
    """

    name: str
    low: int
    high: int
    nan: bool


INTEGERS = Domain("integer", INT32_MIN, INT32_MAX, nan=False)
SINGLES = Domain("float", place_of_single(-math.inf), place_of_single(math.inf), nan=True)
DOUBLES = Domain("number", place_of_double(-math.inf), place_of_double(math.inf), nan=True)
TRUTHS = Domain("truth", 0, 1, nan=False)
"""What can only be true or false."""


class Numbers(NamedTuple):
    """The numbers from `low` to `high` without the `hole`, and whether missing and NaN belong to the set."""

    domain: Domain
    low: int
    high: int
    hole: int | None
    missing: bool
    nan: bool

    @property
    def never(self) -> bool:
        """Whether the set is empty."""
        return self.low > self.high and not self.missing and not self.nan

    @property
    def always(self) -> bool:
        """Whether the set holds everything."""
        whole = self.low == self.domain.low and self.high == self.domain.high and self.hole is None
        return whole and self.missing and (self.nan or not self.domain.nan)

    @property
    def only_missing(self) -> bool:
        """Whether no number belongs to the set."""
        return self.low > self.high

    @property
    def opposite(self) -> Numbers:
        """All that is not in the set."""
        domain, low, high = self.domain, self.low, self.high
        hole: int | None = None
        if self.hole is not None:
            low = high = self.hole
        elif low > high:
            low, high = domain.low, domain.high
        elif low == domain.low:
            low, high = high + 1, domain.high
        elif high == domain.high:
            low, high = domain.low, low - 1
        else:
            low, high, hole = domain.low, domain.high, low
        return Numbers(domain, low, high, hole, not self.missing, domain.nan and not self.nan)

    def within(self, other: Numbers, patterns: Patterns) -> bool:
        """Tell whether all of the set is certainly in another."""
        if (self.missing and not other.missing) or (self.nan and not other.nan):
            return False
        if self.low > self.high:
            return True
        if other.hole is not None:
            return not self.low <= other.hole <= self.high or other.hole == self.hole
        return other.low <= self.low and self.high <= other.high


class Texts(NamedTuple):
    """Texts of one form, and whether missing belongs to the set.

    Parameters
    ----------
    form : {"is", "is not", "matches", "differs", "any", "none"}
        One text, all others, those that match a pattern, those that do not, all, or none.
    text : str
        The text or the pattern; empty for all and none.
    missing : bool
        Whether missing belongs to the set.
    """

    form: str
    text: str
    missing: bool

    @property
    def never(self) -> bool:
        """Whether the set is empty."""
        return self.form == "none" and not self.missing

    @property
    def always(self) -> bool:
        """Whether the set holds everything."""
        return self.form == "any" and self.missing

    @property
    def only_missing(self) -> bool:
        """Whether no text belongs to the set."""
        return self.form == "none"

    @property
    def opposite(self) -> Texts:
        """All that is not in the set."""
        return Texts(_OPPOSITES[self.form], self.text, not self.missing)

    def within(self, other: Texts, patterns: Patterns) -> bool:
        """Tell whether all of the set is certainly in another."""
        if self.missing and not other.missing:
            return False
        if self.form == "none" or other.form == "any":
            return True
        asked = _WITHIN.get((self.form, other.form))
        return asked is not None and asked(self.text, other.text, patterns)


_OPPOSITES = {"is": "is not", "matches": "differs", "any": "none"}
_OPPOSITES |= {opposite: form for form, opposite in _OPPOSITES.items()}
_WITHIN: dict[tuple[str, str], Callable[[str, str, Patterns], bool]] = {
    ("is", "is"): lambda one, other, patterns: one == other,
    ("is", "is not"): lambda one, other, patterns: one != other,
    ("is", "matches"): lambda one, other, patterns: patterns.match(other, one) is True,
    ("is", "differs"): lambda one, other, patterns: patterns.match(other, one) is False,
    ("is not", "is not"): lambda one, other, patterns: one == other,
    ("matches", "matches"): lambda one, other, patterns: patterns.narrower(one, other),
    ("matches", "differs"): lambda one, other, patterns: patterns.apart(one, other),
    ("matches", "is not"): lambda one, other, patterns: patterns.match(one, other) is False,
    ("differs", "differs"): lambda one, other, patterns: patterns.narrower(other, one),
    ("differs", "is not"): lambda one, other, patterns: patterns.match(one, other) is True,
}
"""How to tell, for two forms, whether what the first text stands for is all in what the second one stands for."""

Constraint = Numbers | Texts
Subject = tuple[str, str]
"""What a constraint is about: the name of an attribute, and how it is read."""

TRUE = Numbers(TRUTHS, 1, 1, None, missing=False, nan=False)
"""What is said of a clause that cannot be looked into: that it is true."""


def constraint_of(comparison: Comparison, *, upstream: bool) -> tuple[Subject, Constraint] | None:
    """Return what a comparison says, and about what; None for `@>`, which looks at all values.

    Parameters
    ----------
    comparison : Comparison
        A comparison of an ordinary attribute, not of CURRENT_VMS on a host.
    upstream : bool
        Whether its dialect is OpenNebula's, where nothing compares with an empty text.
    """
    name, operator, literal = comparison.attribute.name, comparison.operator, comparison.literal
    if operator == "@>":
        return None
    if isinstance(literal, Text):
        return (name, "text"), _texts(operator, literal.value, upstream=upstream)
    numbers = _numbers(operator, literal)
    return (name, numbers.domain.name), numbers


def _numbers(operator: str, literal: Integer | Float | Number) -> Numbers:
    if isinstance(literal, Integer):
        domain, place = INTEGERS, literal.value
    elif isinstance(literal, Float):
        domain, place = SINGLES, place_of_single(literal.value)
    else:
        domain, place = DOUBLES, place_of_double(literal.value)
    low, high, hole = domain.low, domain.high, None
    if operator in ("=", "=="):
        low = high = place
    elif operator == "!=":
        hole = place
    elif operator in (">", ">="):
        low = place + (operator == ">")
    else:
        high = place - (operator == "<")
    return Numbers(domain, low, high, hole, missing=False, nan=domain.nan and operator == "!=")


def _texts(operator: str, pattern: str, *, upstream: bool) -> Texts:
    if upstream and not pattern:
        return Texts("none", "", missing=False)
    if operator == "==" or Glob(pattern).exact is not None:
        form = "is"
    elif pattern.strip("*"):
        form = "matches"
    else:
        form, pattern = "any", ""
    return Texts(_OPPOSITES[form] if operator == "!=" else form, pattern, missing=False)
