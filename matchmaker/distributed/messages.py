"""What the client and the workers say to each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, Protocol

from matchmaker.engine.arithmetic import Score
from matchmaker.errors import MatchmakerError, PoolError
from matchmaker.matching.pool import Pool

Entry = tuple[Any, Score, Any]
"""A match on its way: key, score and candidate."""


class SourceError(PoolError):
    """A shard cannot be made of its source."""


class Source(Protocol):
    """Where the candidates of a shard come from; small, for it goes along with every call."""

    @property
    def sent(self) -> bool:
        """Whether the candidates are to be sent by the client, since the worker cannot read them itself."""

    def pool(self, data: Any) -> Pool:
        """Make the shard's pool, at version 0; `data` is what was sent.

        Raises
        ------
        SourceError
            If the source cannot be read.
        PoolError
            If it can, but is no pool.
        """


@dataclass(frozen=True, slots=True)
class Call:
    """Something that a worker is to do with a shard.

    Parameters
    ----------
    pool : str
        Which pool, unique in the world.
    shard : int
        Which of its shards.
    source : Source
        What to make the shard of if it is not there.
    version : int
        How many of the shard's changes its answer knows.
    since : int
        How many of them the worker has already, as far as the client knows.
    changes : sequence of bytes
        The pickled changes since then.
    data : object
        What a source that is sent makes the pool of; None while the worker has the shard, as far as the client knows.
    forget : sequence of str
        The rankings that nobody will ask for again.
    operation : str
        What to do; the name of a function in `operations`.
    arguments : tuple
        What that function takes.
    """

    pool: str
    shard: int
    source: Source
    version: int
    since: int
    changes: Sequence[bytes]
    data: Any
    forget: Sequence[str]
    operation: str
    arguments: tuple[Any, ...]


class Reply(NamedTuple):
    """What a worker answers.

    Attributes
    ----------
    outcome : {"done", "failed", "needs"}
        `needs` when the call has to be repeated with the data and all changes.
    value : object
        What the operation returned, or the error.
    version : int or None
        The version of the shard on the worker, None when it is not there.
    """

    outcome: Literal["done", "failed", "needs"]
    value: Any
    version: int | None


class Part(NamedTuple):
    """What one shard adds to a ranking.

    Attributes
    ----------
    matching : int
        How many of its candidates match.
    entries : list of Entry or None
        The best of them; None when they are asked for page by page.
    error : MatchmakerError or None
        What happened instead.
    unscored : int
        How many of its candidates match and have no score.
    """

    matching: int
    entries: list[Entry] | None
    error: MatchmakerError | None = None
    unscored: int = 0
