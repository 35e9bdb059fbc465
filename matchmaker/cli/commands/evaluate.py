"""`matchmaker eval`: one candidate, and what the expressions say about it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from matchmaker.cli.expressions import Asked, compiled, names_in
from matchmaker.cli.formats.recognise import Format
from matchmaker.cli.keys import first_keys, position_of
from matchmaker.cli.reading import read_pool
from matchmaker.cli.terminal import Refusal, is_coloured, paint, printable, say, write
from matchmaker.cli.values import as_json, as_text, reader, score_text
from matchmaker.matching.pool import Pool

TRUE, FALSE = 0, 1


def run_eval(
    path: Path,
    *,
    asked: Asked,
    candidate: str | None = None,
    key: str | None = None,
    as_document: bool = False,
    form: Format | None = None,
) -> int:
    """Print whether one candidate meets a requirement, and its score.

    Parameters
    ----------
    path : Path
        The candidate's file, or `-`.
    asked : Asked
        The expressions; at least one.
    candidate : str or None
        The key of the candidate, when the document holds several.
    key : str or None
        The attribute that identifies a candidate.
    as_document : bool
        Whether to print a JSON document.
    form : Format or None
        The document's format, if it is not to be recognised.

    Returns
    -------
    int
        1 when the candidate does not meet the requirement, else 0.

    Raises
    ------
    Refusal, MatchmakerError
        If something is wrong with the expressions or the document.
    """
    if asked.requirement is None and asked.rank is None:
        raise Refusal("nothing to evaluate: give -r REQUIREMENT, -k RANK, or both")
    wanted, order = compiled(asked)
    pool = read_pool(path, key=key, form=form)
    position = _position(pool, candidate)
    chosen = pool.candidates[position]
    matches = None if wanted is None else wanted.matches(chosen)
    score = None if order is None else order.score(chosen)
    values = {
        name: reader(pool.kind, name)(chosen)
        for name in names_in(*(each.tree for each in (wanted, order) if each is not None))
    }
    if as_document:
        attributes = {name: as_json(value) for name, value in values.items()}
        found = {
            "key": as_json(pool.keys[position]),
            "matches": matches,
            "score": as_json(score),
            "attributes": attributes,
        }
        write(json.dumps(found, allow_nan=False) + "\n")
    else:
        _print_answers(matches, None if order is None else score_text(score) or "-")
        _say_values(values)
    return FALSE if matches is False else TRUE


def _position(pool: Pool, candidate: str | None) -> int:
    if candidate is not None:
        return position_of(pool, candidate)
    if len(pool) != 1:
        how = "" if not len(pool) else f": --candidate KEY picks one; {first_keys(pool)}"
        raise Refusal(f"there are {len(pool)} candidates, not one{how}")
    return 0


def _print_answers(matches: bool | None, score: str | None) -> None:
    coloured = is_coloured(sys.stdout)
    if matches is not None:
        write(paint("true" if matches else "false", "good" if matches else "bad", coloured=coloured) + "\n")
    if score is not None:
        write(f"{score}\n")


def _say_values(values: dict[str, Any]) -> None:
    coloured = is_coloured(sys.stderr)
    widest = min(max(map(len, map(printable, values)), default=0), 30)
    for name, value in values.items():
        text = as_text(value)
        shown = paint("-", "faint", coloured=coloured) if text is None else text
        say(f"  {paint(printable(name).ljust(widest), 'strong', coloured=coloured)}  {shown}")
