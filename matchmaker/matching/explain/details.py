"""What there is to say about single candidates: worked out when somebody looks at them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple, overload

from matchmaker.attributes.lookup import Lookup
from matchmaker.engine.arithmetic import Score
from matchmaker.engine.clauses import compile_clause
from matchmaker.engine.meanings import Meaning
from matchmaker.engine.tracing import State, seen, shown, traced
from matchmaker.errors import CandidateError
from matchmaker.language.nodes import Chain, Comparison, Node, Not
from matchmaker.language.printer import print_tree
from matchmaker.matching.explain import bits
from matchmaker.matching.explain.clauses import NumberedClause
from matchmaker.matching.explain.opaque import OpaqueCondition
from matchmaker.matching.explain.read_conditions import read
from matchmaker.matching.explain.report import AheadOf, ClauseVerdict, ExplainedCandidate, Reading
from matchmaker.matching.explain.tally import Evidence
from matchmaker.matching.explain.terms import RankTerm, precedence
from matchmaker.matching.explain.verdicts import Verdicts
from matchmaker.matching.snapshots import Snapshot

MOST_READINGS = 50
"""So many comparisons of a clause are shown."""


class Ranked(NamedTuple):
    """The slots of the matches, in order, and their scores; None without a rank."""

    slots: Sequence[int]
    scores: Sequence[Score] | None

    @property
    def unscored(self) -> int:
        """How many have no score."""
        return 0 if self.scores is None else self.scores.count(None)


class Details(Sequence[ExplainedCandidate]):
    """The candidates of one version of a pool, in order, each explained when it is asked for.

    Parameters
    ----------
    snapshot : Snapshot
        The version.
    clauses : sequence of NumberedClause
        What they must meet.
    evidence : Evidence
        What came of it.
    ranking : Ranked
        Those that match, in order.
    terms : sequence of RankTerm
        The terms of the rank.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        clauses: Sequence[NumberedClause],
        evidence: Evidence,
        ranking: Ranked,
        terms: Sequence[RankTerm],
    ) -> None:
        self._snapshot = snapshot
        self._candidates, self._slots = snapshot.listed()
        self._ranking = ranking
        self._terms = terms
        self._name = snapshot.kind.lookup("NAME")
        self._failing = [_Octets(each) for each in evidence.verdicts]
        self._tracers: list[_Tracer] = []
        for clause, verdicts, alternatives in zip(clauses, evidence.verdicts, evidence.alternatives, strict=True):
            if len(clauses) == 1 and clause.alternatives:
                pairs = zip(clause.alternatives, alternatives, strict=True)
                self._tracers += [_Tracer(tree, each, snapshot, clause.meaning) for tree, each in pairs]
            else:
                self._tracers.append(_Tracer(clause.tree, verdicts, snapshot, clause.meaning))
        self._places: dict[int, int] | None = None
        self._keys: dict[Any, int] | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        """Return what there is to say about all of them; what it was found in stays here."""
        return list, (list(self),)

    def __len__(self) -> int:
        return len(self._slots)

    @overload
    def __getitem__(self, index: int) -> ExplainedCandidate: ...
    @overload
    def __getitem__(self, index: slice) -> list[ExplainedCandidate]: ...
    def __getitem__(self, index: int | slice) -> ExplainedCandidate | list[ExplainedCandidate]:
        if isinstance(index, slice):
            return [self._explained(position) for position in range(*index.indices(len(self)))]
        return self._explained(range(len(self))[index])

    def first(self, count: int) -> list[ExplainedCandidate]:
        """Return the best matches, so many if there are."""
        positions = {slot: position for position, slot in enumerate(self._slots)}
        return [self._explained(positions[slot]) for slot in self._ranking.slots[:count]]

    def position(self, key: Any) -> int | None:
        """Return the place of a key's candidate in the pool, None when there is none."""
        if self._keys is None:
            keys = self._snapshot.keys
            self._keys = {keys[slot]: position for position, slot in enumerate(self._slots)}
        try:
            return self._keys.get(key)
        except Exception:  # whatever a stranger's object does when hashed
            return None

    def _place(self, slot: int) -> int | None:
        """Return the place in the ranking of the candidate in a slot, from 0; None when it does not match."""
        if self._places is None:
            self._places = {each: place for place, each in enumerate(self._ranking.slots)}
        return self._places.get(slot)

    def _explained(self, position: int) -> ExplainedCandidate:
        candidate, slot = self._candidates[position], self._slots[position]
        place = self._place(slot)
        score, ahead_of = None, None
        contributions: tuple[float | None, ...] = ()
        if place is not None:
            score, contributions = self._scored(place)
            if place + 1 < len(self._ranking.slots):
                other_score, others = self._scored(place + 1)
                reason = precedence(self._terms, (score, other_score), (contributions, others))
                behind = self._ranking.slots[place + 1]
                name = _shown(self._name, self._snapshot.rows[behind])
                ahead_of = AheadOf(self._snapshot.keys[behind], name, reason)
        failing = tuple(number for number, verdicts in enumerate(self._failing, 1) if verdicts.state(slot) != "pass")
        return ExplainedCandidate(
            self._snapshot.keys[slot],
            _shown(self._name, candidate),
            position,
            place is not None,
            None if place is None else place + 1,
            score,
            failing,
            tuple(tracer.verdict(candidate, slot) for tracer in self._tracers),
            contributions,
            ahead_of,
        )

    def _scored(self, place: int) -> tuple[Score, tuple[float | None, ...]]:
        """Return the score of the match at a place in the ranking, and what each term contributes to it."""
        if self._ranking.scores is None:
            return None, ()
        candidate = self._snapshot.rows[self._ranking.slots[place]]
        return self._ranking.scores[place], tuple(_measured(term, candidate) for term in self._terms)


