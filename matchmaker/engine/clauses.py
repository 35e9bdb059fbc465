"""One comparison, compiled to a test of a value: this is where a literal's type decides how a value is read."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from typing import Any, NamedTuple

from matchmaker.attributes.globs import Glob
from matchmaker.attributes.numbers import INT32_MAX, INT32_MIN, RELATIONS
from matchmaker.attributes.values import (
    DOUBLES,
    FLOATS,
    INTEGERS,
    SpecialValue,
    Value,
    doubles,
    floats,
    integers,
    texts,
)
from matchmaker.engine.meanings import OPENNEBULA, Meaning
from matchmaker.language.nodes import Comparison, Float, Integer, Number
from matchmaker.limits import tick

Test = Callable[[Value], bool]
"""Tells whether a value passes."""

HOLDS: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda reading, literal: bool(reading == literal),
    "@>": lambda reading, literal: bool(reading == literal),
    "!=": lambda reading, literal: bool(reading != literal),
    ">": lambda reading, literal: bool(reading > literal),
    "<": lambda reading, literal: bool(reading < literal),
}


LARGEST_KNOWN = 4_096
"""How many texts a clause remembers its verdict for."""
LONGEST_KNOWN = 1_024
"""The longest text it remembers, in characters: a host's list of CPU features has several hundred."""
MOST_KNOWN = 131_072
"""How many verdicts all clauses remember together, longer texts counting for more: there may be many thousand clauses."""


class _Memory:
    """Sees to it that the verdicts of all clauses together stay bounded: when there are too many, all are forgotten."""

    def __init__(self) -> None:
        self._tables: list[dict[str, bool]] = []
        self._count = 0
        self._lock = threading.Lock()

    def keep(self, known: dict[str, bool], text: str, verdict: bool) -> None:
        """Put a verdict into the table of a clause."""
        with self._lock:
            if self._count >= MOST_KNOWN:
                for table in self._tables:
                    table.clear()
                self._tables.clear()
                self._count = 0
            if len(known) >= LARGEST_KNOWN:
                known.clear()
            elif not known:
                self._tables.append(known)
            known[text] = verdict
            self._count += 1 + len(text) // 64


_memory = _Memory()


class Clause(NamedTuple):
    """One comparison, ready to run.

    `test` is a function of the value that a lookup returned. `known` holds the verdicts of a string literal on the texts
    seen so far, so that a pattern is matched once per distinct value; it is bounded, and None for other literals.
    """

    comparison: Comparison
    test: Test
    known: dict[str, bool] | None = None


def compile_clause(comparison: Comparison, meaning: Meaning = OPENNEBULA) -> Clause:
    """Compile a comparison.

    Not found, or not convertible, is false for every operator, `!=` included. Of several values the first that converts
    decides; `@>` looks at all of them.

    Parameters
    ----------
    comparison : Comparison
        What to compile, of any dialect.
    meaning : Meaning
        The dialect's. The literals and operators say the rest, but a comparison with an empty text may be of any dialect.
    """
    literal = comparison.literal
    if isinstance(literal, Integer):
        return Clause(comparison, _integer_test(comparison, literal.value))
    if isinstance(literal, Float):
        return Clause(comparison, _float_test(comparison, literal.value))
    if isinstance(literal, Number):
        return Clause(comparison, _double_test(comparison, literal.value))
    if comparison.operator == "==":
        return Clause(comparison, _same_text_test(comparison, literal.value))
    if not literal.value and meaning.null_text:
        return Clause(comparison, _never)
    return _text_clause(comparison, literal.value)


def _never(value: Value) -> bool:
    """Answer for the null string on the right side: nothing is ever equal to it, or different from it."""
    return False


def _integer_test(comparison: Comparison, literal: int) -> Test:
    operator = comparison.operator
    other = _other_values(comparison, literal, integers, HOLDS[operator])
    if operator == "!=":

        def differs(value: Value) -> bool:
            if type(value) is str:
                value = INTEGERS(value)
            elif type(value) is not int:
                return other(value)
            return INT32_MIN <= value <= INT32_MAX and value != literal  # type: ignore[no-any-return]

        return differs

    low = literal + 1 if operator == ">" else INT32_MIN if operator == "<" else literal
    high = INT32_MAX if operator == ">" else literal - 1 if operator == "<" else literal

    def lies_between(value: Value) -> bool:
        if type(value) is int:
            return low <= value <= high
        if type(value) is str:
            return low <= INTEGERS(value) <= high
        return other(value)

    return lies_between


def _float_test(comparison: Comparison, literal: float) -> Test:
    holds = HOLDS[comparison.operator]
    other = _other_values(comparison, literal, floats, holds)

    def test(value: Value) -> bool:
        if type(value) is str:
            number = FLOATS(value)
            return number == number and holds(number, literal)
        if type(value) is int and -16777216 <= value <= 16777216:
            return holds(value, literal)
        return other(value)

    return test


def _double_test(comparison: Comparison, literal: float) -> Test:
    operator = comparison.operator
    holds = RELATIONS[operator]
    other = _other_values(comparison, literal, doubles, holds)

    def test(value: Value) -> bool:
        if type(value) is str:
            number = DOUBLES(value)
            return number == number and holds(number, literal)
        if type(value) is int and -9007199254740992 <= value <= 9007199254740992:
            return holds(value, literal)
        if type(value) is float:
            return math.isfinite(value) and holds(value, literal)
        return value.compare_double(operator, literal) if isinstance(value, SpecialValue) else other(value)

    return test


def _same_text_test(comparison: Comparison, text: str) -> Test:
    other = _other_values(comparison, text, texts, RELATIONS["=="])

    def test(value: Value) -> bool:
        if type(value) is str:
            return value == text
        return value.is_text(text) if isinstance(value, SpecialValue) else other(value)

    return test


def _text_clause(comparison: Comparison, pattern: str) -> Clause:
    glob = Glob(pattern)
    wanted = comparison.operator != "!="
    other = _other_values(comparison, glob, texts, lambda text, glob: glob.matches(text) == wanted)
    known: dict[str, bool] = {}

    def test(value: Value) -> bool:
        if type(value) is not str:
            return other(value)
        verdict = known.get(value)
        if verdict is None:
            verdict = glob.matches(value) == wanted
            if len(value) <= LONGEST_KNOWN:
                _memory.keep(known, value, verdict)
            else:
                tick()
        return verdict

    return Clause(comparison, test, known)


def _other_values(
    comparison: Comparison,
    literal: Any,
    readings: Callable[[Value, str], Any],
    holds: Callable[[Any, Any], bool],
) -> Test:
    """Test the values that are neither a plain text nor a plain number."""
    attribute, operator = comparison.attribute.name, comparison.operator

    def test(value: Value) -> bool:
        if value is None:
            return False
        if isinstance(value, SpecialValue):
            return value.compare(operator, literal)
        tick()
        for reading in readings(value, attribute):
            if holds(reading, literal):
                return True
            if operator != "@>":
                return False
        return False

    return test
