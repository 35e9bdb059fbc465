"""A pool whose candidates live on the workers of a Dask cluster."""

from __future__ import annotations

import itertools
import os
import threading
import uuid
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from matchmaker.attributes.lookup import MAPPING, Kind
from matchmaker.diagnostics import shown
from matchmaker.distributed import changing, files
from matchmaker.distributed.batches import batch
from matchmaker.distributed.cluster import Shards
from matchmaker.distributed.duplicates import check_keys
from matchmaker.distributed.explaining import explanation
from matchmaker.distributed.merging import Options, Version, ranking
from matchmaker.distributed.operations import compiled
from matchmaker.distributed.sources import KeyOf, Sent
from matchmaker.distributed.workers import Workers
from matchmaker.errors import PoolError
from matchmaker.expressions import Rank, Requirement
from matchmaker.matching.choosing import Engine
from matchmaker.matching.explain import Explanation, by_part
from matchmaker.matching.explain.clauses import Wanted
from matchmaker.matching.matcher import Wish, match
from matchmaker.matching.pool import MEMORY, Pool
from matchmaker.matching.ranking import Ranking
from matchmaker.matching.stats import Stats

if TYPE_CHECKING:
    from distributed import Client

_ROWS = 4_096
"""How many candidates are fetched at once when all are read."""
_PATIENCE = 10.0
"""For how many seconds to wait for a worker when there is none; a nanny takes one or two to start another."""


