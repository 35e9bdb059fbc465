"""One comparison over a column: the verdicts on all candidates at once."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from matchmaker.attributes.globs import Glob
from matchmaker.engine.bitmaps import Array, Test, Words, everything, nothing, pack, packed_test, with_verdicts
from matchmaker.engine.clauses import Clause, compile_clause
from matchmaker.engine.columns import LIMITS, Need, Reading, View
from matchmaker.language.nodes import Attribute, Comparison, Float, Integer, Text

_COMPARE: dict[str, Any] = {
    "=": np.equal,
    "@>": np.equal,
    "!=": np.not_equal,
    ">": np.greater,
    "<": np.less,
}
_READINGS: dict[type, Reading] = {Integer: "integers", Float: "floats", Text: "texts"}
_SHORT = 200
"""Clauses of names and texts that are no longer are shared between expressions."""
_MOST_RANGES = 3
"""So many runs of codes are compared one by one; more are looked up in a table."""


class ClauseKey(NamedTuple):
    """What tells clauses apart: two of the same key have the same verdicts."""

    name: str
    operator: str
    reading: Reading
    literal: int | float | str


class ColumnClause:
    """One comparison, ready to run over columns.

    Attributes
    ----------
    key : ClauseKey
        What tells it from others.
    need : Need
        The view that it reads.
    """

    __slots__ = ("_clause", "_comparison", "key", "need")

    def __init__(self, comparison: Comparison) -> None:
        literal = comparison.literal
        reading = _READINGS[type(literal)]
        self.key = ClauseKey(comparison.attribute.name, comparison.operator, reading, literal.value)
        self.need = Need(comparison.attribute.name, reading, comparison.operator == "@>")
        self._comparison = comparison
        self._clause: Clause | None = None

    def test(self, value: Any) -> bool:
        """Test one value, as the closures do."""
        if self._clause is None:
            self._clause = compile_clause(self._comparison)
        return self._clause.test(value)

    def verdicts(self, view: View) -> Words:
        """Return the verdicts on all slots; those of refused slots mean nothing.

        Raises
        ------
        LimitError
            When a glob takes too many steps.
        """
        test = self._text_test(view) if view.texts is not None else self._number_test(view)
        if view.offsets is None:
            words = _where(test, view)
        else:
            words = _some(test, view, view.offsets)
        if view.odd:
            length = len(view.array if view.offsets is None else view.offsets[1:])
            words = with_verdicts(words, {slot: self.test(value) for slot, value in view.odd.items()}, length)
        return words

    def _number_test(self, view: View) -> Test | bool:
        operator, literal, kind = self.key.operator, self.key.literal, view.array.dtype
        assert not isinstance(literal, str)
        compare = _COMPARE[operator]
        if isinstance(literal, float):
            single = np.float32(literal)
            if kind == np.float32:
                return lambda run, verdicts: compare(run, single, out=verdicts)
            return lambda run, verdicts: compare(run.astype(np.float32), single, out=verdicts)
        lowest, highest = LIMITS[kind]
        if not lowest <= literal <= highest:
            return operator == "!=" or (operator == ">" and literal < 0) or (operator == "<" and literal > 0)
        exact = kind.type(literal)
        return lambda run, verdicts: compare(run, exact, out=verdicts)

    def _text_test(self, view: View) -> Test | bool:
        texts, literal = view.texts, self.key.literal
        assert texts is not None
        assert isinstance(literal, str)
        if not literal:
            return False  # nothing is ever equal to the null string, or different from it
        ranges = _matching(literal, texts)
        top = len(texts) + 1
        if self.key.operator == "!=":
            edges = [1, *(edge for begin_end in ranges for edge in begin_end), top]
            ranges = [(begin, end) for begin, end in zip(edges[::2], edges[1::2], strict=True) if begin < end]
        if not ranges:
            return False
        if len(ranges) <= _MOST_RANGES:
            return _in_ranges(ranges, top, view.array.dtype.type)
        table = np.zeros(top, np.bool_)
        for begin, end in ranges:
            table[begin:end] = True
        if view.array.dtype == np.uint8:
            wanted = bytes(table) + bytes(256 - top)
            return lambda run, verdicts: np.copyto(verdicts, np.frombuffer(run.tobytes().translate(wanted), np.bool_))
        return lambda run, verdicts: table.take(run, out=verdicts, mode="clip")


def column_clause(comparison: Comparison) -> ColumnClause:
    """Return a comparison, ready to run over columns; mostly the one that another expression has as well."""
    name, literal = comparison.attribute.name, comparison.literal
    if len(name) > _SHORT or (isinstance(literal, Text) and len(literal.value) > _SHORT):
        return ColumnClause(comparison)
    return _shared(name, comparison.operator, type(literal), literal.value)  # type: ignore[arg-type]


@lru_cache(4_096)
def _shared(name: str, operator: str, kind: Any, value: Any) -> ColumnClause:
    return ColumnClause(Comparison(Attribute(name), operator, kind(value)))


def _where(test: Test | bool, view: View) -> Words:
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


def _matching(pattern: str, texts: list[str]) -> list[tuple[int, int]]:
    """Return the codes of the texts that a pattern matches, as runs from one to before another."""
    glob = Glob(pattern)
    prefix = glob.prefix
    if prefix is not None:
        length = len(prefix)
        begin = bisect_left(texts, prefix)
        end = bisect_right(texts, prefix, key=lambda text: text[:length])
    elif glob.exact is not None:
        begin = bisect_left(texts, pattern)
        end = begin + (begin < len(texts) and texts[begin] == pattern)
    else:
        verdicts = np.fromiter(map(glob.matches, texts), np.int8, len(texts))
        edges = np.flatnonzero(np.diff(verdicts, prepend=0, append=0)) + 1
        return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
    return [(begin + 1, end + 1)] if begin < end else []


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
