"""Digests of keys that are the same in every process, unlike Python's own hashes of text."""

from __future__ import annotations

from hashlib import blake2b
from numbers import Number
from typing import Any

_MASK = 2**64 - 1


def digest(key: Any) -> int:
    """Return an unsigned 64-bit number, the same for keys that are equal.

    Parameters
    ----------
    key : object
        A number, a text, bytes, or a tuple of these; of anything else the repr is what counts.
    """
    if isinstance(key, str):
        read = key.encode("utf-8", "surrogatepass")
    elif isinstance(key, Number):  # 1, 1.0 and True are one key
        return hash(key) & _MASK
    elif isinstance(key, tuple):
        return hash(tuple(map(digest, key))) & _MASK
    else:
        read = repr(key).encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(read, digest_size=8).digest(), "little")
