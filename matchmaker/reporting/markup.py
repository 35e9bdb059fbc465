"""Text for people in HTML: nothing in it is obeyed, neither by the browser nor by the eye."""

from __future__ import annotations

import html

LONGEST = 1_000
"""How many characters of a text are shown at most."""


def printable(text: str, longest: int = LONGEST) -> str:
    r"""Return a text to show, with every character that is not seen, or moves others, as an escape such as `\u202e`.

    Line ends and tabs stay.

    Parameters
    ----------
    text : str
        Any text, also one with halves of surrogate pairs.
    longest : int
        How many of its characters are kept; what is left out is counted behind them.
    """
    kept = text[:longest]
    if not kept.isprintable():
        kept = "".join(c if c.isprintable() or c in "\n\t" else c.encode("unicode_escape").decode() for c in kept)
    return kept if len(text) <= longest else f"{kept}... ({len(text) - longest:,} more characters)"


def escaped(text: object, longest: int = LONGEST) -> str:
    """Return what to write into HTML, between tags or in a quoted value, so that a text is shown.

    Parameters
    ----------
    text : object
        What to show, as `str` writes it.
    longest : int
        How many of its characters are kept.
    """
    return html.escape(printable(str(text), longest))


def code(text: object, longest: int = LONGEST) -> str:
    """Return HTML that shows a piece of an expression, or a value, or the beginning of it."""
    return f"<code>{escaped(text, longest)}</code>"


def prose(text: str, longest: int = LONGEST) -> str:
    """Return HTML that shows sentences, with what stands in backticks as code."""
    pieces = printable(text, longest).split("`")
    if len(pieces) % 2 == 0:  # a backtick too many, perhaps in a value
        return escaped(text, longest)
    return "".join(code(piece) if place % 2 else html.escape(piece) for place, piece in enumerate(pieces))


def bar(part: int, whole: int, style: str) -> str:
    """Return HTML that draws how large a part of a whole is; the numbers must stand beside it.

    Parameters
    ----------
    part, whole : int
        Two counts.
    style : str
        The name of a class in the style sheet.
    """
    # An attribute of SVG gives the width, since the page allows no style attributes.
    width = 100 * part / whole if whole else 0
    return f'<svg class="bar" aria-hidden="true"><rect class="{style}" width="{width:.2f}%" height="100%"/></svg>'


def icon(state: str) -> str:
    """Return HTML that draws the shape of a state; its word must stand beside it."""
    return f'<span class="icon {state}-shape"></span>'


def counted(count: int, one: str, many: str) -> str:
    """Return a count with its noun, such as `1 host` and `2,500 hosts`."""
    return f"{count:,} {one if count == 1 else many}"
