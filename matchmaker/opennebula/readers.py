"""How OpenNebula's scheduler reads values from its document; an absent element gives the default in all of them.

Paths are read whole, by the same rules as attributes in expressions (`integer_at`, `integers_at`, `float_at`). Conditions on
states are XPath's (`says`). What lies in a VM's template, and the vectors of hosts and VM groups, is first turned into mappings
(`vector`, `vectors`), whose numbers are read strictly (`strict`) or leniently (`lenient`).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Mapping

from matchmaker.attributes.numbers import float_reading
from matchmaker.opennebula.parsing import Element, lxml_etree, text_of

INT32 = (-(2**31), 2**31 - 1)
UINT32 = (0, 2**32 - 1)
INT64 = (-(2**63), 2**63 - 1)

Range = tuple[int, int]
"""The smallest and the largest number of a type."""
Vector = Mapping[str, str]
"""The values of a vector by name."""

_LEADING = re.compile(r"[ \t\n\v\f\r]*([+-]?)0*([0-9]+)")
_XPATH_NUMBER = re.compile(r"[ \t\r\n]*-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)[ \t\r\n]*")


def integer_at(element: Element, path: str, default: int, *, within: Range = INT32) -> int:
    """Return the leading integer of the first element at a path; the default when it does not convert."""
    found = element.find(path)
    number = None if found is None else leading_integer(text_of(found), within)
    return default if number is None else number


def integers_at(element: Element, path: str, *, within: Range = INT32) -> list[int]:
    """Return the leading integers of all elements at a path, without those that do not convert."""
    readings = (leading_integer(text_of(found), within) for found in element.iterfind(path))
    return [number for number in readings if number is not None]


def float_at(element: Element, path: str, default: float) -> float:
    """Return the leading number, a float32, of the first element at a path; the default when it does not convert."""
    found = element.find(path)
    number = None if found is None else float_reading(text_of(found))
    return default if number is None else number


def says(element: Element, tag: str, number: int) -> bool:
    """Tell whether any child of that tag is that number, as XPath reads numbers."""
    for child in element.iterchildren(tag):
        text = text_of(child)
        if _XPATH_NUMBER.fullmatch(text) and float(text) == number:
            return True
    return False


def leading_integer(text: str, within: Range) -> int | None:
    """Read white space, a sign and digits, whatever follows; None without digits or outside the range."""
    return _integer(_LEADING.match(text), within)


def vectors(elements: Iterable[Element], name: str) -> list[Vector]:
    """Return the vectors of a name among elements, in order; the name counts in any case."""
    return [vector(element) for element in elements if _named(element, name) and has_child_elements(element)]


def vector(element: Element) -> dict[str, str]:
    """Return the values of a vector: the first text or CDATA section of each child; of namesakes the last counts."""
    found: dict[str, str] = {}
    for child in element.iterchildren("*"):
        pieces = pieces_of(child)
        if pieces:
            found[child.tag] = pieces[0]
    return found


def has_child_elements(element: Element) -> bool:
    """Tell whether an element is a vector, and not a text or nothing."""
    return next(element.iterchildren("*"), None) is not None


def strict(values: Vector, name: str, *, within: Range = INT64) -> int | None:
    """Return a value that as a whole is a number, but for leading blanks; None for any other."""
    text = values.get(name)
    found = None if text is None else _LEADING.match(text)
    return None if found is None or found.end() < len(found.string) else _integer(found, within)


def lenient(values: Vector, name: str, default: int, *, within: Range = INT64) -> int:
    """Return a value's leading number whatever follows, 0 when it has none; beyond the range its nearest end.

    A negative number where none may be is as if absent.
    """
    text = values.get(name)
    if text is None:
        return default
    found = _LEADING.match(text)
    if found is None:
        return 0
    number = _value(found)
    if found[1] == "-" and within[0] == 0:
        return default
    return max(within[0], min(number, within[1]))


def _named(element: Element, name: str) -> bool:
    tag = element.tag
    return tag == name or (isinstance(tag, str) and tag.upper() == name)


def pieces_of(element: Element) -> list[str]:
    """Return the texts and CDATA sections in an element, which `text` of lxml runs together."""
    return [str(piece) for piece in _pieces()(element)]


@functools.cache
def _pieces() -> Callable[[Element], list[str]]:
    return lxml_etree().XPath("text()", smart_strings=False)  # type: ignore[no-any-return]


def _integer(found: re.Match[str] | None, within: Range) -> int | None:
    if found is None:
        return None
    number = _value(found)
    return number if within[0] <= number <= within[1] else None


def _value(found: re.Match[str]) -> int:
    sign, digits = found.groups()
    magnitude = int(digits) if len(digits) < 30 else 10**30
    return -magnitude if sign == "-" else magnitude
