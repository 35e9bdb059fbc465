"""The side of the workers: the shards that live in this process, and what is asked of them."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from typing import Any, Generic, TypeVar

import numpy as np

from matchmaker.distributed import operations, pickling
from matchmaker.distributed.messages import Call, Reply
from matchmaker.errors import MatchmakerError, PoolError
from matchmaker.matching.pool import Pool
from matchmaker.matching.ranking import Ranking

_VERSIONS = 8
"""How many versions of a shard can be asked for without making it again; they share what did not change."""
_RANKINGS = 64
"""How many rankings a shard keeps for those who read them in pages."""
_BATCHES = 16
"""How many batches of requests can be under way."""
_REMEMBERED = 256
"""How many closed pools are known, so that a call that was under way does not bring one back."""

Name = TypeVar("Name")
Value = TypeVar("Value")


class Kept(Generic[Name, Value]):
    """Values by name; what was not used for longest goes first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: OrderedDict[Name, Value] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._values)

    def get(self, name: Name) -> Value | None:
        """Return a value, None when it is not kept."""
        with self._lock:
            if name in self._values:
                self._values.move_to_end(name)
            return self._values.get(name)

    def put(self, name: Name, value: Value) -> None:
        """Keep a value."""
        with self._lock:
            self._values[name] = value
            self._values.move_to_end(name)
            while len(self._values) > self._most:
                self._values.popitem(last=False)

    def drop(self, name: Name) -> None:
        """Keep it no longer."""
        with self._lock:
            self._values.pop(name, None)


class Needs(Exception):  # it is caught before it reaches anybody
    """The worker needs the shard's data or older changes."""


class Shard:
    """One shard of a pool.

    Attributes
    ----------
    pool : Pool or None
        Its candidates, None until it is first asked for something.
    rankings : Kept
        The rankings that are read in pages, by name.
    batches : Kept
        The versions that batches under way work on, by name.
    digests : array or None
        The digests of its keys while they are being compared.
    """

    def __init__(self) -> None:
        self.pool: Pool | None = None
        self.rankings: Kept[str, Ranking] = Kept(_RANKINGS)
        self.batches: Kept[str, Pool] = Kept(_BATCHES)
        self.digests: np.ndarray[Any, Any] | None = None
        self._versions: Kept[int, Pool] = Kept(_VERSIONS)
        self._last: Pool | None = None
        self._lock = threading.Lock()

    def at(self, call: Call) -> Pool:
        """Return the shard in the version that a call wants; that pool does not change.

        Raises
        ------
        Needs
            If the call does not bring what is missing.
        PoolError
            If the shard cannot be made.
        """
        with self._lock:
            kept = self._versions.get(call.version)
            if kept is not None:
                return kept
            pool = self.pool
            if pool is None or call.version < pool.version:
                if call.since or (call.source.sent and call.data is None):
                    raise Needs
                pool = call.source.pool(call.data)
            elif pool.version < call.since:
                raise Needs
            if self.pool is None:
                self.pool = pool
            for change in call.changes[pool.version - call.since :]:
                pool.apply(pickling.loads(change))
            if self._last is not None:
                pool.asked = max(pool.asked, self._last.asked)
            self._last = _as_it_is(pool)
            self._versions.put(call.version, self._last)
            return self._last


class View:
    """A shard as one call sees it.

    Attributes
    ----------
    shard : Shard
        The shard, with what is kept of it.
    """

    def __init__(self, shard: Shard, call: Call) -> None:
        self.shard = shard
        self._call = call
        self._pool: Pool | None = None

    @property
    def pool(self) -> Pool:
        """The shard's pool in the version that is asked for, made or brought there now if need be."""
        if self._pool is None:
            self._pool = self.shard.at(self._call)
        return self._pool

    @property
    def newest(self) -> Pool:
        """The shard's pool in the version that is asked for, or in a later one; it can change."""
        self.shard.at(self._call)
        assert self.shard.pool is not None
        return self.shard.pool

    def use(self, pool: Pool | None) -> None:
        """Work on this pool, which is in the right version already, if there is one."""
        self._pool = pool


_shards: dict[tuple[str, int], Shard] = {}
_closed: deque[str] = deque(maxlen=_REMEMBERED)
_lock = threading.Lock()


def work(payload: bytes) -> bytes:
    """Do what a pickled `Call` says, and return the pickled `Reply`. This is the task that Dask runs."""
    call: Call = pickling.loads(payload)
    try:
        shard = _shard(call)
    except PoolError as error:
        return pickling.dumps(Reply("failed", error, None))
    for name in call.forget:
        shard.rankings.drop(name)
    try:
        value = getattr(operations, call.operation)(View(shard, call), *call.arguments)
        reply = Reply("done", value, _version(shard))
    except Needs:
        reply = Reply("needs", None, _version(shard))
    except MatchmakerError as error:
        reply = Reply("failed", error, _version(shard))
    return pickling.dumps(reply)


def drop(pool: str) -> int:
    """Forget all shards of a pool, and return how many there were."""
    with _lock:
        _closed.append(pool)
        gone = [name for name in _shards if name[0] == pool]
        for name in gone:
            del _shards[name]
        return len(gone)


def held() -> list[tuple[str, int]]:
    """Return which shards this process holds: pool and number."""
    with _lock:
        return sorted(_shards)


def _shard(call: Call) -> Shard:
    with _lock:
        if call.pool in _closed:
            raise PoolError("the pool is closed")
        return _shards.setdefault((call.pool, call.shard), Shard())


def _version(shard: Shard) -> int | None:
    return None if shard.pool is None else shard.pool.version


def _as_it_is(pool: Pool) -> Pool:
    """Return a pool of its own that shares everything with this one, and is not changed when this one is.

    Versions are immutable, and a pool is a reference to its present one: a copy of the references is enough.
    """
    frozen = object.__new__(Pool)
    for name in Pool.__slots__:
        if name != "__weakref__":
            setattr(frozen, name, getattr(pool, name))
    return frozen
