"""The arithmetic of ranks: in the opennebula dialect every step is a float32, in the extended one a double.

A double that is missing is None, and so is whatever is computed of it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from matchmaker.attributes.numbers import float32

Double = float | None
"""A number of the extended dialect; None where it is missing."""
Score = Any
"""What a rank gives: an int; in the extended dialect a float, or None."""


def add(left: float, right: float) -> float:
    """Add two float32 numbers."""
    return float32(left + right)


def subtract(left: float, right: float) -> float:
    """Subtract a float32 number from another."""
    return float32(left - right)


def multiply(left: float, right: float) -> float:
    """Multiply two float32 numbers."""
    return float32(left * right)


def divide(left: float, right: float) -> float:
    """Divide two float32 numbers as the hardware does: by zero gives an infinity or NaN."""
    return quotient(left, right) if right == 0.0 else float32(left / right)


def quotient(left: float, right: float) -> float:
    """Divide two doubles as the hardware does: by zero gives an infinity or NaN."""
    if right == 0.0:
        if left == 0.0 or left != left:
            return math.nan
        return math.copysign(math.inf, left) * math.copysign(1.0, right)
    return left / right


OPERATIONS: dict[str, Callable[[float, float], float]] = {"+": add, "-": subtract, "*": multiply, "/": divide}
"""The operators of float32 numbers."""


def add_doubles(left: Double, right: Double) -> Double:
    """Add two doubles."""
    return None if left is None or right is None else left + right


def subtract_doubles(left: Double, right: Double) -> Double:
    """Subtract a double from another."""
    return None if left is None or right is None else left - right


def multiply_doubles(left: Double, right: Double) -> Double:
    """Multiply two doubles."""
    return None if left is None or right is None else left * right


def divide_doubles(left: Double, right: Double) -> Double:
    """Divide two doubles."""
    return None if left is None or right is None else quotient(left, right)


DOUBLE_OPERATIONS: dict[str, Callable[[Double, Double], Double]] = {
    "+": add_doubles,
    "-": subtract_doubles,
    "*": multiply_doubles,
    "/": divide_doubles,
}
"""The operators of doubles."""


def negative(number: Double) -> Double:
    """Turn a sign around."""
    return None if number is None else -number


def smaller(left: Double, right: Double) -> Double:
    """Return the smaller of two numbers, the first of equals; NaN if one is NaN."""
    if left is None or right is None:
        return None
    return right if right < left or right != right else left


def larger(left: Double, right: Double) -> Double:
    """Return the larger of two numbers, the first of equals; NaN if one is NaN."""
    if left is None or right is None:
        return None
    return right if right > left or right != right else left


def magnitude(number: Double) -> Double:
    """Return a number without its sign."""
    return None if number is None else abs(number)


def nearest_whole(number: Double) -> Double:
    """Round to a whole number, half to even, and keep the sign of zero."""
    if number is None or not math.isfinite(number):
        return number
    return math.copysign(round(number), number)


FOLDS: dict[str, Callable[[Double, Double], Double]] = {"min": smaller, "max": larger}
"""The functions of one number or more, by what they make of two."""
FUNCTIONS: dict[str, Callable[[Double], Double]] = {"abs": magnitude, "round": nearest_whole}
"""The functions of one number."""


def score_of_double(number: Double) -> Double:
    """Return the score that a number is: None where it is missing or NaN."""
    return number if number == number else None
