"""Which hosts, system datastores and networks a VM may use, as OpenNebula's core finds it before it calls its scheduler.

The rules are those of `SchedulerManagerDriver` of OpenNebula 7, whose answers reach the scheduler as REQUIREMENTS:

- Hosts count in STATE 1 or 2 (monitored). System datastores (TYPE 1) count in STATE 0, and when they are shared (SHARED is
  absent or YES) only with a monitored size: one of TOTAL_MB, FREE_MB and USED_MB is not 0. All networks count.
- A host must meet AUTOMATIC_REQUIREMENTS of TEMPLATE and SCHED_REQUIREMENTS of USER_TEMPLATE, a datastore
  AUTOMATIC_DS_REQUIREMENTS and SCHED_DS_REQUIREMENTS. A network must meet AUTOMATIC_NIC_REQUIREMENTS and SCHED_REQUIREMENTS
  of the NIC, for each NIC whose NETWORK_MODE is `auto` in any case. What is missing is met by all.
- A VM that is to be rescheduled (RESCHED 1) cannot go to the host it is on, stays in its datastore and keeps its networks.
- The first of hosts, datastores and NICs that leaves nothing, or whose requirement cannot be read, ends it with a message.

Differences, on purpose: requirements are joined as trees, so that no user's expression leaves its place; the text of a
requirement that cannot be read stands in its message (OpenNebula 7 prints a memory address); and access control is not looked
at, so that a VM without candidates is told that none meets its requirement, not that its user is not authorized.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from matchmaker.diagnostics import shorten
from matchmaker.errors import DocumentError, ExpressionError, MatchmakerError
from matchmaker.expressions import Requirement
from matchmaker.limits import DEFAULT_LIMITS, Limits
from matchmaker.matching.pool import Pool
from matchmaker.opennebula.cluster_templates import with_cluster_templates
from matchmaker.opennebula.kinds import DATASTORE, HOST, NETWORK, DocumentKind
from matchmaker.opennebula.parsing import Element, checked, elements_at, lxml_etree, parse, text_of
from matchmaker.opennebula.records import integer

__all__ = ["Selection", "Selector", "select", "with_cluster_templates"]

_SHOWN = 400
"""How many columns of a requirement's text a message may hold."""
_KEPT = 1_024
"""How many answers a selector keeps."""


