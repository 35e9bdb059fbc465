"""Quoted names: XPath fragments that are looked for at every search place of a document."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import Any

from matchmaker.attributes.values import Value
from matchmaker.errors import LimitError
from matchmaker.language.xpaths import tokens
from matchmaker.limits import tick
from matchmaker.opennebula.parsing import Element, lxml_etree, text_of
from matchmaker.opennebula.special_values import ComputedNumber

_OF_CONTEXT = frozenset({"local-name", "name", "namespace-uri", "normalize-space", "number", "string", "string-length"})
"""The functions that, without an argument, look at the context node."""
_BLANKS = " \t\r\n"
_WITHIN_PATHS = ("/", "//", "::", "@")
_BEFORE_STEPS = ("|", *_WITHIN_PATHS)
_STEP = re.compile(r"\.\.?|\*|[A-Za-z_\x80-\U0010ffff].*", re.DOTALL)


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


def parts_of(expression: str) -> list[str] | None:
    """Return the different paths that an expression joins by `|`; None when they need not, or cannot, be looked for one by one.

    Of `A|B` libxml2 compares each node of `A` with each of `B`, even if they are the same path.
    """
    if "//" not in expression and "::" not in expression:
        return None  # that leads to few nodes
    parts: dict[str, None] = {}
    begin = nested = 0
    before = "|"
    for text, start, _, _ in tokens(f"{expression}|"):
        if nested == 0 and text == "|":
            parts[expression[begin:start].strip(_BLANKS)] = None
            begin = start + 1
        elif text in ("[", "("):
            nested += 1
        elif text in ("]", ")"):
            nested -= 1
        elif nested == 0 and text not in _WITHIN_PATHS and not (before in _BEFORE_STEPS and _STEP.fullmatch(text)):
            return None
        if nested < 0:
            return None
        before = text
    return None if begin <= len(expression) or expression.strip(_BLANKS) in parts else list(parts)


class _Search:
    """A valid XPath, ready to be evaluated.

    Parameters
    ----------
    expression : str
        What `joined` returned.
    """

    __slots__ = ("_compiled", "_texts", "_whole")

    def __init__(self, expression: str) -> None:
        parts = parts_of(expression)
        self._whole = parts is None  # then it may return a number; what several paths find belongs together
        self._texts = [rooted(part) for part in parts or (expression,)]
        path = lxml_etree().XPath
        self._compiled = [path(text, smart_strings=False, regexp=False) for text in self._texts]

    def elements(self, root: Element, *, alone: bool) -> list[Element] | float | None:
        """Return the elements in document order, or a number; None for all else."""
        hits: list[list[Element]] = []
        for find in self._finders(root, alone=alone):
            tick()
            found = find()
            if isinstance(found, float) and self._whole:
                return found
            if not isinstance(found, list):
                return None
            hits.append([node for node in found if isinstance(getattr(node, "tag", None), str)])
        hits = [elements for elements in hits if elements] or [[]]
        if len(hits) == 1:
            return hits[0]
        together = set().union(*hits)
        return [element for element in root.iter("*") if element in together]

    def _finders(self, root: Element, *, alone: bool) -> list[Callable[[], Any]]:
        if alone:
            return [functools.partial(path, root) for path in self._compiled]
        # Only this one takes an element for a document; it cannot be compiled once for all.
        etree = lxml_etree()
        evaluate = etree.XPathDocumentEvaluator(etree.ElementTree(root), regexp=False, smart_strings=False)
        return [functools.partial(evaluate, text) for text in self._texts]


@functools.lru_cache(maxsize=256)
def _compiled(expression: str) -> _Search | None:
    """Return what evaluates an expression; None when it is not valid."""
    try:
        return _Search(expression)
    except (lxml_etree().XPathError, ValueError):
        return None


def value_of(expression: str, root: Element, *, alone: bool = True) -> Value:
    """Evaluate an XPath: the texts of the elements it finds, or the number that it computes.

    Parameters
    ----------
    expression : str
        What `joined` returned.
    root : Element
        The root of the document.
    alone : bool
        Whether it is the root of what lxml calls its document, and not an element of a larger one.

    Returns
    -------
    Value
        None when it is not valid, fails, or finds no element.

    Raises
    ------
    LimitError
        When the CPU time of a `matchmaker.limits.Budget` is used up.
    """
    tick()
    search = _compiled(expression)
    if search is None:
        return None
    try:
        found = search.elements(root, alone=alone)
    except LimitError:
        raise
    except (lxml_etree().XPathError, ValueError):
        return None
    if isinstance(found, float):
        return ComputedNumber(found)
    if found is None:
        return None
    texts = []
    for element in found:
        if len(element):
            tick()
        texts.append(text_of(element))
    return in_brief(texts)


def in_brief(texts: list[str]) -> Value:
    """Return the value that so many texts are: None, a text, or a list."""
    return texts if len(texts) > 1 else texts[0] if texts else None
