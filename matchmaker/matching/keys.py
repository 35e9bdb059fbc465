"""The keys of a pool's candidates, and what they have in common."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from matchmaker.attributes.lookup import MAPPING, PLAIN, Kind, kind_of
from matchmaker.attributes.values import SpecialValue
from matchmaker.diagnostics import shown
from matchmaker.errors import CandidateError, PoolError


def common_kind(candidates: Sequence[Any]) -> Kind:
    """Return the kind of all candidates, of which there is at least one.

    Raises
    ------
    PoolError
        If they are of several kinds.
    CandidateError
        If something is no candidate; it names the position.
    """
    if list(map(type, candidates)).count(dict) == len(candidates):
        return PLAIN
    kinds: dict[Kind, None] = {}
    for position, candidate in enumerate(candidates):
        try:
            kinds[kind_of(candidate)] = None
        except CandidateError as error:
            raise CandidateError(error.message, key=position) from None
    if set(kinds) == {PLAIN, MAPPING}:
        return MAPPING
    if len(kinds) > 1:
        names = ", ".join(kind.name for kind in kinds)
        raise PoolError(f"a pool holds candidates of one kind, not of several: {names}")
    return next(iter(kinds))


def key_of(candidate: Any, key: str | Callable[[Any], Any] | None, kind: Kind, position: int) -> Any:
    """Return a candidate's key.

    Raises
    ------
    PoolError
        If it is missing, or is no fixed value.
    """
    if key is None:
        found, name = kind.key(candidate), "ID"
    elif isinstance(key, str):
        found, name = kind.lookup(key)(candidate), key
    else:
        found, name = key(candidate), getattr(key, "__name__", "function")
    if found is None:
        raise PoolError(f"the candidate at position {position} has no key: `{name}` is missing")
    if isinstance(found, SpecialValue):
        raise PoolError(f"`{name}` is computed for each comparison and cannot be a key")
    return found


def indexed(keys: Sequence[Any]) -> dict[Any, int]:
    """Return the positions of keys.

    Raises
    ------
    PoolError
        If one is there twice, or cannot be a key.
    """
    with suppress(Exception):  # whatever a stranger's object does when hashed; the loop below says what is wrong
        positions = dict(zip(keys, range(len(keys)), strict=True))
        if len(positions) == len(keys):
            return positions
    positions = {}
    for position, key in enumerate(keys):
        try:
            first = positions.setdefault(key, position)
        except Exception:  # whatever a stranger's object does when hashed
            raise PoolError(f"a value of type `{type(key).__name__}` at position {position} cannot be a key") from None
        if first != position:
            raise PoolError(f"two candidates have the key {shown(key)}: those at positions {first} and {position}")
    return positions
