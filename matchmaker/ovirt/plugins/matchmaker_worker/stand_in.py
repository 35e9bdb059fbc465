"""The modules that `import ovirtsdk` finds in a plug-in file's process: they read the inventory, and change nothing.

They are made here, one by one, so that an installed `ovirtsdk` is never found in their place.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, NoReturn

from .records import Record, host_record, refuse, vm_record
from .searches import Searched

Ask = Callable[[Mapping[str, str]], Any]
"""Asks the server's side: `{"ask": "hosts"}`, `{"ask": "vms"}` or `{"ask": "vm", "id": ...}`."""


class RequestError(Exception):
    """The inventory could not answer; the name is the SDK's."""


class Inventory:
    """What a plug-in asks for during a call; every answer is kept until the end of it."""

    def __init__(self) -> None:
        self._ask: Ask | None = None
        self._hosts: Searched[Record] | None = None
        self._vms: Searched[Record] | None = None

    def connect(self, ask: Ask) -> None:
        """Let a call begin.

        Parameters
        ----------
        ask : callable
            Asks the server's side.
        """
        self._ask = ask

    def hosts(self) -> Searched[Record]:
        """Return all hosts."""
        if self._hosts is None:
            records = [host_record(attributes) for attributes in self.answer({"ask": "hosts"})]
            self._hosts = Searched(records, _texts())
        return self._hosts

    def vms(self) -> Searched[Record]:
        """Return all virtual machines."""
        if self._vms is None:
            records = [vm_record(attributes) for attributes in self.answer({"ask": "vms"})]
            names = {host.id: host.name for host in self.hosts().search(None)}
            self._vms = Searched(records, {**_texts(), "host": lambda vm: names.get(vm.host and vm.host.id)})
        return self._vms

    def vm(self, identifier: str) -> Record | None:
        """Return a virtual machine by its id, without a question about all of them."""
        attributes = self.answer({"ask": "vm", "id": identifier})
        return None if attributes is None else vm_record(attributes)

    def answer(self, question: Mapping[str, str]) -> Any:
        """Return what the server's side answers.

        Raises
        ------
        RequestError
            If it cannot, or there is no call.
        """
        if self._ask is None:
            raise RequestError(
                "hosts and virtual machines can be asked for during a call, not while a file is imported"
            )
        answer = self._ask(question)
        if "error" in answer:
            raise RequestError(answer["error"])
        return answer["answer"]


def _texts() -> dict[str, Callable[[Record], str | None]]:
    return {
        "id": lambda record: record.id,
        "name": lambda record: record.name,
        "cluster": lambda record: record.cluster and record.cluster.id,
        "status": lambda record: record.status and record.status.state,
    }


class Collection:
    """`connection.hosts` or `connection.vms`.

    Parameters
    ----------
    what : str
        Which of them, for messages.
    everything : callable
        Returns all that there is.
    by_id : callable, optional
        Returns one by its id; else it is looked for among all.
    """

    def __init__(
        self,
        what: str,
        everything: Callable[[], Searched[Record]],
        by_id: Callable[[str], Record | None] | None = None,
    ) -> None:
        self._what = what
        self._everything = everything
        self._by_id = by_id

    def list(self, query: str | None = None, *, max: int | None = None) -> Sequence[Record]:  # noqa: A002 - the SDK's name
        """Return what meets a search."""
        return self._everything().search(query)[:max]

    def get(self, name: str | None = None, id: str | None = None) -> Record | None:  # noqa: A002 - the SDK's name
        """Return the one with this id, or with this name, or None."""
        if id is not None:
            return self._by_id(str(id)) if self._by_id is not None else self._everything().equal("id", str(id))
        if name is None:
            raise TypeError(f"`{self._what}.get` needs a name or an id")
        return self._everything().equal("name", name)

    def __getattr__(self, name: str) -> NoReturn:
        refuse(name, self._what, ["list", "get"])


def install(inventory: Inventory) -> None:
    """Let `import ovirtsdk` find the stand-in.

    Parameters
    ----------
    inventory : Inventory
        What it shows.
    """

    class API:
        """A connection, which needs neither an address nor credentials."""

        def __init__(self, *_anything: object, **_named: object) -> None:
            self.hosts = Collection("hosts", inventory.hosts)
            self.vms = Collection("vms", inventory.vms, inventory.vm)

        def test(self, throw_exception: bool = True) -> bool:
            """Say that all is well."""
            return True

        def disconnect(self) -> None:
            """Do nothing."""

        def __getattr__(self, name: str) -> NoReturn:
            refuse(name, "a connection", ["hosts", "vms", "test", "disconnect"])

    root = _module("ovirtsdk")
    _module("ovirtsdk.api", root, API=API)
    _module("ovirtsdk.xml.params", _module("ovirtsdk.xml", root))
    infrastructure = _module("ovirtsdk.infrastructure", root)
    _module("ovirtsdk.infrastructure.brokers", infrastructure)
    _module(
        "ovirtsdk.infrastructure.errors",
        infrastructure,
        RequestError=RequestError,
        **{name: type(name, (Exception,), {}) for name in _NEVER_RAISED},
    )


_NEVER_RAISED = ("ConnectionError", "DisconnectedError", "MissingParametersError", "NoCertificatesError")
"""Errors of the SDK's that plug-ins may name in an `except`."""


def _module(full_name: str, parent: ModuleType | None = None, **members: object) -> ModuleType:
    module = ModuleType(full_name, "A stand-in over matchmaker's inventory; it only reads.")
    module.__spec__ = ModuleSpec(full_name, None, is_package=True)
    module.__path__ = []
    there = sorted(members)
    module.__dict__.update(members, __getattr__=lambda name: refuse(name, f"`{full_name}`", there))
    sys.modules[full_name] = module
    if parent is not None:
        setattr(parent, full_name.rpartition(".")[2], module)
    return module
