"""Reads HTTP requests within limits of size and time (RFC 9112).

The standard library's `http.server` limits every line, and every wait for some bytes; what is wanted here are limits for a
request as a whole, so that neither long heads nor peers that send a byte now and then cost more than they may.
"""

from __future__ import annotations

import io
import re
import socket
from http import HTTPStatus
from time import monotonic
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from matchmaker.diagnostics import shorten
from matchmaker.errors import MatchmakerError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

PATHS = ("/", "/RPC2")
"""Where calls are sent: oVirt's engine is told a URL without a path, other clients send to `/RPC2`."""

_LARGEST_HEAD = 16 * 1024
_REQUEST = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+) (\S+) HTTP/1\.([0-9])")
_FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*", re.DOTALL)
_LENGTH = re.compile(r"[0-9]{1,18}")


class Refusal(MatchmakerError):
    """A request that is refused; the connection cannot be used any further.

    Parameters
    ----------
    status : HTTPStatus
        The status of the answer.
    message : str
        What is wrong, and what to do.
    """

    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(status, message)
        self.status = status
        self.message = message

    def __str__(self) -> str:
        return f"{self.status:d} {self.status.phrase}: {self.message}"


class Arriving(io.RawIOBase):
    """What arrives on a connection until a deadline.

    Parameters
    ----------
    connection : socket
        Where it arrives.
    """

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._deadline = monotonic()

    def allow(self, seconds: float) -> None:
        """Let so many seconds pass from now on before reading raises `TimeoutError`."""
        self._deadline = monotonic() + seconds

    def readable(self) -> bool:
        """Return that it can be read."""
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Wait for some bytes, and return how many came; none when no more will."""
        left = self._deadline - monotonic()
        if left <= 0:
            raise TimeoutError
        self._connection.settimeout(left)
        return self._connection.recv_into(buffer)


class Head(NamedTuple):
    """What a request says before its body.

    Attributes
    ----------
    length : int
        How many bytes the body has.
    keeps : bool
        Whether the client wants to use the connection again.
    expects : bool
        Whether the client waits to be told that it may send the body.
    """

    length: int
    keeps: bool
    expects: bool


def read_head(file: BinaryIO, *, largest: int) -> Head:
    """Return the head of a request that carries a call.

    Parameters
    ----------
    file : binary file
        Where it arrives.
    largest : int
        How many bytes the body may have.

    Raises
    ------
    Refusal
        If it is none that is served here.
    OSError
        If the connection breaks, or it takes too long.
    """
    lines = _lines(file)
    request = _REQUEST.fullmatch(lines[0])
    if not request:
        raise _bad(f"the request begins with `{_shown(lines[0])}`, which is not that of HTTP/1.1")
    method, path = request[1], request[2].decode("latin-1")
    if path not in PATHS:
        message = f"there is nothing at `{shorten(path)}`; calls are sent to {' or '.join(PATHS)}"
        raise Refusal(HTTPStatus.NOT_FOUND, message)
    if method != b"POST":
        message = f"`{_shown(method)}` is not served; calls are sent with `POST`"
        raise Refusal(HTTPStatus.METHOD_NOT_ALLOWED, message)
    fields = _fields(lines[1:])
    if "transfer-encoding" in fields:
        raise Refusal(
            HTTPStatus.NOT_IMPLEMENTED, "`Transfer-Encoding` is not read; send the body with its `Content-Length`"
        )
    if fields.get("content-encoding", "identity").lower() != "identity":
        raise Refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "`Content-Encoding` is not read; send the body as it is")
    expected = fields.get("expect", "").lower()
    if expected not in ("", "100-continue"):
        raise Refusal(HTTPStatus.EXPECTATION_FAILED, f"`Expect: {shorten(expected)}` cannot be met")
    wishes = {wish.strip() for wish in fields.get("connection", "").lower().split(",")}
    keeps = "close" not in wishes and (request[3] != b"0" or "keep-alive" in wishes)
    return Head(_length(fields, largest), keeps, bool(expected))


def read_body(file: BinaryIO, length: int) -> bytes:
    """Return the body of a request.

    Raises
    ------
    Refusal
        If no more comes before it is complete.
    OSError
        If the connection breaks, or it takes too long.
    """
    body = file.read(length)
    if len(body) < length:
        raise _bad(f"the body ends after {len(body)} of the {length} bytes that `Content-Length` announces")
    return body


def _lines(file: BinaryIO) -> list[bytes]:
    """Return the lines of a head, without those that are empty."""
    lines: list[bytes] = []
    left = _LARGEST_HEAD
    while True:
        line = file.readline(left + 1)
        left -= len(line)
        if left < 0:
            message = f"the head of the request has more than {_LARGEST_HEAD} bytes"
            raise Refusal(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, message)
        if not line.endswith(b"\n"):
            raise _bad("the head of the request is not complete")
        line = line[:-1].removesuffix(b"\r")
        if line:
            lines.append(line)
        elif lines:  # what is empty before a request is the end of the one before it, which some clients add
            return lines


def _fields(lines: list[bytes]) -> dict[str, str]:
    """Return the fields of a head by their names in lower case; of several with one name, the values in one."""
    fields: dict[str, str] = {}
    for line in lines:
        field = _FIELD.fullmatch(line)
        if not field:
            raise _bad(f"`{_shown(line)}` is no field of a head")
        name, value = field[1].decode("ascii").lower(), field[2].decode("latin-1")
        fields[name] = f"{fields[name]}, {value}" if name in fields else value
    return fields


def _length(fields: dict[str, str], largest: int) -> int:
    text = fields.get("content-length")
    if text is None:
        raise Refusal(HTTPStatus.LENGTH_REQUIRED, "the request has no `Content-Length`; send the body with it")
    if not _LENGTH.fullmatch(text):
        raise _bad(f"`Content-Length: {shorten(text)}` is no number of bytes")
    length = int(text)
    if length > largest:
        message = f"the body has {length} bytes, and {largest} is the most that is read"
        raise Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, message)
    return length


def _bad(message: str) -> Refusal:
    return Refusal(HTTPStatus.BAD_REQUEST, message)


def _shown(line: bytes) -> str:
    return shorten(line[:100].decode("latin-1"))
