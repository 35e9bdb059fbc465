"""A version of a pool as columns, with the verdicts of clauses and the scores of ranks that were asked for.

Nothing of it is changed once it is made. The next table begins with all that this one has, and brings each piece up to date
when that is used again: only what reads an attribute that changed, and only for the candidates that changed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any

import numpy as np

from matchmaker.collector import paused
from matchmaker.engine import bitmaps, orders
from matchmaker.engine.bitmaps import Words
from matchmaker.engine.blocks import Slots, Sources
from matchmaker.engine.columnar import AnyClause, AnyRankColumns, RequirementColumns
from matchmaker.engine.columns import Need, View
from matchmaker.engine.extended_columns import ColumnCondition, DoubleRankColumns
from matchmaker.engine.verdicts import ClauseKey
from matchmaker.errors import CandidateError
from matchmaker.expressions import Rank
from matchmaker.matching.computed import Scored, Truth, stored, unscored_in
from matchmaker.matching.differences import Differences, dependencies
from matchmaker.matching.kept import Entry, Kept
from matchmaker.matching.rows import GONE
from matchmaker.matching.runs import built
from matchmaker.matching.snapshots import Snapshot

_FEW = 64
"""So many changes are made one by one, or a 64th of all; when there are more, computing everything anew is quicker."""
_MOST_CHANGES = 4_096


class Table:
    """The columns of one version of a pool.

    Parameters
    ----------
    snapshot : Snapshot
        The version.
    kept : Kept
        What is known of it, or of earlier versions.

    Attributes
    ----------
    length : int
        How many slots it has.
    alive : Words
        Which of them hold a candidate.
    current : int
        The number of the first change that it does not know of.
    spent : int
        What looking at later changes one by one has cost so far, in clauses.
    """

    __slots__ = ("_differences", "_kept", "_snapshot", "alive", "current", "length", "spent")

    def __init__(self, snapshot: Snapshot, kept: Kept) -> None:
        self._snapshot = snapshot
        self._kept = kept
        self._differences: dict[int, Differences | None] = {}
        self.spent = 0
        self.length = len(snapshot.rows)
        self.current = snapshot.logged
        self.alive = bitmaps.everything(self.length)
        if snapshot.count != self.length:
            held = np.ones(self.length, np.bool_)
            held[snapshot.rows.gone()] = False
            self.alive = bitmaps.pack(held)

    def following(self, snapshot: Snapshot) -> Table:
        """Return the table of a later version."""
        return Table(snapshot, self._kept.copy())

    def usage(self) -> tuple[int, int, int, int]:
        """Return the bytes of columns, the number of clauses, their bytes, and the bytes of scores and orders."""
        columns = clauses = truths = scored = 0
        for key, entry in self._kept.entries():
            if isinstance(key, Need):
                columns += entry.nbytes
            elif isinstance(key, ClauseKey) or key[0] == "condition":
                clauses += 1
                truths += entry.nbytes
            else:
                scored += entry.nbytes
        return columns, clauses, truths, scored

    def mask(self, requirement: RequirementColumns, hint: Collection[Need]) -> tuple[Words, frozenset[int]]:
        """Return which slots meet a requirement, and those where reading an attribute for it is an error.

        Parameters
        ----------
        requirement : RequirementColumns
            The requirement.
        hint : collection of Need
            What else will be read soon: it is cheaper to build views together.

        Raises
        ------
        LimitError
            When a glob takes too many steps.
        """
        refused: frozenset[int] = frozenset()

        def verdicts(clause: AnyClause) -> Words:
            nonlocal refused
            truth = self.truth(clause, hint)
            if truth.refused:
                refused |= truth.refused
            return truth.words

        return requirement.mask(verdicts, self.alive), refused

    def truth(self, clause: AnyClause, hint: Collection[Need] = ()) -> Truth:
        """Return the verdicts of one clause."""
        if isinstance(clause, ColumnCondition):
            return self._condition_truth(clause, hint)

        def change(truth: Truth, differences: Differences) -> Truth:
            return truth.changed(differences.values(clause.key.name), clause.test, self.length)

        truth: Truth | None = self._fresh(clause.key, change)
        if truth is None:
            views = [self.view(need, hint) for need in clause.needs]
            refused = [view.refused for view in views if view.refused]
            truth = Truth(clause.verdicts(*views), frozenset().union(*refused))
            self._keep(clause.key, truth, dependencies((clause.key.name,)), truth.nbytes)
        return truth

    def _condition_truth(self, condition: ColumnCondition, hint: Collection[Need]) -> Truth:
        """Return the verdicts of a condition that looks at several attributes."""
        key, names = ("condition", condition.key), dependencies(condition.names)

        def change(truth: Truth, differences: Differences) -> Truth:
            rows = {slot: self._snapshot.rows[slot] for slot in differences.slots(names)}
            kind = self._snapshot.kind
            return truth.changed(rows, lambda row: row is not GONE and condition.matches(row, kind), self.length)

        truth: Truth | None = self._fresh(key, change)
        if truth is None:
            words = condition.verdicts(self._sources(hint), self.length)
            truth = Truth(words, self._refused(condition, hint))
            self._keep(key, truth, names, truth.nbytes)
        return truth

    def view(self, need: Need, hint: Collection[Need] = ()) -> View:
        """Return a view, built if it is not there yet."""
        known = self._known_view(need)
        if known is not None:
            return known
        if need.several:
            single = self.view(need._replace(several=False), hint)
            if not single.lists:
                return self._alias(need, single)
        elif need.reading == "floats":
            twin = self._known_view(_twin(need))
            if twin is not None and twin.pure:
                return self._alias(need, twin)
        wanted = {need, *(each._replace(several=False) for each in hint)}
        wanted = {each for each in wanted if each == need or self._kept.get(each) is None}
        # Floats may turn out to be read like the whole numbers.
        views = self._build({each for each in wanted if _twin(each) not in wanted})
        if need in views:
            return views[need]
        twin = views[_twin(need)]
        return self._alias(need, twin) if twin.pure else self._build({need})[need]

    def _alias(self, need: Need, view: View) -> View:
        """Keep a view under another need as well, which it meets until something changes."""
        self._keep(need, view, dependencies((need.name,)), 200)
        return view

    def _build(self, needs: set[Need]) -> dict[Need, View]:
        with paused(self.length):
            views = built(self._snapshot, needs)
        for need, view in views.items():
            self._keep(need, view, dependencies((need.name,)), view.nbytes)
        return views

    def _sources(self, hint: Collection[Need]) -> Sources:
        return Sources(lambda need: self.view(need, hint), lambda clause: self.truth(clause, hint).words)

    def scored(self, rank: Rank, hint: Collection[Need] = ()) -> Scored:
        """Return the scores of a rank on all slots."""
        program = rank.columns
        names = dependencies(program.names)

        def change(scored: Scored, differences: Differences) -> Scored:
            slots = differences.slots(names)
            others, refused = dict(scored.others), scored.refused - slots
            for slot in slots:
                row = self._snapshot.rows[slot]
                others[slot] = 0
                try:
                    others[slot] = 0 if row is GONE else stored(rank.score(row))
                except CandidateError:
                    refused |= {slot}
            changed = Scored(scored.scores, scored.order, others, refused, scored.unscored)
            return changed if len(others) <= _FEW // 2 else changed.settled(self.length)

        scored: Scored | None = self._fresh(("rank", program.key), change)
        if scored is None:
            scores = self._scores(program, hint)
            scored = Scored(scores, None, {}, self._refused(program, hint), unscored_in(scores))
            self._keep(("rank", program.key), scored, names, scored.nbytes)
        return scored

    def scores_of(self, rank: Rank, slots: Slots) -> orders.Scores:
        """Return the scores of some slots; those behind the last get any."""
        program = rank.columns
        return self._scores(program, program.needs, slots)

    def _scores(self, program: AnyRankColumns, hint: Collection[Need], slots: Slots | None = None) -> orders.Scores:
        length = self.length if slots is None else len(slots)
        if isinstance(program, DoubleRankColumns):
            return program.scores(
                self._sources(hint), length, None if slots is None else np.minimum(slots, self.length - 1)
            )

        def load(name: str) -> bitmaps.Array:
            numbers = self.view(Need(name, "floats"), hint).loaded(name)
            return numbers if slots is None else numbers.take(slots, mode="clip")

        return program.scores(load, length)

    def asked_before(self, rank: Rank) -> bool:
        """Tell whether the scores of a rank were asked for before, and note that they are now."""
        key = ("asked", rank.columns.key)
        before = self._kept.get(key) is not None or self._kept.get(("rank", rank.columns.key)) is not None
        if not before:
            self._keep(key, None, frozenset(), 200)
        return before

    def ordered(self, rank: Rank) -> Scored:
        """Return the scores of a rank, with the order of the slots."""
        scored = self.scored(rank)
        if scored.order is None:
            scored = scored.settled(self.length) if scored.others else scored
            scored = replace(scored, order=orders.descending(scored.scores).astype(np.int32))
            self._keep(("rank", rank.columns.key), scored, dependencies(rank.columns.names), scored.nbytes)
        return scored

    def refused(self, rank: Rank, hint: Collection[Need] = ()) -> frozenset[int]:
        """Return the slots where reading an attribute for a rank is an error, without computing its scores."""
        if self._kept.get(("rank", rank.columns.key)) is not None:
            return self.scored(rank, hint).refused
        return self._refused(rank.columns, hint)

    def _refused(self, program: AnyRankColumns | ColumnCondition, hint: Collection[Need]) -> frozenset[int]:
        return frozenset().union(*(self.view(need, hint).refused for need in program.needs))

    def _known_view(self, need: Need) -> View | None:
        def change(view: View, differences: Differences) -> View | None:
            changed = view.changed(need, differences.values(need.name), self.length)
            grown = len(changed.odd) - len(view.odd)
            return None if grown and len(changed.odd) > _FEW + self.length // 64 else changed

        known: View | None = self._fresh(need, change)
        return known

    def _fresh(self, key: tuple[Any, ...], change: Callable[[Any, Differences], Any]) -> Any:
        """Return what is kept, brought up to date; None when it has to be computed."""
        entry = self._kept.get(key)
        if entry is None or entry.current <= self.current <= entry.until:
            return entry and entry.value
        differences = self._since(entry.until)
        if differences is None:
            return None
        if not differences.slots(entry.names):
            entry.until = self.current
            return entry.value
        value = change(entry.value, differences)
        if value is not None:  # an entry of its own even if it is the same again: it may have been another in between
            self._keep(key, value, entry.names, value.nbytes)
        return value

    def _since(self, current: int) -> Differences | None:
        """Return what changed since an earlier table; None when it is too much to go through."""
        if current not in self._differences:
            changes = self._snapshot.log.between(current, self.current)
            few = changes is not None and len(changes) <= min(_FEW + self.length // 64, _MOST_CHANGES)
            self._differences[current] = Differences(self._snapshot, changes) if changes is not None and few else None
        return self._differences[current]

    def _keep(self, key: tuple[Any, ...], value: Any, names: frozenset[str] | None, nbytes: int) -> None:
        texts = [part for part in key if isinstance(part, str)]  # a stranger wrote them, of any length
        nbytes += sum(text.__sizeof__() for text in texts)
        self._kept.put(key, Entry(value, names, self.current, nbytes))


def _twin(need: Need) -> Need:
    """Return what reads an attribute's whole numbers where this need reads its floats; an impossible need for others."""
    return need._replace(reading="integers") if need.reading == "floats" else need._replace(name="")
