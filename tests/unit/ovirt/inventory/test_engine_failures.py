"""An engine that does not answer as it should: what is asked again, what is said, and how long that takes at most."""

from __future__ import annotations

import contextlib
import logging
import socket
import threading
from collections.abc import Callable
from time import monotonic, sleep
from typing import Any

import pytest

from matchmaker.ovirt.inventory import Credentials, EngineInventory
from tests.integration.ovirt_engine import (
    PASSWORD,
    USERNAME,
    Behaviour,
    FakeEngine,
    break_off,
    delay,
    drip,
    drop,
    fail,
    say,
)
from tests.integration.ovirt_records import host_record

Making = Callable[..., EngineInventory]
Failure = Callable[..., str]
SOON = 60.0
"""How many seconds whatever must not take long may take at most, on a machine that has much else to do."""


@pytest.mark.parametrize(
    "behaviour", [fail(502), fail(503), fail(504), drop, break_off], ids=["502", "503", "504", "drop", "break off"]
)
def test_what_passes_is_asked_again(
    engine: FakeEngine, making: Making, behaviour: Behaviour, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "matchmaker.ovirt")
    engine.next.extend([behaviour, behaviour])
    assert len(making(engine).snapshot().hosts()) == 3
    assert engine.paths == ["hosts?follow=statistics"] * 3
    messages = [record.getMessage() for record in caplog.records if record.name == "matchmaker.ovirt"]
    assert len(messages) == 2
    assert all(message.endswith("; asking again") for message in messages)


def test_an_answer_that_is_late_is_asked_for_again(engine: FakeEngine, making: Making) -> None:
    engine.next.append(delay(SOON))
    assert len(making(engine, timeout=1.0).snapshot().hosts()) == 3
    assert len(engine.requests) == 2


@pytest.mark.parametrize(
    ("behaviour", "timeout", "said"),
    [
        (fail(502), SOON, "{} answers with HTTP status 502 Bad Gateway; is the service ovirt-engine running?"),
        (fail(503), SOON, "{} answers with HTTP status 503 Service Unavailable; is the service ovirt-engine running?"),
        (drop, SOON, "the connection to {} breaks before the answer is complete"),
        (break_off, SOON, "the connection to {} breaks before the answer is complete"),
        (delay(SOON), 1.0, "{} has not answered within 1 s; `timeout` says how long to wait"),
        (drip(b" ", 0.05), 1.0, "{} has not answered within 1 s; `timeout` says how long to wait"),
    ],
    ids=["502", "503", "drop", "break off", "delay", "drip"],
)
def test_what_does_not_pass(
    engine: FakeEngine, making: Making, behaviour: Behaviour, timeout: float, said: str, failure: Failure
) -> None:
    engine.always = behaviour
    inventory = making(engine, retries=1, timeout=timeout, deadline=2 * SOON)
    assert failure(inventory) == said.format(f"{engine.url}/hosts?follow=statistics")
    assert len(engine.requests) == 2
    engine.always = None
    assert len(inventory.snapshot().hosts()) == 3


def test_one_deadline_bounds_all_repetitions(engine: FakeEngine, making: Making, failure: Failure) -> None:
    engine.always = fail(503)
    start = monotonic()
    said = failure(making(engine, retries=1_000_000, deadline=2.0))
    assert monotonic() - start < SOON
    assert "503 Service Unavailable" in said or "has not answered within 2 s" in said
    assert 2 <= len(engine.requests) < 30
    while any(thread.name == "oVirt inventory" for thread in threading.enumerate()):
        assert monotonic() - start < SOON, "somebody goes on asking"
        sleep(0.01)


def byte_by_byte(handler: Any) -> None:
    """Send the head of an answer, which has no end, a byte at a time: nothing of httpx's bounds that."""
    with contextlib.suppress(OSError):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Padding: ")
        while not handler.engine.stopping.wait(0.05):
            handler.wfile.write(b"x")
    handler.close_connection = handler.handled = True


@pytest.mark.parametrize(
    "behaviour", [delay(SOON), drip(b" ", 0.05), byte_by_byte], ids=["delay", "drip", "byte by byte"]
)
def test_nobody_waits_longer_than_the_deadline(
    engine: FakeEngine, making: Making, behaviour: Behaviour, failure: Failure
) -> None:
    engine.always = behaviour
    start = monotonic()
    said = failure(making(engine, retries=0, deadline=0.5))
    assert monotonic() - start < SOON / 2
    assert engine.url in said
    assert " within 0.5 s; " in said


