"""What a server bears: slow and silent clients, too many of them, too many calls; and how it ends."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic, sleep

import pytest

from matchmaker.ovirt.server.answers import Answer
from matchmaker.ovirt.server.http import RpcServer
from tests.unit.ovirt.server.wire import METHODS, PATIENCE, Response, Wire, call, comes_true, post, serving, works

BODY = call("echo", "a")


class Gate:
    """A method that is done when it is told so."""

    def __init__(self) -> None:
        self.entered = threading.Semaphore(0)
        self.opened = threading.Event()

    def __call__(self) -> Answer:
        self.entered.release()
        assert self.opened.wait(PATIENCE)
        return Answer("through")

    def await_call(self) -> None:
        assert self.entered.acquire(timeout=PATIENCE)


@contextmanager
def gated(**limits: float) -> Iterator[tuple[RpcServer, Gate]]:
    gate = Gate()
    with serving({**METHODS, "gate": gate}, **limits) as server:
        try:
            yield server, gate
        finally:
            gate.opened.set()


def sent_slowly(server: RpcServer, request: bytes) -> Response:
    """Send a byte now and then, until the server has had enough, and return what it says."""
    deadline = monotonic() + PATIENCE
    with Wire(server) as wire:
        wire.socket.setblocking(False)
        for place in range(len(request)):
            assert monotonic() < deadline
            try:
                wire.send(request[place : place + 1])
                if wire.socket.recv(1, socket.MSG_PEEK):  # an answer has come
                    break
            except BlockingIOError:
                sleep(0.02)
        wire.socket.settimeout(PATIENCE)
        return wire.receive()


@pytest.mark.parametrize("request_bytes", [b"POST / HTTP/1.1\r\n" + b"A: b\r\n" * 2_000, post(b"x" * 10_000)])
def test_a_request_that_comes_byte_by_byte_is_given_up(request_bytes: bytes) -> None:
    with serving(reading=0.5) as server:
        answer = sent_slowly(server, request_bytes)
        assert answer.status == 408
        assert answer.body == b"the request has not arrived within 0.5 s\n"
        assert works(server)


def test_a_request_that_stops_in_the_middle_is_given_up() -> None:
    with serving(reading=0.3) as server:
        for place in (3, 30, -3):
            with Wire(server) as wire:
                assert wire.ask(post(BODY)[:place]).status == 408
        assert works(server)


def test_a_connection_that_never_says_anything_is_closed() -> None:
    with serving(reading=0.3) as server, Wire(server) as wire:
        assert wire.is_ended()
        assert works(server)


def test_a_connection_that_is_silent_after_a_request_is_closed_later() -> None:
    with serving(reading=0.2, idle=1.5) as server, Wire(server) as wire:
        assert wire.ask(post(BODY)).value == "a"
        sleep(0.5)
        start = monotonic()
        assert wire.ask(post(BODY)).value == "a"
        assert wire.is_ended()
        assert monotonic() - start > 1


def test_a_client_that_does_not_take_its_answer_is_given_up() -> None:
    text = "x" * 3_000_000
    with serving(reading=0.5) as server, Wire(server) as wire:
        request = post(call("echo", [text]))
        wire.socket.setblocking(False)
        deadline = monotonic() + PATIENCE
        view = memoryview(request * 8)
        try:
            while view and monotonic() < deadline:
                try:
                    view = view[wire.socket.send(view) :]
                except BlockingIOError:
                    sleep(0.01)
        except (BrokenPipeError, ConnectionResetError):
            pass
        assert monotonic() < deadline
        assert works(server)


def test_connections_above_the_limit_are_turned_away() -> None:
    with serving(connections=2) as server:
        with Wire(server) as first, Wire(server) as second:
            assert first.ask(post(BODY)).value == "a"
            assert second.ask(post(BODY)).value == "a"
            for _ in range(5):
                with Wire(server) as third:
                    answer = third.ask(post(BODY))
                    assert answer.status == 503
                    assert answer.body == b"there are too many connections: try again later\n"
                    assert third.is_ended()
            assert first.ask(post(BODY)).value == "a"
        assert comes_true(lambda: is_served(server))


def is_served(server: RpcServer) -> bool:
    with Wire(server) as wire:
        return wire.ask(post(BODY)).status == 200


def test_a_flood_of_connections_passes() -> None:
    with serving(connections=2) as server:
        wires = [Wire(server) for _ in range(100)]
        for wire in wires:
            wire.__exit__()
        assert comes_true(lambda: is_served(server))


def test_a_process_that_has_no_more_files_goes_on_when_it_has() -> None:
    program = """if True:
        import logging, resource, sys
        logging.basicConfig(stream=sys.stdout, format="%(message)s")
        from matchmaker.ovirt.server.answers import Answer
        from matchmaker.ovirt.server.http import RpcServer
        server = RpcServer("127.0.0.1", 0, {"echo": Answer})
        resource.setrlimit(resource.RLIMIT_NOFILE, (40, 40))
        server.start()
        print(server.address.port, flush=True)
        sys.stdin.read()
        server.stop(1)
    """
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        connections = [socket.create_connection(("127.0.0.1", port), PATIENCE) for _ in range(60)]
        assert process.stdout.readline() == "no connection can be accepted: Too many open files\n"
        for connection in connections:
            connection.close()
        with socket.create_connection(("127.0.0.1", port), PATIENCE) as connection:
            connection.sendall(post(BODY))
            assert connection.recv(15) == b"HTTP/1.1 200 OK"
        process.communicate()
        assert process.returncode == 0


def test_connections_that_come_before_it_serves_wait_for_it() -> None:
    server = RpcServer("127.0.0.1", 0, METHODS)
    wires = [Wire(server) for _ in range(128)]
    for wire in wires:
        wire.send(post(BODY))
    server.start()
    try:
        assert [wire.receive().value for wire in wires] == ["a"] * 128
    finally:
        for wire in wires:
            wire.__exit__()
        server.stop(PATIENCE)


def test_calls_above_the_limit_wait_for_their_turn() -> None:
    with gated(running=2) as (server, gate), Wire(server) as first, Wire(server) as second, Wire(server) as third:
        for wire in (first, second):
            wire.send(post(call("gate")))
            gate.await_call()
        third.send(post(call("gate")))
        assert not gate.entered.acquire(timeout=0.2)
        gate.opened.set()
        assert [wire.receive().value for wire in (first, second, third)] == ["through"] * 3


def test_calls_that_wait_too_long_are_told_so_and_their_connections_go_on() -> None:
    with gated(running=1, waiting=0.2) as (server, gate), Wire(server) as first, Wire(server) as second:
        first.send(post(call("gate")))
        gate.await_call()
        answer = second.ask(post(BODY))
        assert answer.status == 503
        assert answer.fields["Connection"] == "keep-alive"
        assert answer.body == b"too many calls are running, and this one has waited for 0.2 s: try again later"
        gate.opened.set()
        assert first.receive().value == "through"
        assert second.ask(post(BODY)).value == "a"


def test_a_call_need_not_wait_at_all() -> None:
    with gated(running=1, waiting=0) as (server, gate), Wire(server) as first, Wire(server) as second:
        first.send(post(call("gate")))
        gate.await_call()
        assert second.ask(post(BODY)).status == 503
        gate.opened.set()
        assert first.receive().value == "through"


def test_a_method_that_waits_for_nobody_is_not_held_up_by_those_that_do() -> None:
    with gated(running=1, waiting=0, at_once=["echo"]) as (server, gate), Wire(server) as first, Wire(server) as second:
        first.send(post(call("gate")))
        gate.await_call()
        assert second.ask(post(BODY)).value == "a"
        assert second.ask(post(call("echo", "long" * 1_000))).status == 503
        assert second.ask(post(call("texts", []))).status == 503
        gate.opened.set()
        assert first.receive().value == "through"


def stopping(server: RpcServer, wait: float) -> threading.Thread:
    """Stop a server in a thread."""
    thread = threading.Thread(target=server.stop, args=(wait,))
    thread.start()
    return thread


def refuses_connections(server: RpcServer) -> bool:
    try:
        Wire(server).__exit__()
    except (ConnectionRefusedError, ConnectionResetError):  # reset: it was waiting to be accepted
        return True
    return False


def test_stopping_closes_idle_connections_at_once_and_lets_calls_finish() -> None:
    with gated() as (server, gate), Wire(server) as idle, Wire(server) as fresh, Wire(server) as busy:
        assert idle.ask(post(BODY)).value == "a"
        busy.send(post(call("gate")))
        gate.await_call()
        thread = stopping(server, PATIENCE)
        assert idle.is_ended()
        assert fresh.is_ended()
        assert comes_true(lambda: refuses_connections(server))
        assert thread.is_alive()
        gate.opened.set()
        answer = busy.receive()
        assert answer.value == "through"
        assert answer.fields["Connection"] == "close"
        assert busy.is_ended()
        thread.join(PATIENCE)
        assert not thread.is_alive()


def begin(wire: Wire) -> None:
    """Send the head of a request, and wait until the server has read it."""
    assert wire.ask(post(BODY, "Expect: 100-continue")[: -len(BODY)]).status == 100


def test_stopping_lets_a_request_arrive_that_has_begun() -> None:
    with serving() as server, Wire(server) as wire:
        begin(wire)
        thread = stopping(server, PATIENCE)
        assert comes_true(lambda: refuses_connections(server))
        assert wire.ask(BODY).value == "a"
        assert wire.is_ended()
        thread.join(PATIENCE)


def test_stopping_waits_no_longer_than_it_is_told() -> None:
    with gated() as (server, gate), Wire(server) as wire:
        wire.send(post(call("gate")))
        gate.await_call()
        start = monotonic()
        server.stop(0.2)
        assert monotonic() - start < PATIENCE / 2
        assert wire.is_ended()


def test_stopping_cuts_requests_that_do_not_arrive() -> None:
    with serving(reading=PATIENCE) as server, Wire(server) as wire:
        begin(wire)
        start = monotonic()
        server.stop(0.2)
        assert monotonic() - start < PATIENCE / 2
        assert wire.is_ended()


def test_a_server_can_be_stopped_again_and_before_it_starts(caplog: pytest.LogCaptureFixture) -> None:
    with serving() as server:
        assert works(server)
        server.stop(1)
        server.stop(1)
    never = RpcServer("127.0.0.1", 0, METHODS)
    never.stop(1)
    assert refuses_connections(never)
    again = RpcServer(*never.address, METHODS)
    again.start()
    assert works(again)
    again.stop(1)
    assert caplog.records == []
