"""XML text to elements, safely: lxml is imported here, and nowhere before a document is read."""

from __future__ import annotations

import functools
import re
from contextlib import suppress
from typing import Any

from matchmaker.errors import DocumentError, ExtraMissing

Element = Any
"""An lxml element."""

DEEPEST = 128
"""How far elements may be nested. OpenNebula's own go ten deep; libxml2 copies and prints by recursion in some versions."""

_ENCODINGS = frozenset({"utf-8", "utf8", "us-ascii", "ascii", "iso-8859-1", "iso-8859-15", "latin1", "windows-1252"})
"""What a declaration may name; all agree on ASCII, so that the declaration itself can be read first. UTF-16 has a mark."""
_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_DECLARATION = re.compile(
    r"""<\?xml[ \t\r\n]+version[ \t\r\n]*=[ \t\r\n]*(?:"1\.[0-9]+"|'1\.[0-9]+')"""
    r"""(?:[ \t\r\n]+encoding[ \t\r\n]*=[ \t\r\n]*["'](?P<encoding>[A-Za-z][A-Za-z0-9._-]{0,39})["'])?"""
    r"""(?:[ \t\r\n]+standalone[ \t\r\n]*=[ \t\r\n]*["'](?:yes|no)["'])?[ \t\r\n]*\?>"""
)
_BLANKS = re.compile(r"[ \t\r\n]*")


def lxml_etree() -> Any:
    """Return lxml's module `etree`.

    Raises
    ------
    ExtraMissing
        If lxml is not installed.
    """
    try:
        from lxml import etree
    except ImportError:
        raise ExtraMissing("opennebula", "reading OpenNebula documents") from None
    return etree


def parse(source: str | bytes, *, large: bool = False) -> Element:
    """Return the root element of a document.

    Whatever the encoding, the text is decoded first: what is looked at for a DOCTYPE is then what libxml2 reads.

    Parameters
    ----------
    source : str or bytes
        The document, with or without an XML declaration.
    large : bool
        Whether to leave it to libxml2 how far elements may be nested, which is 256: to look takes long where there are
        millions of them.

    Raises
    ------
    DocumentError
        If it is not well-formed, has a DOCTYPE, or is nested too deeply.
    """
    text = source.removeprefix("\ufeff") if isinstance(source, str) else _decoded(source)
    text = text[_declaration_end(text) :]
    if "\0" in text:
        raise DocumentError("the document holds a NUL character")
    if text.startswith("<!DOCTYPE", _prolog_end(text)):
        raise DocumentError("the document has a DOCTYPE, which is refused: it could define entities")
    try:
        content = text.encode()
    except UnicodeEncodeError:
        raise DocumentError("the document holds half of a surrogate pair, which is no character") from None
    syntax_error = lxml_etree().XMLSyntaxError
    if large:
        with suppress(syntax_error):  # it may be wrong, or hold a text beyond what libxml2 takes without being asked
            return _root(content, huge=False)
    try:
        return checked(_root(content, huge=True))
    except syntax_error as error:
        raise DocumentError(f"not well-formed XML: {_shortened(error.msg or 'there is no element')}") from None


def _root(content: bytes, *, huge: bool) -> Element:
    etree = lxml_etree()
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=huge,
        strip_cdata=False,
    )
    return etree.fromstring(content, parser)


def element_of(source: str | bytes | Element) -> Element:
    """Return the root element of a text, or an element as it is if it is safe to work with.

    Raises
    ------
    DocumentError
        As `parse` and `checked` say, or if it is something else.
    """
    if isinstance(source, str | bytes):
        return parse(source)
    if isinstance(source, lxml_etree()._Element):
        if not isinstance(source.tag, str):
            raise DocumentError("a comment or a processing instruction is no candidate, nor another document")
        return checked(source)
    raise DocumentError(
        f"a document is a str, bytes or an element of lxml, not a value of type `{type(source).__name__}`"
    )


def checked(element: Element) -> Element:
    """Return an element if it is safe to work with.

    Raises
    ------
    DocumentError
        If its document has a DOCTYPE, or it is nested too deeply.
    """
    if element.getroottree().docinfo.internalDTD is not None:
        raise DocumentError("the document has a DOCTYPE, which is refused: it could define entities")
    if _too_deep()(element):
        raise DocumentError(f"the document is nested more than {DEEPEST} elements deep")
    return element


def text_of(element: Element) -> str:
    """Return all text in an element: CDATA and what its children hold, not comments or processing instructions."""
    if len(element):
        return "".join(element.itertext())
    return element.text or ""


def elements_at(element: Element, place: str) -> list[Element]:
    """Return the elements at a path of plain tags, in document order; the path `""` leads to the element itself."""
    found = [element]
    for tag in filter(None, place.split("/")):
        found = [child for parent in found for child in parent.iterchildren(tag)]
    return found


@functools.cache
def _too_deep() -> Any:
    return lxml_etree().XPath("/".join("*" * DEEPEST))


def _decoded(source: bytes) -> str:
    mark, encoding = next(((mark, name) for mark, name in _MARKS if source.startswith(mark)), (b"", ""))
    encoding = encoding or declared_encoding(source)
    try:
        return source[len(mark) if encoding == "utf-8" else 0 :].decode(encoding)
    except UnicodeDecodeError as error:
        raise DocumentError(f"not {encoding.upper()} at byte {error.start}: {error.reason}") from None


def declared_encoding(source: bytes) -> str:
    """Return the encoding that the XML declaration of a document without a byte order mark names; without one it is UTF-8.

    Raises
    ------
    DocumentError
        If it is not supported.
    """
    found = _DECLARATION.match(source[:400].decode("latin-1"))
    encoding = ((found and found["encoding"]) or "utf-8").lower()
    if encoding not in _ENCODINGS:
        raise DocumentError(f"the encoding `{encoding}` is not supported: use UTF-8")
    return encoding


def _declaration_end(text: str) -> int:
    """Return where what follows the XML declaration begins."""
    found = _DECLARATION.match(text)
    if found is not None:
        return found.end()
    if text.startswith("<?xml") and text[5:6].isspace():
        raise DocumentError("not well-formed XML: the XML declaration is malformed")
    return 0


def _prolog_end(text: str) -> int:
    """Return where the first thing stands that is no white space, comment or processing instruction."""
    place = 0
    while True:
        found = _BLANKS.match(text, place)
        assert found is not None
        place = found.end()
        if text.startswith("<!--", place):
            end = text.find("-->", place + 4) + 3
        elif text.startswith("<?", place):
            end = text.find("?>", place + 2) + 2
        else:
            return place
        if end < place:
            return len(text)
        place = end


def _shortened(message: str) -> str:
    return message if len(message) <= 200 else message[:200] + "..."
