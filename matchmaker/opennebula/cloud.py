"""The pools that a dry run works on, as OpenNebula's own commands print them; what does not count in them is noted."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Set

from matchmaker.errors import DocumentError
from matchmaker.matching.pool import Pool
from matchmaker.opennebula.cluster_templates import with_cluster_templates
from matchmaker.opennebula.documents import document_of
from matchmaker.opennebula.kinds import DATASTORE, HOST, NETWORK, DocumentKind
from matchmaker.opennebula.parsing import Element, element_of, lxml_etree, parse
from matchmaker.opennebula.readers import integer_at
from matchmaker.opennebula.resources import DocumentHost, datastores_of, hosts_of, images_of, networks_of
from matchmaker.opennebula.vm_groups import groups_of
from matchmaker.placement import Cause, Datastore, Group, Network, Reason
from matchmaker.placement.reasons import Failures

MOST_IDS = 10
"""How many ids one note names."""

Source = str | bytes | Element
"""A document: a pool, or a single one of what the pool would hold."""


class Cloud:
    """What virtual machines are placed on.

    Parameters
    ----------
    hosts, datastores, networks : str, bytes or Element
        The pools.
    groups, clusters : str, bytes, Element or None
        The VM groups, and the clusters whose attributes the hosts are to have.
    compatibility : bool
        Whether OpenNebula's defects are reproduced.

    Attributes
    ----------
    hosts, datastores, networks : Pool
        The candidates: the hosts that are enabled, and all datastores and networks.
    places : list of DocumentHost
        The same hosts, with what is free on them.
    system : list of Datastore
        The system datastores.
    images : dict of int to int
        The free space in MB of each image datastore.
    nets : list of Network
        The same networks, with what is free in them.
    groups : list of Group
        The VM groups.
    notes : list of str
        What does not count, one line each.

    Raises
    ------
    DocumentError
        If a document cannot be read, or is one of something else.
    """

    def __init__(
        self,
        hosts: Source,
        datastores: Source,
        networks: Source,
        *,
        groups: Source | None = None,
        clusters: Source | None = None,
        compatibility: bool = True,
    ) -> None:
        self.notes: list[str] = []
        listed = _pool(self._identified(hosts, "HOST"), HOST)
        if clusters is not None:
            listed = with_cluster_templates(listed, self._copied_clusters(clusters))
        self.places: list[DocumentHost] = hosts_of((each.element for each in listed), compatibility=compatibility)
        self.hosts = Pool.of([each.candidate for each in self.places], [each.id for each in self.places], HOST)
        disabled = [key for key in listed.keys if key not in self.hosts]
        if disabled:
            self.notes.append(f"not enabled, hence left out: {_numbered('HOST', disabled)}")
        stores = self._identified(datastores, "DATASTORE")
        self.datastores = _pool(stores, DATASTORE)
        self.system: list[Datastore] = datastores_of(stores)
        self.images = images_of(stores)
        nets = self._identified(networks, "VNET")
        self.networks = _pool(nets, NETWORK)
        self.nets: list[Network] = networks_of(nets)
        self.groups: list[Group] = groups_of(() if groups is None else self._identified(groups, "VM_GROUP"))

    def elements(self, source: Source, tag: str) -> list[Element]:
        """Return the elements of a pool, or the one that is no pool.

        Raises
        ------
        DocumentError
            If it cannot be read, or is one of something else.
        """
        root = parse(source, large=True) if isinstance(source, str | bytes) else element_of(source)
        if root.tag == tag:
            return [root]
        if root.tag != f"{tag}_POOL":
            raise DocumentError(f"`{str(root.tag)[:40]}` is no {tag}_POOL, and no {tag}")
        children = list(root.iterchildren("*"))
        found = [each for each in children if each.tag == tag and len(each)]
        if len(found) < len(children):
            count = len(children) - len(found)
            self.notes.append(f"empty, or no {tag}, hence left out: {_counted(count)} of the {tag}_POOL")
        return found

    def left_out(self, sort: str, selected: Set[int]) -> tuple[Reason, ...]:
        """Return why the core has left out the candidates of a sort that it did not select.

        Parameters
        ----------
        sort : {"HOST", "DS", "VNET"}
            The sort.
        selected : set of int
            The ids of those that it did select.
        """
        failures = Failures()
        if sort == "HOST":
            failures.extend(Cause.REQUIREMENT, {*self.hosts.keys} - selected)
        elif sort == "VNET":
            failures.extend(Cause.UNSUITABLE_NETWORK, {*self.networks.keys} - selected)
        else:
            for each in self.system:
                unmonitored = each.shared and not each.monitored
                if each.id not in selected:
                    failures.add(Cause.UNMONITORED_DATASTORE if unmonitored else Cause.UNSUITABLE_DATASTORE, each.id)
        return tuple(reason for reason in failures.reasons() if reason.candidates)

    def _copied_clusters(self, source: Source) -> Element:
        """Return the clusters that have an id, in a pool of their own."""
        pool = lxml_etree().Element("CLUSTER_POOL")
        pool.extend([copy.deepcopy(each) for each in self._identified(source, "CLUSTER")])
        return pool

    def _identified(self, source: Source, tag: str) -> list[Element]:
        """Return the elements of a pool that have an id of their own."""
        found: dict[int, Element] = {}
        without, twice = 0, []
        for each in self.elements(source, tag):
            number = integer_at(each, "ID", -1)
            if number < 0:
                without += 1
            elif number in found:
                twice.append(number)
            else:
                found[number] = each
        if without:
            self.notes.append(f"without an ID, hence left out: {_counted(without)} of the {tag}_POOL")
        if twice:
            self.notes.append(f"there several times, and the first counts: {_numbered(tag, twice)}")
        return list(found.values())


def _pool(elements: Iterable[Element], kind: DocumentKind) -> Pool:
    documents = [document_of(element) for element in elements]
    return Pool.of(documents, [integer_at(document.element, "ID", -1) for document in documents], kind)


def _counted(count: int) -> str:
    return f"{count} {'element' if count == 1 else 'elements'}"


def _numbered(tag: str, ids: Iterable[int]) -> str:
    """Return a few ids, and the number of the others."""
    listed = sorted(set(ids))
    more = f" and {len(listed) - MOST_IDS} more" if len(listed) > MOST_IDS else ""
    return f"{tag} {', '.join(map(str, listed[:MOST_IDS]))}{more}"
