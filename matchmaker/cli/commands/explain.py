"""`matchmaker explain`: why candidates match or do not, and why they come in this order."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from matchmaker.cli.expressions import Asked, compiled
from matchmaker.cli.files import write_file
from matchmaker.cli.formats.recognise import Format
from matchmaker.cli.keys import position_of
from matchmaker.cli.reading import STANDARD_INPUT, read_bytes, read_pool
from matchmaker.cli.terminal import Refusal, printable, say, width, write
from matchmaker.cli.waiting import patiently
from matchmaker.errors import ExpressionError
from matchmaker.expressions import Rank
from matchmaker.matching.explain import explain
from matchmaker.matching.explain.clauses import Wanted
from matchmaker.matching.pool import Pool
from matchmaker.reporting import html_page

EXPLAINED = 0


def run_explain(
    path: Path,
    *,
    asked: Asked,
    vm: Path | None = None,
    groups: Path | None = None,
    candidates: Sequence[str] = (),
    key: str | None = None,
    as_document: bool = False,
    report: Path | None = None,
    form: Format | None = None,
) -> int:
    """Print why the candidates of a pool match or do not.

    Parameters
    ----------
    path : Path
        The pool's file, or `-`.
    asked : Asked
        The expressions.
    vm : Path or None
        A virtual machine's document, whose expressions and capacity are asked for instead.
    groups : Path or None
        The VM groups, for its affinity.
    candidates : sequence of str
        The keys of candidates to tell about.
    key : str or None
        The attribute that identifies a candidate.
    as_document : bool
        Whether to print a JSON document.
    report : Path or None
        Where to write the page to look at.
    form : Format or None
        The pool's format, if it is not to be recognised.

    Returns
    -------
    int
        0.

    Raises
    ------
    Refusal, MatchmakerError
        If something is wrong with the expressions or the documents.
    """
    _check(asked, vm, groups, report)
    wanted: Wanted
    wanted, rank = compiled(asked)
    pool = read_pool(path, key=key, form=form)
    if vm is not None:
        wanted, rank = _of_vm(vm, groups, pool)
    keys = [pool.keys[position_of(pool, each)] for each in candidates]
    with patiently("explaining"):
        explanation = explain(pool, wanted, rank)
        document = explanation.to_json() if report is not None or (as_document and not keys) else {}
        if report is not None:
            write_file(report, html_page(document))
        if as_document:
            text = json.dumps(explanation.to_json(candidates=keys) if keys else document, allow_nan=False)
        else:
            text = explanation.render(width=width(), candidates=keys)
    write(text + "\n")
    if report is not None:
        say(f"the page is in {printable(str(report))}")
    return EXPLAINED


def _check(asked: Asked, vm: Path | None, groups: Path | None, report: Path | None) -> None:
    if report is not None and str(report) == STANDARD_INPUT:
        raise Refusal("--html wants the name of a file")
    if vm is None and groups is not None:
        raise Refusal("--groups goes with --vm")
    if vm is not None and asked != Asked():
        raise Refusal("--vm brings its own expressions: leave -r, -k, --dialect and --request out")


def _of_vm(vm: Path, groups: Path | None, pool: Pool) -> tuple[Wanted, Rank | None]:
    """Return what a virtual machine asks for."""
    from matchmaker.opennebula.vm_parts import vm_parts

    if pool.kind.name != "host":
        raise Refusal(f"--vm explains hosts, not candidates of kind {pool.kind.name}")
    try:
        return vm_parts(read_bytes(vm), groups=None if groups is None else read_bytes(groups), hosts=pool)
    except ExpressionError as error:
        raise Refusal(rendered=str(error)) from None
