"""Many requests: a few at a time go to the shards, which work on the next ones while the rankings of these are read."""

from __future__ import annotations

import uuid
from collections import deque
from collections.abc import Iterator, Sequence

from matchmaker.distributed.cluster import Shards, Task
from matchmaker.distributed.merging import Options, Version, ranking
from matchmaker.distributed.operations import Request
from matchmaker.matching.ranking import Ranking

_SMALLEST, _LARGEST = 8, 64
"""How many requests go to a shard at once; the first ones are few, so that their answers do not take long."""
_LAZY = 8
"""How many when the rankings are read in pages: a shard keeps a bounded number of these."""
_AHEAD = 2
"""How many such chunks are under way."""


def batch(shards: Shards, version: Version, requests: Sequence[Request], options: Options) -> Iterator[Ranking]:
    """Match many requests against one version of a pool.

    Parameters
    ----------
    shards : Shards
        Where to match.
    version : Version
        The version; the shards hold on to it until the last request.
    requests : sequence of (requirement, rank)
        What to match.
    options : Options
        How.

    Yields
    ------
    Ranking
        One per request, in order.
    """
    name = uuid.uuid4().hex
    waiting: deque[tuple[list[str], Sequence[Request], list[Task]]] = deque()
    size, start = _SMALLEST, 0
    while start < len(requests) or waiting:
        while start < len(requests) and len(waiting) < _AHEAD:
            chunk = requests[start : start + (_LAZY if options["limit"] is None else size)]
            start, size = start + len(chunk), min(2 * size, _LARGEST)
            names = [uuid.uuid4().hex for _ in chunk]
            arguments = (name, start == len(requests), names, chunk, options)
            tasks = [shards.start(shard, mark, "batch", *arguments) for shard, mark in enumerate(version.marks)]
            waiting.append((names, chunk, tasks))
        names, chunk, tasks = waiting.popleft()
        answers = shards.answers(tasks)
        for place, request in enumerate(chunk):
            # A shard that failed at an earlier request has no part here; but then that request raised the error.
            yield ranking(shards, version, [answer[place] for answer in answers], names[place], request, options)
