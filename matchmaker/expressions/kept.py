"""Expressions that were constructed, by their text, so that the same text need not be parsed again."""

from __future__ import annotations

import threading
from typing import Any

KEPT_BYTES = 16 * 1024 * 1024
"""How many bytes of users' texts the cache of expressions may hold; one text takes at most a sixteenth of it."""
OVERHEAD = 8 * 1024
"""What a kept expression weighs besides its text."""
_PER_CHARACTER = 400
"""What a character of a dense text weighs, once it is parsed and compiled."""


class Cache:
    """Expressions by their text, the oldest out first; bounded in bytes."""

    def __init__(self) -> None:
        self._kept: dict[tuple[type, str, str], Any] = {}
        self._bytes = 0
        self._lock = threading.Lock()
        self.get = self._kept.get

    def put(self, key: tuple[type, str, str], expression: Any) -> None:
        """Keep an expression, and drop the oldest ones where room is needed."""
        weight = self._weight(key)
        if weight > KEPT_BYTES // 16:
            return
        with self._lock:
            if key in self._kept:
                return
            self._kept[key] = expression
            self._bytes += weight
            while self._bytes > KEPT_BYTES:
                oldest = next(iter(self._kept))
                del self._kept[oldest]
                self._bytes -= self._weight(oldest)

    @staticmethod
    def _weight(key: tuple[type, str, str]) -> int:
        return OVERHEAD + _PER_CHARACTER * len(key[1])
