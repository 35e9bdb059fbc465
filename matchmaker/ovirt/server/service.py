"""The four methods that oVirt's engine calls, over an inventory and units.

What the engine sends and reads is in ExternalSchedulerBrokerImpl and ExternalSchedulerBrokerObjectBuilder of oVirt's engine 4.5.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from concurrent.futures import ThreadPoolExecutor
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from matchmaker.diagnostics import shorten, shown
from matchmaker.errors import MatchmakerError
from matchmaker.ovirt.cloud import Call, Inventory
from matchmaker.ovirt.errors import ConfigurationError, InventoryError, UnitError
from matchmaker.ovirt.server.answers import Answer, Retired
from matchmaker.ovirt.server.arguments import number, pairs, text, texts, texts_by_name
from matchmaker.ovirt.server.served_units import ServedBalancer, ServedFilter, ServedUnit, ServedWeigher
from matchmaker.ovirt.server.weight_rows import Weighed, WeightRows
from matchmaker.ovirt.units import Unit
from matchmaker.ovirt.weights import whole_weight

logger = logging.getLogger("matchmaker.ovirt")

_BESIDE = 64  # plug-ins that are waited for at once; each has a time limit of its own
_SHOWN = 5
_LONGEST = 2_000  # characters of why a unit fails; it may quote what the client sent

Asked = TypeVar("Asked", bound=ServedUnit)
Found = TypeVar("Found")
P = ParamSpec("P")


class Service:
    """The methods that oVirt's engine calls.

    Parameters
    ----------
    inventory : Inventory
        Where hosts and virtual machines are looked up.
    filters, weighers, balancers : iterable
        The units; of each kind a name stands once.
    cumulative : bool
        Whether scores come as older engines of oVirt's read them: one row for each host, with the sum of factor times weight.

    Raises
    ------
    ConfigurationError
        If two units of a kind have the same name.
    """

    def __init__(
        self,
        inventory: Inventory,
        *,
        filters: Iterable[ServedFilter] = (),
        weighers: Iterable[ServedWeigher] = (),
        balancers: Iterable[ServedBalancer] = (),
        cumulative: bool = False,
    ) -> None:
        self._inventory = inventory
        self._filters = _by_name("filters", filters)
        self._weighers = _by_name("weighers", weighers)
        self._balancers = _by_name("balancers", balancers)
        self._cumulative = cumulative
        self._beside = ThreadPoolExecutor(_BESIDE, thread_name_prefix="plug-in")
        self._under_way = 0
        self._closed = False
        self._changed = threading.Condition()

    @property
    def methods(self) -> Mapping[str, Callable[..., Answer]]:
        """The methods by the names that the engine calls them by."""
        return {
            "discover": self._counted(self.discover),
            "runFilters": self._counted(self.run_filters),
            "runCostFunctions": self._counted(self.run_cost_functions),
            "runLoadBalancing": self._counted(self.run_load_balancing),
        }

    def _counted(self, method: Callable[P, Answer]) -> Callable[P, Answer]:
        @wraps(method)
        def counted(*args: P.args, **kwargs: P.kwargs) -> Answer:
            with self._changed:
                if self._closed:
                    raise Retired("the methods are closed")
                self._under_way += 1
            try:
                return method(*args, **kwargs)
            finally:
                with self._changed:
                    self._under_way -= 1
                    self._changed.notify_all()

        return counted

    def close(self, *, wait: float) -> None:
        """Let go of the inventory and the threads when the calls under way are done, or after so many seconds.

        From then on, the methods raise `Retired`.
        """
        with self._changed:
            self._changed.wait_for(lambda: not self._under_way, wait)
            self._closed = True
        self._beside.shutdown(wait=False, cancel_futures=True)
        self._inventory.close()

    def discover(self) -> Answer:
        """Return the units, by kind and name: a description, and what checks the values of parameters."""
        kinds: dict[str, Mapping[str, ServedUnit]] = {
            "filters": self._filters,
            "scores": self._weighers,
            "balance": self._balancers,
        }
        value = {
            kind: {name: [unit.description, unit.validation] for name, unit in units.items()}
            for kind, units in kinds.items()
        }
        return Answer(value, " ".join(f"{kind}={len(units)}" for kind, units in value.items()))

    def run_filters(self, names: object, hosts: object, vm: object, properties: object) -> Answer:
        """Return the hosts that all of the filters keep."""
        wanted = list(dict.fromkeys(texts(names, "the names of filters")))
        call = self._call(hosts, vm, properties)
        report = _Report()
        known = self._known(self._filters, wanted, report)
        found = self._all(known, lambda unit: unit.keep(call), report)
        unknown = self._unknown_hosts(call)
        kept = list(call.host_ids)
        for _, ids in found:
            keeping = unknown.union(ids)
            kept = [identifier for identifier in kept if identifier in keeping]
        if not found and wanted:
            report.errors.append("all filters failed: all hosts are kept")
        return report.answer(kept, f"filters={_list(wanted)} hosts={len(call.host_ids)} kept={len(kept)}")

    def run_cost_functions(self, functions: object, hosts: object, vm: object, properties: object) -> Answer:
        """Return rows of a host, its weight and the weigher's name; or of a host and the sum of factor times weight."""
        factors: dict[str, int] = {}
        for name, factor in pairs(functions):
            wanted = text(name, "the name of a weigher")
            factors[wanted] = factors.get(wanted, 0) + number(factor, "a factor")
        call = self._call(hosts, vm, properties)
        report = _Report()
        known = self._known(self._weighers, factors, report)
        found = self._all(known, lambda unit: unit.weights(call), report)
        unknown = self._unknown_hosts(call)
        if not found and factors:
            report.errors.append("all weighers failed: no host has a weight")
        summary = f"scores={_list(factors)} hosts={len(call.host_ids)}"
        rows = WeightRows([_weighed(call, unit.name, weights, unknown) for unit, weights in found])
        if not self._cumulative:
            return report.answer(rows, summary)
        sums = dict.fromkeys(call.host_ids if found else (), 0)
        for host, weight, name in rows:
            sums[host] += factors[name] * weight
        return report.answer([[host, whole_weight(total)] for host, total in sums.items()], summary)

    def run_load_balancing(self, name: object, hosts: object, properties: object) -> Answer:
        """Return a virtual machine to migrate, and the hosts it may go to; `["", []]` when there is nothing to do."""
        wanted = text(name, "the name of a balancer")
        call = self._call(hosts, None, properties)
        report = _Report()
        known = self._known(self._balancers, [wanted], report)
        found = self._all(known, lambda unit: unit.balance(call), report)
        self._unknown_hosts(call)  # the log is to tell
        migration = found[0][1] if found else None
        value: list[Any] = ["", []] if migration is None else [migration.vm, list(migration.hosts)]
        done = "nothing" if migration is None else f"vm={shorten(migration.vm)} to={len(migration.hosts)}"
        return report.answer(value, f"balance={_list([wanted])} hosts={len(call.host_ids)} {done}")

    def _call(self, hosts: object, vm: object, properties: object) -> Call:
        listed = tuple(dict.fromkeys(texts(hosts, "the ids of hosts")))
        machine = None if vm is None else text(vm, "the id of the virtual machine")
        arguments = texts_by_name(properties, "the properties")
        return Call(self._inventory.snapshot(), listed, machine, arguments)

    def _known(self, units: Mapping[str, Asked], names: Iterable[str], report: _Report) -> list[Asked]:
        known, unknown = [], []
        for name in names:
            if name in units:
                known.append(units[name])
            else:
                unknown.append(name)
        if unknown:
            there = f"there are {_list(units)}" if units else "there is none of this kind"
            report.unknown(unknown, f"no such unit: {there}")
        return known

    def _all(self, units: Sequence[Asked], ask: Callable[[Asked], Found], report: _Report) -> list[tuple[Asked, Found]]:
        """Ask units, and return the answers of those that do not fail; plug-ins work beside each other."""
        asked: list[tuple[Asked, Callable[[], Found]]] = []
        for unit in units:
            if isinstance(unit, Unit):
                asked.append((unit, lambda unit=unit: ask(unit)))  # type: ignore[misc]
            else:
                asked.append((unit, self._beside.submit(ask, unit).result))
        found = []
        for unit, result in asked:
            try:
                found.append((unit, result()))
            except MatchmakerError as error:
                report.failed(unit.name, error.message if isinstance(error, UnitError) else str(error))
            except Exception as error:  # the others count, whatever becomes of this one
                report.failed(unit.name, f"it fails by {shown(error)}")
        return found

    def _unknown_hosts(self, call: Call) -> frozenset[str]:
        """Return the hosts that the inventory does not have, which are kept and weigh 0."""
        try:
            unknown = call.unknown
        except InventoryError as error:
            logger.warning("hosts cannot be looked up: %s", shorten(str(error), 300))
            return frozenset()
        if unknown:
            logger.warning("the inventory does not have %d of the hosts asked about: %s", len(unknown), _list(unknown))
        return frozenset(unknown)


