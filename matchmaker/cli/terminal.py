"""What is printed and where: data on standard output, messages on standard error, colours for those who can see them."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from typing import TextIO

_STYLES = {
    "heading": "1",
    "strong": "1",
    "faint": "2",
    "error": "1;31",
    "warning": "1;33",
    "frame": "1;34",
    "hint": "1;36",
    "good": "32",
    "bad": "31",
}
"""The numbers that terminals know the styles by."""


class Refusal(Exception):
    """What was asked for cannot be done.

    Parameters
    ----------
    message : str
        Why, in a line; user text in it is printable.
    rendered : str
        What is to be printed instead, as it is.
    """

    def __init__(self, message: str = "", *, rendered: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.rendered = rendered


def printable(text: str) -> str:
    r"""Return a text with all that a terminal would obey, or not show, written as an escape such as `\x1b`."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def printable_lines(text: str) -> str:
    """Return a text of several lines, each of them printable."""
    return "\n".join(printable(line) for line in text.split("\n"))


def is_coloured(stream: TextIO | None) -> bool:
    """Tell whether a stream shows colours: on a terminal, unless NO_COLOR is set; everywhere when FORCE_COLOR is."""
    if stream is None or os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return os.environ.get("TERM") not in {"dumb", "unknown"} and stream.isatty()


def paint(text: str, style: str, *, coloured: bool) -> str:
    """Return a text in a style, or as it is when there are no colours."""
    return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if coloured and text else text


def width() -> int:
    """Return how many columns standard output has; 80 when it is no terminal and COLUMNS is not set."""
    return max(20, shutil.get_terminal_size((80, 24)).columns)


def write(text: str) -> bool:
    """Write text to standard output.

    A reader that has seen enough, as `head` has, is no error; the rest is dropped.

    Returns
    -------
    bool
        False when this is where the reader has seen enough.

    Raises
    ------
    Refusal
        If standard output cannot take it.
    """
    stream = sys.stdout
    if stream is None:
        raise Refusal("standard output is closed")
    try:
        _tolerate(stream)
        stream.write(text)
        stream.flush()
    except BrokenPipeError:
        drop(stream)
        return False
    except OSError as error:
        drop(stream)
        raise Refusal(f"cannot write to standard output: {error.strerror or error}") from None
    return True


def say(text: str) -> None:
    """Write a message to standard error, as a line; where that cannot be, nobody is to hear it."""
    stream = sys.stderr
    if stream is None:
        return
    try:
        stream.write(text + "\n")
        stream.flush()
    except OSError:
        drop(stream)


def say_error(message: str) -> None:
    """Write an error message to standard error."""
    say(f"{paint('error', 'error', coloured=is_coloured(sys.stderr))}: {message}")


def _tolerate(stream: TextIO) -> None:
    """Write characters that the encoding lacks as escapes."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None and getattr(stream, "errors", "strict") == "strict":
        reconfigure(errors="backslashreplace")


def drop(stream: TextIO) -> None:
    """Let what is still written to a stream, at exit too, go nowhere.

    Parameters
    ----------
    stream : TextIO
        Standard output or standard error.
    """
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