class Selection(NamedTuple):
    """What a VM may use.

    Parameters
    ----------
    hosts : tuple of int
        The IDs of the hosts, ascending.
    datastores : tuple of int
        The IDs of the system datastores, ascending.
    networks : dict of int to tuple of int
        The IDs of the networks, ascending, by the NIC_ID of each automatic NIC.
    messages : tuple of str
        Why there is nothing, as OpenNebula's SCHED_MESSAGE has it behind `Cannot dispatch VM: `.
    """

    hosts: tuple[int, ...]
    datastores: tuple[int, ...]
    networks: dict[int, tuple[int, ...]]
    messages: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether OpenNebula would ask its scheduler to place the VM: there is something of each kind."""
        return bool(self.hosts and self.datastores) and all(self.networks.values())


class _Unmet(MatchmakerError):
    """Ends a selection; its text is the message."""


class Selector:
    """Selects for many VMs from the same pools; each distinct requirement is evaluated once.

    Parameters
    ----------
    hosts, datastores, networks : Pool
        Documents, as `read_pool` makes them.
    clusters : CLUSTER_POOL or None
        As for `with_cluster_templates`; None leaves the hosts as they are.
    limits : Limits
        What one requirement may cost; more is an error of the VM that has it.

    Raises
    ------
    DocumentError
        If a pool holds something else.
    """

    __slots__ = ("_datastores", "_hosts", "_known", "_limits", "_networks")

    def __init__(
        self, hosts: Pool, datastores: Pool, networks: Pool, *, clusters: Any = None, limits: Limits = DEFAULT_LIMITS
    ) -> None:
        if clusters is not None:
            hosts = with_cluster_templates(hosts, clusters)
        self._limits = limits
        self._hosts = _Candidates(hosts, HOST, _enabled)
        self._datastores = _Candidates(datastores, DATASTORE, _usable)
        self._networks = _Candidates(networks, NETWORK, lambda _: True)
        self._known: dict[tuple[DocumentKind, str, str], tuple[int, ...] | str] = {}

    def select(self, vm: str | bytes | Element) -> Selection:
        """Select for one VM; what is wrong with its requirements is in the messages.

        Parameters
        ----------
        vm : str, bytes or Element
            The VM document.

        Raises
        ------
        DocumentError
            If it is no VM document.
        """
        vm = _vm(vm)
        hosts: tuple[int, ...] = ()
        datastores: tuple[int, ...] = ()
        networks: dict[int, tuple[int, ...]] = {}
        try:
            if _number(vm, "RESCHED") == 1:
                here, home = _place(vm)
                hosts = self._hosts_for(vm, here)
                return Selection(hosts, () if home is None else (home,), networks)
            hosts = self._hosts_for(vm, None)
            datastores = self._datastores_for(vm)
            nics = _automatic_nics(vm)
            networks.update(dict.fromkeys(sorted(nics), ()))
            for nic, user in sorted(nics.items()):
                networks[nic] = self._networks_for(vm, nic, user)
        except _Unmet as reason:
            return Selection(hosts, datastores, networks, (str(reason),))
        return Selection(hosts, datastores, networks)

    def _hosts_for(self, vm: Element, here: int | None) -> tuple[int, ...]:
        if not self._hosts.documents:
            raise _Unmet("No hosts enabled to run VMs")
        texts = _text(vm, "TEMPLATE/AUTOMATIC_REQUIREMENTS"), _text(vm, "USER_TEMPLATE/SCHED_REQUIREMENTS")
        nobody = "No host meets SCHED_REQUIREMENTS"
        return self._meeting(self._hosts, *texts, "SCHED_REQUIREMENTS", nobody, without=here)

    def _datastores_for(self, vm: Element) -> tuple[int, ...]:
        if not self._datastores.documents:
            raise _Unmet("No system datastores found to run VMs")
        texts = _text(vm, "TEMPLATE/AUTOMATIC_DS_REQUIREMENTS"), _text(vm, "USER_TEMPLATE/SCHED_DS_REQUIREMENTS")
        nobody = "No system datastore meets SCHED_DS_REQUIREMENTS"
        return self._meeting(self._datastores, *texts, "SCHED_DS_REQUIREMENTS", nobody)

    def _networks_for(self, vm: Element, nic: int, user: str) -> tuple[int, ...]:
        texts = _text(vm, "TEMPLATE/AUTOMATIC_NIC_REQUIREMENTS"), user
        nobody = f"No virtual network meets SCHED_NIC_REQUIREMENTS for NIC {nic}"
        return self._meeting(self._networks, *texts, f"SCHED_NIC_REQUIREMENTS in NIC {nic}", nobody)

    def _meeting(
        self, candidates: _Candidates, automatic: str, user: str, what: str, nobody: str, *, without: int | None = None
    ) -> tuple[int, ...]:
        """Return the IDs of those that meet both requirements, which are called `what` in a message."""
        key = candidates.kind, automatic, user
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= _KEPT:
                self._known.clear()
            found = self._known[key] = self._evaluated(candidates, automatic, user)
        if isinstance(found, str):
            raise _Unmet(f"Error in {what}: {found}")
        if without is not None:
            found = tuple(number for number in found if number != without)
        if not found:
            raise _Unmet(nobody)
        return found

    def _evaluated(self, candidates: _Candidates, automatic: str, user: str) -> tuple[int, ...] | str:
        """Return the IDs of those that meet both, or what is wrong with one of the two."""
        text = automatic
        try:
            requirement = Requirement(automatic, limits=self._limits)
            text = user
            requirement &= Requirement(user, limits=self._limits)
            return candidates.meeting(requirement)
        except ExpressionError as error:
            message = next((found.message for found in error.diagnostics if found.severity == "error"), "not valid")
        except MatchmakerError as error:
            message = str(error)
        return f"'{shorten(text, _SHOWN)}', error: {shorten(message, _SHOWN)}"


def select(
    vm: str | bytes | Element,
    hosts: Pool,
    datastores: Pool,
    networks: Pool,
    *,
    clusters: Any = None,
    limits: Limits = DEFAULT_LIMITS,
) -> Selection:
    """Select what one VM may use; for more than one VM make a `Selector`.

    Parameters
    ----------
    vm : str, bytes or Element
        The VM document.
    hosts, datastores, networks, clusters, limits
        As for `Selector`.

    Raises
    ------
    DocumentError
        If the VM is no VM document, or a pool holds something else.
    """
    return Selector(hosts, datastores, networks, clusters=clusters, limits=limits).select(vm)


class _Candidates:
    """Those documents of a pool that count, by ascending ID."""

    __slots__ = ("_keys", "documents", "kind")

    def __init__(self, pool: Pool, kind: DocumentKind, counts: Any) -> None:
        _check(pool, kind)
        listed = sorted((key, place) for place, key in enumerate(pool.keys))
        documents = pool.candidates
        chosen = [(key, documents[place]) for key, place in listed if counts(documents[place].element)]
        self.kind = kind
        self.documents = [document for _, document in chosen]
        self._keys = [key for key, _ in chosen]

    def meeting(self, requirement: Requirement) -> tuple[int, ...]:
        return tuple(self._keys[place] for place in requirement.positions(self.documents, self.kind))


def _check(pool: Any, kind: DocumentKind) -> None:
    if not isinstance(pool, Pool) or (pool.kind is not kind and len(pool)):
        raise DocumentError(f"a pool of {kind.root} documents is expected, as `read_pool` makes it")


def _enabled(host: Element) -> bool:
    return _number(host, "STATE") in (1, 2)


def _usable(datastore: Element) -> bool:
    shared = all(text_of(found).upper() == "YES" for found in elements_at(datastore, "TEMPLATE/SHARED")[:1])
    monitored = any(_number(datastore, tag) for tag in ("TOTAL_MB", "FREE_MB", "USED_MB"))
    return _number(datastore, "TYPE") == 1 and _number(datastore, "STATE") == 0 and (monitored or not shared)


def _place(vm: Element) -> tuple[int | None, int | None]:
    """Return the host and the datastore that a VM is in, as its last history record has them."""
    last = elements_at(vm, "HISTORY_RECORDS/HISTORY")[-1:]
    return (_number(last[0], "HID"), _number(last[0], "DS_ID")) if last else (None, None)


def _automatic_nics(vm: Element) -> dict[int, str]:
    """Return the requirements of the automatic NICs by NIC_ID; of several with one ID the first counts."""
    found: dict[int, str] = {}
    for nic in elements_at(vm, "TEMPLATE/NIC"):
        if _text(nic, "NETWORK_MODE").upper() == "AUTO":
            number = _number(nic, "NIC_ID")
            found.setdefault(0 if number is None else number, _text(nic, "SCHED_REQUIREMENTS"))
    return found


def _vm(source: str | bytes | Element) -> Element:
    if isinstance(source, str | bytes):
        source = parse(source)
    elif isinstance(source, lxml_etree()._Element):
        checked(source)
    tag = getattr(source, "tag", type(source).__name__)
    if tag != "VM":
        raise DocumentError(f"a VM document is expected, not `{shorten(str(tag))}`")
    return source


def _text(element: Element, path: str) -> str:
    return next((text_of(found) for found in elements_at(element, path)), "")


def _number(element: Element, tag: str) -> int | None:
    return integer(next((text_of(child) for child in element.iterchildren(tag)), None))
