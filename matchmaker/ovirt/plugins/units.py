"""The units in plug-in files: each call is one of a method there, in a process of its own."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from matchmaker.diagnostics import shorten
from matchmaker.ovirt.cloud import Call
from matchmaker.ovirt.errors import UnitError
from matchmaker.ovirt.migration import Migration
from matchmaker.ovirt.plugins.matchmaker_worker.kinds import METHODS, WANTED
from matchmaker.ovirt.plugins.texts import last_line, one_line
from matchmaker.ovirt.plugins.worker import NoAnswer, Worker
from matchmaker.ovirt.weights import whole_weight

_log = logging.getLogger("matchmaker.ovirt")


@dataclass(frozen=True, eq=False)
class PluginUnit:
    """What the three kinds have in common; `load_plugins` makes them.

    Parameters
    ----------
    name : str
        The name of the class.
    description : str
        The method's docstring, else that of the class, without its indentation; empty when there is none.
    validation : str
        What oVirt's engine checks values by, as the class has it: `maximum_vm_count=[0-9]*`.
    worker : Worker
        What calls the file.
    """

    name: str
    description: str
    validation: str
    worker: Worker = field(repr=False)

    def _ask(self, kind: str, call: Call) -> Any:
        """Return the answer of the class's method for a kind, None where it gave none; only a balancer need not.

        Raises
        ------
        UnitError
            If it fails, takes too long, or answers what cannot be understood.
        """
        request = {
            "kind": kind,
            "class": self.name,
            "hosts": list(call.host_ids),
            "vm": call.vm_id,
            "arguments": {str(name): str(value) for name, value in call.arguments.items()},
        }
        try:
            found, said = self.worker.ask(request, call.snapshot)
        except NoAnswer as error:
            raise UnitError(self.name, str(error)) from None
        if "result" not in found:
            problem = self._problem(kind, found, said)
            if problem:
                raise UnitError(self.name, problem)
        if said.strip():
            _log.warning("unit `%s` wrote on standard error: %s", self.name, one_line(said, 500))
        if found.get("stranger_count"):
            named = ", ".join(f"`{shorten(str(each))}`" for each in found["strangers"])
            _log.warning(
                "unit `%s` answers %d hosts that were not asked about, such as %s; they are ignored",
                self.name,
                found["stranger_count"],
                named,
            )
        return found.get("result")

    def _problem(self, kind: str, found: Mapping[str, Any], said: str) -> str:
        """Return why there is no result; nothing where there need not be one."""
        if "failure" not in found:
            if said.strip():
                return f"it has no answer, and wrote on standard error: `{last_line(said)}`"
            return "" if kind == "balance" else f"`{METHODS[kind]}` neither prints nor returns {WANTED[kind]}"
        if found["failure"] == "memory":
            return f"it ran out of memory: it may have {self.worker.memory} MiB"
        line = found.get("line")
        where = f" (`{self.worker.file.shown}`, line {line})" if isinstance(line, int) else ""
        return f"{one_line(str(found['failure']))}{where}"


@dataclass(frozen=True, eq=False)
class PluginFilter(PluginUnit):
    """A class with `do_filter`; its parameters are those of `PluginUnit`."""

    def keep(self, call: Call) -> list[str]:
        """Return the ids of the hosts that it keeps, in the order of the call.

        Raises
        ------
        UnitError
            If it fails, takes too long, or answers what cannot be understood.
        """
        return [str(host) for host in self._ask("filter", call)]


@dataclass(frozen=True, eq=False)
class PluginWeigher(PluginUnit):
    """A class with `do_score`; its parameters are those of `PluginUnit`."""

    def weights(self, call: Call) -> list[tuple[str, int]]:
        """Return hosts and their weights, lower is better, in its own order; a host may be there twice.

        Raises
        ------
        UnitError
            If it fails, takes too long, or answers what cannot be understood.
        """
        return [(str(host), whole_weight(int(weight))) for host, weight in self._ask("score", call)]


@dataclass(frozen=True, eq=False)
class PluginBalancer(PluginUnit):
    """A class with `do_balance`; its parameters are those of `PluginUnit`."""

    def balance(self, call: Call) -> Migration | None:
        """Return what to migrate, or None when there is nothing to do.

        Raises
        ------
        UnitError
            If it fails, takes too long, or answers what cannot be understood.
        """
        found = self._ask("balance", call)
        if found is None:
            return None
        vm, hosts = found
        return Migration(str(vm), tuple(map(str, hosts)))
