"""Images, datastores, networks and clusters by ID, of OpenNebula's pool documents or of mappings that stand for them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from matchmaker.attributes.numbers import integer_reading
from matchmaker.attributes.values import texts
from matchmaker.diagnostics import shorten
from matchmaker.errors import DocumentError, MatchmakerError
from matchmaker.opennebula.documents import Document
from matchmaker.opennebula.parsing import checked, elements_at, lxml_etree, parse, text_of

Record = Any
"""An element of lxml, or a mapping with the same names."""

_WHOLE = re.compile(r"\s*([+-]?[0-9]{1,18})", re.ASCII)
_LISTS = (list, tuple, set, frozenset)


class UnknownResource(MatchmakerError, LookupError):
    """A template uses an image, datastore or network that is not in its pool, or whose name is there several times."""


def records(pool: Any) -> dict[int, Record]:
    """Return what a pool holds, by ID; of several with one ID the first.

    Parameters
    ----------
    pool : str, bytes, Element, mapping, iterable or None
        A document of a pool or of one record; a mapping of IDs to records, one record with its ID, or what JSON makes of a pool; an
        iterable of records: elements, documents, or mappings with an ID. None is empty.

    Raises
    ------
    DocumentError
        If it is none of these, or a record has no ID.
    """
    found: dict[int, Record] = {}
    for key, record in _listed(pool):
        element = record.element if isinstance(record, Document) else record
        if not isinstance(element, Mapping | lxml_etree()._Element):
            raise DocumentError(f"a record is an element or a mapping, not a value of type `{type(element).__name__}`")
        if type(key) is int:
            number = key if abs(key) < 10**18 else None
        else:
            number = integer(first(element, "ID") if key is None else key if isinstance(key, str) else None)
        if number is None:
            raise DocumentError("a record has no ID that is a whole number")
        if isinstance(element, Mapping) and "ID" not in element:
            element = {**element, "ID": number}
        found.setdefault(number, element)
    return found


def values(record: Record, path: str) -> list[str]:
    """Return the texts at a path of names.

    In a mapping, what should lie in TEMPLATE may lie beside it, and ids may be a list or a text with commas.
    """
    if record is None:
        return []
    if not isinstance(record, Mapping):
        return [text_of(element) for element in elements_at(record, path)]
    steps = path.split("/")
    found = list(_walked(record, steps))
    return _walked_texts(found or list(_walked(record, steps[1:])) if steps[0] == "TEMPLATE" else found, path)


def first(record: Record, path: str) -> str | None:
    """Return the first text at a path, None when there is none."""
    return next(iter(values(record, path)), None)


def integer(text: str | None) -> int | None:
    """Return the whole number that a text is, None when it is none."""
    found = None if text is None else _WHOLE.fullmatch(text)
    return None if found is None else int(found[1])


def integers(listed: Iterable[str]) -> frozenset[int]:
    """Return the numbers in texts of numbers and commas; what does not convert is left out."""
    readings = (integer_reading(part) for text in listed for part in text.split(","))
    return frozenset(number for number in readings if number is not None)


def members(clusters: Mapping[int, Record], section: str) -> dict[int, frozenset[int]]:
    """Return the clusters that say they hold a datastore or network, by the ID of that."""
    found: dict[int, frozenset[int]] = {}
    for cluster, record in clusters.items():
        for number in integers(values(record, f"{section}/ID")):
            found[number] = found.get(number, frozenset()) | {cluster}
    return found


def named(kind: str, pool: Mapping[int, Record], vector: Mapping[str, str], *, required: bool) -> Record:
    """Return the image or network that a vector names, by ID or by name and owner; None when it names none.

    Parameters
    ----------
    kind : {"IMAGE", "NETWORK"}
        What the names of the vector's values begin with.
    pool : mapping of int to record
        Where to look.
    vector : mapping of str to str
        A DISK, NIC or the like.
    required : bool
        Whether it is an error not to find it.

    Raises
    ------
    UnknownResource
        If it is required, and not there or there several times.
    """
    name = vector.get(kind)
    number = integer(vector.get(f"{kind}_ID"))
    if number is not None:
        found = [pool[number]] if number in pool else []
    elif name is None:
        return None
    else:
        owned = [
            ("NAME", name),
            *((key, vector[f"{kind}_{key}"]) for key in ("UID", "UNAME") if f"{kind}_{key}" in vector),
        ]
        found = [record for record in pool.values() if all(first(record, key) == text for key, text in owned)]
    if required and len(found) != 1:
        what = f"the ID {number}" if number is not None else f"the name `{shorten(str(name))}`"
        many = f"{len(found)} of them have" if found else f"no {kind.lower()} has"
        raise UnknownResource(f"`{kind}`: {many} {what}")
    return found[0] if len(found) == 1 else None


def _listed(pool: Any) -> Iterator[tuple[Any, Record]]:
    """Yield the records, each with its ID where that stands outside of it."""
    if pool is None:
        return
    if isinstance(pool, str | bytes):
        pool = parse(pool)
    elif isinstance(pool, lxml_etree()._Element):
        checked(pool)
    if isinstance(pool, Document):
        pool = pool.element
    if isinstance(pool, lxml_etree()._Element):
        whole = isinstance(pool.tag, str) and pool.tag.endswith("_POOL")
        yield from ((None, record) for record in (pool.iterchildren("*") if whole else (pool,)))
    elif isinstance(pool, Mapping):
        yield from _listed_mapping(pool)
    elif isinstance(pool, Iterable):
        yield from ((None, record) for record in pool)
    else:
        raise DocumentError(
            f"a pool is a document, an iterable or a mapping, not a value of type `{type(pool).__name__}`"
        )


def _listed_mapping(pool: Mapping[Any, Any]) -> Iterator[tuple[Any, Record]]:
    if "ID" in pool:
        yield None, pool
        return
    whole = next((key for key in pool if isinstance(key, str) and key.endswith("_POOL")), None)
    if whole is None:
        yield from pool.items()
        return
    inner = pool[whole]
    for value in inner.values() if isinstance(inner, Mapping) else ():
        yield from ((None, record) for record in (value if isinstance(value, _LISTS) else (value,)))


def _walked(record: Any, steps: list[str]) -> Iterator[Any]:
    """Yield what lies at a path; numbers and texts in place of the last step, an ID, stand for themselves."""
    places = [record]
    for step in steps:
        following: list[Any] = []
        for place in places:
            if isinstance(place, Mapping):
                inner = place.get(step)
                following.extend(inner if isinstance(inner, _LISTS) else (inner,))
            elif step == "ID":
                following.append(place)
        places = following
    yield from (place for place in places if place is not None)


def _walked_texts(found: list[Any], path: str) -> list[str]:
    return [text for value in found for text in texts(value, path)]
