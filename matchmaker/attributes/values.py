"""What a value on a candidate stands for: every Python value is a text, which the language then reads.

An int stands for its decimal digits, a float for its shortest decimal without exponent, True and False for YES and NO,
None and the empty list are missing, a list is several values. Anything else is refused when it is read.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from matchmaker.attributes.globs import Glob
from matchmaker.attributes.numbers import (
    INT32_MAX,
    INT32_MIN,
    RELATIONS,
    double_of_integer,
    double_reading,
    float_of_integer,
    float_reading,
    integer_reading,
)
from matchmaker.errors import CandidateError
from matchmaker.limits import tick

Value = Any
"""A str, int, float, bool, None, `SpecialValue`, or a list of values: what a lookup returns."""


class SpecialValue(ABC):
    """A value that is no text and has rules of its own, such as the number an XPath yields."""

    @abstractmethod
    def compare(self, operator: str, literal: int | float | Glob) -> bool:
        """Tell whether it compares so with a literal: an int, a float32 held in a float, or a glob."""

    @abstractmethod
    def number(self) -> float:
        """Return the float32 that a rank reads, NaN included."""

    def double(self) -> float | None:
        """Return the number that the extended dialect reads, None when there is none."""
        number = self.number()
        return number if math.isfinite(number) else None

    def compare_double(self, operator: str, literal: float) -> bool:
        """Tell whether it compares so with a number of the extended dialect."""
        number = self.double()
        return number is not None and RELATIONS[operator](number, literal)

    def is_text(self, text: str) -> bool:
        """Tell whether it is this very text, as `==` asks in the extended dialect."""
        return False


class Readings:
    """The numbers that texts were read as, remembered; NaN, which compares as false, where a text does not convert.

    Bounded: at most `LARGEST` texts of at most `LONGEST` characters.

    Attributes
    ----------
    known : dict
        Text to number, for those that want no call.
    """

    LARGEST = 32_768
    LONGEST = 32

    __slots__ = ("_read", "known")

    def __init__(self, read: Callable[[str], float | None]) -> None:
        self._read = read
        self.known: dict[str, float] = {}

    def __call__(self, text: str) -> float:
        """Read a text."""
        number = self.known.get(text)
        if number is None:
            reading = self._read(text)
            number = math.nan if reading is None else reading
            if len(text) <= self.LONGEST:
                if len(self.known) >= self.LARGEST:
                    self.known.clear()
                self.known[text] = number
            else:
                tick()
        return number


INTEGERS = Readings(integer_reading)
"""What texts are to an integer literal."""
FLOATS = Readings(float_reading)
"""What texts are to a float literal and in a rank."""
DOUBLES = Readings(double_reading)
"""What texts are in the extended dialect."""


def texts(value: Value, attribute: str) -> Iterator[str]:
    """Yield the values of an attribute as a string literal sees them."""
    for element in _elements(value, attribute):
        if type(element) is str:
            yield element
        elif type(element) is int:
            yield _digits(element, attribute)
        else:
            yield _decimal(element)


def integers(value: Value, attribute: str) -> Iterator[int]:
    """Yield the values of an attribute that convert for an integer literal."""
    for element in _elements(value, attribute):
        if type(element) is str:
            reading = integer_reading(element)
        elif INT32_MIN - 1 < element < INT32_MAX + 1:
            reading = int(element)
        else:
            reading = None
        if reading is not None:
            yield reading


def floats(value: Value, attribute: str) -> Iterator[float]:
    """Yield the values of an attribute that convert for a float literal, each a float32."""
    for element in _elements(value, attribute):
        if type(element) is str:
            reading = float_reading(element)
        elif type(element) is int:
            reading = float_of_integer(element)
        else:
            reading = float_reading(_decimal(element))
        if reading is not None:
            yield reading


def rank_reading(value: Value, attribute: str) -> float:
    """Return the float32 that a rank reads: the first value that converts, or 0."""
    if type(value) is str:
        number = FLOATS(value)
        return number if number == number else 0.0
    if type(value) is int and -16777216 <= value <= 16777216:
        return float(value)
    if isinstance(value, SpecialValue):
        return value.number()
    if value is None:
        return 0.0
    tick()
    return next(floats(value, attribute), 0.0)


def doubles(value: Value, attribute: str) -> Iterator[float]:
    """Yield the values of an attribute that convert to a number of the extended dialect."""
    for element in _elements(value, attribute):
        if type(element) is str:
            reading = double_reading(element)
        elif type(element) is int:
            reading = double_of_integer(element)
        else:
            reading = element if math.isfinite(element) else None
        if reading is not None:
            yield reading


def double(value: Value, attribute: str) -> float | None:
    """Return the number that the extended dialect reads: the first value that converts, or None."""
    if type(value) is str:
        number = DOUBLES(value)
        return number if number == number else None
    if type(value) is int and -9007199254740992 <= value <= 9007199254740992:
        return float(value)
    if type(value) is float:
        return value if math.isfinite(value) else None
    if value is None:
        return None
    if isinstance(value, SpecialValue):
        return value.double()
    tick()
    return next(doubles(value, attribute), None)


def is_there(value: Value, attribute: str) -> bool:
    """Tell whether there is a value, even an empty one, or one that is no number."""
    if value is None:
        return False
    if type(value) is str or isinstance(value, SpecialValue):
        return True
    tick()
    return next((True for _ in _elements(value, attribute)), False)


def _elements(value: Value, attribute: str) -> Iterator[Any]:
    """Yield the values as str, int and float of the exact types; those that are None are missing."""
    for element in list.__iter__(value) if issubclass(type(value), list) else (value,):
        kind = type(element)
        if kind is bool:
            yield "YES" if element else "NO"
        elif issubclass(kind, str):
            yield str.__str__(element)
        elif issubclass(kind, int):
            yield int.__int__(element)
        elif issubclass(kind, float):
            yield float.__float__(element)
        elif element is not None:
            raise CandidateError(
                f"a value of type `{kind.__name__}` stands for nothing: "
                "use a str, an int, a float, a bool, None or a list of these",
                attribute=attribute,
            )


def _digits(number: int, attribute: str) -> str:
    try:
        return str(number)
    except ValueError:
        raise CandidateError("a whole number of so many digits has no text", attribute=attribute) from None


def _decimal(number: float) -> str:
    text = repr(number)
    if "e" in text:
        text = format(Decimal(text), "f")
        if "." not in text:
            text += ".0"
    return text
