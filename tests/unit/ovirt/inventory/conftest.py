"""An engine to ask, and inventories that ask it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from matchmaker.ovirt.cloud import Inventory, Snapshot
from matchmaker.ovirt.errors import InventoryError
from matchmaker.ovirt.inventory import Credentials, EngineInventory
from tests.integration.ovirt_engine import PASSWORD, USERNAME, FakeEngine
from tests.integration.ovirt_records import host_record, vm_record


@pytest.fixture
def engine() -> Iterator[FakeEngine]:
    hosts = [host_record("h1", active=2), host_record("h2", idle=10), host_record("h3", status="maintenance")]
    vms = [vm_record("v1", host="h1"), vm_record("v2", host="h1"), vm_record("v3")]
    with FakeEngine(hosts, vms) as running:
        yield running


@pytest.fixture
def making() -> Iterator[Callable[..., EngineInventory]]:
    """A function that makes inventories of an engine, which are closed in the end."""
    with contextlib.ExitStack() as stack:

        def make(engine: FakeEngine, **options: Any) -> EngineInventory:
            usual = {"url": engine.url, "credentials": Credentials(USERNAME, PASSWORD), "ca_file": engine.ca_file}
            return stack.enter_context(contextlib.closing(EngineInventory(**{**usual, **options})))

        yield make


@pytest.fixture
def failure() -> Callable[..., str]:
    """A function that returns what is said when an inventory fails, which holds no secret."""

    def fail(inventory: Inventory, ask: Callable[[Snapshot], object] = lambda snapshot: snapshot.hosts()) -> str:
        with pytest.raises(InventoryError) as caught:
            ask(inventory.snapshot())
        error: BaseException | None = caught.value
        while error is not None:
            assert PASSWORD not in repr(error)
            error = error.__cause__ or error.__context__
        return str(caught.value)

    return fail
