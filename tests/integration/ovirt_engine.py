"""A stand-in for oVirt's engine: an HTTPS server that answers as its REST API does, in JSON, and misbehaves when told to."""

from __future__ import annotations

import base64
import contextlib
import json
import socket
import ssl
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import trustme

from tests.integration.ovirt_records import API, Record

USERNAME = "scheduler@internal"
SESSION = "of-this-engine"
PASSWORD = "s3cret-\N{SNOWMAN} pass:word"

Behaviour = Callable[["_Handler"], None]
"""What to do with a request instead of answering it; after that the answer follows, unless `handled` is set."""


@dataclass(frozen=True)
class Request:
    """A request that came: the path with its query, and the headers."""

    path: str
    headers: Message


class FakeEngine:
    """An engine with hosts and virtual machines, which listens while it is entered.

    Parameters
    ----------
    hosts, vms : iterable of record
        What `host_record` and `vm_record` return.
    tls : bool
        Whether it speaks HTTPS, with a certificate of an authority of its own; plain HTTP otherwise.
    follows : bool
        Whether it knows `follow=statistics`, as engines since 4.2 do.

    Attributes
    ----------
    requests : list of Request
        What it was asked, in order.
    next : deque of behaviour
        What to do with the next requests, one for each; `always` when there is none left.
    always : behaviour or None
        What to do with all others.
    password_checks : int
        How often it had to check the password, as no session was known.
    ca_file : Path or None
        The certificate of its authority, while it is entered and speaks HTTPS.
    """

    def __init__(
        self, hosts: Iterable[Record] = (), vms: Iterable[Record] = (), *, tls: bool = True, follows: bool = True
    ) -> None:
        self.hosts = list(hosts)
        self.vms = list(vms)
        self.follows = follows
        self.requests: list[Request] = []
        self.next: deque[Behaviour] = deque()
        self.always: Behaviour | None = None
        self.password_checks = 0
        self.ca_file: Path | None = None
        self.stopping = threading.Event()
        self._tls = tls
        self._context: ssl.SSLContext | None = None
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as stack:
            if self._tls:
                authority = trustme.CA()
                folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
                self.ca_file = folder / "ca.pem"
                authority.cert_pem.write_to_path(str(self.ca_file))
                self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                authority.issue_cert("localhost").configure_cert(self._context)
            server = _Server(self, self._context)
            stack.callback(server.server_close)
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
            thread.start()
            stack.callback(thread.join)
            stack.callback(server.shutdown)
            stack.callback(server.hang_up)
            stack.callback(self.stopping.set)
            self.port = server.server_port
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def url(self) -> str:
        """The address of its API."""
        return f"{'https' if self._tls else 'http'}://localhost:{self.port}{API}"

    @property
    def paths(self) -> list[str]:
        """What it was asked for, below the API's address."""
        return [request.path.removeprefix(f"{API}/") for request in self.requests]


def fail(status: int, body: object = None, **headers: str) -> Behaviour:
    """Answer with an HTTP status, and a body in JSON."""
    return lambda handler: handler.send(status, b"" if body is None else json.dumps(body).encode(), headers=headers)


def say(body: bytes, kind: str = "application/json") -> Behaviour:
    """Answer with this body."""
    return lambda handler: handler.send(200, body, kind)


def delay(seconds: float) -> Behaviour:
    """Wait before answering."""

    def wait(handler: _Handler) -> None:
        handler.engine.stopping.wait(seconds)

    return wait


def drop(handler: _Handler) -> None:
    """Close the connection without an answer."""
    handler.close_connection = True
    handler.handled = True


def break_off(handler: _Handler) -> None:
    """Close the connection in the middle of an answer."""
    handler.begin(200, length=1000)
    handler.wfile.write(b'{"host": [')
    drop(handler)


