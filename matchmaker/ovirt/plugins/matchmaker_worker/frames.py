"""Messages over a stream socket: the length in four bytes, then so many bytes."""

from __future__ import annotations

import socket
import struct
from time import monotonic

MOST = 256 * 1024 * 1024
"""The longest message, in bytes: a cloud of a million virtual machines fits."""
TIME = struct.Struct(">d")
"""What comes with the socket of a call: how many seconds it may take."""
_LENGTH = struct.Struct(">I")
_PIECE = 1024 * 1024


class BrokenFrame(Exception):
    """The other side is gone, or what it sends is no message."""


def write_frame(connection: socket.socket, payload: bytes, *, deadline: float | None = None) -> None:
    """Send a message.

    Parameters
    ----------
    connection : socket
        Where to.
    payload : bytes
        The message.
    deadline : float or None
        When to give up, by the monotonic clock, in seconds.

    Raises
    ------
    BrokenFrame
        If it is too long.
    OSError
        If it cannot be sent, or not in time.
    """
    if len(payload) > MOST:
        raise BrokenFrame(f"a message of {len(payload):,} bytes is too long")
    connection.settimeout(_left(deadline))
    connection.sendall(_LENGTH.pack(len(payload)) + payload)


def read_frame(connection: socket.socket, *, deadline: float | None = None) -> bytes:
    """Receive a message.

    Parameters
    ----------
    connection : socket
        Where from.
    deadline : float or None
        When to give up, by the monotonic clock, in seconds.

    Raises
    ------
    BrokenFrame
        If there is none, but the end, or it claims to be too long.
    OSError
        If it cannot be received, or not in time.
    """
    (length,) = _LENGTH.unpack(_exactly(connection, _LENGTH.size, deadline))
    if length > MOST:
        raise BrokenFrame(f"a message claims to have {length:,} bytes")
    return _exactly(connection, length, deadline)


def _exactly(connection: socket.socket, size: int, deadline: float | None) -> bytes:
    pieces = bytearray()
    while len(pieces) < size:
        connection.settimeout(_left(deadline))
        piece = connection.recv(min(size - len(pieces), _PIECE))
        if not piece:
            raise BrokenFrame("the other side is gone")
        pieces += piece
    return bytes(pieces)


def _left(deadline: float | None) -> float | None:
    if deadline is None:
        return None
    left = deadline - monotonic()
    if left <= 0:  # a timeout of 0 would mean: do not wait
        raise TimeoutError
    return left
