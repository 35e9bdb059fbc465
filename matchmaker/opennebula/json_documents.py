"""What `onehost list -j` and its like print: OpenNebula's documents written as JSON, made into the same candidates."""

from __future__ import annotations

import re
from typing import Any

from matchmaker.attributes.values import texts
from matchmaker.errors import CandidateError, DocumentError
from matchmaker.matching.pool import Pool
from matchmaker.opennebula.documents import Document, document_of
from matchmaker.opennebula.kinds import KINDS
from matchmaker.opennebula.parsing import DEEPEST, Element, lxml_etree

_TAG = re.compile(r"[^\W\d][\w.-]*")
_POOLS = {f"{root}_POOL": root for root in KINDS}


def is_pool(data: object) -> bool:
    """Tell whether a parsed JSON document is of OpenNebula's making.

    That is `{"HOST_POOL": {"HOST": [...]}}`, `{"HOST_POOL": {"HOST": {...}}}`, an empty pool, or a single `{"HOST": {...}}`;
    the same for datastores and virtual networks.
    """
    if not isinstance(data, dict) or len(data) != 1:
        return False
    ((tag, content),) = data.items()
    if tag in KINDS:
        return isinstance(content, dict)
    return tag in _POOLS and (isinstance(content, dict) or content in (None, [], ""))


def read_json(data: Any) -> Pool | None:
    """Make a pool of a parsed JSON document.

    Keys become elements in their order, a list several elements of one name, `{}`, `null` and `[]` an empty element, numbers
    their decimal text, and booleans YES and NO.

    Parameters
    ----------
    data : object
        What `json.loads` returned.

    Returns
    -------
    Pool or None
        The documents, each with its ID as its key; None when `is_pool` is false.

    Raises
    ------
    DocumentError
        If a key is no element name, or a value no XML text.
    PoolError
        If an ID is missing, no integer, or there twice.
    ExtraMissing
        If lxml is not installed.
    """
    if not is_pool(data):
        return None
    ((tag, content),) = data.items()
    if tag in KINDS:
        return Pool([_document(tag, content)])
    root = _POOLS[tag]
    members = dict(content or {})
    listed = members.pop(root, [])
    if members:
        raise DocumentError(f"a {tag} holds {root} objects, not `{str(next(iter(members)))[:40]}`")
    if not isinstance(listed, list):
        listed = [listed]
    return Pool((_document(root, each) for each in listed), kind=KINDS[root])


def _document(root: str, content: object) -> Document:
    if not isinstance(content, dict):
        raise DocumentError(f"a {root} is an object, not a value of type `{type(content).__name__}`")
    return document_of(_element(root, content))


def _element(root: str, content: object) -> Element:
    etree = lxml_etree()
    top = etree.Element(root)
    pending = [(top, content, 1)]
    while pending:
        element, content, depth = pending.pop()
        if not isinstance(content, dict):
            _write(element, content)
            continue
        if content and depth == DEEPEST:
            raise DocumentError(f"the document is nested more than {DEEPEST} elements deep")
        for name, below in content.items():
            if not isinstance(name, str) or not _TAG.fullmatch(name):
                raise DocumentError(f"`{str(name)[:40]}` is no element name")
            several = below if isinstance(below, list) and below else [below]
            pending += [(_child(etree, element, name), each, depth + 1) for each in several]
    return top


def _child(etree: Any, element: Element, name: str) -> Element:
    try:
        return etree.SubElement(element, name)
    except ValueError:
        raise DocumentError(f"`{name[:40]}` is no element name") from None


def _write(element: Element, content: object) -> None:
    if isinstance(content, list) and content:
        raise DocumentError(f"`{element.tag[:40]}` holds a list in a list")
    try:
        element.text = next(texts(content, element.tag), "")
    except CandidateError as error:
        raise DocumentError(f"`{element.tag[:40]}`: {error.message}") from None
    except ValueError:
        raise DocumentError(f"`{element.tag[:40]}` holds characters that XML has not") from None
