"""What a comparison saw: tracing wraps a compiled clause, so that a program that nobody traces pays nothing for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import chain, islice
from typing import Any, Literal, NamedTuple

from matchmaker.attributes.numbers import float32
from matchmaker.attributes.values import SpecialValue, Value, doubles, floats, integers, texts
from matchmaker.engine.clauses import Test
from matchmaker.errors import CandidateError
from matchmaker.language.nodes import Comparison, Float, Integer, Text
from matchmaker.language.printer import print_tree

State = Literal["pass", "false", "missing", "unconverted", "unreadable"]
"""It passes, is false, its attribute is missing, the value does not convert to a number, or cannot be read at all."""

LONGEST = 1_000
"""How many characters of a value are shown at most."""
_MOST_SHOWN = 100
"""How many values of an attribute are shown at most."""
_WHOLE = re.compile(r"[+-]?[0-9]+")
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_DIGITS = re.compile(r"\s*[+-]?[0-9]+")


class Seen(NamedTuple):
    """What a comparison saw on a candidate.

    Parameters
    ----------
    value : str or None
        The attribute as texts, several joined by commas; None when it is missing.
    read_as : str or None
        What was compared: for a number what the value was read as.
    note : str
        What may surprise about it; empty when nothing does.
    """

    value: str | None
    read_as: str | None
    note: str


def readings_of(comparison: Comparison) -> Callable[[Value, str], Iterator[Any]]:
    """Return the function that reads values as the literal of a comparison does."""
    literal = comparison.literal
    if isinstance(literal, Text):
        return texts
    return integers if isinstance(literal, Integer) else floats if isinstance(literal, Float) else doubles


def is_missing(value: Value) -> bool:
    """Tell whether there is no value."""
    return value is None or (issubclass(type(value), list) and all(each is None for each in list.__iter__(value)))


def traced(comparison: Comparison, test: Test) -> Callable[[Value], State]:
    """Wrap the test of a compiled clause, so that it tells why a value fails."""
    readings, name = readings_of(comparison), comparison.attribute.name
    plain = readings is texts

    def state(value: Value) -> State:
        try:
            if isinstance(value, CandidateError):
                return "unreadable"
            if test(value):
                return "pass"
            if is_missing(value):
                return "missing"
            if plain or isinstance(value, SpecialValue) or next(readings(value, name), None) is not None:
                return "false"
        except CandidateError:
            return "unreadable"
        return "unconverted"

    return state


def seen(comparison: Comparison, value: Value) -> Seen:
    """Return what a comparison saw of a value."""
    name = comparison.attribute.name
    if isinstance(value, CandidateError):
        return Seen(None, None, value.message)
    if isinstance(value, SpecialValue):
        return Seen(shown(value), None, "")
    try:
        found = list(islice(texts(value, name), _MOST_SHOWN))
        if not found:
            return Seen(None, None, "")
        value_text = shown(value)
        if isinstance(comparison.literal, Text):
            several = len(found) > 1 and comparison.operator != "@>"
            return Seen(
                value_text, found[0][:LONGEST], f"the first of {_count(value, found)} values" if several else ""
            )
        read = next(readings_of(comparison)(value, name), None)
    except CandidateError as error:
        return Seen(None, None, error.message)
    if read is None:
        return Seen(value_text, None, _why_unconverted(comparison, found))
    return Seen(value_text, written(read), _surprise(comparison, value, found, read))


def shown(value: Value) -> str | None:
    """Return a value as text, several joined by commas; None when it is missing."""
    if isinstance(value, SpecialValue):
        text = getattr(value, "text", None)
        return text if isinstance(text, str) else f"{value.number():g}"
    try:
        found = list(islice(texts(value, ""), _MOST_SHOWN + 1))
    except CandidateError:
        return f"a value of type {type(value).__name__}"
    if not found:
        return None
    if found == [""]:
        return '""'
    joined = ", ".join(chain(found[:_MOST_SHOWN], ["..."] if len(found) > _MOST_SHOWN else []))
    return joined if len(joined) <= LONGEST else joined[: LONGEST - 3] + "..."


def written(number: float) -> str:
    """Return a number as people write it: whole ones without a fraction, others with the digits that tell them apart."""
    if isinstance(number, int) or abs(number) >= 1e16 or number != number:
        return str(number)
    if number == int(number):
        return str(int(number))
    return print_tree(Float(number)) if float32(number) == number else repr(number)


def _count(value: Value, found: list[str]) -> int:
    return list.__len__(value) if isinstance(value, list) else len(found)


def _why_unconverted(comparison: Comparison, found: list[str]) -> str:
    if isinstance(comparison.literal, Integer) and any(map(_DIGITS.match, found)):
        return "beyond 32 bits, and so missing to a whole number"
    return "not a number" if len(found) == 1 else "none of its values is a number"


def _surprise(comparison: Comparison, value: Value, found: list[str], read: float) -> str:
    """Say what may surprise about how a value became a number."""
    readings, name = readings_of(comparison), comparison.attribute.name
    place = 0
    if len(found) > 1:
        place = next(place for place, text in enumerate(found) if next(readings(text, name), None) is not None)
    text = found[place].strip(" \t\n\v\f\r")
    parts: list[str] = []
    if len(found) > 1 and comparison.operator != "@>":
        which = "first" if place == 0 else "first number"
        parts.append(f"the {which} of {_count(value, found)} values")
    exact = _WHOLE if isinstance(read, int) else _DECIMAL
    if not exact.fullmatch(text) or (_WHOLE.fullmatch(text) and len(text) < 400 and int(text) != read):
        parts.append(f"read as {written(read)}")
    return ", ".join(parts)
