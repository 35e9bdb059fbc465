"""A pool: an ordered set of candidates of one kind, each with a key, that can change while it is being asked."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from matchmaker.attributes.lookup import MAPPING, PLAIN, Kind, PlainKind
from matchmaker.diagnostics import shown
from matchmaker.errors import ExtraMissing, PoolError
from matchmaker.matching.keys import common_kind, indexed, key_of
from matchmaker.matching.rows import Rows
from matchmaker.matching.snapshots import ChangeLog, Snapshot
from matchmaker.matching.stats import Stats

MEMORY = 512 * 1024 * 1024
"""How many bytes a pool keeps of columns, clauses and orders, unless it is told otherwise."""


class Pool:
    """An ordered set of candidates of one kind.

    The pool keeps references: the candidates are not to be changed behind its back. It is itself changed by `update`, `add`,
    `remove` and `apply`, from any thread; who is reading it meanwhile goes on with the version it began with.

    Parameters
    ----------
    candidates : iterable of mapping or document
        The candidates, in the order that decides between equals.
    key : str or callable or None
        What identifies a candidate: an attribute's name, or a function of the candidate. Without it the position, or the
        integer ID of an OpenNebula document.
    kind : Kind
        What an empty pool is a pool of; otherwise the candidates tell.
    memory : int
        How many bytes of columns, clauses and orders the columnar engine may keep; what was not used for longest goes first.

    Attributes
    ----------
    kind : Kind
        The kind the candidates are of.
    memory : int
        How many bytes the columnar engine may keep.
    asked : int
        How many candidates were looked at before there were columns: the engine is chosen by it.

    Raises
    ------
    PoolError
        If a key is missing, cannot be a key, or is there twice, or the candidates are of several kinds.
    CandidateError
        If something is no candidate.
    """

    __slots__ = ("__weakref__", "_index", "_key", "_lock", "_snapshot", "asked", "kind", "memory")

    def __init__(
        self,
        candidates: Iterable[Any],
        *,
        key: str | Callable[[Any], Any] | None = None,
        kind: Kind = PLAIN,
        memory: int = MEMORY,
    ) -> None:
        listed = list(candidates)
        kind = common_kind(listed) if listed else kind
        keys: Sequence[Any]
        if key is None and isinstance(kind, PlainKind):
            keys = range(len(listed))
        else:
            keys = [key_of(candidate, key, kind, position) for position, candidate in enumerate(listed)]
        self._setup(listed, keys, kind, key, memory)

    @classmethod
    def of(
        cls,
        candidates: Sequence[Any],
        keys: Sequence[Any],
        kind: Kind,
        *,
        key: str | Callable[[Any], Any] | None = None,
        memory: int = MEMORY,
        version: int = 0,
    ) -> Pool:
        """Make a pool of candidates whose keys and kind are known; the candidates are not copied.

        Parameters
        ----------
        candidates : sequence of candidate
            The candidates, all of one kind.
        keys : sequence
            Their keys, in the same order.
        kind, key, memory
            As for `Pool`; `key` is what the keys of later candidates have to agree with.
        version : int
            The version to begin with.
        """
        self = cls.__new__(cls)
        self._setup(candidates, keys if isinstance(keys, range) else list(keys), kind, key, memory, version)
        return self

    @classmethod
    def from_frame(cls, frame: Any, *, key: str | Callable[[Any], Any] | None = None, memory: int = MEMORY) -> Pool:
        """Make a pool of the rows of a data frame, which is not copied.

        Columns are attributes, and nulls are missing. Candidates are read-only mappings; updates put dicts in their place.
        What matching reads are the columns themselves, where their type allows.

        Parameters
        ----------
        frame : pandas.DataFrame, polars.DataFrame or pyarrow.Table
            The frame. Like other candidates, it is not to be changed while the pool is in use.
        key : str or callable or None
            What identifies a candidate: a column, or a function of the row; None for the position.
        memory : int
            As for `Pool`; the frame's own memory does not count.

        Raises
        ------
        PoolError
            If it is no such frame, two columns have one name, or a key is missing or there twice.
        ExtraMissing
            If the extra `frames` is not installed.
        """
        try:
            from matchmaker.matching.frames import keys_of, rows_of
        except ModuleNotFoundError as error:
            if (error.name or "").partition(".")[0] not in ("narwhals", "numpy"):
                raise
            raise ExtraMissing("frames", "reading data frames") from None
        rows = rows_of(frame)
        return cls.of(rows, keys_of(rows, key), MAPPING, key=key, memory=memory)

    def _setup(
        self,
        candidates: Sequence[Any],
        keys: Sequence[Any],
        kind: Kind,
        key: str | Callable[[Any], Any] | None,
        memory: int,
        version: int = 0,
    ) -> None:
        self.kind = kind
        self.memory = memory
        self.asked = 0
        self._key = key
        self._lock = threading.RLock()
        self._index = None if isinstance(keys, range) else indexed(keys)
        rows = candidates if isinstance(candidates, Rows) else Rows(candidates)
        self._snapshot = Snapshot(rows, keys, kind, count=len(candidates), version=version, log=ChangeLog())

    def __reduce__(self) -> tuple[Any, ...]:
        now = self._snapshot  # once: another thread may be changing the pool
        return _load, (now.packed(), _keys_of(now), self.kind, self._key, self.memory, now.version)

    @property
    def snapshot(self) -> Snapshot:
        """The present version: what matching reads."""
        return self._snapshot

    @property
    def version(self) -> int:
        """How often the pool was changed."""
        return self._snapshot.version

    @property
    def candidates(self) -> Sequence[Any]:
        """The candidates, in order."""
        return self._snapshot.listed()[0]

    @property
    def keys(self) -> Sequence[Any]:
        """The candidates' keys, in the same order."""
        return _keys_of(self._snapshot)

    def __len__(self) -> int:
        return self._snapshot.count

    def __iter__(self) -> Iterator[Any]:
        return iter(self.candidates)

    def __contains__(self, key: object) -> bool:
        try:
            return key in (self._snapshot.keys if self._index is None else self._index)
        except Exception:  # whatever a stranger's object does when hashed
            return False

    def __getitem__(self, key: Any) -> Any:
        with self._lock:
            try:
                slot = self._slot(key)
            except Exception:  # whatever a stranger's object does when hashed or compared
                slot = None
            if slot is not None:
                return self._snapshot.rows[slot]
        raise PoolError(f"no candidate has the key {shown(key)}")

    def __repr__(self) -> str:
        return f"<Pool of {len(self)} candidates of kind {self.kind.name}>"

    def update(self, key: Any, attributes: Any) -> None:
        """Change attributes of one candidate; the others, and its position, stay.

        Parameters
        ----------
        key : object
            The candidate's key.
        attributes : mapping or document
            The new values by name, None to remove an attribute. A document replaces a document.

        Raises
        ------
        PoolError
            If there is no such candidate, or it would get another key; nothing is changed then.
        """
        self.apply((("update", key, attributes),))

    def add(self, key: Any, attributes: Any) -> None:
        """Add a candidate behind all others.

        Parameters
        ----------
        key : object
            Its key. Where an attribute is the pool's key, that gets this value if it is missing.
        attributes : mapping or document
            The candidate.

        Raises
        ------
        PoolError
            If the key is there already, cannot be a key, or is not the candidate's; nothing is changed then.
        """
        self.apply((("add", key, attributes),))

    def remove(self, key: Any) -> None:
        """Remove a candidate.

        Raises
        ------
        PoolError
            If there is no such candidate.
        """
        self.apply((("remove", key, None),))

    def apply(self, changes: Iterable[tuple[Any, ...]]) -> None:
        """Make several changes at once, or if one of them is not possible none at all. It is one new version.

        Parameters
        ----------
        changes : iterable of (verb, key, attributes)
            What to do, in order: `update`, `add` or `remove`, with the parameters of the method of that name.

        Raises
        ------
        PoolError
            If a change is not possible; nothing is changed then.
        """
        from matchmaker.matching.changes import Draft  # only pools that change need it

        listed = list(changes)
        with self._lock:
            draft = Draft(self._snapshot, self._slot, self._key, self.kind)
            for position, change in enumerate(listed):
                draft.make(change, f"change {position}: " if len(listed) > 1 else "")
            if draft.before is not self._snapshot:
                raise PoolError("reading the changes made other changes to the pool")
            if draft.moves and self._index is None:
                self._index = indexed(self._snapshot.keys)
                self._snapshot.keys = list(self._snapshot.keys)
            if self._index is not None:
                for key, slot in draft.index.items():
                    if slot is None:
                        self._index.pop(key, None)
                    else:
                        self._index[key] = slot
                self._snapshot.keys.extend(draft.keys)  # type: ignore[attr-defined]
            after = self._snapshot.following(draft.rows, draft.log, draft.count)
            if len(after.rows) - after.count > 1_024 + after.count // 2:
                after = after.closed_up()
                self._index = {key: slot for slot, key in enumerate(after.keys)}
            self._snapshot = after

    def stats(self) -> Stats:
        """Tell how many candidates there are, and what memory the columnar engine takes for them."""
        now = self._snapshot
        usage = (0, 0, 0, 0) if now.table is None else now.table.usage()
        return Stats(now.count, *usage, now.version)

    def _slot(self, key: Any) -> int | None:
        """Return a candidate's slot, None when there is no such key; a key may raise anything when hashed or compared."""
        if self._index is not None:
            return self._index.get(key)
        keys = self._snapshot.keys
        return keys.index(key) if key in keys else None


def _keys_of(snapshot: Snapshot) -> Sequence[Any]:
    keys = snapshot.keys  # once: a list, to which later versions add, may come in place of a range
    return keys if isinstance(keys, range) else [keys[slot] for slot in snapshot.listed()[1]]


def _load(candidates: Sequence[Any], keys: Sequence[Any], kind: Kind, key: Any, memory: int, version: int) -> Pool:
    return Pool.of(candidates, keys, kind, key=key, memory=memory, version=version)
