"""Hosts with the attributes of their clusters."""

from __future__ import annotations

import copy
from typing import Any

from matchmaker.errors import DocumentError
from matchmaker.matching.pool import Pool
from matchmaker.opennebula.documents import Document, document_of
from matchmaker.opennebula.kinds import HOST
from matchmaker.opennebula.parsing import Element, elements_at, lxml_etree
from matchmaker.opennebula.records import first, integer, records


def with_cluster_templates(hosts: Any, clusters: Any) -> Pool:
    """Return a pool of hosts that have the attributes of their clusters, as OpenNebula's core sends them to its scheduler.

    A copy of a host gets, behind all else, a CLUSTER_TEMPLATE with what its cluster's TEMPLATE holds. Hosts that have one
    already, and hosts without a cluster in the pool, stay as they are.

    Parameters
    ----------
    hosts : Pool
        HOST documents, which are not changed.
    clusters : str, bytes or Element
        A CLUSTER_POOL or CLUSTER document.

    Raises
    ------
    DocumentError
        If the hosts are something else, or the clusters cannot be read.
    """
    if not isinstance(hosts, Pool) or (hosts.kind is not HOST and len(hosts)):
        raise DocumentError("a pool of HOST documents is expected, as `read_pool` makes it")
    if not isinstance(clusters, str | bytes | lxml_etree()._Element):
        raise DocumentError("clusters are a CLUSTER_POOL document: str, bytes or an element of lxml")
    templates = {key: elements_at(cluster, "TEMPLATE")[:1] for key, cluster in records(clusters).items()}
    merged = []
    for host in hosts.candidates:
        own = integer(first(host.element, "CLUSTER_ID"))
        found = [] if own is None else templates.get(own, [])
        merged.append(_merged(host, found[0]) if found and host.element.find("CLUSTER_TEMPLATE") is None else host)
    return Pool.of(merged, list(hosts.keys), hosts.kind)


def _merged(host: Document, template: Element) -> Document:
    copied = copy.deepcopy(host.element)
    copied.tail = None
    added = lxml_etree().SubElement(copied, "CLUSTER_TEMPLATE")
    added.extend(list(copy.deepcopy(template).iterchildren("*")))
    return document_of(copied).with_vms(host.vms)
