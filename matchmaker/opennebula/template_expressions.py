"""The expressions in a template of virtual machines, or in documents of them, and where they stand."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from typing import Any, Literal

from matchmaker.errors import DocumentError
from matchmaker.opennebula.template_syntax import Reader, TemplateError
from matchmaker.opennebula.value_places import Places
from matchmaker.source import Source

_REQUIREMENT: Literal["requirement"] = "requirement"
_RANK: Literal["rank"] = "rank"
_EXPRESSIONS: dict[str, tuple[Literal["requirement", "rank"], str]] = {
    "SCHED_REQUIREMENTS": (_REQUIREMENT, "host"),
    "SCHED_RANK": (_RANK, "host"),
    "RANK": (_RANK, "host"),
    "SCHED_DS_REQUIREMENTS": (_REQUIREMENT, "datastore"),
    "SCHED_DS_RANK": (_RANK, "datastore"),
    "NIC/SCHED_REQUIREMENTS": (_REQUIREMENT, "network"),
    "NIC/SCHED_RANK": (_RANK, "network"),
}
"""What the attributes hold, and what kind of candidates it is for."""
_ROOTS = ("VM", "VM_POOL", "VMTEMPLATE", "VMTEMPLATE_POOL", "TEMPLATE")
_OWNERS = ("VM", "VMTEMPLATE")
_TEMPLATES = ("TEMPLATE", "USER_TEMPLATE")
_DEEPEST = 128
_FARTHEST = 5
"""An expression is that many elements deep at most: in a NIC of the TEMPLATE of a VM of a pool."""
_SEPARATE = re.compile(r'\\"|\n')


@dataclass(slots=True)
class Owner:
    """The virtual machine, or template, that expressions belong to.

    Parameters
    ----------
    tag : {"VM", "VMTEMPLATE"}
        What it is.
    id : int or None
        Its ID, where the document has one.
    """

    tag: str
    id: int | None = None


@dataclass(frozen=True, slots=True)
class TemplateExpression:
    """An expression in a template.

    Parameters
    ----------
    attribute : str
        Its attribute, such as `SCHED_RANK` or `NIC/SCHED_RANK`.
    text : str
        The expression.
    places : Places
        Where its characters stand.
    owner : Owner or None
        What it belongs to, in a document.
    """

    attribute: str
    text: str
    places: Places
    owner: Owner | None = None

    @property
    def expression(self) -> Literal["requirement", "rank"]:
        """What it is."""
        return _EXPRESSIONS[self.attribute][0]

    @property
    def kind(self) -> str:
        """The kind of candidates that it is for: `host`, `datastore` or `network`."""
        return _EXPRESSIONS[self.attribute][1]


def template_expressions(text: str) -> list[TemplateExpression]:
    """Return the expressions in a template, in the order of the text.

    Parameters
    ----------
    text : str
        A template in OpenNebula's syntax, or a document: TEMPLATE, VM, VMTEMPLATE, or a pool of the latter two.

    Raises
    ------
    TemplateError
        If it is no template, or a document that is not well-formed; it says where.
    DocumentError
        If it is a document of another sort, or has a DOCTYPE.
    """
    if text.lstrip(" \t\r\n").startswith("<"):
        return _Document(text).found
    return _in_syntax(text)


def _in_syntax(text: str) -> list[TemplateExpression]:
    plain = text.replace("\r\n", "\n")
    cut = [found.start() - number for number, found in enumerate(re.finditer("\r\n", text))]

    def place(offset: int) -> int:
        """Return where a character stands that has this place among lines that end in LF."""
        return offset + bisect_left(cut, offset)

    reader = _LocatingReader(plain)
    list(reader.attributes())
    found: list[TemplateExpression] = []
    for attribute, value, start, end in reader.located:
        form = "bare"
        if len(value) < end - start - plain.count('\\"', start, end):
            start, end, form = start + 1, end - 1, "quoted"
        places = Places(place(start))
        done = start
        for separate in _SEPARATE.finditer(plain, start, end):
            if done < separate.start():
                places.add(separate.start() - done, place(done), place(separate.start()), form)
            done = separate.end()
            places.add(1, place(separate.start()), place(done), form)
        if done < end:
            places.add(end - done, place(done), place(end), form)
        found.append(TemplateExpression(attribute, value, places))
    return found


class _LocatingReader(Reader):
    """Notes where the expressions stand."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.located: list[tuple[str, str, int, int]] = []
        self._path = ""
        self._last = ""

    def _name(self) -> str:
        self._last = super()._name()
        return self._last

    def _pairs(self) -> dict[str, str]:
        self._path = f"{self._last}/"
        try:
            return super()._pairs()
        finally:
            self._path = ""

    def _text_value(self) -> str:
        start, attribute = self._place, self._path + self._last
        value = super()._text_value()
        if attribute in _EXPRESSIONS:
            self.located.append((attribute, value, start, self._place))
        return value