class _Report:
    """What went wrong during a call."""

    def __init__(self) -> None:
        self.errors: list[str] = []
        self._failed: dict[str, list[str]] = {}

    def failed(self, name: str, message: str) -> None:
        """Take note of a unit that fails."""
        self._failed[name] = [message[:_LONGEST]]
        logger.warning("unit %s fails: %s", shorten(name), shorten(message, 1_000))

    def unknown(self, names: Sequence[str], message: str) -> None:
        """Take note of units that there are not, however many were asked for."""
        self._failed.update((name, [message]) for name in names)
        logger.warning("%s fail: %s", _list(names), message)

    def answer(self, result: object, summary: str) -> Answer:
        """Return the answer; the engine reads the errors only when the code is not 0."""
        failed = bool(self.errors or self._failed)
        value = {
            "result_code": int(failed),
            "result": result,
            "plugin_errors": self._failed,
            "errors": self.errors,
        }
        return Answer(value, f"{summary} failed={_list(self._failed)}" if failed else summary)


def _weighed(call: Call, name: str, weights: Sequence[tuple[str, int]], unknown: Set[str]) -> Weighed:
    """Return what a weigher gives, in the order of the hosts; 0 for those that it leaves out, or that nobody knows."""
    if not unknown and tuple(host for host, _ in weights) == call.host_ids:
        return Weighed(call.host_ids, [weight for _, weight in weights], name)
    given: dict[str, list[int]] = {}
    for host, weight in weights:
        if host not in unknown:
            given.setdefault(host, []).append(weight)
    rows = [(host, weight) for host in call.host_ids for weight in given.get(host, (0,))]
    return Weighed([host for host, _ in rows], [weight for _, weight in rows], name)


def _by_name(kind: str, units: Iterable[Asked]) -> dict[str, Asked]:
    named: dict[str, Asked] = {}
    for unit in units:
        if unit.name in named:
            raise ConfigurationError(f"two of the {kind} have the name `{shorten(unit.name)}`; rename or leave out one")
        named[unit.name] = unit
    return named


def _list(names: Iterable[str]) -> str:
    listed = list(names)
    more = f",... {len(listed)} in all" if len(listed) > _SHOWN else ""
    return "[" + ",".join(map(shorten, listed[:_SHOWN])) + more + "]"
