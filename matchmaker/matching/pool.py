"""A pool: an ordered set of candidates of one kind, each with a key."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from matchmaker.attributes.lookup import MAPPING, PLAIN, Kind, PlainKind, kind_of
from matchmaker.attributes.values import SpecialValue
from matchmaker.diagnostics import shown
from matchmaker.errors import CandidateError, PoolError


class Pool:
    """An ordered set of candidates of one kind.

    The pool keeps references: the candidates are not to be changed behind its back.

    Parameters
    ----------
    candidates : iterable of mapping or document
        The candidates, in the order that decides between equals.
    key : str or callable or None
        What identifies a candidate: an attribute's name, or a function of the candidate. Without it the position, or the
        integer ID of an OpenNebula document.
    kind : Kind
        What an empty pool is a pool of; otherwise the candidates tell.

    Attributes
    ----------
    candidates : sequence
        The candidates, in order.
    keys : sequence
        Their keys, in the same order.
    kind : Kind
        The kind they are of.

    Raises
    ------
    PoolError
        If a key is missing, cannot be a key, or is there twice, or the candidates are of several kinds.
    CandidateError
        If something is no candidate.
    """

    __slots__ = ("_positions", "candidates", "keys", "kind")

    def __init__(
        self,
        candidates: Iterable[Any],
        *,
        key: str | Callable[[Any], Any] | None = None,
        kind: Kind = PLAIN,
    ) -> None:
        self.candidates: Sequence[Any] = list(candidates)
        self.kind = _common_kind(self.candidates) if self.candidates else kind
        if key is None and isinstance(self.kind, PlainKind):
            self.keys: Sequence[Any] = range(len(self.candidates))
            self._positions: dict[Any, int] | None = None
        else:
            self.keys = [
                _key(candidate, key, self.kind, position) for position, candidate in enumerate(self.candidates)
            ]
            self._positions = _indexed(self.keys)

    def __len__(self) -> int:
        return len(self.candidates)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.candidates)

    def __contains__(self, key: object) -> bool:
        try:
            return key in (self.keys if self._positions is None else self._positions)
        except Exception:  # whatever a stranger's object does when hashed
            return False

    def __getitem__(self, key: Any) -> Any:
        if key not in self:
            raise PoolError(f"no candidate has the key {shown(key)}")
        return self.candidates[self.keys.index(key) if self._positions is None else self._positions[key]]

    def __repr__(self) -> str:
        return f"<Pool of {len(self)} candidates of kind {self.kind.name}>"


def _common_kind(candidates: Sequence[Any]) -> Kind:
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


def _key(candidate: Any, key: str | Callable[[Any], Any] | None, kind: Kind, position: int) -> Any:
    """Return a candidate's key."""
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


def _indexed(keys: Sequence[Any]) -> dict[Any, int]:
    positions: dict[Any, int] = {}
    for position, key in enumerate(keys):
        try:
            first = positions.setdefault(key, position)
        except Exception:  # whatever a stranger's object does when hashed
            raise PoolError(f"a value of type `{type(key).__name__}` at position {position} cannot be a key") from None
        if first != position:
            raise PoolError(f"two candidates have the key {shown(key)}: those at positions {first} and {position}")
    return positions
