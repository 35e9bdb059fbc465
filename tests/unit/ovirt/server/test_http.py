"""The server as an HTTP server: requests of all kinds, over sockets."""

from __future__ import annotations

import http.client
import re
import socket
import threading
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest

from matchmaker.ovirt.errors import ConfigurationError
from matchmaker.ovirt.server.answers import Answer
from matchmaker.ovirt.server.http import Address, RpcServer
from tests.unit.ovirt.server.wire import METHODS, Wire, call, fault_of, post, proxy, serving, works

BODY = call("echo", "a")
RECORDED = Path(__file__).parents[3] / "data" / "ovirt"


def test_an_answer_says_what_it_is(server: RpcServer) -> None:
    with Wire(server) as wire:
        answer = wire.ask(post(BODY))
    assert answer.value == "a"
    assert answer.fields["Content-Type"] == "text/xml"
    assert answer.fields["Connection"] == "keep-alive"
    assert answer.fields["Server"] == "matchmaker"
    assert parsedate_to_datetime(answer.fields["Date"]).tzinfo is not None


def test_a_connection_serves_many_requests(server: RpcServer) -> None:
    with Wire(server) as wire:
        assert [wire.ask(post(call("echo", n))).value for n in range(50)] == list(range(50))


def test_calls_are_taken_at_both_paths(server: RpcServer) -> None:
    with Wire(server) as wire:
        for path in ("/", "/RPC2"):
            assert wire.ask(post(BODY, start=f"POST {path} HTTP/1.1")).value == "a"


@pytest.mark.parametrize(
    ("version", "field", "goes_on"),
    [
        ("1.1", "Host: x", True),
        ("1.1", "Connection: close", False),
        ("1.1", "connection: TE, Close", False),
        ("1.0", "Host: x", False),
        ("1.0", "Connection: Keep-Alive", True),
    ],
)
def test_the_client_says_whether_the_connection_goes_on(
    server: RpcServer, version: str, field: str, goes_on: bool
) -> None:
    with Wire(server) as wire:
        answer = wire.ask(post(BODY, field, start=f"POST / HTTP/{version}"))
        assert answer.value == "a"
        assert answer.fields["Connection"] == ("keep-alive" if goes_on else "close")
        if goes_on:
            assert wire.ask(post(BODY)).value == "a"
        else:
            assert wire.is_ended()