@pytest.mark.parametrize(
    ("behaviour", "said"),
    [
        (fail(400), "{} answers with HTTP status 400 Bad Request"),
        (
            fail(
                400,
                {"reason": "Operation Failed", "detail": "[query execution failed due to insufficient permissions.]"},
            ),
            "{} answers with HTTP status 400 Bad Request: `query execution failed due to insufficient permissions.`",
        ),
        (
            fail(403),
            "{} answers with HTTP status 403 Forbidden; the user needs a role that may see all hosts, such as ReadOnlyAdmin",
        ),
        (
            fail(404),
            "{} answers with HTTP status 404 Not Found; the url is that of the API, such as "
            "`https://engine.example.org/ovirt-engine/api`",
        ),
        (fail(500, ["no fault"]), "{} answers with HTTP status 500 Internal Server Error"),
        (fail(799), "{} answers with HTTP status 799"),
        (
            say(b"\n<!DOCTYPE html><html></html>", "text/html"),
            "{} answers with HTML or XML, not with JSON; the url is that of the API, such as "
            "`https://engine.example.org/ovirt-engine/api`",
        ),
        (
            say(b'{"host": ['),
            "{} answers with something that is not JSON; the url is that of the API, such as "
            "`https://engine.example.org/ovirt-engine/api`",
        ),
        (say(b"\xff\xfe\x00"), "{} answers with something that is not JSON; the url is that of the API, such as "),
        (say(b"[" * 1_000_000), "{} answers with something that is not JSON; the url is that of the API, such as "),
        (
            say(b'{"host": ' + b"9" * 10_000 + b"}"),
            "{} answers with something that is not JSON; the url is that of the API",
        ),
        (say(b""), "{} answers with something that is not JSON; the url is that of the API, such as "),
        (
            say(b'{"product_info": {"name": "oVirt Engine"}}'),
            "{} answers with JSON that has no `host`; the url is that of the API, such as "
            "`https://engine.example.org/ovirt-engine/api`",
        ),
        (say(b"[]"), "{} answers with JSON that has no `host`; "),
        (say(b'{"host": [{"name": "h"}]}'), "{} answers with JSON that has no `id`; "),
    ],
    ids=range(15),
)
def test_answers_that_are_none(
    engine: FakeEngine, making: Making, behaviour: Behaviour, said: str, failure: Failure
) -> None:
    engine.next.append(behaviour)
    inventory = making(engine)
    expected = said.format(f"{engine.url}/hosts?follow=statistics")
    found = failure(inventory)
    assert found.startswith(expected) if said.endswith(("such as ", "API", "; ")) else found == expected
    assert len(engine.requests) == 1
    assert len(inventory.snapshot().hosts()) == 3


def test_two_hosts_of_one_id(engine: FakeEngine, making: Making, failure: Failure) -> None:
    engine.hosts.append(host_record("h1"))
    assert failure(making(engine)) == "two are the host `h1`"


@pytest.mark.parametrize("answer", [b"{}", b"[]", b'{"vm": []}'])
def test_a_virtual_machine_that_is_none(engine: FakeEngine, making: Making, answer: bytes, failure: Failure) -> None:
    engine.next.append(say(answer))
    said = failure(making(engine), lambda snapshot: snapshot.vm("v1"))
    assert said.startswith(f"{engine.url}/vms/v1?follow=statistics answers with JSON that has no `id`")


def test_answers_have_a_largest_size(engine: FakeEngine, making: Making, failure: Failure) -> None:
    inventory = making(engine, largest=100_000)
    assert len(inventory.snapshot().hosts()) == 3
    expected = (
        f"{engine.url}/hosts?follow=statistics answers with more than 100,000 bytes; `largest` says how many are taken"
    )
    engine.next.append(say(b'{"host": []}' + b" " * 100_000))
    assert failure(inventory) == expected
    engine.next.append(drip(b" " * 10_000, 0.001))
    assert failure(inventory) == expected
    engine.next.append(fail(500, {"detail": "x" * 1_000_000}))
    assert failure(inventory).endswith("HTTP status 500 Internal Server Error")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(engine: FakeEngine, making: Making, status: int, failure: Failure) -> None:
    with FakeEngine(tls=False) as thief:
        engine.next.append(fail(status, Location=thief.url))
        said = failure(making(engine))
        assert said.startswith(
            f"{engine.url}/hosts?follow=statistics redirects to `{thief.url}`, which is not followed; the url is that of"
        )
        assert thief.requests == []


def test_an_address_that_is_not_the_apis(engine: FakeEngine, making: Making, failure: Failure) -> None:
    url = engine.url.removesuffix("/api")
    assert failure(making(engine, url=url)).startswith(f"{url}/hosts?follow=statistics answers with HTTP status 404")


def test_no_connection(making: Making, failure: Failure) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"https://localhost:{free.getsockname()[1]}/api"
    inventory = EngineInventory(url=url, credentials=Credentials(USERNAME, PASSWORD))
    with contextlib.closing(inventory):
        assert failure(inventory) == (
            f"no connection to {url}/hosts?follow=statistics; is the url right, and is the engine running?"
        )


def test_a_connection_that_nobody_takes(failure: Failure) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"https://localhost:{silent.getsockname()[1]}/api"
        inventory = EngineInventory(
            url=url, credentials=Credentials(USERNAME, PASSWORD), connect_timeout=0.2, retries=0
        )
        start = monotonic()
        with contextlib.closing(inventory):
            assert failure(inventory) == (
                f"no connection to {url}/hosts?follow=statistics within 0.2 s; is the url right, and is the engine running?"
            )
        assert monotonic() - start < SOON / 3  # half a minute is what a whole answer may take