class _Document:
    """Reads an XML document, piece by piece, and notes where the texts of expressions stand."""

    def __init__(self, text: str) -> None:
        from xml.parsers import expat

        self.found: list[TemplateExpression] = []
        self._data = _encoded(text)
        self._bytes = self._characters = 0
        self._tags: list[str] = []
        self._owner: Owner | None = None
        self._places: Places | None = None
        self._text: list[str] = []
        self._id: list[str] | None = None
        self._in_cdata = False
        parser = self._parser = expat.ParserCreate("utf-8")
        parser.buffer_text = False
        parser.StartDoctypeDeclHandler = _refuse_doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._character_data
        parser.StartCdataSectionHandler = lambda: self._cdata(True)
        parser.EndCdataSectionHandler = lambda: self._cdata(False)
        try:
            parser.Parse(self._data, True)
        except expat.ExpatError as error:
            offset = len(self._data[: parser.ErrorByteIndex].decode("utf-8", "replace"))
            message = f"not well-formed XML: {expat.ErrorString(error.code)}"
            raise TemplateError(message, Source(text, "document"), offset) from None

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._tags.append(tag)
        if len(self._tags) == 1 and tag not in _ROOTS:
            raise DocumentError(f"`{tag[:40]}` holds no templates: the root element is one of {', '.join(_ROOTS)}")
        if len(self._tags) > _DEEPEST:
            raise DocumentError(f"the document is nested more than {_DEEPEST} elements deep")
        self._places = None  # an element with elements in it is no text
        if tag in _OWNERS and len(self._tags) <= 2:
            self._owner = Owner(tag)
        elif tag == "ID" and self._tags[-2:-1] and self._tags[-2] in _OWNERS and len(self._tags) <= 3:
            self._id = []
        elif self._attribute() is not None:
            self._places, self._text = Places(0), []

    def _end(self, tag: str) -> None:
        attribute = self._attribute()
        if self._id is not None:
            number = "".join(self._id).strip()
            if self._owner is not None and re.fullmatch("[0-9]{1,18}", number):
                self._owner.id = int(number)
            self._id = None
        elif attribute is not None and self._places is not None:
            self.found.append(TemplateExpression(attribute, "".join(self._text), self._places, self._owner))
        self._places = None
        self._tags.pop()
        if tag in _OWNERS and len(self._tags) <= 1:
            self._owner = None

    def _attribute(self) -> str | None:
        """Return the attribute that the element stands for which is being read, when that holds an expression."""
        if not 2 <= len(self._tags) <= _FARTHEST:
            return None
        tags = [tag.upper() for tag in self._tags]
        inside = next((place for place, tag in enumerate(tags[:3]) if tag in _TEMPLATES), None)
        if inside is None or not 1 <= len(tags) - inside - 1 <= 2:
            return None
        attribute = "/".join(tags[inside + 1 :])
        return attribute if attribute in _EXPRESSIONS else None

    def _cdata(self, begins: bool) -> None:
        self._in_cdata = begins

    def _character_data(self, text: str) -> None:
        if self._id is not None:
            self._id.append(text)
        if self._places is None:
            return
        begin = self._parser.CurrentByteIndex
        end = self._end_of(text, begin)
        place = self._place(begin)
        self._places.add(len(text), place, self._place(end), "cdata" if self._in_cdata else "xml")
        self._text.append(text)

    def _end_of(self, text: str, begin: int) -> int:
        """Return where characters end that begin at a byte: an entity, a line end, or what stands there as it is."""
        first = self._data[begin : begin + 1]
        if first == b"&" and not self._in_cdata:
            return self._data.index(b";", begin) + 1
        if first == b"\r":
            return begin + (2 if self._data[begin + 1 : begin + 2] == b"\n" else 1)
        return begin + len(text.encode())

    def _place(self, byte: int) -> int:
        """Return the place of a byte in characters; bytes come in order."""
        self._characters += len(self._data[self._bytes : byte].decode())
        self._bytes = byte
        return self._characters


def _encoded(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise DocumentError("the document holds half of a surrogate pair, which is no character") from None


def _refuse_doctype(*_: Any) -> None:
    raise DocumentError("the document has a DOCTYPE, which is refused: it could define entities")
