"""What is counted, made into what people read: clauses, changes, and what no candidate has."""

from __future__ import annotations

from collections.abc import Sequence

from matchmaker.diagnostics import shorten
from matchmaker.engine.tracing import written
from matchmaker.language.nodes import Node
from matchmaker.language.printer import print_tree
from matchmaker.matching.explain.clauses import NumberedClause
from matchmaker.matching.explain.names import nearest as nearest_word
from matchmaker.matching.explain.nearest import Numbers, nearest, threshold_of
from matchmaker.matching.explain.report import Alternative, Change, Clause, NearestLiteral, UnknownName, UnknownText
from matchmaker.matching.explain.tally import Tally

LONGEST = 2_000
"""How many characters of a clause are shown."""
MOST_SHOWN = 10
"""How many texts are shown that candidates have instead of one that none has."""
_MOST_COMPARED = 200
"""How many texts are compared with one that none has, to find the nearest."""


def clauses(numbered: Sequence[NumberedClause], tally: Tally) -> tuple[Clause, ...]:
    """Return the clauses with what is counted of them."""
    made: list[Clause] = []
    for clause, counted in zip(numbered, tally.clauses, strict=True):
        several = clause.alternatives
        trees = several or (clause.tree,)
        literals = [_nearest(tree, each, tally.matching) for tree, each in zip(trees, counted.numbers, strict=True)]
        alternatives = tuple(
            Alternative(number, _text(tree), *counts, found)
            for number, (tree, counts, found) in enumerate(
                zip(several, counted.alternatives, literals, strict=False), 1
            )
        )
        counts = counted.counts
        made.append(
            Clause(
                clause.number,
                _text(clause.tree),
                clause.part,
                counts.passing,
                counted.passing_so_far,
                counted.only_obstacle,
                counts.missing,
                counts.unconverted,
                counts.false,
                counts.unreadable,
                alternatives,
                () if several else literals[0],
                None if counts.passing or not counted.extremes else written(counted.extremes[0][0]),
            )
        )
    return tuple(made)


def changes(tally: Tally) -> tuple[Change, ...]:
    """Return the smallest sets of clauses to drop so that something matches, the most helpful first."""
    found = [Change(numbers, count) for numbers, count in tally.sets.items()]
    return tuple(sorted(found, key=lambda change: (-change.admits, change.clauses)))


def unknown(
    numbered: Sequence[NumberedClause], tally: Tally, names: Sequence[str]
) -> tuple[UnknownName | UnknownText, ...]:
    """Return the names and texts that no candidate has, each once.

    Parameters
    ----------
    numbered : sequence of NumberedClause
        The clauses.
    tally : Tally
        What is counted of them.
    names : sequence of str
        The names that candidates have.
    """
    found: dict[tuple[str, str | None], UnknownName | UnknownText] = {}
    for clause, counted in zip(numbered, tally.clauses, strict=True):
        for sighting in counted.sightings:
            name, text = sighting.attribute, sighting.text
            if not sighting.found:
                found.setdefault((name, None), UnknownName(clause.number, name, nearest_word(name, names)))
            elif not sighting.matched and text is not None and (name, text) not in found:
                seen = sighting.texts
                near = nearest_word(text, [each for each, _ in seen[:_MOST_COMPARED]])
                found[name, text] = UnknownText(clause.number, name, text, near, sighting.distinct, seen[:MOST_SHOWN])
    return tuple(found.values())


def _nearest(tree: Node, numbers: Numbers, matching: int) -> tuple[NearestLiteral, ...]:
    threshold = threshold_of(tree)
    if threshold is None:
        return ()
    return tuple(
        NearestLiteral(found.admits, found.matching, print_tree(found.literal), _text(found.clause))
        for found in nearest(threshold, numbers, matching)
    )


def _text(tree: Node) -> str:
    return shorten(print_tree(tree), LONGEST)
