"""The XML-RPC server: it listens, and gives every connection a thread."""

from __future__ import annotations

import errno
import logging
import selectors
import socket
import threading
from collections.abc import Callable, Collection, Mapping
from time import monotonic
from typing import NamedTuple

from matchmaker.diagnostics import shorten
from matchmaker.ovirt.errors import ConfigurationError
from matchmaker.ovirt.server.answers import Answer
from matchmaker.ovirt.server.calls import Calls
from matchmaker.ovirt.server.connections import Connection, Limits

logger = logging.getLogger("matchmaker.ovirt")

_LAST_PORT = 65_535
_BACKLOG = 128  # at least: connections that the kernel accepts before this program does
_TURNED_AWAY = 32
"""How many connections above the limit are told so at once; further ones are closed without a word."""
_PAUSE = 0.5  # seconds before accepting is tried again after it failed
_CUTTING = 1.0  # seconds for connections to end that were cut
_ADVICE = {
    errno.EADDRINUSE: "; another program, such as the old proxy, listens there",
    errno.EADDRNOTAVAIL: "; this machine does not have that address",
    errno.EACCES: "; ports below 1024 need a privilege",
}


class Address(NamedTuple):
    """Where a server listens.

    Attributes
    ----------
    host : str
        An IP address.
    port : int
        The port.
    """

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class RpcServer:
    """Serves methods by XML-RPC over HTTP/1.1, within limits for everything that a client can ask for.

    Parameters
    ----------
    address : str
        The address to listen on; `::` listens on all, of IPv4 as well.
    port : int
        The port; 0 has the system choose one.
    methods : mapping of str to callable
        What answers calls, by name. A call's parameters are passed by position; what is answered is an `Answer`, and
        `BadParameters` is raised when they are not of the right types. They are called in several threads at once.
    body : int
        How many bytes a request may have.
    running : int
        How many calls run at once; further ones wait for their turn.
    waiting : float
        How many seconds they wait before they are answered that the server is busy.
    at_once : collection of str
        The methods that need no turn.
    connections : int
        How many connections there may be; further ones are turned away.
    idle : float
        How many seconds a connection may keep silent between two requests.
    reading : float
        How many seconds a request may take to arrive as a whole, the first one from the moment of connecting, and an answer to
        be taken.

    Raises
    ------
    ConfigurationError
        If it cannot listen there.
    """

    def __init__(
        self,
        address: str,
        port: int,
        methods: Mapping[str, Callable[..., Answer]],
        *,
        body: int = 4 * 1024 * 1024,
        running: int = 16,
        waiting: float = 30.0,
        at_once: Collection[str] = (),
        connections: int = 256,
        idle: float = 300.0,
        reading: float = 10.0,
    ) -> None:
        self._calls = Calls(methods, running=running, waiting=waiting, at_once=at_once)
        self._limits = Limits(body, idle, reading)
        self._most = connections
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._served: dict[Connection, threading.Thread] = {}
        self._listener = threading.Thread(target=self._listen, name="matchmaker-ovirt-listener", daemon=True)
        self._listening = _listening(address, port, max(connections, _BACKLOG))
        self._address = Address(*self._listening.getsockname()[:2])
        self._woken, self._waker = socket.socketpair()

    @property
    def address(self) -> Address:
        """Where it listens."""
        return self._address

    @property
    def methods(self) -> Mapping[str, Callable[..., Answer]]:
        """What answers calls, by name; other methods, when they are set, answer all calls that come from then on."""
        return self._calls.methods

    @methods.setter
    def methods(self, methods: Mapping[str, Callable[..., Answer]]) -> None:
        self._calls.methods = methods

    def start(self) -> None:
        """Serve from now on, in threads of its own."""
        self._listener.start()

    def stop(self, wait: float) -> None:
        """Stop accepting connections, end those that are idle, and then, after some time, all of them.

        Parameters
        ----------
        wait : float
            How many seconds the requests under way may take. A method that runs on cannot be stopped, but nobody reads what it
            answers.
        """
        self._stopping.set()
        if self._listener.is_alive():
            self._waker.send(b".")
            self._listener.join()
        for each in (self._listening, self._woken, self._waker):
            each.close()
        with self._lock:
            served = dict(self._served)
        for connection in served:
            connection.leave()
        if _joined(served.values(), wait):
            return
        for connection in served:
            connection.cut()
        if not _joined(served.values(), _CUTTING):
            logger.warning("methods are still running: nobody waits for them")

    def _listen(self) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self._listening, selectors.EVENT_READ)
            selector.register(self._woken, selectors.EVENT_READ)
            while not self._stopping.is_set():
                selector.select()
                self._accept()

    def _accept(self) -> None:
        """Accept a connection, if there is one."""
        try:
            accepted, peer = self._listening.accept()
        except (BlockingIOError, ConnectionError):
            return
        except OSError as error:
            logger.error("no connection can be accepted: %s", error.strerror)
            self._stopping.wait(_PAUSE)
            return
        connection = Connection(accepted, str(Address(*peer[:2])), self._calls, self._limits, self._stopping)
        with self._lock:
            count = len(self._served)
            work = connection.serve if count < self._most else connection.turn_away
            if count >= self._most + _TURNED_AWAY:
                connection.close()
                return
            thread = threading.Thread(
                target=self._serve, args=(connection, work), name="matchmaker-ovirt-connection", daemon=True
            )
            self._served[connection] = thread
        try:
            thread.start()
        except RuntimeError as error:  # the system has no more threads
            logger.error("a connection cannot be served: %s", error)
            connection.close()
            with self._lock:
                del self._served[connection]

    def _serve(self, connection: Connection, work: Callable[[], None]) -> None:
        try:
            work()
        finally:
            with self._lock:
                del self._served[connection]


def _joined(threads: Collection[threading.Thread], seconds: float) -> bool:
    """Wait for threads to end, and return whether they have."""
    deadline = monotonic() + seconds
    for thread in threads:
        thread.join(max(0.0, deadline - monotonic()))
    return not any(thread.is_alive() for thread in threads)


def _listening(address: str, port: int, backlog: int) -> socket.socket:
    """Return a socket that listens."""
    where = f"cannot listen on `{shorten(address)}`, port {port}"
    if not 0 <= port <= _LAST_PORT:
        raise ConfigurationError(f"{where}: ports are between 0 and {_LAST_PORT}")
    both = address == "::" and socket.has_dualstack_ipv6()
    try:
        family, _, _, _, place = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM)[0]
        listening = socket.create_server(place, family=family, backlog=backlog, dualstack_ipv6=both)
    except ValueError:
        raise ConfigurationError(f"{where}: that is no address") from None
    except OSError as error:
        reason = str(error.strerror or error).split(" (while", 1)[0].lower()  # what `create_server` adds is known
        raise ConfigurationError(f"{where}: {reason}{_ADVICE.get(error.errno or 0, '')}") from None
    listening.setblocking(False)
    return listening
