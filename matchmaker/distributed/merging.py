"""The rankings of the shards, merged into that of the whole pool while it is read."""

from __future__ import annotations

import heapq
import math
import threading
import weakref
from array import array
from collections import deque
from collections.abc import MutableSequence, Sequence
from functools import partial
from typing import Any, NamedTuple, TypedDict, cast

from matchmaker.attributes.lookup import Kind
from matchmaker.distributed.cluster import Shards
from matchmaker.distributed.explaining import explanation
from matchmaker.distributed.messages import Entry, Part
from matchmaker.distributed.operations import Request
from matchmaker.matching.choosing import Engine
from matchmaker.matching.explain import by_part
from matchmaker.matching.ranking import Found, Ranking
from matchmaker.matching.rows import Rows
from matchmaker.matching.snapshots import Snapshot

_PAGE = 16
"""How many matches a shard is asked for at least."""


class Version(NamedTuple):
    """One version of a pool of several shards.

    Attributes
    ----------
    number : int
        The pool's version.
    marks : tuple of int
        The version of each shard.
    candidates : int
        How many candidates there are.
    """

    number: int
    marks: tuple[int, ...]
    candidates: int


class Options(TypedDict):
    """How to match: the options of `match`."""

    limit: int | None
    engine: Engine | None


class Merged:
    """The matches of all shards in order, fetched when they are looked at.

    The best come first, those without a score last, among equals those of the later shard; without a rank those of the
    earlier one. What a shard sends is in that order already.

    Parameters
    ----------
    shards : Shards
        Where more is asked for.
    marks : sequence of int
        The version of each shard that the parts are of.
    parts : sequence of Part
        What each shard found.
    name : str
        What the shards call their rankings.
    request : (requirement, rank)
        What was asked for.
    engine : {"closures", "columnar"} or None
        What it runs on.

    Attributes
    ----------
    count : int
        How many candidates match.
    unscored : int
        How many of them have no score.
    keys, rows : list
        The keys and the candidates of the matches in order, as far as they were looked at.
    """

    def __init__(
        self,
        shards: Shards,
        marks: Sequence[int],
        parts: Sequence[Part],
        name: str,
        request: Request,
        engine: Engine | None,
    ) -> None:
        self.count = sum(part.matching for part in parts)
        self.unscored = sum(part.unscored for part in parts)
        self.keys: list[Any] = []
        self.rows: list[Any] = []
        self._scores: MutableSequence[Any] | None = None
        if request[1] is not None:
            self._scores = array("d") if request[1].dialect == "extended" else []
        self._lock = threading.Lock()
        self._shards = shards
        self._marks = marks
        self._name = name
        self._request = request
        self._engine = engine
        self._buffers: list[deque[Entry]] = [deque(part.entries or ()) for part in parts]
        self._fetched = [0] * len(parts)
        self._left = [part.matching if part.entries is None else 0 for part in parts]
        self._dry = {shard for shard, left in enumerate(self._left) if left}
        self._heads: list[tuple[Any, int]] = []
        for shard, buffer in enumerate(self._buffers):
            if buffer:
                heapq.heappush(self._heads, self._head(shard))
        if any(self._left):
            weakref.finalize(self, _forget, shards.forgotten, name).atexit = False

    def first(self, count: int) -> Found:
        """Return at least so many of the best matches, or all there are."""
        with self._lock:
            while len(self.keys) < min(count, self.count):
                needed = self._needed() if self._dry else ()
                if needed:
                    self._fetch(needed, count - len(self.keys))
                elif not self._heads:  # there was a limit, and these are all that were sent
                    break
                else:
                    self._take()
            return Found(range(len(self.keys)), self._scores)

    def _take(self) -> None:
        """Put the best of what was fetched behind what is in order."""
        _, number = heapq.heappop(self._heads)
        shard = abs(number)
        key, score, row = self._buffers[shard].popleft()
        self.keys.append(key)
        self.rows.append(row)
        if self._scores is not None:
            self._scores.append(math.nan if score is None else score)
        if self._buffers[shard]:
            heapq.heappush(self._heads, self._head(shard))
        elif self._left[shard]:
            self._dry.add(shard)

    def _head(self, shard: int) -> tuple[Any, int]:
        """Return what the first match that was fetched from a shard is sorted by, the smallest first."""
        if self._scores is None:
            return 0, shard
        score = self._buffers[shard][0][1]
        return (score is None, 0 if score is None else -score), -shard

    def _needed(self) -> list[int]:
        """Return the shards without whose next page it is not known which match is next."""
        if self._scores is not None:
            return sorted(self._dry)
        first = min(self._dry)
        return [] if self._heads and self._heads[0][1] < first else [first]

    def _fetch(self, needed: Sequence[int], missing: int) -> None:
        """Fetch the next matches of some shards."""
        share = max(_PAGE, missing if self._scores is None else missing // len(self._left) + 1)
        sizes = [min(share, self._left[shard]) for shard in needed]
        tasks = [
            self._shards.start(
                shard,
                self._marks[shard],
                "page",
                self._name,
                self._fetched[shard],
                self._fetched[shard] + size,
                self._request,
                self._engine,
            )
            for shard, size in zip(needed, sizes, strict=True)
        ]
        for shard, size, entries in zip(needed, sizes, self._shards.answers(tasks), strict=True):
            self._buffers[shard].extend(entries)
            self._fetched[shard] += size
            self._left[shard] -= size
            self._dry.discard(shard)
            heapq.heappush(self._heads, self._head(shard))


class _Listing:
    """What a ranking reads of a snapshot: here a slot is a place in the ranking."""

    def __init__(self, merged: Merged, version: Version, kind: Kind) -> None:
        self._merged = merged
        self.keys = merged.keys
        self.kind = kind
        self.count = version.candidates
        self.version = version.number

    @property
    def rows(self) -> Rows:
        return Rows(self._merged.rows)


def ranking(
    shards: Shards, version: Version, parts: Sequence[Part], name: str, request: Request, options: Options
) -> Ranking:
    """Return the ranking of a whole pool.

    Parameters
    ----------
    shards, parts, name, request
        As for `Merged`.
    version : Version
        The version that the parts are of.
    options : Options
        What was asked for.

    Raises
    ------
    MatchmakerError
        What happened in the first shard that failed, and so to the first candidate.
    """
    for part in parts:
        if part.error is not None:
            raise part.error
    merged = Merged(shards, version.marks, parts, name, request, options["engine"])
    found = Ranking(cast(Snapshot, _Listing(merged, version, shards.kind)), merged, options["limit"])
    wanted, rank = request
    found.explainer = partial(explanation, shards, version.marks, by_part(wanted), rank, options["engine"])
    return found


def _forget(forgotten: Sequence[deque[str]], name: str) -> None:
    for names in forgotten:
        names.append(name)
