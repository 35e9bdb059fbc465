"""Documents with other values: an element is never changed, a changed copy takes its place."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from matchmaker.attributes.lookup import IDENTIFIER
from matchmaker.attributes.values import texts
from matchmaker.errors import CandidateError
from matchmaker.opennebula.parsing import Element, elements_at, lxml_etree

_FOR_NEW_ONES = "TEMPLATE"
"""The search place, of every kind, that gets the names which are nowhere yet."""


def edited(root: Element, places: tuple[str, ...], attributes: Mapping[str, Any]) -> Element:
    """Return a copy of a document in which some attributes have other values.

    Of the elements that a name means, the first in the document holds the new value, with more behind it for a list, and the
    others go. A name that means none gets its elements in TEMPLATE.

    Parameters
    ----------
    root : Element
        The document's root; in a pool it has siblings, which are not copied.
    places : tuple of str
        The search places.
    attributes : mapping of str to value
        The new values by name, each a value as on a plain mapping; None and the empty list remove the attribute.

    Raises
    ------
    CandidateError
        If a name is no plain one or that of a search place, or a value stands for nothing or for what XML cannot hold.
    """
    copied = copy.deepcopy(root)
    copied.tail = None
    for name, value in attributes.items():
        _check(name, places)
        _replace(copied, places, name, list(texts(value, name)))
    return copied


def _check(name: str, places: tuple[str, ...]) -> None:
    if not IDENTIFIER.fullmatch(name):
        raise CandidateError(
            "only a plain name can be changed in a document, of letters, digits and `_`", attribute=name
        )
    for place in places:
        steps = place.split("/")
        # Every search place but MONITORING's own two is itself a child of one, and so an attribute of that name.
        if any(step == name and "/".join(steps[:depth]) in places for depth, step in enumerate(steps)):
            raise CandidateError("it holds other attributes and cannot be changed as one", attribute=name)


def _replace(root: Element, places: tuple[str, ...], name: str, values: list[str]) -> None:
    """Put elements with these texts where there are some of that name."""
    sections = {section for place in places for section in elements_at(root, place)}
    hits = [hit for hit in root.iter(name) if hit.getparent() in sections]
    for hit in hits[1:] if values else hits:
        _remove(hit)
    if not values:
        return
    if hits:
        first = hits[0]
        first.clear(keep_tail=True)
    else:
        first = _made(next(root.iterchildren(_FOR_NEW_ONES), None), root, name)
    home = first.getparent()
    place = home.index(first)
    _write(first, values[0], name)
    for offset, text in enumerate(values[1:], 1):
        another = lxml_etree().Element(name)
        _write(another, text, name)
        home.insert(place + offset, another)


def _made(template: Element, root: Element, name: str) -> Element:
    """Add an element to TEMPLATE, which is made too if it is missing."""
    etree = lxml_etree()
    return etree.SubElement(etree.SubElement(root, _FOR_NEW_ONES) if template is None else template, name)


def _write(element: Element, text: str, name: str) -> None:
    try:
        element.text = text
    except ValueError:
        raise CandidateError(
            "a text with a control character, or half of a surrogate pair, cannot stand in a document", attribute=name
        ) from None


def _remove(element: Element) -> None:
    """Take an element out, but not the text behind it, which lxml counts as its own."""
    home = element.getparent()
    if element.tail:
        before = element.getprevious()
        if before is None:
            home.text = (home.text or "") + element.tail
        else:
            before.tail = (before.tail or "") + element.tail
    home.remove(element)
