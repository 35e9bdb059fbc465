"""The verdicts of conditions on candidates that are looked at one by one, as the closures do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from matchmaker.attributes.values import SpecialValue, Value, texts
from matchmaker.engine.clauses import compile_clause
from matchmaker.engine.meanings import Meaning
from matchmaker.engine.tracing import State, is_missing, readings_of, traced
from matchmaker.errors import CandidateError
from matchmaker.language.nodes import Comparison, Node
from matchmaker.matching.explain import bits
from matchmaker.matching.explain.opaque import OpaqueCondition
from matchmaker.matching.explain.verdicts import Verdicts
from matchmaker.matching.snapshots import Snapshot

_MOST_NAMES = 64
"""So many attributes are kept of all candidates; a requirement may name very many."""


class ReadConditions:
    """What can be told of the candidates of one version of a pool by reading their attributes.

    Parameters
    ----------
    snapshot : Snapshot
        The version.

    Attributes
    ----------
    alive : int
        The slots that hold a candidate.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self._kind = snapshot.kind
        self._candidates, self._slots = snapshot.listed()
        self._values: dict[str, list[Value]] = {}
        self.alive = self._set([True] * len(self._slots))

    def verdicts(self, condition: Node, meaning: Meaning) -> Verdicts:
        """Return the verdicts of a condition of some dialect on all candidates."""
        if not isinstance(condition, Comparison):
            state = OpaqueCondition(condition, self._kind, meaning).state
            return self._verdicts([state(candidate) for candidate in self._candidates])
        state_of = traced(condition, compile_clause(condition, meaning).test)
        return self._verdicts(list(map(state_of, self._values_of(condition.attribute.name))))

    def found(self, name: str) -> int:
        """Return the candidates that have an attribute."""
        return self._set([not is_missing(value) for value in self._values_of(name)])

    def numbers(self, comparison: Comparison, members: int) -> list[float]:
        """Return the numbers that a comparison reads, of those of some candidates that have one."""
        values, readings, name = (
            self._values_of(comparison.attribute.name),
            readings_of(comparison),
            comparison.attribute.name,
        )
        octets = bits.octets_of(members)
        found = []
        for value, slot in zip(values, self._slots, strict=True):
            if bits.holds(octets, slot) and not isinstance(value, SpecialValue):
                found.extend(list(_first(readings, value, name)))
        return found

    def texts(self, name: str, *, several: bool) -> Counter[str]:
        """Return how many candidates have which text as an attribute's first value, or as any of its values."""
        found: Counter[str] = Counter()
        for value in self._values_of(name):
            if not isinstance(value, SpecialValue | CandidateError):
                try:
                    found.update(set(texts(value, name)) if several else _first(texts, value, name))
                except CandidateError:
                    continue
        return found

    def _values_of(self, name: str) -> list[Value]:
        """Return an attribute of all candidates, a `CandidateError` where reading it failed."""
        values = self._values.get(name)
        if values is None:
            lookup = self._kind.lookup(name)
            try:
                values = [lookup(candidate) for candidate in self._candidates]
            except CandidateError:
                values = [read(lookup, candidate) for candidate in self._candidates]
            if len(self._values) >= _MOST_NAMES:
                self._values.clear()
            self._values[name] = values
        return values

    def _verdicts(self, states: Sequence[State]) -> Verdicts:
        sets = {state: self._set([each == state for each in states]) for state in set(states)}
        return Verdicts(
            sets.get("pass", 0), sets.get("missing", 0), sets.get("unconverted", 0), sets.get("unreadable", 0)
        )

    def _set(self, flags: Sequence[bool]) -> int:
        if isinstance(self._slots, range):
            return bits.of_flags(flags)
        return bits.of_slots(slot for slot, flag in zip(self._slots, flags, strict=True) if flag)


def _first(readings: Callable[[Value, str], Any], value: Value, name: str) -> list[Any]:
    """Return the first reading of a value, if there is one."""
    try:
        return [next(readings(value, name))]
    except (StopIteration, CandidateError):
        return []


def read(lookup: Callable[[Any], Value], candidate: Any) -> Value:
    """Return an attribute of a candidate, a `CandidateError` when reading it failed."""
    try:
        return lookup(candidate)
    except CandidateError as error:
        return error
