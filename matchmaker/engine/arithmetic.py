"""The arithmetic of ranks: every step is a float32."""

from __future__ import annotations

import math
from collections.abc import Callable

from matchmaker.attributes.numbers import float32


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
    if right == 0.0:
        if left == 0.0 or left != left:
            return math.nan
        return math.copysign(math.inf, left) * math.copysign(1.0, right)
    return float32(left / right)


OPERATIONS: dict[str, Callable[[float, float], float]] = {"+": add, "-": subtract, "*": multiply, "/": divide}
