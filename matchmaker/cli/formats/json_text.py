"""JSON, strictly: what is ambiguous or no JSON is refused, and every refusal names line and column."""

from __future__ import annotations

import json
import math
import re
import sys
from typing import Any, NoReturn

from matchmaker.errors import DocumentError

_TOKEN = re.compile(
    r'"(?:[^"\\]++|\\.)*+"?|[{}\[\],:]|-?(?:NaN|Infinity)|-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?',
    re.DOTALL,
)
"""A string may lack its end: as a match it takes the rest of the text, where no match would be looked for again and again."""
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


class _Refused(Exception):
    """Something stands in a text that JSON allows or Python accepts, and that is refused; where is yet to be found."""


def parse(text: str, name: str, *, first_line: int = 1) -> Any:
    """Return the value of a JSON text.

    Whole numbers become int, others float. Refused are NaN and Infinity, numbers that no float holds, whole numbers too long
    to be read in reasonable time, an object with a key twice, half a surrogate pair, and nesting too deep for the parser.

    Parameters
    ----------
    text : str
        One value.
    name : str
        What messages call the text.
    first_line : int
        The number of its first line.

    Raises
    ------
    DocumentError
        If the text is not such JSON; it names line and column.
    """

    def refuse(offset: int, message: str) -> NoReturn:
        line = first_line + text.count("\n", 0, offset)
        column = offset - text.rfind("\n", 0, offset)
        raise DocumentError(f"{name}:{line}:{column}: {message}") from None

    try:
        value = json.loads(text, object_pairs_hook=_object, parse_constant=_constant, parse_float=_float)
    except json.JSONDecodeError as error:
        refuse(error.pos, _message(error))
    except RecursionError:
        offset, levels = _deepest(text)
        refuse(offset, f"nested too deep, {levels} levels")
    except (_Refused, ValueError):  # a ValueError: a whole number has too many digits
        refuse(*(_first_problem(text) or (0, "not JSON")))
    if _SURROGATE.search(text) and (problem := _first_problem(text)):
        refuse(*problem)
    return value


def type_name(value: Any) -> str:
    """Return what JSON calls a value, such as `a list`."""
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    names = {dict: "an object", list: "a list", str: "a text", int: "a number", float: "a number"}
    return names[type(value)]


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise _Refused
    return made


def _constant(_: str) -> NoReturn:
    raise _Refused


def _float(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise _Refused
    return number


def _message(error: json.JSONDecodeError) -> str:
    message = error.msg.removesuffix(" at").removesuffix(" starting")
    if message == "Expecting value" and not error.doc[error.pos :].strip():
        return "the JSON text ends too early"
    if message == "Extra data":
        return "there is more behind the end of the JSON value; in JSON Lines each object has one line of its own"
    return message[:1].lower() + message[1:]


def _deepest(text: str) -> tuple[int, int]:
    """Return where a text is nested most, and how deep."""
    depth, deepest, where = 0, 0, 0
    for found in _TOKEN.finditer(text):
        if found[0] in "[{":
            depth += 1
            if depth > deepest:
                deepest, where = depth, found.start()
        elif found[0] in "]}":
            depth -= 1
    return where, deepest


def _first_problem(text: str) -> tuple[int, str] | None:
    """Return where something is refused, and why; None when nothing is."""
    open_objects: list[set[str] | None] = []  # the keys met so far in each; None stands for a list
    key, place = "", 0
    for found in _TOKEN.finditer(text):
        piece = found[0]
        if piece in "[{":
            open_objects.append(set() if piece == "{" else None)
        elif piece in "]}":
            open_objects.pop()
        elif piece[0] == '"':
            key, place = json.loads(piece, strict=False), found.start()
            if not key.isascii() and any("\ud800" <= character <= "\udfff" for character in key):
                return place, "half of a surrogate pair stands for no character"
        elif piece == ":":
            keys = open_objects[-1]
            assert keys is not None
            if key in keys:
                return place, f"the key `{key}` is there twice in one object"
            keys.add(key)
        elif piece != "," and (message := _wrong_number(piece)):
            return found.start(), message
    return None


def _wrong_number(digits: str) -> str:
    if digits[-1] in "Ny":
        return f"{digits} is no JSON number"
    if digits.lstrip("-").isdigit():
        count, most = len(digits.lstrip("-")), sys.get_int_max_str_digits()
        return f"a whole number of {count} digits is too long" if 0 < most < count else ""
    return "the number is too large" if math.isinf(float(digits)) else ""
