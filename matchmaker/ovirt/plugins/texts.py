"""What plug-ins say, as it is shown in messages and in the log."""

from __future__ import annotations

from matchmaker.diagnostics import shorten


def one_line(text: str, columns: int = 300) -> str:
    """Return a text in one line, printable, and cut at the end when it is long.

    Parameters
    ----------
    text : str
        What a plug-in wrote.
    columns : int
        How many columns it may take.
    """
    return shorten(" ".join(text.split()), columns)


def last_line(text: str) -> str:
    """Return the last line that is not blank, as it is shown in a message."""
    lines = (line for line in reversed(text.split("\n")) if line.strip())
    return one_line(next(lines, ""), 200)
