"""A line of a batch: what it asks for, or what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

from matchmaker.cli.expressions import MOST_WARNINGS, DialectName, shortened
from matchmaker.cli.formats.arriving import LONGEST, Line
from matchmaker.cli.formats.encoding import line_text
from matchmaker.cli.formats.json_text import parse, type_name
from matchmaker.cli.formats.recognise import BLANKS
from matchmaker.cli.rendering import as_entry
from matchmaker.diagnostics import Diagnostic
from matchmaker.errors import BindingError, DocumentError, ExpressionError
from matchmaker.expressions import Rank, Requirement
from matchmaker.source import Source

Id = str | int | float | None
"""What a request may be called."""
_MEMBERS = ("requirement", "rank", "dialect", "request", "limit", "id")


@dataclass(frozen=True, slots=True)
class Request:
    """What a line asks for; `diagnostics` are about its own expressions, as `check --json` prints them."""

    line: int
    id: Id
    requirement: Requirement | None
    rank: Rank | None
    limit: int | None
    diagnostics: Sequence[dict[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class BadRequest:
    """Why a line cannot be answered; the code is that of the first diagnostic that is an error."""

    line: int
    id: Id
    message: str
    code: str | None = None
    diagnostics: Sequence[dict[str, Any]] = ()


class Usual(NamedTuple):
    """What holds where a line does not say otherwise; `request` are the attributes to bind."""

    rank: Rank | None = None
    limit: int | None = None
    dialect: str = "opennebula"
    request: Mapping[str, Any] | None = None


def read_request(line: Line, name: str, usual: Usual) -> Request | BadRequest | None:
    """Read a line of a batch.

    Parameters
    ----------
    line : Line
        A JSON object, whose members may all be missing.
    name : str
        What messages call the document.
    usual : Usual
        What holds where the line does not say otherwise.

    Returns
    -------
    Request or BadRequest or None
        None of a blank line.
    """
    try:
        members = _members(line, name)
    except DocumentError as error:
        return BadRequest(line.number, None, str(error))
    if members is None:
        return None
    called = members.get("id")
    if problem := _problem(members):
        # An id that is none cannot be repeated: it may be nested deeper than can be printed.
        return BadRequest(line.number, called if _is_id(called) else None, f"{name}:{line.number}: {problem}")
    found: list[dict[str, Any]] = []
    dialect = members.get("dialect") or usual.dialect
    wanted = _compiled(Requirement, "requirement", members, dialect, found)
    order = _compiled(Rank, "rank", members, dialect, found) or usual.rank
    errors = [entry for entry in found if entry["severity"] == "error"]
    if errors:
        return BadRequest(line.number, called, errors[0]["message"], errors[0]["code"], found)
    attributes = usual.request if members.get("request") is None else members["request"]
    if attributes is not None:
        try:
            wanted, order = wanted and wanted.bind(attributes), order and order.bind(attributes)
        except BindingError as error:
            return BadRequest(line.number, called, str(error), None, found)
    most = members.get("limit")
    return Request(line.number, called, wanted, order, usual.limit if most is None else most, found)


def _members(line: Line, name: str) -> dict[str, Any] | None:
    """Return the members of the object on a line, None when it is blank."""
    if line.data is None:
        raise DocumentError(f"{name}:{line.number}: the line is longer than {LONGEST // 1024 // 1024} MiB")
    text = line_text(line.data, name, line.number)
    if not text.strip(BLANKS):
        return None
    members = parse(text, name, first_line=line.number)
    if not isinstance(members, dict):
        raise DocumentError(f"{name}:{line.number}: a request is an object, not {type_name(members)}")
    return members


def _problem(members: dict[str, Any]) -> str:
    """Return what is wrong with the members of a request before its expressions are looked at; empty when nothing is."""
    for name, value in members.items():
        if name not in _MEMBERS:
            known = ", ".join(f"`{each}`" for each in _MEMBERS[:-1])
            return f"`{shortened(name)}` is no member of a request: there are {known} and `{_MEMBERS[-1]}`"
        if name in ("requirement", "rank") and not isinstance(value, str | None):
            return f"`{name}` is a text, not {type_name(value)}"
        if name == "limit" and value is not None and not (type(value) is int and value >= 0):
            shown = shortened(str(value)) if type(value) in (int, float) else type_name(value)
            return f"`limit` is a whole number of at least 0, not {shown}"
        if name == "dialect" and value not in (None, *DialectName):
            shown = shortened(value) if isinstance(value, str) else type_name(value)
            return f"`dialect` is {' or '.join(DialectName)}, not {shown}"
        if name == "request" and not isinstance(value, dict | None):
            return f"`request` is an object, not {type_name(value)}"
        if name == "id" and not _is_id(value):
            return f"`id` is a text or a number, not {type_name(value)}"
    return ""


def _is_id(value: Any) -> bool:
    return value is None or type(value) in (str, int, float)


_Compiled = TypeVar("_Compiled", Requirement, Rank)


def _compiled(
    compiler: type[_Compiled], member: str, members: dict[str, Any], dialect: str, found: list[dict[str, Any]]
) -> _Compiled | None:
    """Return the expression of a member, None without one or when it is not valid; what parsing met is added to `found`."""
    text = members.get(member)
    if text is None:
        return None
    expression: _Compiled | None = None
    diagnostics: Sequence[Diagnostic]
    try:
        expression = compiler(text, dialect=dialect)
        diagnostics = expression.diagnostics
    except ExpressionError as error:
        diagnostics = error.diagnostics
    source = Source(text)
    warnings = 0
    for diagnostic in diagnostics:
        warnings += diagnostic.severity == "warning"
        if diagnostic.severity == "error" or warnings <= MOST_WARNINGS:
            found.append(as_entry(member, diagnostic, source))
    return expression
