"""What is known of a cloud of oVirt's: its hosts and virtual machines, as plain mappings, and what one call asks about.

`matchmaker.ovirt.attributes` lists the attributes and their units.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any, Protocol, TypeAlias

from matchmaker.ovirt.errors import InventoryError

Host: TypeAlias = Mapping[str, Any]
"""A host's attributes; `ID` is always there."""

Vm: TypeAlias = Mapping[str, Any]
"""A virtual machine's attributes; `ID` is always there, `HOST_ID` where it runs."""


class Snapshot(Protocol):
    """What is known of a cloud during one call: each question has one answer, however often it is asked.

    All of it may raise `InventoryError`, where it has to be fetched.
    """

    def host(self, identifier: str) -> Host | None:
        """Return a host, or None when there is none with this id."""
        ...

    def vm(self, identifier: str) -> Vm | None:
        """Return a virtual machine, or None when there is none with this id."""
        ...

    def hosts(self) -> Sequence[Host]:
        """Return all hosts, in the inventory's order."""
        ...

    def vms(self) -> Sequence[Vm]:
        """Return all virtual machines, in the inventory's order."""
        ...

    def vms_on(self, host: str) -> Sequence[Vm]:
        """Return the virtual machines on the host with this id, in the inventory's order."""
        ...


class Inventory(Protocol):
    """Where the attributes of hosts and virtual machines come from."""

    def snapshot(self) -> Snapshot:
        """Return what is known now, for one call; what has to be fetched is fetched when the snapshot is asked."""
        ...

    def close(self) -> None:
        """Let go of connections; a snapshot may not be used any more."""
        ...


class Cloud:
    """Hosts and virtual machines in memory: a snapshot that knows all of it.

    Parameters
    ----------
    hosts, vms : iterable of mapping
        Their attributes, each with an `ID` that no other one has; texts, numbers, truth values, lists.

    Raises
    ------
    InventoryError
        If one is no mapping, has no `ID`, or shares it.
    """

    __slots__ = ("_hosts", "_on", "_vms")

    def __init__(self, hosts: Iterable[Host], vms: Iterable[Vm] = ()) -> None:
        self._hosts = _by_id(hosts, "host")
        self._vms = _by_id(vms, "virtual machine")
        self._on: dict[str, list[Vm]] = {}
        for vm in self._vms.values():
            if vm.get("HOST_ID") is not None:
                self._on.setdefault(str(vm["HOST_ID"]), []).append(vm)

    def host(self, identifier: str) -> Host | None:
        """Return a host, or None when there is none with this id."""
        return self._hosts.get(identifier)

    def vm(self, identifier: str) -> Vm | None:
        """Return a virtual machine, or None when there is none with this id."""
        return self._vms.get(identifier)

    def hosts(self) -> Sequence[Host]:
        """Return all hosts, in their order."""
        return tuple(self._hosts.values())

    def vms(self) -> Sequence[Vm]:
        """Return all virtual machines, in their order."""
        return tuple(self._vms.values())

    def vms_on(self, host: str) -> Sequence[Vm]:
        """Return the virtual machines on the host with this id, in their order."""
        return tuple(self._on.get(host, ()))


def _by_id(records: Iterable[Mapping[str, Any]], what: str) -> dict[str, Mapping[str, Any]]:
    found: dict[str, Mapping[str, Any]] = {}
    for number, record in enumerate(records, 1):
        if not isinstance(record, Mapping):
            raise InventoryError(f"{what} {number} is no mapping of attributes")
        if not isinstance(record.get("ID"), (str, int)) or isinstance(record["ID"], bool) or record["ID"] == "":
            raise InventoryError(f"{what} {number} has no `ID`, a text")
        identifier = str(record["ID"])
        if identifier in found:
            raise InventoryError(f"two are the {what} `{identifier}`")
        found[identifier] = record
    return found


@dataclass(frozen=True)
class Call:
    """What units are asked about: hosts, the virtual machine that is to run on one of them, and arguments.

    Parameters
    ----------
    snapshot : Snapshot
        Where hosts and virtual machines are looked up.
    host_ids : tuple of str
        The hosts in question, in the order that breaks ties; also those that nobody knows.
    vm_id : str or None
        The virtual machine; a balancer is asked about none.
    arguments : mapping of str to str
        What is set for the units' parameters, as it was given; each unit reads its own.
    """

    snapshot: Snapshot
    host_ids: tuple[str, ...]
    vm_id: str | None = None
    arguments: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def of(
        cls,
        hosts: Iterable[Host],
        vm: Vm | None = None,
        *,
        vms: Iterable[Vm] = (),
        arguments: Mapping[str, str] = MappingProxyType({}),
    ) -> Call:
        """Return a call about these hosts, in their order.

        Parameters
        ----------
        hosts : iterable of mapping
            The hosts.
        vm : mapping, optional
            The virtual machine that is to run on one of them.
        vms : iterable of mapping, optional
            The virtual machines that there are, for units that look at those on a host.
        arguments : mapping of str to str, optional
            What is set for the units' parameters.

        Raises
        ------
        InventoryError
            If a host or virtual machine has no `ID`, or shares it.
        """
        machines = list(vms)
        if vm is not None and all(each.get("ID") != vm.get("ID") for each in machines):
            machines.append(vm)
        cloud = Cloud(hosts, machines)
        identifier = None if vm is None else str(vm["ID"])
        return cls(cloud, tuple(str(host["ID"]) for host in cloud.hosts()), identifier, arguments)

    @cached_property
    def hosts(self) -> list[Host]:
        """The hosts in question that are known, in their order."""
        return [host for host in self._found if host is not None]

    @cached_property
    def known_ids(self) -> list[str]:
        """The ids of these, in the same order."""
        if None not in self._found:
            return list(self.host_ids)
        return [each for each, host in zip(self.host_ids, self._found, strict=True) if host is not None]

    @cached_property
    def unknown(self) -> tuple[str, ...]:
        """The hosts in question that nobody knows."""
        if None not in self._found:
            return ()
        return tuple(each for each, host in zip(self.host_ids, self._found, strict=True) if host is None)

    @cached_property
    def _found(self) -> list[Host | None]:
        return list(map(self.snapshot.host, self.host_ids))

    @cached_property
    def vm(self) -> Vm | None:
        """The virtual machine; None when there is none, or nobody knows it."""
        return None if self.vm_id is None else self.snapshot.vm(self.vm_id)

    @property
    def why_no_vm(self) -> str:
        """What to say where there is no virtual machine."""
        return "there is none" if self.vm_id is None else f"nobody knows `{self.vm_id}`"
