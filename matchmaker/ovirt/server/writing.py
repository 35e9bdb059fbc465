"""Writes answers in XML-RPC that oVirt's engine can read: whole numbers of 32 bits, no floats and no nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import cast

from matchmaker.diagnostics import shown
from matchmaker.ovirt.server.messages import Fault

_HEAD = '<?xml version="1.0" encoding="UTF-8"?><methodResponse>'
_END = "</methodResponse>"
_MOST = 1 << 31
_SPECIAL = re.compile("[&<>\r\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What is markup, what a parser would take for the end of a line, and what XML 1.0 does not have."""
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}


def write_answer(value: object) -> bytes:
    """Return the body of an answer.

    Parameters
    ----------
    value : object
        A text, a whole number, a truth value, a list or tuple of such, or a dict of such by texts. Characters that XML does
        not have are replaced.

    Raises
    ------
    TypeError
        If it holds anything else.
    ValueError
        If it holds a number that 32 bits do not hold.
    """
    return _document("<params><param>", value, "</param></params>")


def write_fault(fault: Fault) -> bytes:
    """Return the body that tells a fault."""
    return _document("<fault>", {"faultCode": fault.code, "faultString": fault.message}, "</fault>")


def _document(start: str, value: object, end: str) -> bytes:
    pieces = [_HEAD, start]
    _write((value,), pieces.append)
    pieces += end, _END
    return "".join(pieces).encode()


def _write(values: Iterable[object], put: Callable[[str], None]) -> None:
    for value in values:
        if isinstance(value, str):
            put(f"<value><string>{_escaped(value)}</string></value>")
        elif isinstance(value, bool):
            put(f"<value><boolean>{value:d}</boolean></value>")
        elif isinstance(value, int):
            if not -_MOST <= value < _MOST:
                raise ValueError(f"the answer has the number {shown(value)}, which 32 bits do not hold")
            put(f"<value><int>{value:d}</int></value>")
        elif isinstance(value, (list, tuple)):
            put("<value><array><data>")
            if rows := _rows(value):
                put(rows)
            else:
                _write(value, put)
            put("</data></array></value>")
        elif isinstance(value, dict):
            put("<value><struct>")
            for name, each in value.items():
                if not isinstance(name, str):
                    raise TypeError(f"the answer has a struct with the name {shown(name)}, which is no text")
                put(f"<member><name>{_escaped(name)}</name>")
                _write((each,), put)
                put("</member>")
            put("</struct></value>")
        else:
            raise TypeError(f"the answer has {shown(value)}, which is no text, whole number, truth value, list or dict")


def _rows(values: Sequence[object]) -> str:
    """Return rows `[host, weight, unit]`, all at once as they are most of what is written; nothing when they are others."""
    if not values or not {tuple, list}.issuperset(map(type, values)):
        return ""
    rows = cast("Sequence[tuple[str, int, str]]", values)
    if set(map(len, rows)) != {3}:
        return ""
    hosts, weights, units = zip(*rows, strict=True)
    if set(map(type, (*hosts, *units))) != {str} or set(map(type, weights)) != {int}:
        return ""
    if not _is_plain("".join({*hosts, *units})) or not -_MOST <= min(weights) <= max(weights) < _MOST:
        return ""
    return "".join(
        [
            f"<value><array><data><value><string>{host}</string></value><value><int>{weight}</int></value>"
            f"<value><string>{unit}</string></value></data></array></value>"
            for host, weight, unit in rows
        ]
    )


def _escaped(text: str) -> str:
    return text if _is_plain(text) else _SPECIAL.sub(_escape, text)


def _is_plain(text: str) -> bool:
    """Tell whether a text needs no escapes, as nearly all; for some that need none it is False. It is quicker than `sub`."""
    return text.isprintable() and "&" not in text and "<" not in text and ">" not in text


def _escape(found: re.Match[str]) -> str:
    return _ESCAPES.get(found[0], "\N{REPLACEMENT CHARACTER}")
