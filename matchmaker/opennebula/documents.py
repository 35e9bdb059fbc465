"""OpenNebula documents as candidates: nothing is read that no expression names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

from matchmaker.attributes.numbers import integer_reading
from matchmaker.errors import DocumentError
from matchmaker.matching.pool import Pool
from matchmaker.opennebula.document_values import Attributes
from matchmaker.opennebula.editing import edited
from matchmaker.opennebula.kinds import KINDS, DocumentKind
from matchmaker.opennebula.parsing import Element, element_of, elements_at, lxml_etree, parse, text_of


class Document:
    """A host, datastore or virtual network of OpenNebula, as `candidate` and `read_pool` make them.

    Attributes
    ----------
    kind : DocumentKind
        What names mean on it.
    element : Element
        Its root element, of lxml; not to be changed.
    attributes : Attributes
        Its values by name, without the pseudo attribute CURRENT_VMS.
    """

    __slots__ = ("_placed", "_vms", "attributes", "element", "kind")

    kind: DocumentKind
    element: Element
    attributes: Attributes
    _placed: frozenset[int]
    _vms: frozenset[int] | None

    def __init__(
        self, kind: DocumentKind, element: Element, attributes: Attributes, placed: frozenset[int] = frozenset()
    ) -> None:
        for name, value in (
            ("kind", kind),
            ("element", element),
            ("attributes", attributes),
            ("_placed", placed),
            ("_vms", None),
        ):
            object.__setattr__(self, name, value)

    def __setattr__(self, name: str, value: object = None) -> NoReturn:
        raise AttributeError("documents cannot be changed")

    __delattr__ = __setattr__

    def __repr__(self) -> str:
        key = self.kind.key(self)
        return f"<Document of a {self.kind.name}{'' if key is None else f' with ID {key}'}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return _load, (lxml_etree().tostring(self.element, encoding="utf-8", with_tail=False), self._placed)

    @property
    def vms(self) -> frozenset[int]:
        """The ids of the VMs on it, those of `with_vms` included."""
        if self._vms is None:
            listed = (integer_reading(text_of(vm)) for vm in elements_at(self.element, "VMS/ID"))
            object.__setattr__(self, "_vms", self._placed.union(vm for vm in listed if vm is not None))
        assert self._vms is not None
        return self._vms

    def with_vms(self, ids: Iterable[int]) -> Document:
        """Return this document with more VMs on it; what has been read is shared.

        Parameters
        ----------
        ids : iterable of int
            The VMs that CURRENT_VMS is to know of as well.
        """
        return Document(self.kind, self.element, self.attributes, self._placed.union(ids))

    def with_attributes(self, attributes: Mapping[str, Any]) -> Document:
        """Return a copy of this document in which some attributes have other values.

        All elements that a name means are replaced, where the first of them stands; a name that means none is added to
        TEMPLATE. CURRENT_VMS stays what the VMs make it.

        Parameters
        ----------
        attributes : mapping of str to value
            The new values by plain name; None and the empty list remove the attribute.

        Raises
        ------
        CandidateError
            If a name is a path or that of a search place, or a value stands for nothing or for what XML cannot hold.
        """
        element = edited(self.element, self.kind.places, attributes)
        return Document(self.kind, element, Attributes(self.kind, element), self._placed)


def candidate(source: str | bytes | Element) -> Document:
    """Make a candidate of a HOST, DATASTORE or VNET document.

    Parameters
    ----------
    source : str, bytes or Element
        The document, with or without an XML declaration, or an element of lxml, which is not copied.

    Raises
    ------
    DocumentError
        If it is not well-formed, has a DOCTYPE, or is of another sort.
    ExtraMissing
        If lxml is not installed.

    Examples
    --------
    >>> from matchmaker import Requirement
    >>> host = candidate("<HOST><ID>7</ID><TEMPLATE><HYPERVISOR>kvm</HYPERVISOR></TEMPLATE></HOST>")
    >>> Requirement('HYPERVISOR = "kvm" & ID = 7').matches(host)
    True
    """
    return document_of(element_of(source))


def read_pool(source: Path | bytes | BinaryIO) -> Pool:
    """Read a HOST_POOL, DATASTORE_POOL or VNET_POOL; a single document makes a pool of one.

    Parameters
    ----------
    source : Path, bytes or binary file
        The document.

    Returns
    -------
    Pool
        The documents in their order, each with its ID, an int, as its key.

    Raises
    ------
    DocumentError
        If it cannot be read, is not well-formed, has a DOCTYPE, or is of another sort.
    PoolError
        If an ID is missing, no integer, or there twice.
    ExtraMissing
        If lxml is not installed.
    """
    return pool_of(parse(_content(source)))


def pool_of(root: Element) -> Pool:
    """Return the pool that a root element, which is safe to work with, holds."""
    if root.tag in KINDS:
        return Pool([document_of(root)])
    kind = KINDS.get(root.tag.removesuffix("_POOL"))
    if kind is None or not root.tag.endswith("_POOL"):
        pools = ", ".join(f"{tag}_POOL" for tag in KINDS)
        raise DocumentError(
            f"`{root.tag[:40]}` is no pool: the root element is one of {pools}, or of a single document"
        )
    for child in root.iterchildren("*"):
        if child.tag != kind.root:
            raise DocumentError(f"a {root.tag} holds {kind.root} elements, not `{child.tag[:40]}`")
    return Pool((document_of(child) for child in root.iterchildren(kind.root)), kind=kind)


def document_of(element: Element) -> Document:
    """Make a candidate of a root element that is safe to work with."""
    tag = element.tag if isinstance(element.tag, str) else "<!-- -->"
    kind = KINDS.get(tag)
    if kind is None:
        raise DocumentError(f"`{tag[:40]}` is no candidate: the root element is one of {', '.join(KINDS)}")
    return Document(kind, element, Attributes(kind, element))


def _load(xml: bytes, placed: frozenset[int]) -> Document:
    document = candidate(xml)
    return document.with_vms(placed) if placed else document


def _content(source: object) -> bytes:
    content = source
    read = source.read_bytes if isinstance(source, Path) else getattr(source, "read", None)
    if read is not None:
        try:
            content = read()
        except (OSError, ValueError, EOFError) as error:
            raise DocumentError(f"cannot read {source}: {getattr(error, 'strerror', None) or error}") from None
    if not isinstance(content, bytes):
        raise DocumentError(f"a pool is read from a Path, bytes or a binary file, not from `{type(content).__name__}`")
    return content
