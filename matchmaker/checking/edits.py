"""Edits, applied to a text."""

from __future__ import annotations

from collections.abc import Iterable

from matchmaker.diagnostics import Edit


def edited(text: str, edits: Iterable[Edit]) -> str:
    """Return a text with some pieces of it replaced.

    Parameters
    ----------
    text : str
        The text.
    edits : iterable of Edit
        What to change, in text order; no two of them overlap.
    """
    parts: list[str] = []
    done = 0
    for span, instead in edits:
        parts += text[done : span.start], instead
        done = span.end
    return "".join((*parts, text[done:]))
