"""The side of the client: which worker has which shard, and calls that are repeated until they are answered."""

from __future__ import annotations

import contextlib
import threading
import uuid
import weakref
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from matchmaker.attributes.lookup import Kind
from matchmaker.diagnostics import shown
from matchmaker.distributed import pickling, worker
from matchmaker.distributed.messages import Call, Reply, Source, SourceError
from matchmaker.distributed.workers import Workers
from matchmaker.errors import PoolError

_LOSSES = 3
"""How often a call may lose its worker: a shard that does not fit into memory kills one after the other."""
_REPEATS = 10
"""How often a call is sent again because the worker lacks something."""


class Shards:
    """The shards of a pool.

    The sources and the changes since then are the truth; what workers hold is made of them, whenever it is missing.

    Parameters
    ----------
    workers : Workers
        Where they can live.
    kind : Kind
        The kind of the candidates.
    sources : sequence of Source
        What to make each of.
    data : callable or None
        Returns what a shard's source wants to be sent.

    Attributes
    ----------
    name : str
        The pool's, unique in the world.
    changes : list of list of bytes
        The pickled changes of each shard, in order; they are only appended.
    homes : list of str
        The address of the worker that has each shard.
    known : list of int or None
        Which version the worker has, as far as is known; None when it does not have the shard.
    forgotten : list of deque
        The rankings that are not used any more, for each shard.
    """

    def __init__(
        self, workers: Workers, kind: Kind, sources: Sequence[Source], data: Callable[[int], Any] | None = None
    ) -> None:
        self.kind = kind
        self.name = uuid.uuid4().hex
        self.workers = workers
        self.sources = sources
        self._data = data
        self._lock = threading.Lock()
        self.changes: list[list[bytes]] = [[] for _ in sources]
        self.known: list[int | None] = [None] * len(sources)
        self.forgotten: list[deque[str]] = [deque(maxlen=1024) for _ in sources]
        found = workers.some("a pool needs workers")
        self.homes = [found[number % len(found)] for number in range(len(sources))]
        self._finalizer = weakref.finalize(self, _drop_soon, workers.client, self.name)
        self._finalizer.atexit = False

    def __len__(self) -> int:
        return len(self.sources)

    def ask(self, marks: Sequence[int], operation: str, *arguments: Any) -> list[Any]:
        """Ask all shards, and return their answers in order.

        Parameters
        ----------
        marks : sequence of int
            The version of each shard to ask.
        operation : str
            What they are to do.
        *arguments : object
            What that needs.

        Raises
        ------
        MatchmakerError
            What the first of them raises.
        """
        return self.answers([self.start(shard, mark, operation, *arguments) for shard, mark in enumerate(marks)])

    def start(self, shard: int, version: int, operation: str, *arguments: Any) -> Task:
        """Ask one shard, and return what gives the answer."""
        return Task(self, shard, version, operation, arguments)

    def answers(self, tasks: Sequence[Task]) -> list[Any]:
        """Return the answers to several calls in order; of several errors the first one is raised."""
        found = self.workers.quickly([task.future for task in tasks])
        if found is not None:
            for task, answer in zip(tasks, found, strict=True):
                task.answer = answer
        return [task.result() for task in tasks]

    def call(self, task: Task) -> Call:
        """Return what to send for a task, with what the worker lacks."""
        if not self._finalizer.alive:
            raise PoolError("the pool is closed")
        shard = task.shard
        known = self.known[shard]
        since = 0 if known is None else min(known, task.version)
        forget = [self.forgotten[shard].popleft() for _ in range(len(self.forgotten[shard]))]
        return Call(
            self.name,
            shard,
            self.sources[shard],
            task.version,
            since,
            self.changes[shard][since : task.version],
            self._data(shard) if known is None and self._data is not None else None,
            forget,
            task.operation,
            task.arguments,
        )

    def move(self, shard: int, lost: str) -> None:
        """Find workers for a shard whose worker is gone, and for what else lived there; those with the fewest shards."""
        with self._lock:
            if self.homes[shard] != lost:
                return
            what = f"{self.described(shard)} was lost with the worker {lost}"
            found = self.workers.some(what, wanted=len(set(self.homes)))
            moved = [shard] if lost in found else [number for number, home in enumerate(self.homes) if home == lost]
            homes = [home for number, home in enumerate(self.homes) if number not in moved]
            for number in moved:
                homes.append(min(found, key=homes.count))
                self.known[number] = None
                self.homes[number] = homes[-1]

    def described(self, shard: int) -> str:
        """Return what to call a shard in messages."""
        return f"shard {shard + 1} of {len(self)}"

    def close(self) -> None:
        """Let the workers forget the shards."""
        if self._finalizer.detach() is not None:
            with contextlib.suppress(Exception):  # who is gone has forgotten them
                self.workers.client.run(worker.drop, self.name, on_error="ignore")


class Task:
    """One call to one shard; it is sent at once, and again when its worker is lost.

    Attributes
    ----------
    shard, version, operation, arguments
        What is asked, as in `Call`.
    future : distributed.Future or None
        The task that runs now; None when it could not be sent.
    answer : bytes or None
        The pickled `Reply`, where it is there already.
    """

    def __init__(self, shards: Shards, shard: int, version: int, operation: str, arguments: tuple[Any, ...]) -> None:
        self.shard = shard
        self.version = version
        self.operation = operation
        self.arguments = arguments
        self.future: Any = None
        self.answer: bytes | None = None
        self._shards = shards
        self._send()

    def _send(self) -> None:
        self._address = self._shards.homes[self.shard]
        call = self._shards.call(self)
        try:
            payload = pickling.dumps(call)
        except Exception as error:
            raise PoolError(f"what is asked cannot be sent to the workers: {shown(error)}") from error
        self.future = self._shards.workers.send(self._address, worker.work, payload)

    def result(self) -> Any:
        """Return the answer.

        Raises
        ------
        MatchmakerError
            What the worker raises.
        PoolError
            If the shard is lost and cannot be made again.
        """
        shards, losses = self._shards, 0
        for _ in range(_REPEATS):
            answer = self.answer
            if answer is None and self._address == shards.homes[self.shard]:
                answer = shards.workers.result(self.future, self._address)
            self.future = self.answer = None
            if answer is None:
                losses += 1
                if losses == _LOSSES:
                    raise PoolError(
                        f"{shards.described(self.shard)} lost its worker {losses} times in one call, last {self._address}:"
                        " its logs may tell why; when the memory is too small, make more shards, for more workers"
                    )
                shards.move(self.shard, self._address)
                self._send()
                continue
            reply: Reply = pickling.loads(answer)
            shards.known[self.shard] = None if reply.outcome == "needs" else reply.version
            if reply.outcome == "done":
                return reply.value
            if reply.outcome == "failed":
                if isinstance(reply.value, SourceError):
                    raise PoolError(f"{shards.described(self.shard)} cannot be made of its source: {reply.value}")
                raise reply.value
            self._send()
        raise PoolError(f"{shards.described(self.shard)} does not stay on the worker {self._address}")


def _drop_soon(client: Any, pool: str) -> None:
    """Let the workers forget a pool that is garbage. This runs anywhere, so that it only asks the client's own thread."""
    with contextlib.suppress(Exception):  # of a client that is closed
        if client.status == "running":
            client.loop.add_callback(client.run, worker.drop, pool, on_error="ignore")
