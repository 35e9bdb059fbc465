"""`A | B & C` without parentheses, which reads otherwise here than elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator

from matchmaker.diagnostics import Diagnostic, shorten
from matchmaker.source import Source, Span

_TOKENS = re.compile(r'"[^"]*"|[()&|]')


class _Group:
    """What stands between two parentheses, read up to some place."""

    __slots__ = ("conjunction", "done", "last", "start")

    def __init__(self, start: int) -> None:
        self.start = start
        self.last = -1
        """Where the `|` stands that is the last operator so far, else -1."""
        self.conjunction = -1
        """Where the first `&` behind a `|` stands, else -1."""
        self.done = False


def precedence_findings(source: Source) -> Iterator[Diagnostic]:
    """Yield a warning for each group of operands where a `&` follows a `|`.

    The tree cannot tell: it is the same for `A | B & C` and for `(A | B) & C`.

    Parameters
    ----------
    source : Source
        A valid requirement.
    """
    text = source.text.partition("\0")[0]
    groups = [_Group(0)]
    for found in _TOKENS.finditer(text):
        symbol, at = found[0], found.start()
        if symbol == "(":
            groups.append(_Group(at + 1))
            continue
        group = groups[-1]
        if symbol in ")&|":
            yield from _finding(text, group, at)
        if symbol == ")":
            groups.pop()
        elif symbol == "|":
            group.last = at
        elif symbol == "&" and group.last >= 0 and not group.done:
            group.conjunction = at
    yield from _finding(text, groups[0], len(text))


def _finding(text: str, group: _Group, end: int) -> Iterator[Diagnostic]:
    """Yield the warning about a group whose `&` has its right operand up to `end`."""
    if group.conjunction < 0 or group.done:
        return
    group.done = True
    before = _part(text, group.start, group.last)
    left = _part(text, group.last + 1, group.conjunction)
    right = _part(text, group.conjunction + 1, end)
    yield Diagnostic(
        "MM205",
        "warning",
        Span(group.conjunction, group.conjunction + 1),
        "`&` binds no tighter than `|`, so that the parentheses matter here",
        "takes all on its left",
        (f"this reads as `({before} | {left}) & {right}`", f"for the other way write `{before} | ({left} & {right})`"),
    )


def _part(text: str, start: int, end: int) -> str:
    """Return an operand for a hint; a long one is left out, since its beginning alone may open a parenthesis."""
    part = text[start : min(end, start + 80)].strip()
    return shorten(part) if len(part) <= 24 else "..."
