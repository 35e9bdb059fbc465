"""Changes to a pool of several shards: worked out on the candidates they are about, then split by shard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matchmaker.attributes.lookup import Kind
from matchmaker.diagnostics import shown
from matchmaker.distributed import pickling
from matchmaker.distributed.cluster import Shards
from matchmaker.distributed.sources import KeyOf
from matchmaker.errors import PoolError
from matchmaker.matching.pool import Pool


def found(shards: Shards, marks: Sequence[int], keys: Sequence[Any]) -> list[dict[int, Any]]:
    """Return which candidates of some keys each shard has: candidates by place among the keys.

    Parameters
    ----------
    shards : Shards
        The shards to ask.
    marks : sequence of int
        The version of each shard that they are to know at least.
    keys : sequence of object
        What to look for; a key that cannot be sent is nowhere.
    """
    sent = {}
    for place, key in enumerate(keys):
        try:
            sent[place] = pickling.dumps(key)
        except Exception:  # noqa: S112 - whatever a stranger's object does when pickled, no worker has its like
            continue
    if not sent:
        return [{} for _ in marks]
    places = list(sent)
    answers = shards.ask(marks, "find", list(sent.values()))
    return [{places[place]: candidate for place, candidate in answer.items()} for answer in answers]


def split(
    shards: Shards, marks: Sequence[int], changes: Sequence[Any], key: KeyOf, kind: Kind
) -> tuple[dict[int, bytes], int]:
    """Return the pickled changes by shard, and how many candidates there are more.

    Parameters
    ----------
    shards : Shards
        The shards that they are about.
    marks : sequence of int
        The version of each shard.
    changes : sequence of (verb, key, attributes)
        The changes, which nobody looked at so far.
    key, kind
        As for `Pool`.

    Raises
    ------
    PoolError
        If one is not possible, as `Pool.apply` does, or cannot be sent to the workers.
    """
    keys = _keys(changes)
    homes: dict[Any, int] = {}
    candidates = []
    for shard, there in enumerate(found(shards, marks, keys) if keys else ()):
        for place, candidate in there.items():
            homes[keys[place]] = shard
            candidates.append(candidate)
    touched = Pool.of(candidates, list(homes), kind, key=key)
    touched.apply(changes)
    more = len(touched) - len(candidates)
    parts: dict[int, list[tuple[str, Any, Any]]] = {}
    for change in changes:
        verb, named, attributes = change if len(change) != 2 else (*change, None)
        if verb == "add":
            homes[named] = len(shards) - 1
        shard = homes.pop(named) if verb == "remove" else homes[named]
        given = dict(attributes) if isinstance(attributes, Mapping) else attributes
        parts.setdefault(shard, []).append((verb, named, given))
    try:
        return {shard: pickling.dumps(part) for shard, part in parts.items()}, more
    except Exception as error:  # whatever a stranger's object does when pickled
        raise PoolError(f"a change cannot be sent to the workers: {shown(error)}") from error


def _keys(changes: Sequence[Any]) -> list[Any]:
    """Return the keys that changes are about, each once; what is not right with them comes out when they are applied."""
    keys: dict[Any, None] = {}
    for change in changes:
        try:
            keys[change[1]] = None
        except Exception:  # noqa: S112 - whatever a stranger's object does when hashed
            continue
    return list(keys)
