"""What the tests of the server speak: bytes over sockets, and the methods that are served."""

from __future__ import annotations

import socket
import threading
import xmlrpc.client
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from time import monotonic, sleep
from typing import Any, NamedTuple

from matchmaker.ovirt.server.answers import Answer, BadParameters
from matchmaker.ovirt.server.http import RpcServer

PATIENCE = 30.0
"""Seconds after which a test gives up; nothing takes nearly as long."""


def echo(value: object) -> Answer:
    return Answer(value, f"echoed {value}")


def texts(value: object) -> Answer:
    if not isinstance(value, list):
        raise BadParameters("the texts must be an array of strings")
    return Answer(len(value))


METHODS: Mapping[str, Callable[..., Answer]] = {"echo": echo, "texts": texts}


@contextmanager
def serving(methods: Mapping[str, Callable[..., Answer]] = METHODS, **limits: Any) -> Iterator[RpcServer]:
    """Serve methods on a port that the system chooses; at the end all threads of the server are gone."""
    before = set(threading.enumerate())
    server = RpcServer("127.0.0.1", 0, methods, **limits)
    server.start()
    try:
        yield server
    finally:
        server.stop(PATIENCE)
        assert comes_true(lambda: not [each for each in set(threading.enumerate()) - before if "ovirt" in each.name])


def comes_true(condition: Callable[[], bool]) -> bool:
    """Wait until a condition holds, and return whether it has come to do so."""
    deadline = monotonic() + PATIENCE
    while not condition():
        if monotonic() > deadline:
            return False
        sleep(0.01)
    return True


def proxy(server: RpcServer) -> xmlrpc.client.ServerProxy:
    return xmlrpc.client.ServerProxy(f"http://{server.address}/", allow_none=True)


def works(server: RpcServer) -> bool:
    """Return whether a new client gets its answer."""
    with proxy(server) as client:
        return bool(client.echo(["a", 1]) == ["a", 1])


def call(name: str, *parameters: Any) -> bytes:
    """Return the body of a call."""
    return xmlrpc.client.dumps(parameters, name).encode()


def post(body: bytes, *fields: str, start: str = "POST / HTTP/1.1") -> bytes:
    """Return a request."""
    return "\r\n".join([start, f"Content-Length: {len(body)}", *fields, "", ""]).encode() + body


class Response(NamedTuple):
    """An answer, or what came of one before the connection ended."""

    status: int
    fields: Mapping[str, str]
    body: bytes

    @property
    def value(self) -> Any:
        """What was answered; a fault is raised."""
        assert self.status == 200
        return xmlrpc.client.loads(self.body)[0][0]


class Wire:
    """A connection that sends just what it is told to."""

    def __init__(self, server: RpcServer) -> None:
        self.socket = socket.create_connection(server.address, PATIENCE)
        self._arriving = self.socket.makefile("rb")

    def __enter__(self) -> Wire:
        return self

    def __exit__(self, *exception: object) -> None:
        self._arriving.close()
        self.socket.close()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def end_sending(self) -> None:
        self.socket.shutdown(socket.SHUT_WR)

    def receive(self) -> Response:
        """Return the next answer."""
        status = int(self._arriving.readline().split()[1])
        fields = {}
        while (line := self._arriving.readline()) not in (b"\r\n", b""):
            name, _, value = line.decode().partition(":")
            fields[name] = value.strip()
        return Response(status, fields, self._arriving.read(int(fields.get("Content-Length", 0))))

    def ask(self, data: bytes) -> Response:
        self.send(data)
        return self.receive()

    def is_ended(self) -> bool:
        """Wait for the other side to say something or to end the connection, and return whether it ends."""
        try:
            return self._arriving.read(1) == b""
        except ConnectionResetError:
            return True


def fault_of(response: Response) -> tuple[int, str]:
    """Return the code and the text of the fault that is answered."""
    assert response.status == 200
    try:
        xmlrpc.client.loads(response.body)
    except xmlrpc.client.Fault as fault:
        return fault.faultCode, fault.faultString
    raise AssertionError("the answer is no fault")
