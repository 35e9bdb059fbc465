"""The values of one document's attributes, read when they are asked for."""

from __future__ import annotations

import copy
import re

from matchmaker.attributes.lookup import IDENTIFIER
from matchmaker.attributes.values import Value
from matchmaker.limits import tick
from matchmaker.opennebula.kinds import DocumentKind
from matchmaker.opennebula.parsing import Element, elements_at, text_of
from matchmaker.opennebula.xpath import in_brief, joined, value_of

_PATH = re.compile(r"[A-Za-z_][A-Za-z_0-9]*(?:/[A-Za-z_][A-Za-z_0-9]*)+")
"""A quoted name that only leads down by tags."""
_STEPS = re.compile(r"([A-Za-z_][A-Za-z_0-9]*)(?:\[[^\[\]|]*\])?(?:/[A-Za-z_][A-Za-z_0-9]*(?:\[[^\[\]|]*\])?)*")
"""A quoted name that leads down by tags, perhaps with conditions; the first tag."""


class Attributes(dict[str, Value]):
    """The values of one document's attributes, read when first asked for; None for what is not there.

    What is remembered is bounded, as strangers' expressions may ask for many names, and for much by one XPath.

    Parameters
    ----------
    kind : DocumentKind
        Says where to look.
    element : Element
        The document's root; in a pool it has siblings, which nothing sees.
    """

    __slots__ = ("_element", "_in_place", "_kind", "_later", "_room", "_sections")

    ROOM = 65_536
    """How much is remembered, in characters."""
    OVERHEAD = 100
    """What each name takes, and each of several values."""

    def __init__(self, kind: DocumentKind, element: Element) -> None:
        super().__init__()
        self._kind = kind
        self._element = element
        self._room = self.ROOM
        self._sections: list[tuple[str, Element]] | None = None
        self._later: set[str] | None = None
        self._in_place = False

    def read_ahead(self) -> None:
        """Read all plain names at once, for one thread that is to evaluate many expressions: what is asked for is then there.

        From now on no other thread may use the document: XPath is evaluated where it stands, and lxml turns to that end the
        element into a document for a moment.

        Left for later are names that several elements have, as their order matters, and elements that hold others.
        """
        found: dict[str, Value] = {}
        later: set[str] = set()
        for _, section in self._in_sections():
            for child in section.iterchildren("*"):
                tag = child.tag
                if tag in found or len(child):
                    later.add(tag)
                else:
                    found[tag] = child.text or ""
        for name in later:
            found.pop(name, None)
        self.update(found)
        self._later = later
        self._in_place = True

    def clear(self) -> None:
        """Forget all values; they are read again when they are asked for."""
        self._later = None
        super().clear()

    def __missing__(self, name: str) -> Value:
        if self._later is not None and name not in self._later and IDENTIFIER.fullmatch(name):
            return None
        size = self.OVERHEAD
        if IDENTIFIER.fullmatch(name):
            value = self._flat(name)  # all of these together are no larger than the document
        else:
            value = self._quoted(name)
            if isinstance(value, str):
                size += len(value)
            elif isinstance(value, list):
                size += sum(self.OVERHEAD + len(text) for text in value)
        if size <= self.ROOM:
            if size > self._room:
                self.clear()
                self._room = self.ROOM
            self._room -= size
            self[name] = value
        return value

    def _flat(self, name: str) -> Value:
        """Read the children of that name, in document order."""
        tick()
        found = [hits for _, section in self._in_sections() if (hits := list(section.iterchildren(name)))]
        if len(found) <= 1:
            return in_brief([text_of(hit) for hits in found for hit in hits])
        sections = {section for _, section in self._in_sections()}
        return in_brief([text_of(hit) for hit in self._element.iter(name) if hit.getparent() in sections])

    def _in_sections(self) -> list[tuple[str, Element]]:
        """Return the elements whose children are attributes, each with its search place."""
        if self._sections is None:
            self._sections = [
                (place, section) for place in self._kind.places for section in elements_at(self._element, place)
            ]
        return self._sections

    def _quoted(self, name: str) -> Value:
        tick()
        if _PATH.fullmatch(name):
            found = [hits for _, section in self._in_sections() if (hits := elements_at(section, name))]
            if len(found) <= 1:
                return in_brief([text_of(hit) for hits in found for hit in hits])
        places = self._places_of(name)
        if not places:
            return None
        root = self._element
        alone = root.getparent() is None and root.xpath("/*")[0] is root  # one taken out of its document still sees it
        if not alone and not self._in_place:
            root, alone = copy.deepcopy(root), True
        return value_of(joined(name, self._kind.root, places), root, alone=alone)

    def _places_of(self, name: str) -> tuple[str, ...]:
        """Return the search places where a quoted name may lead to something: each costs time, and most have no such child."""
        steps = _STEPS.fullmatch(name)
        if steps is None:
            return self._kind.places
        tag = steps[1]
        leading = (place for place, section in self._in_sections() if next(section.iterchildren(tag), None) is not None)
        return tuple(dict.fromkeys(leading))
