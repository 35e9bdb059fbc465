"""Why nothing matches, in a line."""

from __future__ import annotations

import difflib
from itertools import islice

from matchmaker.cli.expressions import names_in, shortened
from matchmaker.cli.values import NUMBER, as_text, known_names, reader
from matchmaker.expressions import Requirement
from matchmaker.language.nodes import Chain, Comparison, Node
from matchmaker.language.printer import print_tree
from matchmaker.matching.pool import Pool

_MOST_CLAUSES = 50
_MOST_NAMES = 100
_MOST_SHOWN = 4


def why_nothing_matches(pool: Pool, requirement: Requirement | None) -> str:
    """Return a line that may help whose requirement no candidate of a pool meets; empty when there is none.

    Parameters
    ----------
    pool : Pool
        The candidates.
    requirement : Requirement or None
        What none of them meets.
    """
    if not len(pool):
        return "the pool holds no candidates"
    if requirement is None:
        return ""
    clauses = _clauses(requirement.tree)
    counts = [_count(pool, clause) for clause in clauses]
    failing = [clause for clause, count in zip(clauses, counts, strict=True) if not count]
    unknown = [name for name in islice(names_in(*failing), _MOST_NAMES) if _is_unknown(pool, name)]
    if unknown:
        near = known_names(pool)
        return "no candidate has " + " or ".join(_with_near(name, near) for name in unknown[:_MOST_SHOWN])
    if failing:
        return _failing(pool, failing[0], whole=len(clauses) == 1)
    rarest = shortened(print_tree(clauses[counts.index(min(counts))]))
    return f"each part is met by some candidate, but not all together; the rarest is `{rarest}`, met by {min(counts)}"


def _failing(pool: Pool, clause: Node, *, whole: bool) -> str:
    """Say what a clause that nobody meets might have been compared with."""
    held = _held(pool, clause.attribute.name) if isinstance(clause, Comparison) else ""
    if whole:
        return held
    text = f"no candidate meets `{shortened(print_tree(clause))}`"
    return f"{text}; {held}" if held else text


def _held(pool: Pool, name: str) -> str:
    """Say what an attribute holds on the candidates of a pool."""
    lookup = reader(pool.kind, name)
    values = {text for candidate in pool if (text := as_text(lookup(candidate))) is not None}
    if len(values) > 1 and all(map(NUMBER.fullmatch, values)):
        return (
            f"`{shortened(name)}` goes from {shortened(min(values, key=float))} to {shortened(max(values, key=float))}"
        )
    shown = [f"`{shortened(text)}`" for text in sorted(values)[:_MOST_SHOWN]]
    if len(values) > _MOST_SHOWN:
        return f"`{shortened(name)}` is {', '.join(shown)}, ..."
    return f"`{shortened(name)}` is " + " or ".join(filter(None, (", ".join(shown[:-1]), shown[-1])))


def _clauses(tree: Node) -> tuple[Node, ...]:
    """Return what all must hold for a requirement to be met."""
    if isinstance(tree, Chain) and len(tree.rest) < _MOST_CLAUSES and all(operator == "&" for operator, _ in tree.rest):
        return tree.operands
    return (tree,)


def _count(pool: Pool, clause: Node) -> int:
    return len(Requirement(print_tree(clause)).positions(pool.candidates, pool.kind))


def _is_unknown(pool: Pool, name: str) -> bool:
    lookup = reader(pool.kind, name)
    return all(as_text(lookup(candidate)) is None for candidate in pool)


def _with_near(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, (each for each in known if each != name), n=1, cutoff=0.75)
    return f"`{shortened(name)}`" + (f" (is `{shortened(near[0])}` meant?)" if near else "")