class DaskPool:
    """An ordered set of candidates of one kind, split into shards that live on the workers of a Dask cluster.

    It answers what a `Pool` of the same candidates answers, ties included. Matching runs where the candidates are; the best
    of each shard come back and are merged. A shard whose worker dies is made again on another one, of its source and of all
    changes since, which the client keeps.

    Use it as a context manager, or `close` it: the workers hold its candidates until then, or until it is garbage. It can be
    used from several threads.

    Parameters
    ----------
    client : distributed.Client
        A synchronous client of the cluster. Its workers need this package.
    candidates : iterable of mapping or document
        The candidates, in order. The client keeps them, as the source of the shards; they are not to be changed.
    key : str or callable or None
        As for `Pool`.
    shards : int or None
        Into how many shards to split the candidates; None for one per worker.
    memory : int
        How many bytes of columns, clauses and orders each shard may keep.
    patience : float
        For how many seconds to wait for a worker to be started again when there is none left.

    Attributes
    ----------
    kind : Kind
        The kind the candidates are of.

    Raises
    ------
    PoolError
        As `Pool` does, and if the cluster has no workers or does not answer. All methods raise that, too.
    CandidateError
        If something is no candidate.
    """

    kind: Kind

    def __init__(
        self,
        client: Client,
        candidates: Iterable[Any],
        *,
        key: KeyOf = None,
        shards: int | None = None,
        memory: int = MEMORY,
        patience: float = _PATIENCE,
    ) -> None:
        workers = Workers(client, patience)
        whole = Pool(candidates, key=key)
        listed, keys = whole.candidates, whole.keys
        number = min(workers.number(shards), max(1, len(listed)))
        bounds = [len(listed) * shard // number for shard in range(number + 1)]
        runs = [slice(*pair) for pair in itertools.pairwise(bounds)]
        sources = [Sent(whole.kind, key, memory)] * number
        self._setup(Shards(workers, whole.kind, sources, lambda shard: (listed[runs[shard]], keys[runs[shard]])), key)

    @classmethod
    def from_parquet(
        cls,
        client: Client,
        paths: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
        *,
        key: KeyOf = None,
        shards: int | None = None,
        memory: int = MEMORY,
        patience: float = _PATIENCE,
    ) -> Self:
        """Make a pool of the rows of Parquet files, which the workers read.

        Every worker must be able to read every file, and as long as the pool is used: a shard is read again when its worker
        died. The rows of a shard are whole row groups, of one file or of several.

        Parameters
        ----------
        client : distributed.Client
            As for `DaskPool`.
        paths : str, path, or iterable of these
            The files in order, as the workers name them; what pyarrow opens.
        key, shards, memory, patience
            As for `DaskPool`; a `key` that is a str is a column.

        Raises
        ------
        PoolError
            If a file cannot be read, or as `DaskPool` does.
        """
        workers = Workers(client, patience)
        listed = [paths] if isinstance(paths, str | os.PathLike) else list(paths)
        sources = files.split(workers, [os.fspath(path) for path in listed], workers.number(shards), key, memory)
        self = cls.__new__(cls)
        made = Shards(workers, MAPPING, sources)
        self._setup(made, key)
        if key is not None and len(sources) > 1:
            try:
                check_keys(made, [source.offset for source in sources], len(self))
            except BaseException:
                self.close()
                raise
        return self

    def _setup(self, shards: Shards, key: KeyOf) -> None:
        self.kind = shards.kind
        self._key = key
        self._shards = shards
        self._lock = threading.Lock()
        marks = (0,) * len(shards)
        try:
            self._now = Version(0, marks, sum(shards.ask(marks, "load")))
        except BaseException:
            shards.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let the workers forget the candidates; the pool and its rankings cannot be asked any more."""
        self._shards.close()

    @property
    def version(self) -> int:
        """How often the pool was changed."""
        return self._now.number

    def __len__(self) -> int:
        return self._now.candidates

    def __iter__(self) -> Iterator[Any]:
        marks = self._now.marks
        for shard, mark in enumerate(marks):
            for start in itertools.count(0, _ROWS):
                rows = self._shards.start(shard, mark, "rows", start, start + _ROWS).result()
                yield from rows
                if len(rows) < _ROWS:
                    break

    def __contains__(self, key: object) -> bool:
        return any(changing.found(self._shards, self._now.marks, [key]))

    def __getitem__(self, key: Any) -> Any:
        for found in changing.found(self._shards, self._now.marks, [key]):
            if found:
                return found[0]
        raise PoolError(f"no candidate has the key {shown(key)}")

    def __repr__(self) -> str:
        return f"<DaskPool of {len(self)} candidates of kind {self.kind.name} in {len(self._shards)} shards>"

    def match(
        self,
        requirement: Requirement | str | None = None,
        rank: Rank | str | None = None,
        *,
        limit: int | None = None,
        engine: Engine | None = None,
    ) -> Ranking:
        """Find the candidates that meet a requirement, best first.

        With a limit each shard sends its best. Without, the matches come in pages when they are looked at, of the version
        that the ranking was made of.

        Parameters
        ----------
        requirement, rank, limit, engine
            As for `matchmaker.match`.

        Raises
        ------
        MatchmakerError, ValueError
            As `matchmaker.match` does.
        """
        match((), limit=limit, engine=engine)  # raises when these are not right
        request = compiled(requirement, rank)
        name, now = uuid.uuid4().hex, self._now
        options: Options = {"limit": limit, "engine": engine}
        parts = [part for (part,) in self._shards.ask(now.marks, "rank", [name], [request], options)]
        return ranking(self._shards, now, parts, name, request, options)

    def match_many(
        self, requests: Iterable[Wish], *, limit: int | None = None, engine: Engine | None = None
    ) -> Iterator[Ranking]:
        """Match many requests against one version of the pool; the shards work on the next ones meanwhile.

        Parameters
        ----------
        requests, limit, engine
            As for `matchmaker.match_many`.

        Yields
        ------
        Ranking
            One per request, in order.

        Raises
        ------
        MatchmakerError, ValueError
            As `matchmaker.match_many` does.
        """
        match((), limit=limit, engine=engine)  # raises when these are not right
        now = self._now
        wishes = [compiled(requirement, rank) for requirement, rank in requests]
        yield from batch(self._shards, now, wishes, {"limit": limit, "engine": engine})

    def explain(
        self, requirement: Wanted = None, rank: Rank | str | None = None, *, engine: Engine | None = None
    ) -> Explanation:
        """Explain which candidates match, which do not and why, and what would help; the shards count.

        The explanation says nothing about single candidates.

        Parameters
        ----------
        requirement, rank, engine
            As for `matchmaker.explain`.

        Raises
        ------
        MatchmakerError, ValueError
            As `matchmaker.explain` does.
        """
        match((), engine=engine)  # raises when it is not right
        order = rank if isinstance(rank, Rank | None) else Rank(rank)
        return explanation(self._shards, self._now.marks, by_part(requirement), order, engine)

    def update(self, key: Any, attributes: Any) -> None:
        """Change attributes of one candidate, as `Pool.update` does."""
        self.apply((("update", key, attributes),))

    def add(self, key: Any, attributes: Any) -> None:
        """Add a candidate behind all others, as `Pool.add` does; it joins the last shard."""
        self.apply((("add", key, attributes),))

    def remove(self, key: Any) -> None:
        """Remove a candidate, as `Pool.remove` does."""
        self.apply((("remove", key, None),))

    def apply(self, changes: Iterable[tuple[Any, ...]]) -> None:
        """Make several changes at once, or if one of them is not possible none at all. It is one new version.

        The shards are asked for the candidates that change. What is made of these is worked out here, and kept; a worker
        makes the changes when its shard is next asked for something.

        Parameters
        ----------
        changes : iterable of (verb, key, attributes)
            As for `Pool.apply`.

        Raises
        ------
        PoolError
            If a change is not possible, or cannot be sent to the workers; nothing is changed then.
        """
        listed = list(changes)
        with self._lock:
            now = self._now
            split, more = changing.split(self._shards, now.marks, listed, self._key, self.kind)
            for shard, change in split.items():
                self._shards.changes[shard].append(change)
            marks = tuple(mark + (shard in split) for shard, mark in enumerate(now.marks))
            self._now = Version(now.number + 1, marks, now.candidates + more)

    def stats(self) -> Stats:
        """Tell what the shards hold, all together; the version is the pool's."""
        now = self._now
        held = [sum(numbers) for numbers in zip(*self._shards.ask(now.marks, "stats"), strict=True)]
        return Stats(*held)._replace(version=now.number)