class _Octets:
    """The verdicts of a clause, ready to be asked for one slot after the other."""

    def __init__(self, verdicts: Verdicts) -> None:
        states: tuple[State, ...] = ("pass", "missing", "unconverted", "unreadable")
        sets = zip(states, verdicts, strict=True)
        self._octets = [(state, bits.octets_of(members)) for state, members in sets if members]

    def state(self, slot: int) -> State:
        return next((state for state, octets in self._octets if bits.holds(octets, slot)), "false")


class _Tracer:
    """Tells what a clause, or an alternative, says about one candidate."""

    def __init__(self, tree: Node, verdicts: Verdicts, snapshot: Snapshot, meaning: Meaning) -> None:
        self._octets = _Octets(verdicts)
        kind = snapshot.kind
        self._comparisons: list[tuple[str, Comparison, Lookup, Any]] = []
        self._others: list[tuple[str, OpaqueCondition]] = []
        for condition in islice(_conditions(tree), MOST_READINGS):
            text = print_tree(condition)
            if isinstance(condition, Comparison):
                test = traced(condition, compile_clause(condition, meaning).test)
                self._comparisons.append((text, condition, kind.lookup(condition.attribute.name), test))
            else:
                self._others.append((text, OpaqueCondition(condition, kind, meaning)))

    def verdict(self, candidate: Any, slot: int) -> ClauseVerdict:
        readings: list[Reading] = []
        for text, comparison, lookup, state in self._comparisons:
            value = read(lookup, candidate)
            found = seen(comparison, value)
            readings.append(
                Reading(text, comparison.attribute.name, found.value, found.read_as, found.note, state(value))
            )
        for text, condition in self._others:
            values = {name: _shown(lookup, candidate) for name, lookup in condition.lookups.items()}
            value = next(iter(values.values())) if len(values) == 1 else _listed(values)
            readings.append(Reading(text, ", ".join(values), value, None, "", condition.state(candidate)))
        return ClauseVerdict(self._octets.state(slot), tuple(readings))


def _conditions(tree: Node) -> Iterator[Node]:
    """Yield the conditions that `&`, `|` and `!` join, in text order."""
    pending = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, Not):
            pending.append(node.operand)
        elif isinstance(node, Chain):
            pending.extend(reversed(node.operands))
        else:
            yield node


def _shown(lookup: Lookup, candidate: Any) -> str | None:
    value = read(lookup, candidate)
    return value.message if isinstance(value, CandidateError) else shown(value)


def _listed(values: dict[str, str | None]) -> str | None:
    return ", ".join(f"{name} = {'-' if value is None else value}" for name, value in values.items()) or None


def _measured(term: RankTerm, candidate: Any) -> float | None:
    try:
        return term.measure(candidate)
    except CandidateError:
        return None
