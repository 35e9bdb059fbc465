"""What a person wrote of a host or virtual machine, checked: values that expressions can read, in the documented units."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from matchmaker.diagnostics import shorten
from matchmaker.ovirt.attributes import AttributeNote
from matchmaker.ovirt.errors import InventoryError

_BEYOND = 10**31


def units_of(notes: Iterable[AttributeNote]) -> dict[str, str]:
    """Return the unit of each documented attribute."""
    return {note.name: note.unit for note in notes}


def checked_attributes(written: object, units: dict[str, str], where: str) -> dict[str, Any]:
    """Return the attributes of a host or virtual machine.

    Attributes without a value are left out. A documented one must be what its unit says: a whole number where a text is
    wanted becomes that text, a truth value where YES or NO is wanted one of these. Others may be texts, numbers, truth values
    and lists of them.

    Parameters
    ----------
    written : object
        What stands in the file.
    units : dict of str to str
        The units of the documented attributes.
    where : str
        The file and the place in it, for messages.

    Raises
    ------
    InventoryError
        If it is no mapping, or a value is of another sort; with the attribute.
    """
    if not isinstance(written, dict):
        raise InventoryError(f"{where}: expected a mapping of attributes, not {_said(written)}")
    name = written.get("ID")
    where += f" `{shorten(str(name))}`" if isinstance(name, (str, int)) else ""
    attributes: dict[str, Any] = {}
    for attribute, value in written.items():
        if value is None:
            continue
        unit = units.get(attribute)
        try:
            attributes[attribute] = _own(value) if unit is None else _documented(value, unit)
        except ValueError as error:
            raise InventoryError(f"{where}, attribute `{shorten(attribute)}`: {error}") from None
    if not attributes.get("ID"):
        raise InventoryError(f"{where}: attribute `ID` is missing")
    return attributes


def _documented(value: object, unit: str) -> Any:
    if unit == "text":
        return _text(value)
    if unit == "YES or NO":
        if isinstance(value, bool):
            return "YES" if value else "NO"
        if value in ("YES", "NO"):
            return value
        raise ValueError(f"expected YES or NO, not {_said(value)}")
    if unit == "list of texts":
        if not isinstance(value, list):
            raise ValueError(f"expected a list of texts, not {_said(value)}")
        return [_text(element) for element in value]
    if not _is_number(value):
        hint = "; write the number alone, without quotes" if isinstance(value, str) else ""
        wanted = "a number" if unit == "number" else f"a number ({unit})"
        raise ValueError(f"expected {wanted}, not {_said(value)}{hint}")
    return value


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int) and _is_number(value):
        return str(value)
    hint = "" if isinstance(value, (dict, list)) else "; put it in quotes"
    raise ValueError(f"expected a text, not {_said(value)}{hint}")


def _own(value: object) -> Any:
    elements = value if isinstance(value, list) else [value]
    for element in elements:
        if not isinstance(element, (str, bool)) and not _is_number(element):
            raise ValueError(f"a value is a text, a number, true or false, or a list of these, not {_said(element)}")
    return value


def _is_number(value: object) -> bool:
    """Tell whether it is a number that a comparison can read."""
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < _BEYOND


def _said(value: object) -> str:
    """Return how a value is named in a message."""
    if isinstance(value, str):
        return f"the text `{shorten(value)}`"
    if value is None:
        return "nothing"
    if isinstance(value, (dict, list)):
        return "a mapping" if isinstance(value, dict) else "a list"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value}`" if _is_number(value) else "a number beyond all bounds"
