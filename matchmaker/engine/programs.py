"""Which engine runs: a program is a tree compiled for candidates of one kind.

Closures begin. Trees too deep to recurse on run on the explicit stack. Once a program has looked at `PROMOTION` candidates,
or is given so many at once, a generated function takes over, where the tree is small enough.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from matchmaker.attributes.lookup import PLAIN, Kind
from matchmaker.collector import paused
from matchmaker.engine import closures, generated, stack
from matchmaker.engine.arithmetic import Score
from matchmaker.engine.clauses import compile_clause
from matchmaker.engine.closures import Predicate
from matchmaker.engine.meanings import OPENNEBULA, Meaning
from matchmaker.language.nodes import Comparison, Node, depth, leaves
from matchmaker.limits import tick

DEEPEST_CLOSURE = 100
"""The deepest tree that becomes nested closures."""
PROMOTION = 2_000
"""After how many candidates a generated function has paid for its compilation."""
PATIENCE = 4_096
"""How many unusual dicts a swift function may meet, one at a time, before the careful one takes its place."""
RETRIES = 3
"""How many loops the swift form may have to give up before it is not tried again."""


class RequirementProgram:
    """A requirement, compiled for candidates of one kind.

    Attributes
    ----------
    promoted : callable or None
        The generated function of one candidate, once there is one: what `matches` calls.
    """

    __slots__ = (
        "_clauses",
        "_closure",
        "_fits",
        "_kind",
        "_patience",
        "_retries",
        "_seen",
        "_sieves",
        "_tree",
        "promoted",
    )

    def __init__(self, tree: Node, kind: Kind, meaning: Meaning = OPENNEBULA) -> None:
        self._tree = tree
        self._kind = kind
        comparisons = list(comparisons_in(tree))
        engine = stack if depth(tree) > DEEPEST_CLOSURE else closures
        with paused(len(comparisons)):
            self._clauses = [compile_clause(comparison, meaning) for comparison in comparisons]
            tick()
            self._closure: Predicate = engine.compile_predicate(tree, kind, iter(self._clauses), meaning)
        self._seen = 0
        self._fits: bool | None = None
        self._patience = PATIENCE
        self._retries = RETRIES
        self._sieves: dict[bool, tuple[Any, Any]] = {}
        self.promoted: Predicate | None = None

    def matches(self, candidate: Any) -> bool:
        """Tell whether one candidate matches."""
        if self.promoted is not None:
            return self.promoted(candidate)
        if self._pays(1):
            if self._kind is PLAIN:
                self.promoted = generated.swift_predicate(self._tree, self._clauses, self._unusual)
            else:
                self.promoted = generated.predicate(self._tree, self._kind, self._clauses)
        return self._closure(candidate)

    def positions(self, candidates: Sequence[Any]) -> list[int]:
        """Return the positions of the candidates that match, in order."""
        return self._sift(candidates, numbered=True)

    def filter(self, candidates: Sequence[Any]) -> list[Any]:
        """Return the candidates that match, in order."""
        return self._sift(candidates, numbered=False)

    def _sift(self, candidates: Sequence[Any], *, numbered: bool) -> list[Any]:
        if not self._pays(len(candidates)):
            closure = self._closure
            if numbered:
                return [position for position, candidate in enumerate(candidates) if closure(candidate)]
            return [candidate for candidate in candidates if closure(candidate)]
        swift, careful = self._sieves.get(numbered) or self._generate(numbered)
        selected: list[Any] = []
        rest = iter(enumerate(candidates) if numbered else candidates)
        if (
            swift is not None
            and self._retries
            and swift(rest, selected.append, min(self._patience, 64 + len(candidates) // 8))
        ):
            self._retries -= 1  # perhaps there only were many texts to learn; the careful loop learns them, too
        careful(rest, selected.append)
        return selected

    def _generate(self, numbered: bool) -> tuple[Any, Any]:
        swift = None
        if self._kind is PLAIN:
            swift = generated.swift_sieve(self._tree, self._clauses, self._closure, numbered=numbered)
        careful = generated.sieve(self._tree, self._kind, self._clauses, numbered=numbered)
        self._sieves[numbered] = (swift, careful)
        return swift, careful

    def _pays(self, more: int) -> bool:
        """Count candidates that are to be looked at, and tell whether generated functions pay by now."""
        self._seen += more
        if self._seen < PROMOTION:
            return False
        if self._fits is None:
            self._fits = generated.fits(self._tree)
        return self._fits

    def _unusual(self, candidate: Any) -> bool:
        """Answer for a dict that the swift function could not; after too many of them, give it up."""
        self._patience -= 1
        if self._patience <= 0:  # below, where threads counted at once
            self.promoted = generated.predicate(self._tree, self._kind, self._clauses)
        return self._closure(candidate)


class RankProgram:
    """A rank, compiled for candidates of one kind.

    Attributes
    ----------
    measure : callable
        Returns what the rank comes to on a candidate, before it becomes a score.
    """

    __slots__ = ("_kind", "_meaning", "_scorer", "_seen", "_tree", "measure")

    def __init__(self, tree: Node, kind: Kind, meaning: Meaning = OPENNEBULA) -> None:
        self._tree = tree
        self._kind = kind
        self._meaning = meaning
        engine = stack if depth(tree) > DEEPEST_CLOSURE else closures
        with paused(sum(1 for _ in leaves(tree))):
            clauses = (compile_clause(comparison, meaning) for comparison in comparisons_in(tree))
            self.measure = engine.compile_measure(tree, kind, clauses, meaning)
        self._seen = 0
        self._scorer: Callable[[Iterable[Any]], list[Score]] | None = None

    def score(self, candidate: Any) -> Score:
        """Return one candidate's score."""
        return self.scores((candidate,))[0]

    def scores(self, candidates: Sequence[Any]) -> list[Score]:
        """Return the candidates' scores, in order."""
        if self._scorer is not None:
            return self._scorer(candidates)
        before = self._seen
        self._seen = before + len(candidates)
        if before < PROMOTION <= self._seen and self._meaning is OPENNEBULA and generated.fits(self._tree):
            self._scorer = generated.scorer(self._tree, self._kind)
            return self._scorer(candidates)
        measure, score = self.measure, self._meaning.score
        return [score(measure(candidate)) for candidate in candidates]


def comparisons_in(tree: Node) -> Iterator[Comparison]:
    """Yield the comparisons of a tree, in text order."""
    return (leaf for leaf in leaves(tree) if isinstance(leaf, Comparison))
