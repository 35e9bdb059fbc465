"""Conditions of the extended dialect on the value of one attribute, over columns: comparisons, `in` and `exists`."""

from __future__ import annotations

from functools import reduce

import numpy as np

from matchmaker.attributes.values import Value, is_there
from matchmaker.engine.bitmaps import Array, Test, Words, everything, with_verdicts
from matchmaker.engine.columns import LIMITS, Need, Reading, View
from matchmaker.engine.conditions import compile_test, subject_of
from matchmaker.engine.meanings import EXTENDED
from matchmaker.engine.verdicts import AttributeClause, ClauseKey, code_test, column_clause, matching_codes, where
from matchmaker.language.nodes import Attribute, Comparison, Membership, Node, Number, Relation, Text


def attribute_clause(condition: Node) -> AttributeClause:
    """Return a condition whose subject is an attribute, ready to run over columns."""
    if isinstance(condition, Relation):
        assert isinstance(condition.left, Attribute)
        assert isinstance(condition.right, Number | Text)
        condition = Comparison(condition.left, condition.operator, condition.right)
    if isinstance(condition, Comparison):
        return column_clause(condition, EXTENDED)
    subject = subject_of(condition)
    assert isinstance(subject, Attribute)
    return Among(subject.name, condition) if isinstance(condition, Membership) else Exists(subject.name)


class Exists(AttributeClause):
    """Whether an attribute is there."""

    __slots__ = ("key", "needs")

    def __init__(self, name: str) -> None:
        self.key = ClauseKey(name, "exists", "presence", "")
        self.needs = (Need(name, "presence"),)

    def test(self, value: Value) -> bool:
        """Test one value, as the closures do."""
        return is_there(value, self.key.name)

    def verdicts(self, *views: View) -> Words:
        """Return the verdicts on all slots."""
        (view,) = views
        words = everything(len(view.array)) if view.present is None else view.present
        return with_verdicts(words, {slot: self.test(value) for slot, value in view.odd.items()}, len(view.array))


class Among(AttributeClause):
    """Whether an attribute equals one of some numbers and texts."""

    __slots__ = ("_numbers", "_test", "_texts", "key", "needs")

    def __init__(self, name: str, membership: Membership) -> None:
        literals = [item.value for item in membership.items if isinstance(item, Number | Text)]
        self._numbers = [value for value in literals if isinstance(value, float)]
        self._texts = [value for value in literals if isinstance(value, str)]
        self.key = ClauseKey(name, "in", "texts" if self._texts else "doubles", str(literals))
        readings: tuple[tuple[Reading, bool], ...] = (("doubles", bool(self._numbers)), ("texts", bool(self._texts)))
        self.needs = tuple(Need(name, reading) for reading, wanted in readings if wanted)
        self._test = compile_test(membership, EXTENDED)

    def test(self, value: Value) -> bool:
        """Test one value, as the closures do."""
        return self._test(value)

    def verdicts(self, *views: View) -> Words:
        """Return the verdicts on all slots."""
        words = [
            where(self._number_test(view) if view.texts is None else self._text_test(view), view) for view in views
        ]
        odd = {slot: self.test(value) for view in views for slot, value in view.odd.items()}
        return with_verdicts(reduce(np.bitwise_or, words), odd, len(views[0].array))

    def _number_test(self, view: View) -> Test:
        wanted: Array = np.array(self._numbers)
        kind = view.array.dtype
        if kind in LIMITS:
            lowest, highest = LIMITS[kind]
            wanted = wanted[(wanted == np.trunc(wanted)) & (lowest <= wanted) & (wanted <= highest)].astype(kind)
        return lambda run, verdicts: np.copyto(verdicts, np.isin(run, wanted))

    def _text_test(self, view: View) -> Test | bool:
        assert view.texts is not None
        return code_test([run for text in self._texts for run in matching_codes(text, view.texts)], view)
