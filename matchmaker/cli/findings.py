"""Findings as they are printed: blocks, what was repaired, and how many there are."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import TextIO

from matchmaker.cli.rendering import render
from matchmaker.cli.terminal import is_coloured, paint, printable
from matchmaker.diagnostics import Diagnostic, Edit, shorten
from matchmaker.source import Source

CLEAN, FINDINGS = 0, 1
_WIDTH = 40
_MOST_SAID = 4


def blocks_of(checked: Iterable[tuple[Source, Iterable[Diagnostic]]], stream: TextIO | None) -> str:
    """Return findings as blocks, with an empty line between two of them.

    Parameters
    ----------
    checked : iterable of (Source, iterable of Diagnostic)
        Texts, each with what was found in it.
    stream : TextIO or None
        Where they are to be printed, which decides about colours.
    """
    coloured = is_coloured(stream)
    return "\n\n".join(render(each, source, coloured=coloured) for source, found in checked for each in found)


def offer(diagnostics: Iterable[Diagnostic]) -> str:
    """Return what to say on a terminal about findings that can be repaired, an empty text when there is nothing to say."""
    count = sum(diagnostic.repair is not None for diagnostic in diagnostics)
    if not count or sys.stderr is None or not sys.stderr.isatty():
        return ""
    return f"; --fix repairs {count:,} of them"


def summary(diagnostics: Iterable[Diagnostic]) -> str:
    """Return how many errors and warnings there are, for standard error."""
    coloured = is_coloured(sys.stderr)
    severities = [diagnostic.severity for diagnostic in diagnostics]
    parts: list[str] = []
    for severity in ("error", "warning"):
        count = severities.count(severity)
        if count:
            parts.append(paint(counted(count, severity), severity, coloured=coloured))
    return ", ".join(parts) or paint("nothing to report", "good", coloured=coloured)


def counted(count: int, what: str) -> str:
    """Return a number with its noun."""
    return f"{count:,} {what}" + ("" if count == 1 else "s")


def repairs(repaired: Sequence[tuple[Source, Diagnostic]], *, where: str = "") -> list[str]:
    """Return a line about each repair; what belongs to one repair is told once.

    Parameters
    ----------
    repaired : sequence of (Source, Diagnostic)
        What was repaired, each with the text that it was about.
    where : str
        What each line begins with.
    """
    lines: dict[tuple[str, tuple[Edit, ...]], str] = {}
    for source, diagnostic in repaired:
        assert diagnostic.repair is not None
        edits = diagnostic.repair.edits
        said = list(dict.fromkeys(_said(source.text, edit) for edit in edits))
        more = ", ..." if len(said) > _MOST_SAID else ""
        told = ", ".join(said[:_MOST_SAID])
        lines.setdefault((source.text, edits), f"{where}repaired {diagnostic.code}: {told}{more}")
    return list(lines.values())


def _said(text: str, edit: Edit) -> str:
    old, new = text[slice(*edit.span)], edit.text
    if not old:
        return f"`{new}` is put in"
    if not new.strip():
        return f"`{_shown(old.strip() or old)}` is left out"
    return f"`{_shown(old)}` becomes `{_shown(new)}`"


def _shown(text: str) -> str:
    return shorten(printable(text[: 2 * _WIDTH]), _WIDTH)
