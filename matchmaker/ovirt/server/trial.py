"""Runs each unit of a configuration once, on what the inventory has."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

from matchmaker.errors import MatchmakerError
from matchmaker.ovirt.cloud import Call
from matchmaker.ovirt.errors import UnitError
from matchmaker.ovirt.policies import POLICIES
from matchmaker.ovirt.samples import SAMPLES
from matchmaker.ovirt.server.loaded import Loaded
from matchmaker.ovirt.units import Unit


class Trial(NamedTuple):
    """What a unit did.

    Attributes
    ----------
    kind : {"filter", "weigher", "balancer"}
        Its kind.
    name : str
        Its name.
    outcome : str
        What it answered, or why it failed.
    failed : bool
        Whether it failed.
    milliseconds : float
        How long it took.
    """

    kind: str
    name: str
    outcome: str
    failed: bool
    milliseconds: float


def own_units(loaded: Loaded) -> list[Unit]:
    """Return the units that the configuration writes itself: neither samples, nor units of oVirt's policies, nor plug-ins."""
    shipped = [*SAMPLES.values(), *(unit for policy in POLICIES.values() for unit in policy.units)]
    return [unit for unit in loaded.configuration.units if not any(unit is each for each in shipped)]


def asked_about(loaded: Loaded) -> Call:
    """Return a call about all hosts, and the first virtual machine that runs nowhere, else the first.

    Raises
    ------
    InventoryError
        If the inventory does not answer.
    """
    snapshot = loaded.inventory.snapshot()
    vms = snapshot.vms()
    waiting = (vm for vm in vms if vm.get("HOST_ID") is None)
    chosen = next(waiting, vms[0] if vms else None)
    hosts = tuple(str(host["ID"]) for host in snapshot.hosts())
    return Call(snapshot, hosts, None if chosen is None else str(chosen["ID"]))


def tried(loaded: Loaded, call: Call) -> Iterator[Trial]:
    """Run each unit once, one after the other."""
    count = len(call.host_ids)
    for keeper in loaded.filters:
        yield _tried("filter", keeper.name, lambda unit=keeper: f"keeps {len(unit.keep(call))} of {count}")  # type: ignore[misc]
    for weigher in loaded.weighers:
        yield _tried("weigher", weigher.name, lambda unit=weigher: _weights(unit.weights(call)))  # type: ignore[misc]
    for balancer in loaded.balancers:

        def balance(balancer=balancer) -> str:  # type: ignore[no-untyped-def]
            migration = balancer.balance(call)
            if migration is None:
                return "nothing to do"
            moved = call.snapshot.vm(migration.vm) or {}
            return f"moves {moved.get('NAME', migration.vm)} to one of {len(migration.hosts)}"

        yield _tried("balancer", balancer.name, balance)


def _weights(weights: list[tuple[str, int]]) -> str:
    if not weights:
        return "weighs none"
    values = [weight for _, weight in weights]
    return f"weighs {len({host for host, _ in weights})}, from {min(values)} to {max(values)}"


def _tried(kind: str, name: str, work: Callable[[], str]) -> Trial:
    start = time.perf_counter()
    failed = False
    try:
        outcome = work()
    except MatchmakerError as error:
        outcome, failed = error.message if isinstance(error, UnitError) else str(error), True
    return Trial(kind, name, outcome, failed, (time.perf_counter() - start) * 1_000)
