"""`matchmaker check`: all that is wrong, or strange, about expressions."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from matchmaker.checking import check
from matchmaker.cli.expressions import RANK, REQUIREMENT
from matchmaker.cli.reading import STANDARD_INPUT, read_standard_input
from matchmaker.cli.rendering import as_entry, render
from matchmaker.cli.terminal import Refusal, is_coloured, paint, say, write
from matchmaker.diagnostics import Diagnostic
from matchmaker.source import Source

CLEAN, FINDINGS = 0, 1


class KindName(StrEnum):
    """What an expression may be meant for."""

    PLAIN = "plain"
    HOST = "host"
    DATASTORE = "datastore"
    NETWORK = "network"


@dataclass(frozen=True)
class Checked:
    """An expression and what was found in it."""

    expression: Literal["requirement", "rank"]
    source: Source
    diagnostics: tuple[Diagnostic, ...]


def run_check(
    text: str | None,
    *,
    requirement: str | None = None,
    rank: str | None = None,
    kind: KindName = KindName.PLAIN,
    as_document: bool = False,
) -> int:
    """Print what is wrong with a requirement, a rank, or both.

    Parameters
    ----------
    text : str or None
        A requirement; `-` reads it from standard input, as it does for the others.
    requirement, rank : str or None
        More expressions.
    kind : KindName
        What they are meant for.
    as_document : bool
        Whether to print a JSON document.

    Returns
    -------
    int
        0 when there is nothing to say, 1 when there is.

    Raises
    ------
    Refusal
        If there is nothing to check, or two texts are to come from standard input.
    """
    given: list[tuple[Literal["requirement", "rank"], str | None, str]] = [
        ("requirement", text, "requirement"),
        ("requirement", requirement, REQUIREMENT),
        ("rank", rank, RANK),
    ]
    if text is None and requirement is None and rank is None:
        raise Refusal("nothing to check: give a requirement, -k RANK, or `-` to read one from standard input")
    if [each for _, each, _ in given].count(STANDARD_INPUT) > 1:
        raise Refusal("only one text can come from standard input")
    found: list[Checked] = []
    for expression, value, origin in given:
        if value is None:
            continue
        source = Source(read_standard_input(), "standard input") if value == STANDARD_INPUT else Source(value, origin)
        found.append(Checked(expression, source, check(source.text, expression=expression, kind=kind.value)))
    if as_document:
        _print_document(found)
    else:
        _print_diagnostics(found)
        if sys.stdout is not None and sys.stdout.isatty() and any(each.diagnostics for each in found):
            say("")
        say(_summary(found))
    return FINDINGS if any(each.diagnostics for each in found) else CLEAN


def _print_diagnostics(found: list[Checked]) -> None:
    coloured = is_coloured(sys.stdout)
    blocks = [render(diagnostic, each.source, coloured=coloured) for each in found for diagnostic in each.diagnostics]
    if blocks:
        write("\n\n".join(blocks) + "\n")


def _print_document(found: list[Checked]) -> None:
    entries = [
        json.dumps(as_entry(each.expression, diagnostic, each.source))
        for each in found
        for diagnostic in each.diagnostics
    ]
    write("[\n  " + ",\n  ".join(entries) + "\n]\n" if entries else "[]\n")


def _summary(found: list[Checked]) -> str:
    coloured = is_coloured(sys.stderr)
    parts: list[str] = []
    for severity in ("error", "warning"):
        count = sum(diagnostic.severity == severity for each in found for diagnostic in each.diagnostics)
        if count:
            text = f"{count} {severity}" + ("s" if count > 1 else "")
            parts.append(paint(text, severity, coloured=coloured))
    return ", ".join(parts) or paint("nothing to report", "good", coloured=coloured)
