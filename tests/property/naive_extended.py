"""A second opinion on the extended dialect: evaluated naively, written from its description, sharing no code with the engines.

Slow and recursive. Numbers in texts are exact fractions that are rounded once; globs are libc's own.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from matchmaker.language.nodes import (
    Attribute,
    Blank,
    Call,
    Chain,
    Choice,
    Comparison,
    Membership,
    Negative,
    Node,
    Not,
    Number,
    Relation,
    RequestAttribute,
    Text,
)
from tests.property.naive import DIGITS, WHITE, fnmatch, plain

Candidate = Mapping[str, Any]


class Refused(Exception):
    """A value is of a type that stands for nothing."""


def matches(tree: Node, candidate: Candidate) -> bool:
    """Evaluate a requirement."""
    if isinstance(tree, Blank):
        return True
    answer = evaluate(tree, candidate)
    assert isinstance(answer, bool)
    return answer


def score(tree: Node, candidate: Candidate) -> float | None:
    """Evaluate a rank."""
    if isinstance(tree, Blank):
        return 0.0
    number = measure(tree, candidate)
    return None if number is None or math.isnan(number) else number


def evaluate(tree: Node, candidate: Candidate) -> bool | float | None:
    """Evaluate a condition to a bool, and a number to a float, or None where it is missing."""
    if isinstance(tree, Not):
        return not evaluate(tree.operand, candidate)
    if isinstance(tree, Chain) and tree.rest[0][0] in "&|":
        verdict = evaluate(tree.first, candidate)
        for operator, operand in tree.rest:
            if verdict is (operator == "&"):
                verdict = evaluate(operand, candidate)
        return verdict
    if isinstance(tree, Comparison):
        return compared(tree.attribute, tree.operator, tree.literal, candidate)
    if isinstance(tree, Relation):
        return compared(tree.left, tree.operator, tree.right, candidate)
    if isinstance(tree, Membership):
        return any(compared(tree.operand, "=", item, candidate) for item in tree.items)
    if isinstance(tree, Choice):
        return evaluate(tree.then if evaluate(tree.condition, candidate) else tree.otherwise, candidate)
    if isinstance(tree, Call) and tree.function == "exists":
        return any(True for _ in values(tree.arguments[0], candidate))
    if isinstance(tree, Call):
        return called(tree.function, tree.arguments, candidate)
    if isinstance(tree, Negative):
        number = measure(tree.operand, candidate)
        return None if number is None else -number
    if isinstance(tree, Chain):
        number = measure(tree.first, candidate)
        for operator, operand in tree.rest:
            number = arithmetic(number, operator, measure(operand, candidate))
        return number
    if isinstance(tree, Number):
        return tree.value
    return next(numbers(tree, candidate), None)


def measure(tree: Node, candidate: Candidate) -> float | None:
    """Evaluate to a number; a condition stands for 1 or 0."""
    answer = evaluate(tree, candidate)
    return answer if answer is None else float(answer)


def compared(left: Node, operator: str, right: Node, candidate: Candidate) -> bool:
    if isinstance(right, Text):
        verdicts = (holds(text, operator, right.value) for text in texts(left, candidate))
        return any(verdicts) if operator == "@>" else next(verdicts, False)
    if operator == "@>":
        wanted = measure(right, candidate)
        return any(number == wanted for number in numbers(left, candidate))
    one, other = measure(left, candidate), measure(right, candidate)
    if one is None or other is None:
        return False
    if operator == "!=":
        return one != other
    if operator[0] == "<" and one < other:
        return True
    if operator[0] == ">" and one > other:
        return True
    return operator.endswith("=") and one == other


def holds(text: str, operator: str, literal: str) -> bool:
    if operator == "==":
        return text == literal
    return fnmatch(literal, text) != (operator == "!=")


def called(function: str, arguments: Sequence[Node], candidate: Candidate) -> float | None:
    first = measure(arguments[0], candidate)
    if function == "default":
        return measure(arguments[1], candidate) if first is None else first
    found = [first, *(measure(each, candidate) for each in arguments[1:])]
    if None in found:
        return None
    listed = [each for each in found if each is not None]
    if any(math.isnan(each) for each in listed):
        return math.nan
    if function == "min":
        return min(listed)
    if function == "max":
        return max(listed)
    if function == "abs":
        return math.fabs(listed[0])
    return rounded(listed[0])


def rounded(number: float) -> float:
    """Round to a whole number, half to even; a zero keeps its sign."""
    if math.isinf(number):
        return number
    size = Fraction(abs(number))
    whole = size.numerator // size.denominator
    rest = size - whole
    whole += rest > Fraction(1, 2) or (rest == Fraction(1, 2) and whole % 2)
    return math.copysign(float(whole), number)


def arithmetic(left: float | None, operator: str, right: float | None) -> float | None:
    if left is None or right is None:
        return None
    if operator == "+":
        return left + right
    if operator == "-":
        return left - right
    if operator == "*":
        return left * right
    if right:
        return left / right
    if not left or math.isnan(left):
        return math.nan
    return math.inf if math.copysign(1, left) == math.copysign(1, right) else -math.inf


def numbers(tree: Node, candidate: Candidate) -> Iterator[float]:
    """Yield the values of an attribute that convert; anything else is one number, or none."""
    if not isinstance(tree, Attribute | RequestAttribute):
        number = measure(tree, candidate)
        if number is not None:
            yield number
        return
    for value in values(tree, candidate):
        exact: Fraction | None
        if isinstance(value, float):
            exact = Fraction(value) if math.isfinite(value) else None
            negative = math.copysign(1, value) < 0
        else:
            text = str_of(value)
            exact, negative = decimal(text), text.lstrip(WHITE).startswith("-")
        if exact is not None:
            try:
                number = abs(float(exact))
            except OverflowError:
                continue
            yield -number if negative else number


def decimal(text: str) -> Fraction | None:
    """Return the number that a text begins with; of far too large and too small ones, one that is so as well."""
    rest = text.lstrip(WHITE)
    sign = -1 if rest.startswith("-") else 1
    rest = rest[1:] if rest[:1] in ("+", "-") else rest
    whole = leading_digits(rest)
    rest = rest[len(whole) :]
    fraction = leading_digits(rest[1:]) if rest.startswith(".") else ""
    if not whole and not fraction:
        return None
    rest = rest[1 + len(fraction) :] if fraction else rest
    exponent = 0
    if rest[:1] in ("e", "E"):
        signed = rest[1:2] in ("+", "-")
        digits = leading_digits(rest[2:] if signed else rest[1:])
        if digits:
            exponent = min(int(digits), 5000) * (-1 if rest[1] == "-" else 1)
    return sign * Fraction(int(whole + fraction)) * Fraction(10) ** (exponent - len(fraction))


def leading_digits(text: str) -> str:
    return text[: next((place for place, character in enumerate(text) if character not in DIGITS), len(text))]


def texts(tree: Node, candidate: Candidate) -> Iterator[str]:
    return (str_of(value) if not isinstance(value, float) else plain(value) for value in values(tree, candidate))


def str_of(value: str | int) -> str:
    if value is True or value is False:
        return "YES" if value else "NO"
    return value if isinstance(value, str) else str(value)


def values(tree: Node, candidate: Candidate) -> Iterator[Any]:
    """Yield the values of an attribute, one by one."""
    if isinstance(tree, RequestAttribute):
        found = list(tree.value) if isinstance(tree.value, tuple) else tree.value
    else:
        assert isinstance(tree, Attribute)
        found = candidate.get(tree.name)
    for value in found if isinstance(found, list) else [found]:
        if isinstance(value, str | int | float):
            yield value
        elif value is not None:
            raise Refused