@pytest.mark.parametrize(
    ("request_bytes", "status", "says"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", 405, "`GET` is not served; calls are sent with `POST`"),
        (b"HEAD / HTTP/1.1\r\n\r\n", 405, "`HEAD` is not served"),
        (b"OPTIONS / HTTP/1.1\r\n\r\n", 405, "`OPTIONS` is not served"),
        (post(BODY, start="PUT /RPC2 HTTP/1.1"), 405, "`PUT` is not served"),
        (post(BODY, start="POST /RPC3 HTTP/1.1"), 404, "there is nothing at `/RPC3`; calls are sent to / or /RPC2"),
        (post(BODY, start="POST /?a HTTP/1.1"), 404, "there is nothing at `/?a`"),
        (b"GET /../etc/passwd HTTP/1.1\r\n\r\n", 404, "there is nothing at `/../etc/passwd`"),
        (b"POST / HTTP/1.1\r\nHost: x\r\n\r\n", 411, "the request has no `Content-Length`"),
        (b"POST / HTTP/1.1\r\nContent-Length: many\r\n\r\n", 400, "`Content-Length: many` is no number of bytes"),
        (b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400, "`Content-Length: -1` is no number of bytes"),
        (b"POST / HTTP/1.1\r\nContent-Length: +1\r\n\r\n", 400, "`Content-Length: +1` is no number of bytes"),
        (b"POST / HTTP/1.1\r\nContent-Length: 1_0\r\n\r\n", 400, "`Content-Length: 1_0` is no number of bytes"),
        (b"POST / HTTP/1.1\r\nContent-Length: \xb2\r\n\r\n", 400, "is no number of bytes"),
        (post(BODY, "Content-Length: 1"), 400, "is no number of bytes"),
        (post(BODY, f"Content-Length: {len(BODY)}"), 400, "is no number of bytes"),
        (b"POST / HTTP/1.1\r\nContent-Length: " + b"9" * 400 + b"\r\n\r\n", 400, "is no number of bytes"),
        (b"POST / HTTP/1.1\r\nContent-Length: 4194305\r\n\r\n", 413, "4194304 is the most that is read"),
        (post(BODY, "Transfer-Encoding: chunked"), 501, "send the body with its `Content-Length`"),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 501, "`Transfer-Encoding` is not read"),
        (post(BODY, "Content-Encoding: gzip"), 415, "send the body as it is"),
        (post(BODY, "Expect: the-unexpected"), 417, "`Expect: the-unexpected` cannot be met"),
        (b"POST /\r\n\r\n", 400, "the request begins with `POST /`, which is not that of HTTP/1.1"),
        (b"POST / HTTP/2.0\r\n\r\n", 400, "which is not that of HTTP/1.1"),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, "which is not that of HTTP/1.1"),
        (b"POST  / HTTP/1.1\r\n\r\n", 400, "which is not that of HTTP/1.1"),
        (b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", 400, "which is not that of HTTP/1.1"),
        (b"POST / HTTP/1.1\r\nno field\r\n\r\n", 400, "`no field` is no field of a head"),
        (b"POST / HTTP/1.1\r\nContent-Length : 1\r\n\r\n", 400, "is no field of a head"),
        (b"POST / HTTP/1.1\r\nA: b\r\n folded\r\n\r\n", 400, "` folded` is no field of a head"),
        (b"POST / HTTP/1.1\r\n\xff: b\r\n\r\n", 400, "is no field of a head"),
        (b"POST / HTTP/1.1\r\nA: " + b"b" * 20_000 + b"\r\n\r\n", 431, "more than 16384 bytes"),
        (b"POST / HTTP/1.1\r\n" + b"A: b\r\n" * 5_000 + b"\r\n", 431, "more than 16384 bytes"),
        (b"\r\n" * 10_000, 431, "more than 16384 bytes"),
        (b"P" * 100_000, 431, "more than 16384 bytes"),
    ],
)
def test_requests_that_carry_no_call_are_refused_and_the_connection_ends(
    server: RpcServer, request_bytes: bytes, status: int, says: str
) -> None:
    with Wire(server) as wire:
        answer = wire.ask(request_bytes)
        wire.end_sending()
        assert wire.is_ended()
    assert answer.status == status
    assert says in answer.body.decode()
    assert answer.fields["Connection"] == "close"
    assert answer.fields["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.fields.get("Allow") == ("POST" if status == 405 else None)
    assert answer.fields["Server"] == "matchmaker"
    assert works(server)


def test_a_body_that_is_too_large_is_refused_before_it_has_come() -> None:
    with serving(body=1_000) as server:
        with Wire(server) as wire:
            assert wire.ask(post(call("echo", "a" * 700))).value == "a" * 700
            answer = wire.ask(b"POST / HTTP/1.1\r\nContent-Length: 1001\r\n\r\n")
            assert answer.status == 413
            assert answer.body == b"the body has 1001 bytes, and 1000 is the most that is read\n"
        with Wire(server) as wire:  # the client sends all of it before it reads the answer
            assert wire.ask(post(b"x" * 500_000)).status == 413
        assert works(server)


def test_a_client_may_ask_whether_to_send_the_body(server: RpcServer) -> None:
    head, body = post(BODY, "Expect: 100-Continue").split(b"\r\n\r\n")
    with Wire(server) as wire:
        assert wire.ask(head + b"\r\n\r\n").status == 100
        assert wire.ask(body).value == "a"
        assert wire.ask(b"POST / HTTP/1.1\r\nContent-Length: 5000000\r\nExpect: 100-continue\r\n\r\n").status == 413


def test_empty_lines_before_a_request_and_bare_line_ends_are_passed_over(server: RpcServer) -> None:
    with Wire(server) as wire:
        assert wire.ask(b"\r\n" + post(BODY) + b"\r\n").value == "a"
        assert wire.ask(post(BODY)).value == "a"
        assert wire.ask(b"POST / HTTP/1.1\nContent-Length: %d\n\n" % len(BODY) + BODY).value == "a"


def test_requests_sent_together_are_answered_in_order(server: RpcServer) -> None:
    with Wire(server) as wire:
        wire.send(b"".join(post(call("echo", n)) for n in range(20)))
        assert [wire.receive().value for _ in range(20)] == list(range(20))


def test_a_request_may_come_in_pieces(server: RpcServer) -> None:
    request = post(call("echo", "b" * 100))
    with Wire(server) as wire:
        for n in range(len(request)):
            wire.send(request[n : n + 1])
        assert wire.receive().value == "b" * 100


def test_a_client_that_has_ended_sending_gets_its_answer(server: RpcServer) -> None:
    with Wire(server) as wire:
        wire.send(post(BODY))
        wire.end_sending()
        assert wire.receive().value == "a"
        assert wire.is_ended()


@pytest.mark.parametrize(
    ("request_bytes", "says"),
    [
        (b"POST / HT", "the head of the request is not complete"),
        (b"POST / HTTP/1.1\r\nContent-Length: 1\r\n", "the head of the request is not complete"),
        (post(BODY)[:-10], f"the body ends after {len(BODY) - 10} of the {len(BODY)} bytes"),
    ],
)
def test_a_request_that_is_cut_off_is_refused(server: RpcServer, request_bytes: bytes, says: str) -> None:
    with Wire(server) as wire:
        wire.send(request_bytes)
        wire.end_sending()
        answer = wire.receive()
        assert answer.status == 400
        assert says in answer.body.decode()
    assert works(server)


def test_a_length_that_is_too_small_makes_the_rest_a_request_of_its_own(server: RpcServer) -> None:
    with Wire(server) as wire:
        wire.send(f"POST / HTTP/1.1\r\nContent-Length: {len(BODY) - 5}\r\n\r\n".encode() + BODY + b"\r\n\r\n")
        assert fault_of(wire.receive())[0] == -32700
        assert wire.receive().status == 400
        assert wire.is_ended()
    assert works(server)


def test_clients_that_vanish_do_no_harm(server: RpcServer) -> None:
    for request in (b"", b"POST", post(BODY)[:-10], post(BODY), b"GET / HTTP/1.1\r\n\r\n"):
        for reset in (False, True):
            with Wire(server) as wire:
                wire.send(request)
                if reset:
                    wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    assert works(server)


@pytest.mark.parametrize(
    "body",
    [
        b"<" * 4_194_304,
        b"<a>" * 1_000_000,
        b"\0" * 100_000,
        b"\xff\xfe" * 100_000,
        b"<?xml version='1.0'?>" + b"<!-- -->" * 400_000,
        b"<!DOCTYPE a [<!ENTITY b '" + b"x" * 60_000 + b"'>]><methodCall>" + b"&b;" * 60_000 + b"</methodCall>",
        b"<!DOCTYPE a SYSTEM 'http://127.0.0.1:9/a'><methodCall>&b;</methodCall>",
        b"<methodCall " + b" ".join(b"a%d=''" % n for n in range(100_000)) + b"/>",
    ],
)
def test_hostile_bodies_are_faults_and_the_connection_goes_on(server: RpcServer, body: bytes) -> None:
    with Wire(server) as wire:
        assert fault_of(wire.ask(post(body)))[0] in (-32700, -32600)
        assert wire.ask(post(BODY)).value == "a"
    assert works(server)


def test_many_clients_at_once_lose_nothing(server: RpcServer) -> None:
    lost: list[object] = []

    def client(number: int) -> None:
        try:
            with Wire(server) as wire:
                for turn in range(25):
                    value = [f"{number}/{turn}", ["x"] * 50]
                    if wire.ask(post(call("echo", value))).value != value:
                        lost.append(value)
        except Exception as error:
            lost.append(error)

    threads = [threading.Thread(target=client, args=(number,)) for number in range(64)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert lost == []


def replay(server: RpcServer, name: str, port: int) -> object:
    """Send a recorded request, and return what it is answered."""
    recorded = (RECORDED / f"{name}.http").read_bytes()
    with Wire(server) as wire:
        answer = wire.ask(recorded.replace(b"localhost:18781", b"localhost:%d" % port))
        assert answer.fields["Connection"] == "keep-alive"
        if b"<fault>" in answer.body:
            return fault_of(answer)
        return answer.value


HOSTS = [
    "5b0ff8d2-3a5c-4b70-9f3a-6a4f0a8a9c01",
    "c1f0a7de-0d5e-4c1b-8a73-2f4d1e6b7a02",
    "e8d3b1a4-7c2f-4e59-b6d0-93c5f2a1d403",
]
VM = "2f7c9e10-64ab-4d3e-8c55-b1d07f3e6a99"
PROPERTIES = {"maximum_vm_count": "5", "note": "a < b & \u00fc"}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("discover", []),
        ("run_filters", [["max_vms", "same_cluster"], HOSTS, VM, PROPERTIES]),
        ("run_cost_functions", [[["even_vm_distribution", 2], ["ksm", 1]], HOSTS, VM, PROPERTIES]),
        ("run_load_balancing", ["vm_balance", HOSTS, {}]),
    ],
)
def test_recorded_requests_of_the_engines_client_are_read(name: str, expected: list[object]) -> None:
    methods = {each: lambda *sent: Answer(sent) for each in ("discover", "runFilters", "runCostFunctions")}
    methods["runLoadBalancing"] = lambda *sent: Answer(sent)
    with serving(methods) as server:
        assert replay(server, name, server.address.port) == expected


