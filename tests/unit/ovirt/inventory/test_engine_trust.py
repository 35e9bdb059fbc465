"""Whom the inventory of an engine trusts, and to whom it tells the password: nobody else."""

from __future__ import annotations

import base64
import contextlib
import logging
import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from matchmaker.ovirt.inventory import Credentials, EngineInventory
from tests.integration.ovirt_engine import PASSWORD, SESSION, USERNAME, FakeEngine, drop, fail
from tests.integration.ovirt_records import host_record

Making = Callable[..., EngineInventory]
Failure = Callable[..., str]
SOON = 60.0
"""How many seconds whatever must not take long may take at most, on a machine that has much else to do."""


def test_a_certificate_of_a_stranger(engine: FakeEngine, making: Making, failure: Failure) -> None:
    said = failure(making(engine, ca_file=None))
    assert said.startswith(
        f"the certificate of {engine.url}/hosts?follow=statistics is not trusted: unable to get local "
    )
    assert "`ca_file` names the file of its authority" in said
    assert engine.requests == []


def test_a_certificate_for_another_name(engine: FakeEngine, making: Making, failure: Failure) -> None:
    said = failure(making(engine, url=engine.url.replace("localhost", "127.0.0.1")))
    assert "IP address mismatch, certificate is not valid for '127.0.0.1'" in said
    assert engine.requests == []


def test_plain_http_on_this_machine(making: Making) -> None:
    with FakeEngine([host_record("h1")], tls=False) as engine:
        assert len(making(engine, ca_file=None).snapshot().hosts()) == 1


@pytest.mark.parametrize(
    "credentials", [Credentials(USERNAME, "wrong"), Credentials("nobody@internal", PASSWORD)], ids=["password", "user"]
)
def test_credentials_that_the_engine_refuses(
    engine: FakeEngine, making: Making, credentials: Credentials, failure: Failure
) -> None:
    said = failure(making(engine, credentials=credentials))
    assert said == (
        f"{engine.url}/hosts?follow=statistics refuses the credentials; is the password right, and is the user name complete, "
        "such as `admin@internal`, or `admin@ovirt@internalsso` where the engine uses Keycloak?"
    )
    assert len(engine.requests) == 1


def test_nothing_secret_is_logged(
    engine: FakeEngine, making: Making, caplog: pytest.LogCaptureFixture, failure: Failure
) -> None:
    caplog.set_level(logging.DEBUG)
    inventory = making(engine, retries=1)
    for _ in range(2):  # the second time with a session
        inventory.snapshot().hosts()
    engine.next.extend([fail(503), drop, fail(401), fail(302, Location="https://elsewhere.example.org/")])
    for _ in range(3):
        failure(inventory)
    failure(making(engine, ca_file=None))
    said = caplog.text + repr(inventory) + repr(inventory.snapshot())
    assert f"HTTP Request: GET {engine.url}/hosts?follow=statistics" in said
    assert "receive_response_headers.started" in said
    for secret in (PASSWORD, PASSWORD.partition(" ")[0], base64.b64encode(f"{USERNAME}:".encode())[:10].decode()):
        assert secret not in said
    assert SESSION not in said


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[bytes]]:
    """A proxy that the environment names, and what it is asked: it takes a connection and closes it."""
    asked: list[bytes] = []

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listening.accept()
                with connection:
                    asked.append(connection.recv(10_000))

    with socket.create_server(("127.0.0.1", 0)) as listening:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{listening.getsockname()[1]}")
            monkeypatch.setenv(name.lower(), f"http://127.0.0.1:{listening.getsockname()[1]}")
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        thread = threading.Thread(target=serve)
        thread.start()
        yield asked
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()


def test_proxies_are_for_those_who_ask_for_them(
    engine: FakeEngine, making: Making, proxy: list[bytes], failure: Failure
) -> None:
    assert len(making(engine).snapshot().hosts()) == 3
    with FakeEngine([host_record("h1")], tls=False) as plain:
        assert len(making(plain, ca_file=None, proxy_from_environment=True).snapshot().hosts()) == 1
    assert proxy == []
    said = failure(making(engine, proxy_from_environment=True, retries=0))
    assert said.startswith("the connection to https://localhost")
    assert len(proxy) == 1
    assert proxy[0].startswith(f"CONNECT localhost:{engine.port} HTTP/1.1\r\n".encode())
    assert b"Authorization" not in proxy[0]
