"""The inventory of a running engine: what it brings, what is asked for it, and how often."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import monotonic, sleep

import pytest

from matchmaker.errors import ExtraMissing
from matchmaker.ovirt.errors import InventoryError
from matchmaker.ovirt.inventory import Credentials, EngineInventory
from tests.integration.ovirt_engine import FakeEngine, delay, fail, say
from tests.integration.ovirt_records import host_record, vm_record

Making = Callable[..., EngineInventory]
Failure = Callable[..., str]
SOON = 60.0
"""How many seconds whatever must not take long may take at most, on a machine that has much else to do."""


def test_hosts_and_virtual_machines(engine: FakeEngine, making: Making) -> None:
    snapshot = making(engine).snapshot()
    assert [host["ID"] for host in snapshot.hosts()] == ["h1", "h2", "h3"]
    host = snapshot.host("h2")
    assert host is not None
    assert (host["STATUS"], host["CPU_USAGE"], host["FREE_CPU"], host["FREE_MEMORY"]) == ("up", 90, 320, 48 * 1024**2)
    assert snapshot.host("h4") is None
    assert [vm["ID"] for vm in snapshot.vms()] == ["v1", "v2", "v3"]
    assert [vm["ID"] for vm in snapshot.vms_on("h1")] == ["v1", "v2"]
    assert snapshot.vms_on("h3") == ()
    vm = snapshot.vm("v1")
    assert vm is not None
    assert (vm["HOST_ID"], vm["MEMORY"], vm["CPU_USAGE"]) == ("h1", 4 * 1024**2, 12.5)


def test_an_engine_without_anything(making: Making) -> None:
    with FakeEngine() as engine:
        snapshot = making(engine).snapshot()
        assert (snapshot.hosts(), snapshot.vms(), snapshot.host("h"), snapshot.vm("v")) == ((), (), None, None)


def test_a_single_host_that_is_no_list(engine: FakeEngine, making: Making) -> None:
    engine.next.append(say(b'{"host": {"id": "only", "statistics": {}}}'))
    assert making(engine).snapshot().hosts() == ({"ID": "only"},)


def test_only_what_is_wanted_is_asked_for_and_only_once(engine: FakeEngine, making: Making) -> None:
    inventory = making(engine)
    snapshot = inventory.snapshot()
    assert engine.paths == []
    for _ in range(2):
        snapshot.host("h1")
        snapshot.host("h4")
        snapshot.hosts()
    assert engine.paths == ["hosts?follow=statistics"]
    for _ in range(2):
        assert snapshot.vm("v1") is snapshot.vm("v1")
        assert snapshot.vm("v4") is None
    assert engine.paths[1:] == ["vms/v1?follow=statistics", "vms/v4?follow=statistics"]
    for _ in range(2):
        snapshot.vms()
        snapshot.vms_on("h1")
        assert snapshot.vm("v2") is snapshot.vms()[1]
        assert snapshot.vm("v5") is None
    assert engine.paths[3:] == ["vms?follow=statistics"]
    inventory.snapshot().hosts()
    assert engine.paths[4:] == ["hosts?follow=statistics"]


def test_a_question_has_one_answer(engine: FakeEngine, making: Making) -> None:
    snapshot = making(engine).snapshot()
    before = snapshot.vm("v3")
    engine.vms = []
    assert snapshot.vms() == ()
    assert snapshot.vm("v3") is before
    assert before is not None


@pytest.mark.parametrize(
    "identifier",
    ["", "../hosts", "..", ".", "a/b", "a?b", "a%2fb", "a b", "a\nb", "a\r\nX: y", "-a", "\u00e4", "a" * 101],
)
def test_what_is_no_id_is_not_asked_for(engine: FakeEngine, making: Making, identifier: str) -> None:
    snapshot = making(engine).snapshot()
    assert snapshot.vm(identifier) is None
    assert engine.paths == []
    assert snapshot.host(identifier) is None
    assert engine.paths == ["hosts?follow=statistics"]


def test_engines_that_do_not_follow_are_asked_for_statistics_apart(making: Making) -> None:
    with FakeEngine([host_record("h1", idle=30), host_record("h2")], [vm_record("v1")], follows=False) as engine:
        snapshot = making(engine).snapshot()
        assert [host["CPU_USAGE"] for host in snapshot.hosts()] == [70, 25]
        assert engine.paths == ["hosts?follow=statistics", "hosts/h1/statistics", "hosts/h2/statistics"]
        vm = snapshot.vm("v1")
        assert vm is not None
        assert "CPU_USAGE" not in vm


def test_a_host_that_goes_meanwhile_and_one_with_a_strange_id_have_no_statistics(making: Making) -> None:
    with FakeEngine(follows=False) as engine:
        engine.next.append(say(b'{"host": [{"id": "gone", "name": "a"}, {"id": "../vms", "name": "b"}]}'))
        hosts = making(engine).snapshot().hosts()
        assert hosts == ({"ID": "gone", "NAME": "a"}, {"ID": "../vms", "NAME": "b"})
        assert engine.paths == ["hosts?follow=statistics", "hosts/gone/statistics"]


def test_the_engine_is_asked_in_the_version_that_is_understood_and_checks_the_password_once(
    engine: FakeEngine, making: Making
) -> None:
    inventory = making(engine)
    for _ in range(3):
        inventory.snapshot().hosts()
    headers = engine.requests[0].headers
    assert (headers["Version"], headers["Accept"], headers["Prefer"]) == ("4", "application/json", "persistent-auth")
    assert headers["Accept-Encoding"] == "identity"
    assert engine.password_checks == 1


def test_threads_share_a_snapshot(engine: FakeEngine, making: Making) -> None:
    engine.always = delay(0.1)
    snapshot = making(engine).snapshot()
    together = threading.Barrier(16)

    def want(number: int) -> object:
        together.wait(SOON)
        return (snapshot.hosts, snapshot.vms, lambda: snapshot.host("h1"), lambda: snapshot.vms_on("h1"))[number % 4]()

    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(want, range(16)))
    assert sorted(engine.paths) == ["hosts?follow=statistics", "vms?follow=statistics"]
    assert all(answer == answers[number % 4] for number, answer in enumerate(answers))


def test_threads_share_an_inventory(engine: FakeEngine, making: Making) -> None:
    inventory = making(engine)

    def want(_: int) -> int:
        snapshot = inventory.snapshot()
        return len(snapshot.hosts()) + len(snapshot.vms_on("h1"))

    with ThreadPoolExecutor(32) as threads:
        assert list(threads.map(want, range(200))) == [5] * 200
    # httpcore may close a connection that another thread has just taken; then that one asks again.
    assert set(engine.paths) == {"hosts?follow=statistics", "vms?follow=statistics"}
    assert len(engine.requests) >= 400


def test_an_error_is_the_same_for_all_who_ask(engine: FakeEngine, making: Making) -> None:
    engine.next.append(fail(500))
    inventory = making(engine)
    snapshot = inventory.snapshot()
    said = set()
    for _ in range(3):
        with pytest.raises(InventoryError) as caught:
            snapshot.hosts()
        said.add(str(caught.value))
    assert len(said) == 1
    assert len(engine.requests) == 1
    assert snapshot.vm("v1") is not None
    assert len(inventory.snapshot().hosts()) == 3


def test_a_closed_inventory_asks_nobody(engine: FakeEngine, making: Making, failure: Failure) -> None:
    inventory = making(engine)
    snapshot = inventory.snapshot()
    snapshot.hosts()
    inventory.close()
    assert len(snapshot.hosts()) == 3
    assert failure(inventory) == f"{engine.url}/hosts?follow=statistics is not asked: the inventory is closed"
    inventory.close()
    assert len(engine.requests) == 1


def test_closing_ends_repetitions(engine: FakeEngine, making: Making, failure: Failure) -> None:
    engine.always = fail(503)
    inventory = making(engine, retries=1_000_000, deadline=10 * SOON)
    with ThreadPoolExecutor(1) as threads:
        said = threads.submit(failure, inventory)
        while len(engine.requests) < 3:
            assert not said.done()
            sleep(0.01)
        start = monotonic()
        inventory.close()
        assert said.result(SOON).endswith(("the inventory is closed", "running?"))
        assert monotonic() - start < SOON


def test_without_httpx_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "httpx", None)
    with pytest.raises(ExtraMissing, match=r"^reading from an oVirt engine needs an extra: .*\[ovirt\]"):
        EngineInventory(url="https://engine.example.org/api", credentials=Credentials("a", "b"))
