"""Comparisons that the candidates of a pool all meet, or none of them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from itertools import islice
from typing import Any, NamedTuple

from matchmaker.attributes.globs import Glob
from matchmaker.attributes.lookup import IDENTIFIER
from matchmaker.attributes.values import SpecialValue, doubles, floats, integers, texts
from matchmaker.checking.logic.groups import as_comparisons
from matchmaker.checking.logic.patterns import Patterns
from matchmaker.checking.schema import Schema
from matchmaker.diagnostics import Diagnostic, shorten
from matchmaker.errors import CandidateError
from matchmaker.language.nodes import Attribute, Comparison, Float, Integer, Membership, Node, Text, walk
from matchmaker.limits import tick
from matchmaker.matching.pool import Pool
from matchmaker.source import Source, Span

_MOST_READ = 5_000_000
"""So many values are read at most; about attributes beyond that nothing is said."""
_MOST_COMPARED = 1_000
"""So many texts, or names, are looked through for one like another."""
_MOST_LISTED = 4
_WIDTH = 24


class _Held(NamedTuple):
    """What the candidates of a pool hold, read in one way: sorted, each value once."""

    first: Sequence[Any]
    """Of each candidate the value that comparisons other than `@>` see."""
    all: Sequence[Any]
    has: bool
    """Whether some candidate has the attribute, whatever its values."""


class PoolFindings:
    """Compares the comparisons of an expression with a pool.

    Parameters
    ----------
    source : Source
        The expression.
    pool : Pool
        The candidates.
    schema : Schema or None
        Where units and known names are.
    """

    def __init__(self, source: Source, pool: Pool, schema: Schema | None) -> None:
        self._text = source.text
        self._candidates = list(pool)
        self._kind = pool.kind
        self._schema = schema or Schema()
        self._told = schema is not None
        self._patterns = Patterns()
        self._held: dict[tuple[str, Callable[..., Any]], _Held | None] = {}
        self._left = _MOST_READ
        self._names: list[str] | None = None
        self._compared = 0

    def findings(self, tree: Node) -> Iterator[Diagnostic]:
        """Yield a warning for each comparison whose value is outside of what the candidates have."""
        compared: set[Span] = set()
        for node in walk(tree) if self._candidates else ():
            if isinstance(node, Comparison):
                compared.add(node.attribute.span)
                yield from self._finding(node)
            elif isinstance(node, Membership):
                for comparison in as_comparisons(node):
                    compared.add(comparison.attribute.span)
                    yield from self._finding(comparison)
            elif isinstance(node, Attribute) and node.span not in compared:
                held = self._values(node.name, floats)
                if held is not None and not held.has:
                    yield from self._missing(node.name, node.span)

    def _finding(self, comparison: Comparison) -> Iterator[Diagnostic]:
        name, literal = comparison.attribute.name, comparison.literal
        read = _READERS.get(type(literal), doubles)
        held = self._values(name, read)
        if held is None:
            return
        shown = self._shown(comparison)
        missed = f"no candidate of the pool meets `{shown}`"
        if not held.has:
            yield from self._missing(name, comparison.attribute.span)
        elif not held.first:
            yield self._warning(comparison.span, missed, f"`{shorten(name, _WIDTH)}` is no number there")
        elif isinstance(literal, Text):
            yield from self._about_texts(comparison, literal.value, held, missed)
        else:
            yield from self._about_numbers(comparison, held, missed)

    def _missing(self, name: str, span: Span) -> Iterator[Diagnostic]:
        if (
            not self._told or name in self._schema or not IDENTIFIER.fullmatch(name)
        ):  # else it is told that it is unknown
            message = f"no candidate of the pool has `{shorten(name, 40)}`"
            yield Diagnostic("MM218", "warning", span, message, "", self._near_name(name))

    def _about_numbers(self, comparison: Comparison, held: _Held, missed: str) -> Iterator[Diagnostic]:
        name, operator, number = comparison.attribute.name, comparison.operator, comparison.literal.value
        values = held.all if operator == "@>" else held.first
        below, above = bisect_left(values, number), len(values) - bisect_right(values, number)
        equal = len(values) - below - above
        met = {"<": below, "<=": below + equal, ">": above, ">=": above + equal, "!=": below + above}.get(
            operator, equal
        )
        label = self._range(name, values)
        if not met:
            yield self._warning(comparison.span, missed, label)
        elif met == len(values) and not equal and (operator == "!=" or not (below and above)):
            shown = shorten(name, _WIDTH)
            message = f"every candidate of the pool that has `{shown}` meets `{self._shown(comparison)}`"
            yield self._warning(comparison.span, message, label)

    def _about_texts(self, comparison: Comparison, pattern: str, held: _Held, missed: str) -> Iterator[Diagnostic]:
        name, operator = comparison.attribute.name, comparison.operator
        values = held.all if operator == "@>" else held.first
        exact = operator == "==" or Glob(pattern).exact is not None
        matching = [value == pattern if exact else self._patterns.match(pattern, value) for value in values]
        if None in matching or not pattern:
            return
        label = self._like(name, pattern, values)
        if operator == "!=":
            if all(matching):
                yield self._warning(comparison.span, missed, label)
            elif not any(matching):
                message = f"`{self._shown(comparison)}` leaves out no candidate of the pool that has it"
                yield self._warning(comparison.span, message, label)
        elif not any(matching):
            yield self._warning(comparison.span, missed, label)

    def _values(self, name: str, read: Callable[..., Any]) -> _Held | None:
        """Return what the candidates hold; None when that cannot be told."""
        key = name, read
        if key not in self._held:
            self._left -= len(self._candidates)
            self._held[key] = self._read(name, read) if self._left >= 0 else None
        return self._held[key]

    def _read(self, name: str, read: Callable[..., Any]) -> _Held | None:
        tick()
        lookup = self._kind.lookup(name)
        first: set[Any] = set()
        everything: set[Any] = set()
        has = False
        try:
            for candidate in self._candidates:
                value = lookup(candidate)
                if isinstance(value, SpecialValue):
                    return None
                readings = list(read(value, name))
                first.update(readings[:1])
                everything.update(readings)
                has = has or bool(readings) or next(texts(value, name), None) is not None
        except CandidateError:
            return None
        return _Held(sorted(first), sorted(everything), has)

    def _range(self, name: str, values: Sequence[Any]) -> str:
        info = self._schema.get(name)
        unit = f" {info.unit}" if info is not None and info.unit else ""
        shown = shorten(name, _WIDTH)
        if len(values) == 1:
            return f"`{shown}` is {_number(values[0])}{unit} there"
        return f"`{shown}` goes from {_number(values[0])} to {_number(values[-1])}{unit} there"

    def _like(self, name: str, pattern: str, values: Sequence[str]) -> str:
        """Return what texts the candidates have: those like the pattern, or else the first ones."""
        near: list[str] = []
        if self._may_compare() and len(pattern) <= 60:
            short = islice((value for value in values if len(value) <= 60), _MOST_COMPARED)
            near = get_close_matches(pattern, short, _MOST_LISTED, 0.6)
        listed = [f"`{shorten(value, _WIDTH)}`" for value in (near or values)[:_MOST_LISTED]]
        more = ", ..." if len(values) > len(listed) else ""
        return f"`{shorten(name, _WIDTH)}` is {', '.join(listed)}{more} there"

    def _may_compare(self) -> bool:
        self._compared += 1
        return self._compared <= 100

    def _near_name(self, name: str) -> tuple[str, ...]:
        """Return the hint that a known name is like an unknown one."""
        if not self._may_compare():
            return ()
        if self._names is None:
            known = dict.fromkeys(self._schema)
            for candidate in self._candidates[:100]:
                if isinstance(candidate, Mapping):
                    known.update(dict.fromkeys(key for key in candidate if isinstance(key, str)))
            self._names = list(known)[:_MOST_COMPARED]
        found = Schema(self._names).near(name)
        return (f"did you mean `{shorten(found)}`?",) if found is not None and found != name else ()

    @staticmethod
    def _warning(span: Span, message: str, label: str) -> Diagnostic:
        return Diagnostic("MM218", "warning", span, message, label)

    def _shown(self, comparison: Comparison) -> str:
        name = self._text[slice(*comparison.attribute.span)]
        literal = self._text[slice(*comparison.literal.span)]
        return f"{shorten(name, _WIDTH)} {comparison.operator} {shorten(literal, _WIDTH)}"


_READERS: dict[type[Node], Callable[..., Any]] = {Integer: integers, Float: floats, Text: texts}


def _number(number: float) -> str:
    return str(number) if isinstance(number, int) else f"{number:.9g}"
