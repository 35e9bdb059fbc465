"""The verdicts of conditions on the columns of a pool; the answers are those of `ReadConditions`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import islice

import numpy as np

from matchmaker.attributes.values import SpecialValue
from matchmaker.engine.bitmaps import Words, unpacked
from matchmaker.engine.clauses import compile_clause
from matchmaker.engine.columns import Need, View, readings
from matchmaker.engine.meanings import Meaning
from matchmaker.engine.tracing import State, traced
from matchmaker.engine.verdicts import column_clause
from matchmaker.language.nodes import Comparison, Node, Text, leaves
from matchmaker.matching.explain import bits
from matchmaker.matching.explain.clauses import NumberedClause
from matchmaker.matching.explain.read_conditions import ReadConditions, read
from matchmaker.matching.explain.verdicts import Verdicts
from matchmaker.matching.snapshots import Snapshot
from matchmaker.matching.table import Table

_MOST_NEEDS = 64
"""Of a longer requirement the columns are built one after the other."""


class ColumnConditions:
    """What can be told of the candidates of one version of a pool by its columns.

    Parameters
    ----------
    snapshot : Snapshot
        The version.
    table : Table
        Its columns.
    clauses : iterable of NumberedClause
        What will be asked: it is cheaper to build columns together.

    Attributes
    ----------
    alive : int
        The slots that hold a candidate.
    """

    def __init__(self, snapshot: Snapshot, table: Table, clauses: Iterable[NumberedClause]) -> None:
        self._snapshot = snapshot
        self._table = table
        comparisons = (leaf for clause in clauses for leaf in leaves(clause.tree) if isinstance(leaf, Comparison))
        self._needs = frozenset(column_clause(each).need for each in islice(comparisons, _MOST_NEEDS))
        self._one_by_one: ReadConditions | None = None
        self.alive = _integer(table.alive)

    def verdicts(self, condition: Node, meaning: Meaning) -> Verdicts:
        """Return the verdicts of a condition of some dialect on all candidates.

        Raises
        ------
        LimitError
            When a glob takes too many steps.
        """
        if not isinstance(condition, Comparison):
            return self._read().verdicts(condition, meaning)
        clause = column_clause(condition, meaning)
        truth = self._table.truth(clause, self._needs if clause.need in self._needs else ())
        refused = bits.of_slots(truth.refused) & self.alive
        passing = _integer(truth.words) & self.alive & ~refused
        others = self._of_refused(condition, meaning, refused)
        missing = unconverted = 0
        if passing | refused != self.alive:
            view = self._table.view(clause.need)
            without = self.alive & ~(passing | refused | self._with_reading(view, clause.need))
            found = self.found(condition.attribute.name) if without and not isinstance(condition.literal, Text) else 0
            missing, unconverted = without & ~found, without & found
        return Verdicts(
            passing | others.passing, missing | others.missing, unconverted | others.unconverted, others.unreadable
        )

    def _of_refused(self, comparison: Comparison, meaning: Meaning, members: int) -> Verdicts:
        """Return the verdicts on candidates with values that cannot be read: of several values, that may not matter."""
        lookup = self._snapshot.kind.lookup(comparison.attribute.name)
        state_of = traced(comparison, compile_clause(comparison, meaning).test)
        states = {slot: state_of(read(lookup, self._snapshot.rows[slot])) for slot in bits.slots_of(members)}
        named: tuple[State, ...] = ("pass", "missing", "unconverted", "unreadable")
        return Verdicts(*(bits.of_slots(slot for slot, found in states.items() if found == state) for state in named))

    def found(self, name: str) -> int:
        """Return the candidates that have an attribute."""
        need = Need(name, "presence")
        view = self._table.view(need)
        return (self._with_reading(view, need) | bits.of_slots(view.refused)) & self.alive

    def numbers(self, comparison: Comparison, members: int) -> list[float]:
        """Return the numbers that a comparison reads, of those of some candidates that have one."""
        need = column_clause(comparison).need._replace(several=False)
        view = self._table.view(need)
        if view.odd or view.offsets is not None:
            return self._read().numbers(comparison, members)
        wanted = members & self.alive
        if view.present is not None:
            wanted &= _integer(view.present)
        length = self._table.length
        chosen = unpacked(np.frombuffer(wanted.to_bytes((length + 63) // 64 * 8, "little"), np.uint64), length)
        found = view.array[chosen]
        if need.reading != "integers":
            found = found.astype(np.float32 if need.reading == "floats" else np.float64)
        numbers: list[float] = found.tolist()
        return numbers

    def texts(self, name: str, *, several: bool) -> Counter[str]:
        """Return how many candidates have which text as an attribute's first value, or as any of its values."""
        view = self._table.view(Need(name, "texts"))
        if view.odd or view.lists or view.texts is None:
            return self._read().texts(name, several=several)
        counts = np.bincount(view.array, minlength=len(view.texts) + 1).tolist()
        return Counter({text: count for text, count in zip(view.texts, counts[1:], strict=True) if count})

    def _with_reading(self, view: View, need: Need) -> int:
        """Return the slots whose values can be read."""
        if view.offsets is not None:
            held = _integer_of_flags(view.offsets[1:] > view.offsets[:-1])
        elif view.texts is not None:
            held = _integer_of_flags(view.array > 0)
        elif view.present is None:
            held = self.alive
        else:
            held = _integer(view.present)
        odd = [slot for slot, value in view.odd.items() if isinstance(value, SpecialValue) or readings(value, need)]
        return (held & ~bits.of_slots(view.odd)) | bits.of_slots(odd)

    def _read(self) -> ReadConditions:
        if self._one_by_one is None:
            self._one_by_one = ReadConditions(self._snapshot)
        return self._one_by_one


def _integer(words: Words) -> int:
    return int.from_bytes(words.tobytes(), "little")


def _integer_of_flags(flags: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> int:
    return int.from_bytes(np.packbits(flags, bitorder="little").tobytes(), "little")