def test_recorded_nulls_are_refused_and_long_numbers_read() -> None:
    methods = {
        "runFilters": lambda *sent: Answer(sent),
        "runCostFunctions": lambda weighers, *rest: Answer(str(weighers)),
    }
    with serving(methods) as server:
        code, message = replay(server, "run_filters_without_vm", server.address.port)  # type: ignore[misc]
        assert code == -32602
        assert message.startswith("parameter 3: the type `<ex:nil>` is not read here")
        assert replay(server, "run_cost_functions_with_i8", server.address.port) == "[['ksm', 3000000000]]"


def test_pythons_http_client_is_served(server: RpcServer) -> None:
    connection = http.client.HTTPConnection(*server.address)
    for path, status in (("/", 200), ("/RPC2", 200), ("/other", 404), ("/", 200)):
        connection.request("POST", path, BODY, {"Content-Type": "text/xml"})
        with connection.getresponse() as answer:
            assert answer.status == status
            answer.read()
    connection.close()


def test_an_address_that_is_taken_is_an_error(server: RpcServer) -> None:
    host, port = server.address
    expected = f"cannot listen on `{host}`, port {port}: address already in use; another program"
    with pytest.raises(ConfigurationError, match=re.escape(expected)):
        RpcServer(host, port, METHODS)


