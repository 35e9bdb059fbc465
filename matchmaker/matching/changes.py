"""Changes to a pool, prepared aside so that one which is not possible leaves no trace."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from matchmaker.attributes.lookup import PLAIN, Kind, PlainKind, kind_of
from matchmaker.diagnostics import shown
from matchmaker.errors import MatchmakerError, PoolError
from matchmaker.matching.rows import GONE
from matchmaker.matching.snapshots import Change, Snapshot


class Draft:
    """What a series of changes would make of a pool.

    Parameters
    ----------
    before : Snapshot
        The pool as it is.
    slot_of : callable
        Returns the slot of a key, None when there is none.
    key : str or callable or None
        What identifies a candidate.
    kind : Kind
        The kind of the pool's candidates.

    Attributes
    ----------
    rows : dict of int to candidate
        The new candidates by slot.
    index : dict
        The new slots by key, None for keys that are gone.
    keys : list
        The keys of the slots behind the last.
    log : list of Change
        What is changed.
    count : int
        How many candidates there are afterwards.
    """

    def __init__(
        self,
        before: Snapshot,
        slot_of: Callable[[Any], int | None],
        key: str | Callable[[Any], Any] | None,
        kind: Kind,
    ) -> None:
        self.before = before
        self._slot_of = slot_of
        self._key = key
        self._kind = kind
        self.rows: dict[int, Any] = {}
        self.index: dict[Any, int | None] = {}
        self.keys: list[Any] = []
        self.log: list[Change] = []
        self.count = before.count

    @property
    def moves(self) -> bool:
        """Whether there are other candidates than before."""
        return bool(self.index)

    def make(self, change: Any, where: str) -> None:
        """Make one change.

        Parameters
        ----------
        change : (verb, key, attributes)
            What to do; for `remove` the attributes may be left out.
        where : str
            What messages begin with.

        Raises
        ------
        PoolError
            If it is not possible.
        """
        try:
            verb, key, attributes = change if len(change) != 2 else (*change, None)
            do = {"update": self._update, "add": self._add, "remove": self._remove}[verb]
        except Exception:
            raise PoolError(
                f"{where}a change is a verb, a key and attributes, the verb one of `update`, `add` and `remove`"
            ) from None
        try:
            do(key, attributes)
        except MatchmakerError as error:
            raise PoolError(f"{where}{error}") from None

    def _update(self, key: Any, attributes: Any) -> None:
        slot = self._found(key)
        before = self.rows[slot] if slot in self.rows else self.before.rows[slot]
        after, names = self._merged(before, attributes)
        if not _same(self._own_key(after, key, names), key):
            raise PoolError(f"an update cannot change the key {shown(key)}: remove the candidate and add it again")
        self.rows[slot] = after
        self.log.append(Change(slot, names))

    def _add(self, key: Any, attributes: Any) -> None:
        if self._place(key) is not None:
            raise PoolError(f"a candidate has the key {shown(key)} already")
        if key is None:
            raise PoolError("None cannot be a key: it stands for a missing one")
        candidate = self._made(attributes)
        own = self._own_key(candidate, key)
        if type(own) is list and not own:  # a path that leads nowhere
            own = None
        if own is None and isinstance(self._key, str) and isinstance(candidate, dict):
            candidate[self._key] = own = key
        if not _same(own, key):
            raise PoolError(f"the candidate's key is {'missing' if own is None else shown(own)}, not {shown(key)}")
        slot = len(self.before.rows) + len(self.keys)
        self.rows[slot] = candidate
        self.index[key] = slot
        self.keys.append(key)
        self.count += 1
        self.log.append(Change(slot, None))

    def _remove(self, key: Any, attributes: Any) -> None:
        slot = self._found(key)
        self.rows[slot] = GONE
        self.index[key] = None
        self.count -= 1
        self.log.append(Change(slot, None))

    def _found(self, key: Any) -> int:
        slot = self._place(key)
        if slot is None:
            raise PoolError(f"no candidate has the key {shown(key)}")
        return slot

    def _place(self, key: Any) -> int | None:
        try:
            return self.index[key] if key in self.index else self._slot_of(key)
        except Exception:  # whatever a stranger's object does when hashed or compared
            raise PoolError(f"a value of type `{type(key).__name__}` cannot be a key") from None

    def _own_key(self, candidate: Any, given: Any, names: frozenset[str] | None = None) -> Any:
        """Return the key that a candidate says it has; of one that says nothing, the given one."""
        if isinstance(self._key, str):
            if names is not None and self._key not in names and self._key.isidentifier():
                return given
            return self._kind.lookup(self._key)(candidate)
        if self._key is not None:
            try:
                return self._key(candidate)
            except Exception as error:
                raise PoolError(f"the function that makes keys failed: {shown(error)}") from None
        return given if isinstance(self._kind, PlainKind) else self._kind.key(candidate)

    def _made(self, attributes: Any) -> Any:
        """Return the candidate that is added."""
        if isinstance(self._kind, PlainKind) and isinstance(attributes, Mapping):
            return _copied(attributes)
        kind = kind_of(attributes)
        if kind is not self._kind:
            raise PoolError(f"a candidate of kind {kind.name} cannot join a pool of kind {self._kind.name}")
        return attributes

    def _merged(self, before: Any, attributes: Any) -> tuple[Any, frozenset[str] | None]:
        """Return a candidate with other attributes, and which these are, None for all."""
        if not isinstance(attributes, Mapping):
            return self._made(attributes), None
        changes = _copied(attributes)
        if isinstance(self._kind, PlainKind):
            after = (before if self._kind is PLAIN else _read(before)) | changes
            for name, value in changes.items():
                if value is None:
                    del after[name]
            return after, frozenset(changes)
        merged = getattr(self._kind, "merged", None)
        if merged is None:
            raise PoolError(f"a candidate of kind {self._kind.name} is replaced whole: give another one")
        return merged(before, changes), None


def _same(own: Any, key: Any) -> bool:
    """Tell whether two keys are one, as a dict does."""
    try:
        return own is key or bool(own == key)
    except Exception:  # whatever a stranger's object does when compared
        return False


def _read(attributes: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return dict(attributes)
    except Exception as error:  # a stranger's mapping may do anything when read
        raise PoolError(f"reading the attributes failed: {shown(error)}") from None


def _copied(attributes: Mapping[str, Any]) -> dict[str, Any]:
    copied = _read(attributes)
    for name in copied:
        if type(name) is not str:
            raise PoolError(f"an attribute's name is a str, not a value of type `{type(name).__name__}`")
    return copied
