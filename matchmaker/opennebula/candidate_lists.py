"""The candidates that OpenNebula lists for each virtual machine, in the section REQUIREMENTS of its document.

With many hosts these lists are most of the document, and most of them are equal. So the section is cut out of the document
before that is parsed, where it is written as OpenNebula writes it: of different texts between `</ID>` and `</VM>` each is
parsed once. A mark is left in its place. Only if the mark then is the section of the parsed document was it the section that was
cut out, and not a text of some user that looks like it. In all other cases the whole document is parsed.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from matchmaker.errors import DocumentError
from matchmaker.opennebula.parsing import Element, lxml_etree, parse, text_of
from matchmaker.opennebula.readers import integer_at, integers_at
from matchmaker.opennebula.requests import Listed

SECTION = "REQUIREMENTS"

_BEGIN, _END = b"<REQUIREMENTS>", b"</REQUIREMENTS>"
_PLAIN = b"<>/-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
"""What the cut section may consist of: neither entities nor comments, nor anything else but tags and numbers."""


class Cut(NamedTuple):
    """A document whose section of lists was cut out.

    Parameters
    ----------
    content : bytes
        The document with a mark in place of the section.
    mark : str
        The name of the mark.
    entries : dict of str to list of Element
        The lists by the id of their virtual machine; equal ones are the same element.
    """

    content: bytes
    mark: str
    entries: dict[str, list[Element]]


def parsed(content: bytes) -> tuple[Element, CandidateLists]:
    """Parse a document.

    Parameters
    ----------
    content : bytes
        The XML of a SCHEDULER_DRIVER_ACTION.

    Returns
    -------
    root : Element
        Its root element.
    lists : CandidateLists
        The candidates that it lists.

    Raises
    ------
    DocumentError
        If it cannot be read.
    """
    found = cut(content)
    if found is not None:
        try:
            root = parse(found.content, large=True)
        except DocumentError:  # what is wrong with it is said of the whole document
            return _parsed_whole(content)
        section = root.find(SECTION)
        if section is not None and [child.tag for child in section] == [found.mark]:
            return root, CandidateLists(found.entries)
    return _parsed_whole(content)


def _parsed_whole(content: bytes) -> tuple[Element, CandidateLists]:
    root = parse(content, large=True)
    entries: dict[str, list[Element]] = {}
    section = root.find(SECTION)
    for entry in () if section is None else section.iterchildren("VM"):
        for number in {text_of(each) for each in entry.iterchildren("ID")}:
            entries.setdefault(number, []).append(entry)
    return root, CandidateLists(entries)


def cut(content: bytes) -> Cut | None:
    """Cut the last section of lists out of a document; None where there is none, or it is not plainly written."""
    begin = content.rfind(_BEGIN)
    end = content.find(_END, begin)
    if begin < 0 or end < 0:
        return None
    nothing, *pieces = content[begin + len(_BEGIN) : end].split(b"<VM>")
    known: dict[bytes, Element] = {}
    entries: dict[str, list[Element]] = {}
    for piece in pieces:
        head, _, lists = piece.partition(b"</ID>")
        if lists not in known:
            known[lists] = _entry(lists)
        number = head.removeprefix(b"<ID>")
        if known[lists] is None or not number.isdigit() or len(number) + 4 != len(head):
            return None
        entries.setdefault(number.decode(), []).append(known[lists])
    if nothing:
        return None
    mark = f"CUT{secrets.token_hex(16).upper()}"
    return Cut(content[: begin + len(_BEGIN)] + f"<{mark}/>".encode() + content[end:], mark, entries)


def _entry(lists: bytes) -> Element | None:
    """Return the element of one virtual machine, without its id; None if that is anything but tags and numbers."""
    if not lists.endswith(b"</VM>") or lists.translate(None, _PLAIN):
        return None
    etree = lxml_etree()
    try:
        entry = etree.fromstring(b"<VM>" + lists)
    except etree.XMLSyntaxError:
        return None
    return None if entry.find("ID") is not None else entry


class CandidateLists:
    """What is listed for each virtual machine; of equal lists each is read once.

    Parameters
    ----------
    entries : dict of str to list of Element
        The elements by the id of their virtual machine, as it is written.
    """

    def __init__(self, entries: dict[str, list[Element]]) -> None:
        self._entries = entries
        self._listed: dict[tuple[Element, ...], Listed] = {}
        self._known: dict[bytes, tuple[int, ...]] = {}

    def of(self, number: int) -> Listed:
        """Return what is listed for a virtual machine."""
        entries = tuple(self._entries.get(str(number), ()))
        listed = self._listed.get(entries)
        if listed is None:
            networks = {integer_at(nic, "ID", -1): self._ids(nic.iterchildren("VNETS")) for nic in _in(entries, "NIC")}
            listed = Listed(self._ids(_in(entries, "HOSTS")), self._ids(_in(entries, "DATASTORES")), networks)
            self._listed[entries] = listed
        return listed

    def _ids(self, lists: Iterable[Element]) -> tuple[int, ...]:
        found: tuple[int, ...] = ()
        for each in lists:
            text = lxml_etree().tostring(each, with_tail=False)
            ids = self._known.get(text)
            if ids is None:
                ids = self._known[text] = tuple(integers_at(each, "ID"))
            found = found + ids if found else ids
        return found


def _in(entries: Iterable[Element], tag: str) -> Iterator[Element]:
    return (child for entry in entries for child in entry.iterchildren(tag))
