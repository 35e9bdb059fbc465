"""Serves one connection: request after request, each answered before the next one is read."""

from __future__ import annotations

import io
import logging
import socket
import threading
from contextlib import closing, suppress
from dataclasses import dataclass
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus
from time import time

from matchmaker.ovirt.server.calls import Busy, Calls
from matchmaker.ovirt.server.http_requests import Arriving, Refusal, read_body, read_head

logger = logging.getLogger("matchmaker.ovirt")

_BUFFER = 64 * 1024
_FAREWELL = 1.0
"""How many seconds a client that was refused may go on sending before it gets to read why."""


@dataclass(frozen=True)
class Limits:
    """What a connection may cost.

    Parameters
    ----------
    body : int
        How many bytes a request's body may have.
    idle : float
        How many seconds a connection may keep silent between two requests.
    reading : float
        How many seconds a request may take to arrive, the first one from the moment of connecting, and an answer to be taken.
    """

    body: int
    idle: float
    reading: float


class Connection:
    """A connection, which is served in a thread of its own.

    Parameters
    ----------
    connection : socket
        The connection; it is closed when it has been served.
    peer : str
        Where it comes from, for the log.
    calls : Calls
        What answers.
    limits : Limits
        What it may cost.
    stopping : threading.Event
        Set when no further requests are to be served.
    """

    def __init__(
        self, connection: socket.socket, peer: str, calls: Calls, limits: Limits, stopping: threading.Event
    ) -> None:
        self._socket = connection
        self._peer = peer
        self._calls = calls
        self._limits = limits
        self._stopping = stopping
        self._arriving = Arriving(connection)
        self._file = io.BufferedReader(self._arriving, _BUFFER)
        self._lock = threading.Lock()
        self._idle = False

    def serve(self) -> None:
        """Serve requests until there are no more, one is refused, or the time is up."""
        patience = self._limits.reading
        with closing(self), suppress(OSError):  # the peer went away: nobody is left to be told
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while self._has_request(patience) and self._serve_request():
                patience = self._limits.idle

    def turn_away(self) -> None:
        """Say that there are too many connections."""
        with closing(self), suppress(OSError):
            self._refuse(Refusal(HTTPStatus.SERVICE_UNAVAILABLE, "there are too many connections: try again later"))

    def leave(self) -> None:
        """End when the request under way is answered, or at once when there is none."""
        with self._lock, suppress(OSError):
            if self._idle:
                self._socket.shutdown(socket.SHUT_RD)  # what has arrived can still be read: no request is lost

    def cut(self) -> None:
        """End at once, unless a method is running: then when it is done."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Let go of the connection."""
        self._file.close()
        self._socket.close()

    def _has_request(self, patience: float) -> bool:
        """Wait for the first bytes of a request, and return whether they come."""
        with self._lock:
            self._idle = True
        if self._stopping.is_set():
            self.leave()
        self._arriving.allow(patience)
        try:
            return bool(self._file.peek(1))
        except TimeoutError:
            return False
        finally:
            with self._lock:
                self._idle = False

    def _serve_request(self) -> bool:
        """Serve a request, and return whether the connection goes on."""
        self._arriving.allow(self._limits.reading)
        try:
            head = read_head(self._file, largest=self._limits.body)
            if head.expects:
                self._socket.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
            body = read_body(self._file, head.length)
        except Refusal as refusal:
            self._refuse(refusal)
            return False
        except TimeoutError:
            message = f"the request has not arrived within {self._limits.reading:g} s"
            self._refuse(Refusal(HTTPStatus.REQUEST_TIMEOUT, message))
            return False
        try:
            status, kind, answer = HTTPStatus.OK, "text/xml", self._calls.answer(body)
        except Busy as error:
            status, kind, answer = HTTPStatus.SERVICE_UNAVAILABLE, "text/plain; charset=utf-8", str(error).encode()
        goes_on = head.keeps and not self._stopping.is_set()
        self._send(status, kind, answer, goes_on=goes_on)
        return goes_on

    def _refuse(self, refusal: Refusal) -> None:
        logger.warning("a request from %s is refused: %s", self._peer, refusal)
        self._send(refusal.status, "text/plain; charset=utf-8", f"{refusal.message}\n".encode(), goes_on=False)
        # To close a connection on which there are bytes that nobody has read would reset it, and the answer may be lost.
        self._socket.shutdown(socket.SHUT_WR)
        self._arriving.allow(_FAREWELL)
        rest = bytearray(_BUFFER)
        while self._arriving.readinto(rest):
            pass

    def _send(self, status: HTTPStatus, kind: str, body: bytes, *, goes_on: bool) -> None:
        lines = [
            f"HTTP/1.1 {status:d} {status.phrase}",
            "Server: matchmaker",
            f"Date: {_date(int(time()))}",
            f"Content-Type: {kind}",
            f"Content-Length: {len(body)}",
            f"Connection: {'keep-alive' if goes_on else 'close'}",
        ]
        if status == HTTPStatus.METHOD_NOT_ALLOWED:
            lines.append("Allow: POST")
        self._socket.settimeout(self._limits.reading)
        self._socket.sendall("\r\n".join([*lines, "", ""]).encode("ascii") + body)


@lru_cache(1)
def _date(second: int) -> str:
    """Return how HTTP writes a time; most answers go out within the same second as others."""
    return formatdate(second, usegmt=True)
