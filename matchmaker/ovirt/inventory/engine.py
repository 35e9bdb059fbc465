"""The inventory of a running oVirt engine, read over its REST API; nothing is changed there."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import quote

from matchmaker.ovirt.cloud import Cloud, Host, Vm
from matchmaker.ovirt.inventory.credentials import Credentials
from matchmaker.ovirt.inventory.engine_client import EngineClient
from matchmaker.ovirt.inventory.engine_failures import not_ovirt
from matchmaker.ovirt.inventory.engine_records import host_attributes, members, vm_attributes
from matchmaker.ovirt.inventory.engine_settings import check_bounds
from matchmaker.ovirt.inventory.questions import Question

_IDENTIFIER = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{0,99}")
_FOLLOWING = "?follow=statistics"


class EngineInventory:
    """Hosts and virtual machines as oVirt's engine knows them.

    A snapshot asks for what is wanted of it, once: for all hosts, all virtual machines, or a single one. Threads may share an
    inventory, and a snapshot.

    Parameters
    ----------
    url : str
        The address of the engine's API, such as `https://engine.example.org/ovirt-engine/api`. Without encryption, `http`, only on
        this machine. Redirects are not followed.
    credentials : Credentials
        Who asks: a user that may see all hosts and virtual machines, for which oVirt has the role ReadOnlyAdmin.
    ca_file : Path, optional
        The certificate of the authority that the engine's certificate is from, in PEM; the system's authorities when None.
    connect_timeout : float
        How many seconds connecting may take.
    timeout : float
        How many seconds one answer may take, connecting included.
    retries : int
        How often to ask again when the connection fails, an answer is late, or the engine is not up (HTTP status 502, 503, 504).
    deadline : float
        How many seconds a snapshot may be asked for, from when it was made.
    largest : int
        How many bytes an answer may have.
    proxy_from_environment : bool
        Whether to go over the proxy that HTTPS_PROXY names.

    Raises
    ------
    InventoryError
        If one of these cannot be used.
    ExtraMissing
        If httpx is not installed.
    """

    def __init__(
        self,
        *,
        url: str,
        credentials: Credentials,
        ca_file: Path | None = None,
        connect_timeout: float = 5.0,
        timeout: float = 30.0,
        retries: int = 2,
        deadline: float = 60.0,
        largest: int = 256 * 1024 * 1024,
        proxy_from_environment: bool = False,
    ) -> None:
        check_bounds(retries, largest, connect_timeout=connect_timeout, timeout=timeout, deadline=deadline)
        self._deadline = deadline
        self._client = EngineClient(
            url=url,
            credentials=credentials,
            ca_file=ca_file,
            connect_timeout=connect_timeout,
            timeout=timeout,
            retries=retries,
            largest=largest,
            proxy_from_environment=proxy_from_environment,
        )

    def __repr__(self) -> str:
        return f"<EngineInventory of {self._client.url}>"

    def snapshot(self) -> EngineSnapshot:
        """Return what the engine knows from now on; it is not asked before somebody wants to know."""
        return EngineSnapshot(self._client, self._deadline)

    def close(self) -> None:
        """Close the connections; a snapshot may not be used any more."""
        self._client.close()


class EngineSnapshot:
    """What an engine knows during one call; made by `EngineInventory.snapshot`."""

    def __init__(self, client: EngineClient, seconds: float) -> None:
        self._client = client
        self._until = monotonic() + seconds
        self._late = (
            f"{client.url} has not answered within {seconds:g} s; `deadline` says how long to wait for a snapshot"
        )
        self._hosts = Question(self._fetch_hosts, deadline=self._until, late=self._late)
        self._vms = Question(self._fetch_vms, deadline=self._until, late=self._late)
        self._single: dict[str, Question[Vm | None]] = {}
        self._lock = threading.Lock()

    def host(self, identifier: str) -> Host | None:
        """Return a host, or None when there is none with this id."""
        return self._hosts.answer().host(identifier)

    def hosts(self) -> Sequence[Host]:
        """Return all hosts, in the engine's order."""
        return self._hosts.answer().hosts()

    def vm(self, identifier: str) -> Vm | None:
        """Return a virtual machine, or None when there is none with this id."""
        if not _IDENTIFIER.fullmatch(identifier):
            return None
        with self._lock:
            question = self._single.get(identifier)
            if question is None and not self._vms.is_answered:
                question = Question(lambda: self._fetch_vm(identifier), deadline=self._until, late=self._late)
                self._single[identifier] = question
        return self._vms.answer().vm(identifier) if question is None else question.answer()

    def vms(self) -> Sequence[Vm]:
        """Return all virtual machines, in the engine's order."""
        return self._vms.answer().vms()

    def vms_on(self, host: str) -> Sequence[Vm]:
        """Return the virtual machines on the host with this id, in the engine's order."""
        return self._vms.answer().vms_on(host)

    def _fetch_hosts(self) -> Cloud:
        hosts = []
        for record in self._records("hosts", "host"):
            statistics = record.get("statistics")
            if statistics is None:  # engines before 4.2 do not follow
                statistics = self._statistics(record["id"])
            hosts.append(host_attributes(record, statistics))
        return Cloud(hosts)

    def _fetch_vms(self) -> Cloud:
        return Cloud((), [vm_attributes(record) for record in self._records("vms", "vm")])

    def _fetch_vm(self, identifier: str) -> Vm | None:
        path = f"vms/{quote(identifier, safe='')}{_FOLLOWING}"
        record = self._client.get(path, deadline=self._until, may_be_missing=True)
        if record is None:
            return None
        if not isinstance(record, dict) or "id" not in record:
            raise not_ovirt(f"{self._client.url}/{path}", "id")
        return vm_attributes(record)

    def _records(self, collection: str, name: str) -> list[Mapping[str, Any]]:
        path = collection + _FOLLOWING
        answer = self._client.get(path, deadline=self._until)
        if not isinstance(answer, dict) or (answer and name not in answer):
            raise not_ovirt(f"{self._client.url}/{path}", name)
        records = members(answer, name)
        if not all(isinstance(record.get("id"), str) for record in records):
            raise not_ovirt(f"{self._client.url}/{path}", "id")
        return records

    def _statistics(self, identifier: str) -> object:
        if not _IDENTIFIER.fullmatch(identifier):
            return None
        return self._client.get(
            f"hosts/{quote(identifier, safe='')}/statistics", deadline=self._until, may_be_missing=True
        )
