"""What a plug-in printed or returned, as an answer: host ids, weights, or a migration."""

from __future__ import annotations

import ast
import re
import reprlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from numbers import Real
from typing import Any

from .kinds import WANTED

LOWEST, HIGHEST = -(2**31), 2**31 - 1
"""The weights that oVirt's engine can read."""
_PRINTED_PAIR = re.compile(r"(\S+)\s+(\[.*\])", re.DOTALL)
_STRANGERS = 5  # are named, of those who were not asked about


class Nonsense(ValueError):
    """What a plug-in gives is no answer."""


def printed_value(kind: str, text: str) -> Any:
    """Return what a plug-in printed.

    Parameters
    ----------
    kind : {"filter", "score", "balance"}
        What it was asked for.
    text : str
        All that it printed; not blank.

    Raises
    ------
    Nonsense
        If that is no literal of Python's.
    """
    text = text.strip()
    literals = [text]
    if kind == "balance" and (pair := _PRINTED_PAIR.fullmatch(text)):
        # `print(vm, hosts)` printed a pair in Python 2; in Python 3 it prints the id as it is, and the list behind it.
        literals.append(f"({pair[1]!r}, {pair[2]})")
    for literal in literals:
        with suppress(ValueError, SyntaxError, TypeError, RecursionError):
            return ast.literal_eval(literal)
    raise Nonsense(f"it printed `{text[:100]}`, which is not {WANTED[kind]}")


def answer(kind: str, value: Any, asked: Sequence[str]) -> dict[str, Any]:
    """Return an answer in the form that the server reads: `result`, and some of the `strangers`, hosts that nobody asked about.

    Parameters
    ----------
    kind : {"filter", "score", "balance"}
        What was asked for.
    value : object
        What a plug-in printed or returned.
    asked : sequence of str
        The hosts in question.

    Raises
    ------
    Nonsense
        If it is not of the form that this kind has.
    """
    try:
        result, named = _READ[kind](value, asked)
    except (TypeError, ValueError) as error:
        reason = f": {error}" if isinstance(error, Nonsense) else ""
        raise Nonsense(f"its answer is `{_brief(value)}`, which is not {WANTED[kind]}{reason}") from None
    there = set(asked)
    strangers = dict.fromkeys(name for name in named if name not in there)
    return {"result": result, "strangers": list(strangers)[:_STRANGERS], "stranger_count": len(strangers)}


def _kept(value: Any, asked: Sequence[str]) -> tuple[list[str], list[str]]:
    named = _ids(value)
    kept = set(named)
    return [host for host in asked if host in kept], named


def _weights(value: Any, asked: Sequence[str]) -> tuple[list[tuple[str, int]], list[str]]:
    if not isinstance(value, (list, tuple)):
        raise Nonsense("it is no list")
    rows = [(_id(host), _weight(number)) for host, number in value]
    there = set(asked)
    return [row for row in rows if row[0] in there], [host for host, _ in rows]


def _migration(value: Any, asked: Sequence[str]) -> tuple[tuple[str, list[str]] | None, list[str]]:
    if not value:
        return None, []
    vm, hosts = value
    if not vm or not hosts:
        return None, []
    named = _ids(hosts)
    there = set(asked)
    receiving = [host for host in dict.fromkeys(named) if host in there]
    return ((_id(vm), receiving) if receiving else None), named


_READ: dict[str, Callable[[Any, Sequence[str]], tuple[Any, list[str]]]] = {
    "filter": _kept,
    "score": _weights,
    "balance": _migration,
}


def _ids(value: Any) -> list[str]:
    if not isinstance(value, (list, tuple, set, frozenset)):
        raise Nonsense("it is no list")
    return [_id(each) for each in value]


def _id(value: Any) -> str:
    if not isinstance(value, str):
        raise Nonsense(f"`{_brief(value)}` is no id, a text")
    return value


def _weight(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, Real) or value != value:
        raise Nonsense(f"`{_brief(value)}` is no number")
    clamped: Any = max(LOWEST, min(HIGHEST, value))  # infinity could not be rounded
    return int(clamped // 1)


def _brief(value: object) -> str:
    try:
        return reprlib.repr(value)[:100]
    except ValueError:  # a whole number of many digits has no repr
        return f"<{type(value).__name__}>"
