"""Which part of a requirement a candidate does not meet."""

from __future__ import annotations

from collections.abc import Iterable

from matchmaker.cli.expressions import shortened
from matchmaker.errors import MatchmakerError
from matchmaker.expressions import Requirement
from matchmaker.language.nodes import Node
from matchmaker.language.printer import print_tree
from matchmaker.limits import Budget
from matchmaker.matching.explain.clauses import operands
from matchmaker.matching.pool import Pool

PATIENCE = 1.0
"""How many seconds of CPU time the parts of one request's requirements may take."""
_MOST_CLAUSES = 50
_KEPT = 1_000


class UnmetParts:
    """Finds the parts of requirements that candidates of a pool do not meet; what many requests have is evaluated once.

    Parameters
    ----------
    pool : Pool
        The candidates.
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._known: dict[str, frozenset[object]] = {}

    def of(self, requirements: Iterable[Requirement]) -> dict[object, str]:
        """Return the first part that each candidate does not meet, by the candidate's key.

        A candidate that meets all parts is not there; nor are some when to evaluate the parts takes too long, or fails.

        Parameters
        ----------
        requirements : iterable of Requirement
            What candidates have to meet, all of them.
        """
        unmet: dict[object, str] = {}
        try:
            with Budget(PATIENCE):
                for text in (text for each in requirements for text in _parts(each.tree)):
                    meeting = self._meeting(text)
                    for key in self._pool.keys:
                        if key not in meeting:
                            unmet.setdefault(key, shortened(text))
        except MatchmakerError:
            pass
        return unmet

    def _meeting(self, text: str) -> frozenset[object]:
        found = self._known.get(text)
        if found is None:
            if len(self._known) >= _KEPT:
                self._known.clear()
            keys = self._pool.keys
            positions = Requirement(text).positions(self._pool.candidates, self._pool.kind)
            found = self._known[text] = frozenset(keys[position] for position in positions)
        return found


def _parts(tree: Node) -> list[str]:
    parts = operands(tree, "&")
    return [print_tree(part) for part in (parts if len(parts) <= _MOST_CLAUSES else (tree,))]
