"""Writes answers in XML-RPC that oVirt's engine can read: whole numbers of 32 bits, no floats and no nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from matchmaker.diagnostics import shown
from matchmaker.ovirt.server.messages import Fault
from matchmaker.ovirt.server.weight_rows import WeightRows

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
        A text, a whole number, a truth value, a list or tuple of such, rows of weights, or a dict of such by texts. Characters that XML does
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
            put(_string(value))
        elif isinstance(value, bool):
            put(f"<value><boolean>{value:d}</boolean></value>")
        elif isinstance(value, int):
            _check_number(value)
            put(f"<value><int>{value:d}</int></value>")
        elif isinstance(value, (list, tuple)):
            put("<value><array><data>")
            _write(value, put)
            put("</data></array></value>")
        elif isinstance(value, WeightRows):
            _write_rows(value, put)
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


def _write_rows(rows: WeightRows, put: Callable[[str], None]) -> None:
    """Write rows of weights: what all rows of a host have in common once, and what all of a weigher have."""
    put("<value><array><data>")
    known: Sequence[str] = ()
    starts: list[str] = []
    for hosts, weights, unit in rows.blocks:
        if hosts is not known:
            known, starts = hosts, [f"<value><array><data>{_string(host)}<value><int>" for host in hosts]
        for weight in (min(weights, default=0), max(weights, default=0)):
            _check_number(weight)
        end = f"</int></value>{_string(unit)}</data></array></value>"
        put("".join([f"{start}{weight:d}{end}" for start, weight in zip(starts, weights, strict=True)]))
    put("</data></array></value>")


def _string(text: str) -> str:
    return f"<value><string>{_escaped(text)}</string></value>"


def _check_number(number: int) -> None:
    if not -_MOST <= number < _MOST:
        raise ValueError(f"the answer has the number {shown(number)}, which 32 bits do not hold")


def _escaped(text: str) -> str:
    return text if _is_plain(text) else _SPECIAL.sub(_escape, text)


def _is_plain(text: str) -> bool:
    """Tell whether a text needs no escapes, as nearly all; for some that need none it is False. It is quicker than `sub`."""
    return text.isprintable() and "&" not in text and "<" not in text and ">" not in text


def _escape(found: re.Match[str]) -> str:
    return _ESCAPES.get(found[0], "\N{REPLACEMENT CHARACTER}")
