"""Quoted names: XPath fragments that are looked for at every search place of a document."""

from __future__ import annotations

import functools
from typing import Any

from matchmaker.attributes.values import Value
from matchmaker.language.xpaths import tokens
from matchmaker.opennebula.parsing import Element, lxml_etree, text_of
from matchmaker.opennebula.special_values import ComputedNumber

_OF_CONTEXT = frozenset({"local-name", "name", "namespace-uri", "normalize-space", "number", "string", "string-length"})
"""The functions that, without an argument, look at the context node."""


def joined(name: str, root: str, places: tuple[str, ...]) -> str:
    """Return the XPath that a quoted name stands for.

    Parameters
    ----------
    name : str
        The name; one that begins with `/` is the whole XPath.
    root : str
        The tag of the document's root.
    places : tuple of str
        The search places, as paths from the root.
    """
    if name.startswith("/"):
        return name
    return "|".join(f"/{root}/{place}/{name}" if place else f"/{root}/{name}" for place in places)


def rooted(expression: str) -> str:
    """Return the XPath that means at the root element what another means at the document node, where upstream stands.

    In `/HOST/X|HOST/ID` the second path begins at the document node. lxml can only begin at an element.
    """
    pieces: list[str] = []
    done = 0
    before = previous = ""
    for text, start, begins, depth in tokens(expression):
        without_argument = text == ")" and previous == "(" and before in _OF_CONTEXT
        if depth == 0 and (begins == "relative" or without_argument):
            pieces += expression[done:start], "/"
            done = start
        before, previous = previous, text
    return "".join(pieces) + expression[done:]


@functools.lru_cache(maxsize=256)
def _compiled(expression: str) -> Any:
    """Return a function of a root element; None for what is not valid."""
    etree = lxml_etree()
    try:
        return etree.XPath(rooted(expression), smart_strings=False, regexp=False)
    except (etree.XPathError, ValueError):
        return None


def value_of(expression: str, root: Element) -> Value:
    """Evaluate an XPath: the texts of the elements it finds, or the number that it computes.

    Parameters
    ----------
    expression : str
        What `joined` returned.
    root : Element
        The root of a document of its own.

    Returns
    -------
    Value
        None when it is not valid, fails, or finds no element.
    """
    find = _compiled(expression)
    if find is None:
        return None
    etree = lxml_etree()
    try:
        result = find(root)
    except (etree.XPathError, ValueError):
        return None
    if isinstance(result, float):
        return ComputedNumber(result)
    if not isinstance(result, list):
        return None
    return in_brief([text_of(node) for node in result if isinstance(getattr(node, "tag", None), str)])


def in_brief(texts: list[str]) -> Value:
    """Return the value that so many texts are: None, a text, or a list."""
    return texts if len(texts) > 1 else texts[0] if texts else None
