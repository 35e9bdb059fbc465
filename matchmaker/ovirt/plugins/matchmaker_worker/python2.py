"""What has to be changed in a plug-in file that is written for Python 2.

How statements looked there, in short: `print x`, `print >>f, x`, `exec code`, `raise E, x`, `except E, x`, `` `x` ``, `x <> y`,
`0777`, `10L`, `ur"x"`, `def f(a, (b, c))` (Python's own "What's New In Python 3.0" lists them).
"""

from __future__ import annotations

import ast
import re
from bisect import bisect
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from .python2_names import names_of_python2
from .tokens import Token, statements

MOST = 20
"""How many findings are told; the first ones say what is the matter."""
_LONGEST = 120  # what is shown of a line, or of what to write instead
_LINE_END = re.compile(r"\r\n|\r|\n")
_OPERATORS = frozenset(("and", "else", "for", "if", "in", "is", "not", "or"))
_OLD_OCTAL = re.compile(r"0[0-9_]*[1-9][0-9_]*[lL]?")
_LONG = re.compile(r"(?:[0-9]+|0[xX][0-9a-fA-F]+)[lL]")


class Finding(NamedTuple):
    """A change that a file needs.

    Attributes
    ----------
    line : int
        The number of the line, 0 when the whole file is meant.
    text : str
        The line.
    change : str
        What to do there.
    """

    line: int
    text: str
    change: str


def findings(source: bytes, name: str) -> list[Finding]:
    """Return what keeps a file from running in Python 3, in the order of its lines; nothing when it does.

    Parameters
    ----------
    source : bytes
        The file.
    name : str
        Its name.
    """
    text = source.decode(errors="replace")
    starts = [0, *(end.end() for end in _LINE_END.finditer(text))]

    def finding(line: int, change: str) -> Finding:
        start = starts[line - 1] if 0 < line <= len(starts) else len(text)
        return Finding(line, _LINE_END.split(text[start : start + _LONGEST])[0].strip(), change)

    old = {(bisect(starts, place), change) for place, change in _old_forms(text)}
    try:
        tree = ast.parse(source, name)
    except SyntaxError as error:
        if isinstance(error, TabError):
            old.add((error.lineno or 0, "indent with spaces alone, or with tabs alone"))
        elif not old:
            old.add((error.lineno or 0, f"make it valid Python 3: {error.msg}"))
    except (ValueError, RecursionError, MemoryError) as error:
        if not old:
            old.add((0, f"make it valid Python 3: {str(error) or 'it is nested too deeply'}"))
    else:
        old.update(names_of_python2(tree))
    return [finding(line, change) for line, change in sorted(old)]


def _old_forms(text: str) -> Iterator[tuple[int, str]]:
    """Yield where Python 2's forms are, and what to write instead."""
    for statement in statements(text):
        for rule in _RULES:
            yield from rule(statement, text)


def _print(statement: Sequence[Token], text: str) -> Iterator[tuple[int, str]]:
    if len(statement) < 2 or statement[0].text != "print":
        return
    second = statement[1]
    if second.text == ">>":
        comma = _comma(statement)
        target = text[second.end : comma.start].strip() if comma else _slice(text, statement, second.end)
        written = _slice(text, statement, comma.end) if comma else ""
        yield statement[0].start, f"write `{_call('print', written, f'file={target}')}`"
    elif _begins_value(second) or (second.text == "(" and _goes_on(statement, "%")):
        yield statement[0].start, f"write `{_call('print', _slice(text, statement, statement[0].end))}`"


def _begins_value(token: Token) -> bool:
    if token.kind == "name":
        return token.text not in _OPERATORS
    return token.kind in ("string", "number") or token.text in "`[{-+~"


def _goes_on(statement: Sequence[Token], sign: str) -> bool:
    """Return whether an operator stands directly behind the first bracket's end: `print ("...") % x`."""
    for token, following in pairwise(statement[1:]):
        if token.text == ")" and token.depth == statement[1].depth:
            return following.text == sign
    return False


