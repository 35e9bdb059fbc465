"""One comparison over a column: the verdicts on all candidates at once."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from bisect import bisect_left, bisect_right
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from matchmaker.attributes.globs import Glob
from matchmaker.engine.bitmaps import Array, Test, Words, everything, nothing, pack, packed_test, with_verdicts
from matchmaker.engine.clauses import Clause, compile_clause
from matchmaker.engine.columns import LIMITS, Need, Reading, View
from matchmaker.engine.meanings import EXTENDED, OPENNEBULA, Meaning
from matchmaker.language.nodes import Attribute, Comparison, Float, Integer, Number, Text

COMPARE: dict[str, Any] = {
    "=": np.equal,
    "==": np.equal,
    "@>": np.equal,
    "!=": np.not_equal,
    ">": np.greater,
    ">=": np.greater_equal,
    "<": np.less,
    "<=": np.less_equal,
}
"""How arrays of numbers compare, by operator."""
_READINGS: dict[type, Reading] = {Integer: "integers", Float: "floats", Number: "doubles", Text: "texts"}
_SHORT = 200
"""Clauses of names and texts that are no longer are shared between expressions."""
_MOST_RANGES = 3
"""So many runs of codes are compared one by one; more are looked up in a table."""


class ClauseKey(NamedTuple):
    """What tells clauses apart: two of the same key have the same verdicts.

    The literal is None where it is upstream's null string; in other dialects an empty text is a text.
    """

    name: str
    operator: str
    reading: Reading
    literal: int | float | str | None


class AttributeClause(ABC):
    """A condition on the value of one attribute, ready to run over columns.

    Attributes
    ----------
    key : ClauseKey
        What tells it from others.
    needs : tuple of Need
        The views that it reads.
    """

    __slots__ = ()
    key: ClauseKey
    needs: tuple[Need, ...]

    @abstractmethod
    def test(self, value: Any) -> bool:
        """Test one value, as the closures do."""

    @abstractmethod
    def verdicts(self, *views: View) -> Words:
        """Return the verdicts on all slots, by the views of the needs; those of refused slots mean nothing.

        Raises
        ------
        LimitError
            When a glob takes too many steps.
        """


class ColumnClause(AttributeClause):
    """One comparison, ready to run over columns.

    Parameters
    ----------
    comparison : Comparison
        What to compile, of any dialect.
    meaning : Meaning
        What the dialect makes of it.

    Attributes
    ----------
    need : Need
        The only view that it reads.
    """

    __slots__ = ("_clause", "_comparison", "key", "need", "needs")

    def __init__(self, comparison: Comparison, meaning: Meaning = OPENNEBULA) -> None:
        name, operator, literal = comparison.attribute.name, comparison.operator, comparison.literal
        reading = _READINGS[type(literal)]
        is_null = meaning.null_text and literal.value == ""
        self.key = ClauseKey(name, operator, reading, None if is_null else literal.value)
        self.need = Need(name, reading, operator == "@>")
        self.needs = (self.need,)
        self._comparison = comparison
        self._clause: Clause | None = None

    def test(self, value: Any) -> bool:
        """Test one value, as the closures do."""
        if self._clause is None:
            self._clause = compile_clause(self._comparison, OPENNEBULA if self.key.literal is None else EXTENDED)
        return self._clause.test(value)

    def verdicts(self, *views: View) -> Words:
        """Return the verdicts on all slots."""
        (view,) = views
        test = self._text_test(view) if view.texts is not None else self._number_test(view)
        if view.offsets is None:
            words = where(test, view)
        else:
            words = _some(test, view, view.offsets)
        if view.odd:
            length = len(view.array if view.offsets is None else view.offsets[1:])
            words = with_verdicts(words, {slot: self.test(value) for slot, value in view.odd.items()}, length)
        return words

    def _number_test(self, view: View) -> Test | bool:
        operator, literal, kind = self.key.operator, self.key.literal, view.array.dtype
        assert isinstance(literal, int | float)
        compare = COMPARE[operator]
        if self.key.reading == "doubles":
            if kind.kind == "f":
                exactly = np.float64(literal)  # of a Python float numpy would make what the array holds
                return lambda run, verdicts: compare(run, exactly, out=verdicts)
            return _whole_test(operator, literal, kind)
        if isinstance(literal, float):
            single = np.float32(literal)
            if kind == np.float32:
                return lambda run, verdicts: compare(run, single, out=verdicts)
            return lambda run, verdicts: compare(run.astype(np.float32), single, out=verdicts)
        return _integer_test(operator, literal, kind)

    def _text_test(self, view: View) -> Test | bool:
        texts, literal = view.texts, self.key.literal
        assert texts is not None
        if literal is None:
            return False  # nothing is ever equal to the null string, or different from it
        assert isinstance(literal, str)
        ranges = _same(literal, texts) if self.key.operator == "==" else matching_codes(literal, texts)
        if self.key.operator == "!=":
            edges = [1, *(edge for begin_end in ranges for edge in begin_end), len(texts) + 1]
            ranges = [(begin, end) for begin, end in zip(edges[::2], edges[1::2], strict=True) if begin < end]
        return code_test(ranges, view)


def column_clause(comparison: Comparison, meaning: Meaning = OPENNEBULA) -> ColumnClause:
    """Return a comparison, ready to run over columns; mostly the one that another expression has as well."""
    name, literal = comparison.attribute.name, comparison.literal
    if len(name) > _SHORT or (isinstance(literal, Text) and len(literal.value) > _SHORT):
        return ColumnClause(comparison, meaning)
    return _shared(name, comparison.operator, type(literal), literal.value, meaning.null_text)  # type: ignore[arg-type]


@lru_cache(4_096)
def _shared(name: str, operator: str, kind: Any, value: Any, null_text: bool) -> ColumnClause:
    return ColumnClause(Comparison(Attribute(name), operator, kind(value)), OPENNEBULA if null_text else EXTENDED)


def _integer_test(operator: str, literal: int, kind: np.dtype[Any]) -> Test | bool:
    """Compare whole numbers of a type with one that it may not hold."""
    lowest, highest = LIMITS[kind]
    if not lowest <= literal <= highest:
        return (
            operator == "!=" or (operator in (">", ">=") and literal < 0) or (operator in ("<", "<=") and literal > 0)
        )
    compare, exact = COMPARE[operator], kind.type(literal)
    return lambda run, verdicts: compare(run, exact, out=verdicts)


def _whole_test(operator: str, literal: float, kind: np.dtype[Any]) -> Test | bool:
    """Compare whole numbers with a double, as a whole number with which they compare alike."""
    below = math.floor(literal)
    if below == literal:
        return _integer_test(operator, below, kind)
    if operator in ("=", "==", "@>", "!="):
        return operator == "!="
    return _integer_test("<=" if operator in ("<", "<=") else ">", below, kind)


def where(test: Test | bool, view: View) -> Words:
    """Return the verdicts of a test on each element."""
    if test is False:
        return nothing(len(view.array))
    words = everything(len(view.array)) if test is True else packed_test(view.array, test)
    return words if view.present is None else words & view.present


def _some(test: Test | bool, view: View, offsets: Array) -> Words:
    """Return whether some element of each slot passes a test."""
    passed = np.full(len(view.array), test is True)
    if not isinstance(test, bool):
        test(view.array, passed)
    before = np.concatenate((np.zeros(1, np.int64), np.cumsum(passed)))
    return pack(before[offsets[1:]] > before[offsets[:-1]])


def matching_codes(pattern: str, texts: list[str]) -> list[tuple[int, int]]:
    """Return the codes of the texts that a pattern matches, as runs from one to before another."""
    glob = Glob(pattern)
    prefix = glob.prefix
    if prefix is not None:
        length = len(prefix)
        begin = bisect_left(texts, prefix)
        end = bisect_right(texts, prefix, key=lambda text: text[:length])
    elif glob.exact is not None:
        return _same(pattern, texts)
    else:
        verdicts = np.fromiter(map(glob.matches, texts), np.int8, len(texts))
        edges = np.flatnonzero(np.diff(verdicts, prepend=0, append=0)) + 1
        return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
    return [(begin + 1, end + 1)] if begin < end else []


def _same(text: str, texts: list[str]) -> list[tuple[int, int]]:
    """Return the code of a text as a run, if there is one."""
    place = bisect_left(texts, text)
    return [(place + 1, place + 2)] if place < len(texts) and texts[place] == text else []


def code_test(ranges: list[tuple[int, int]], view: View) -> Test | bool:
    """Return a test of codes: whether they lie in one of some runs, from one code to before another."""
    assert view.texts is not None
    if not ranges:
        return False
    top = len(view.texts) + 1
    if len(ranges) <= _MOST_RANGES:
        return _in_ranges(ranges, top, view.array.dtype.type)
    table = np.zeros(top, np.bool_)
    for begin, end in ranges:
        table[begin:end] = True
    if view.array.dtype == np.uint8:
        wanted = bytes(table) + bytes(256 - top)
        return lambda run, verdicts: np.copyto(verdicts, np.frombuffer(run.tobytes().translate(wanted), np.bool_))
    return lambda run, verdicts: table.take(run, out=verdicts, mode="clip")


def _in_ranges(ranges: list[tuple[int, int]], top: int, kind: Any) -> Test:
    tests = [_in_range(begin, end, top, kind) for begin, end in ranges]
    if len(tests) == 1:
        return tests[0]

    def some(run: Array, verdicts: npt.NDArray[np.bool_]) -> None:
        tests[0](run, verdicts)
        others = np.empty_like(verdicts)
        for test in tests[1:]:
            test(run, others)
            np.logical_or(verdicts, others, out=verdicts)

    return some


def _in_range(begin: int, end: int, top: int, kind: Any) -> Test:
    low, width = kind(begin), kind(end - begin)
    if end - begin == 1:
        return lambda run, verdicts: np.equal(run, low, out=verdicts)
    if end == top:
        return lambda run, verdicts: np.greater_equal(run, low, out=verdicts)

    def within(run: Array, verdicts: npt.NDArray[np.bool_]) -> None:
        distances = verdicts.view(np.uint8) if run.dtype == np.uint8 else np.empty_like(run)
        np.subtract(run, low, out=distances)  # what is below wraps around to above
        np.less(distances, width, out=verdicts)

    return within
