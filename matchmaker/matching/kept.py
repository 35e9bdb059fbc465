"""What a pool keeps of its work, bounded in bytes: what was not used for longest goes first."""

from __future__ import annotations

import threading
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that was computed from candidates.

    Parameters
    ----------
    value : object
        What was computed.
    names : frozenset of str or None
        The attributes that it depends on; None for all.
    current : int
        The number of the first change that it does not know of.
    nbytes : int
        What it takes.
    """

    value: Any
    names: frozenset[str] | None
    current: int
    nbytes: int


class Kept:
    """Entries by key; safe between threads.

    Parameters
    ----------
    memory : int
        How many bytes they may take together. A single entry that takes more is not kept.
    """

    __slots__ = ("_entries", "_lock", "_memory", "_taken")

    def __init__(self, memory: int) -> None:
        self._memory = memory
        self._entries: dict[Hashable, Entry] = {}
        self._taken = 0
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> Entry | None:
        """Return an entry, and note that it was used."""
        with self._lock:
            entry = self._entries.pop(key, None)
            if entry is not None:
                self._entries[key] = entry
            return entry

    def put(self, key: Hashable, entry: Entry) -> None:
        """Keep an entry, and drop others where room is needed."""
        with self._lock:
            before = self._entries.pop(key, None)
            if before is not None:
                self._taken -= before.nbytes
            if entry.nbytes > self._memory:
                return
            self._entries[key] = entry
            self._taken += entry.nbytes
            while self._taken > self._memory:
                oldest = next(iter(self._entries))
                self._taken -= self._entries.pop(oldest).nbytes

    def copy(self) -> Kept:
        """Return the same entries, to be kept independently from now on."""
        made = Kept(self._memory)
        with self._lock:
            made._entries = self._entries.copy()
            made._taken = self._taken
        return made

    def __iter__(self) -> Iterator[tuple[Any, Entry]]:
        with self._lock:
            return iter(list(self._entries.items()))
