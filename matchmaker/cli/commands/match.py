"""`matchmaker match`: filter a pool, sort it, show what is left."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from matchmaker.cli.expressions import Asked, Policy, compiled, names_in, policy_rank, shortened
from matchmaker.cli.formats.recognise import Format
from matchmaker.cli.reading import read_pool
from matchmaker.cli.terminal import is_coloured, paint, printable, say, width, write
from matchmaker.cli.values import as_json, as_text, reader, score_text
from matchmaker.errors import MatchmakerError
from matchmaker.expressions import Requirement
from matchmaker.limits import Budget
from matchmaker.matching.matcher import match
from matchmaker.matching.pool import Pool
from matchmaker.matching.ranking import Ranking

MATCHES, NONE = 0, 1
_PATIENCE = 1.0
"""How many seconds of CPU time a hint may take."""


def run_match(
    path: Path,
    *,
    asked: Asked,
    policy: Policy | None = None,
    limit: int | None = None,
    key: str | None = None,
    columns: Sequence[str] | None = None,
    as_document: bool = False,
    form: Format | None = None,
) -> int:
    """Print the candidates of a pool that meet a requirement, best first.

    Parameters
    ----------
    path : Path
        The pool's file, or `-`.
    asked : Asked
        The expressions.
    policy : Policy or None
        What to rank by when there is no rank.
    limit : int or None
        The most candidates to print.
    key : str or None
        The attribute that identifies a candidate.
    columns : sequence of str or None
        The attributes to show; None shows those that the expressions name.
    as_document : bool
        Whether to print a JSON document in place of a table.
    form : Format or None
        The pool's format, if it is not to be recognised.

    Returns
    -------
    int
        0 when there are matches, 1 when there are none.

    Raises
    ------
    Refusal, MatchmakerError
        If something is wrong with the expressions or the pool.
    """
    wanted, order = compiled(asked)
    pool = read_pool(path, key=key, form=form)
    if order is None and policy is not None:
        order = policy_rank(policy, pool.kind)
    ranking = match(pool, wanted, order, limit=limit)
    named = names_in(*(expression.tree for expression in (wanted, order) if expression is not None))
    names = _names(columns, pool, named)
    if as_document:
        _print_document(ranking, pool, names)
    else:
        left_out = _print_table(ranking, pool, key, names, scored=order is not None)
        _say_summary(ranking, left_out, ranked=order is not None)
        if ranking.rejected == ranking.considered:
            _say_hint(pool, wanted)
    return MATCHES if ranking.considered > ranking.rejected else NONE


def _names(columns: Sequence[str] | None, pool: Pool, named: list[str]) -> list[str]:
    """Return the attributes to show; OpenNebula's candidates have a name, and of plain ones all is shown if none is named."""
    if columns is not None:
        return list(dict.fromkeys(columns))
    if pool.kind.name != "plain":
        return list(dict.fromkeys(["NAME", *named]))
    if named:
        return named
    from matchmaker.matching.explain.names import known_names

    return known_names(pool.candidates, pool.kind)


def _print_document(ranking: Ranking, pool: Pool, names: list[str]) -> None:
    lookups = {name: reader(pool.kind, name) for name in names}
    lines: list[str] = []
    for found in ranking:
        attributes = {name: as_json(lookup(found.candidate)) for name, lookup in lookups.items()}
        entry = {"key": as_json(found.key), "score": as_json(found.score), "attributes": attributes}
        lines.append(json.dumps(entry, allow_nan=False))
    write("[\n  " + ",\n  ".join(lines) + "\n]\n" if lines else "[]\n")


def _print_table(ranking: Ranking, pool: Pool, key: str | None, names: list[str], *, scored: bool) -> list[str]:
    """Print the matches, and return the names of the attributes that had no room."""
    if not len(ranking):
        return []
    from matchmaker.cli.tables import Column, draw, fit, marks_for

    def column(name: str, *, kept: bool = False) -> Column:
        lookup = reader(pool.kind, name)
        return Column(printable(name), [as_text(lookup(found.candidate)) for found in ranking], kept)

    is_plain = pool.kind.name == "plain"
    title = key or ("position" if is_plain else "ID")
    if key or not is_plain:
        names = [name for name in names if name != title]
    columns = [Column(printable(title), [as_text(found.key) for found in ranking], kept=True)]
    if names[:1] == ["NAME"] and not is_plain:  # what people know a candidate by belongs to the key
        columns.append(column(names.pop(0), kept=True))
    if scored:
        columns.append(Column("score", [score_text(found.score) for found in ranking], kept=True))
    room = width()
    # A column takes three columns of the terminal at least, so that of very many only some need be looked up.
    columns += [column(name) for name in names[: room // 3]]
    shown, left_out = fit(columns, room)
    lines = draw(shown, marks_for(sys.stdout), coloured=is_coloured(sys.stdout))
    write("".join(f"{line}\n" for line in lines))
    return [*left_out, *map(printable, names[room // 3 :])]


def _say_summary(ranking: Ranking, left_out: list[str], *, ranked: bool) -> None:
    matching, shown = ranking.considered - ranking.rejected, len(ranking)
    noun = "candidate" if ranking.considered == 1 else "candidates"
    verb = "matches" if matching == 1 else "match"
    best = "best" if ranked else "first"
    part = ""
    if shown < matching:
        part = {0: "; none is shown", 1: f"; the {best} one is shown"}.get(shown, f"; the {best} {shown} are shown")
    if ranking.unscored:
        part += f"; {ranking.unscored} without a score"
    say(f"{matching} of {ranking.considered} {noun} {verb}{part}")
    if left_out:
        names = ", ".join(map(shortened, left_out[:8])) + (", ..." if len(left_out) > 8 else "")
        say(f"no room for {names}: choose with --columns, or use --json")


def _say_hint(pool: Pool, wanted: Requirement | None) -> None:
    """Say why nothing matches, and who tells more."""
    from matchmaker.matching.explain import explain

    explanation = None
    with contextlib.suppress(MatchmakerError), Budget(_PATIENCE):  # all clauses are evaluated, and there may be many
        explanation = explain(pool, wanted)
    if explanation is None:
        return
    phrases = explanation.advice if len(pool) else ("the pool holds no candidates",)
    if phrases:
        hint = paint("hint", "hint", coloured=is_coloured(sys.stderr))
        more = "" if wanted is None or not len(pool) else "; `matchmaker explain` tells more"
        say(f"{hint}: {'; '.join(phrases)}{more}")
