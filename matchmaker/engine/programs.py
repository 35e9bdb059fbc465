"""Which engine runs: a program is a tree compiled for candidates of one kind.

Closures begin. Trees too deep to recurse on run on the explicit stack. Once a program has looked at `PROMOTION` candidates,
or is given so many at once, a generated function takes over, where the tree is small enough.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from matchmaker.attributes.lookup import PLAIN, Kind
from matchmaker.attributes.numbers import int32
from matchmaker.engine import closures, generated, stack
from matchmaker.engine.clauses import Clause, compile_clause
from matchmaker.engine.closures import Predicate
from matchmaker.language.nodes import Comparison, Node, depth, walk

DEEPEST_CLOSURE = 100
"""The deepest tree that becomes nested closures."""
PROMOTION = 2_000
"""After how many candidates a generated function has paid for its compilation."""
PATIENCE = 64
"""How many unusual candidates a swift function may meet before the careful one takes over."""


class RequirementProgram:
    """A requirement, compiled for candidates of one kind.

    Attributes
    ----------
    matches : callable
        Tells whether one candidate matches; another function takes its place as the program is used.
    """

    __slots__ = ("_clauses", "_closure", "_fits", "_kind", "_patience", "_seen", "_sieves", "_tree", "matches")

    _clauses: list[Clause]
    _closure: Predicate | None
    _fits: bool

    def __init__(self, tree: Node, kind: Kind) -> None:
        self._tree = tree
        self._kind = kind
        self._seen = 0
        self._closure = None
        self._patience = PATIENCE
        self._sieves: dict[bool, tuple[Any, Any]] = {}
        self.matches: Predicate = self._first

    def positions(self, candidates: Sequence[Any]) -> list[int]:
        """Return the positions of the candidates that match, in order."""
        return self._sift(candidates, numbered=True)

    def filter(self, candidates: Sequence[Any]) -> list[Any]:
        """Return the candidates that match, in order."""
        return self._sift(candidates, numbered=False)

    def _sift(self, candidates: Sequence[Any], *, numbered: bool) -> list[Any]:
        closure = self._closure or self._compile_closures()
        if not self._pays(len(candidates)):
            if numbered:
                return [position for position, candidate in enumerate(candidates) if closure(candidate)]
            return [candidate for candidate in candidates if closure(candidate)]
        swift, careful = self._sieves.get(numbered) or self._generate(closure, numbered)
        selected: list[Any] = []
        rest = iter(enumerate(candidates) if numbered else candidates)
        if swift is not None and swift(rest, selected.append, PATIENCE + len(candidates) // 8):
            self._sieves[numbered] = (None, careful)
        careful(rest, selected.append)
        return selected

    def _generate(self, closure: Predicate, numbered: bool) -> tuple[Any, Any]:
        swift = None
        if self._kind is PLAIN:
            swift = generated.swift_sieve(self._tree, self._clauses, closure, numbered=numbered)
        careful = generated.sieve(self._tree, self._kind, self._clauses, numbered=numbered)
        self._sieves[numbered] = (swift, careful)
        return swift, careful

    def _pays(self, more: int) -> bool:
        """Count candidates that are to be looked at, and tell whether generated functions pay by now."""
        self._seen += more
        return self._fits and self._seen >= PROMOTION

    def _compile_closures(self) -> Predicate:
        self._clauses = [compile_clause(node) for node in walk(self._tree) if isinstance(node, Comparison)]
        self._fits = generated.fits(self._tree)
        deep = depth(self._tree) > DEEPEST_CLOSURE
        self._closure = (stack if deep else closures).compile_predicate(self._tree, self._kind, iter(self._clauses))
        return self._closure

    def _first(self, candidate: Any) -> bool:
        closure = self._compile_closures()
        self.matches = self._counting if self._fits else closure
        return closure(candidate)

    def _counting(self, candidate: Any) -> bool:
        if self._pays(1):
            if self._kind is PLAIN:
                self.matches = generated.swift_predicate(self._tree, self._clauses, self._unusual)
            else:
                self.matches = generated.predicate(self._tree, self._kind, self._clauses)
        return self._closure(candidate)  # type: ignore[misc]

    def _unusual(self, candidate: Any) -> bool:
        """Answer for a dict that the swift function could not; after too many of them, give it up."""
        self._patience -= 1
        if self._patience <= 0:
            self.matches = generated.predicate(self._tree, self._kind, self._clauses)
        return self._closure(candidate)  # type: ignore[misc]


class RankProgram:
    """A rank, compiled for candidates of one kind."""

    __slots__ = ("_fits", "_kind", "_measure", "_scorer", "_seen", "_tree")

    def __init__(self, tree: Node, kind: Kind) -> None:
        self._tree = tree
        self._kind = kind
        self._measure = (stack if depth(tree) > DEEPEST_CLOSURE else closures).compile_measure(tree, kind)
        self._fits = generated.fits(tree)
        self._seen = 0
        self._scorer: Callable[[Iterable[Any]], list[int]] | None = None

    def score(self, candidate: Any) -> int:
        """Return one candidate's score."""
        if self._scorer is not None:
            return self._scorer((candidate,))[0]
        return self.scores((candidate,))[0]

    def scores(self, candidates: Sequence[Any]) -> list[int]:
        """Return the candidates' scores, in order."""
        if self._scorer is None:
            self._seen += len(candidates)
            if not self._fits or self._seen < PROMOTION:
                measure = self._measure
                return [int32(measure(candidate)) for candidate in candidates]
            self._scorer = generated.scorer(self._tree, self._kind)
        return self._scorer(candidates)