def _exec(statement: Sequence[Token], text: str) -> Iterator[tuple[int, str]]:
    if len(statement) > 1 and statement[0].text == "exec" and _begins_value(statement[1]):
        into = next((token for token in statement if token.text == "in"), None)
        code = text[statement[0].end : into.start if into else statement[-1].end].strip()
        names = [_slice(text, statement, into.end)] if into else []
        yield statement[0].start, f"write `{_call('exec', code, *names)}`"


def _raise(statement: Sequence[Token], text: str) -> Iterator[tuple[int, str]]:
    comma = _comma(statement)
    if statement[0].text == "raise" and comma:
        error = text[statement[0].end : comma.start].strip()
        second = next((token for token in statement if token.text == "," and token.depth == 0 and token != comma), None)
        value = text[comma.end : second.start].strip() if second else _slice(text, statement, comma.end)
        trace = f".with_traceback({_slice(text, statement, second.end)})" if second else ""
        raised = _short(error) if value == "None" else _call(error, value)
        yield statement[0].start, f"write `raise {raised}{_short(trace)}`"


def _except(statement: Sequence[Token], text: str) -> Iterator[tuple[int, str]]:
    comma = _comma(statement)
    # Python 3.14 reads `except A, B:` as two kinds of error; those are written with capitals.
    if statement[0].text == "except" and comma and statement[-1].text == ":" and statement[-2].text[:1].islower():
        kind = text[statement[0].end : comma.start].strip()
        yield statement[0].start, f"write `except {_short(kind)} as {_short(statement[-2].text)}:`"


def _words(statement: Sequence[Token], text: str) -> Iterator[tuple[int, str]]:
    quoted = False
    for token in statement:
        if token.text == "`":
            quoted = not quoted
            if quoted:
                yield token.start, "write `repr(...)` in place of the backticks"
        elif token.text == "<>":
            yield token.start, "write `!=` in place of `<>`"
        elif token.kind == "number" and _LONG.fullmatch(token.text):
            yield token.start, f"write `{_short(token.text[:-1])}`: whole numbers have no `L`"
        elif token.kind == "number" and _OLD_OCTAL.fullmatch(token.text):
            yield token.start, f"write `0o{_short(token.text.lstrip('0').rstrip('lL'))}`: it is octal"
        elif token.kind == "string" and token.text[:2].lower() == "ur":
            yield token.start, "write the text without `u`"


def _parameters(statement: Sequence[Token], text: str) -> Iterator[tuple[int, str]]:
    outer = None  # how deep the parameters are that we are in
    before: Token | None = None
    for token in statement:
        if token.text in ("def", "lambda"):
            outer, before = token.depth + (token.text == "def"), None
            continue
        if token.text == ":" and token.depth == outer:  # the end of lambda's parameters, or else an annotation
            outer = None
        first = before is None or before.text == "," or (before.text == "(" and before.depth == outer)
        if first and outer is not None and token.text == "(" and token.depth == outer + 1:
            yield token.start, "write one parameter, and take it apart in the function"
        before = token


_RULES: tuple[Callable[[Sequence[Token], str], Iterator[tuple[int, str]]], ...] = (
    _print,
    _exec,
    _raise,
    _except,
    _words,
    _parameters,
)


def _comma(statement: Sequence[Token]) -> Token | None:
    return next((token for token in statement if token.text == "," and token.depth == 0), None)


def _slice(text: str, statement: Sequence[Token], start: int) -> str:
    last = statement[-1]
    return text[start : last.start if last.text == ";" else last.end].strip()


def _call(function: str, *arguments: str) -> str:
    """Return a call as it could be written, cut where it is long; a comma at the end meant: no new line."""
    written = [argument for argument in arguments if argument]
    if function == "print" and written and written[0].endswith(","):
        written[0] = written[0].rstrip(", ")
        written.append('end=" "')
    return _short(f"{function}({', '.join(written)})")


def _short(text: str) -> str:
    flat = " ".join(text[: _LONGEST + 1].split())
    return flat if len(text) <= _LONGEST else flat[: _LONGEST - 3] + "..."