def drip(piece: bytes, pause: float) -> Behaviour:
    """Send a body without an end, a piece at a time."""

    def dripping(handler: _Handler) -> None:
        handler.begin(200, length=10**9)
        while not handler.engine.stopping.wait(pause):
            handler.wfile.write(piece)

    return dripping


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def setup(self) -> None:
        if isinstance(self.request, ssl.SSLSocket):
            self.request.do_handshake()
        super().setup()

    @property
    def engine(self) -> FakeEngine:
        return self.server.engine

    def do_GET(self) -> None:
        engine = self.engine
        self.handled = False
        engine.requests.append(Request(self.path, self.headers))
        if engine.next:
            engine.next.popleft()(self)
        elif engine.always is not None:
            engine.always(self)
        if not self.handled:
            self._answer()

    def _answer(self) -> None:
        if not self._is_allowed():
            page = b"<html><head><title>Error</title></head><body>Unauthorized</body></html>"
            self.send(401, page, "text/html", {"WWW-Authenticate": 'Basic realm="ovirt"'})
            return
        parts = urlsplit(self.path)
        follow = "statistics" in parse_qs(parts.query).get("follow", []) and self.engine.follows
        match parts.path.removeprefix(f"{API}/").split("/"):
            case ["hosts"]:
                self._send_all("host", self.engine.hosts, follow)
            case ["vms"]:
                self._send_all("vm", self.engine.vms, follow)
            case ["vms", identifier]:
                self._send_one(self.engine.vms, identifier, lambda record: _rendered(record, follow))
            case ["hosts", identifier, "statistics"]:
                self._send_one(self.engine.hosts, identifier, lambda record: {"statistic": record["_statistics"]})
            case _:
                self.send(404, b"<html><body>404 - Not Found</body></html>", "text/html")

    def _is_allowed(self) -> bool:
        """Tell whether there is a session, or the password is right; what is asked for without `Version: 4` is another API."""
        if self.headers["Version"] != "4" or self.headers["Accept"] != "application/json":
            return False
        if f"JSESSIONID={SESSION}" in self.headers.get("Cookie", ""):
            return True
        self.engine.password_checks += 1
        right = base64.b64encode(f"{USERNAME}:{PASSWORD}".encode()).decode()
        return self.headers["Authorization"] == f"Basic {right}"

    def _send_all(self, name: str, records: list[Record], follow: bool) -> None:
        answer = {name: [_rendered(record, follow) for record in records]} if records else {}
        self.send(200, json.dumps(answer, indent=2).encode())

    def _send_one(self, records: list[Record], identifier: str, render: Callable[[Record], Record]) -> None:
        for record in records:
            if record["id"] == identifier:
                self.send(200, json.dumps(render(record), indent=2).encode())
                return
        self.send(404, b"")

    def send(
        self, status: int, body: bytes, kind: str = "application/json", headers: dict[str, str] | None = None
    ) -> None:
        """Send a whole answer."""
        self.begin(status, kind, len(body), headers)
        self.wfile.write(body)

    def begin(
        self,
        status: int,
        kind: str = "application/json",
        length: int = 0,
        headers: dict[str, str] | None = None,
    ) -> None:
        """Send the head of an answer."""
        self.handled = True
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(length))
        if status == 200 and self.headers["Prefer"] == "persistent-auth":
            self.send_header("JSESSIONID", SESSION)
            if SESSION not in self.headers.get("Cookie", ""):
                self.send_header("Set-Cookie", f"JSESSIONID={SESSION}; path={API}; HttpOnly")
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _rendered(record: Record, follow: bool) -> Record:
    """Return a record as it is sent: with its statistics where they are followed, with a link to them otherwise."""
    sent = {key: value for key, value in record.items() if key != "_statistics"}
    if follow:
        sent["link"] = [link for link in sent["link"] if link["rel"] != "statistics"]
        sent["statistics"] = {"statistic": record["_statistics"]}
    return sent


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # so that closing waits for them
    request_queue_size = 128

    def __init__(self, engine: FakeEngine, context: ssl.SSLContext | None) -> None:
        self.engine = engine
        self._context = context
        self._connections: set[socket.socket] = set()
        super().__init__(("127.0.0.1", 0), _Handler)

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        if self._context is not None:  # the handshake is made in the connection's own thread
            connection = self._context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        self._connections.add(connection)
        return connection, address

    def shutdown_request(self, request: Any) -> None:
        self._connections.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """End the connections that are open, so that nothing waits for the next request on them."""
        for connection in list(self._connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, *_: object) -> None:
        """Say nothing of connections that break, which clients that trust nobody and impatient ones leave behind."""