@pytest.mark.parametrize(
    "address", ["192.0.2.1", "no.such.name.invalid", "not an address", "a" * 300, "\0", "300.1.1.1"]
)
def test_an_address_that_is_not_here_is_an_error(address: str) -> None:
    with pytest.raises(ConfigurationError, match="cannot listen on `") as caught:
        RpcServer(address, 0, METHODS)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("port", [-1, 65_536, 10**30])
def test_a_port_that_there_cannot_be_is_an_error(port: int) -> None:
    with pytest.raises(
        ConfigurationError, match=f"cannot listen on `127.0.0.1`, port {port}: ports are between 0 and 65535"
    ):
        RpcServer("127.0.0.1", port, METHODS)


def has_ipv6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")
def test_addresses_of_ipv6_are_served() -> None:
    for address in ("::1", "::"):
        server = RpcServer(address, 0, METHODS)
        server.start()
        try:
            assert str(server.address) == f"[{address}]:{server.address.port}"
            with socket.create_connection(("::1", server.address.port)) as connection:
                connection.sendall(post(BODY, "Connection: close"))
                assert connection.makefile("rb").read().startswith(b"HTTP/1.1 200 OK\r\n")
            if address == "::":
                with socket.create_connection(("127.0.0.1", server.address.port)) as connection:
                    connection.sendall(post(BODY, "Connection: close"))
                    assert connection.makefile("rb").read().startswith(b"HTTP/1.1 200 OK\r\n")
        finally:
            server.stop(1)


def test_an_address_is_shown_as_clients_write_it(server: RpcServer) -> None:
    assert str(Address("127.0.0.1", 18781)) == "127.0.0.1:18781"
    with proxy(server) as client:
        assert client.echo("a") == "a"
