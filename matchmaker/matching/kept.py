"""What a pool keeps of its work, bounded in bytes: what was not used for longest goes first."""

from __future__ import annotations

import threading
from collections.abc import Hashable
from itertools import count
from typing import Any


class Entry:
    """Something that was computed from candidates.

    Parameters
    ----------
    value : object
        What was computed.
    names : frozenset of str or None
        The attributes that it depends on; None for all.
    current : int
        The number of the first change that it does not know of. It holds from then on, until `until`, which grows as later
        changes turn out not to matter.
    nbytes : int
        What it takes.
    """

    __slots__ = ("current", "names", "nbytes", "until", "used", "value")

    def __init__(self, value: Any, names: frozenset[str] | None, current: int, nbytes: int) -> None:
        self.value = value
        self.names = names
        self.current = self.until = current
        self.nbytes = nbytes
        self.used = 0


class Kept:
    """Entries by key; safe between threads.

    Parameters
    ----------
    memory : int
        How many bytes they may take together.
    """

    __slots__ = ("_clock", "_entries", "_lock", "_memory", "_taken")

    def __init__(self, memory: int) -> None:
        self._memory = memory
        self._entries: dict[Hashable, Entry] = {}
        self._taken = 0
        self._clock = count(1)
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> Entry | None:
        """Return an entry, and note that it was used."""
        entry = self._entries.get(key)
        if entry is not None:
            entry.used = next(self._clock)
        return entry

    def put(self, key: Hashable, entry: Entry) -> None:
        """Keep an entry, unless it takes more than all may; drop others where room is needed."""
        entry.used = next(self._clock)
        with self._lock:
            before = self._entries.pop(key, None)
            if before is not None:
                self._taken -= before.nbytes
            if entry.nbytes > self._memory:
                return
            self._entries[key] = entry
            self._taken += entry.nbytes
            if self._taken > self._memory:
                self._make_room(key)

    def _make_room(self, newest: Hashable) -> None:
        """Drop what was not used for longest, an eighth more than needed, so that not every entry has to sort the others."""
        wanted = self._memory - self._memory // 8
        for key, entry in sorted(self._entries.items(), key=lambda item: item[1].used):
            if self._taken <= wanted:
                break
            if key != newest:
                del self._entries[key]
                self._taken -= entry.nbytes

    def copy(self) -> Kept:
        """Return the same entries, to be kept independently from now on."""
        made = Kept(self._memory)
        with self._lock:
            made._entries = self._entries.copy()
            made._taken = self._taken
            made._clock = count(next(self._clock))
        return made

    def entries(self) -> list[tuple[Any, Entry]]:
        """Return everything that is kept, by key."""
        with self._lock:
            return list(self._entries.items())
