"""How a name is resolved on a candidate: the kind protocol, and the kinds of plain mappings.

A *kind* says what an attribute's name means on one sort of candidate. Plain mappings have theirs here; candidates of other
sorts carry theirs as `kind`, and integrations define it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Protocol, runtime_checkable

from matchmaker.attributes.values import Value
from matchmaker.diagnostics import shown
from matchmaker.errors import CandidateError

Lookup = Callable[[Any], Value]
"""Reads one attribute of a candidate; None when it is not there."""

MOST_PLACES = 1_000_000
"""How many values a name may walk over; mappings inside themselves have no end of them."""

IDENTIFIER = re.compile(r"[A-Za-z][0-9A-Za-z_]*")
"""A name that needs no quotes."""


@runtime_checkable
class Kind(Protocol):
    """What names mean on candidates of one sort; instances are immutable and hashable."""

    @property
    def name(self) -> str:
        """What users call it, such as `host`."""

    def lookup(self, name: str) -> Lookup:
        """Return the function that reads an attribute.

        Parameters
        ----------
        name : str
            The attribute's name, without quotes.
        """

    def key(self, candidate: Any) -> object:
        """Return a candidate's own key, or None when it has none."""


class PlainKind:
    """Plain mappings: a name is a key.

    A name that needs quotes and is no key walks nested mappings and lists, a step at each `/`.

    Parameters
    ----------
    exact : bool
        Whether the candidates are dicts proper, which can be read without precautions.
    """

    __slots__ = ("exact",)

    name = "plain"

    def __init__(self, *, exact: bool) -> None:
        self.exact = exact

    def __reduce__(self) -> str:
        return "PLAIN" if self.exact else "MAPPING"  # the constant below that holds it

    def lookup(self, name: str) -> Lookup:
        """Return the function that reads an attribute."""
        steps = steps_of(name)
        if steps is None:
            if self.exact:
                return lambda candidate: candidate.get(name)
            return lambda candidate: _item(candidate, name, name)
        return lambda candidate: _walk(candidate, name, steps)

    def key(self, candidate: Any) -> object:
        """Return None: a plain mapping has no key of its own."""
        return None


PLAIN = PlainKind(exact=True)
"""The kind of dicts."""
MAPPING = PlainKind(exact=False)
"""The kind of all other mappings, which may run any code when read."""


def kind_of(candidate: Any) -> Kind:
    """Return the kind of a candidate.

    Raises
    ------
    CandidateError
        If it is neither a mapping nor carries a kind.
    """
    if type(candidate) is dict:
        return PLAIN
    if isinstance(candidate, Mapping):
        return MAPPING
    if not isinstance(candidate, type):
        try:
            kind = candidate.kind
            found = _is_kind(kind) and not hasattr(candidate, "candidates")  # a pool has a kind, too
        except Exception:  # whatever a stranger's object does when asked
            found = False
        if found:
            return kind  # type: ignore[no-any-return]
    raise CandidateError(f"a candidate is a mapping or a document, not a value of type `{type(candidate).__name__}`")


_MOST_KIND_TYPES = 64
_kind_types: set[type] = set()


def _is_kind(kind: object) -> bool:
    """Tell whether something is a kind; asking a protocol is slow, so that types which passed are remembered."""
    if type(kind) in _kind_types:
        return True
    if not isinstance(kind, Kind):
        return False
    if len(_kind_types) < _MOST_KIND_TYPES:
        _kind_types.add(type(kind))
    return True


def steps_of(name: str) -> list[str] | None:
    """Return the steps of a name that walks nested mappings, None when it is a plain key."""
    return None if IDENTIFIER.fullmatch(name) or "/" not in name or "[" in name else name.split("/")


def _item(mapping: Mapping[str, Any], key: str, attribute: str) -> Value:
    try:
        return mapping[key]
    except KeyError:
        return None
    except Exception as error:
        raise CandidateError(f"reading it failed: {shown(error)}", attribute=attribute) from error


def _walk(candidate: Mapping[str, Any], name: str, steps: list[str]) -> Value:
    value = _item(candidate, name, name)
    if value is not None:
        return value
    places: list[Any] = [candidate]
    left = MOST_PLACES
    for step in steps:
        below: list[Any] = []
        for place in places:
            if isinstance(place, Mapping):
                found = _item(place, step, name)
                elements = list(list.__iter__(found)) if issubclass(type(found), list) else [found]
                left -= len(elements)
                if left < 0:
                    raise CandidateError(f"it leads to more than {MOST_PLACES:,} places", attribute=name)
                below += elements
        places = [element for element in below if element is not None]
    return places
