"""What attribute names mean on OpenNebula's hosts, datastores and virtual networks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from matchmaker.attributes.lookup import Lookup
from matchmaker.opennebula.parsing import text_of
from matchmaker.opennebula.special_values import CurrentVMs

_ID = re.compile(r"[ \t\r\n]*(-?[0-9]{1,18})[ \t\r\n]*")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class DocumentKind:
    """Documents with one root element; `HOST`, `DATASTORE` and `NETWORK` are all there are.

    Parameters
    ----------
    name : str
        What users call it.
    root : str
        The tag of the root element.
    places : tuple of str
        The search places: paths from the root to where attributes are children, in OpenNebula's order; `""` is the root.
    """

    name: str
    root: str
    places: tuple[str, ...]

    def __repr__(self) -> str:
        return f"<DocumentKind {self.name}>"

    def __reduce__(self) -> str:
        return self.name.upper()  # the constant below that holds it

    def lookup(self, name: str) -> Lookup:
        """Return the function that reads an attribute."""
        if name == "CURRENT_VMS" and self.root == "HOST":
            return CurrentVMs
        return lambda document: document.attributes[name]

    def key(self, candidate: Any) -> int | None:
        """Return a document's ID, None when it is missing or no integer."""
        element = candidate.element.find("ID")
        found = None if element is None else _ID.fullmatch(text_of(element))
        return None if found is None else int(found[1])

    def names(self, candidate: Any) -> Iterator[str]:
        """Yield the names that expressions can read without quotes, as they come."""
        for place in self.places:
            yield from (child.tag for child in candidate.element.findall(f"{place}/*" if place else "*"))

    def merged(self, candidate: Any, attributes: Mapping[str, Any]) -> Any:
        """Return a document with other values, as `Document.with_attributes` does: what `Pool.update` calls."""
        return candidate.with_attributes(attributes)

    def resource(self, candidate: Any, *, compatibility: bool) -> Any:
        """Return what requests are placed on, None when it is disabled: what `placement.place` makes of a pool."""
        from matchmaker.opennebula.resources import resource_of  # which needs the documents, and these need the kinds

        return resource_of(candidate, compatibility=compatibility)


HOST = DocumentKind(
    "host",
    "HOST",
    (
        "TEMPLATE",
        "HOST_SHARE",
        "HOST_SHARE/DATASTORES",
        "MONITORING/CAPACITY",
        "MONITORING/SYSTEM",
        "",
        "CLUSTER_TEMPLATE",
    ),
)
DATASTORE = DocumentKind("datastore", "DATASTORE", ("TEMPLATE", ""))
NETWORK = DocumentKind("network", "VNET", ("TEMPLATE", ""))

KINDS = {kind.root: kind for kind in (HOST, DATASTORE, NETWORK)}
"""The kinds by the tag of their root element; a pool's root has `_POOL` behind it."""
